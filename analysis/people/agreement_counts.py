"""What agreement statistics are made of: examples counted by the pattern of labels they got.

All statistics of agreement among any number of annotators depend on the labels of an example only through how many
annotators gave each class. Examples with the same counts are therefore one *pattern* with a weight, and a bootstrap by
example redraws the weights (a multinomial draw) instead of computing anything again from the labels.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import sparse

from analysis.people import Labels, class_values

_CHUNK = 8_000_000  # numbers held at once while resampling, 64 MB


Scale = Literal["nominal", "ordinal", "interval"]


@dataclass(frozen=True)
class Patterns:
    """Distinct rows of label counts, and what each contributes to the sums.

    counts    float64 sparse (P, K): annotators who gave each class
    size      float64 (P,): labels per example, ≥ 1
    weight    float64 (P,): examples with this pattern
    scale     whether classes are names, ranks or numbers; `values` float64 (K,) are the numbers
    features  float64 sparse (P, 3 K + 3): one example's part in the linear sums of `Totals`
    """

    counts: sparse.csr_array
    size: np.ndarray
    weight: np.ndarray
    scale: Scale
    values: np.ndarray
    features: sparse.csr_array


@dataclass(frozen=True)
class Totals:
    """Sums over examples from which every statistic follows; all arrays may have one leading axis of resamples.

    doubled       examples with two labels or more
    agreement     Σ over those of the weighted share of agreeing pairs (Gwet 2014, chapter 5)
    rated         examples with a label
    shares        (…, K): Σ over examples of the share of its labels that is class k
    pairable      (…, K): labels of class k on doubled examples, Krippendorff's n_c
    coinciding    (…, K): the diagonal o_cc of Krippendorff's coincidence matrix
    disagreement  Σ o_ck δ²_ck, Krippendorff's observed disagreement times n
    """

    doubled: np.ndarray
    agreement: np.ndarray
    rated: np.ndarray
    shares: np.ndarray
    pairable: np.ndarray
    coinciding: np.ndarray
    disagreement: np.ndarray


def patterns(labels: Labels, scale: Scale) -> Patterns:
    """The distinct patterns of an annotated dataset. Exact: examples are grouped by their sorted labels."""
    order = np.lexsort((labels.label, labels.example))
    label = labels.label[order]
    _, start, length = np.unique(labels.example[order], return_index=True, return_counts=True)
    tables, weights, sizes = [], [], []
    for n in np.unique(length):
        table, weight = _distinct(label[start[length == n][:, None] + np.arange(n)], len(labels.classes))
        tables.append(table.ravel())
        weights.append(weight)
        sizes.append(np.full(len(weight), n))
    size = np.concatenate(sizes)
    owner = np.repeat(np.arange(len(size)), size)
    shape = (len(size), len(labels.classes))
    counts = sparse.csr_array((np.ones(len(owner)), (owner, np.concatenate(tables))), shape=shape)
    counts.sum_duplicates()
    values = class_values(labels.classes)
    features = _features(counts, size.astype(float), agreement_weights(scale, values))
    return Patterns(counts, size.astype(float), np.concatenate(weights).astype(float), scale, values, features)


def totals(found: Patterns, weights: np.ndarray) -> Totals:
    """The sums for one row of weights (P,) or for many (B, P)."""
    classes = found.counts.shape[1]
    sums = np.asarray(weights @ found.features)
    pairable, same = sums[..., :classes], sums[..., 2 * classes : 3 * classes]
    return Totals(
        doubled=sums[..., -3],
        agreement=sums[..., -2],
        rated=sums[..., -1],
        shares=sums[..., classes : 2 * classes],
        pairable=pairable,
        coinciding=same,
        disagreement=_disagreement(found, weights, pairable, same),
    )


def scale_points(found: Patterns, pairable: np.ndarray) -> np.ndarray:
    """The numbers whose squared distance is Krippendorff's δ² (2011, section D), float64 like `pairable` (…, K).

    Interval: the values of the classes. Ordinal: δ²_ck = (Σ_{g=c}^{k} n_g - (n_c + n_k)/2)², which is the squared
    distance of mid-ranks, so it depends on the labels and is made anew for every resample.
    """
    if found.scale == "interval":
        return np.broadcast_to(found.values - found.values.mean(), pairable.shape)
    return np.cumsum(pairable, axis=-1) - pairable / 2


def resampled(found: Patterns, resamples: int, seed: int) -> Iterator[np.ndarray]:
    """Weights (B, P) of bootstrap samples of examples, in chunks that fit in memory."""
    generator = np.random.default_rng(seed)
    number = int(found.weight.sum())
    owner = np.repeat(np.arange(len(found.weight)), found.weight.astype(int))
    step = max(1, _CHUNK // len(found.weight))
    by_pattern = len(found.weight) * 20 < number
    for start in range(0, resamples, step):
        rows = min(step, resamples - start)
        if by_pattern:
            yield generator.multinomial(number, found.weight / number, size=rows).astype(float)
        else:
            drawn = (owner[generator.integers(0, number, number)] for _ in range(rows))
            yield np.array([np.bincount(row, minlength=len(found.weight)) for row in drawn], dtype=float)


def agreement_weights(scale: Scale, values: np.ndarray) -> np.ndarray | None:
    """How far two classes agree, float64 (K, K) in [0, 1] with ones on the diagonal; None is the identity.

    Ordinal: linear in the positions of the classes, 1 - |k - l| / (K - 1). Interval: quadratic in their values,
    1 - (v_k - v_l)² / (v_max - v_min)² (Cohen 1968; Gwet 2014, chapter 3).
    """
    if scale == "nominal" or len(values) < 2:
        return None
    points = np.arange(len(values), dtype=float) if scale == "ordinal" else values
    distance = np.abs(points[:, None] - points[None, :]) / (points.max() - points.min())
    return np.asarray(1 - (distance if scale == "ordinal" else distance**2))


def _distinct(table: np.ndarray, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Distinct rows and how often each occurs; rows that fit in one integer are compared as one."""
    width = table.shape[1]
    if classes**width < 2**62:
        key = table @ (classes ** np.arange(width, dtype=np.int64))
        _, first, weight = np.unique(key, return_index=True, return_counts=True)
        return table[first], weight
    distinct, weight = np.unique(table, axis=0, return_counts=True)
    return distinct, weight


def _features(counts: sparse.csr_array, size: np.ndarray, weights: np.ndarray | None) -> sparse.csr_array:
    doubled = (size >= 2).astype(float)
    others = _one_over_others(size)
    alike = np.asarray(counts.multiply(_smoothed(counts, weights)).sum(axis=1)) - size
    sums = sparse.csr_array(np.c_[doubled, alike * others / size, np.ones(len(size))])
    squares = counts.multiply(counts) - counts
    parts = [_scaled(counts, doubled), _scaled(counts, 1 / size), _scaled(squares, others), sums]
    return sparse.csr_array(sparse.hstack(parts, format="csr"))


def _one_over_others(size: np.ndarray) -> np.ndarray:
    return np.where(size >= 2, 1 / np.maximum(size - 1, 1), 0.0)


def _scaled(matrix: sparse.csr_array, factor: np.ndarray) -> sparse.csr_array:
    return sparse.diags_array(factor).tocsr() @ matrix


def _smoothed(counts: sparse.csr_array, weights: np.ndarray | None) -> sparse.csr_array:
    """Gwet's r*: for every class that an example got, how many of its labels agree with it, counted by weight."""
    if weights is None:
        return counts
    entries = counts.tocoo()
    found = np.empty(len(entries.data))
    step = max(1, _CHUNK // counts.shape[1])
    for start in range(0, counts.shape[0], step):
        inside = slice(*counts.indptr[[start, min(start + step, counts.shape[0])]])
        block = counts[start : start + step] @ weights
        found[inside] = block[entries.row[inside] - start, entries.col[inside]]
    return sparse.csr_array((found, counts.indices, counts.indptr), shape=counts.shape)


def _disagreement(found: Patterns, weights: np.ndarray, pairable: np.ndarray, same: np.ndarray) -> np.ndarray:
    """Σ_ck o_ck δ²_ck, through 2 Σ_c n_c v_c² - 2 Σ_p w_p ((Σ_c n_pc v_c)² - Σ_c n_pc v_c²) / (n_p - 1)."""
    if found.scale == "nominal":
        return np.asarray(pairable.sum(axis=-1) - same.sum(axis=-1))
    points = scale_points(found, pairable)
    sums, squares = found.counts @ points.T, found.counts @ (points.T**2)
    within = (weights * (sums**2 - squares).T) @ _one_over_others(found.size)
    return np.asarray(2 * (pairable * points**2).sum(axis=-1) - 2 * within)
