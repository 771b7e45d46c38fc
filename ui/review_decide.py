"""Deciding: the buttons, in the same place for every example, and what a press records."""

from collections.abc import Sequence

import streamlit as st

from analysis.queries import queue
from analysis.queries.case import Case
from analysis.queries.queue import Place, QueueFilter
from analysis.schema import Action
from analysis.store import Store
from ui import (
    review_blind,
    review_clause,
    review_dialogs,
    review_grid,
    review_keys,
    review_name,
    review_note,
    review_short_list,
    review_why,
    safe,
    session,
    words,
)
from ui.review_record import Shown, move, record, shown_now, status, undo_button

_PROBABLE = 0.01
_SHORT, _VERY_SHORT = 18, 9  # characters of labels that fit two to a line: mostly, and in the smallest window
_ONE_BELOW_ANOTHER = 4  # labels for which there is room under each other
# Characters of the longest label, and the pixels with which four, three or two fit to a line of a large window.
_ACROSS = ((9, 103), (14, 144), (26, 218))
_LABEL = 400  # characters of a label: whole, in any honest file
_LINE, _MOST_LINES = 24, 5  # characters on one line of a button in a narrow window
_BUTTON, _MORE, _GAP = 40, 22, 4  # pixels of a button, of each further line in it, and between two
_STATUS = 48  # two lines
_SMALL = 100  # pixels: four small buttons beside each other in a large window, two in a small one


def panel(store: Store, case: Case, place: Place, wanted: QueueFilter, *, quiet: bool, hidden: bool = False) -> None:
    """The whole right side. `quiet` turns the keys off while something lies over the page; `hidden` hides which label
    is in use and which one is suggested, so that only a label of one's own choice can be given.
    """
    shown = shown_now(case, wanted, quiet=quiet, hidden=hidden)
    labels = session.cached(queue.labels, store)
    numbered, few = review_short_list.numbered(case, labels, hidden=hidden), review_short_list.are_few(labels)
    with st.container(key=review_keys.ACTS, gap="xsmall"):
        _main(case, shown, labels)
        if not few:
            _likely(case, shown, numbered, labels)
            _another(case, shown, labels)
        with st.container(height=_STATUS, border=False):
            st.caption(status(store))
        early = st.container()
        _small(store, place, shown)
        review_note.field(case)
        review_clause.panel(store, case.example_id, _at_hand(case, hidden=hidden))
        if few:
            _another(case, shown, labels)
            _all(case, shown, numbered, labels)
    why = review_why.of_one(store, case, place, numbered, hidden=hidden)
    with early:
        review_keys.listen(view=shown.decision_id, example_id=case.example_id, one=True, quiet=quiet, why=why)


def _at_hand(case: Case, *, hidden: bool) -> list[str]:
    """The labels that the decision is between."""
    suggested = [case.suggestion] if case.suggestion and not hidden else []
    return [*review_blind.candidates(case), *suggested]


def _main(case: Case, shown: Shown, labels: Sequence[str]) -> None:
    """Keep, and relabel as suggested, in as much room for every example of a dataset.

    They grow away from each other, so that neither moves. What the page speaks for is the main one: the suggestion,
    else the label in use, but where annotators are split on that, neither.
    """
    suggestion, lines = None if shown.hidden else case.suggestion, _lines(labels)
    off = case.label is None or shown.hidden
    with st.container(height=_BUTTON + _MORE * lines, border=False, vertical_alignment="bottom"):
        keep = f"Keep **{safe.markdown(case.label, _LABEL)}**" if case.label is not None else "Keep – it has no label"
        said = "Blind: give a label below" if shown.hidden else keep
        main = suggestion is None and not shown.hidden and not case.is_split
        _button(said, "K", shown, "keep", off=off, main=main)
    with st.container(height=_BUTTON + _MORE * lines, border=False):
        relabel = "Blind: suggestion hidden" if shown.hidden else "Relabel – no suggestion"
        if suggestion is not None:
            relabel = f"Relabel to **{safe.markdown(suggestion, _LABEL)}**{_probability(case, suggestion)}"
        _button(relabel, "A", shown, "relabel", suggestion, off=suggestion is None, main=suggestion is not None)


def _likely(case: Case, shown: Shown, numbered: Sequence[tuple[str, str]], labels: Sequence[str]) -> None:
    """Of many labels those that this example may have, as many to a line as fit with the longest label."""
    longest = max(map(len, labels), default=0)
    width = next((width for characters, width in _ACROSS if longest <= characters), None)
    with st.container(horizontal=width is not None, gap="xxsmall"):
        for key, label in numbered:
            _label(case, shown, key, label, width=width)


def _all(case: Case, shown: Shown, numbered: Sequence[tuple[str, str]], labels: Sequence[str]) -> None:
    """Every label of a dataset with few, always under the same key and at the same place."""
    short = _SHORT if len(labels) > _ONE_BELOW_ANOTHER else _VERY_SHORT
    across = 2 if max(map(len, labels), default=0) <= short else 1
    for start in range(0, len(numbered), across):
        for place, (key, label) in zip(
            st.columns(across, gap="xsmall"), numbered[start : start + across], strict=False
        ):
            with place:
                _label(case, shown, key, label, probability=not shown.hidden)


def _label(
    case: Case, shown: Shown, key: str, label: str, *, probability: bool = False, width: int | None = None
) -> None:
    said = safe.markdown(label, _LABEL) + (_probability(case, label) if probability else "")
    off = label == case.label and not shown.hidden
    _button(said, key, shown, "relabel", label, off=off, width=width)


def _another(case: Case, shown: Shown, labels: Sequence[str]) -> None:
    """Every label, to search in."""
    key = f"other_{case.example_id}"
    st.selectbox(
        "Another label",
        [label for label in labels if shown.hidden or label != case.label],
        index=None,
        format_func=safe.one_line,
        placeholder="Any label: L begins it" if shown.hidden else "Another label: L begins it",
        label_visibility="collapsed",
        key=key,
        on_change=_take_other,
        args=(shown, key),
    )


def _take_other(shown: Shown, key: str) -> None:
    record(shown, "relabel", session.recall(key))
    if not session.reviewer():
        session.remember(key, None)  # the name is asked first; who leaves that can choose the same label again


def _button(
    said: str,
    key: str,
    shown: Shown,
    action: Action,
    label: str | None = None,
    *,
    off: bool = False,
    main: bool = False,
    width: int | None = None,
) -> None:
    st.button(
        said,
        key=f"decide_{key}_{shown.example_id}",
        shortcut=None if shown.quiet else key,
        type="primary" if main else "secondary",
        width=width or "stretch",
        wrap=True,
        disabled=off,
        on_click=record,
        args=(shown, action, label),
    )


def _small(store: Store, place: Place, shown: Shown) -> None:
    """What can be done besides giving one label; under each other in a small window, never of uneven width."""
    quiet, this = shown.quiet, shown.example_id
    left = f"Skipped: {safe.markdown(this, 40)} stays open." if place.is_open else None
    with st.container(horizontal=True, gap="xsmall"):
        _button("Drop", "D", shown, "drop", width=_SMALL)
        _button("Unsure", "U", shown, "unsure", width=_SMALL)
        for said, what, key, tip in (
            ("Several", "several", "M", "Several are right"),
            ("Ask", "ask", "Q", "Ask a colleague to decide"),
        ):
            review_dialogs.button(said, what, key, quiet=quiet, width=_SMALL, tip=tip, before=review_name.before)
        undo_button(store, quiet=quiet, width=_SMALL)
        _go("Skip", "S", place.following or place.first, quiet=quiet, left=left)
        _go("Previous", "J", place.previous, quiet=quiet)
        review_grid.switch("Grid", quiet=quiet, off=not place.is_open, width=_SMALL)


def _go(said: str, key: str, example_id: str | None, *, quiet: bool, left: str | None = None) -> None:
    st.button(
        said,
        key=f"go_{key}_{example_id}",
        shortcut=None if quiet else key,
        disabled=example_id is None,
        width=_SMALL,
        on_click=move,
        args=(example_id, left),
    )


def _probability(case: Case, label: str) -> str:
    probability = case.probability(label)
    return f" · {words.share(round(100 * probability), 100)}" if probability and probability >= _PROBABLE else ""


def _lines(labels: Sequence[str]) -> int:
    """How many lines more than one the longest label may take in a button of a narrow window."""
    longest = max((len(label) for label in labels), default=0)
    return min(_MOST_LINES, (longest + len("Relabel to  · 100 %") - 1) // _LINE)
