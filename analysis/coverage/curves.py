"""Local learning curves: how often a model errs in a region when it has seen this many examples of that region.

Everything else of the data stays: only the region's own share of the training examples grows, from none to all. That
is what collecting examples for one region does, and what a curve over samples of the whole would not show.

The model is ridge regression on the labels as 0 and 1. Its sums of products are added up block by block, so that all
folds and all steps of the curve cost one pass over the data and some small linear systems.
"""

from dataclasses import dataclass

import numpy as np

from analysis.errors import NotReady

STEPS = (0.0, 0.125, 0.25, 0.5, 1.0)  # of a region's training examples
FEWEST = 40  # labelled examples below which no curve is drawn
_FOLDS = 4
_TURNS = 3  # parts of the regions that shrink together while the others stay whole
_STRENGTH = 1.0  # of the ridge, in examples
_LEARNT = 30_000
_SEED = 0


@dataclass(frozen=True)
class Outcomes:
    """What came of every held-out example at every step.

    rows   int (m,): which examples were judged
    group  int (m,): the region of each
    seen   int (m, 5): how many examples of its region the model had been trained on
    wrong  bool (m, 5): whether the model predicted another label
    """

    rows: np.ndarray
    group: np.ndarray
    seen: np.ndarray
    wrong: np.ndarray


def outcomes(vectors: np.ndarray, labels: np.ndarray, group: np.ndarray) -> Outcomes:
    """Train and judge at every step; float32 (n, d), labels int (n,) from 0 (-1: none), group int (n,) (-1: none).

    Steps are nested: what is seen at one is seen at the next. From 30,000 labelled examples on a sample is used, whose
    counts stand for that sample. Raises NotReady below 40 labelled examples, or with one label only.
    """
    from threadpoolctl import threadpool_limits

    usable = np.flatnonzero((labels >= 0) & (group >= 0) & np.isfinite(vectors).all(axis=1))
    random = np.random.default_rng(_SEED)
    if len(usable) < FEWEST or len(np.unique(labels[usable])) < 2:
        raise NotReady(
            f"Only {len(usable)} labelled examples with {len(np.unique(labels[usable]))} different labels.",
            f"A learning curve needs {FEWEST} labelled examples or more, and two labels.",
        )
    rows = np.sort(random.choice(usable, _LEARNT, replace=False)) if len(usable) > _LEARNT else usable
    y = np.unique(labels[rows], return_inverse=True)[1]
    x = np.hstack([vectors[rows], np.ones((len(rows), 1), dtype=np.float32)])
    regions = group[rows]
    fold = _dealt(regions, _FOLDS, random)
    turn = _dealt_regions(regions, random)[regions]
    step = _first_step(regions, fold, random)
    with threadpool_limits(1, "blas"):  # many small steps: threads would wait for each other longer than they work
        seen, wrong = _judged(x, y, regions, fold, turn, step)
    return Outcomes(rows, regions, seen, wrong)


def _judged(
    x: np.ndarray, y: np.ndarray, regions: np.ndarray, fold: np.ndarray, turn: np.ndarray, step: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """How many examples of its region a model had seen before it judged each row, per step, and whether it erred."""
    seen = np.zeros((len(x), len(STEPS)), dtype=np.int64)
    wrong = np.zeros((len(x), len(STEPS)), dtype=bool)
    # The folds and turns that stay whole are added up once for all training sets.
    whole = {(f, t): _sums(x, y, (fold == f) & (turn == t)) for f in range(_FOLDS) for t in range(_TURNS)}
    ridge = _STRENGTH * np.eye(x.shape[1])
    for held in range(_FOLDS):
        for shrunk in range(_TURNS):
            judged = np.flatnonzero((fold == held) & (turn == shrunk))
            if not len(judged):
                continue
            kept = [sums for (f, t), sums in whole.items() if f != held and t != shrunk]
            products, targets = sum(one for one, _ in kept), sum(one for _, one in kept)
            for number in range(len(STEPS)):
                more_products, more_targets = _sums(x, y, (fold != held) & (turn == shrunk) & (step == number))
                products, targets = products + more_products, targets + more_targets
                weights = np.linalg.solve(products + ridge, targets)
                wrong[judged, number] = np.argmax(x[judged] @ weights, axis=1) != y[judged]
                trained = regions[(fold != held) & (turn == shrunk) & (step <= number)]
                seen[judged, number] = np.bincount(trained, minlength=int(regions.max()) + 1)[regions[judged]]
    return seen, wrong


def _sums(x: np.ndarray, y: np.ndarray, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """XᵀX and XᵀY of the chosen rows, Y with one column a label."""
    rows = np.flatnonzero(chosen)
    rows = rows[np.argsort(y[rows], kind="stable")]
    some, given = x[rows].astype(np.float64), y[rows]
    targets = np.zeros((int(y.max()) + 1, x.shape[1]))
    starts = np.flatnonzero(np.diff(given, prepend=-1))
    if len(starts):
        targets[given[starts]] = np.add.reduceat(some, starts, axis=0)
    return some.T @ some, targets.T


def _dealt(regions: np.ndarray, hands: int, random: np.random.Generator) -> np.ndarray:
    """A hand in [0, hands) for each example, evenly over its region."""
    order = random.permutation(len(regions))
    order = order[np.argsort(regions[order], kind="stable")]
    dealt = np.empty(len(regions), dtype=np.int64)
    dealt[order] = np.arange(len(regions)) % hands
    return dealt


def _dealt_regions(regions: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A turn for each region."""
    count = int(regions.max()) + 1
    turns = np.empty(count, dtype=np.int64)
    turns[random.permutation(count)] = np.arange(count) % _TURNS
    return turns


def _first_step(regions: np.ndarray, fold: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The step from which on an example is trained on, if its fold is not held out: a region fills up evenly."""
    step = np.empty(len(regions), dtype=np.int64)
    order = random.permutation(len(regions))
    key = regions[order] * _FOLDS + fold[order]
    order = order[np.argsort(key, kind="stable")]
    keys = regions[order] * _FOLDS + fold[order]
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    size = np.diff(np.append(starts, len(keys)))
    place = np.arange(len(keys)) - np.repeat(starts, size) + np.repeat(random.random(len(starts)), size)
    rank = place / np.repeat(size, size)
    step[order] = np.searchsorted(np.asarray(STEPS[1:]), np.minimum(rank, 1.0)) + 1
    return step
