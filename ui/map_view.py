"""What the map shows: colouring, filter and region as the URL has them, and the controls that change them."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from analysis.queries import overview, points, queue
from analysis.queries.points import MapFilter, Region, Show
from analysis.store import Store
from ui import safe, session
from ui.review_filter import title_of

_SHOWN: dict[Show, str] = {"all": "All examples", "flagged": "Flagged", "open": "Flagged, not decided"}
_CONTROL = 240  # pixels
_CHECK = "check "  # before a check's name among the choices of what to show
_TITLES = {"issue": "Why flagged", "label": "Label", "split": "Split", "verdict": "Decision"}


@dataclass(frozen=True, slots=True)
class View:
    """The map as the URL has it; `region_text` is the region as it stands there, "" where there is none."""

    wanted: MapFilter
    colour: str
    region: Region | None
    region_text: str
    notes: tuple[str, ...]

    @property
    def said(self) -> str:
        """The filter in words."""
        return title_of(self.wanted.check) if self.wanted.check is not None else _SHOWN[self.wanted.show].lower()


def view(store: Store) -> View:
    """Read the URL. A value that this dataset does not know counts as not given, and is noted."""
    colours = [key for key, _ in points.colourings(store)]
    allowed: dict[str, list[str]] = {
        "colour": colours,
        "check": [name for name, _ in session.cached(queue.checks_with_issues, store)],
        "show": list(_SHOWN),
    }
    notes = []
    values = {}
    for name, known in allowed.items():
        values[name] = session.parameter(name, known)
        if values[name] is None and (asked := session.parameter(name)):
            notes.append(f"There is no {name} “{safe.one_line(asked, 60)}” for the map of this dataset.")
    region_text = session.parameter("region") or ""
    region = points.parse(region_text) if region_text else None
    if region_text and region is None:
        notes.append("The region in the address is not one that the map can read; showing all.")
    return View(
        MapFilter(next((show for show in _SHOWN if show == values["show"]), "all"), values["check"]),
        values["colour"] or colours[0],
        region,
        region_text if region is not None else "",
        tuple(notes),
    )


def header(store: Store) -> None:
    """Colour, filter and the table, on the line of the title."""
    if not overview.is_scanned(store) or not points.has_map(store):
        return
    shown = view(store)
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        _colour(store, shown)
        _show(store, shown)
        st.toggle("As a table", key="map_table", width="content")


def as_table() -> bool:
    """Whether the map is shown as a table."""
    return bool(session.recall("map_table"))


def title_of_colour(store: Store, colour: str) -> str:
    """What the points are coloured by, as people know it."""
    return _TITLES.get(colour) or safe.one_line(dict(points.colourings(store))[colour], 60)


def _colour(store: Store, shown: View) -> None:
    keys = [key for key, _ in points.colourings(store)]
    _choice(
        "Colour by",
        {key: f"Colour: {title_of_colour(store, key)}" for key in keys},
        shown.colour,
        lambda key: {"colour": key},
    )


def _show(store: Store, shown: View) -> None:
    checks = session.cached(queue.checks_with_issues, store)
    choices: dict[str, str] = {
        **{str(show): title for show, title in _SHOWN.items()},
        **{f"{_CHECK}{name}": f"{title_of(name)} ({count:,})" for name, count in checks},
    }
    current = shown.wanted.show if shown.wanted.check is None else f"{_CHECK}{shown.wanted.check}"
    _choice("Show", choices, current, _as_parameters)


def _as_parameters(choice: str) -> dict[str, str | None]:
    if choice.startswith(_CHECK):
        return {"check": choice.removeprefix(_CHECK), "show": None}
    return {"show": choice if choice != "all" else None, "check": None}


def _choice(
    title: str, choices: dict[str, str], current: str, parameters: Callable[[str], dict[str, str | None]]
) -> None:
    """One choice that is in the URL. A new key for each value, because the URL may change it too."""
    key = f"map_{title}_{current}"
    st.selectbox(
        title,
        list(choices),
        index=list(choices).index(current),
        format_func=choices.__getitem__,
        label_visibility="collapsed",
        width=_CONTROL,
        key=key,
        on_change=lambda: session.set_parameters(**parameters(session.recall(key))),
    )
