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

MOST_DRAWN = 10_000  # points; a browser without a graphics card still follows the mouse
MOST_FLAGGED = 6_000  # of these, so that others still show where the data lies
MOST_LISTED = 1000  # examples in a table
SHOWN_TEXT = 160  # characters of an example that the map shows
_CELLS = 100  # of the density grid, each way

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

    example_ids (without a region not listed) and those of them that have a label; how many there are, flagged,
    decided, and flagged but not decided; labels: label (missing = none), examples, flagged, most examples first, ties
    by label; table: the first `MOST_LISTED`, flagged ones first: example_id, text (its start), label, flagged, action
    (of the verdict) and new_label, missing where there is none.
    """

    example_ids: tuple[str, ...]
    labelled: tuple[str, ...]
    examples: int
    flagged: int
    decided: int
    open: int
    labels: pd.DataFrame
    table: pd.DataFrame


def has_map(store: Store) -> bool:
    """Whether any example has a place."""
    return bool(store.value("SELECT count(*) FROM vectors WHERE isfinite(x) AND isfinite(y)"))


def extent(store: Store) -> Window:
    """The smallest and largest x, then y, of all examples with a place."""
    found: Window
    (found,) = store.rows("SELECT min(x), max(x), min(y), max(y) FROM vectors WHERE isfinite(x) AND isfinite(y)")
    return found


def drawn(store: Store, wanted: MapFilter, colour: str, most: int = MOST_DRAWN) -> Drawn:
    """The points to draw, at most `most`: the flagged ones first, then the same sample of the others each time."""
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
    known, params = _known(wanted, colour, "AND subject_id IN (SELECT example_id FROM chosen)")
    found = store.frame(
        f"""
        WITH chosen AS MATERIALIZED (
            SELECT example_id, row_number FROM examples WHERE row_number IN (SELECT unnest(?::BIGINT[]))),
        {known}
        SELECT c.example_id, left(e.text, {SHOWN_TEXT}) AS text, e.label,
               coalesce(f.reasons, 0)::INTEGER AS reasons, left(f.reason, {SHOWN_TEXT}) AS reason,
               {category(colour)} AS category
        FROM chosen c JOIN examples e USING (example_id) {_beside(colour)}
        ORDER BY c.row_number
        """,
        [rows.tolist(), *params],
    )
    return found.assign(category=plain(store, colour, found["category"]))


def _shown(store: Store, wanted: MapFilter, known: Places) -> np.ndarray:
    """bool (n,): whom of those with a place the filter admits."""
    shown = np.ones(len(known.rows), dtype=bool)
    if wanted.show != "all" or wanted.check is not None:
        shown &= known.flagged
    if wanted.show == "open":
        shown &= ~decided(store, known)
    if wanted.label is not None:
        shown &= known.of_label(None if wanted.label == UNLABELLED else wanted.label)
    if wanted.window is not None:
        x0, x1, y0, y1 = wanted.window
        shown &= (known.x >= x0) & (known.x <= x1) & (known.y >= y0) & (known.y <= y1)
    return shown


def categories(store: Store, colour: str) -> pd.DataFrame:
    """What the colouring tells apart: category (missing = none), examples, flagged; most examples first, ties by name.

    Counted over all examples with a place, so that no filter changes the order.
    """
    known, params = _known(MapFilter(), colour)
    rows = store.frame(
        f"""
        WITH {known}
        SELECT {category(colour)} AS category, count(*) AS examples, count(f.example_id) AS flagged
        {_placed(MapFilter(), colour)}
        GROUP BY ALL ORDER BY examples DESC, category
        """,
        params,
    )
    return rows.assign(category=plain(store, colour, rows["category"]))


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
    return tuple(_in_region(store, MapFilter(), region)["example_id"].to_pylist())


def selected(store: Store, wanted: MapFilter, region: Region | None) -> Selected:
    """The shown examples in the region, or in a few words all shown ones."""
    if region is None:
        return _all_shown(store, wanted)
    found = _in_region(store, wanted, region)
    is_open = pc.and_(found["flagged"], pc.is_null(found["action"]))
    labels = found.group_by("label").aggregate([([], "count_all"), ("flagged", "sum")])
    labels = labels.rename_columns(["label", "examples", "flagged"]).sort_by(
        [("examples", "descending"), ("label", "ascending")]
    )
    listed = found.sort_by([("flagged", "descending"), ("row_number", "ascending")]).slice(0, MOST_LISTED)
    texts = store.frame(
        f"SELECT example_id, left(text, {SHOWN_TEXT}) AS text FROM examples WHERE example_id = ANY(?)",
        [listed["example_id"].to_pylist()],
    )
    table = listed.to_pandas().merge(texts, on="example_id")
    return Selected(
        example_ids=tuple(found["example_id"].to_pylist()),
        labelled=tuple(found["example_id"].filter(pc.is_valid(found["label"])).to_pylist()),
        examples=len(found),
        flagged=_true(found["flagged"]),
        decided=len(found) - found["action"].null_count,
        open=_true(is_open),
        labels=labels.to_pandas(),
        table=table[["example_id", "text", "label", "flagged", "action", "new_label"]],
    )


def _all_shown(store: Store, wanted: MapFilter) -> Selected:
    known = places(store, wanted.check)
    shown, is_decided = _shown(store, wanted, known), decided(store, known)
    names = [*known.labels, None]  # the last of them has the number -1

    def counted(kind: np.ndarray) -> np.ndarray:
        return np.bincount(known.label[shown & kind] % len(names), minlength=len(names))

    labels = pd.DataFrame({"label": names, "examples": counted(shown), "flagged": counted(known.flagged)})
    labels = labels[labels["examples"] > 0].sort_values("label").sort_values("examples", ascending=False, kind="stable")
    table = pd.DataFrame(columns=["example_id", "text", "label", "flagged", "action", "new_label"])
    return Selected(
        (),
        (),
        examples=int(shown.sum()),
        flagged=int((shown & known.flagged).sum()),
        decided=int((shown & is_decided).sum()),
        open=int((shown & known.flagged & ~is_decided).sum()),
        labels=labels.reset_index(drop=True),
        table=table,
    )


def _in_region(store: Store, wanted: MapFilter, region: Region) -> pa.Table:
    """Every shown example in the region, in the order of the file, with its row_number, label, flagged and verdict."""
    known, params = _known(wanted)
    xs, ys = zip(*(corner for outline in region for corner in outline), strict=True)
    found = store.table(
        f"""
        WITH {known}
        SELECT e.example_id, e.row_number, v.x, v.y, e.label, f.example_id IS NOT NULL AS flagged, d.action, d.new_label
        {_placed(wanted, bounded=False)}
        AND v.x BETWEEN ? AND ? AND v.y BETWEEN ? AND ? ORDER BY e.row_number
        """,
        [*params, min(xs), max(xs), min(ys), max(ys)],
    )
    return found.filter(pa.array(within(found["x"].to_numpy(), found["y"].to_numpy(), region)))


def _true(values: pa.ChunkedArray) -> int:
    return int(pc.sum(values).as_py() or 0)


def _known(wanted: MapFilter, colour: str = "label", of: str = "") -> tuple[str, list[Any]]:
    """What is known beside the examples, as common table expressions, and their parameters.

    flags(example_id, reasons, check_name, reason), one row a flagged example, of those that the condition `of` leaves;
    with_label(example_id), those of the wanted label; layer(example_id, category).
    """
    only = "" if wanted.check is None else "AND check_name = ?"
    labelled = "label IS NULL" if wanted.label == UNLABELLED else "label = ?"
    measured, params = layer(colour)
    return (
        f"""
        flags AS (
            SELECT subject_id AS example_id, count(DISTINCT check_name) AS reasons, min(check_name) AS check_name,
                   arg_min(message, check_name) AS reason
            FROM issues WHERE subject = 'example' {only} {of} GROUP BY subject_id),
        with_label AS (SELECT example_id FROM examples WHERE {"true" if wanted.label is None else labelled}),
        {measured}
        """,
        [*([wanted.check] if wanted.check is not None else []), *([wanted.label] if wanted.label else []), *params],
    )


def _placed(wanted: MapFilter, colour: str = "label", *, bounded: bool = True) -> str:
    """Every shown example that has a place: e, v, its flags f, its verdict d, and as asked its layer l or row s."""
    shown = ""
    if wanted.show == "open":
        shown = "AND f.example_id IS NOT NULL AND d.action IS NULL"
    elif wanted.show == "flagged" or wanted.check is not None:
        shown = "AND f.example_id IS NOT NULL"
    if wanted.label is not None:
        shown += " AND e.example_id IN (FROM with_label)"
    if wanted.window is not None and bounded:
        x0, x1, y0, y1 = wanted.window
        shown += f" AND v.x BETWEEN {x0!r} AND {x1!r} AND v.y BETWEEN {y0!r} AND {y1!r}"
    return f"""
        FROM vectors v JOIN examples e USING (example_id) {_beside(colour)}
        WHERE isfinite(v.x) AND isfinite(v.y) {shown}
    """


def _beside(colour: str) -> str:
    """What is known about an example e, joined to it."""
    beside = "LEFT JOIN flags f ON f.example_id = e.example_id LEFT JOIN verdicts d ON d.example_id = e.example_id"
    if column_of(colour) is not None:
        beside += " LEFT JOIN source s ON s.row_number = e.row_number"
    if is_measured(colour):
        beside += " LEFT JOIN layer l ON l.example_id = e.example_id"
    return beside
