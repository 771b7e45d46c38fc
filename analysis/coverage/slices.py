"""Slices: the examples that share a value in one column, or in two, each also by label; which are worst or thinnest.

All slices are counted, each is tested exactly against the rest, the tests share one bound on false finds (Benjamini and
Hochberg 1995), and a slice that others explain is left out: what remains can be acted on one by one.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.coverage.chance import LEVEL, adjusted, at_least, at_most
from analysis.coverage.columns import Category
from analysis.signals.intervals import wilson

LABEL = "label"  # the title of the column of labels
FEWEST = 5  # examples of a slice below which its share says nothing
WORSE = 1.5  # times the share elsewhere
_MOST_SETS = 600  # combinations of columns
_MOST_TRIED = 300  # candidates that are weighed against each other

Conditions = tuple[tuple[str, str], ...]  # (column, value), in the order of the columns


@dataclass(frozen=True)
class Slice:
    """One slice that stands out.

    conditions  what its examples share
    rows        its examples among those judged, in order
    found, of   marked examples out of all of the slice (for thin slices: ours, out of ours and the reference's)
    share       low, share and high of the 95 % interval of found / of
    elsewhere   the share among all others that were judged; expected: what `found` would be at that share (for thin
                slices: ours at the ratio that ours have to the reference's elsewhere, with as many of the reference's)
    p, q        the chance of it if the slice were like the rest; q is held against all slices that were tried
    """

    conditions: Conditions
    rows: np.ndarray
    found: int
    of: int
    share: tuple[float, float, float]
    elsewhere: float
    expected: float
    p: float
    q: float


@dataclass(frozen=True)
class _Counted:
    """All slices of the judged examples: which columns and codes, how many examples, how many of them marked."""

    columns: list[tuple[int, ...]]
    codes: list[tuple[int, ...]]
    of: np.ndarray
    found: np.ndarray


def worst(table: Sequence[Category], marked: np.ndarray, judged: np.ndarray, *, level: float = LEVEL) -> list[Slice]:
    """Slices where more examples are marked than elsewhere, beyond chance and by half as much again; clearest first.

    marked, judged  bool (n,): what is counted (flagged, predicted wrongly, disagreed on), among which examples
    """
    counted = _count(table, marked & judged, judged)
    total, whole = int((marked & judged).sum()), int(judged.sum())
    if not len(counted.of) or not total or total == whole:
        return []
    elsewhere = (total - counted.found) / np.maximum(whole - counted.of, 1)
    tried = (counted.of >= FEWEST) & (counted.of < whole)
    standing_out = (counted.found >= 2) & (counted.found / counted.of >= WORSE * elsewhere)
    return _clearest(table, marked, judged, counted, tried, standing_out, at_least, level)


def thinnest(table: Sequence[Category], ours: np.ndarray, theirs: np.ndarray, *, level: float = LEVEL) -> list[Slice]:
    """Slices of which we have fewer examples than the reference, beyond chance and by half; clearest first.

    ours, theirs  bool (n,), disjoint: the examples that count as covered, and those that say what there should be
    """
    judged = ours | theirs
    counted = _count(table, ours, judged)
    total, whole = int(ours.sum()), int(judged.sum())
    if not len(counted.of) or not total or total == whole:
        return []
    theirs_here = counted.of - counted.found
    # Which slices are tried must not hang on the count that is tested.
    tried = (counted.of >= FEWEST) & (counted.of < whole)
    standing_out = (counted.found + 0.5) / total * 2 <= (theirs_here + 0.5) / (whole - total)
    standing_out &= theirs_here >= FEWEST
    found = _clearest(table, ours, judged, counted, tried, standing_out, at_most, level)
    return [replace(one, expected=_matching(one, total, whole - total)) for one in found]


def _matching(one: Slice, ours: int, theirs: int) -> float:
    """How many of ours would stand against the reference's in the slice, at the ratio of the two elsewhere."""
    theirs_here = one.of - one.found
    return theirs_here * (ours - one.found) / max(theirs - theirs_here, 1)


def rows_of(table: Sequence[Category], conditions: Conditions) -> np.ndarray:
    """bool (n,): the examples that fulfil all conditions; none where a column or a value is unknown."""
    known = {category.title: category for category in table}
    inside = np.ones(len(table[0].code) if table else 0, dtype=bool)
    for title, value in conditions:
        category = known.get(title)
        code = category.values.index(value) if category is not None and value in category.values else -2
        inside &= category.code == code if category is not None else False
    return inside


def _sets(table: Sequence[Category]) -> list[tuple[int, ...]]:
    """Every column, every pair, and every pair with the label."""
    label = [i for i, category in enumerate(table) if category.title == LABEL]
    others = [i for i in range(len(table)) if i not in label]
    pairs = list(itertools.combinations(range(len(table)), 2))
    triples = [(*pair, *label) for pair in itertools.combinations(others, 2)] if label else []
    return [*((i,) for i in range(len(table))), *pairs, *triples][:_MOST_SETS]


def _count(table: Sequence[Category], marked: np.ndarray, judged: np.ndarray) -> _Counted:
    columns: list[tuple[int, ...]] = []
    codes: list[tuple[int, ...]] = []
    of, found = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    rows = np.flatnonzero(judged)
    is_marked = marked[rows]
    for several in _sets(table):
        shape = [len(table[i].values) for i in several]
        own = [table[i].code[rows] for i in several]
        known = np.logical_and.reduce([code >= 0 for code in own])
        flat = np.ravel_multi_index([code[known] for code in own], shape)
        size = np.bincount(flat, minlength=int(np.prod(shape)))
        there = np.flatnonzero(size)
        columns += [several] * len(there)
        codes += list(zip(*(axis.tolist() for axis in np.unravel_index(there, shape)), strict=True))
        of.append(size[there])
        found.append(np.bincount(flat[is_marked[known]], minlength=len(size))[there])
    return _Counted(columns, codes, np.concatenate(of), np.concatenate(found))


def _clearest(
    table: Sequence[Category],
    marked: np.ndarray,
    judged: np.ndarray,
    counted: _Counted,
    tried: np.ndarray,
    standing_out: np.ndarray,
    tail: Callable[[np.ndarray, np.ndarray, int, int], np.ndarray],
    level: float,
) -> list[Slice]:
    """The slices that stand out beyond chance, without those that another one explains.

    A slice must stand out within each slice that it is a part of, and among what is left when the rows of clearer
    slices (but those it lies in) are set aside.
    """
    total, whole = int((marked & judged).sum()), int(judged.sum())
    at = np.flatnonzero(tried)
    if not len(at):
        return []
    p = tail(counted.found[at], counted.of[at], total, whole)
    q = adjusted(p)
    order = np.lexsort((at, np.array([len(counted.columns[i]) for i in at]), p))
    chosen: list[Slice] = []
    masks: list[tuple[frozenset[tuple[int, int]], np.ndarray]] = []
    for place in [place for place in order if q[place] <= level and standing_out[at[place]]][:_MOST_TRIED]:
        i = at[place]
        pairs = list(zip(counted.columns[i], counted.codes[i], strict=True))
        inside = _inside(table, pairs) & judged
        wider = [[pair for pair in pairs if pair != one] for one in pairs] if len(pairs) > 1 else []
        outsides = [_inside(table, some) & judged for some in wider]
        left = judged.copy()
        for others, mask in masks:
            if not others < frozenset(pairs):
                left &= ~mask
        if all(_tail(tail, inside, marked, within) <= level / len(pairs) for within in [*outsides, left]):
            masks.append((frozenset(pairs), inside))
            chosen.append(_slice(table, pairs, inside, counted, i, (total, whole), (p[place], q[place])))
    return chosen


def _inside(table: Sequence[Category], pairs: Sequence[tuple[int, int]]) -> np.ndarray:
    return np.asarray(np.logical_and.reduce([table[column].code == code for column, code in pairs]))


def _tail(
    tail: Callable[[np.ndarray, np.ndarray, int, int], np.ndarray],
    inside: np.ndarray,
    marked: np.ndarray,
    within: np.ndarray,
) -> float:
    """The chance of what the slice has, compared with the examples of `within` alone."""
    here = inside & within
    if not here.any():
        return 1.0
    found, of = np.array([(here & marked).sum()]), np.array([here.sum()])
    return float(tail(found, of, int((marked & within).sum()), int(within.sum()))[0])


def _slice(
    table: Sequence[Category],
    pairs: Sequence[tuple[int, int]],
    inside: np.ndarray,
    counted: _Counted,
    i: int,
    whole: tuple[int, int],
    chance: tuple[float, float],
) -> Slice:
    found, of = int(counted.found[i]), int(counted.of[i])
    low, high = wilson(found, of)
    elsewhere = (whole[0] - found) / max(whole[1] - of, 1)
    return Slice(
        conditions=tuple((table[column].title, table[column].values[code]) for column, code in pairs),
        rows=np.flatnonzero(inside),
        found=found,
        of=of,
        share=(float(low), found / of, float(high)),
        elsewhere=elsewhere,
        expected=elsewhere * of,
        p=float(chance[0]),
        q=float(chance[1]),
    )
