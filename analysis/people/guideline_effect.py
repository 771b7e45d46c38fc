"""What a new version of the guideline changed: agreement under each version, and the test of the difference."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import NotReady
from analysis.people import Labels
from analysis.people.agreement import Agreement, change, measure
from analysis.people.disagreement import only

Subject = tuple[str, ...]  # the labels that are told apart; () for all
EVERYTHING: Subject = ()
_FEWEST = 10  # examples with two labels or more under a version: of fewer, resamples are all alike


@dataclass(frozen=True, slots=True)
class Measured:
    """Krippendorff's α of one subject under one version, with its 95 % interval; NaN where it is not defined.

    `labels` were given under the version, `doubled` of their examples have two or more; `why` says what is missing.
    """

    version: str
    alpha: float
    low: float
    high: float
    labels: int
    doubled: int
    why: str


@dataclass(frozen=True, slots=True)
class Effect:
    """What came of one subject from one version to the next: the rise of α and its 95 % interval, or NaN."""

    subject: Subject
    before: Measured
    after: Measured
    difference: float
    low: float
    high: float

    @property
    def is_known(self) -> bool:
        """Whether the change has an interval."""
        return bool(np.isfinite([self.difference, self.low, self.high]).all())

    @property
    def is_clear(self) -> bool:
        """Whether the interval of the change leaves out zero, and enough examples stand behind it to be believed."""
        enough = min(self.before.doubled, self.after.doubled) >= _FEWEST
        return self.is_known and enough and (self.low > 0 or self.high < 0)


def effects(
    labels: Labels,
    versions: np.ndarray,
    order: Sequence[str],
    subjects: Sequence[Subject] = (EVERYTHING,),
    *,
    resamples: int = 1000,
) -> list[Effect]:
    """The change of each subject from each version to the next, in the order of `order`, then of `subjects`.

    `versions` (object, one for each row of the frame that was coded; None belongs to no version). Of a subject of
    several labels, only labels among these are compared. Examples labelled under both versions count under each with
    the labels of its own.
    """
    of = pd.Series(versions, dtype=object).iloc[labels.row].to_numpy()
    held = {
        (version, subject): _measured(labels.where(of == version), subject, resamples)
        for version in order
        for subject in subjects
    }
    found = []
    for before, after in itertools.pairwise(order):
        for subject in subjects:
            (first, one), (second, other) = held[before, subject], held[after, subject]
            rise = change(one, other) if one is not None and other is not None else (np.nan, np.nan, np.nan)
            found.append(Effect(subject, _named(first, before), _named(second, after), *rise))
    return found


def under_each(
    labels: Labels, versions: np.ndarray, order: Sequence[str], *, resamples: int = 1000
) -> tuple[Measured, ...]:
    """Agreement on all labels under each version."""
    of = pd.Series(versions, dtype=object).iloc[labels.row].to_numpy()
    every = (_measured(labels.where(of == version), EVERYTHING, resamples)[0] for version in order)
    return tuple(_named(found, version) for found, version in zip(every, order, strict=True))


def clearest(found: Sequence[Effect]) -> Effect | None:
    """The change on a few labels that is furthest from zero for certain, else on all; None if none is known."""
    known = [effect for effect in found if effect.is_known]
    clear = [effect for effect in known if effect.is_clear and effect.subject]
    if clear:
        return max(clear, key=lambda effect: max(effect.low, -effect.high))
    return next((effect for effect in known if not effect.subject), None)


def _measured(labels: Labels, subject: Subject, resamples: int) -> tuple[Measured, Agreement | None]:
    told = only(labels, subject) if subject else labels
    try:
        found = measure(told, resamples=resamples)
    except NotReady as reason:
        return Measured("", np.nan, np.nan, np.nan, len(told), 0, reason.message), None
    alpha = found.statistics["alpha"]
    values = (alpha.value, alpha.low, alpha.high)
    return Measured("", *values, found.design.labels, found.design.doubled, alpha.note), found


def _named(found: Measured, version: str) -> Measured:
    return Measured(version, found.alpha, found.low, found.high, found.labels, found.doubled, found.why)
