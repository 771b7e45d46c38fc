"""Multinomial logistic regression, one model per fold, fast because every step has a fixed price in matrix products.

The curvature of the loss is bounded once by ½ XᵀX (Böhning & Lindsay 1988; Böhning 1992), so its inverse serves every
step and every class; steps are accelerated as Nesterov (1983) does. A few steps are enough, and better than many: what
more of them would fit is mostly the noise in the labels.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

STEPS = 16
_STRENGTH = 0.5  # of the ridge penalty, over the number of training examples
_BLOCK = 1_024  # rows at a time: they stay in a core's cache between the two products that need them


def held_out_logits(
    features: list[np.ndarray], labels: np.ndarray, fold: np.ndarray, classes: int, tell: Callable[[float], None]
) -> np.ndarray:
    """float32 (n, classes): for each row, the logits of the model that was trained on all other folds.

    features: float32 (n, d) each, read side by side; the list is emptied, so that what nobody else holds makes room.
    labels int (n,), -1 for rows that no model is trained on: they get the mean logits of all models; fold int (n,) from
    0, any value where the label is -1.
    """
    from threadpoolctl import threadpool_limits

    trained = np.flatnonzero(labels >= 0)
    trained = trained[np.argsort(fold[trained], kind="stable")]
    others = np.flatnonzero(labels < 0)
    everyone = _side_by_side(features, np.concatenate([trained, others]))
    x, y = everyone[: len(trained)], labels[trained]
    folds = int(fold[trained].max()) + 1
    border = np.searchsorted(fold[trained], np.arange(folds + 1))
    logits = np.empty((len(labels), classes), dtype=np.float32)
    logits[others] = 0
    rows = [slice(border[k], border[k + 1]) for k in range(folds)]

    def judge(k: int) -> np.ndarray:
        """The weights of the model that has not seen fold k; its logits go where they belong."""
        gram = np.sum([product for j, product in enumerate(products) if j != k], axis=0)
        weights = _fit(x, y, [slice(0, border[k]), slice(border[k + 1], len(x))], gram, classes)
        logits[trained[rows[k]]] = x[rows[k]] @ weights
        return weights

    # One thread a fold: matrix products that share their threads wait for each other wherever a core is busy.
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(os.cpu_count()) as pool:
        products = list(pool.map(lambda part: _product(x[part]), rows))
        for k, weights in enumerate(pool.map(judge, range(folds))):
            for start in range(0, len(others), _BLOCK):
                some = others[start : start + _BLOCK]
                at = len(trained) + start
                logits[some] += everyone[at : at + len(some)] @ weights / folds
            tell((k + 1) / folds)
    return logits


def _side_by_side(features: list[np.ndarray], order: np.ndarray) -> np.ndarray:
    """The rows in this order and a column of ones, without a second copy on the way: they may be gigabytes."""
    width = sum(part.shape[1] for part in features)
    together = np.ones((len(order), width + 1), dtype=np.float32)
    column = 0
    while features:
        part = features.pop(0)
        for start in range(0, len(order), _BLOCK):
            some = slice(start, start + _BLOCK)
            together[some, column : column + part.shape[1]] = part[order[some]]
        column += part.shape[1]
    return together


def _product(x: np.ndarray) -> np.ndarray:
    product: np.ndarray = x.T @ x
    return product


def _fit(x: np.ndarray, y: np.ndarray, rest: list[slice], gram: np.ndarray, classes: int) -> np.ndarray:
    """float32 (d, classes): the weights after `STEPS` steps on the rows of `rest`, whose XᵀX is `gram`."""
    n = int(sum(part.stop - part.start for part in rest))  # numpy's own numbers would make everything float64
    penalty = _STRENGTH / n
    bound = 0.5 * gram.astype(np.float64) / n + penalty * np.eye(len(gram))
    inverse = np.linalg.inv(bound).astype(np.float32)
    weights = np.zeros((x.shape[1], classes), dtype=np.float32)
    ahead, momentum = weights, 1.0
    for _ in range(STEPS):
        gradient = _gradient(x, y, rest, ahead) / n + penalty * ahead
        stepped = ahead - inverse @ gradient
        grown = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead = stepped + np.float32((momentum - 1) / grown) * (stepped - weights)
        weights, momentum = stepped, grown
    return weights


def _gradient(x: np.ndarray, y: np.ndarray, rest: list[slice], weights: np.ndarray) -> np.ndarray:
    """The gradient of the summed log loss, block by block."""
    total = np.zeros_like(weights)
    for part in rest:
        for start in range(part.start, part.stop, _BLOCK):
            rows = slice(start, min(start + _BLOCK, part.stop))
            p = softmax(x[rows] @ weights)
            p[np.arange(len(p)), y[rows]] -= 1
            total += x[rows].T @ p
    return total


def softmax(logits: np.ndarray) -> np.ndarray:
    """Rows of probabilities, in place of the logits."""
    logits -= logits.max(axis=1, keepdims=True)
    np.exp(logits, out=logits)
    logits /= logits.sum(axis=1, keepdims=True)
    return logits
