"""Labels and kinds of texts that became more or less frequent over time, or are new, or are gone. What was learnt from
the earlier part may not hold for the later one: look at the examples, and collect more of what is new."""

import numpy as np
import pandas as pd

from analysis.checks import Inputs, check, findings, shown
from analysis.coverage.chance import LEVEL
from analysis.coverage.drift import Change, halves, shares
from analysis.coverage.regions import find_regions
from analysis.coverage.words import distinctive

_MEMBERS = 200


@check(title="Drift over time", subject="slice", needs=("vectors",))
def drift(inputs: Inputs, *, level: float = LEVEL) -> pd.DataFrame:
    """One row per label and per region of similar texts whose share in the later half is not that of the earlier half.

    level  the share of false finds among the flagged that is let through, 0 to 1

    The data is cut at its middle date. Exact two-sided tests, Benjamini–Hochberg over all labels and over all regions.
    severity: 1 - q. members are examples of the half that has more of it, at most 200. Raises NotReady without 20
    dated examples on either side, or without vectors that differ.
    """
    before, after, until, since = halves(inputs.examples["happened_at"].tolist())
    ids = inputs.examples.index
    regions = find_regions(inputs.need("vectors"), ids.tolist())
    words = distinctive(inputs.examples["text"].tolist(), regions.of, regions.count)
    labels = inputs.examples["label"]
    names = sorted(labels.dropna().unique())
    code = pd.Index(names, dtype=object).get_indexer(pd.Index(labels.to_numpy(dtype=object)))
    about = [f"{number + 1}" for number in range(regions.count)]
    rows: list[tuple[str, Change, list[str]]] = []
    for kind, titles, codes in (("label", names, code), ("region", about, regions.of)):
        for change in shares(titles, codes, before, after, level=level):
            number = titles.index(change.name)
            more = after if change.after_share[1] > change.before_share[1] else before
            title = shown(change.name) if kind == "label" else ", ".join(shown(word, 30) for word in words[number])
            said = _said(f"The label {title}" if kind == "label" else f"Texts about {title}", change, until, since)
            rows.append((f"{kind} {change.name}", change, [said, *ids[np.flatnonzero(more & (codes == number))]]))
    return findings(
        subject_id=[subject for subject, _, _ in rows],
        severity=[1 - change.q for _, change, _ in rows],
        flagged=True,
        message=[told[0] for _, _, told in rows],
        members=[told[1 : _MEMBERS + 1] for _, _, told in rows],
    )


def _said(what: str, change: Change, until: str, since: str) -> str:
    if change.is_new:
        return f"{what}: new since {shown(since)}, {change.after:,} of {change.after_total:,} examples."
    if change.has_vanished:
        return f"{what}: gone since {shown(since)}, before that {change.before:,} of {change.before_total:,} examples."
    before, after = (
        f"{100 * share[1]:.1f} % ({100 * share[0]:.1f} to {100 * share[2]:.1f} %)"
        for share in (change.before_share, change.after_share)
    )
    return f"{what}: {before} of the examples until {shown(until)}, {after} since {shown(since)}."
