"""Which words and which pairs of words a text has: n-grams, weighted, then folded into a few hundred numbers.

Latent semantic analysis (Deerwester et al. 1990) of hashed n-grams. The units are word pieces, or single characters
where a script has no pieces.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from analysis.signals.pieces import LONGEST

_COLUMNS = 20  # n-grams are told apart by a hash of this many bits
_BATCH = 20_000  # characters of so many texts are in memory as numbers at a time
_FITTED = 10_000  # texts that the folding is learned from; all are folded
_MIX = np.uint64(0x9E3779B97F4A7C15)
_SEED = 0

Units = Iterable[
    tuple[np.ndarray, np.ndarray]
]  # batches of int64 units one after the other, and how many each text has


def weighted_grams(units: Units, longest: int) -> Any:
    """float32 CSR (n, n-grams), rows of length 1, empty without a known n-gram: all n-grams of 1 to `longest` units.

    Weighted by (1 + log count) × inverse document frequency; n-grams of a single text count for nothing.
    """
    from scipy.sparse import vstack

    return _weighted(vstack([_counts(flat, lengths, longest) for flat, lengths in units], format="csr"))


def folded(weighted: Any, width: int) -> np.ndarray:
    """float32 (n, d ≤ width), rows of length 1, zeros where a row is empty: the n-grams' leading directions."""
    from threadpoolctl import threadpool_limits

    width = min(width, weighted.shape[0] - 1, weighted.shape[1] - 1)
    if width < 1:
        return np.zeros((weighted.shape[0], 1), dtype=np.float32)
    with threadpool_limits(1, "blas"):  # many small steps: threads would wait for each other longer than they work
        values = np.asarray(weighted @ _axes(weighted, width), dtype=np.float32)
    length = np.linalg.norm(values, axis=1, keepdims=True)
    unit: np.ndarray = np.divide(values, length, out=np.zeros_like(values), where=length > 1e-6)
    return unit


def characters(texts: Sequence[str]) -> Units:
    """The units of texts without word pieces: their characters, in lower case."""
    for start in range(0, len(texts), _BATCH):
        batch = [text[:LONGEST].lower() for text in texts[start : start + _BATCH]]
        lengths = np.fromiter(map(len, batch), np.int64, len(batch))
        points = np.frombuffer("".join(batch).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        yield points.astype(np.int64), lengths


def _counts(flat: np.ndarray, lengths: np.ndarray, longest: int) -> Any:
    """How often each text has each n-gram: float32 CSR (texts, 2 ** `_COLUMNS`)."""
    from scipy.sparse import csr_matrix

    row = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
    state = flat.astype(np.uint64)
    rows, columns = [], []
    for size in range(1, min(longest, len(flat)) + 1):
        if size > 1:
            state = state[:-1] * _MIX + flat[size - 1 :].astype(np.uint64) + np.uint64(size)
        within = row[size - 1 :] == row[: len(row) - size + 1]
        mixed = (state[within] + np.uint64(size)) * np.uint64(0xD6E8FEB86659FD93)
        rows.append(row[size - 1 :][within])
        columns.append((mixed >> np.uint64(64 - _COLUMNS)).astype(np.int32))
    if not rows:
        return csr_matrix((len(lengths), 1 << _COLUMNS), dtype=np.float32)
    at, which = np.concatenate(rows), np.concatenate(columns)
    counts = csr_matrix((np.ones(len(at), np.float32), (at, which)), shape=(len(lengths), 1 << _COLUMNS))
    counts.sum_duplicates()
    return counts


def _weighted(counts: Any) -> Any:
    """TF-IDF with rows of length 1, over the n-grams that two texts or more have."""
    texts = counts.shape[0]
    found_in = np.bincount(counts.indices, minlength=counts.shape[1])
    kept = np.flatnonzero(found_in >= 2)
    rarity = np.log((1 + texts) / (1 + found_in[kept])) + 1
    weighted = counts[:, kept]
    weighted.data = (1 + np.log(weighted.data)) * rarity[weighted.indices].astype(np.float32)
    row = np.repeat(np.arange(texts, dtype=np.int32), np.diff(weighted.indptr))
    length = np.sqrt(np.bincount(row, weights=weighted.data**2, minlength=texts)).astype(np.float32)
    weighted.data /= np.maximum(length, 1e-9)[row]
    return weighted


def _axes(weighted: Any, width: int) -> np.ndarray:
    """float32 (columns, width): the leading right singular vectors, by a randomised range finder with one power
    iteration (Halko, Martinsson & Tropp 2011, algorithm 4.4).
    """
    random = np.random.default_rng(_SEED)
    n = weighted.shape[0]
    sample = weighted if n <= _FITTED else weighted[np.sort(random.choice(n, _FITTED, replace=False))]
    transposed = sample.T.tocsr()
    start = random.standard_normal((sample.shape[1], min(width + 20, *sample.shape)), dtype=np.float32)
    basis, _ = np.linalg.qr(sample @ start)
    basis, _ = np.linalg.qr(sample @ (transposed @ basis))
    small = transposed @ basis
    strengths, turn = np.linalg.eigh(small.T @ small)
    strengths, turn = strengths[::-1][:width], turn[:, ::-1][:, :width]
    real = strengths > max(float(strengths[0]), 1e-12) * 1e-6
    return np.asarray((small @ turn[:, real]) / np.sqrt(strengths[real]), dtype=np.float32)
