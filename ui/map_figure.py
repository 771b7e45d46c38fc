"""The map as a plotly figure: plain values only, every text of the data escaped."""

import hashlib
import html
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.coverage.bands import bands, date_bands, even_bands
from analysis.coverage.outlines import Region, Window
from analysis.queries import points, queue
from analysis.queries.map_colours import DATE, DISAGREEMENT, SEVERAL, SEVERITY, is_measured
from analysis.queries.points import Drawn, MapFilter
from analysis.store import Store
from ui import map_shade, palette, safe
from ui.palette import Theme
from ui.review_filter import title_of

Figure = dict[str, Any]

_HEIGHT = 600  # pixels of the map and its legend, which fit on a small screen together
_LEGEND_NAME = 26  # characters
_LINE = 48  # characters on one line of a hover text
_NONE = {
    "label": "no label",
    "issue": "not flagged",
    "split": "no split",
    "verdict": "not decided",
    DISAGREEMENT: "fewer than two labels",
    DATE: "no date",
}
_VERDICTS = {"keep": "kept", "relabel": "relabelled", "drop": "dropped", "unsure": "unsure", "several": "several right"}
_MOST_RINGS = 400  # more of them hide the points
_FLAGGED_SHAPE = {"circle": "diamond", "square": "diamond", "triangle-up": "star"}
_LAST = 2000  # in the legend
FLAGGED = "flagged"  # the entry of the legend for all flagged points
_FIRST = 2  # the number of the first category's entry; before it come "other" and "none"


def figure(store: Store, wanted: MapFilter, colour: str, theme: Theme) -> tuple[Figure, Drawn, str]:
    """The figure without any selection, what it draws, and a digest that is new when the figure is."""
    shown = points.drawn(store, wanted, colour)
    names, in_bands = order(store, colour)
    rows = shown.rows if in_bands is None else shown.rows.assign(category=shown.rows["category"].map(in_bands))
    grid = points.density(store, wanted) if shown.total > len(rows) else None
    styles = palette.styles(names, theme) if in_bands is None else palette.ramp(names, theme)
    extent = wanted.window or points.extent(store)
    others = len(names) - len(styles)
    made = build(Drawn(rows, shown.total, shown.flagged), styles, colour, extent, theme, grid, others)
    if wanted.window is not None:  # it has its own room around it
        x0, x1, y0, y1 = wanted.window
        made["layout"]["xaxis"]["range"], made["layout"]["yaxis"]["range"] = [x0, x1], [y0, y1]
    given = json.dumps(made, default=lambda values: values.tolist())
    drawn = Drawn(rows[["example_id", "reasons"]], shown.total, shown.flagged)
    return made, drawn, hashlib.blake2b(given.encode(), digest_size=8).hexdigest()


def order(store: Store, colour: str) -> tuple[list[str], dict[str, str] | None]:
    """The categories in the order that gives them their colours; and for numbers, which band each cell lies in."""
    if colour == "label":
        return _labels(store), None
    if colour == "verdict":
        return list(_VERDICTS), None
    found = points.categories(store, colour)
    if colour == DATE or is_measured(colour):
        if colour == DATE:
            banded = date_bands(found)
        else:
            banded = even_bands(found) if colour.startswith(SEVERITY) else bands(found, most=0) or {}
        return list(dict.fromkeys(banded.values())), banded
    if colour not in _NONE and (in_bands := bands(found, palette.MOST_TOLD_APART)) is not None:
        return list(dict.fromkeys(in_bands.values())), in_bands
    return [str(category) for category in found["category"].dropna()], None


def _labels(store: Store) -> list[str]:
    """In the order of all pages; but where not all get a colour, those that most flagged examples have come first."""
    names = queue.labels(store)
    if len(names) <= palette.MOST_TOLD_APART:
        return names
    flagged = points.flagged_by_label(store)
    return sorted(names, key=lambda name: -flagged.get(name, 0))


def narrowed(store: Store, colour: str, entry: str) -> dict[str, str | None] | None:
    """What a map that shows one entry of the legend alone has in its address; None where it is no filter."""
    names, _ = order(store, colour)
    if entry == FLAGGED:
        return {"show": "flagged", "check": None}
    number = int(entry) if entry.isascii() and entry.isdecimal() and len(entry) < 6 else 0
    if colour == "label" and number == _FIRST - 1:
        return {"label": None, "unlabelled": "yes"}
    if not _FIRST <= number < _FIRST + len(names):
        return None
    name = names[number - _FIRST]
    if colour == "label":
        return {"label": name, "unlabelled": None}
    return {"check": name, "show": None} if colour == "issue" and name != SEVERAL else None


def name_of(category: str | None, colour: str) -> str:
    """A category as people know it; nothing of it is escaped yet."""
    if category is None:
        return "not judged" if colour.startswith(SEVERITY) else _NONE.get(colour, "empty")
    if colour == "issue":
        return "several checks" if category == SEVERAL else title_of(category)
    return _VERDICTS.get(category, category) if colour == "verdict" else category


def _other(colour: str, others: int) -> str:
    """What the entry of the legend says that stands for all categories without a style of their own."""
    if not others:
        return "other"
    return f"{others:,} other {'labels' if colour == 'label' else 'groups'}"


def build(
    drawn: Drawn,
    styles: Mapping[str, palette.Style],
    colour: str,
    extent: Window,
    theme: Theme,
    grid: np.ndarray | None = None,
    others: int = 0,
) -> Figure:
    """The figure for these points, flagged ones ringed; `grid` is the density that lies under a sample of them.

    `others` is how many categories share the muted style because there are no more styles.
    """
    rows = drawn.rows
    known = rows["category"].isin(list(styles))
    size = 9 if len(rows) <= 500 else 7 if len(rows) <= 2000 else 5
    traces = []
    flagged = rows[rows["reasons"] > 0]
    ringed = colour != "issue" and not is_measured(colour) and len(flagged) <= _MOST_RINGS
    muted = palette.MUTED[theme]
    groups = [
        (_other(colour, others), rows[~known & rows["category"].notna()], palette.Style(muted, "square")),
        (name_of(None, colour), rows[rows["category"].isna()], palette.Style(muted, "circle")),
        *((name_of(name, colour), rows[rows["category"] == name], style) for name, style in styles.items()),
    ]
    for number, (name, members, style) in enumerate(groups):
        if len(members):
            rank = number if number > 1 else len(groups) + number
            traces.append({**_points(name, members, style, size, rank, ringed=ringed), "meta": str(number)})
    if 0 < len(flagged) < len(rows) and colour != "issue":
        traces.append({**(_rings(flagged, size, theme) if ringed else _key(theme)), "meta": FLAGGED})
    layout = _layout(extent, theme)
    if grid is not None:
        layout["images"] = [map_shade.shade(grid, extent, theme)]
    return {"data": traces, "layout": layout}


def with_part(made: Figure, part: Window | None) -> Figure:
    """The figure of which this part is looked at."""
    if part is None:
        return made
    layout = made["layout"]
    axes = {
        "xaxis": {**layout["xaxis"], "range": list(part[:2])},
        "yaxis": {**layout["yaxis"], "range": list(part[2:])},
    }
    return {**made, "layout": {**layout, **axes}}


def with_region(made: Figure, region: Region | None) -> Figure:
    """The figure with the region drawn on it as if by hand."""
    if region is None:
        return made
    selections = [
        {"type": "path", "xref": "x", "yref": "y", "path": "M" + "L".join(f"{x},{y}" for x, y in outline) + "Z"}
        for outline in region
    ]
    return {**made, "layout": {**made["layout"], "selections": selections}}


def _points(
    name: str, rows: pd.DataFrame, style: palette.Style, size: int, rank: int, *, ringed: bool
) -> dict[str, Any]:
    """The points of one class. Flagged ones that get no ring have a shape of their own and are larger."""
    marker = {"color": style.colour, "symbol": style.shape, "size": size, "opacity": 0.85, "line": {"width": 0}}
    rows = rows.iloc[np.argsort(rows["reasons"].to_numpy() > 0, kind="stable")]  # flagged ones lie on top
    flagged = rows["reasons"].to_numpy() > 0
    if not ringed and flagged.any():
        marker["symbol"] = np.where(flagged, _FLAGGED_SHAPE[style.shape], style.shape).tolist()
        marker["size"] = np.where(flagged, size + 2, size)
    return {
        "type": "scatter",
        "mode": "markers",
        "name": safe.plotly(name, _LEGEND_NAME),
        "legendrank": 1000 + rank,
        "x": rows["x"].to_numpy(),
        "y": rows["y"].to_numpy(),
        "customdata": rows["example_id"].tolist(),
        "hovertext": [_hover(*row) for row in zip(rows["text"], rows["label"], rows["reason"], strict=True)],
        "hoverinfo": "text",
        "marker": marker,
        "unselected": {"marker": {"opacity": 0.15}},
    }


def _rings(rows: pd.DataFrame, size: int, theme: Theme) -> dict[str, Any]:
    """A ring around every flagged point: a shape, for those who cannot tell its colour."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "flagged",
        "legendrank": _LAST,
        "x": rows["x"].to_numpy(),
        "y": rows["y"].to_numpy(),
        "hoverinfo": "skip",
        "marker": {
            "color": palette.FLAGGED[theme],
            "symbol": "circle-open",
            "size": size + 6,
            "line": {"width": 1.5, "color": palette.FLAGGED[theme]},
        },
        "unselected": {"marker": {"opacity": 0.1}},
    }


def _key(theme: Theme) -> dict[str, Any]:
    """What the legend says about the shape of flagged points where rings would hide everything."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "flagged (diamond, star)",
        "legendrank": _LAST,
        "x": [None],
        "y": [None],
        "hoverinfo": "skip",
        "marker": {"color": palette.INK[theme], "symbol": "diamond", "size": 8},
    }


def _layout(extent: Window, theme: Theme) -> dict[str, Any]:
    x, y = _padded(*extent[:2]), _padded(*extent[2:])
    axis = {"showgrid": False, "zeroline": False, "showticklabels": False, "ticks": "", "showline": False}
    return {
        "height": _HEIGHT,
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "dragmode": "lasso",
        "hovermode": "closest",
        "showlegend": True,
        "hoverdistance": 12,
        "xaxis": {**axis, "range": x},
        "yaxis": {**axis, "range": y},
        "legend": {
            "orientation": "h",
            "x": 0,
            "y": 0,
            "yanchor": "top",
            "itemclick": False,
            "itemdoubleclick": False,
            "itemsizing": "constant",
            "font": {"size": 12},
        },
        "hoverlabel": {"align": "left", "bgcolor": palette.PAPER[theme], "font": {"color": palette.INK[theme]}},
        "newselection": {"line": {"color": palette.INK[theme], "width": 1.5, "dash": "dot"}},
        "modebar": {"orientation": "h"},
    }


def _padded(low: float, high: float) -> list[float]:
    """A range with room around the outermost points, also when all lie on one line."""
    room = 0.05 * (high - low) or 1.0
    return [low - room, high + room]


def _hover(text: str, label: str | None, reason: str | None) -> str:
    lines = _lines(text)
    lines.append(f"<b>Label: {'none' if pd.isna(label) else safe.plotly(label, 80)}</b>")
    if not pd.isna(reason):
        lines += _lines(f"Flagged: {reason}")
    return "<br>".join(lines)


def _lines(text: str) -> list[str]:
    """The text in escaped lines."""
    left = safe.one_line(text, points.SHOWN_TEXT + 20)
    lines = []
    while len(left) > _LINE:
        cut = left.rfind(" ", 1, _LINE + 1)
        cut = cut if cut > 0 else _LINE
        lines.append(html.escape(left[:cut], quote=False))
        left = left[cut:].lstrip()
    return [*lines, html.escape(left, quote=False)]
