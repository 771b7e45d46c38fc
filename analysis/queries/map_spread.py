"""Who is drawn first where there is not room for all: some that lie everywhere, and as many as a plain sample has."""

import numpy as np

_COARSEST, _FINEST = 4, 10  # powers of two: cells of the grids, each way
_SEED = 0


def spread(x: np.ndarray, y: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """int32 (n,): the turn of each point, 0 first; finite x, y float (n,), `kind` bool (n,).

    Two orders take turns. One is a fixed shuffle: where more lie, more are drawn. In the other, grids of 16, 32 … 1,024
    cells each way lie over the whole, and one point of either kind a cell comes before all of the next finer grid, in
    the order of the shuffle: no lonely one is left out, and the first ones of any part lie apart.
    """
    number = len(x)
    shuffled = np.random.default_rng(_SEED).permutation(number)
    across, down = (_fine(values[shuffled]) for values in (x, y))
    either = kind[shuffled].astype(np.int64)
    level = np.full(number, _FINEST + 1, dtype=np.int8)
    backwards = np.arange(number - 1, -1, -1)
    for power in range(_FINEST, _COARSEST - 1, -1):
        closer = _FINEST - power
        cell = (((across >> closer) << power | (down >> closer)) << 1) | either
        first = np.empty(2 << 2 * power, dtype=np.int64)
        first[cell[backwards]] = backwards  # of several the last that is written stays: the first in the shuffle
        level[first[cell] == np.arange(number)] = power
    apart = _places(np.argsort(level, kind="stable"))
    taken = np.minimum(2 * apart, 2 * np.arange(number) + 1)
    turn = np.empty(number, dtype=np.int32)
    turn[shuffled] = _places(np.argsort(taken, kind="stable"))
    return turn


def _places(order: np.ndarray) -> np.ndarray:
    """The place of each in an order of all, int64 (n,)."""
    places = np.empty(len(order), dtype=np.int64)
    places[order] = np.arange(len(order))
    return places


def _fine(values: np.ndarray) -> np.ndarray:
    """The number of the finest cell that each value lies in, int64 (n,)."""
    if not len(values):
        return np.zeros(0, dtype=np.int64)
    low = values.min()
    room = (values.max() - low) or 1.0
    cell: np.ndarray = np.minimum((values - low) / room * (1 << _FINEST), (1 << _FINEST) - 1).astype(np.int64)
    return cell
