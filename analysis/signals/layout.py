"""One round of UMAP's layout: every example is drawn to its neighbours and pushed away from a few others.

Compiled, and kept on the disk for the next process. Each example is moved by its own edges alone and sees where the
others were a round ago, so examples can be moved on any number of threads and always end in the same places.
"""

import contextlib
from typing import Any

import numpy as np
from numba import njit

_STEEP = np.float32(1.558)  # see `_pull_and_push`
_PUSHES = 5  # others that push, for each neighbour that pulls: as in umap-learn
_FARTHEST = np.float32(4)  # that one pull or push moves anything along an axis, before pace: as in umap-learn
_SMALL = np.float32(1e-3)
_NONE, _ONE, _TWO = np.float32(0), np.float32(1), np.float32(2)
_SPREAD, _HALF = np.uint64(0x9E3779B97F4A7C15), np.uint64(32)
_MIX, _FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(31), np.uint64(27)
_LEFT, _RIGHT, _BACK = np.uint64(13), np.uint64(7), np.uint64(17)


def kept_on_disk(compiled: Any) -> Any:
    """The function of numba's, which other processes then need not compile; where nothing can be written they do."""
    with contextlib.suppress(RuntimeError):  # numba finds no folder that it may write to
        compiled.enable_caching()
    return compiled


def _pull_and_push(  # noqa: PLR0913 – a compiled loop takes its arrays one by one
    old: np.ndarray,
    new: np.ndarray,
    rows: np.ndarray,
    starts: np.ndarray,
    others: np.ndarray,
    every: np.ndarray,
    due: np.ndarray,
    turn: int,
    pace: np.float32,
) -> None:
    """Write to `new` where the examples in `rows` go from `old`, both float32 (n, 2); one round, the `turn`-th.

    starts, others  int (n + 1,), (e,): the neighbours of example i are others[starts[i]:starts[i + 1]]
    every, due      float32 (e,): an edge pulls once in so many rounds, and next in round `due`, which is moved on

    Nearness on the map is 1 / (1 + a d²), UMAP's family of curves (McInnes et al. 2018, §3.2) with b = 1, which needs
    no powers; a is fitted to spread 1 and least distance 0.1, as umap-learn fits both.
    """
    n = np.uint64(len(old))
    for i in rows:
        x, y = old[i, 0], old[i, 1]
        dice = (np.uint64(i) + np.uint64(turn) * _MIX) * _SPREAD
        dice = (dice ^ (dice >> _FIRST)) * _MIX
        dice = (dice ^ (dice >> _SECOND)) | np.uint64(1)
        for edge in range(starts[i], starts[i + 1]):
            if due[edge] > turn:
                continue
            due[edge] += every[edge]
            j = others[edge]
            dx, dy = x - old[j, 0], y - old[j, 1]
            pull = -_TWO * _STEEP / (_ONE + _STEEP * (dx * dx + dy * dy))
            x += pace * min(max(pull * dx, -_FARTHEST), _FARTHEST)
            y += pace * min(max(pull * dy, -_FARTHEST), _FARTHEST)
            for _ in range(_PUSHES):
                dice ^= dice << _LEFT  # Marsaglia's xorshift (2003)
                dice ^= dice >> _RIGHT
                dice ^= dice << _BACK
                k = np.int64(((dice >> _HALF) * n) >> _HALF)
                dx, dy = x - old[k, 0], y - old[k, 1]
                square = dx * dx + dy * dy
                if k == i or square == _NONE:
                    continue
                push = _TWO / ((_SMALL + square) * (_ONE + _STEEP * square))
                x += pace * min(max(push * dx, -_FARTHEST), _FARTHEST)
                y += pace * min(max(push * dy, -_FARTHEST), _FARTHEST)
        new[i, 0], new[i, 1] = x, y


pull_and_push = kept_on_disk(njit(nogil=True, fastmath=True)(_pull_and_push))
