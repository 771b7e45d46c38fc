"""Who agrees with whom: every pair of annotators, and how many examples they share."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from analysis.people import Labels, class_values
from analysis.people.agreement_counts import Scale, agreement_weights

_DENSE = 0.1  # above this filling, dense rows multiply faster than sparse ones
_CELLS = 20_000_000


@dataclass(frozen=True)
class Pairs:
    """Symmetric matrices (A, A) over `annotators`, positions in the names of the labels, ascending.

    shared   int64: examples that both labelled; the diagonal counts the annotator's own
    percent  float64: share of those on which they agree (by weight for ordinal and interval); NaN without any
    chance   float64: agreement expected from how often both give each class there
    kappa    float64: Cohen's κ on those examples; NaN without any, or where both gave one and the same class only
    """

    annotators: np.ndarray
    shared: np.ndarray
    percent: np.ndarray
    chance: np.ndarray
    kappa: np.ndarray


def agreement_by_pair(labels: Labels, scale: Scale = "nominal", most: int = 500) -> Pairs:
    """Percent agreement and Cohen's κ of every pair among the `most` annotators with the most labels.

    One product of matrices for each class: with X_k the annotators by examples on which class k was given, X their
    sum and Y_k = Σ_l w_kl X_l, pairs agree on Σ_k X_k Y_kᵀ examples; expected by chance are, over the square of the
    shared examples, Σ_k (X_k Xᵀ) ∘ (Y_k Xᵀ)ᵀ (Cohen 1960, 1968, on the shared examples only).
    """
    given = np.bincount(labels.annotator, minlength=len(labels.annotators))
    chosen = np.sort(np.argsort(-given, kind="stable")[: min(most, np.count_nonzero(given))])
    inside = labels.where(np.isin(labels.annotator, chosen))
    place = np.searchsorted(chosen, inside.annotator)
    weights = agreement_weights(scale, class_values(labels.classes))

    def matrix(values: np.ndarray) -> sparse.csr_array:
        rows = np.flatnonzero(values)
        shape = (len(chosen), len(labels.examples))
        return sparse.csr_array((values[rows], (place[rows], inside.example[rows])), shape=shape)

    everything = matrix(np.ones(len(inside)))
    present = _transposed(everything)
    shared = _product(everything, present)
    agreed, chance = np.zeros(shared.shape), np.zeros(shared.shape)
    for code in np.unique(inside.label):
        exactly = matrix((inside.label == code).astype(float))
        nearly = exactly if weights is None else matrix(weights[code, inside.label])
        agreed += _product(exactly, _transposed(nearly))
        margin = _product(exactly, present)
        chance += margin * (margin if weights is None else _product(nearly, present)).T
    with np.errstate(divide="ignore", invalid="ignore"):
        percent, chance = np.where(shared > 0, agreed / shared, np.nan), chance / shared**2
        kappa = np.where(1 - chance > 1e-12, (percent - chance) / (1 - chance), np.nan)
    return Pairs(chosen, np.rint(shared).astype(np.int64), percent, chance, kappa)


def joint_table(labels: Labels, first: int, second: int) -> np.ndarray:
    """How often annotator `first` gave class k where `second` gave l, int64 (K, K), over the examples they share."""
    classes = len(labels.classes)
    mine, theirs = labels.annotator == first, labels.annotator == second
    _, a, b = np.intersect1d(labels.example[mine], labels.example[theirs], assume_unique=True, return_indices=True)
    cells = labels.label[mine][a].astype(np.int64) * classes + labels.label[theirs][b]
    return np.bincount(cells, minlength=classes**2).reshape(classes, classes)


def _transposed(matrix: sparse.csr_array) -> np.ndarray | sparse.csr_array:
    """Examples by annotators, dense where that multiplies faster."""
    cells = matrix.shape[0] * matrix.shape[1]
    return matrix.toarray().T if matrix.nnz > _DENSE * cells and cells < _CELLS else matrix.T.tocsr()


def _product(first: sparse.csr_array, second: np.ndarray | sparse.csr_array) -> np.ndarray:
    product = first @ second
    return np.asarray(product.toarray() if sparse.issparse(product) else product)
