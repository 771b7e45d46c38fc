"""Annotators whose labels are right clearly less often than those of their colleagues. What is right is not known: it
is worked out from what everybody said, so read some of the examples shown first. Then talk with the annotator about the
labels that they mix up, and have their labels on the examples shown decided again.

The share is an estimate with a 95 % interval; it takes three annotators or more who label the same examples."""

import numpy as np
import pandas as pd

from analysis.checks import Inputs, check, findings, shown
from analysis.errors import NotReady
from analysis.people import Labels, code_labels
from analysis.people.consensus import Consensus, consensus
from analysis.people.standing import BELOW, MIN_GAP, MIN_LABELS, PERHAPS, others, standing

_MEMBERS = 200


@check(title="Unreliable annotators", subject="annotator", needs=("annotations",))
def unreliable_annotator(inputs: Inputs, *, min_gap: float = MIN_GAP, min_labels: int = MIN_LABELS) -> pd.DataFrame:
    """One row per annotator with enough labels on examples that others labelled too.

    min_gap     how far the upper end of the interval must lie below the reliability of the others; 0 to 1
    min_labels  labels that must be judged, 1 or more

    Reliability is the probability that a label is right by the consensus of all annotators, made by the method that
    foretells hidden labels best; that of the others is the mean over their judged labels. severity: 1 - reliability.
    members: examples where the label is not the consensus, surest consensus first, at most 200. Raises NotReady for
    fewer than three annotators with examples in common.
    """
    given = inputs.annotations
    assert given is not None, "declared as a need"
    labels = code_labels(given[given["example_id"].isin(inputs.examples.index)])
    _need_three(labels)
    found = consensus(labels)
    people = found.annotators[found.annotators["judged"] > 0]
    judged = people["judged"].to_numpy(dtype=float)
    beside, stands = others(people), standing(people, min_gap=min_gap, min_labels=min_labels)
    enough = judged >= min_labels
    people, beside, stands = people[enough], beside[enough], stands[enough]
    flagged = stands == BELOW
    message = np.full(len(people), "As reliable as the others, as far as can be told.", dtype=object)
    message[stands == PERHAPS] = "Perhaps less reliable than the others: too few labels to be certain."
    members: list[list[str]] = [[]] * len(people)
    for i in np.flatnonzero(flagged):
        person = people.iloc[i]
        differing = _differing(labels, found, str(person["annotator"]))
        members[i] = [str(found.examples[labels.example[row]]) for row in differing[:_MEMBERS]]
        message[i] = (
            f"{shown(str(person['annotator']))} is right in about {100 * person['reliability']:.0f} % "
            f"({100 * person['low']:.0f}–{100 * person['high']:.0f} %) of {int(person['judged']):,} labels on examples "
            f"that others labelled too, the others in {100 * beside[i]:.0f} %.{_most_often(labels, found, differing)}"
        )
        if len(differing) > _MEMBERS:
            message[i] += f" The {_MEMBERS} on which the consensus is surest are shown, of {len(differing):,}."
    return findings(
        subject_id=people["annotator"].tolist(),
        severity=1 - people["reliability"].to_numpy(),
        flagged=flagged,
        message=message,
        members=members,
    )


def _need_three(labels: Labels) -> None:
    several = np.bincount(labels.example, minlength=len(labels.examples)) >= 2
    sharing = len(np.unique(labels.annotator[several[labels.example]]))
    if sharing == 0:
        raise NotReady(
            "No example has labels by two annotators.", "Have some examples labelled by more than one person."
        )
    if sharing < 3:
        raise NotReady(
            "Two annotators who differ do not say which of them is right.",
            "Have a third person label some of their examples.",
        )


def _differing(labels: Labels, found: Consensus, annotator: str) -> np.ndarray:
    """Rows of `labels` of this annotator that are not the consensus, surest consensus first, ties by example."""
    (code,) = np.flatnonzero(labels.annotators == annotator)
    rows = np.flatnonzero((labels.annotator == code) & (found.label[labels.example] != labels.label))
    sure = found.confidence[labels.example[rows]]
    return rows[np.lexsort((found.examples[labels.example[rows]].astype(str), -sure))]


def _most_often(labels: Labels, found: Consensus, rows: np.ndarray) -> str:
    """The mistake made most often, in a sentence of its own; "" for a mistake made once."""
    pairs = labels.label[rows].astype(np.int64) * len(labels.classes) + found.label[labels.example[rows]]
    values, counts = np.unique(pairs, return_counts=True)
    if not len(values) or counts.max() < 2:
        return ""
    said, meant = divmod(int(values[counts.argmax()]), len(labels.classes))
    named = f"{shown(labels.classes[said])} where {shown(labels.classes[meant])} is right"
    return f" Most often they say {named} ({counts.max():,} times)."
