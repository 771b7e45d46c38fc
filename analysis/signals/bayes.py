"""Multinomial naive Bayes on n-grams: every one of them counts, also those that are too rare for a folded vector.

Tuned to nothing but its smoothing, and cheap, because what one fold adds to the sums is subtracted again for it. On
weighted counts as in Rennie, Shih, Teevan & Karger 2003 (section 4), without their normalisation over labels.
"""

from typing import Any

import numpy as np

from analysis.signals.folds import grouped_folds

FOLDS = 10  # nothing is fitted step by step, so more folds than the linear model has cost next to nothing
SMOOTHING = 0.01  # weight of every n-gram in every label before any is seen
_BLOCK = 20_000  # rows whose products are in memory at a time


def word_logits(weighted: Any, labels: np.ndarray, groups: np.ndarray, classes: int) -> np.ndarray:
    """float32 (n, classes): for each row the log likelihood of its n-grams under each label, as far as the other folds
    know them; not normalised, zeros where no n-gram is known.

    weighted float32 CSR (n, n-grams), not negative; labels int (n,), -1 for rows that teach nothing: they are judged
    by all others; groups int (n,): rows with the same number share a fold.
    """
    n, width = weighted.shape
    if not width:
        return np.zeros((n, classes), dtype=np.float32)
    fold = np.full(n, -1, dtype=np.int8)
    taught = labels >= 0
    fold[taught] = grouped_folds(labels[taught], groups[taught], FOLDS)
    rows = [np.flatnonzero(fold == k) for k in range(FOLDS)]
    parts = [_sums(weighted[some], labels[some], classes) for some in rows]
    everything = sum(parts[1:], parts[0])
    logits = np.empty((n, classes), dtype=np.float32)
    for some, part in zip(rows, parts, strict=True):
        _judge(weighted, some, everything - part, width, logits)
    _judge(weighted, np.flatnonzero(~taught), everything, width, logits)
    return logits


def _sums(weighted: Any, labels: np.ndarray, classes: int) -> Any:
    """CSR (n-grams, classes): the weight of each n-gram in the rows of each label."""
    from scipy.sparse import csr_matrix

    one = csr_matrix((np.ones(len(labels), np.float32), (np.arange(len(labels)), labels)), shape=(len(labels), classes))
    return (weighted.T @ one).tocsr()


def _judge(weighted: Any, rows: np.ndarray, sums: Any, width: int, logits: np.ndarray) -> None:
    """Write the logits of `rows`. An n-gram that a label never had differs from all others like it by nothing, so only
    what it is more than that is multiplied out: the matrix of logarithms stays as sparse as the sums.
    """
    total = np.asarray(sums.sum(axis=0), dtype=np.float32).ravel()
    sums.data = np.log1p(np.maximum(sums.data, 0) / np.float32(SMOOTHING))
    absent = np.log(SMOOTHING) - np.log(total + SMOOTHING * width)
    for start in range(0, len(rows), _BLOCK):
        some = rows[start : start + _BLOCK]
        part = weighted[some]
        logits[some] = (part @ sums).toarray() + np.asarray(part.sum(axis=1)) * absent
