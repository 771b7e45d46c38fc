"""How often two annotators who repeat each other were wrong together, beside what people who work alone would be."""

import itertools
from dataclasses import dataclass

import numpy as np
from scipy.stats import poisson

from analysis.people import Labels
from analysis.people.consensus import Consensus

_MOST = 50  # pairs that are told


@dataclass(frozen=True, slots=True)
class Repeating:
    """Two annotators of one family, by name.

    shared    examples that both labelled, on `same` of which they gave the same label
    mistakes  of those, how many times both gave the same label and the consensus holds another
    expected  how many such there would be by chance: of each label given, how often either is wrong so
    chance    probability of as many or more by chance (Poisson), in [0, 1]
    """

    first: str
    second: str
    shared: int
    same: int
    mistakes: int
    expected: float
    chance: float


def repeating(labels: Labels, found: Consensus) -> list[Repeating]:
    """Every pair within a family that shares examples, most common mistakes first, then by name; at most 50.

    By chance: on the examples that both labelled and that the consensus holds to be of class t, either says class k
    independently and as often as they do there, so that Σ n_t p_tk q_tk is expected over k ≠ t. Consensus and family
    are known from the same labels, so the probability is a guide and no test.
    """
    rows = [
        _pair(labels, found, first, second)
        for family in found.families
        for first, second in itertools.combinations(family, 2)
    ]
    told = [row for row in rows if row.shared]
    return sorted(told, key=lambda row: (-row.mistakes, row.first, row.second))[:_MOST]


def wrong_together(labels: Labels, found: Consensus, first: str, second: str) -> np.ndarray:
    """Which examples both gave the same label that the consensus does not hold, bool (E,)."""
    mine, theirs = (given_by(labels, name) for name in (first, second))
    return np.asarray((mine >= 0) & (mine == theirs) & (mine != found.label) & ~found.tied)


def given_by(labels: Labels, annotator: str) -> np.ndarray:
    """The label that one annotator gave to each example, codes (E,); -1 where none."""
    codes = np.full(len(labels.examples), -1)
    own = labels.annotators[labels.annotator] == annotator
    codes[labels.example[own]] = labels.label[own]
    return codes


def _pair(labels: Labels, found: Consensus, first: str, second: str) -> Repeating:
    mine, theirs = (given_by(labels, name) for name in (first, second))
    both = (mine >= 0) & (theirs >= 0)
    classes = len(labels.classes)
    expected = 0.0
    for true in np.unique(found.label[both & ~found.tied]):
        there = both & ~found.tied & (found.label == true)
        said, other = (np.bincount(codes[there], minlength=classes) / there.sum() for codes in (mine, theirs))
        wrong = np.arange(classes) != true
        expected += float(there.sum() * (said * other)[wrong].sum())
    mistakes = int(wrong_together(labels, found, first, second).sum())
    same = int((both & (mine == theirs)).sum())
    chance = float(poisson.sf(mistakes - 1, expected))
    return Repeating(first, second, int(both.sum()), same, mistakes, expected, chance)
