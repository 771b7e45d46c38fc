"""Deciding: the buttons, in the same place for every example, and what a press records."""

from collections.abc import Sequence
from typing import Literal

import streamlit as st

from analysis.queries import queue
from analysis.queries.case import Case
from analysis.queries.queue import Place, QueueFilter
from analysis.review.decide import decided_together, latest_decision
from analysis.schema import Action, Decision
from analysis.store import Store
from ui import (
    review_blind,
    review_clause,
    review_dialogs,
    review_grid,
    review_note,
    review_short_list,
    safe,
    session,
    words,
)
from ui.review_record import Shown, record, shown_now, told, undo_button

_PROBABLE = 0.01
_SHORT = 18  # characters of labels that fit two to a line
_LABEL = 400  # characters of a label: whole, in any honest file
_LINE, _MOST_LINES = 24, 5  # characters on one line of a button in a narrow window
_BUTTON, _MORE = 44, 22  # pixels of a button, and of each further line in it
_STATUS = 46
_NAMES, _NAMED = 2, 40  # labels that are named of several, and characters of each
_ACTED = {
    "keep": "kept",
    "relabel": "relabelled",
    "several": "has several right labels",
    "drop": "dropped",
    "unsure": "unsure",
    "reopen": "open again",
}


def problem() -> None:
    """Why the last press was not saved, if it was not. It stands beside the buttons, so that they do not move."""
    said = session.recall("review_problem")
    if said:
        st.error(safe.markdown(said, 600))


def panel(store: Store, case: Case, place: Place, wanted: QueueFilter, *, quiet: bool, hidden: bool = False) -> None:
    """The whole right side. `quiet` turns the keys off while something lies over the page; `hidden` hides which label
    is in use and which one is suggested, so that only a label of one's own choice can be given.
    """
    shown = shown_now(case, wanted, quiet=quiet, hidden=hidden)
    labels = session.cached(queue.labels, store)
    with st.container(gap="xsmall"):
        _main(store, case, shown, _lines(labels))
        with st.container(horizontal=True, gap="xsmall"):
            _button("Drop", "D", shown, "drop", width="content")
            _button("Unsure", "U", shown, "unsure", width="content")
            review_dialogs.button("Several right", "several", "M", quiet=quiet, off=not shown.named)
        review_note.field(case)
        review_clause.panel(store, case.example_id, _at_hand(case, hidden=hidden), off=not shown.named)
        _moves(store, place, shown)
        _others(case, shown, labels)
        review_note.listen(quiet=quiet)


def _at_hand(case: Case, *, hidden: bool) -> list[str]:
    """The labels that the decision is between."""
    suggested = [case.suggestion] if case.suggestion and not hidden else []
    return [*review_blind.candidates(case), *suggested]


def _main(store: Store, case: Case, shown: Shown, lines: int) -> None:
    """Keep, relabel as suggested, and what was saved. The two grow away from each other, so that neither moves."""
    suggestion, room = None if shown.hidden else case.suggestion, _BUTTON + _MORE * lines
    off = case.label is None or shown.hidden
    with st.container(height=room, border=False, vertical_alignment="bottom"):
        keep = f"Keep **{safe.markdown(case.label, _LABEL)}**" if case.label is not None else "Keep – it has no label"
        said = "Blind: give a label below" if shown.hidden else keep
        _button(said, "K", shown, "keep", off=off, main=suggestion is None and not shown.hidden)
    with st.container(height=room + _STATUS, border=False, gap="xsmall"):
        relabel = "Blind: suggestion hidden" if shown.hidden else "Relabel – no suggestion"
        if suggestion is not None:
            relabel = f"Relabel to **{safe.markdown(suggestion, _LABEL)}**{_probability(case, suggestion)}"
        _button(relabel, "A", shown, "relabel", suggestion, off=suggestion is None, main=suggestion is not None)
        _status(store)


def _others(case: Case, shown: Shown, labels: Sequence[str]) -> None:
    """The short list, whose length is the same for every example of a dataset, and every label to search in."""
    longest = max(map(len, labels), default=0)
    numbered = review_short_list.numbered(case, labels, hidden=shown.hidden)
    rows = [numbered[start : start + 2] for start in range(0, len(numbered), 2)]
    for row in rows if longest <= _SHORT else [[one] for one in numbered]:
        for place, (number, label) in zip(st.columns(2 if longest <= _SHORT else 1, gap="xsmall"), row, strict=False):
            with place:
                said = safe.markdown(label, _LABEL) + ("" if shown.hidden else _probability(case, label))
                _button(said, str(number), shown, "relabel", label, off=label == case.label and not shown.hidden)
    key = f"other_{case.example_id}"
    st.selectbox(
        "Another label",
        [label for label in labels if shown.hidden or label != case.label],
        index=None,
        format_func=safe.one_line,
        placeholder="Any label …" if shown.hidden else "Another label …",
        label_visibility="collapsed",
        disabled=not shown.named,
        key=key,
        on_change=lambda: record(shown, "relabel", session.recall(key)),
    )


def _button(
    said: str,
    key: str,
    shown: Shown,
    action: Action,
    label: str | None = None,
    *,
    off: bool = False,
    main: bool = False,
    width: Literal["stretch", "content"] = "stretch",
) -> None:
    st.button(
        said,
        key=f"decide_{key}_{shown.example_id}",
        shortcut=None if shown.quiet else key,
        type="primary" if main else "secondary",
        width=width,
        wrap=True,
        disabled=off or not shown.named,
        on_click=record,
        args=(shown, action, label),
    )


def _moves(store: Store, place: Place, shown: Shown) -> None:
    """Undo, skip, previous, the list of keys; a colleague, the grid."""
    quiet = shown.quiet
    with st.container(horizontal=True, gap="xsmall"):
        undo_button(store, quiet=quiet)
        _go("Skip", "S", place.following or place.first, quiet=quiet)
        _go("Previous", "J", place.previous, quiet=quiet)
        review_dialogs.button("Keys", "keys", "H", quiet=quiet)
    with st.container(horizontal=True, gap="xsmall"):
        review_dialogs.button("Ask a colleague", "ask", "Q", quiet=quiet, off=not shown.named)
        review_grid.switch("Grid", quiet=quiet, off=not place.is_open)


def _go(said: str, key: str, example_id: str | None, *, quiet: bool) -> None:
    st.button(
        said,
        key=f"go_{key}_{example_id}",
        shortcut=None if quiet else key,
        disabled=example_id is None,
        on_click=session.set_parameters,
        kwargs={"example": example_id},
    )


def _status(store: Store) -> None:
    """What was saved last."""
    latest = latest_decision(store, session.reviewer())
    said = told(store)
    if session.recall("review_problem"):
        st.caption("**Not saved.** The reason stands on the left.")
    elif said:
        st.caption(said)
    elif latest is not None:
        st.caption(f"Saved: {_said(store, latest)}.")
    else:
        st.caption(
            "Decisions are saved at once; each can be undone."
            if session.reviewer()
            else "To decide, give your name in the sidebar, at the lower left."
        )


def _said(store: Store, latest: Decision) -> str:
    if latest.action == "several":
        names = " · ".join(safe.markdown(label, _NAMED) for label in latest.labels[:_NAMES])
        what = f"{len(latest.labels)} labels are right, {names}{' …' if len(latest.labels) > _NAMES else ''}"
    elif latest.new_label:
        what = f"relabelled to {safe.markdown(latest.new_label)}"
    else:
        what = _ACTED.get(latest.action, latest.action)
    count = decided_together(store, latest)
    who = safe.markdown(latest.example_id, 40) if count == 1 else words.count(count, "example")
    return f"{who} {what}"


def _probability(case: Case, label: str) -> str:
    probability = case.probability(label)
    return f" · {words.share(round(100 * probability), 100)}" if probability and probability >= _PROBABLE else ""


def _lines(labels: Sequence[str]) -> int:
    """How many lines more than one the longest label may take in a button of a narrow window."""
    longest = max((len(label) for label in labels), default=0)
    return min(_MOST_LINES, (longest + len("Relabel to  · 100 %") - 1) // _LINE)
