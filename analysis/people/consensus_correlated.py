"""Annotators who repeat each other: copies, or judges of one family, found without knowing the truth.

If annotators err independently, the covariance of two of them – how much more often they agree than their habits
alone explain – is the product of one number for each, so the matrix of covariances has rank one off its diagonal
(F. Parisi et al., "Ranking and combining multiple predictors without labeled data", PNAS 111 (2014);
A. Jaffe et al., "Unsupervised ensemble learning with dependent classifiers", AISTATS 2016). What a pair
shows beyond that product is agreement on errors. The numbers are first fitted by quantiles below the median,
because repeating each other can only raise agreement, then by least squares on the pairs that show no excess.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from analysis.people import Labels
from analysis.people.agreement_pairs import Pairs, agreement_by_pair

_QUANTILE = 0.3
_ROUNDS, _REFITS = 30, 3
_FEWEST = 10  # shared examples times both variances from which a pair can be judged: 40 of two even classes
_SCALED, _PLAIN = 4.5, 2.5  # standard errors of excess, by the spread of all pairs and by the number shared
_EXCESS = 0.1
_KNOWN = 16.0  # shared examples times the squared numbers of the others: known to within 0.25, one standard error
_CAMP = 0.25  # share of the labels


@dataclass(frozen=True)
class Correlated:
    """Families of annotators who agree on errors.

    families  annotator codes, two or more in each, the largest family first
    excess    float64 sparse (A, A), symmetric: the part of one's labels that only repeats the other's, in [0, 1]
    unclear   a family gave half of the labels, or the others agree more among themselves than it does: nothing in the
              labels says who repeats whom and who is right
    """

    families: tuple[tuple[int, ...], ...]
    excess: sparse.csr_array
    unclear: bool = False

    def weights(self, labels: Labels) -> np.ndarray | None:
        """How much of each label (n,) is evidence of its own, 1 / (1 + Σ excess with the others on that example).

        None where nobody is correlated, so that all labels count in full.
        """
        if not self.families:
            return None
        shape = (len(labels.annotators), len(labels.examples))
        present = sparse.csr_array((np.ones(len(labels)), (labels.annotator, labels.example)), shape=shape)
        repeated = (self.excess @ present).tocsr()
        return np.asarray(1 / (1 + np.asarray(repeated[labels.annotator, labels.example]).ravel()))


def find_correlated(labels: Labels) -> Correlated:
    """Pairs of annotators with excess agreement, joined to families. Looks at the 500 with the most labels.

    A pair counts when its excess is at least 0.1 and far outside what all pairs show by chance, on examples with
    three labels or more: with two, nobody else says whether the example or the pair is special. Nor can fewer than
    four annotators show it, as three numbers explain any three pairs. Who shares examples with careless people alone
    agrees with none of them however good they are, so that of them nothing is said.
    """
    people = len(labels.annotators)
    several = np.bincount(labels.example, minlength=len(labels.examples)) >= 3
    judged = labels.where(several[labels.example])
    pairs = agreement_by_pair(judged)
    likeness, variance = _likeness(judged, pairs)
    told = pairs.shared * np.outer(variance, variance) >= _FEWEST
    shared = np.where(told, pairs.shared, 0)
    np.fill_diagonal(shared, 0)
    if np.count_nonzero(shared.any(axis=1)) < 4:
        return Correlated((), sparse.csr_array((people, people)))
    skill = _by_quantile(likeness, shared)
    for _ in range(_REFITS):
        found, excess = _excessive(likeness, skill, shared)
        skill = _by_squares(likeness, np.where(found, 0, shared), skill)
    found, excess = _excessive(likeness, skill, shared)
    known = np.where(found, 0, shared) @ skill**2 >= _KNOWN
    found &= np.outer(known, known)
    rows, columns = np.nonzero(found)
    places = (pairs.annotators[rows], pairs.annotators[columns])
    matrix = sparse.csr_array((excess[rows, columns], places), shape=(people, people))
    families = _families(matrix)
    return Correlated(families, matrix, _unclear(families, labels) or _camps(likeness, pairs.shared, shared, found))


def _unclear(families: tuple[tuple[int, ...], ...], labels: Labels) -> bool:
    """Whether one family gave half of the labels: three who copy and three who are right then look the same."""
    given = np.bincount(labels.annotator, minlength=len(labels.annotators))
    return any(given[list(family)].sum() * 2 >= given.sum() for family in families)


def _camps(likeness: np.ndarray, given: np.ndarray, shared: np.ndarray, found: np.ndarray) -> bool:
    """Whether those outside the families are more alike than those in them, who gave a good part of the labels."""
    inside = found.any(axis=1)
    own = np.diag(given)
    apart = shared * np.outer(~inside, ~inside)
    if not inside.any() or own[inside].sum() < _CAMP * own.sum() or not apart.any():
        return False
    return bool((likeness * apart).sum() / apart.sum() > likeness[found].mean())


def _likeness(labels: Labels, pairs: Pairs) -> tuple[np.ndarray, np.ndarray]:
    """Agreement beyond chance of each pair (A, A), scaled like a correlation, and the variance of each one's labels.

    The variance Σ_k m_k (1 - m_k) (A,) is small for somebody who nearly always gives one class.
    """
    classes = len(labels.classes)
    cell = labels.annotator.astype(np.int64) * classes + labels.label
    given = np.bincount(cell, minlength=len(labels.annotators) * classes).reshape(-1, classes)[pairs.annotators]
    variance = 1 - ((given / given.sum(axis=1, keepdims=True)) ** 2).sum(axis=1)
    scale = np.sqrt(np.maximum(np.outer(variance, variance), 1e-9))
    beyond = np.where(pairs.shared > 0, np.nan_to_num(pairs.percent - pairs.chance), 0.0)
    return np.clip(beyond / scale, -1, 1), variance


def _excessive(likeness: np.ndarray, skill: np.ndarray, shared: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which pairs agree far beyond s_a s_b (bool (A, A)), and the excess of all pairs (A, A)."""
    expected = np.outer(skill, skill)
    error = (likeness - expected) * np.sqrt(shared)
    seen = error[np.triu(shared, 1) > 0]
    spread = 1.4826 * float(np.median(np.abs(seen - np.median(seen)))) if len(seen) > 9 else 1.0
    excess = np.clip((likeness - expected) / (1 - expected), 0, 1)
    far = error > max(_PLAIN, _SCALED * min(max(spread, 0.25), 1.0))
    return far & (shared > 0) & (excess >= _EXCESS), excess


def _by_quantile(likeness: np.ndarray, shared: np.ndarray) -> np.ndarray:
    """s (A,) in [0, 1) with s_a s_b ≈ likeness: by turns, each s_a a weighted low quantile over b of likeness / s_b."""
    skill = np.full(len(likeness), np.sqrt(max(float((likeness * shared).sum() / shared.sum()), 1e-3)))
    for _ in range(_ROUNDS):
        other = np.maximum(skill, 1e-3)
        weight = shared * other
        order = np.argsort(np.where(weight > 0, likeness / other, np.inf), axis=1)
        running = np.cumsum(np.take_along_axis(weight, order, axis=1), axis=1)
        place = (running >= _QUANTILE * running[:, -1:]).argmax(axis=1)
        at = np.take_along_axis(order, place[:, None], axis=1)
        fitted = np.take_along_axis(likeness / other, at, axis=1)[:, 0]
        skill = _step(skill, np.where(running[:, -1] > 0, fitted, skill))
    return skill


def _by_squares(likeness: np.ndarray, shared: np.ndarray, skill: np.ndarray) -> np.ndarray:
    """The same by least squares, weighted by the shared examples, from a first guess."""
    for _ in range(_ROUNDS):
        below = shared @ skill**2
        skill = _step(skill, np.where(below > 0, (shared * likeness) @ skill / np.maximum(below, 1e-9), skill))
    return skill


def _step(skill: np.ndarray, fitted: np.ndarray) -> np.ndarray:
    """Half the way, so that turns do not swing."""
    return np.asarray(0.5 * skill + 0.5 * np.clip(fitted, 0, 0.99))


def _families(excess: sparse.csr_array) -> tuple[tuple[int, ...], ...]:
    _, part = sparse.csgraph.connected_components(excess, directed=False)
    members = [tuple(int(code) for code in np.flatnonzero(part == p)) for p in np.flatnonzero(np.bincount(part) > 1)]
    return tuple(sorted(members, key=lambda family: (-len(family), family)))
