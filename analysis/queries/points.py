"""The map: which examples it shows, where they lie, what is known about each, and which of them lie in a region.

Membership is decided here, over all examples, not over those that the chart happens to draw.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analysis.coverage.outlines import Region, Window, within
from analysis.queries.map_colours import category, column_of, is_measured, layer, plain
from analysis.queries.places import Places, decided, places
from analysis.queries.queue import UNLABELLED
from analysis.store import Store

MOST_DRAWN = 3_000  # points; a browser without a graphics card draws them in a quarter of a second
MOST_FLAGGED = 1_800  # of these, so that others still show where the data lies
MOST_LISTED = 1000  # examples in a table
SHOWN_TEXT = 160  # characters of an example that the map shows
_CELLS = 100  # of the density grid, each way

_SUGGESTED = """
        suggested AS (
            SELECT i.subject_id AS example_id, arg_min(i.suggested_label, i.check_name) AS suggested_label
            FROM issues i JOIN examples e ON e.example_id = i.subject_id
            WHERE i.subject = 'example' AND i.suggested_label IS NOT NULL AND i.suggested_label IS DISTINCT FROM e.label
            GROUP BY i.subject_id)
"""

Show = Literal["all", "flagged", "open"]


@dataclass(frozen=True, slots=True)
class MapFilter:
    """Which examples the map shows: all, the flagged ones, or the flagged ones that nobody has decided.

    With `check`, only what that check says counts. `label` takes those with this label ("" = with none), `window` a
    part of the map; a region that is drawn in it is not cut off at its border.
    """

    show: Show = "all"
    check: str | None = None
    label: str | None = None
    window: Window | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """The points to draw, out of `total` that the filter admits, `flagged` of them flagged.

    rows, in the order of the file: example_id, x, y, text (its start), label, reasons (how many checks flagged it, 0
    where none did), reason (what the first check by name says, missing where none flagged it), category (of the
    colouring; missing where there is none).
    """

    rows: pd.DataFrame
    total: int
    flagged: int


@dataclass(frozen=True, slots=True)
class Selected:
    """The shown examples in a region, in the order of the file, and what they are; without one, what all shown are.

    example_ids (none without a region) and those of them that have a label, as Arrow strings, for there may be a
    million; how many there are, flagged, decided, and flagged but not decided; labels: label (missing = none),
    examples, flagged, most examples first, ties by label; table, empty without a region: what `in_full` says of the
    first `MOST_LISTED` of them, with the start of each text; suggested: example_id and suggested_label of those for
    which a check suggests another label than theirs, the one that Review proposes (of the first such check by name).
    """

    example_ids: pa.Array
    labelled: pa.Array
    examples: int
    flagged: int
    decided: int
    open: int
    labels: pd.DataFrame
    table: pd.DataFrame
    suggested: pa.Table


def has_map(store: Store) -> bool:
    """Whether any example has a place."""
    return bool(store.value("SELECT count(*) FROM vectors WHERE isfinite(x) AND isfinite(y)"))


def extent(store: Store) -> Window:
    """The smallest and largest x, then y, of all examples with a place."""
    found: Window
    (found,) = store.rows("SELECT min(x), max(x), min(y), max(y) FROM vectors WHERE isfinite(x) AND isfinite(y)")
    return found


def drawn(store: Store, wanted: MapFilter, colour: str, most: int = MOST_DRAWN) -> Drawn:
    """The points to draw, at most `most`: the flagged ones first, then others; the same ones each time.

    Where there is not room for all, those are drawn that lie apart, as `spread` says.
    """
    known = places(store, wanted.check)
    shown = np.flatnonzero(_shown(store, wanted, known))
    flagged = known.flagged[shown]
    total, reasons = len(shown), int(flagged.sum())
    if total > most:
        room = min(reasons, most if reasons == total else most * MOST_FLAGGED // MOST_DRAWN)
        first, others = (_first(known, shown[kind], n) for kind, n in ((flagged, room), (~flagged, most - room)))
        shown = np.sort(np.concatenate([first, others]))
    rows = _details(store, wanted, colour, known.rows[shown])
    rows.insert(1, "x", known.x[shown].astype(np.float32))
    rows.insert(2, "y", known.y[shown].astype(np.float32))
    return Drawn(rows, total, reasons)


def _first(known: Places, some: np.ndarray, count: int) -> np.ndarray:
    """Those whose turn comes first."""
    return some if len(some) <= count else some[np.argpartition(known.turn[some], count)[:count]]


def _details(store: Store, wanted: MapFilter, colour: str, rows: np.ndarray) -> pd.DataFrame:
    """What the map says of the examples in these rows, ascending."""
    flags, params = _flags("AND subject_id IN (SELECT example_id FROM chosen)", wanted.check)
    measured, more = layer(colour)
    found = store.frame(
        f"""
        WITH chosen AS MATERIALIZED (
            SELECT example_id, row_number FROM examples WHERE row_number IN (SELECT unnest(?::BIGINT[]))),
        {flags},
        {measured}
        SELECT c.example_id, left(e.text, {SHOWN_TEXT}) AS text, e.label,
               coalesce(f.reasons, 0)::INTEGER AS reasons, left(f.reason, {SHOWN_TEXT}) AS reason,
               {category(colour)} AS category
        FROM chosen c JOIN examples e USING (example_id) {_beside(colour)}
        ORDER BY c.row_number
        """,
        [rows.tolist(), *params, *more],
    )
    return found.assign(category=plain(store, colour, found["category"]))


def _shown(store: Store, wanted: MapFilter, known: Places, region: Region | None = None) -> np.ndarray:
    """bool (n,): whom of those with a place the filter admits; a region is not cut off at the border of the window."""
    shown = np.ones(len(known.rows), dtype=bool)
    if wanted.show != "all" or wanted.check is not None:
        shown &= known.flagged
    if wanted.show == "open":
        shown &= ~decided(store, known)
    if wanted.label is not None:
        shown &= known.of_label(None if wanted.label == UNLABELLED else wanted.label)
    if region is not None:
        some = np.flatnonzero(shown)
        shown[some] = within(known.x[some], known.y[some], region)
    elif wanted.window is not None:
        x0, x1, y0, y1 = wanted.window
        shown &= (known.x >= x0) & (known.x <= x1) & (known.y >= y0) & (known.y <= y1)
    return shown


def categories(store: Store, colour: str) -> pd.DataFrame:
    """What the colouring tells apart: category (missing = none), examples, flagged; most examples first, ties by name.

    Counted over all examples with a place, so that no filter changes the order.
    """
    flags, _ = _flags("", None)
    measured, params = layer(colour)
    rows = store.frame(
        f"""
        WITH {flags},
        {measured}
        SELECT {category(colour)} AS category, count(*) AS examples, count(f.example_id) AS flagged
        FROM vectors v JOIN examples e USING (example_id) {_beside(colour)}
        WHERE isfinite(v.x) AND isfinite(v.y)
        GROUP BY ALL ORDER BY examples DESC, category
        """,
        params,
    )
    return rows.assign(category=plain(store, colour, rows["category"]))


def flagged_by_label(store: Store) -> dict[str, int]:
    """How many flagged examples with a place each label has."""
    known = places(store, None)
    rows = _labels(known, np.ones(len(known.rows), dtype=bool)).dropna(subset="label")
    return dict(zip(rows["label"], rows["flagged"].tolist(), strict=True))


def density(store: Store, wanted: MapFilter) -> np.ndarray:
    """How many of the shown examples lie in each cell of a grid over what is looked at: int64 [y, x], (100, 100)."""
    x0, x1, y0, y1 = wanted.window or extent(store)
    known = places(store, wanted.check)
    shown = _shown(store, wanted, known)
    across, down = (
        np.minimum(((values[shown] - low) / ((high - low) or 1.0) * _CELLS).astype(np.int64), _CELLS - 1)
        for values, low, high in ((known.x, x0, x1), (known.y, y0, y1))
    )
    return np.bincount(down * _CELLS + across, minlength=_CELLS**2).reshape(_CELLS, _CELLS)


def inside(store: Store, region: Region) -> tuple[str, ...]:
    """Every example that lies in the region, in the order of the file."""
    known = places(store, None)
    return tuple(known.ids.filter(pa.array(_shown(store, MapFilter(), known, region))).to_pylist())


def selected(store: Store, wanted: MapFilter, region: Region | None) -> Selected:
    """The shown examples in the region, or in a few words all shown ones."""
    known = places(store, wanted.check)
    shown, is_decided = _shown(store, wanted, known, region), decided(store, known)
    listed = shown if region is not None else np.zeros_like(shown)
    ids = known.ids.filter(pa.array(listed))
    return Selected(
        example_ids=ids,
        labelled=known.ids.filter(pa.array(listed & (known.label >= 0))),
        examples=int(shown.sum()),
        flagged=int((shown & known.flagged).sum()),
        decided=int((shown & is_decided).sum()),
        open=int((shown & known.flagged & ~is_decided).sum()),
        labels=_labels(known, shown),
        table=_table(store, known, listed),
        suggested=_suggestions(store, ids),
    )


def in_full(store: Store, example_ids: pa.Array, longest: int | None = None) -> pa.Table:
    """What is known of these examples, as text: flagged ones first, then in the order of the file.

    text (its first `longest` characters), label, suggested_label (the one that Review proposes), flagged ("yes"),
    decision, new_label, example_id, split, checks (that flagged it, one a line), reviewer, note; missing where there is
    none.
    """
    return store.table(
        f"""
        WITH chosen AS MATERIALIZED (SELECT unnest(?) AS example_id),
        f AS (SELECT subject_id AS example_id, string_agg(DISTINCT check_name, chr(10) ORDER BY check_name) AS checks
              FROM issues WHERE subject = 'example' AND subject_id IN (SELECT example_id FROM chosen)
              GROUP BY subject_id),
        {_SUGGESTED}
        SELECT {"e.text" if longest is None else f"left(e.text, {longest}) AS text"}, e.label,
               s.suggested_label, CASE WHEN f.checks IS NOT NULL THEN 'yes' END AS flagged, d.action AS decision,
               nullif(d.new_label, '') AS new_label, e.example_id, e.split, f.checks, d.reviewer,
               nullif(d.note, '') AS note
        FROM chosen JOIN examples e USING (example_id) LEFT JOIN f USING (example_id)
        LEFT JOIN suggested s USING (example_id) LEFT JOIN verdicts d USING (example_id)
        ORDER BY f.checks IS NULL, e.row_number
        """,
        [example_ids.to_pylist()],
    )


def _suggestions(store: Store, example_ids: pa.Array) -> pa.Table:
    """Those of the examples for which a check suggests another label than theirs, in the order of the file."""
    found = store.table(
        f"""
        WITH {_SUGGESTED}
        SELECT example_id, suggested_label FROM suggested JOIN examples e USING (example_id) ORDER BY e.row_number
        """
    )
    return found.filter(pc.is_in(found["example_id"], value_set=example_ids)).combine_chunks()


def _labels(known: Places, shown: np.ndarray) -> pd.DataFrame:
    names = [*known.labels, None]  # the last of them has the number -1

    def counted(kind: np.ndarray) -> np.ndarray:
        return np.bincount(known.label[kind] % len(names), minlength=len(names))

    labels = pd.DataFrame({"label": names, "examples": counted(shown), "flagged": counted(shown & known.flagged)})
    labels = labels[labels["examples"] > 0].sort_values("label").sort_values("examples", ascending=False, kind="stable")
    return labels.reset_index(drop=True)


def _table(store: Store, known: Places, listed: np.ndarray) -> pd.DataFrame:
    first = np.concatenate([np.flatnonzero(listed & known.flagged), np.flatnonzero(listed & ~known.flagged)])
    table: pd.DataFrame = in_full(store, known.ids.take(pa.array(first[:MOST_LISTED])), SHOWN_TEXT).to_pandas()
    return table


def _flags(of: str, check: str | None) -> tuple[str, list[Any]]:
    """A common table expression flags(example_id, reasons, check_name, reason), one row a flagged example, and its
    parameters; only what the check says, and only of the examples that the condition `of` leaves.
    """
    only = "" if check is None else "AND check_name = ?"
    return (
        f"""
        flags AS (
            SELECT subject_id AS example_id, count(DISTINCT check_name) AS reasons, min(check_name) AS check_name,
                   arg_min(message, check_name) AS reason
            FROM issues WHERE subject = 'example' {only} {of} GROUP BY subject_id)
        """,
        [] if check is None else [check],
    )


def _beside(colour: str) -> str:
    """What is known about an example e, joined to it: its flags f, its verdict d, and as asked its row s or layer l."""
    beside = "LEFT JOIN flags f ON f.example_id = e.example_id LEFT JOIN verdicts d ON d.example_id = e.example_id"
    if column_of(colour) is not None:
        beside += " LEFT JOIN source s ON s.row_number = e.row_number"
    if is_measured(colour):
        beside += " LEFT JOIN layer l ON l.example_id = e.example_id"
    return beside
