"""Places on a plane, moved until neighbours are near: the graph and the epochs of UMAP (McInnes et al. 2018)."""

import os
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

_SEED = 0
_NEAREST = 5  # placed neighbours that say where an example starts
_JITTER = 0.02  # of the distance that most pairs of neighbours have, or copies would never part

Tell = Callable[[float], None]


class Graph:
    """Which examples attract each other, and how much: UMAP's fuzzy graph of the nearest neighbours."""

    def __init__(self, position: np.ndarray, distance: np.ndarray) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ImportWarning)  # it misses TensorFlow, which nobody needs here
            from umap import umap_

        from analysis.signals.layout import kept_on_disk

        kept_on_disk(umap_.smooth_knn_dist)
        kept_on_disk(umap_.compute_membership_strengths)
        n = len(position)
        own = np.arange(n, dtype=position.dtype)[:, None]
        nobody = np.broadcast_to(np.float32(0), (n, 1))  # stands for the vectors, of which only the number is looked at
        made = umap_.fuzzy_simplicial_set(
            nobody,
            position.shape[1] + 1,
            None,
            "cosine",
            knn_indices=np.hstack([own, position]),
            knn_dists=np.hstack([np.zeros((n, 1), np.float32), distance]),
        )
        self._edges: Any = made[0].tocsr()

    def settle(
        self, places: np.ndarray, epochs: int, tell: Tell, *, pace: float = 1.0, movable: np.ndarray | None = None
    ) -> np.ndarray:
        """float32 (n, 2): the places after so many rounds of pulls and pushes, equal however many cores there are.

        pace is the first round's, and falls to 0; with `movable`, bool (n,), the others stay where they are.
        """
        from analysis.signals.layout import pull_and_push

        edges = self._edges
        with np.errstate(divide="ignore"):
            every = (edges.data.max() / edges.data).astype(np.float32)
        every[every > epochs] = np.inf
        due = every.copy()
        old = np.ascontiguousarray(places, dtype=np.float32).copy()
        new = old.copy()
        rows = np.arange(len(old)) if movable is None else np.flatnonzero(movable)
        threads = os.cpu_count() or 1
        shares = np.array_split(rows, threads)
        with ThreadPoolExecutor(threads) as pool:
            for turn in range(epochs):
                now = np.float32(pace * (1 - turn / epochs))
                moves = [
                    pool.submit(pull_and_push, old, new, share, edges.indptr, edges.indices, every, due, turn, now)
                    for share in shares
                ]
                for move in moves:
                    move.result()
                old, new = new, old
                tell((turn + 1) / epochs)
        return old


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
