"""Several labels valid, or somebody slipped: which of the two the disagreement on an example more likely comes from.

What tells: how the votes are split, how often those who differ slip, and how often the same labels split others. See
`ambiguity_model` for how they are weighed. The model takes annotators to err independently. Where most votes are for
the label that it holds valid, that does little harm; where it overrules the votes because of who gave them, it is
surer than it should be, so there nobody is said to have slipped.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.people import Labels
from analysis.people.ambiguity_model import FEWEST, Chances, Votes, fit
from analysis.people.decimals import chance

SEVERAL, SLIP, OPEN = "several", "slip", "open"
SURE = {SEVERAL: 0.8, SLIP: 0.9}  # probability from which each is said; see `Ambiguity.kind` for why they differ
_TWO = 2  # labels on an example that say nothing
_NAMED = 3  # annotators in a sentence


@dataclass(frozen=True)
class Ambiguity:
    """What the disagreement on each example comes from; arrays (E,), in the order of `Labels.examples`.

    kind      object: SEVERAL where its probability is 0.8 or more (and the example has four labels or more), SLIP from
              0.9 on (three or more) where more than half of the labels are the valid one, OPEN where neither is said,
              "" where nobody differs. Of 87 examples with ten labels each (R. Snow et al., EMNLP 2008, entailment) on
              which the valid label had half of the votes or fewer at 0.9 or more, it was right on 75 %; of 553 on
              which it had most of the votes, on 96 %. How many examples have two
              valid labels cannot be learnt from three labels each, and hardly from five; where they are many, a slip is
              less likely than it seems. From 0.9 on, four of five slips are slips in simulated crowds of which up to
              30 % have two valid labels. Of SEVERAL four of five are right from ten labels on; with four or five labels
              it is a hint
    several   float64 in [0, 1]: the probability that two of the labels given are valid; NaN where nobody differs
    first, second  int64: codes of the likeliest two valid labels; -1 where nobody differs
    slip      float64 in [0, 1]: the probability that of the labels given one alone is valid; NaN where nobody differs
    single    int64: the code of that label; -1 where nobody differs
    accuracy  float64 (A,): the expected share of valid labels among those of each annotator on examples that others
              labelled too; NaN without any
    """

    kind: np.ndarray
    several: np.ndarray
    first: np.ndarray
    second: np.ndarray
    slip: np.ndarray
    single: np.ndarray
    accuracy: np.ndarray


def find_ambiguous(labels: Labels) -> Ambiguity:
    """Tell the two apart on every example; without two annotators on an example, every kind is ""."""
    shared = np.bincount(labels.example, minlength=len(labels.examples)) >= 2
    votes, chances = fit(labels.where(shared[labels.example]))
    return _told(labels, votes, chances)


def slips_of(labels: Labels, found: Ambiguity) -> np.ndarray:
    """Which labels are slips: on an example of kind SLIP, those that are not the valid one; bool (n,)."""
    return np.asarray((found.kind[labels.example] == SLIP) & (labels.label != found.single[labels.example]))


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why the disagreement on one example is taken for what it is.

    chance   of `kind`; of an OPEN one that `leans`, that the first of `valid` alone is; else of SEVERAL
    valid    the labels that seem valid: one of a SLIP, else two; of one that `leans`, the likelier before the most
             given other
    sides    the mean accuracy of those who gave the first and the second of `valid`; of a SLIP, of those who gave
             `valid` and of those who slipped
    votes    how many labels stand on either of these sides
    slipped  of a SLIP, the annotators who gave another label and that label, by name
    labels   how many the example has
    leans    OPEN, because a label seems valid only by who gave it: not more than half of the labels are that one
    """

    kind: str
    chance: float
    valid: tuple[str, ...]
    sides: tuple[float, float]
    votes: tuple[int, int]
    slipped: tuple[tuple[str, str], ...]
    labels: int
    leans: bool

    def said(self, show: Callable[[str], str]) -> str:
        """The evidence in a sentence; `show` makes a name or a label fit to be shown."""
        first, second = (f"{100 * side:.0f} %" for side in self.sides)
        names = [show(label) for label in self.valid]
        likely = chance(self.chance)
        if self.leans:
            return (
                f"{self.votes[0]:,} of {self.labels:,} say {names[0]}, {self.votes[1]:,} say {names[1]}. Only who says "
                f"so speaks for {names[0]}: its side is right in {first} of labels, the other in {second}. "
                "That is too little to call it a slip."
            )
        if self.kind == SEVERAL:
            return (
                f"{names[0]} and {names[1]} both seem valid ({likely} likely): "
                f"the labels of those who say so are valid in {first} and {second} of cases."
            )
        if self.kind == SLIP:
            who = ", ".join(f"{show(name)} ({show(label)})" for name, label in self.slipped[:_NAMED])
            more = f" and {len(self.slipped) - _NAMED:,} more" if len(self.slipped) > _NAMED else ""
            return (
                f"{names[0]} seems right ({likely} likely), a slip by {who}{more}, "
                f"whose labels are valid in {second} of cases, those of the others in {first}."
            )
        if self.labels <= _TWO:
            return "Two labels do not tell a slip from two valid labels."
        both = f"{names[0]} and {names[1]} both valid ({likely} likely)"
        return f"A slip, or {both}: the votes do not tell."


def leaning(labels: Labels, found: Ambiguity) -> np.ndarray:
    """Which examples are OPEN only because a label that seems valid has half of the labels or fewer, bool (E,)."""
    return np.asarray((found.kind == OPEN) & (found.slip >= SURE[SLIP]) & ~_has_most(labels, found.single))


def evidence(labels: Labels, found: Ambiguity, examples: np.ndarray) -> list[Evidence]:
    """The evidence on these examples (codes, on which annotators differ), in their order."""
    start = np.searchsorted(labels.example, examples)
    end = np.searchsorted(labels.example, examples, side="right")
    leans = leaning(labels, found)[examples]
    places = zip(examples, start, end, leans, strict=True)
    return [_evidence(labels, found, int(code), slice(a, b), leans=bool(one)) for code, a, b, one in places]


def _evidence(labels: Labels, found: Ambiguity, example: int, rows: slice, *, leans: bool) -> Evidence:
    said, by = labels.label[rows], labels.annotator[rows]
    kind = str(found.kind[example])
    if leans:
        others, number = np.unique(said[said != found.single[example]], return_counts=True)
        valid = [int(found.single[example]), int(others[number.argmax()])]
        sides, slipped = (said == valid[0], said == valid[1]), []
    elif kind == SLIP:
        valid = [int(found.single[example])]
        sides = said == valid[0], said != valid[0]
        slipped = sorted(
            (str(labels.annotators[who]), str(labels.classes[what]))
            for who, what in zip(by[sides[1]], said[sides[1]], strict=True)
        )
    else:
        valid = [int(found.first[example]), int(found.second[example])]
        sides, slipped = (said == valid[0], said == valid[1]), []
    likely = found.slip[example] if kind == SLIP or leans else found.several[example]
    return Evidence(
        kind,
        float(likely),
        tuple(str(labels.classes[code]) for code in valid),
        (float(found.accuracy[by[sides[0]]].mean()), float(found.accuracy[by[sides[1]]].mean())),
        (int(sides[0].sum()), int(sides[1].sum())),
        tuple(slipped),
        len(said),
        leans,
    )


def by_pair(labels: Labels, found: Ambiguity) -> pd.DataFrame:
    """One row per two labels that were given to the same example, most examples first, then by code.

    first, second: codes; several: examples on which both are valid; slip: examples on which one of them is valid and
    the other a slip; open: the other examples that got both; slips: labels that are such slips, and of these most: by
    the annotator with the most, annotator: their code, the first of equals, -1 without a slip.
    """
    classes = len(labels.classes)
    cells = np.unique(labels.example.astype(np.int64) * classes + labels.label)
    given = pd.DataFrame({"example": cells // classes, "label": cells % classes})
    given = given[found.kind[given["example"]] != ""]
    both = given.merge(given, on="example", suffixes=("", "_other"))
    both = both[both["label"] < both["label_other"]]
    at, first, second = (both[name].to_numpy() for name in ("example", "label", "label_other"))
    kind = found.kind[at]
    several = (kind == SEVERAL) & (first == found.first[at]) & (second == found.second[at])
    slip = (kind == SLIP) & ((first == found.single[at]) | (second == found.single[at]))
    frame = pd.DataFrame({"first": first, "second": second, "several": several, "slip": slip, "open": ~several & ~slip})
    counted = frame.groupby(["first", "second"], as_index=False).sum()
    counted = counted.merge(_slips_of_pairs(labels, found), on=["first", "second"], how="left")
    counted = counted.fillna({"slips": 0, "most": 0, "annotator": -1}).astype(int)
    total = -counted[["several", "slip", "open"]].sum(axis=1)
    return counted.iloc[np.lexsort((counted["second"], counted["first"], total))].reset_index(drop=True)


def _slips_of_pairs(labels: Labels, found: Ambiguity) -> pd.DataFrame:
    """first, second, slips, most, annotator of each pair of the label that was meant and the one that was given."""
    rows = np.flatnonzero(slips_of(labels, found))
    said, meant = labels.label[rows].astype(np.int64), found.single[labels.example[rows]]
    pair = {"first": np.minimum(said, meant), "second": np.maximum(said, meant)}
    slips = pd.DataFrame({**pair, "annotator": labels.annotator[rows]})
    counted = slips.groupby(["first", "second", "annotator"], as_index=False).size()
    counted = counted.sort_values(["first", "second", "size", "annotator"], ascending=[True, True, False, True])
    of_pair = counted.groupby(["first", "second"], as_index=False)
    return of_pair.agg(slips=("size", "sum"), most=("size", "first"), annotator=("annotator", "first"))


def _told(labels: Labels, votes: Votes, chances: Chances) -> Ambiguity:
    examples, at = len(labels.examples), votes.example[votes.one]
    differ = np.zeros(examples, dtype=bool)
    differ[at] = True
    alone = chances.single + chances.beside
    cell, pair = _likeliest(votes.example, alone, examples), _likeliest(at, chances.double, examples)
    single, slip = np.full(examples, -1), np.full(examples, np.nan)
    single[differ], slip[differ] = votes.label[cell[differ]], alone[cell[differ]]
    two = np.full((examples, 2), -1)
    two[differ] = votes.kinds[votes.kind[pair[differ]]]
    several = np.bincount(at, chances.double, minlength=examples)
    number = np.bincount(labels.example, minlength=examples)
    kind = np.where(differ, OPEN, "").astype(object)
    kind[differ & (several >= SURE[SEVERAL]) & (number >= FEWEST)] = SEVERAL
    kind[differ & (slip >= SURE[SLIP]) & (number > _TWO) & _has_most(labels, single)] = SLIP
    accuracy = _accuracy(votes, chances, len(labels.annotators))
    return Ambiguity(kind, np.where(differ, several, np.nan), two[:, 0], two[:, 1], slip, single, accuracy)


def _has_most(labels: Labels, single: np.ndarray) -> np.ndarray:
    """Whether more than half of an example's labels are this one, bool (E,)."""
    examples = len(labels.examples)
    theirs = np.bincount(labels.example, labels.label == single[labels.example], minlength=examples)
    return np.asarray(2 * theirs > np.bincount(labels.example, minlength=examples))


def _accuracy(votes: Votes, chances: Chances, people: int) -> np.ndarray:
    cells = len(votes.example)
    valid = chances.single + chances.beside + np.bincount(votes.one, chances.double, minlength=cells)
    valid += np.bincount(votes.other, chances.double, minlength=cells)
    by, cell = votes.by[votes.given], votes.cell[votes.given]
    number = np.bincount(by, minlength=people)
    share = np.bincount(by, valid[cell], minlength=people) / np.maximum(number, 1)
    return np.where(number > 0, np.minimum(share, 1), np.nan)


def _likeliest(at: np.ndarray, chance: np.ndarray, examples: int) -> np.ndarray:
    """The position of the greatest chance of each example, the first of equals; -1 without any."""
    found = np.full(examples, -1)
    order = np.lexsort((-np.arange(len(at)), chance))
    found[at[order]] = order  # of several writes to one place the last holds
    return found
