"""Which statistic of agreement fits the design of the labelling, and what about the design would mislead."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from analysis.people import Labels
from analysis.people.agreement_counts import Scale, Totals

_FEW_DOUBLED = 30  # below this the intervals themselves are unreliable
_LITTLE_OVERLAP = 0.1
_SKEWED = 0.8  # share of one class from which chance correction punishes agreement
_ORDERED = {"ordinal": "in an order", "interval": "numbers"}
_PARADOX = 0.2  # distance between AC1 and the chosen statistic that is worth a warning


@dataclass(frozen=True)
class Design:
    """Who labelled how much.

    labels, examples, annotators  how many of each
    doubled    examples with two labels or more
    per_example  labels on every example where all have equally many, else 0
    alone      annotators who share no example with anybody
    groups     groups of the other annotators that no chain of shared examples connects
    common     code of the most frequent class, and its `share` of the labels
    """

    labels: int
    examples: int
    annotators: int
    doubled: int
    per_example: int
    alone: int
    groups: int
    common: int
    share: float


def design_of(labels: Labels) -> Design:
    """Count what the choice of a statistic depends on."""
    per_example = np.bincount(labels.example, minlength=len(labels.examples))
    given = per_example[per_example > 0]
    shared = per_example[labels.example] >= 2
    classes = np.bincount(labels.label)
    used, sharing = len(np.unique(labels.annotator)), len(np.unique(labels.annotator[shared]))
    return Design(
        labels=len(labels),
        examples=len(given),
        annotators=used,
        doubled=int((given >= 2).sum()),
        per_example=int(given[0]) if len(given) and (given == given[0]).all() else 0,
        alone=used - sharing,
        groups=_groups(labels.annotator[shared], labels.example[shared]),
        common=int(classes.argmax()) if len(classes) else 0,
        share=float(classes.max() / max(len(labels), 1)) if len(classes) else 0.0,
    )


def choose(design: Design, scale: Scale) -> tuple[str, str]:
    """Name of the statistic that fits, and why in one sentence."""
    if design.annotators == 2 and design.per_example == 2:
        kind = {"nominal": "Cohen's κ", "ordinal": "linearly weighted κ", "interval": "quadratically weighted κ"}[scale]
        every = f"all {design.examples:,} examples" if design.examples > 1 else "the one example"
        return "cohen", f"Two annotators labelled {every}, which is what {kind} is made for."
    if scale != "nominal":
        return "alpha", f"The classes are {_ORDERED[scale]}, and Krippendorff's α counts how far apart two labels are."
    if design.per_example >= 2:
        return "fleiss", (
            f"Every example has {design.per_example} labels, by any of {design.annotators} annotators, "
            "which is what Fleiss' κ is made for."
        )
    return "alpha", (
        f"Not every annotator labelled every example ({design.doubled:,} of {design.examples:,} have two labels or "
        "more), and Krippendorff's α allows for missing labels."
    )


def warnings_about(
    design: Design, values: dict[str, np.ndarray], chosen: str, classes: np.ndarray, sums: Totals
) -> tuple[tuple[str, ...], str]:
    """Sentences about what misleads, and the name of the statistic to read beside the chosen one, or ""."""
    found = []
    if design.doubled < _FEW_DOUBLED:
        some = "1 example has" if design.doubled == 1 else f"{design.doubled} examples have"
        found.append(f"Only {some} two labels or more: too few for a firm number.")
    elif design.doubled < _LITTLE_OVERLAP * design.examples:
        found.append(
            f"Only {design.doubled:,} of {design.examples:,} examples have two labels or more: "
            "the number speaks for these alone."
        )
    if design.alone:
        found.append(
            f"{design.alone:,} of {design.annotators:,} annotators share no example with anybody: "
            "nothing is known about their agreement."
        )
    if design.groups > 1:
        found.append(f"The annotators fall into {design.groups:,} groups that share no example with each other.")
    skewed = _skew_warning(design, values, chosen, classes, sums)
    return (*found, *skewed), "gwet" if skewed else ""


def _skew_warning(
    design: Design, values: dict[str, np.ndarray], chosen: str, classes: np.ndarray, sums: Totals
) -> list[str]:
    """The paradox of κ (Feinstein and Cicchetti 1990): rare classes make chance agreement look large."""
    name = str(classes[design.common])
    if np.count_nonzero(sums.pairable) < 2:
        return [f"Every label on examples with two labels is {name!r}: agreement beyond chance cannot be measured."]
    apart = float(values["gwet"] - values[chosen])
    if design.share < _SKEWED or not apart > _PARADOX:
        return []
    return [
        f"{design.share:.0%} of the labels are {name!r}, so chance alone would give high agreement and the chosen "
        f"statistic reads low although annotators agree on {float(values['percent']):.0%}: "
        "read Gwet's coefficient beside it."
    ]


def _groups(annotator: np.ndarray, example: np.ndarray) -> int:
    """Connected parts of the graph of annotators and the examples they labelled."""
    if not len(annotator):
        return 0
    people, place = np.unique(annotator, return_inverse=True)
    things, other = np.unique(example, return_inverse=True)
    size = len(people) + len(things)
    graph = sparse.csr_array((np.ones(len(place)), (place, len(people) + other)), shape=(size, size))
    return int(sparse.csgraph.connected_components(graph, directed=False)[0])
