"""Drift: what a later part of the data has that an earlier part had not, and the other way round, tested."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.coverage.chance import LEVEL, adjusted, either_way
from analysis.coverage.words import words_of
from analysis.errors import NotReady
from analysis.signals.intervals import wilson

FEWEST = 20  # examples that each part needs
_SHUFFLES = 199
_FOLDS = 5
_STRENGTH = 1.0  # of the ridge, in examples
_ALIKE = 0.05  # of the other part that may score as far out as an example that is shown
READ = 20_000  # examples of each part that are looked at
_SEED = 0


@dataclass(frozen=True)
class Change:
    """One category (a label, a region, a word) whose share is not the same before and after.

    before, after  how many examples have it, out of before_total and after_total; shares with their 95 % intervals
    p, q           the chance of such a difference under equal parts; q is held against all categories tried
    """

    name: str
    before: int
    after: int
    before_total: int
    after_total: int
    before_share: tuple[float, float, float]
    after_share: tuple[float, float, float]
    p: float
    q: float

    @property
    def is_beyond_chance(self) -> bool:
        """At the level that all tests here share."""
        return self.q <= LEVEL

    @property
    def is_new(self) -> bool:
        """Only the later part has it."""
        return self.before == 0

    @property
    def has_vanished(self) -> bool:
        """Only the earlier part has it."""
        return self.after == 0


@dataclass(frozen=True)
class Difference:
    """Whether a model can tell the two parts apart by their vectors.

    before, after  how many examples of each part were compared
    told_apart   the chance that it ranks an example of the later part above one of the earlier: 0.5 = not at all
    low, high    the middle 95 % of that number when dates or splits are shuffled
    p            how often shuffled parts are told apart as well, from 0.005
    newest, gone   examples of the later part that score beyond all but 5 % of the earlier, and of the earlier that
                 score below all but 5 % of the later; row numbers, most telling first, not more than asked for
    """

    before: int
    after: int
    told_apart: float
    low: float
    high: float
    p: float
    newest: np.ndarray
    gone: np.ndarray

    @property
    def is_beyond_chance(self) -> bool:
        """At the level that all tests here share."""
        return self.p <= LEVEL


def halves(happened_at: Sequence[str | None]) -> tuple[np.ndarray, np.ndarray, str, str]:
    """Earlier and later: bool masks, and the last and first moment beside the border, as dates (or as written).

    Cut at the middle example; equal moments are not parted. Raises NotReady without 20 dated examples on either side.
    """
    code, values = pd.factorize(np.array(happened_at, dtype=object))
    moments = np.array([str(value).strip() for value in values], dtype=object)
    counted = pd.Series(np.bincount(code[code >= 0], minlength=len(moments)), index=moments)
    counted = counted[counted.index != ""].groupby(level=0).sum()  # in order
    if not len(counted):
        raise NotReady("Needs dates: no example has one.", "Choose the column with dates when you load the file.")
    middle = counted.index[int(np.searchsorted(counted.cumsum(), counted.sum() // 2, side="right"))]
    is_before = np.array([*((moments != "") & (moments < middle)), False], dtype=bool)
    is_after = np.array([*(moments >= middle), False], dtype=bool)  # the last one is that of no moment
    before, after = is_before[code], is_after[code]
    if before.sum() < FEWEST or after.sum() < FEWEST:
        raise NotReady(
            f"Only {min(int(before.sum()), int(after.sum()))} examples are earlier or later than the middle date.",
            f"Drift over time needs {FEWEST} dated examples on either side; choose a column with dates when you load.",
        )
    return before, after, str(counted.index[counted.index < middle][-1])[:10], str(middle)[:10]


def shares(
    names: Sequence[str], code: np.ndarray, before: np.ndarray, after: np.ndarray, *, level: float = LEVEL
) -> list[Change]:
    """Categories whose share changed beyond chance (exact, both ways, Benjamini–Hochberg), clearest first.

    code int (n,): the category of each example, -1 for none, which still counts among all.
    """
    count = len(names)
    was = np.bincount(code[before & (code >= 0)], minlength=count)
    now = np.bincount(code[after & (code >= 0)], minlength=count)
    return _changes(names, was, now, int(before.sum()), int(after.sum()), level)


def words(texts: Sequence[str], before: np.ndarray, after: np.ndarray, *, level: float = LEVEL) -> list[Change]:
    """Words that more or fewer texts have than before, beyond chance; clearest first. 20,000 texts a part are read."""
    was: dict[str, int] = {}
    now: dict[str, int] = {}
    sides = [(was, sampled(before, READ)), (now, sampled(after, READ))]
    for counts, rows in sides:
        for row in rows:
            for word in words_of(texts[row]):
                counts[word] = counts.get(word, 0) + 1
    names = sorted(word for word in {*was, *now} if was.get(word, 0) + now.get(word, 0) >= 5)
    counted = [np.array([counts.get(word, 0) for word in names], dtype=np.int64) for counts, _ in sides]
    return _changes(names, counted[0], counted[1], len(sides[0][1]), len(sides[1][1]), level)


def difference(vectors: np.ndarray, before: np.ndarray, after: np.ndarray, most: int = 12) -> Difference:
    """A classifier two-sample test (Lopez-Paz and Oquab 2017) on float32 (n, d) with shuffled parts as yardstick.

    Held-out scores of a ridge regression, five folds; the shuffles are further columns of the same regression, so that
    they cost little. From 20,000 rows a side a sample is compared. Raises NotReady with fewer than 20 usable rows on a
    side, or with vectors that do not vary.
    """
    from threadpoolctl import threadpool_limits

    usable = np.isfinite(vectors).all(axis=1) & (np.abs(vectors).max(axis=1, initial=0) > 0)
    rows = np.concatenate([sampled(before & usable, READ), sampled(after & usable, READ)])
    is_after = after[rows]
    if min(int(is_after.sum()), int((~is_after).sum())) < FEWEST:
        raise NotReady(
            "One of the two parts has fewer than 20 examples with a usable vector.", "Choose other parts to compare."
        )
    x = vectors[rows].astype(np.float64)
    if np.ptp(x, axis=0).max() < 1e-6:
        raise NotReady("All examples have the same vector.", "Drift in meaning needs texts that differ.")
    random = np.random.default_rng(_SEED)
    order = random.permutation(len(rows))
    fold = np.empty(len(rows), dtype=np.int64)
    fold[order] = np.arange(len(rows)) % _FOLDS
    targets = np.stack([is_after, *(random.permutation(is_after) for _ in range(_SHUFFLES))], axis=1).astype(float)
    with threadpool_limits(1, "blas"):  # many small steps: threads would wait for each other longer than they work
        scores = _held_out(x, targets, fold)
    apart = _ranked_above(scores, targets > 0.5, fold)
    low, high = np.quantile(apart[1:], [0.025, 0.975])
    score = scores[:, 0]
    order = np.argsort(score, kind="stable")
    new, old = order[is_after[order]][::-1], order[~is_after[order]]
    return Difference(
        before=len(old),
        after=len(new),
        told_apart=float(apart[0]),
        low=float(low),
        high=float(high),
        p=float((1 + (apart[1:] >= apart[0]).sum()) / (1 + _SHUFFLES)),
        newest=rows[new[score[new] > np.quantile(score[old], 1 - _ALIKE)][:most]],
        gone=rows[old[score[old] < np.quantile(score[new], _ALIKE)][:most]],
    )


def sampled(mask: np.ndarray, most: int) -> np.ndarray:
    """The rows of a mask, ascending; of more than `most` the same sample each time."""
    rows = np.flatnonzero(mask)
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(_SEED).choice(rows, most, replace=False))


def _held_out(x: np.ndarray, targets: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """Scores of each row by the regression that has not seen its fold, one column a target."""
    x = np.hstack([x, np.ones((len(x), 1))])
    scores = np.empty_like(targets)
    parts = [np.flatnonzero(fold == number) for number in range(int(fold.max()) + 1)]
    # What each fold adds to a model is added up once.
    sums = [(x[rows].T @ x[rows], x[rows].T @ targets[rows]) for rows in parts]
    for held, judged in enumerate(parts):
        products = sum(one for number, (one, _) in enumerate(sums) if number != held)
        wanted = sum(one for number, (_, one) in enumerate(sums) if number != held)
        scores[judged] = x[judged] @ np.linalg.solve(products + _STRENGTH * np.eye(x.shape[1]), wanted)
    return scores


def _ranked_above(scores: np.ndarray, is_after: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """For each column the share of pairs in order, ties half; no pairs over folds, whose models are not the same."""
    from scipy.stats import rankdata

    in_order, pairs = np.zeros(scores.shape[1]), np.zeros(scores.shape[1])
    for held in range(int(fold.max()) + 1):
        rows = fold == held
        after = is_after[rows]
        count = after.sum(axis=0)
        in_order += (rankdata(scores[rows], axis=0) * after).sum(axis=0) - count * (count + 1) / 2
        pairs += count * (len(after) - count)
    return in_order / pairs


def _changes(
    names: Sequence[str], was: np.ndarray, now: np.ndarray, before_total: int, after_total: int, level: float
) -> list[Change]:
    if not len(names) or not before_total or not after_total:
        return []
    p = either_way(now, was + now, after_total, before_total + after_total)
    q = adjusted(p)
    before_low, before_high = wilson(was, before_total)
    after_low, after_high = wilson(now, after_total)
    found = np.flatnonzero(q <= level)
    return [
        Change(
            name=names[i],
            before=int(was[i]),
            after=int(now[i]),
            before_total=before_total,
            after_total=after_total,
            before_share=(float(before_low[i]), was[i] / before_total, float(before_high[i])),
            after_share=(float(after_low[i]), now[i] / after_total, float(after_high[i])),
            p=float(p[i]),
            q=float(q[i]),
        )
        for i in found[np.lexsort((found, p[found]))]
    ]
