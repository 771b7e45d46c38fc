"""How far each annotator can be relied on, with an interval and a count, and which class each leans to."""

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.special import betaincinv

from analysis.people import Labels

LEVEL = 0.95
_MOST_PEOPLE = 1_500  # above this the annotators' errors are taken as unrelated
_LEAST = 0.02  # share of the information that is kept at least, where the model does not fit at all


def reliability(labels: Labels, posterior: np.ndarray) -> pd.DataFrame:
    """One row per annotator, in the order of `labels.annotators`, without those who have no label.

    annotator, labels; judged: labels on examples that somebody else labelled too; reliability, low, high in [0, 1]:
    the probability that a label of theirs is right and its 95 % interval, NaN, 0 and 1 without a judged label;
    leans_to, lean, lean_low, lean_high: the class that they give most beyond what is likely true on the judged
    examples, and by how many of those labels (share, in [0, 1]); "" and NaN where it may be chance.
    The interval is a Beta distribution whose size is the observed information: where the consensus is unsure whether
    a label was right, that label tells less (T. A. Louis, "Finding the observed information matrix when using the EM
    algorithm", JRSS B 44 (1982), section 3, for the one-coin model).
    """
    people = len(labels.annotators)
    given = np.bincount(labels.annotator, minlength=people)
    several = np.bincount(labels.example, minlength=len(labels.examples)) >= 2
    shared = labels.where(several[labels.example])
    right = posterior[shared.example, shared.label].astype(float)
    judged = np.bincount(shared.annotator, minlength=people)
    mean = (np.bincount(shared.annotator, right, minlength=people) + 0.5) / (judged + 1)
    size = np.minimum(_size(shared, right, mean, judged), judged)
    low, high = (
        betaincinv(size * mean + 0.5, size * (1 - mean) + 0.5, tail) for tail in ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
    )
    frame = pd.DataFrame(
        {
            "annotator": labels.annotators,
            "labels": given,
            "judged": judged,
            "reliability": np.where(judged > 0, mean, np.nan),
            "low": np.where(judged > 0, low, 0.0),
            "high": np.where(judged > 0, high, 1.0),
        }
    )
    return pd.concat([frame, _leaning(shared, posterior, judged)], axis=1)[given > 0].reset_index(drop=True)


def confusion(labels: Labels, posterior: np.ndarray, annotator: int) -> np.ndarray:
    """How often `annotator` (code) gave class l where the consensus is t, float64 (K, K) [t, l], in labels."""
    own = labels.annotator == annotator
    table = np.zeros((len(labels.classes), len(labels.classes)))
    np.add.at(table.T, labels.label[own], posterior[labels.example[own]])
    return table


def _size(labels: Labels, right: np.ndarray, mean: np.ndarray, given: np.ndarray) -> np.ndarray:
    """Labels that would tell as much if the truth were known (A,), ≤ those given.

    Information about the log-odds of p: complete n p (1 - p), missing Var Σ [label is right] given all labels. With
    everybody's at once it is a matrix, whose inverse holds the variances.
    """
    complete = np.maximum(given * mean * (1 - mean), 1e-9)
    if len(given) > _MOST_PEOPLE:
        missing = np.bincount(labels.annotator, right * (1 - right), minlength=len(given)) / complete
        return np.asarray(given * np.clip(1 - missing, _LEAST, 1))
    scale = np.sqrt(complete)
    missing = _missing(labels, right) / np.outer(scale, scale)
    values, vectors = np.linalg.eigh(missing)
    inflation = (vectors**2) @ (1 / np.clip(1 - values, _LEAST, 1))
    return np.asarray(given / inflation)


def _missing(labels: Labels, right: np.ndarray) -> np.ndarray:
    """Cov of "a's label is right" and "b's label is right", summed over the examples of both, float64 (A, A).

    On one example it is q_a [same label] - q_a q_b, with q the posterior of the label given.
    """
    people, classes = len(labels.annotators), len(labels.classes)
    if not len(labels):
        return np.zeros((people, people))
    cell = labels.example.astype(np.int64) * classes + labels.label
    _, column = np.unique(cell, return_inverse=True)
    same = sparse.csr_array((np.sqrt(right), (labels.annotator, column)), shape=(people, int(column.max()) + 1))
    each = sparse.csr_array((right, (labels.annotator, labels.example)), shape=(people, len(labels.examples)))
    return np.asarray((same @ same.T.tocsr() - each @ each.T.tocsr()).toarray())


def _leaning(labels: Labels, posterior: np.ndarray, given: np.ndarray) -> pd.DataFrame:
    """The class given most beyond the posterior, with a normal 95 % interval; "" and NaN when it holds zero."""
    people, classes = len(labels.annotators), len(labels.classes)
    shape = (people, len(labels.examples))
    present = sparse.csr_array((np.ones(len(labels)), (labels.annotator, labels.example)), shape=shape)
    cell = labels.annotator.astype(np.int64) * classes + labels.label
    said = np.bincount(cell, minlength=people * classes).reshape(people, classes)
    known = np.maximum(given, 1)
    beyond = (said - present @ posterior) / known[:, None]
    top = beyond.argmax(axis=1)
    lean = beyond[np.arange(people), top]
    of_top = posterior[labels.example, top[labels.annotator]]
    difference = (labels.label == top[labels.annotator]) - of_top
    spread = np.bincount(labels.annotator, difference**2 + of_top * (1 - of_top), minlength=people) / known
    margin = 1.96 * np.sqrt(np.maximum(spread - lean**2, 0) / known)
    clear = lean - margin > 0
    return pd.DataFrame(
        {
            "leans_to": np.where(clear, labels.classes[top], ""),
            "lean": np.where(clear, lean, np.nan),
            "lean_low": np.where(clear, lean - margin, np.nan),
            "lean_high": np.where(clear, lean + margin, np.nan),
        }
    )
