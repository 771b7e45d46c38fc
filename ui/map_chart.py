"""The map on the page, and what somebody draws on it.

A chart is mounted anew, and loses what the wheel has zoomed to, whenever its figure changes. So a region that was drawn
on the chart stays the browser's alone: the figure stays the same. Only a region that came another way (a link, the back
button, the chip) is drawn by a new figure. The window of the address, which is drawn with more of its points, outlasts
every change of colour and filter.
"""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from analysis.coverage import outlines
from analysis.coverage.outlines import Corner
from analysis.queries import map_layers, points
from analysis.queries.map_colours import DISAGREEMENT
from analysis.queries.map_made import MapMade, map_made
from analysis.queries.points import Drawn
from analysis.store import Store
from ui import map_figure, map_overlay, palette, session, words
from ui.map_view import View, title_of_colour

_CONFIG = {
    "scrollZoom": True,
    "displayModeBar": True,
    "modeBarButtonsToRemove": ["autoScale2d", "toImage"],
}
_DISAGREEMENT = (
    "Disagreement is how evenly the labels of an example are split, averaged with its neighbours: 0 where all agree, "
    "1 where two labels are given equally often."
)


def show(store: Store, shown: View) -> None:
    """The map; what is drawn on it becomes the region in the URL."""
    theme = palette.theme()
    made, drawn, digest = session.cached(map_figure.figure, store, shown.wanted, shown.colour, theme)
    if not drawn.total:
        st.write("No example fits this filter here. Take a filter off above.")
        return
    scan, window = store.meta("signal.map") or "", shown.wanted.window
    extent = window or session.cached_for(scan, points.extent, store)
    if shown.lies:
        kept = session.cached_for(scan, map_layers.faithful, store, window)
        made = map_overlay.with_lies(made, kept, extent, theme)
    if shown.names:
        names = session.cached_for(scan, map_layers.names, store, window)
        made = map_overlay.with_names(made, names, extent, theme)
    region = _mounted(f"{digest} {shown.lies} {shown.names}", shown.region_text)
    key = _key()
    st.plotly_chart(
        map_figure.with_region(made, outlines.parse(region) if region else None),
        key=key,
        on_select=lambda: _drawn_on(key),
        selection_mode=("box", "lasso"),
        config=_CONFIG,
        alt=_alt(drawn, title_of_colour(store, shown.colour)),
    )
    if shown.lies:
        st.caption(map_overlay.how_to_read(kept))
    if shown.colour == DISAGREEMENT:
        st.caption(_DISAGREEMENT)
    st.caption(f"{_said(drawn, zoomed=window is not None)}{_how_made(map_made(store))}")


def forget() -> None:
    """The chart is not on the page."""
    session.forget("map_digest")


def drawn_in(event: Mapping[str, Any]) -> list[list[Corner]]:
    """The outlines in a chart's selection event, lassos and boxes."""
    selection = event["selection"]
    found = [list(zip(lasso["x"], lasso["y"], strict=True)) for lasso in selection["lasso"]]
    for box in selection["box"]:
        (x0, x1), (y0, y1) = box["x"], box["y"]
        found.append([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
    return found


def _drawn_on(key: str) -> None:
    session.remember("map_touched", True)
    session.set_parameters(region=outlines.written(drawn_in(session.recall(key))) or None)


def _mounted(digest: str, wanted: str) -> str:
    """The region that the figure itself has to show; a new chart is mounted where the present one shows another."""
    event = session.recall(_key())
    visible = session.recall("map_region")
    if session.recall("map_touched") and event is not None:
        visible = outlines.written(drawn_in(event))
    if event is None or visible != wanted or session.recall("map_digest") != digest:
        session.remember("map_mounts", session.recall("map_mounts", 0) + 1)
        session.remember("map_region", wanted)
        session.remember("map_digest", digest)
        session.remember("map_touched", False)
    region: str = session.recall("map_region")
    return region


def _key() -> str:
    return f"map_{session.recall('map_mounts', 0)}"


def _alt(drawn: Drawn, colour: str) -> str:
    return (
        f"Map of {words.count(drawn.total, 'example')}, similar ones close together, coloured by {colour}; "
        f"{drawn.flagged:,} flagged ones have a ring or a shape of their own."
    )


def _how_made(made: MapMade | None) -> str:
    """Which examples decided where the others lie; "" for a new map on which all of them did."""
    if made is None or (made.fitted == made.placed and not made.kept):
        return ""
    whole = words.count(made.placed, "example")
    others = "" if made.fitted == made.placed else "; the others were placed among them"
    if made.kept:
        return f" {made.kept:,} of {whole} kept their place from the last version{others}."
    return f" The map was fitted on {made.fitted:,} of {whole}{others}."


def _said(drawn: Drawn, *, zoomed: bool) -> str:
    """How to read the map, and what of it is drawn."""
    said = "Close together means similar; distances between groups mean little. Draw around points to select them."
    points_drawn = len(drawn.rows)
    if points_drawn == drawn.total:
        return said
    flagged = min(drawn.flagged, points.MOST_FLAGGED)
    which = "every flagged one" if flagged == drawn.flagged else f"{flagged:,} of {drawn.flagged:,} flagged ones"
    which = "a sample" if drawn.flagged == drawn.total else f"{which} and a sample of the others"
    where = "here " if zoomed else ""
    return (
        f"{points_drawn:,} of {drawn.total:,} points {where}are drawn, {which}; the shade shows where all lie. "
        f"A selection takes all of them; zooming to it draws more of them. {said}"
    )
