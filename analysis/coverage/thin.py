"""Thin regions: where a reference has examples and we have few or none, and where what we have stands alone."""

from dataclasses import dataclass

import numpy as np

from analysis.coverage.chance import LEVEL, adjusted, at_most
from analysis.errors import NotReady
from analysis.signals.intervals import wilson
from analysis.signals.neighbours import nearest

FEWEST = 5  # reference examples of a region that is named
EMPTY = 0.1  # of the examples that we should have: below, a region counts as empty
_SIZES = np.array([8, 16, 32, 64, 128])  # nearest others that a window holds
_CLOSE = 10  # nearest others among which a region hangs together
_THINNER = 2.0  # times that the reference's share must exceed ours
_MOST = 10_000  # examples of each side that are compared
_SEED = 0


@dataclass(frozen=True)
class Gap:
    """One region that the reference visits more often than we do.

    rows     its examples that were compared, ours and the reference's, the reference's most central first
    ours, theirs            how many examples each side has there, out of our_total and their_total
    our_share, their_share  low, share and high of the 95 % interval, in [0, 1]
    missing  how many more of ours would be there, of as many in all, at the reference's share
    q        the share of false finds at which the clearest window of the region would be one
    """

    rows: np.ndarray
    ours: int
    theirs: int
    our_total: int
    their_total: int
    our_share: tuple[float, float, float]
    their_share: tuple[float, float, float]
    missing: int
    q: float

    @property
    def is_empty(self) -> bool:
        """Whether we have almost nothing there: less than a tenth of what the reference's share would be."""
        return self.ours < EMPTY * self.their_share[1] * self.our_total


def gaps(vectors: np.ndarray, ours: np.ndarray, theirs: np.ndarray, *, level: float = LEVEL) -> list[Gap]:
    """Regions where we are thinner than the reference, beyond chance and by a factor of two; most missing first.

    vectors float32 (n, d), rows of length 1; ours, theirs bool (n,), disjoint: which rows are ours, which the
    reference's.

    A scan over windows (Kulldorff 1997): around each reference example its 8 to 128 nearest others, whose sides are
    compared with the whole (hypergeometric). Windows know nothing of the sides; Benjamini–Hochberg at `level` over all
    of them. The centres of windows that are too thin, where they are close to each other, make a region, together with
    every example half of whose closest are such centres. From 10,000 examples a side a sample is compared. Raises
    NotReady where one side has fewer than 5 examples with a vector.
    """
    usable = np.isfinite(vectors).all(axis=1) & (np.abs(vectors).max(axis=1, initial=0) > 0)
    sides = [_some(ours & usable), _some(theirs & usable)]
    for what, rows in zip(("data", "reference"), sides, strict=True):
        if len(rows) < FEWEST:
            raise NotReady(
                f"Only {len(rows)} examples of the {what} have a usable vector.", "Choose another reference."
            )
    rows = np.concatenate(sides)
    is_ours = np.arange(len(rows)) < len(sides[0])
    neighbours = nearest(vectors[rows], int(min(_SIZES[-1], len(rows) - 1)))
    centres = np.flatnonzero(~is_ours)
    q = _thinness(neighbours.position, is_ours, centres)
    hot = np.zeros(len(rows), dtype=bool)
    hot[centres[q <= level]] = True
    lowest = np.ones(len(rows))
    lowest[centres] = q
    found = []
    for region in _linked(neighbours.position[:, :_CLOSE], hot):
        core = np.zeros(len(rows), dtype=bool)
        core[region] = True
        nearby = core[neighbours.position[:, :_CLOSE]].mean(axis=1)
        members = np.flatnonzero(core | (nearby >= 0.5))
        members = members[np.lexsort((members, -nearby[members], is_ours[members]))]
        own = int(is_ours[members].sum())
        gap = _gap(rows[members], own, (len(sides[0]), len(sides[1])), float(lowest[region].min()))
        if gap.theirs >= FEWEST and gap.our_share[1] * _THINNER <= gap.their_share[1]:
            found.append(gap)
    return sorted(found, key=lambda gap: (-gap.missing, gap.q))


def _thinness(position: np.ndarray, is_ours: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """For each centre the smallest q of its windows."""
    sizes = _SIZES[position.shape[1] >= _SIZES]
    sizes = sizes if len(sizes) else np.array([position.shape[1]])
    within = np.cumsum(is_ours[position[centres]], axis=1)[:, sizes - 1]
    total = len(is_ours) - 1  # without the centre itself
    p = at_most(within, np.broadcast_to(sizes, within.shape), int(is_ours.sum()), total)
    return np.asarray(adjusted(p.ravel()).reshape(p.shape).min(axis=1))


def _gap(rows: np.ndarray, own: int, totals: tuple[int, int], q: float) -> Gap:
    other = len(rows) - own
    low, high = wilson([own, other], totals)
    share = other / totals[1]
    missing = -(-other * totals[0] // totals[1]) - own  # rounded up
    return Gap(
        rows=rows,
        ours=own,
        theirs=other,
        our_total=totals[0],
        their_total=totals[1],
        our_share=(float(low[0]), own / totals[0], float(high[0])),
        their_share=(float(low[1]), share, float(high[1])),
        missing=max(missing, 0),
        q=q,
    )


def _some(mask: np.ndarray) -> np.ndarray:
    """The rows of a mask; a fixed sample of them where they are many."""
    rows = np.flatnonzero(mask)
    if len(rows) <= _MOST:
        return rows
    return np.sort(np.random.default_rng(_SEED).choice(rows, _MOST, replace=False))


def lonely_groups(
    position: np.ndarray, distance: np.ndarray, usable: np.ndarray, *, share: float, largest: int
) -> tuple[list[np.ndarray], np.ndarray]:
    """Groups of examples that have each other and little else; and how close each example's neighbours are.

    position int (n, k), distance (n, k): the nearest others by cosine distance; usable bool (n,). Closeness is the
    mean similarity to the 3 nearest, in [-1, 1], NaN for rows that are not usable. The `share` of examples with
    the lowest are lonely; two lonely examples hang together where one is among the other's 3 nearest (density-based
    clusters turned over: Ester and others 1996). A group has 3 to `largest` examples; larger ones are the scattered
    rest. Loneliest first, by the median closeness.
    """
    n = len(position)
    closeness = np.full(n, np.nan)
    usable = usable & np.isfinite(distance[:, :3]).all(axis=1) if n else usable
    closeness[usable] = 1 - distance[usable, :3].mean(axis=1, dtype=np.float64)
    if usable.sum() < 3 or position.shape[1] < 3:
        return [], closeness
    lonely = usable & (closeness <= np.nanquantile(closeness, share))
    groups = [rows for rows in _linked(position[:, :3], lonely) if 3 <= len(rows) <= largest]
    return sorted(groups, key=lambda rows: (float(np.median(closeness[rows])), len(rows))), closeness


def _linked(position: np.ndarray, within: np.ndarray) -> list[np.ndarray]:
    """Connected parts of the graph of neighbours among the rows of `within`."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    rows = np.flatnonzero(within)
    if not len(rows):
        return []
    number = np.full(len(within), -1)
    number[rows] = np.arange(len(rows))
    source = np.repeat(np.arange(len(rows)), position.shape[1])
    target = number[position[rows].ravel()]
    kept = target >= 0
    graph = coo_matrix((np.ones(kept.sum()), (source[kept], target[kept])), shape=(len(rows), len(rows)))
    count, part = connected_components(graph, directed=False)
    order = np.argsort(part, kind="stable")
    return [rows[several] for several in np.split(order, np.searchsorted(part[order], np.arange(1, count)))]
