"""Each example's nearest other examples, found once and shared by every check, the map and the pages."""

from dataclasses import dataclass

import numpy as np

from analysis.schema import Progress
from analysis.signals.lists import search

NEAREST = 15  # enough for the map and the models; nobody reads more
_EXACT = 25_000  # examples up to which every pair is compared
_BLOCK = 2_000  # rows whose distances are measured at a time


@dataclass(frozen=True)
class Neighbours:
    """The k nearest other examples of each example, nearest first.

    position  int32 (n, k): row numbers into the examples; never the row itself
    distance  float32 (n, k): cosine distance in [0, 2], ascending along the row
    """

    position: np.ndarray
    distance: np.ndarray


def nearest(vectors: np.ndarray, k: int = NEAREST, progress: Progress | None = None) -> Neighbours:
    """The min(k, n - 1) nearest other rows of each row of float32 (n, d), by cosine distance; rows have length 1 or 0.

    Exact up to 25,000 rows; above, about 95 in 100 of them are found (`lists.search`). Ties in one row's list by row
    number. A row of zeros lies at distance 1 from everything and is nobody's neighbour while there are others.
    """
    n = len(vectors)
    k = min(k, n - 1)
    if k < 1:
        return Neighbours(np.empty((n, 0), np.int32), np.empty((n, 0), np.float32))
    tell = progress or (lambda what, share: None)
    tell("neighbours", 0.0)
    position = np.empty((n, k), dtype=np.int32)
    given = np.flatnonzero(vectors.any(axis=1))
    width = min(k, len(given) - 1)
    if width > 0:
        those = vectors if len(given) == n else vectors[given]
        found = _exact(those, width) if len(given) <= _EXACT else _approximate(those, width, tell)
        position[given, :width] = given[found]
    _fill(position, given, max(width, 0))
    return _ordered(vectors, position)


def _exact(vectors: np.ndarray, k: int) -> np.ndarray:
    """The k nearest others of rows of length 1; among these, Euclidean distances are in the order of cosine ones."""
    from sklearn.neighbors import NearestNeighbors

    return np.asarray(NearestNeighbors(n_neighbors=k, algorithm="brute").fit(vectors).kneighbors(return_distance=False))


def _approximate(vectors: np.ndarray, k: int, tell: Progress) -> np.ndarray:
    found = search(vectors, k, tell=lambda share: tell("neighbours", share))
    for row in np.flatnonzero((found < 0).any(axis=1)):  # it met too few
        likeness = vectors @ vectors[row]
        likeness[row] = -np.inf
        found[row] = np.argsort(-likeness, kind="stable")[:k]
    return found


def _fill(position: np.ndarray, given: np.ndarray, width: int) -> None:
    """Give rows without a direction, and rows that have too few others, the first other rows in order."""
    n, k = position.shape
    empty = np.setdiff1d(np.arange(n), given)
    for row in empty:
        position[row] = [other for other in range(k + 1) if other != row][:k]
    for row in given if width < k else []:
        others = np.setdiff1d(np.arange(n), np.r_[row, position[row, :width]])
        position[row, width:] = others[: k - width]


def _ordered(vectors: np.ndarray, position: np.ndarray) -> Neighbours:
    """Each row's neighbours by exact distance, then by row number."""
    n, k = position.shape
    position = np.sort(position, axis=1)
    distance = np.empty((n, k), dtype=np.float32)
    for start in range(0, n, _BLOCK):
        rows = slice(start, start + _BLOCK)
        distance[rows] = 1 - np.einsum("nkd,nd->nk", vectors[position[rows]], vectors[rows])
    distance = np.clip(distance, 0, 2)
    order = np.argsort(distance, axis=1, kind="stable")
    return Neighbours(np.take_along_axis(position, order, axis=1), np.take_along_axis(distance, order, axis=1))
