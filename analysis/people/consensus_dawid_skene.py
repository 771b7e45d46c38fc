"""Dawid and Skene's model of a crowd, and its one-coin form, by expectation maximisation.

A. P. Dawid, A. M. Skene, "Maximum likelihood estimation of observer error-rates using the EM algorithm",
Applied Statistics 28 (1979), section 2 and eq. 2.3-2.5. Annotator a gives label l to an example of class t with
probability π_a[t, l], independently of everybody else. Here each row of π_a has a Dirichlet prior whose mean is the
crowd's own confusion, so that an annotator with few labels is judged like the others (B. Carpenter,
"Multilevel Bayesian models of categorical data annotation", 2008).
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from analysis.errors import UserError
from analysis.people import Labels
from analysis.people.consensus_votes import (
    Fit,
    count_votes,
    frequencies,
    normalise,
    one_coin_emission,
    shares,
    stands_still,
)

MOST_CELLS = 50_000_000  # numbers in all confusion matrices together, 400 MB


@dataclass(frozen=True)
class Prior:
    """What is assumed before any label is seen.

    labels    imagined labels, shaped like the crowd's own, that each annotator brings along; infinite means that all
              annotators are alike
    level     every class is taken to be as common as every other, instead of as common as it turns out to be
    rounds    iterations after which fitting stops in any case
    """

    labels: float
    level: bool = False
    rounds: int = 100


FULL, COIN = Prior(4.0), Prior(10.0)  # best on simulated crowds
SHARED, VOTE = Prior(float("inf")), Prior(float("inf"), level=True)


def dawid_skene(labels: Labels, weights: np.ndarray | None = None, prior: Prior = FULL) -> Fit:
    """The full model: one confusion matrix for each annotator.

    `weights` (n,) in (0, 1] says how much of each label counts as evidence of its own. It starts from the shares of
    votes and stops when the log-likelihood stands still. O(n K) per iteration; memory A K² + E K.
    Raises UserError when the confusion matrices would need too much memory.
    """
    people, classes = len(labels.annotators), len(labels.classes)
    if people * classes**2 > MOST_CELLS:
        raise UserError(
            f"{people:,} annotators times {classes:,} classes are too many for confusion matrices.",
            "Choose one_coin or mace, which need one row for each annotator.",
        )
    used = _indicator(labels, weights)
    posterior = shares(count_votes(labels, weights))
    likelihood = -np.inf
    confusion = np.empty((people, classes, classes))
    for _ in range(prior.rounds):
        confusion = _confusion(used, posterior, classes, prior.labels)
        score = used @ np.log(confusion).reshape(-1, classes)
        score += np.log(frequencies(posterior))
        posterior, new = normalise(score)
        done, likelihood = stands_still(likelihood, new), new
        if done:
            break

    def emission(annotator: np.ndarray, label: np.ndarray) -> np.ndarray:
        return np.asarray(confusion[annotator, label])

    return Fit(posterior, emission, likelihood)


def one_coin(labels: Labels, weights: np.ndarray | None = None, prior: Prior = COIN) -> Fit:
    """The one-coin form: annotator a is right with probability p_a, and wrong labels are spread evenly.

    One number for each annotator, so it needs far fewer labels than the full model. O(n + E K) per iteration.
    With `SHARED` there is one coin for all, and with `VOTE` the likeliest class is the one with most votes.
    """
    classes = len(labels.classes)
    weight = np.ones(len(labels)) if weights is None else weights
    given = np.bincount(labels.annotator, weight, minlength=len(labels.annotators))
    posterior = shares(count_votes(labels, weights))
    likelihood = -np.inf
    accuracy = np.empty(len(given))
    for _ in range(prior.rounds):
        hit = posterior[labels.example, labels.label] * weight
        accuracy = _accuracy(np.bincount(labels.annotator, hit, minlength=len(given)), given, prior.labels)
        wrong = np.log((1 - accuracy) / max(classes - 1, 1))
        score = count_votes(labels, (np.log(accuracy) - wrong)[labels.annotator] * weight)
        score += -np.log(classes) if prior.level else np.log(frequencies(posterior))
        posterior, new = normalise(score)
        new += float(wrong @ given)
        done, likelihood = stands_still(likelihood, new), new
        if done:
            break

    def emission(annotator: np.ndarray, label: np.ndarray) -> np.ndarray:
        return one_coin_emission(accuracy[annotator], label, classes)

    return Fit(posterior, emission, likelihood)


def _accuracy(right: np.ndarray, given: np.ndarray, imagined: float) -> np.ndarray:
    """p (A,), each drawn towards the accuracy of all by `imagined` labels."""
    everybody = (right.sum() + 1) / (given.sum() + 2)
    own = np.full(len(given), everybody) if np.isinf(imagined) else (right + imagined * everybody) / (given + imagined)
    return np.asarray(np.clip(own, 1e-9, 1 - 1e-9))


def _indicator(labels: Labels, weights: np.ndarray | None) -> sparse.csr_array:
    """Examples by (annotator, label): the weight of that label, float64 sparse (E, A K)."""
    classes = len(labels.classes)
    column = labels.annotator.astype(np.int64) * classes + labels.label
    values = np.ones(len(labels)) if weights is None else weights
    shape = (len(labels.examples), len(labels.annotators) * classes)
    return sparse.csr_array((values, (labels.example, column)), shape=shape)


def _confusion(used: sparse.csr_array, posterior: np.ndarray, classes: int, prior: float) -> np.ndarray:
    """π as float64 (A, l, t): given label before true class, so that a label picks one contiguous row."""
    counted = (used.T @ posterior).reshape(-1, classes, classes)
    crowd = counted.sum(axis=0) + 1 / classes
    crowd += np.eye(classes)
    counted += prior * crowd / crowd.sum(axis=0)
    return np.asarray(counted / counted.sum(axis=1, keepdims=True))
