"""The map: which examples it shows, where they lie, what is known about each, and which of them lie in a region.

A region is what somebody drew on the map: one or several outlines, written as a short text so that a link can carry
it. Membership is decided here, over all examples, not over those that the chart happens to draw.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.load.cells import plain_column
from analysis.store import Store

MOST_DRAWN = 10_000  # points; a browser without a graphics card still follows the mouse
MOST_FLAGGED = 6_000  # of these, so that others still show where the data lies
MOST_CORNERS = 80  # of one outline
MOST_OUTLINES = 20
MOST_LISTED = 1000  # examples in a table
SHOWN_TEXT = 160  # characters of an example that the map shows
SEVERAL = "*"  # as a category: more than one check flagged the example
_CELLS = 100  # of the density grid, each way

Show = Literal["all", "flagged", "open"]
Corner = tuple[float, float]
Region = tuple[tuple[Corner, ...], ...]


@dataclass(frozen=True, slots=True)
class MapFilter:
    """Which examples the map shows: all, the flagged ones, or the flagged ones that nobody has decided.

    With `check`, only what that check says counts.
    """

    show: Show = "all"
    check: str | None = None


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

    example_ids (without a region not listed) and those of them that have a label; how many there are, flagged and
    decided; labels: label (missing = none), examples, flagged, most examples first, ties by label; table: the first
    `MOST_LISTED`, flagged ones first: example_id, text (its start), label, flagged, action (of the verdict) and
    new_label, missing where there is none.
    """

    example_ids: tuple[str, ...]
    labelled: tuple[str, ...]
    examples: int
    flagged: int
    decided: int
    labels: pd.DataFrame
    table: pd.DataFrame


def has_map(store: Store) -> bool:
    """Whether any example has a place."""
    return bool(store.value("SELECT count(*) FROM vectors WHERE isfinite(x) AND isfinite(y)"))


def extent(store: Store) -> tuple[float, float, float, float]:
    """The smallest and largest x, then y, of all examples with a place."""
    found: tuple[float, float, float, float]
    (found,) = store.rows("SELECT min(x), max(x), min(y), max(y) FROM vectors WHERE isfinite(x) AND isfinite(y)")
    return found


def colourings(store: Store) -> list[tuple[str, str]]:
    """What points can be coloured by: key and title. Columns of the file without a role come last, as c0, c1 …"""
    has_label, has_split = store.rows("SELECT count(label) > 0, count(split) > 0 FROM examples")[0]
    roles = store.roles().as_dict().values()
    taken = {position for role in roles for position in (role if isinstance(role, tuple) else [role])}
    known = [("label", "label")] * has_label + [("issue", "issue")] + [("split", "split")] * has_split
    free = [(f"c{column.position}", column.title) for column in store.columns() if column.position not in taken]
    return [*known, ("verdict", "decision"), *free]


def drawn(store: Store, wanted: MapFilter, colour: str, most: int = MOST_DRAWN) -> Drawn:
    """The points to draw, at most `most`: the flagged ones first, then the same sample of the others each time."""
    flags, params = _flags(wanted)
    total, flagged = store.rows(f"{flags} SELECT count(*), count(f.example_id) {_placed(wanted)}", params)[0]
    cap = most if flagged == total else most * MOST_FLAGGED // MOST_DRAWN
    room = min(flagged, cap) if total > most else flagged
    rows = store.frame(
        f"""
        {flags}
        SELECT e.example_id, v.x, v.y, left(e.text, {SHOWN_TEXT}) AS text, e.label,
               coalesce(f.reasons, 0)::INTEGER AS reasons, left(f.reason, {SHOWN_TEXT}) AS reason,
               {_category(colour)} AS category
        {_placed(wanted, colour)}
        QUALIFY row_number() OVER (PARTITION BY f.example_id IS NULL ORDER BY md5(e.example_id))
            <= CASE WHEN f.example_id IS NULL THEN {most - room} ELSE {room} END
        ORDER BY e.row_number
        """,
        params,
    )
    return Drawn(rows.assign(category=_plain(store, colour, rows["category"])), total, flagged)


def categories(store: Store, colour: str) -> pd.DataFrame:
    """What the colouring tells apart: category (missing = none), examples, flagged; most examples first, ties by name.

    Counted over all examples with a place, so that no filter changes the order.
    """
    flags, params = _flags(MapFilter())
    rows = store.frame(
        f"""
        {flags}
        SELECT {_category(colour)} AS category, count(*) AS examples, count(f.example_id) AS flagged
        {_placed(MapFilter(), colour)}
        GROUP BY category ORDER BY examples DESC, category
        """,
        params,
    )
    return rows.assign(category=_plain(store, colour, rows["category"]))


def density(store: Store, wanted: MapFilter) -> np.ndarray:
    """How many of the shown examples lie in each cell of a grid over the `extent`: int64 [y, x], (100, 100)."""
    x0, x1, y0, y1 = extent(store)
    flags, params = _flags(wanted)
    cells = store.rows(
        f"""
        {flags}
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
    return tuple(_places(store, MapFilter(), region)["example_id"])


def selected(store: Store, wanted: MapFilter, region: Region | None) -> Selected:
    """The shown examples in the region, or in a few words all shown ones."""
    flags, params = _flags(wanted)
    among, ids, labelled = "", (), ()
    if region is not None:
        places = _places(store, wanted, region)
        ids, labelled = tuple(places["example_id"]), tuple(places["example_id"][places["labelled"]])
        among, params = "AND e.example_id IN (SELECT unnest(?))", [*params, list(ids)]
    labels = store.frame(
        f"""
        {flags}
        SELECT e.label, count(*) AS examples, count(f.example_id) AS flagged, count(d.example_id) AS decided
        {_placed(wanted)} {among} GROUP BY e.label ORDER BY examples DESC, e.label
        """,
        params,
    )
    table = store.frame(
        f"""
        {flags}
        SELECT e.example_id, left(e.text, {SHOWN_TEXT}) AS text, e.label, f.example_id IS NOT NULL AS flagged,
               d.action, d.new_label
        {_placed(wanted)} {among} ORDER BY flagged DESC, e.row_number LIMIT {MOST_LISTED if ids else 0}
        """,
        params,
    )
    examples, flagged, decided = (int(labels[column].sum()) for column in ("examples", "flagged", "decided"))
    return Selected(ids, labelled, examples, flagged, decided, labels.drop(columns="decided"), table)


def _places(store: Store, wanted: MapFilter, region: Region) -> pd.DataFrame:
    """Every shown example in the region, in the order of the file: example_id, x, y, labelled."""
    flags, params = _flags(wanted)
    xs, ys = zip(*(corner for outline in region for corner in outline), strict=True)
    places = store.frame(
        f"""
        {flags} SELECT e.example_id, v.x, v.y, e.label IS NOT NULL AS labelled {_placed(wanted)}
        AND v.x BETWEEN ? AND ? AND v.y BETWEEN ? AND ? ORDER BY e.row_number
        """,
        [*params, min(xs), max(xs), min(ys), max(ys)],
    )
    return places[within(places["x"].to_numpy(), places["y"].to_numpy(), region)]


def parse(text: str) -> Region | None:
    """A region from its text ("x,y;x,y;x,y", outlines separated by "|"); None when it is not one."""
    outlines = []
    for part in text.split("|"):
        try:
            corners = tuple((float(x), float(y)) for x, y in (pair.split(",") for pair in part.split(";")))
        except ValueError:
            return None
        if not 3 <= len(corners) <= MOST_CORNERS or not all(math.isfinite(v) for corner in corners for v in corner):
            return None
        outlines.append(corners)
    return tuple(outlines) if len(outlines) <= MOST_OUTLINES else None


def written(outlines: Sequence[Sequence[Corner]]) -> str:
    """The text of a region: the last `MOST_OUTLINES` outlines, coordinates with six digits.

    An outline drawn with more than `MOST_CORNERS` corners loses those that change its area least.
    """
    kept = [outline for outline in outlines if len(outline) >= 3][-MOST_OUTLINES:]
    return "|".join(";".join(f"{x:.6g},{y:.6g}" for x, y in _fewer(outline)) for outline in kept)


def within(x: np.ndarray, y: np.ndarray, region: Region) -> np.ndarray:
    """Which points lie in any outline of the region: a ray to the right crosses its border an odd number of times."""
    found = np.zeros(len(x), dtype=bool)
    for outline in region:
        crossings = np.zeros(len(x), dtype=bool)
        for (x1, y1), (x2, y2) in zip(outline, outline[1:] + outline[:1], strict=True):
            if y1 != y2:
                spans = (y1 > y) != (y2 > y)
                crossings ^= spans & (x < (x2 - x1) * (y - y1) / (y2 - y1) + x1)
        found |= crossings
    return found


def _fewer(outline: Sequence[Corner]) -> Sequence[Corner]:
    """The outline without the corners that matter least (Visvalingam and Whyatt 1993)."""
    corners = list(outline)
    while len(corners) > MOST_CORNERS:
        places = np.array(corners)
        before, after = np.roll(places, 1, axis=0), np.roll(places, -1, axis=0)
        (ax, ay), (bx, by) = (before - places).T, (after - places).T
        del corners[int(np.argmin(np.abs(ax * by - ay * bx)))]
    return corners


def _flags(wanted: MapFilter) -> tuple[str, list[Any]]:
    """One row a flagged example, as a common table expression: flags(example_id, reasons, check_name, reason)."""
    only = "" if wanted.check is None else "AND check_name = ?"
    return (
        f"""
        WITH flags AS (
            SELECT subject_id AS example_id, count(DISTINCT check_name) AS reasons, min(check_name) AS check_name,
                   arg_min(message, check_name) AS reason
            FROM issues WHERE subject = 'example' {only} GROUP BY subject_id)
        """,
        [] if wanted.check is None else [wanted.check],
    )


def _placed(wanted: MapFilter, colour: str = "label") -> str:
    """Every shown example that has a place: e, v, its flags f, its verdict d, and where asked its row s."""
    shown = ""
    if wanted.show == "open":
        shown = "AND f.example_id IS NOT NULL AND d.action IS NULL"
    elif wanted.show == "flagged" or wanted.check is not None:
        shown = "AND f.example_id IS NOT NULL"
    source = "LEFT JOIN source s ON s.row_number = e.row_number" if _position(colour) is not None else ""
    return f"""
        FROM vectors v JOIN examples e USING (example_id) LEFT JOIN flags f ON f.example_id = e.example_id
        LEFT JOIN verdicts d ON d.example_id = e.example_id {source}
        WHERE isfinite(v.x) AND isfinite(v.y) {shown}
    """


def _position(colour: str) -> int | None:
    return int(colour[1:]) if colour[:1] == "c" and colour[1:].isdecimal() else None


def _category(colour: str) -> str:
    position = _position(colour)
    if position is not None:
        return f"nullif(s.c{position}, '')"
    return {
        "label": "e.label",
        "issue": f"CASE WHEN f.reasons > 1 THEN '{SEVERAL}' ELSE f.check_name END",
        "split": "e.split",
        "verdict": "d.action",
    }[colour]


def _plain(store: Store, colour: str, values: pd.Series) -> pd.Series:
    """Cells as a person reads them."""
    position = _position(colour)
    if position is None:
        return values
    kind = next(column.kind for column in store.columns() if column.position == position)
    cells = pa.chunked_array([pa.array(values.astype(object).where(values.notna(), None), type=pa.string())])
    return pd.Series(plain_column(cells, kind).to_pylist(), index=values.index, dtype=object)
