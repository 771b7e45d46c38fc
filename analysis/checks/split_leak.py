"""Test examples that are in the training data too, word for word or almost. A model has seen their answers, so results
on them say nothing: drop them from the test split, or from training.

The split called train is the training split; test, val, dev, eval and holdout, however written, are tested on. Where
no name is known, the largest split is taken as training and the message says so."""

import numpy as np
import pandas as pd

from analysis.checks import Inputs, check, findings, shown
from analysis.coverage.splits import sides
from analysis.signals.duplicates import NEAR_DISTANCE, NEAR_OVERLAP, Duplicates, Partners

_MEMBERS = 10


@check(title="Leaks between splits", subject="example", needs=("splits", "neighbours"))
def split_leak(
    inputs: Inputs, *, max_distance: float = NEAR_DISTANCE, min_overlap: float = NEAR_OVERLAP
) -> pd.DataFrame:
    """Examples to be tested on whose text a training example has too, or almost.

    max_distance  cosine distance of the vectors up to which two neighbours count as near, 0 to 0.3
    min_overlap   share of three-letter pieces that the two texts must have in common, 0 to 1

    Judged is every example of the evaluation splits with text. severity: 1 for the same text, 1/2 + overlap / 2 for
    almost the same, else half the largest overlap with a training neighbour. Raises NotReady with a single split.
    """
    training, evaluation, guess = sides(inputs.examples["split"])
    note = f" The largest split, {shown(guess)}, is taken as training." if guess is not None else ""
    found = inputs.duplicates
    of_training = found.order[training[found.order]]  # still group by group
    start = np.searchsorted(found.group[of_training], np.arange(len(found.start)))
    in_training = np.diff(start) > 0
    partners = found.partners(max_distance=max_distance, min_overlap=min_overlap)
    everything = found.partners(max_distance=2, min_overlap=0)

    severity = np.zeros(len(in_training))
    groups, entries = everything.best(in_training[everything.group])
    severity[groups] = everything.overlap[entries] / 2
    groups, entries = partners.best(in_training[partners.group])
    severity[groups] = 0.5 + partners.overlap[entries] / 2
    best = dict(zip(groups.tolist(), entries.tolist(), strict=True))
    severity[in_training] = 1

    rows = np.flatnonzero(evaluation & (found.group >= 0))
    group = found.group[rows]
    leaked = in_training.copy()
    leaked[groups] = True
    twins = _Twins(inputs, found, partners, of_training, start)
    message = np.full(len(rows), "No training example says the same.", dtype=object)
    members: list[list[str]] = [[]] * len(rows)
    for i in np.flatnonzero(leaked[group]):
        one = group[i]
        message[i] = (twins.same(one) if in_training[one] else twins.almost(best[one])) + note
        members[i] = twins.members(one)
    return findings(
        subject_id=inputs.examples.index[rows],
        severity=severity[group],
        flagged=leaked[group],
        message=message,
        members=members,
    )


class _Twins:
    """The training examples that say what a group says, in words and as ids."""

    def __init__(
        self, inputs: Inputs, found: Duplicates, partners: Partners, of_training: np.ndarray, start: np.ndarray
    ) -> None:
        self._ids, self._labels = inputs.examples.index.tolist(), inputs.examples["label"].tolist()
        self._found, self._partners = found, partners
        self._of_training, self._start = of_training, start

    def same(self, group: int) -> str:
        return f"The same text is in training: {self._named(self._of_training[self._start[group]])}."

    def almost(self, entry: int) -> str:
        other = self._of_training[self._start[self._partners.group[entry]]]
        similarity = self._partners.similarity[entry]
        return f"Says almost the same as training example {self._named(other)} (similarity {similarity:.2f})."

    def members(self, group: int) -> list[str]:
        near = self._partners.group[self._partners.start[group] : self._partners.start[group + 1]]
        rows = [
            row
            for one in [group, *near[:_MEMBERS]]
            for row in self._of_training[self._start[one] : min(self._start[one + 1], self._start[one] + _MEMBERS)]
        ]
        return [self._ids[row] for row in rows[:_MEMBERS]]

    def _named(self, row: int) -> str:
        label = self._labels[row]
        return shown(self._ids[row]) + (", which has no label" if label is None else f", labelled {shown(label)}")
