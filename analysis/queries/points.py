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
    known, params = _known(wanted)
    total, flagged = store.rows(f"{known} SELECT count(*), count(f.example_id) {_placed(wanted)}", params)[0]
    known, params = _known(wanted, colour)
    cap = most if flagged == total else most * MOST_FLAGGED // MOST_DRAWN
    room = min(flagged, cap) if total > most else flagged
    rows = store.frame(
        f"""
        {known}, chosen AS (
            SELECT e.example_id, e.row_number, v.x, v.y {_placed(wanted)}
            QUALIFY row_number() OVER (PARTITION BY f.example_id IS NULL ORDER BY md5(e.example_id))
                <= CASE WHEN f.example_id IS NULL THEN {most - room} ELSE {room} END)
        SELECT c.example_id, c.x, c.y, left(e.text, {SHOWN_TEXT}) AS text, e.label,
               coalesce(f.reasons, 0)::INTEGER AS reasons, left(f.reason, {SHOWN_TEXT}) AS reason,
               {category(colour)} AS category
        FROM chosen c JOIN examples e USING (example_id) {_beside(colour)}
        ORDER BY c.row_number
        """,
        params,
    )
    return Drawn(rows.assign(category=plain(store, colour, rows["category"])), total, flagged)


def categories(store: Store, colour: str) -> pd.DataFrame:
    """What the colouring tells apart: category (missing = none), examples, flagged; most examples first, ties by name.

    Counted over all examples with a place, so that no filter changes the order.
    """
    known, params = _known(MapFilter(), colour)
    rows = store.frame(
        f"""
        {known}
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
    known, params = _known(wanted)
    cells = store.rows(
        f"""
        {known}
        SELECT least(floor((v.y - ?) / ? * {_CELLS}), {_CELLS - 1})::INTEGER AS down,
               least(floor((v.x - ?) / ? * {_CELLS}), {_CELLS - 1})::INTEGER AS across, count(*)
        {_placed(wanted)} GROUP BY down, across
        """,
        [*params, y0, (y1 - y0) or 1.0, x0, (x1 - x0) or 1.0],
    )
    grid = np.zeros((_CELLS, _CELLS), dtype=np.int64)
    for down, across, count in cells:
        grid[down, across] = count
    return grid


def inside(store: Store, region: Region) -> tuple[str, ...]:
    """Every example that lies in the region, in the order of the file."""
    return tuple(_places(store, MapFilter(), region)["example_id"].to_pylist())


def selected(store: Store, wanted: MapFilter, region: Region | None) -> Selected:
    """The shown examples in the region, or in a few words all shown ones."""
    if region is None:
        return _all_shown(store, wanted)
    places = _places(store, wanted, region)
    is_open = pc.and_(places["flagged"], pc.is_null(places["action"]))
    labels = places.group_by("label").aggregate([([], "count_all"), ("flagged", "sum")])
    labels = labels.rename_columns(["label", "examples", "flagged"]).sort_by(
        [("examples", "descending"), ("label", "ascending")]
    )
    listed = places.sort_by([("flagged", "descending"), ("row_number", "ascending")]).slice(0, MOST_LISTED)
    texts = store.frame(
        f"SELECT example_id, left(text, {SHOWN_TEXT}) AS text FROM examples WHERE example_id = ANY(?)",
        [listed["example_id"].to_pylist()],
    )
    table = listed.to_pandas().merge(texts, on="example_id")
    return Selected(
        example_ids=tuple(places["example_id"].to_pylist()),
        labelled=tuple(places["example_id"].filter(pc.is_valid(places["label"])).to_pylist()),
        examples=len(places),
        flagged=_true(places["flagged"]),
        decided=len(places) - places["action"].null_count,
        open=_true(is_open),
        labels=labels.to_pandas(),
        table=table[["example_id", "text", "label", "flagged", "action", "new_label"]],
    )


def _all_shown(store: Store, wanted: MapFilter) -> Selected:
    known, params = _known(wanted)
    labels = store.frame(
        f"""
        {known}
        SELECT e.label, count(*) AS examples, count(f.example_id) AS flagged, count(d.example_id) AS decided,
               count(*) FILTER (f.example_id IS NOT NULL AND d.action IS NULL) AS open
        {_placed(wanted)} GROUP BY e.label ORDER BY examples DESC, e.label
        """,
        params,
    )
    counts = {name: int(labels[name].sum()) for name in ("examples", "flagged", "decided", "open")}
    table = pd.DataFrame(columns=["example_id", "text", "label", "flagged", "action", "new_label"])
    return Selected((), (), **counts, labels=labels[["label", "examples", "flagged"]], table=table)


def _places(store: Store, wanted: MapFilter, region: Region) -> pa.Table:
    """Every shown example in the region, in the order of the file, with its row_number, label, flagged and verdict."""
    known, params = _known(wanted)
    xs, ys = zip(*(corner for outline in region for corner in outline), strict=True)
    places = store.table(
        f"""
        {known}
        SELECT e.example_id, e.row_number, v.x, v.y, e.label, f.example_id IS NOT NULL AS flagged, d.action, d.new_label
        {_placed(wanted, bounded=False)}
        AND v.x BETWEEN ? AND ? AND v.y BETWEEN ? AND ? ORDER BY e.row_number
        """,
        [*params, min(xs), max(xs), min(ys), max(ys)],
    )
    return places.filter(pa.array(within(places["x"].to_numpy(), places["y"].to_numpy(), region)))


def _true(values: pa.ChunkedArray) -> int:
    return int(pc.sum(values).as_py() or 0)


def _known(wanted: MapFilter, colour: str = "label") -> tuple[str, list[Any]]:
    """What is known beside the examples, as common table expressions, and their parameters.

    flags(example_id, reasons, check_name, reason), one row a flagged example; with_label(example_id), those of the
    wanted label; layer(example_id, category).
    """
    only = "" if wanted.check is None else "AND check_name = ?"
    labelled = "label IS NULL" if wanted.label == UNLABELLED else "label = ?"
    measured, params = layer(colour)
    return (
        f"""
        WITH flags AS (
            SELECT subject_id AS example_id, count(DISTINCT check_name) AS reasons, min(check_name) AS check_name,
                   arg_min(message, check_name) AS reason
            FROM issues WHERE subject = 'example' {only} GROUP BY subject_id),
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
