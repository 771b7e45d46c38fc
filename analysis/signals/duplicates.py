"""Texts that say the same, or almost the same: found once, shared by every check on duplicates.

Examples with the same text form one group; a pair is two groups whose texts are almost the same. So a text that
occurs a hundred thousand times costs as much as one that occurs once.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.signals.neighbours import Neighbours

FARTHEST = 0.3  # cosine distance up to which neighbours are compared letter by letter
NEAR_DISTANCE, NEAR_OVERLAP = 0.2, 0.85  # what counts as almost the same, unless somebody says otherwise
_LONGEST = 20_000  # characters of a text that are compared
_CHUNK = 4_000_000  # characters compared at a time; keeps memory flat
_COLUMNS = 1 << 22  # three-letter pieces are told apart by a hash of this many values

_SIGNS = str.maketrans("‘’“”‐‑–—", "''\"\"----")

Pairs = tuple[np.ndarray, np.ndarray, np.ndarray]  # left, right, similarity


@dataclass(frozen=True)
class Duplicates:
    """Groups of examples with the same text, and pairs of groups with almost the same text.

    group       int64 (n,): the group of each example, numbered in the order of their first ids; -1 without text
    order       int64: the rows of all examples with text, group by group, in order of ids within each
    start       int64 (g + 1,): the examples of group g are order[start[g]:start[g + 1]]
    left, right int64 (m,): the groups of each pair, left < right, in ascending order
    similarity  float32 (m,): 1 - cosine distance of the vectors, in [-1, 1]
    overlap     float32 (m,): share of three-letter pieces that both texts have, in [0, 1]
    """

    group: np.ndarray
    order: np.ndarray
    start: np.ndarray
    left: np.ndarray
    right: np.ndarray
    similarity: np.ndarray
    overlap: np.ndarray

    @property
    def first(self) -> np.ndarray:
        """int64 (g,): the row of the example that stands for each group, the one with the first id."""
        return np.asarray(self.order[self.start[:-1]])

    @property
    def size(self) -> np.ndarray:
        """int64 (g,): examples in each group."""
        return np.diff(self.start)

    def closest(self) -> np.ndarray:
        """float32 (g,): the largest overlap of each group with another, 0 where there is no pair."""
        best = np.zeros(len(self.start) - 1, dtype=np.float32)
        for side in (self.left, self.right):
            np.maximum.at(best, side, self.overlap)
        return best

    def partners(self, *, max_distance: float, min_overlap: float) -> "Partners":
        """The groups that say almost the same as each group; max_distance above `FARTHEST` finds no more."""
        near = (self.similarity >= 1 - max_distance) & (self.overlap >= min_overlap)
        source = np.concatenate([self.left[near], self.right[near]])
        group = np.concatenate([self.right[near], self.left[near]])
        similarity, overlap = np.tile(self.similarity[near], 2), np.tile(self.overlap[near], 2)
        order = np.lexsort((group, -similarity, -overlap, source))
        start = np.searchsorted(source[order], np.arange(len(self.start)))
        return Partners(start, group[order], similarity[order], overlap[order])


@dataclass(frozen=True)
class Partners:
    """For group g, entries start[g] to start[g + 1]: the groups almost the same, most overlap first."""

    start: np.ndarray
    group: np.ndarray
    similarity: np.ndarray
    overlap: np.ndarray

    @property
    def source(self) -> np.ndarray:
        """int64: the group that each entry belongs to."""
        return np.repeat(np.arange(len(self.start) - 1), np.diff(self.start))

    def best(self, allowed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The groups that have an allowed partner (bool, one per entry), and the entry of the best one of each."""
        entries = np.flatnonzero(allowed)
        groups, at = np.unique(self.source[entries], return_index=True)
        return groups, entries[at]


def find_duplicates(texts: Sequence[str], ids: pd.Index, neighbours: Neighbours | None) -> Duplicates:
    """Groups and pairs among texts; `ids` only decide which example stands for its group (r2 before r10).

    The same text: equal after Unicode normalisation (NFC) and with every run of white space as one space; capitals
    count. Almost the same: nearest neighbours up to a cosine distance of `FARTHEST`, compared by the Sørensen–Dice
    coefficient of their sets of three-letter pieces, capitals ignored; and, wherever they lie, texts that differ in
    nothing but capitals, typographic quotation marks and dashes, and Unicode compatibility forms (NFKC). Texts of
    white space alone are in no group.
    """
    folded = _folded(texts)
    group, order, start = _grouped(folded, ids)
    loose = [
        unicodedata.normalize("NFKC", text).translate(_SIGNS).casefold() for text in folded[order[start[:-1]]].tolist()
    ]
    left, right, similarity = _unique_pairs(_neighbouring(group, neighbours), _alike(loose))
    return Duplicates(group, order, start, left, right, similarity, _overlap(loose, left, right))


def near_groups(
    found: Duplicates, *, max_distance: float = NEAR_DISTANCE, min_overlap: float = NEAR_OVERLAP
) -> np.ndarray:
    """int64 (n,): equal for examples that are linked by a chain of same or almost the same texts.

    Examples without text are alone.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    near = (found.similarity >= 1 - max_distance) & (found.overlap >= min_overlap)
    groups = len(found.start) - 1
    links = csr_array((np.ones(int(near.sum()), np.int8), (found.left[near], found.right[near])), (groups, groups))
    count, component = connected_components(links, directed=False)
    linked = np.where(found.group >= 0, component[found.group], 0).astype(np.int64) if groups else found.group.copy()
    alone = np.flatnonzero(found.group < 0)
    linked[alone] = count + np.arange(len(alone))
    return linked


def _folded(texts: Sequence[str]) -> np.ndarray:
    folded = np.empty(len(texts), dtype=object)
    folded[:] = [" ".join(unicodedata.normalize("NFC", text).split()) for text in texts]
    return folded


def _grouped(folded: np.ndarray, ids: pd.Index) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`group`, `order` and `start` of `Duplicates`."""
    names = np.asarray(ids, dtype=object)
    by_id = np.lexsort((pd.factorize(names, sort=True)[0], np.fromiter(map(len, names), np.int64, len(names))))
    by_id = by_id[folded[by_id] != ""]
    numbers, _ = pd.factorize(folded[by_id])
    group = np.full(len(folded), -1, dtype=np.int64)
    group[by_id] = numbers
    sorted_by_group = np.argsort(numbers, kind="stable")
    start = np.searchsorted(numbers[sorted_by_group], np.arange(numbers.max(initial=-1) + 2))
    return group, by_id[sorted_by_group], start


def _neighbouring(group: np.ndarray, neighbours: Neighbours | None) -> Pairs:
    """Pairs of different groups that are neighbours; a pair may come up more than once."""
    if neighbours is None or not neighbours.position.size:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32)
    row, column = np.nonzero(neighbours.distance <= FARTHEST)
    one, other = group[row], group[neighbours.position[row, column]]
    pair = (one != other) & (one >= 0) & (other >= 0)
    similarity = np.clip(1 - neighbours.distance[row, column], -1, 1).astype(np.float32)
    return np.minimum(one, other)[pair], np.maximum(one, other)[pair], similarity[pair]


def _alike(loose: Sequence[str]) -> Pairs:
    """Pairs of groups with equal loose texts: each with the first of its kind."""
    kind, _ = pd.factorize(np.array(loose, dtype=object))
    first = np.unique(kind, return_index=True)[1]
    later = np.setdiff1d(np.arange(len(kind)), first)
    return first[kind[later]], later, np.ones(len(later), np.float32)


def _unique_pairs(*several: Pairs) -> Pairs:
    """Each pair once, in ascending order, with the largest similarity that it came with."""
    left, right, similarity = (np.concatenate(parts) for parts in zip(*several, strict=True))
    order = np.lexsort((-similarity, right, left))
    left, right, similarity = left[order], right[order], similarity[order]
    new = np.ones(len(left), dtype=bool)
    new[1:] = (left[1:] != left[:-1]) | (right[1:] != right[:-1])
    return left[new], right[new], similarity[new]


def _overlap(texts: Sequence[str], left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Sørensen–Dice coefficient 2 |A ∩ B| / (|A| + |B|) of the sets of three-letter pieces of each pair."""
    lengths = np.minimum(np.fromiter(map(len, texts), np.int64, len(texts)), _LONGEST)
    overlap = np.empty(len(left), dtype=np.float32)
    if not len(left):
        return overlap
    chunk = np.cumsum(lengths[left] + lengths[right]) // _CHUNK
    for part in np.split(np.arange(len(left)), np.flatnonzero(np.diff(chunk)) + 1):
        used, at = np.unique(np.concatenate([left[part], right[part]]), return_inverse=True)
        pieces = _pieces([texts[group][:_LONGEST] for group in used])
        count = pieces.sum(axis=1)
        one, other = at[: len(part)], at[len(part) :]
        both = pieces[one].multiply(pieces[other]).sum(axis=1)
        overlap[part] = 2 * both / (count[one] + count[other])
    return overlap


def _pieces(texts: Sequence[str]) -> Any:
    """Which three-letter pieces each text has, a space added at either end: 0 or 1, int32 (texts, `_COLUMNS`)."""
    from scipy.sparse import csr_array

    spaced = [f" {text} " for text in texts]
    letters = np.frombuffer("".join(spaced).encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    lengths = np.fromiter(map(len, spaced), np.int64, len(spaced))
    row = np.repeat(np.arange(len(spaced)), lengths)
    within = row[2:] == row[:-2]
    code = (letters[:-2] * np.uint64(0x9E3779B97F4A7C15)) ^ (letters[1:-1] * np.uint64(0xC2B2AE3D27D4EB4F))
    code = (code ^ (letters[2:] * np.uint64(0x165667B19E3779F9))) >> np.uint64(64 - 22)
    keys = np.sort(row[2:][within] * _COLUMNS + code[within].astype(np.int64))
    keys = keys[np.diff(keys, prepend=-1) > 0]
    start = np.searchsorted(keys, np.arange(len(spaced) + 1) * _COLUMNS)
    ones = np.ones(len(keys), dtype=np.int32)
    return csr_array((ones, (keys % _COLUMNS).astype(np.int32), start.astype(np.int32)), shape=(len(spaced), _COLUMNS))
