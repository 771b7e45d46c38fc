"""MACE: annotators who sometimes do not look.

D. Hovy, T. Berg-Kirkpatrick, A. Vaswani, E. Hovy, "Learning whom to trust with MACE", NAACL 2013, sections 2 and 3.
With probability θ_a annotator a looks and gives the true class; else a gives label l with probability ξ_a[l], whatever
the class. Fitted by variational EM (section 3) from several starts, of which the likeliest is kept.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma

from analysis.people import Labels
from analysis.people.consensus_votes import Fit, count_votes, normalise, shares, stands_still

_THETA, _XI = 0.5, 10.0  # the paper's Beta prior on θ and Dirichlet prior on ξ
_STARTS, _SHORT, _LONG = 8, 8, 100
_BUDGET = 2_000_000  # labels times random starts: a large crowd needs fewer


@dataclass(frozen=True)
class _Habits:
    """look float64 (A,): weight of looking; guess float64 (A, K): weight of not looking and giving that label."""

    look: np.ndarray
    guess: np.ndarray


def mace(labels: Labels, weights: np.ndarray | None = None, seed: int = 0) -> Fit:
    """Fit the model. `weights` (n,) in (0, 1] says how much of each label counts. O(n) per iteration and start."""
    weight = np.ones(len(labels)) if weights is None else weights
    generator = np.random.default_rng(seed)
    posterior = shares(count_votes(labels, weight))
    starts = [_habits(labels, weight, posterior, np.full(len(labels), 0.5))]
    for _ in range(min(_STARTS - 1, _BUDGET // max(len(labels), 1))):
        starts.append(_habits(labels, weight, posterior, generator.random(len(labels))))
    runs = [_run(labels, weight, start, _SHORT) for start in starts]
    habits = max(runs, key=lambda run: run[2])[0]
    habits, posterior, likelihood = _run(labels, weight, habits, _LONG)
    total = habits.look + habits.guess.sum(axis=1)

    def emission(annotator: np.ndarray, label: np.ndarray) -> np.ndarray:
        table = np.repeat(habits.guess[annotator, label][:, None], len(labels.classes), axis=1)
        table[np.arange(len(label)), label] += habits.look[annotator]
        return np.asarray(table / total[annotator][:, None])

    return Fit(posterior, emission, likelihood)


def _run(labels: Labels, weight: np.ndarray, habits: _Habits, most: int) -> tuple[_Habits, np.ndarray, float]:
    """Iterate until the likelihood stands still: habits, posterior (E, K), likelihood."""
    likelihood, posterior = -np.inf, np.empty((0, 0))
    for _ in range(most):
        look, guess = habits.look[labels.annotator], habits.guess[labels.annotator, labels.label]
        score = count_votes(labels, np.log1p(look / guess) * weight)
        posterior, new = normalise(score)
        new += float((np.log(guess) * weight).sum())
        habits = _habits(labels, weight, posterior, look / (look + guess))
        done, likelihood = stands_still(likelihood, new), new
        if done:
            break
    return habits, posterior, likelihood


def _habits(labels: Labels, weight: np.ndarray, posterior: np.ndarray, looked: np.ndarray) -> _Habits:
    """Variational M-step: exp ψ of the expected counts; `looked` (n,) is the chance of having looked if right."""
    people, classes = len(labels.annotators), len(labels.classes)
    looks = posterior[labels.example, labels.label] * looked * weight
    cell = labels.annotator.astype(np.int64) * classes + labels.label
    guesses = np.bincount(cell, weight - looks, minlength=people * classes).reshape(people, classes)
    seen, blind = np.bincount(labels.annotator, looks, minlength=people), guesses.sum(axis=1)
    whole = digamma(seen + blind + 2 * _THETA)
    look = np.exp(digamma(seen + _THETA) - whole)
    spam = np.exp(digamma(blind + _THETA) - whole)
    xi = np.exp(digamma(guesses + _XI) - digamma(blind + classes * _XI)[:, None])
    return _Habits(look, np.maximum(spam[:, None] * xi, 1e-300))
