"""Regions: groups of examples that say something similar, few enough to be read.

Fine cells come first (spherical k-means, Dhillon and Modha 2001); the closest are then joined, step by step (Ward
1963), until about √n are left.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from analysis.errors import NotReady

MOST_REGIONS = 60  # that people read
_PER_CELL = 8  # examples, roughly
_MOST_CELLS = 1_000
_LEARNT = 30_000  # examples that the cells are made from; the others are put into them
_ROUNDS = 12
_BLOCK = 4_096
_SEED = 0


@dataclass(frozen=True)
class Regions:
    """The cells of n examples, and the region of each cell.

    cell     int32 (n,): the cell of each example, -1 where its vector says nothing
    region   int32 (C,): the region that each cell belongs to, numbered by size, largest first
    centres  float32 (C, d): rows of length 1
    """

    cell: np.ndarray
    region: np.ndarray
    centres: np.ndarray

    @property
    def count(self) -> int:
        """How many regions there are."""
        return int(self.region.max(initial=-1)) + 1

    @property
    def of(self) -> np.ndarray:
        """int32 (n,): the region of each example, -1 where its vector says nothing."""
        return np.where(self.cell >= 0, self.region[self.cell], -1).astype(np.int32)


def find_regions(vectors: np.ndarray, keys: Sequence[str] | None = None, most: int = MOST_REGIONS) -> Regions:
    """Regions of float32 (n, d); about √n of them for people to read, at most `most`.

    keys, one per example and all different, make the answer independent of the order of the examples. Rows that are
    not finite or all zero belong nowhere. Memory does not grow beyond a block and the answer; from 30,000 examples on
    the cells are made from a sample. Raises NotReady below 4 usable rows, or where all are the same.
    """
    values = np.asarray(vectors, dtype=np.float32)
    usable = np.isfinite(values).all(axis=1) & (np.abs(values).max(axis=1, initial=0) > 0)
    rows = np.flatnonzero(usable)
    if keys is not None:
        rows = rows[np.argsort(np.asarray(keys, dtype=object)[rows], kind="stable")]
    if len(rows) < 4:
        raise NotReady(f"Only {len(rows)} examples have a usable vector.", "Regions need 4 examples with text or more.")
    random = np.random.default_rng(_SEED)
    learnt = rows if len(rows) <= _LEARNT else rows[np.sort(random.choice(len(rows), _LEARNT, replace=False))]
    points = _unit(values[learnt])
    different = np.unique(points.round(5), axis=0) if len(points) <= 2_000 else points
    if len(different) < 2:
        raise NotReady("All examples have the same vector.", "Regions need texts that differ.")
    centres = _cells(points, min(max(len(points) // _PER_CELL, 2), _MOST_CELLS, len(different)), random)
    cell = np.full(len(values), -1, dtype=np.int32)
    cell[rows] = _closest(values, rows, centres)
    size = np.bincount(cell[rows], minlength=len(centres))
    cell[rows] = (np.cumsum(size > 0) - 1)[cell[rows]]
    centres, size = centres[size > 0], size[size > 0]
    region = _joined(centres, size, min(max(round(float(np.sqrt(len(rows)))), 2), most))
    return Regions(cell, region, centres)


def _unit(values: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(values, axis=1, keepdims=True)
    unit: np.ndarray = values / np.where(length > 0, length, 1)
    return unit


def _cells(points: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    """float32 (count, d): the centres after a few rounds of spherical k-means."""
    from scipy.sparse import csr_matrix

    centres = points[np.sort(random.choice(len(points), count, replace=False))]
    for _ in range(_ROUNDS):
        closest = _closest(points, np.arange(len(points)), centres)
        ones = np.ones(len(points), dtype=np.float32)
        sums = csr_matrix((ones, (closest, np.arange(len(points)))), shape=(count, len(points))) @ points
        length = np.linalg.norm(sums, axis=1, keepdims=True)
        moved = np.where(length > 1e-6, sums / np.where(length > 1e-6, length, 1), centres)
        if np.abs(moved - centres).max() < 1e-4:
            break
        centres = moved.astype(np.float32)
    return centres


def _closest(values: np.ndarray, rows: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """The centre that is closest in direction to each row, int (len(rows),)."""
    from threadpoolctl import threadpool_limits

    def of(start: int) -> np.ndarray:
        return np.asarray(np.argmax(values[rows[start : start + _BLOCK]] @ centres.T, axis=1))

    with threadpool_limits(1, "blas"), ThreadPoolExecutor(os.cpu_count()) as pool:
        return np.concatenate(list(pool.map(of, range(0, len(rows), _BLOCK))))


def _joined(centres: np.ndarray, size: np.ndarray, regions: int) -> np.ndarray:
    """The region of each cell, numbered by size."""
    from scipy.cluster.hierarchy import fcluster, linkage

    if len(centres) <= regions:
        part = np.arange(len(centres))
    else:
        part = fcluster(linkage(centres.astype(np.float64), "ward"), regions, "maxclust") - 1
    examples = np.bincount(part, size)
    place = np.empty(len(examples), dtype=np.int32)
    place[np.lexsort((np.arange(len(examples)), -examples))] = np.arange(len(examples))
    return place[part]
