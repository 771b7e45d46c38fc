"""Places on a plane, moved until neighbours are near: the graph and the epochs of UMAP (McInnes et al. 2018)."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

_SEED = 0
_SPREAD, _MIN_DIST = 1.0, 0.1  # as in umap-learn
_NEAREST = 5  # placed neighbours that say where an example starts
_JITTER = 0.02  # of the distance that most pairs of neighbours have, or copies would never part

Tell = Callable[[float], None]


class Graph:
    """Which examples attract each other, and how much: UMAP's fuzzy graph of the nearest neighbours."""

    def __init__(self, position: np.ndarray, distance: np.ndarray) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ImportWarning)  # it misses TensorFlow, which nobody needs here
            from umap.umap_ import fuzzy_simplicial_set

        n = len(position)
        own = np.arange(n, dtype=position.dtype)[:, None]
        nobody = np.broadcast_to(np.float32(0), (n, 1))  # stands for the vectors, of which only the number is looked at
        made = fuzzy_simplicial_set(
            nobody,
            position.shape[1] + 1,
            None,
            "cosine",
            knn_indices=np.hstack([own, position]),
            knn_dists=np.hstack([np.zeros((n, 1), np.float32), distance]),
        )
        self._edges: Any = made[0].tocoo()

    def settle(
        self, places: np.ndarray, epochs: int, tell: Tell, *, pace: float = 1.0, movable: np.ndarray | None = None
    ) -> np.ndarray:
        """float32 (n, 2): the places after `epochs` rounds of attraction and repulsion, on one thread, so always equal.

        pace is the first step's length; with `movable`, bool (n,), the others stay where they are.
        """
        from umap.layouts import optimize_layout_euclidean
        from umap.umap_ import find_ab_params, make_epochs_per_sample

        a, b = find_ab_params(_SPREAD, _MIN_DIST)
        edges, strong = self._edges, self._edges.data >= self._edges.data.max() / epochs
        if movable is not None:
            strong &= movable[edges.row]
        moved = np.ascontiguousarray(places, dtype=np.float32)
        return np.asarray(
            optimize_layout_euclidean(
                moved,
                moved,
                edges.row[strong],
                edges.col[strong],
                epochs,
                len(places),
                make_epochs_per_sample(edges.data[strong], epochs),
                a,
                b,
                np.random.default_rng(_SEED).integers(-(2**31), 2**31 - 1, 3),
                initial_alpha=pace,
                move_other=movable is None,
                tqdm_kwds={"disable": False, "file": _Heard(epochs, tell), "bar_format": "{n}", "mininterval": 0.5},
            ),
            dtype=np.float32,
        )


class _Heard:
    """Takes the place of the terminal that UMAP counts its epochs on."""

    def __init__(self, epochs: int, tell: Tell) -> None:
        self._epochs, self._tell = epochs, tell

    def write(self, text: str) -> None:
        if text.strip().isdecimal():
            self._tell(min(int(text) / self._epochs, 1.0))

    def flush(self) -> None:
        """Nothing is held back."""


def among(position: np.ndarray, distance: np.ndarray, places: np.ndarray) -> np.ndarray:
    """float32 (n, 2): the places, with those that are NaN put among their neighbours.

    The mean of the nearest five neighbours that have a place, nearer ones weighing more, and a little off it; who has
    none waits until a neighbour has got one. Whoever is never reached starts in the middle.
    """
    places = places.astype(np.float32, copy=True)
    random = np.random.default_rng(_SEED)
    known = np.isfinite(places[:, 0])
    reach = max(float(np.median(distance[:, -1] - distance[:, 0])), 1e-3) if position.shape[1] else 1.0
    middle = places[known].mean(axis=0)
    apart = _JITTER * float(np.median(np.ptp(places[known], axis=0))) / 10
    waiting = np.flatnonzero(~known)
    while len(waiting):
        near = known[position[waiting]]
        near &= np.cumsum(near, axis=1) <= _NEAREST
        reached = near.any(axis=1)
        rows = waiting[reached] if reached.any() else waiting
        if reached.any():
            farther = np.maximum(distance[rows] - distance[rows][:, :1], 0)
            weight = np.exp(-farther / reach) * near[reached]
            weight /= np.maximum(weight.sum(axis=1, keepdims=True), 1e-12)
            start = np.einsum("nk,nkd->nd", weight, np.nan_to_num(places[position[rows]]))
        else:
            start = np.broadcast_to(middle, (len(rows), 2))
        places[rows] = start + random.normal(0, apart, (len(rows), 2))
        known[rows] = True
        waiting = waiting[~reached] if reached.any() else waiting[:0]
    return places
