"""The examples behind a number of the Coverage page, from the short text that a link carries.

`slice:[["region", "north"]]`, or a kind, a reference and what of it: `gap:["split", "0"]` (a thin region),
`region:["split", "4"]`, `word:["split", "voucher"]`, `label:["split", "refund"]`, `new:["split", "0"]` and
`gone:["split", "0"]` (the examples that only the reference and that only ours has the like of), and
`relabelled:["kept=version-…", "0"]` (those that had another label in an earlier version).
"""

import json
from collections.abc import Callable

import numpy as np

from analysis.coverage.slices import rows_of
from analysis.coverage.words import words_of
from analysis.errors import NoSuchThing, NotReady
from analysis.queries.coverage import category_table, example_ids
from analysis.queries.coverage_apart import apart
from analysis.queries.coverage_pool import Pool, pool_of
from analysis.store import Store

_NONE = np.empty(0, dtype=np.int64)
_LONGEST = 6  # digits of a number


def members(store: Store, part: str) -> tuple[str, ...]:
    """The examples of a part, in the order of the file; () when there is no such part."""
    kind, _, rest = part.partition(":")
    try:
        given = json.loads(rest)
        if kind == "slice":
            return _slice_members(store, tuple((str(title), str(value)) for title, value in given))
        reference, what = (str(one) for one in given)
        pool = pool_of(store, reference)
        rows = _KINDS[kind](pool, what)
    # A link that somebody typed, or that is too old.
    except (ValueError, TypeError, KeyError, RecursionError, NotReady, NoSuchThing):
        return ()
    return tuple(example for row in np.sort(rows) if (example := pool.ids[row]) is not None)


def _slice_members(store: Store, conditions: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    table = category_table(store)
    if not conditions or not table:
        return ()
    return tuple(np.array(example_ids(store), dtype=object)[rows_of(table, conditions)])


def _gap(pool: Pool, what: str) -> np.ndarray:
    number = _number(what)
    return pool.gaps[number].rows if number < len(pool.gaps) else _NONE


def _region(pool: Pool, what: str) -> np.ndarray:
    return np.flatnonzero(pool.regions.of == _number(what))


def _word(pool: Pool, what: str) -> np.ndarray:
    compared = np.flatnonzero(pool.ours | pool.theirs)
    return compared[[what in words_of(pool.texts[row]) for row in compared]]


def _label(pool: Pool, what: str) -> np.ndarray:
    compared = np.flatnonzero(pool.ours | pool.theirs)
    return compared[[pool.labels[row] == what for row in compared]]


def _new(pool: Pool, what: str) -> np.ndarray:
    return apart(pool).theirs


def _gone(pool: Pool, what: str) -> np.ndarray:
    return apart(pool).ours


def _relabelled(pool: Pool, what: str) -> np.ndarray:
    return apart(pool).relabelled


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > _LONGEST:
        raise ValueError(f"{text[:80]!r} is not the number of a part")
    return int(text)


_KINDS: dict[str, Callable[[Pool, str], np.ndarray]] = {
    "gap": _gap,
    "region": _region,
    "word": _word,
    "label": _label,
    "new": _new,
    "gone": _gone,
    "relabelled": _relabelled,
}
