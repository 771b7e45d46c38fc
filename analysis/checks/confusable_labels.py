"""Labels that those who label take for each other. Where many examples of one label look like another, more examples
will not help: merge the two, split one, or write down what tells them apart, then review the examples shown.

A direction counts by the examples that the models are confident about. The numbers are estimates with a 95 % interval;
the models confuse labels too, so read some of the examples before the guidelines are changed."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.checks import Inputs, check, findings, shown
from analysis.signals.intervals import wilson

_MEMBERS = 200


@check(title="Labels that are mixed up", subject="slice", needs=("labels", "probabilities"))
def confusable_labels(
    inputs: Inputs, *, min_share: float = 0.02, min_examples: int = 5, merge_share: float = 0.1
) -> pd.DataFrame:
    """One row per pair of labels of which at least one example is confidently taken for the other.

    min_share     share of a label's examples that must be mixed up for certain, the interval's lower end; 0 to 1
    min_examples  examples that the models must be confident about, in one direction, 1 or more
    merge_share   as min_share: both directions above it, merging is proposed; only one, splitting; neither where there
                  are two labels only; 0 to 1

    From cleanlab's confident joint (Northcutt, Jiang & Chuang 2021), calibrated to the examples of each label: of those
    labelled a about C[a, b] / C[a, all] look like b, with the Wilson interval of that share. severity: the larger lower
    end of the two directions. members are the examples counted in C, most suspicious first, at most 200.
    """
    from cleanlab.count import compute_confident_joint, get_confident_thresholds

    probabilities = inputs.need("probabilities")
    labels = inputs.examples["label"].to_numpy(dtype=object)
    codes = pd.Index(inputs.classes).get_indexer(pd.Index(labels))
    judged = np.flatnonzero(np.isfinite(probabilities).all(axis=1) & (codes >= 0))
    present, given = np.unique(codes[judged], return_inverse=True)
    if len(present) < 2:
        return findings(subject_id=[], severity=[], flagged=[], message=[])
    p = probabilities[np.ix_(judged, present)].astype(np.float64)
    p /= np.maximum(p.sum(axis=1, keepdims=True), 1e-12)
    thresholds = get_confident_thresholds(given, p)
    joint, off = compute_confident_joint(
        given, p, thresholds=thresholds, calibrate=False, return_indices_of_off_diagonals=True
    )
    suspects = _Suspects(inputs.examples.index.to_numpy()[judged], given, p, off, _guess(p, thresholds))
    size = np.bincount(given, minlength=len(present))
    low, high = wilson(joint, joint.sum(axis=1, keepdims=True))
    share = joint / joint.sum(axis=1, keepdims=True)
    certain = (low > min_share) & (joint >= min_examples)
    names = [inputs.classes[code] for code in present]

    pairs = np.argwhere(np.triu(joint + joint.T, k=1))
    first, second = pairs[:, 0], pairs[:, 1]
    flagged = certain[first, second] | certain[second, first]
    message = np.full(len(pairs), "Not mixed up beyond what chance could do.", dtype=object)
    members: list[list[str]] = [[]] * len(pairs)
    for i in np.flatnonzero(flagged):
        a, b = (int(code) for code in pairs[i])
        if (low[b, a], share[b, a]) > (low[a, b], share[a, b]):
            a, b = b, a
        ways = [_Way(size[x], share[x, y], low[x, y], high[x, y]) for x, y in ((a, b), (b, a))]
        high_share = [w.low > merge_share and len(names) > 2 for w in ways]  # of two labels one must remain apart
        proposal = _proposal(names[a], names[b], [certain[a, b], certain[b, a]], high_share)
        message[i] = (
            f"Of {ways[0].size:,} {'example' if ways[0].size == 1 else 'examples'} labelled {shown(names[a])} "
            f"about {ways[0]} look like {shown(names[b])}; the other way {ways[1]} of {ways[1].size:,}. {proposal}"
        )
        members[i] = suspects.of(a, b)
    return findings(
        subject_id=[_name(names[a], names[b]) for a, b in pairs],
        severity=np.maximum(low[first, second], low[second, first]),
        flagged=flagged,
        message=message,
        members=members,
    )


@dataclass(frozen=True)
class _Way:
    """Of `size` examples of one label a `share`, between `low` and `high`, looks like another."""

    size: int
    share: float
    low: float
    high: float

    def __str__(self) -> str:
        about, least, most = (round(self.size * part) for part in (self.share, self.low, self.high))
        return f"{about:,} ({least:,}–{most:,})"


class _Suspects:
    """The examples that the models confidently take for another label."""

    def __init__(self, ids: np.ndarray, given: np.ndarray, p: np.ndarray, off: np.ndarray, guess: np.ndarray) -> None:
        self._ids, self._given, self._guess = ids[off], given[off], guess[off]
        other, own = p[off, self._guess], p[off, self._given]
        self._doubt = other / np.maximum(other + own, 1e-12)

    def of(self, a: int, b: int) -> list[str]:
        """Labelled one and taken for the other, most doubtful first, ties by id."""
        one_way = (self._given == a) & (self._guess == b)
        rows = np.flatnonzero(one_way | ((self._given == b) & (self._guess == a)))
        order = np.lexsort((self._ids[rows].astype(str), -self._doubt[rows]))
        return list(self._ids[rows[order[:_MEMBERS]]])


def _guess(p: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """The label that cleanlab counts a row under: the one above its threshold; of several, the most probable."""
    confident = p >= thresholds - 1e-6
    guess: np.ndarray = np.where(confident.sum(axis=1) > 1, p.argmax(axis=1), confident.argmax(axis=1))
    return guess


def _proposal(a: str, b: str, certain: list[bool], high: list[bool]) -> str:
    if all(certain) and all(high):
        return f"Consider merging {shown(a)} and {shown(b)}, unless the difference matters to you."
    if certain[0] and high[0] and not certain[1]:
        return f"Consider splitting {shown(a)}, or moving the part that is {shown(b)}."
    return f"Clarify in the guidelines when an example is {shown(a)} and when {shown(b)}."


def _name(a: str, b: str) -> str:
    """One name a pair: an arrow inside a label is doubled, so that no two pairs share a name."""
    return " ↔ ".join(label.replace("↔", "↔↔") for label in (a, b))
