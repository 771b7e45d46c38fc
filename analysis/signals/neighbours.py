"""Each example's nearest other examples, found once and shared by every check, the map and the pages."""

from dataclasses import dataclass

import numpy as np

from analysis.schema import Progress

NEAREST = 15  # enough for the map and the models; nobody reads more
_EXACT = 40_000  # examples up to which every pair is compared
_BLOCK = 2_000
_SEED = 0


@dataclass(frozen=True)
class Neighbours:
    """The k nearest other examples of each example, nearest first.

    position  int32 (n, k): row numbers into the examples; never the row itself
    distance  float32 (n, k): cosine distance in [0, 2], ascending along the row
    """

    position: np.ndarray
    distance: np.ndarray


def nearest(vectors: np.ndarray, k: int = NEAREST, progress: Progress | None = None) -> Neighbours:
    """The min(k, n - 1) nearest other rows of each row of float32 (n, d), by cosine distance; ties by row number.

    Exact up to 40,000 rows; above, by nearest neighbour descent (Dong et al. 2011), which finds more than 99 % of
    them. A row of zeros lies at distance 1 from everything.
    """
    n = len(vectors)
    k = min(k, n - 1)
    if k < 1:
        return Neighbours(np.empty((n, 0), np.int32), np.empty((n, 0), np.float32))
    tell = progress or (lambda what, share: None)
    if n <= _EXACT:
        return _exact(vectors, k, tell)
    return _approximate(vectors, k)


def _exact(vectors: np.ndarray, k: int, tell: Progress) -> Neighbours:
    n = len(vectors)
    position, distance = np.empty((n, k), np.int32), np.empty((n, k), np.float32)
    for start in range(0, n, _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, n))
        similarity = vectors[rows] @ vectors.T
        similarity[np.arange(len(rows)), rows] = -np.inf
        found = _largest(similarity, k)
        position[rows] = found
        distance[rows] = 1 - np.take_along_axis(similarity, found, axis=1)
        tell("neighbours", rows[-1] / n)
    return Neighbours(position, np.clip(distance, 0, 2))


def _largest(similarity: np.ndarray, k: int) -> np.ndarray:
    """Positions of the k largest of each row, largest first, ties by position."""
    n = similarity.shape[1]
    if k < n // 2:
        found = np.sort(np.argpartition(similarity, n - k, axis=1)[:, n - k :], axis=1)
    else:
        found = np.broadcast_to(np.arange(n), similarity.shape)
    order = np.argsort(-np.take_along_axis(similarity, found, axis=1), axis=1, kind="stable")[:, :k]
    return np.take_along_axis(found, order, axis=1)


def _approximate(vectors: np.ndarray, k: int) -> Neighbours:
    from pynndescent import NNDescent

    index = NNDescent(vectors, metric="cosine", n_neighbors=k + 1, random_state=_SEED, low_memory=True)
    found, away = index.neighbor_graph
    rows = np.arange(len(vectors))[:, None]
    behind = np.where(found == rows, np.inf, away)  # the row itself goes last, and off
    order = np.argsort(behind, axis=1, kind="stable")[:, :k]
    return Neighbours(
        np.take_along_axis(found, order, axis=1).astype(np.int32),
        np.clip(np.take_along_axis(away, order, axis=1), 0, 2).astype(np.float32),
    )
