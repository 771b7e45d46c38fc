"""Thin regions: where a reference has examples and we have few or none, and where what we have stands alone."""

from dataclasses import dataclass

import numpy as np

from analysis.coverage.chance import LEVEL
from analysis.coverage.drift import sampled
from analysis.errors import NotReady
from analysis.signals.intervals import wilson
from analysis.signals.neighbours import nearest

FEWEST = 5  # reference examples of a region that is named
EMPTY = 0.1  # of the examples that we should have: below, a region counts as empty
_SIZES = (16, 32, 64)  # nearest others that a window holds
_DENSER = (2.0, 3.0)  # standard deviations by which a window's share of the reference exceeds that of all
_CLOSE = 8  # nearest others among which windows hang together
_THINNER = 2.0  # times that the reference's share must exceed ours
_SHUFFLES = 199
_STEPS = 5  # by which a region is filled up
_USUAL = 0.95  # quantile of what shuffled sides show, by which window sizes are made alike
_MOST = 10_000  # examples of each side that are compared
_SEED = 0


@dataclass(frozen=True)
class Gap:
    """One region that the reference visits more often than we do.

    rows     its examples that were compared, ours and the reference's, the reference's most central first
    ours, theirs            how many examples each side has there, out of our_total and their_total that were compared
    our_share, their_share  low, share and high of the 95 % interval, in [0, 1]
    all_ours  how many of ours there are, compared or not
    expected  how many of these would be there at the reference's share; missing: how many more than there are
    p        how often shuffled sides show a region as clear, anywhere, from 0.005
    """

    rows: np.ndarray
    ours: int
    theirs: int
    our_total: int
    their_total: int
    our_share: tuple[float, float, float]
    their_share: tuple[float, float, float]
    all_ours: int
    expected: int
    missing: int
    p: float

    @property
    def is_empty(self) -> bool:
        """Whether we have almost nothing there: less than a tenth of what the reference's share would be."""
        return self.ours < EMPTY * self.their_share[1] * self.our_total


def compared(vectors: np.ndarray, ours: np.ndarray, theirs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The rows of either side that `gaps` looks at: those with a vector, of more than 10,000 a sample."""
    usable = _usable(vectors)
    return sampled(ours & usable, _MOST), sampled(theirs & usable, _MOST)


def gaps(
    vectors: np.ndarray, ours: np.ndarray, theirs: np.ndarray, *, stands_for: float = 1.0, level: float = LEVEL
) -> list[Gap]:
    """Regions where we are thinner than the reference, beyond chance and by a factor of two; most missing first.

    vectors float32 (n, d), rows of length 1; ours, theirs bool (n,), disjoint: which rows are ours, which the
    reference's; stands_for: how many of ours each row of ours is a sample of.

    A scan for regions of any shape (Kulldorff 1997; upper level sets: Patil and Taillie 2004). Around every example, a
    window of its 16 to 64 nearest others; windows of one size that the reference fills, and that are close to each
    other, make a region. The likelihood ratio of its counts is held against the clearest region that shuffled sides
    show anywhere, whatever the size of its windows: at most a share of `level` of comparisons without a thin region
    names one. Every example half of whose closest lie in the region belongs to it. From 10,000 examples a side a sample
    is compared. Raises NotReady where one side has fewer than 5 examples with a vector.
    """
    sides = compared(vectors, ours, theirs)
    all_ours = round(stands_for * int((ours & _usable(vectors)).sum()))
    for what, rows in zip(("data", "reference"), sides, strict=True):
        if len(rows) < FEWEST:
            raise NotReady(
                f"Only {len(rows)} examples of the {what} have a usable vector.", "Choose another reference."
            )
    rows = np.concatenate(sides)
    is_ours = np.arange(len(rows)) < len(sides[0])
    position = nearest(vectors[rows], int(min(_SIZES[-1], len(rows) - 1))).position
    found, taken = [], np.zeros(len(rows), dtype=bool)
    for region in _clear(_seen(position, ~is_ours), level):
        if taken[region.rows].any():  # a clearer one is there already
            continue
        members, nearby = _filled(region.rows, position[:, :_CLOSE], taken)
        taken[members] = True
        members = members[np.lexsort((members, -nearby[members], is_ours[members]))]
        totals = (len(sides[0]), len(sides[1]))
        gap = _gap(rows[members], int(is_ours[members].sum()), totals, all_ours, region.p)
        if gap.theirs >= FEWEST and gap.our_share[1] * _THINNER <= gap.their_share[1]:
            found.append(gap)
    return sorted(found, key=lambda gap: (-gap.missing, gap.p))


def _filled(rows: np.ndarray, close: np.ndarray, taken: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A region with what lies in its midst, a few steps on; and for all examples the share of their closest in it.

    Without this a region would be the part of itself in which chance has left us least.
    """
    inside = np.zeros(len(close), dtype=bool)
    inside[rows] = True
    for _ in range(_STEPS):
        nearby = inside[close].mean(axis=1)
        more = (nearby >= 0.5) & ~inside & ~taken
        if not more.any():
            break
        inside |= more
    return np.flatnonzero(inside), inside[close].mean(axis=1)


@dataclass(frozen=True)
class _Region:
    """Windows that hang together: their centres, how clear they are, and how often shuffled sides are as clear."""

    rows: np.ndarray
    ratio: float
    p: float


def _seen(position: np.ndarray, is_theirs: np.ndarray) -> list[tuple[list[_Region], np.ndarray]]:
    """For each window size and density the regions, and the clearest ratio that each shuffle shows, float (199,)."""
    from scipy.sparse import csr_matrix

    random = np.random.default_rng(_SEED)
    shuffled = [random.permutation(is_theirs) for _ in range(_SHUFFLES)]
    theirs = np.stack([is_theirs, *shuffled], axis=1).astype(np.float32)
    n, share = len(position), float(is_theirs.mean())
    seen = []
    for size in sorted({min(size, position.shape[1]) for size in _SIZES}):
        held = size + 1  # with the centre
        inside = np.hstack([np.arange(n)[:, None], position[:, :size]]).ravel()
        windows = csr_matrix((np.ones(n * held, np.float32), inside, np.arange(0, n * held + 1, held)), shape=(n, n))
        denser = (windows @ theirs - held * share) / np.sqrt(held * share * (1 - share))
        seen += [_hanging_together(denser >= least, position[:, :_CLOSE], theirs, share) for least in _DENSER]
    return seen


def _hanging_together(
    dense: np.ndarray, close: np.ndarray, theirs: np.ndarray, share: float
) -> tuple[list[_Region], np.ndarray]:
    """The regions of dense windows, bool (n, 1 + shuffles), the real sides first; and how clear the shuffles' are."""
    clearest = np.zeros(dense.shape[1])
    if not dense.any():
        return [], clearest[1:]
    centre, side = np.nonzero(dense)
    part = _parts(dense, close)
    side_of = np.zeros(part.max() + 1, dtype=np.int64)
    side_of[part] = side
    ratio = _likelihood_ratio(np.bincount(part, theirs[dense]), np.bincount(part), share)
    np.maximum.at(clearest, side_of, ratio)
    real = np.flatnonzero(side == 0)
    if not len(real):
        return [], clearest[1:]
    order = real[np.argsort(part[real], kind="stable")]
    parts, starts = np.unique(part[order], return_index=True)
    rows = np.split(centre[order], starts[1:])
    return [_Region(some, float(ratio[number]), 1.0) for number, some in zip(parts, rows, strict=True)], clearest[1:]


def _parts(dense: np.ndarray, close: np.ndarray) -> np.ndarray:
    """The connected part of each true cell of bool (n, sides), numbered over all sides; close int (n, k)."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    number = np.full(dense.shape, -1, dtype=np.int64)
    number[dense] = np.arange(dense.sum())
    ends = []
    for column in close.T:
        both = dense & dense[column]
        ends.append((number[both], number[column][both]))
    source, target = (np.concatenate(one) for one in zip(*ends, strict=True))
    size = int(dense.sum())
    graph = coo_matrix((np.ones(len(source), dtype=bool), (source, target)), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1])


def _likelihood_ratio(full: np.ndarray, count: np.ndarray, share: float) -> np.ndarray:
    """Kulldorff's log-likelihood ratio of `full` of the reference among `count`, 0 where that is no more than usual."""
    from scipy.special import xlogy

    rest = count - full
    ratio = xlogy(full, full / count / share) + xlogy(rest, rest / count / (1 - share))
    return np.where(full > count * share, ratio, 0.0)


def _clear(seen: list[tuple[list[_Region], np.ndarray]], level: float) -> list[_Region]:
    """The regions beyond chance, clearest first. Sizes are made alike by what shuffled sides show with each."""
    middle = np.array([np.median(clearest) for _, clearest in seen])
    spread = np.array([np.quantile(clearest, _USUAL) for _, clearest in seen]) - middle
    spread = np.maximum(spread, 1e-9)
    shuffled = ((np.stack([clearest for _, clearest in seen], axis=1) - middle) / spread).max(axis=1)
    ranked = []
    for (regions, _), mid, width in zip(seen, middle, spread, strict=True):
        for region in regions:
            clearness = (region.ratio - mid) / width
            p = float((1 + (shuffled >= clearness).sum()) / (1 + len(shuffled)))
            if p <= level:
                ranked.append((clearness, _Region(region.rows, region.ratio, p)))
    return [region for _, region in sorted(ranked, key=lambda one: -one[0])]


def _usable(vectors: np.ndarray) -> np.ndarray:
    return np.asarray(np.isfinite(vectors).all(axis=1) & (np.abs(vectors).max(axis=1, initial=0) > 0))


def _gap(rows: np.ndarray, own: int, totals: tuple[int, int], all_ours: int, p: float) -> Gap:
    other = len(rows) - own
    low, high = wilson([own, other], totals)
    share = other / totals[1]
    expected = -(-other * all_ours // totals[1])  # rounded up
    return Gap(
        rows=rows,
        ours=own,
        theirs=other,
        our_total=totals[0],
        their_total=totals[1],
        our_share=(float(low[0]), own / totals[0], float(high[0])),
        their_share=(float(low[1]), share, float(high[1])),
        all_ours=all_ours,
        expected=expected,
        missing=max(expected - round(own * all_ours / totals[0]), 0),
        p=p,
    )


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
