"""Which examples are held out together, so that no model is trained on a copy of what it judges."""

import numpy as np

_LARGEST = 50  # members up to which a group stays together; template-like data chains into groups without end
_SEED = 0


def grouped_folds(labels: np.ndarray, groups: np.ndarray, folds: int) -> np.ndarray:
    """int8 (n,): a fold in [0, folds) for each example; a group stays together, every label is spread evenly.

    labels int (n,) from 0; groups int (n,), equal for examples that must not be parted. A group of more than 50 is
    parted after all. Same input, same folds.
    """
    random = np.random.default_rng(_SEED)
    n, classes = len(labels), int(labels.max(initial=-1)) + 1
    fold = np.full(n, -1, dtype=np.int8)
    size = np.bincount(groups, minlength=int(groups.max(initial=-1)) + 1)[groups]
    filled = np.zeros((classes, folds), dtype=np.int64)
    together = np.flatnonzero((size > 1) & (size <= _LARGEST))
    together = together[np.lexsort((together, groups[together], -size[together]))]
    starts = np.flatnonzero(np.diff(groups[together], prepend=-1))
    for members in np.split(together, starts[1:]) if len(together) else []:
        wanted, count = np.unique(labels[members], return_counts=True)
        best = int((filled[wanted] * count[:, None]).sum(axis=0).argmin())
        fold[members] = best
        filled[wanted, best] += count
    alone = random.permutation(np.flatnonzero(fold < 0))
    alone = alone[np.argsort(labels[alone], kind="stable")]
    starts = np.flatnonzero(np.diff(labels[alone], prepend=-1))
    for members in np.split(alone, starts[1:]) if len(alone) else []:
        fold[members] = _filling(filled[labels[members[0]]], len(members), random)
    return fold


def _filling(filled: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    """Folds for `count` more members, the emptiest first; ties at random."""
    level = filled[:, None] + np.arange(count)
    lowest = np.lexsort((random.random(level.size), level.ravel()))[:count]
    return lowest // count
