"""The map on the page, and what somebody draws on it.

A chart is mounted anew, and loses its zoom, whenever its figure changes. So a region that was drawn on the chart
stays the browser's alone: the figure stays the same. Only a region that came another way (a link, the back button, the
chip) is drawn by a new figure.
"""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from analysis.queries import points
from analysis.queries.points import Corner, Drawn
from analysis.store import Store
from ui import map_figure, palette, session, words
from ui.map_view import View, title_of_colour

_CONFIG = {
    "scrollZoom": True,
    "displayModeBar": True,
    "modeBarButtonsToRemove": ["autoScale2d", "toImage"],
}


def show(store: Store, shown: View) -> None:
    """The map; what is drawn on it becomes the region in the URL."""
    made, drawn, digest = session.cached(map_figure.figure, store, shown.wanted, shown.colour, palette.theme())
    if not drawn.total:
        st.write("No example fits this filter. Show all examples above.")
        return
    region = _mounted(digest, shown.region_text)
    key = _key()
    st.plotly_chart(
        map_figure.with_region(made, points.parse(region) if region else None),
        key=key,
        on_select=lambda: _drawn_on(key),
        selection_mode=("box", "lasso"),
        config=_CONFIG,
        alt=_alt(drawn, title_of_colour(store, shown.colour)),
    )
    st.caption(_said(drawn))


def forget() -> None:
    """The chart is not on the page."""
    session.forget("map_digest")


def outlines(event: Mapping[str, Any]) -> list[list[Corner]]:
    """The outlines in a chart's selection event, lassos and boxes."""
    selection = event["selection"]
    found = [list(zip(lasso["x"], lasso["y"], strict=True)) for lasso in selection["lasso"]]
    for box in selection["box"]:
        (x0, x1), (y0, y1) = box["x"], box["y"]
        found.append([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
    return found


def _drawn_on(key: str) -> None:
    session.remember("map_touched", True)
    session.set_parameters(region=points.written(outlines(session.recall(key))) or None)


def _mounted(digest: str, wanted: str) -> str:
    """The region that the figure itself has to show; a new chart is mounted where the present one shows another."""
    event = session.recall(_key())
    visible = session.recall("map_region")
    if session.recall("map_touched") and event is not None:
        visible = points.written(outlines(event))
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


def _said(drawn: Drawn) -> str:
    """How to read the map, and what of it is drawn."""
    said = "Close together means similar; distances between groups mean little. Draw around points to select them."
    points_drawn = len(drawn.rows)
    if points_drawn == drawn.total:
        return said
    flagged = min(drawn.flagged, points.MOST_FLAGGED)
    which = "every flagged one" if flagged == drawn.flagged else f"{flagged:,} of {drawn.flagged:,} flagged ones"
    which = "a sample" if drawn.flagged == drawn.total else f"{which} and a sample of the others"
    return (
        f"{points_drawn:,} of {drawn.total:,} points are drawn, {which}; the shade shows where all lie. "
        f"A selection takes all of them. {said}"
    )
