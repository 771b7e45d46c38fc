"""The same text, or almost the same, under different labels. At least one of the labels is wrong, or the rules do not
say which one holds: give all of them the label that is right."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.checks import Inputs, check, findings, shown
from analysis.signals.duplicates import Duplicates, Partners

_MEMBERS = 10
_EACH = 3  # examples of one label that are listed for one text
_LISTED = 30  # examples that are listed for one text


@check(title="Duplicates with different labels", subject="example", needs=("labels", "neighbours"))
def conflicting_duplicate(inputs: Inputs, *, max_distance: float = 0.1, min_overlap: float = 0.85) -> pd.DataFrame:
    """Labelled examples with a duplicate, exact or near, that bears another label.

    max_distance  cosine distance of the vectors up to which two neighbours count as near, 0 to 0.3; smaller than for
                  near duplicates, because one word can rightly change the label
    min_overlap   share of three-letter pieces that the two texts must have in common, 0 to 1

    severity: share of its duplicates with another label, times 1 for the same text or the overlap for almost the same.
    suggested_label: the label of more than half of the example and its duplicates, where they are three or more.
    Judged is every labelled example with text.
    """
    found = inputs.duplicates
    code, names = pd.factorize(inputs.examples["label"], sort=True)
    partners = found.partners(max_distance=max_distance, min_overlap=min_overlap)
    rows = np.flatnonzero((found.group >= 0) & (code >= 0))
    votes = _Votes.count(found.group[rows], code[rows], partners, len(found.first), len(names))
    place = votes.place(found.group[rows], code[rows])
    words = _Words(inputs, found, partners, code)

    conflict = votes.own < votes.total
    severity = np.zeros(len(conflict))
    message = np.full(len(conflict), "No duplicate bears another label.", dtype=object)
    suggested = np.full(len(conflict), None, dtype=object)
    members: list[list[str]] = [[]] * len(conflict)
    for i in np.intersect1d(np.flatnonzero(conflict), place):
        others, closeness, reason = words.about(votes.group[i], votes.label[i])
        severity[i] = closeness * (votes.total[i] - votes.own[i]) / (votes.total[i] - 1)
        clear = votes.total[i] >= 3 and 2 * votes.most[i] > votes.total[i]
        if clear:
            reason += f" {votes.most[i]:,} of these {votes.total[i]:,} are labelled {shown(names[votes.winner[i]])}."
        if clear and votes.winner[i] != votes.label[i]:
            suggested[i] = names[votes.winner[i]]
        message[i], members[i] = reason, others
    return findings(
        subject_id=inputs.examples.index[rows],
        severity=severity[place],
        flagged=conflict[place],
        message=message[place],
        suggested_label=suggested[place],
        members=[members[i] for i in place],
    )


@dataclass(frozen=True)
class _Votes:
    """For each text and each label among it and its duplicates: how often, out of how many, and which is most frequent.

    Sorted by group and label; ties of the most frequent go to the label that sorts first.
    """

    group: np.ndarray
    label: np.ndarray
    own: np.ndarray
    total: np.ndarray
    winner: np.ndarray
    most: np.ndarray
    labels: int

    @classmethod
    def count(cls, group: np.ndarray, code: np.ndarray, partners: Partners, groups: int, labels: int) -> "_Votes":
        from scipy.sparse import csr_array

        own = csr_array((np.ones(len(group), np.int64), (group, code)), shape=(groups, labels))
        near = csr_array((np.ones(len(partners.group), np.int64), partners.group, partners.start), (groups, groups))
        votes = (own + near @ own).tocoo()
        at, label, count = votes.row.astype(np.int64), votes.col.astype(np.int64), votes.data
        total = np.bincount(at, weights=count, minlength=groups).astype(np.int64)
        best = np.lexsort((label, -count, at))
        seen, first = np.unique(at[best], return_index=True)
        winner, most = np.zeros(groups, np.int64), np.zeros(groups, np.int64)
        winner[seen], most[seen] = label[best][first], count[best][first]
        order = np.lexsort((label, at))
        at, label, count = at[order], label[order], count[order]
        return cls(at, label, count, total[at], winner[at], most[at], max(labels, 1))

    def place(self, group: np.ndarray, label: np.ndarray) -> np.ndarray:
        """The entry of each given pair of group and label."""
        return np.asarray(np.searchsorted(self.group * self.labels + self.label, group * self.labels + label))


class _Words:
    """What to say of a text under one label, and which examples to show beside it."""

    def __init__(self, inputs: Inputs, found: Duplicates, partners: Partners, code: np.ndarray) -> None:
        self._ids, self._labels = inputs.examples.index.tolist(), inputs.examples["label"].tolist()
        self._code = code
        self._partners, self._first = partners, found.first
        listed = found.order[code[found.order] >= 0]
        frame = pd.DataFrame({"row": listed, "group": found.group[listed], "label": code[listed]})
        frame["often"] = frame.groupby(["group", "label"])["row"].transform("size")
        frame = frame.sort_values(["group", "often", "label"], ascending=[True, False, True], kind="stable")
        frame = frame[frame.groupby(["group", "label"]).cumcount() < _EACH]
        frame = frame[frame.groupby("group").cumcount() < _LISTED]
        self._listed = frame["row"].to_numpy()
        self._start = np.searchsorted(frame["group"].to_numpy(), np.arange(len(found.start)))

    def about(self, group: int, label: int) -> tuple[list[str], float, str]:
        """Ids of duplicates under other labels, closeness of the closest in [0, 1], and the sentence."""
        same = self._others(group, label)
        entries = range(self._partners.start[group], self._partners.start[group + 1])
        near = [(entry, row) for entry in entries for row in self._others(self._partners.group[entry], label)[:1]]
        members = [self._ids[row] for row in [*same, *(row for _, row in near)][:_MEMBERS]]
        if same:
            return members, 1.0, f"{self._named(same[0])} has the same text but is labelled {self._label(same[0])}."
        entry, row = near[0]
        sentence = (
            f"Says almost the same as {self._named(row)} (similarity {self._partners.similarity[entry]:.2f}), "
            f"which is labelled {self._label(row)}."
        )
        return members, float(self._partners.overlap[entry]), sentence

    def _others(self, group: int, label: int) -> list[int]:
        rows = self._listed[self._start[group] : self._start[group + 1]]
        return [row for row in rows if self._code[row] != label]

    def _named(self, row: int) -> str:
        return shown(self._ids[row])

    def _label(self, row: int) -> str:
        return shown(self._labels[row])
