"""A mixture over what is valid on an example: one label, or two; fitted to everybody's labels at once.

Either one label is valid, t: annotator a gives it with probability 1 - e_a f_t, else another, spread as slips from t
are. Or two are: a gives one of these with probability 1 - e_a, and which of them is a matter of taste, whose share may
be anything from 0 to 1. So m and m' of these labels have the probability m! m'! / (m + m' + 1)!, the integral over the
share (T. Bayes, 1763). How common each label and each pair is as what is valid, who slips how often (e), on which
labels more often (f), and where slips go are found by expectation maximisation as in A. P. Dawid, A. M. Skene, Applied
Statistics 28 (1979). Fitting starts without pairs, so that whatever slips explain is not taken for taste. How common a
pair is, is learnt from examples with four labels or more: of three, two against one may be either for all that labels
can say, and there a pair stays as common as it starts, by how many examples it splits.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import gammaln

from analysis.people import Labels
from analysis.people.consensus_votes import stands_still

_ROUNDS, _ALONE = 100, 20  # rounds of fitting, and those of them without pairs
_MOST_LABELS = 100_000  # for fitting; what is valid is then told on all
_ERRORS = 0.1  # e, to start from
_TASTE = 0.2  # share of the examples on which annotators differ that have two valid labels, to start from
_IMAGINED = 10.0  # labels, as good as everybody's, that each annotator and each class bring along
_EXAMPLES = 50.0  # imagined examples with the shares to start from
FEWEST = 4  # labels on an example from which its votes can show that two labels are valid
_LOWEST, _HIGHEST = 1e-6, 0.6  # of the probability of a slip: beyond, two labels could trade places


@dataclass(frozen=True)
class Votes:
    """The labels of each example, counted: one entry per label of an example (a cell) and per two of these (a pair).

    example, label, votes (C,)  of each cell, sorted by example
    one, other (P,)  the two cells of each pair; kind (P,)  its place in kinds (L, 2), codes of the pairs there are
    cell, by, given (R,)  one row per cell and label of its example: whose it is, and whether it is that of the cell
    """

    example: np.ndarray
    label: np.ndarray
    votes: np.ndarray
    one: np.ndarray
    other: np.ndarray
    kind: np.ndarray
    kinds: np.ndarray
    cell: np.ndarray
    by: np.ndarray
    given: np.ndarray


@dataclass(frozen=True)
class Fitted:
    """errors (A,): e; harder (K,): f; one (K,), two (L,): how common each label and each pair is as what is valid;
    slips (2, L): how many of the slips from the first label of a pair go to the second, and back."""

    errors: np.ndarray
    harder: np.ndarray
    one: np.ndarray
    two: np.ndarray
    slips: np.ndarray


@dataclass(frozen=True)
class Chances:
    """What is valid, as probabilities that sum to 1 on each example.

    single (C,)  the label of this cell alone; double (P,)  the two labels of this pair
    beside (C,)  the label of this cell, and another that nobody gave to the example
    rest (C,)    how common the pairs are that `beside` speaks of
    """

    single: np.ndarray
    double: np.ndarray
    beside: np.ndarray
    rest: np.ndarray
    likelihood: float


def fit(labels: Labels, seed: int = 0) -> tuple[Votes, Chances]:
    """Fit the mixture on about 100,000 labels at most, and tell what is valid on all examples."""
    everything = _count(labels)
    votes, used = everything, labels
    if len(labels) > _MOST_LABELS:
        drawn = np.random.default_rng(seed).random(len(labels.examples)) < _MOST_LABELS / len(labels)
        used = labels.where(drawn[labels.example])
        votes = _count(used, everything.kinds)
    start = fitted = _start(labels, everything)
    likelihood = -np.inf
    for turn in range(_ROUNDS):
        alone = turn < _ALONE
        chances = _chances(used, votes, replace(fitted, two=0 * start.two) if alone else fitted)
        fitted = _maximise(used, votes, chances, fitted, start)
        if alone:
            fitted = replace(fitted, two=start.two)
        done, likelihood = stands_still(likelihood, chances.likelihood), chances.likelihood
        if done and not alone:
            break
    return everything, _chances(labels, everything, fitted)


def _start(labels: Labels, votes: Votes) -> Fitted:
    classes = len(labels.classes)
    split = np.bincount(votes.kind, minlength=len(votes.kinds))
    often = _TASTE * len(np.unique(votes.example[votes.one])) / max(len(np.unique(votes.example)), 1)
    return Fitted(
        np.full(len(labels.annotators), _ERRORS),
        np.ones(classes),
        np.full(classes, (1 - often) / max(classes, 1)),
        often * split / max(split.sum(), 1),
        np.full((2, len(votes.kinds)), 1 / max(classes - 1, 1)),
    )


def _count(labels: Labels, known: np.ndarray | None = None) -> Votes:
    """`known` are kinds of pairs that are to keep their places."""
    classes = len(labels.classes)
    cells, votes = np.unique(labels.example.astype(np.int64) * classes + labels.label, return_counts=True)
    example, label = cells // classes, cells % classes
    several = np.bincount(example, minlength=len(labels.examples))
    end = np.cumsum(several)[example]
    one, other = _each(np.arange(len(cells)) + 1, end)
    pair = label[one] * classes + label[other]
    kinds = np.unique(pair) if known is None else known[:, 0] * classes + known[:, 1]
    start = np.searchsorted(labels.example, example)
    cell, row = _each(start, np.searchsorted(labels.example, example, side="right"))
    return Votes(
        example=example,
        label=label,
        votes=votes,
        one=one,
        other=other,
        kind=np.searchsorted(kinds, pair),
        kinds=np.stack([kinds // classes, kinds % classes], axis=1),
        cell=cell,
        by=labels.annotator[row],
        given=labels.label[row] == label[cell],
    )


def _each(start: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every whole number from `start` to before `end`, beside the place in these arrays that it comes from."""
    size = end - start
    place = np.repeat(np.arange(len(size)), size)
    return place, start[place] + np.arange(len(place)) - np.repeat(np.cumsum(size) - size, size)


def _chances(labels: Labels, votes: Votes, fitted: Fitted) -> Chances:
    """The expectation: what is valid on each example."""
    examples, cells, classes = len(labels.examples), len(votes.example), len(labels.classes)
    of, at = votes.example, votes.example[votes.one]
    m, n = votes.votes[votes.one], votes.votes[votes.other]
    rest = _rest(votes, fitted.two, classes)
    with np.errstate(divide="ignore"):
        single, double, beside = np.log(fitted.one)[votes.label], np.log(fitted.two)[votes.kind], np.log(rest)
    slip = np.clip(fitted.errors[votes.by] * fitted.harder[votes.label[votes.cell]], _LOWEST, _HIGHEST)
    single += np.bincount(votes.cell, np.log(np.where(votes.given, 1 - slip, slip)), minlength=cells)
    forth, back = np.log(fitted.slips)[:, votes.kind]
    single += np.bincount(votes.one, n * forth, minlength=cells)
    single += np.bincount(votes.other, m * back, minlength=cells)
    double += gammaln(m + 1) + gammaln(n + 1) - gammaln(m + n + 2)
    beside -= np.log(votes.votes + 1)
    if classes > 2:  # of two classes that are both valid, nobody can give another
        right, wrong = np.log1p(-fitted.errors), np.log(fitted.errors) - np.log(classes - 2)
        missed = np.bincount(labels.example, wrong[labels.annotator], minlength=examples)
        gain = np.bincount(votes.cell, np.where(votes.given, (right - wrong)[votes.by], 0), minlength=cells)
        double += missed[at] + gain[votes.one] + gain[votes.other]
        beside += missed[of] + gain
    top = np.full(examples, -np.inf)
    for place, score in ((of, single), (at, double), (of, beside)):
        np.maximum.at(top, place, score)
    single, beside, double = np.exp(single - top[of]), np.exp(beside - top[of]), np.exp(double - top[at])
    total = np.bincount(of, single + beside, minlength=examples) + np.bincount(at, double, minlength=examples)
    likelihood = float((np.log(total[total > 0]) + top[total > 0]).sum())
    return Chances(single / total[of], double / total[at], beside / total[of], rest, likelihood)


def _rest(votes: Votes, two: np.ndarray, classes: int) -> np.ndarray:
    """How common pairs of the label of each cell and one that its example did not get are, (C,)."""
    of_any = np.bincount(votes.kinds.ravel(), np.repeat(two, 2), minlength=classes)
    seen = np.bincount(votes.one, two[votes.kind], minlength=len(votes.label))
    seen += np.bincount(votes.other, two[votes.kind], minlength=len(votes.label))
    return np.asarray(np.maximum(of_any[votes.label] - seen, 0))


def _maximise(labels: Labels, votes: Votes, chances: Chances, before: Fitted, start: Fitted) -> Fitted:
    """What makes these chances likeliest, drawn towards the start."""
    people, classes = len(labels.annotators), len(labels.classes)
    true = votes.label[votes.cell]
    weight = chances.single[votes.cell]
    slipped, exposed = np.where(votes.given, 0, weight), weight * before.harder[true]
    slips_of, labels_of = (np.bincount(votes.by, part, minlength=people) for part in (slipped, exposed))
    if classes > 2:
        pairs = chances.beside + np.bincount(votes.one, chances.double, minlength=len(votes.label))
        pairs += np.bincount(votes.other, chances.double, minlength=len(votes.label))
        given = np.bincount(labels.annotator, minlength=people)
        valid = np.where(votes.given, pairs[votes.cell] + weight, 0)
        slips_of = np.maximum(given - np.bincount(votes.by, valid, minlength=people), 0)
        labels_of += given - np.bincount(votes.by, weight, minlength=people)
    everybody = (slips_of.sum() + _ERRORS) / (labels_of.sum() + 1)
    errors = np.clip((slips_of + _IMAGINED * everybody) / (labels_of + _IMAGINED), _LOWEST, _HIGHEST)
    imagined = _IMAGINED * everybody
    slips_on, expected = (np.bincount(true, part, minlength=classes) for part in (slipped, weight * errors[votes.by]))
    one, two = _shares(votes, chances, before.two, start)
    harder = (slips_on + imagined) / (expected + imagined)
    return Fitted(errors, harder, one, two, _slips(votes, chances, classes))


def _shares(votes: Votes, chances: Chances, two: np.ndarray, start: Fitted) -> tuple[np.ndarray, np.ndarray]:
    """How common each label is as the only valid one (K,), and each pair (L,); together 1."""
    many = np.bincount(votes.example, votes.votes)[votes.example] >= FEWEST
    single = np.bincount(votes.label, chances.single, minlength=len(start.one)) + _EXAMPLES * start.one
    both = np.where(many[votes.one], chances.double, 0)
    double = np.bincount(votes.kind, both, minlength=len(two)) + _EXAMPLES * start.two
    # `beside` is shared by the pairs of its label that its example did not get, in proportion to how common they are.
    unseen = np.where(many, chances.beside, 0) / np.maximum(chances.rest, 1e-300)
    by_label = np.bincount(votes.label, unseen, minlength=len(single))
    seen = np.bincount(votes.kind, unseen[votes.one] + unseen[votes.other], minlength=len(two))
    double += two * np.maximum(by_label[votes.kinds].sum(axis=1) - seen, 0)
    # Examples that cannot tell count as those that can, or as the start where none can.
    told = double.sum() / (double.sum() + _EXAMPLES * start.one.sum() + chances.single[many].sum())
    return (1 - told) * single / single.sum(), told * double / double.sum() if len(two) else double


def _slips(votes: Votes, chances: Chances, classes: int) -> np.ndarray:
    """Where slips go (2, L), with one imagined slip from each label to each other."""
    kinds = len(votes.kinds)
    forth = np.bincount(votes.kind, chances.single[votes.one] * votes.votes[votes.other], minlength=kinds)
    back = np.bincount(votes.kind, chances.single[votes.other] * votes.votes[votes.one], minlength=kinds)
    total = np.bincount(votes.kinds[:, 0], forth, minlength=classes)
    total += np.bincount(votes.kinds[:, 1], back, minlength=classes)
    return np.asarray(np.stack([forth + 1, back + 1]) / (total[votes.kinds.T] + max(classes - 1, 1)))
