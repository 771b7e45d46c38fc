"""Counting votes, deciding by them with stated ties, and what all models of a crowd share."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.people import Labels

TIE = 1e-9  # two classes this near to each other are tied

Emission = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Fit:
    """What a model of a crowd has learnt.

    posterior   float64 (E, K): probability of each class for each example; rows sum to 1
    emission    (annotator codes (m,), label codes (m,)) → float64 (m, K): probability of that label from that
                annotator if the true class is k
    likelihood  log-likelihood of the labels under the model
    """

    posterior: np.ndarray
    emission: Emission
    likelihood: float


def count_votes(labels: Labels, weights: np.ndarray | None = None) -> np.ndarray:
    """Labels of each class on each example, float64 (E, K), each counted by its weight (n,)."""
    shape = (len(labels.examples), len(labels.classes))
    cell = labels.example.astype(np.int64) * shape[1] + labels.label
    return np.bincount(cell, weights, minlength=shape[0] * shape[1]).astype(float, copy=False).reshape(shape)


def shares(votes: np.ndarray) -> np.ndarray:
    """Votes (E, K) as shares; examples without a vote get the class frequencies."""
    number = votes.sum(axis=1, keepdims=True)
    return np.where(number > 0, votes / np.maximum(number, 1e-300), frequencies(votes))


def frequencies(votes: np.ndarray) -> np.ndarray:
    """How common each class is, float64 (K,), with one imagined vote for each."""
    counted = votes.sum(axis=0) + 1
    return np.asarray(counted / counted.sum())


def decide(posterior: np.ndarray, common: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The likeliest class of each example (int64) and whether it was tied (bool).

    Of tied classes the one that is more common among all labels wins (`common`, (K,)), then the first in order.
    """
    tied = posterior >= posterior.max(axis=1, keepdims=True) - TIE
    several = tied.sum(axis=1) > 1
    chosen = posterior.argmax(axis=1)
    chosen[several] = np.where(tied[several], common, -1.0).argmax(axis=1)
    return chosen, several


def one_coin_emission(right: np.ndarray, label: np.ndarray, classes: int) -> np.ndarray:
    """Probability of each label (m,) if the true class is k, (m, K): `right` (m,) on k, else the rest spread evenly."""
    table = np.repeat(((1 - right) / max(classes - 1, 1))[:, None], classes, axis=1)
    table[np.arange(len(label)), label] = right
    return table


def normalise(score: np.ndarray) -> tuple[np.ndarray, float]:
    """Log scores (E, K) as probabilities, in place, and the sum over examples of the log of their totals."""
    top = score.max(axis=1, keepdims=True)
    score -= top
    np.exp(score, out=score)
    total = score.sum(axis=1, keepdims=True)
    score /= total
    return score, float((np.log(total) + top).sum())


def stands_still(before: float, after: float) -> bool:
    """Whether a log-likelihood changed by less than a millionth of itself."""
    return abs(after - before) <= 1e-6 * abs(after)
