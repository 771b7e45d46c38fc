"""What the browser does with the map by itself: names stand where there is room, and the part looked at is remembered.

A chart whose figure changes is drawn anew and forgets what the wheel has zoomed to. So the browser tells that part, for
this tab alone, and it goes into the next figure. Telling it draws nothing anew but the line below the map.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st
from streamlit.components.v1 import declare_component

from analysis.coverage import outlines
from analysis.coverage.outlines import Window
from analysis.queries.map_names import Name
from ui import palette, safe, session
from ui.palette import Theme

MOUNTED = "map_digest"  # what the chart on the page is drawn from; a new one is mounted where it is forgotten
_PART = "map_part"
_KEY = "map_live"
_PICKED = "map_picked"  # an entry of the legend was clicked, so the whole page is drawn again
_LONGEST = 200  # characters of what the browser tells
_LINE = 44  # pixels
_NAME = 40  # characters of one line of a name
_listening = declare_component("map_live", path=Path(__file__).parent / "map_names")


def part(of: str) -> Window | None:
    """What the wheel has zoomed to on the map that `of` names; None for the whole of it."""
    belongs, _, text = str(session.recall(_PART, "")).partition("|")
    return outlines.parse_window(text) if belongs == of else None


def show(
    names: Sequence[Name], whole: Window, of: str, theme: Theme, *, sampled: bool, pick: Callable[[str], None]
) -> None:
    """Names over the chart above, and the line below it; `sampled`: a part of the map would be drawn with more points.

    `pick` is called with an entry of the legend that was clicked, before the page is drawn again.
    `of` names the map, so that a part of one is not taken for a part of another; `whole` is what all of it spans.
    """
    st.fragment(_beside)(_data(names, whole, of, theme), of, sampled, pick)


def _data(names: Sequence[Name], whole: Window, of: str, theme: Theme) -> dict[str, object]:
    """What the browser is given; it shows texts as they are."""
    told = [
        {
            "words": safe.one_line(", ".join(name.words) or name.label or "", _NAME),
            "mostly": _below(name),
            "x": name.x,
            "y": name.y,
            "level": name.level,
        }
        for name in names
    ]
    return {"names": told, "whole": list(whole), "of": of, "ink": palette.INK[theme], "paper": palette.PAPER[theme]}


def _below(name: Name) -> str:
    """The second line of a name: its label, and how much of it is flagged where that is much."""
    return ", ".join(filter(None, (_mostly(name), f"{100 * name.flagged:.0f} % flagged" if name.flagged else "")))


def _mostly(name: Name) -> str:
    """The label below the words, unless it is one of them."""
    if not name.words or name.label is None or name.label.casefold() in name.words:
        return ""
    return f"mostly {safe.one_line(name.label, _NAME)}"


def _beside(data: dict[str, object], of: str, sampled: bool, pick: Callable[[str], None]) -> None:
    if session.recall(_PICKED):
        session.forget(_PICKED)
        st.rerun()
    with st.container(height=_LINE, border=False, horizontal=True, vertical_alignment="center", gap="small"):
        looked_at = part(of)
        if looked_at is None:
            st.caption(
                "Scroll to look closely; more names appear. Draw around points to select them. The legend filters."
            )
        else:
            st.caption("Zoomed in.", width="content")
            if st.button("Whole map", key="map_zoomed_out", type="tertiary"):
                _whole()
                st.rerun()
            if sampled and st.button("Draw more points here", key="map_closer", type="tertiary"):
                _whole()
                session.set_parameters(window=outlines.written_window(looked_at))
                st.rerun()
        _listening(given=data, key=_KEY, default=None, on_change=lambda: _heard(pick), tab_index=-1)


def _whole() -> None:
    session.forget(_PART)
    session.forget(MOUNTED)


def _heard(pick: Callable[[str], None]) -> None:
    """What the browser tells: a part of the map, or an entry of the legend and how many were clicked before."""
    told = str(session.recall(_KEY) or "")[:_LONGEST]
    kind, _, what = told.partition(" ")
    if kind == "part":
        session.remember(_PART, what)
    elif kind == "legend":
        session.remember(_PICKED, True)
        pick(what.partition(" ")[0])
