"""What annotators are split on: every pair of labels that were given to one example by two people."""

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.people import Labels
from analysis.signals.intervals import wilson


@dataclass(frozen=True, slots=True)
class Split:
    """How far annotators are split on a few labels.

    involved  examples with two labels or more of which one is among these
    split     of those, the examples with two different ones among these; of a single label, with it and any other
    low, high 95 % interval of split / involved, in [0, 1]
    share     of all disagreement, in [0, 1]
    """

    involved: int
    split: int
    low: float
    high: float
    share: float


class Splits:
    """Counted once from a set of labels: who is split on what.

    Disagreement is that of Krippendorff's α: what lies off the diagonal of the coincidence matrix, where an example
    with n labels adds n_c n_k / (n - 1) to the cell of the classes c and k (Krippendorff 2011, section C).
    """

    def __init__(self, labels: Labels) -> None:
        self._labels = labels
        number = np.bincount(labels.example, minlength=len(labels.examples))
        doubled = number[labels.example] >= 2
        cells = (labels.example[doubled], labels.label[doubled])
        shape = (len(labels.examples), len(labels.classes))
        self._votes = sparse.csr_array((np.ones(int(doubled.sum())), cells), shape=shape)
        self._votes.sum_duplicates()
        self._present = (self._votes > 0).astype(np.int64)
        others = np.maximum(number - 1, 1)[:, None]
        self._together = sparse.csr_array(self._votes.T @ self._votes.multiply(1 / others).tocsr())
        self._together.setdiag(0)
        self._total = max(float(self._together.sum()), 1e-300)

    def pairs(self) -> pd.DataFrame:
        """Every pair of labels that splits annotators, the one that causes most disagreement first, ties by class.

        first, second  the labels, in the order of the classes
        split          examples with both
        involved       examples with two labels or more of which one is `first` or `second`
        low, high      95 % interval of split / involved, in [0, 1]
        share          of all disagreement, in [0, 1]; the shares sum to 1
        """
        both = sparse.coo_array(sparse.triu(self._present.T @ self._present, k=1))
        first, second, split = both.row, both.col, both.data
        used = np.asarray(self._present.sum(axis=0)).ravel()
        involved = used[first] + used[second] - split
        low, high = wilson(split, involved)
        cause = np.array([2 * float(self._together[a, b]) for a, b in zip(first, second, strict=True)])
        frame = pd.DataFrame(
            {
                "first": self._labels.classes[first],
                "second": self._labels.classes[second],
                "split": split,
                "involved": involved,
                "low": low,
                "high": high,
                "share": cause / self._total,
            }
        )
        order = np.lexsort((second, first, -frame["share"].to_numpy().round(12)))
        return frame.iloc[order].reset_index(drop=True)

    def among(self, names: Collection[str]) -> Split:
        """How far annotators are split on these labels; names that nobody gave count for nothing."""
        chosen = _positions(self._labels, names)
        given = np.asarray(self._present[:, chosen].sum(axis=1)).ravel()
        kinds = np.asarray(self._present.sum(axis=1)).ravel()
        alone = len(set(names)) == 1
        involved = int((given > 0).sum())
        split = int(((given > 0) & (kinds > 1)).sum() if alone else (given > 1).sum())
        low, high = wilson(split, involved)
        rows = self._together[chosen]
        cause = 2 * float(rows.sum()) if alone else float(rows[:, chosen].sum())
        return Split(involved, split, float(low), float(high), cause / self._total)

    def examples(self, first: str, second: str) -> list[str]:
        """The examples that somebody gave `first` and somebody else `second`, most evenly split first, ties by id."""
        chosen = _positions(self._labels, (first, second))
        if len(chosen) < 2:
            return []
        votes = self._votes[:, chosen].toarray()
        less, more = votes.min(axis=1), votes.max(axis=1)
        rows = np.flatnonzero(less > 0)
        even = {str(self._labels.examples[row]): float(less[row] / more[row]) for row in rows}
        return sorted(even, key=lambda name: (-even[name], name))


def only(labels: Labels, names: Collection[str]) -> Labels:
    """The labels that are among these, and nothing else: how well people tell them apart."""
    kept = _positions(labels, names)
    place = np.full(len(labels.classes), -1, dtype=np.int32)
    place[kept] = np.arange(len(kept), dtype=np.int32)
    chosen = labels.where(place[labels.label] >= 0)
    return replace(chosen, label=place[chosen.label], classes=labels.classes[kept])


def _positions(labels: Labels, names: Collection[str]) -> np.ndarray:
    wanted = set(names)
    return np.array([place for place, name in enumerate(labels.classes) if name in wanted], dtype=np.int64)
