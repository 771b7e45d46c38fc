"""The map on the page, and what somebody draws on it.

A chart is mounted anew whenever its figure changes. So a region that was drawn on the chart stays the browser's alone:
the figure stays the same. Only a region that came another way (a link, the back button, the chip) is drawn by a new
figure. What the wheel has zoomed to goes into the next figure; the window of the address is drawn with more points.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import streamlit as st

from analysis.coverage import outlines
from analysis.coverage.outlines import Corner
from analysis.queries import map_layers, map_names, points
from analysis.queries.map_colours import DISAGREEMENT
from analysis.queries.map_made import MapMade, map_made
from analysis.queries.points import Drawn
from analysis.store import Store
from ui import map_figure, map_live, map_overlay, map_view, palette, session, words
from ui.map_view import View, title_of_colour

_CONFIG = {
    "scrollZoom": True,
    "displayModeBar": True,
    "modeBarButtonsToRemove": ["resetScale2d", "toImage"],  # which goes back to the part that was zoomed to last
    "doubleClick": "autosize",
}
_DISAGREEMENT = (
    "Disagreement is how evenly the labels of an example are split, averaged with its neighbours: 0 where all agree, "
    "1 where two labels are given equally often."
)


def show(store: Store, shown: View) -> None:
    """The map; what is drawn on it becomes the region in the URL."""
    theme = palette.theme()
    made, drawn, digest = _figure(store, shown)
    if not drawn.total:
        st.write("No example fits this filter here. Take a filter off above.")
        return
    scan, window = store.meta("signal.map") or "", shown.wanted.window
    if shown.lies:
        extent = window or session.cached_for(scan, points.extent, store)
        kept = session.cached_for(scan, map_layers.faithful, store, window)
        made = map_overlay.with_lies(made, kept, extent, theme)
    of = hashlib.blake2b(f"{store.folder} {scan} {window}".encode(), digest_size=8).hexdigest()
    region = _mounted(f"{digest} {shown.lies} {of}", shown.region_text, of)
    key = _key()
    layout = made["layout"]
    with st.container(key="map_chart"):
        st.plotly_chart(
            map_figure.with_region(
                map_figure.with_part(made, outlines.parse_window(session.recall("map_mounted_part"))),
                outlines.parse(region) if region else None,
            ),
            key=key,
            on_select=lambda: _drawn_on(key),
            selection_mode=("box", "lasso"),
            config=_CONFIG,
            alt=_alt(drawn, title_of_colour(store, shown.colour)),
        )
    names = session.cached_for(store.data_version, map_names.names, store, window) if shown.names else []
    whole = (*layout["xaxis"]["range"], *layout["yaxis"]["range"])
    map_live.show(
        names, whole, of, theme, sampled=len(drawn.rows) < drawn.total, pick=lambda entry: _pick(store, shown, entry)
    )
    if shown.lies:
        st.caption(map_overlay.how_to_read(kept))
    if shown.colour == DISAGREEMENT:
        st.caption(_DISAGREEMENT)
    st.caption(f"{_said(drawn, zoomed=window is not None, shaded=not shown.lies)}{_how_made(map_made(store))}")


def how_many(store: Store, shown: View) -> str:
    """How many of the examples the chart draws, and that the flagged ones look like more; "" where all are seen."""
    if map_view.as_table():
        return ""
    drawn = _figure(store, shown)[1]
    points_drawn, flagged = len(drawn.rows), int((drawn.rows["reasons"] > 0).sum())
    if points_drawn == drawn.total:
        return ""
    told = f"{points_drawn:,} of {drawn.total:,} points drawn"
    if not 0 < drawn.flagged < drawn.total:
        return f"{told}."
    of = "all" if flagged == drawn.flagged else f"{flagged:,} of the"
    share = words.share(drawn.flagged, drawn.total).replace(" ", "\N{NO-BREAK SPACE}")
    return f"{told}, {of} {drawn.flagged:,} flagged among them, so {share} looks like more."


def _figure(store: Store, shown: View) -> tuple[map_figure.Figure, Drawn, str]:
    state = store.version if shown.depends_on_decisions else store.data_version
    return session.cached_for(state, map_figure.figure, store, shown.wanted, shown.colour, palette.theme())


def forget() -> None:
    """The chart is not on the page."""
    session.forget(map_live.MOUNTED)


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


def _pick(store: Store, shown: View, entry: str) -> None:
    """One entry of the legend alone; all of them again where it is alone already."""
    asked = map_figure.narrowed(store, shown.colour, entry)
    if asked is None:
        return
    here = {name: shown.parameters.get(name) for name in asked}
    session.set_parameters(**(dict.fromkeys(asked) if here == asked else asked))


def _mounted(digest: str, wanted: str, of: str) -> str:
    """The region that the figure itself has to show; a new chart is mounted where the present one shows another.

    A new one shows the part of the map that the last one was zoomed to.
    """
    event = session.recall(_key())
    visible = session.recall("map_region")
    if session.recall("map_touched") and event is not None:
        visible = outlines.written(drawn_in(event))
    part = map_live.part(of)
    if event is None or visible != wanted or session.recall(map_live.MOUNTED) != digest:
        session.remember("map_mounts", session.recall("map_mounts", 0) + 1)
        session.remember("map_region", wanted)
        session.remember(map_live.MOUNTED, digest)
        session.remember("map_touched", False)
        session.remember("map_mounted_part", outlines.written_window(part) if part is not None else "")
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


def _said(drawn: Drawn, *, zoomed: bool, shaded: bool) -> str:
    """How to read the map, and what of it is drawn; `shaded` with the shade of all below them."""
    said = "Close together means similar; distances between groups mean little."
    points_drawn = len(drawn.rows)
    if points_drawn == drawn.total:
        return said
    flagged = int((drawn.rows["reasons"] > 0).sum())
    which = "every flagged one" if flagged == drawn.flagged else f"{flagged:,} of {drawn.flagged:,} flagged ones"
    which = f"{which} and {points_drawn - flagged:,} others" if 0 < drawn.flagged < drawn.total else "some"
    where = "here " if zoomed else ""
    shade = "; the shade shows where all lie" if shaded else ""
    return (
        f"{points_drawn:,} of {drawn.total:,} points {where}are drawn, {which} from every part{shade}. "
        f"A selection takes all of them; zooming to it draws more of them. {said}"
    )
