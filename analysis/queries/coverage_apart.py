"""Which examples tell a dataset from its reference: told by a model, or text by text where it is an earlier version."""

from dataclasses import dataclass, field

import numpy as np

from analysis.coverage.drift import Difference, difference
from analysis.errors import NotReady
from analysis.queries.coverage_pool import Pool

MOST_TOLD = 50  # examples of either side that a model tells apart
_NONE = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Exchange:
    """Text by text: how many examples were there before, how many of these with another label, how many came and went.

    Several labels of one text before count as any of them.
    """

    stayed: int
    relabelled: int
    came: int
    went: int


@dataclass(frozen=True)
class Apart:
    """The rows of a pool that only one side has the like of, and how that is known.

    theirs, ours   of the reference and of ours, most telling first; of an earlier version all that went and came
    relabelled     ours that an earlier version has with another label
    difference     None where it is an earlier version or where the vectors cannot tell; then `note` says why
    """

    theirs: np.ndarray
    ours: np.ndarray
    relabelled: np.ndarray = field(default_factory=_NONE.copy)
    difference: Difference | None = None
    exchange: Exchange | None = None
    note: str = ""


def apart(pool: Pool) -> Apart:
    """What tells the two sides apart; of an earlier version text by text, unless one side is but a sample."""
    rows = int(pool.ours.sum()), int(pool.theirs.sum())
    if pool.is_before and rows == (pool.whole.ours, pool.whole.theirs):
        return _text_by_text(pool)
    try:
        found = difference(pool.vectors, pool.ours, pool.theirs, MOST_TOLD)
    except NotReady as reason:
        return Apart(_NONE, _NONE, note=reason.message)
    return Apart(found.newest, found.gone, difference=found)


def _text_by_text(pool: Pool) -> Apart:
    ours, theirs = np.flatnonzero(pool.ours), np.flatnonzero(pool.theirs)
    now = {pool.texts[row] for row in ours}
    before: dict[str, set[str | None]] = {}
    for row in theirs:
        before.setdefault(pool.texts[row], set()).add(pool.labels[row])
    stayed = np.array([pool.texts[row] in before for row in ours], dtype=bool)
    other = [row for row in ours[stayed] if pool.labels[row] not in before[pool.texts[row]]]
    went = np.array([row for row in theirs if pool.texts[row] not in now], dtype=np.int64)
    came = ours[~stayed]
    return Apart(
        theirs=went,
        ours=came,
        relabelled=np.array(other, dtype=np.int64),
        exchange=Exchange(int(stayed.sum()), len(other), len(came), len(went)),
    )
