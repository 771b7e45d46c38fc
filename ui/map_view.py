"""What the map shows: colouring, filter and region as the URL has them, and the controls that change them."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from analysis.coverage import outlines
from analysis.coverage.outlines import Region
from analysis.queries import map_colours, overview, points, queue
from analysis.queries.map_colours import DATE, DISAGREEMENT, SEVERITY
from analysis.queries.points import MapFilter, Show
from analysis.queries.queue import UNLABELLED
from analysis.store import Store
from ui import palette, safe, session
from ui.review_filter import NO_LABEL, title_of
from ui.session import Result

SHOWN: dict[Show, str] = {"all": "All examples", "flagged": "Flagged", "open": "Flagged, not decided"}
FILTERS = ("check", "label", "region", "show", "unlabelled", "window")
"""The parameters of the address that say which examples are looked at."""
_CONTROL = 172  # pixels
_COLOUR = 320  # in which the longest of the titles can be read
_CHECK = "check "  # before a check's name among the choices of what to show
_LABEL = "label "
_TITLES = {
    "issue": "Why flagged",
    "label": "Label",
    "split": "Split",
    "verdict": "Decision",
    DISAGREEMENT: "Annotator disagreement",
    DATE: "Date",
}


@dataclass(frozen=True, slots=True)
class View:
    """The map as the URL has it; `region_text` is the region as it stands there, "" where there is none.

    `names`: the words of its parts stand on the map. `lies`: where it cannot be believed is shaded.
    """

    wanted: MapFilter
    colour: str
    region: Region | None
    region_text: str
    notes: tuple[str, ...]
    names: bool
    lies: bool

    @property
    def depends_on_decisions(self) -> bool:
        """Whether a decision changes which points are drawn, or how."""
        return self.colour == "verdict" or self.wanted.show == "open"

    @property
    def parameters(self) -> dict[str, str]:
        """The filter as an address has it."""
        wanted = self.wanted
        given = {
            "check": wanted.check,
            "label": wanted.label or None,
            "unlabelled": "yes" if wanted.label == UNLABELLED else None,
            "show": wanted.show if wanted.show != "all" else None,
            "region": self.region_text or None,
            "window": outlines.written_window(wanted.window) if wanted.window is not None else None,
        }
        return {name: value for name, value in given.items() if value is not None}

    @property
    def for_review(self) -> dict[str, str | None]:
        """The same examples as a filter of Review: what is looked at closely is a region there."""
        region = self.region_text
        if not region and self.wanted.window is not None:
            region = outlines.written(outlines.rectangle(self.wanted.window))
        kept = {name: value for name, value in self.parameters.items() if name in ("check", "label", "unlabelled")}
        return {**kept, "region": region or None, "only": "flagged" if region and self.wanted.show != "all" else None}


def view(store: Store) -> View:
    """Read the URL. A value that this dataset does not know counts as not given, and is noted."""
    colours = [key for key, _ in _known(store, map_colours.colourings)]
    allowed: dict[str, list[str]] = {
        "colour": colours,
        "check": [name for name, _ in _known(store, queue.checks_with_issues)],
        "show": list(SHOWN),
        "label": _known(store, queue.labels),
    }
    notes = []
    values = {}
    for name, known in allowed.items():
        values[name] = session.parameter(name, known)
        if values[name] is None and (asked := session.parameter(name)):
            notes.append(f"There is no {name} “{safe.one_line(asked, 60)}” for the map of this dataset.")
    region_text, window_text = session.parameter("region") or "", session.parameter("window") or ""
    region = outlines.parse(region_text) if region_text else None
    window = outlines.parse_window(window_text) if window_text else None
    if region_text and region is None:
        notes.append("The region in the address is not one that the map can read; showing all.")
    if window_text and window is None:
        notes.append("The part of the map in the address is not one that it can show; showing all.")
    return View(
        MapFilter(
            next((show for show in SHOWN if show == values["show"]), "all"),
            values["check"],
            UNLABELLED if session.parameter("unlabelled") else values["label"],
            window,
        ),
        values["colour"] or _first_colour(colours, allowed["label"]),
        region,
        region_text if region is not None else "",
        tuple(notes),
        names=session.parameter("names") != "no",
        lies=session.parameter("lies") == "yes",
    )


def _known(store: Store, question: Callable[[Store], Result]) -> Result:
    """The answer to a question that decisions leave as it is."""
    return session.cached_for(store.data_version, question, store)


def _first_colour(colours: list[str], labels: list[str]) -> str:
    """By label, unless most labels would share one colour: then by why an example is flagged."""
    return "issue" if len(labels) > 2 * palette.MOST_TOLD_APART else colours[0]


def header(store: Store) -> None:
    """Colour and filter, on the line of the title."""
    if not overview.is_scanned(store) or not points.has_map(store):
        return
    shown = view(store)
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="small"):
        _colour(store, shown)
        _show(store, shown)
        _label(store, shown)


def toggles(shown: View) -> None:
    """What is laid over the map, and the table instead of it."""
    _toggle("Names", "names", shown.names, on=None, off="no")
    _toggle("Where this picture lies", "lies", shown.lies, on="yes", off=None)
    st.toggle("As a table", key="map_table", width="content")


def as_table() -> bool:
    """Whether the map is shown as a table."""
    return bool(session.recall("map_table"))


def title_of_colour(store: Store, colour: str) -> str:
    """What the points are coloured by, as people know it."""
    if colour.startswith(SEVERITY):
        return f"Suspicion: {title_of(colour.removeprefix(SEVERITY))}"
    return _TITLES.get(colour) or safe.one_line(dict(_known(store, map_colours.colourings))[colour], 60)


def _colour(store: Store, shown: View) -> None:
    keys = [key for key, _ in _known(store, map_colours.colourings)]
    _choice(
        "Colour by",
        {key: ("" if key.startswith(SEVERITY) else "Colour: ") + title_of_colour(store, key) for key in keys},
        shown.colour,
        lambda key: {"colour": key},
        _COLOUR,
    )


def _show(store: Store, shown: View) -> None:
    checks = _known(store, queue.checks_with_issues)
    choices: dict[str, str] = {
        **{str(show): title for show, title in SHOWN.items()},
        **{f"{_CHECK}{name}": f"{title_of(name)} ({count:,})" for name, count in checks},
    }
    current = shown.wanted.show if shown.wanted.check is None else f"{_CHECK}{shown.wanted.check}"
    _choice("Show", choices, current, _as_parameters)


def _label(store: Store, shown: View) -> None:
    labels = _known(store, queue.labels)
    if not labels:
        return
    choices = {"": "All labels", **{f"{_LABEL}{label}": label for label in labels}, _LABEL: NO_LABEL}
    current = "" if shown.wanted.label is None else f"{_LABEL}{shown.wanted.label}"
    _choice(
        "Label",
        choices,
        current,
        lambda key: {"label": key.removeprefix(_LABEL) or None, "unlabelled": "yes" if key == _LABEL else None},
    )


def _as_parameters(choice: str) -> dict[str, str | None]:
    if choice.startswith(_CHECK):
        return {"check": choice.removeprefix(_CHECK), "show": None}
    return {"show": choice if choice != "all" else None, "check": None}


def _choice(
    title: str,
    choices: dict[str, str],
    current: str,
    parameters: Callable[[str], dict[str, str | None]],
    width: int = _CONTROL,
) -> None:
    """One choice that is in the URL. A new key for each value, because the URL may change it too."""
    key = f"map_{title}_{current}"
    st.selectbox(
        title,
        list(choices),
        index=list(choices).index(current),
        format_func=choices.__getitem__,
        label_visibility="collapsed",
        width=width,
        key=key,
        on_change=lambda: session.set_parameters(**parameters(session.recall(key))),
    )


def _toggle(title: str, name: str, value: bool, *, on: str | None, off: str | None) -> None:
    """A switch that is in the URL."""
    st.toggle(
        title,
        value=value,
        key=f"map_{name}_{value}",
        width="content",
        on_change=session.set_parameters,
        kwargs={name: off if value else on},
    )
