"""Which labels are mistaken for which, and how probable it is that one example's label is such a mistake.

A model trained on labels with mistakes in them is unsure for two reasons: some texts are hard, and some labels are
wrong. Only the second kind comes in patterns from label to label, so the pattern is learnt from all examples and then
says how to read the model's doubt about each (the class-conditional noise model of Dawid & Skene 1979 and Northcutt,
Jiang & Chuang 2021, with one labeller: the given labels).
"""

import numpy as np

_ROUNDS = 3  # of expectation and maximisation; more change nothing that can be seen
_PRIOR = 100  # examples of each label that are assumed before any is seen, so that rare labels borrow from all
_PATTERN = 0.5  # how much the pattern weighs beside the example: mistakes depend on both
_START = 0.05  # share of wrong labels assumed at first
_BLOCK = 50_000  # rows at a time


def mistake_rates(probabilities: np.ndarray, given: np.ndarray) -> np.ndarray:
    """float64 (K, K), rows sum to 1: the chance that an example whose right label is i is labelled j.

    probabilities float (n, K), out of sample, rows sum to 1; given int (n,) from 0. Estimated by expectation
    maximisation over the unknown right labels, with 100 further examples a label spread at the mean rate.
    """
    n, classes = probabilities.shape
    own = np.eye(classes)
    rates = own * (1 - _START) + (1 - own) * _START / max(classes - 1, 1)
    for _ in range(_ROUNDS):
        counts = np.zeros((classes, classes))
        for start in range(0, n, _BLOCK):
            rows = slice(start, start + _BLOCK)
            right = probabilities[rows] * rates[:, given[rows]].T
            right /= right.sum(axis=1, keepdims=True)
            counts += right.T @ own[given[rows]]
        wrong = (counts.sum() - np.trace(counts)) / n
        usual = own * (1 - wrong) + (1 - own) * wrong / max(classes - 1, 1)
        rates = (counts + _PRIOR * usual) / (counts.sum(axis=1, keepdims=True) + _PRIOR)
    return np.asarray(rates)


def likeliest_mistake(probabilities: np.ndarray, given: np.ndarray, rates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each example the label that was most probably mistaken for the given one, int64 (n,), and the probability,
    float64 (n,) in [0, 1], that it was: that label against the given one, all others aside. The rates enter by their
    square root, because which labels are mistaken is only half of the story: hard examples are mistaken as well.
    """
    n, pattern = len(given), rates**_PATTERN
    mistaken, probability = np.empty(n, dtype=np.int64), np.empty(n)
    for start in range(0, n, _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, n))
        joint = probabilities[rows] * pattern[:, given[rows]].T
        at = rows - start
        right = joint[at, given[rows]].copy()
        joint[at, given[rows]] = -1
        best = joint.argmax(axis=1)
        other = joint[at, best]
        mistaken[rows] = best
        probability[rows] = other / np.maximum(other + right, 1e-300)
    return mistaken, np.clip(probability, 0, 1)
