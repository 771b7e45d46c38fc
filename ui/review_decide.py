"""Deciding: the buttons, in the same place for every example, and what a press records."""

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from analysis.errors import UserError
from analysis.queries import queue
from analysis.queries.case import Case
from analysis.queries.queue import Place, QueueFilter
from analysis.review.decide import decide, decided_together, latest_decision, undo_last
from analysis.schema import Action, Decision
from analysis.store import Store
from ui import frame, review_blind, review_clause, review_dialogs, safe, session, words

_SHORT_LIST = 9  # where there are more labels, only the most probable ones have a number
_PROBABLE_ONES = 5
_PROBABLE = 0.01
_SHORT = 14  # characters of labels that fit two to a line
_LABEL = 400  # characters of a label: whole, in any honest file
_LINE, _MOST_LINES = 24, 5  # characters on one line of a button in a narrow window
_BUTTON, _MORE = 44, 22  # pixels of a button, and of each further line in it
_STATUS, _ASK = 46, 84
_DOUBLE_PRESS = 0.35  # seconds
_ACTED = {"keep": "kept", "drop": "dropped", "unsure": "unsure", "reopen": "open again"}


@dataclass(frozen=True, slots=True)
class Shown:
    """What stood on the screen when a button was pressed. One view takes one decision: its id is made with it."""

    example_id: str
    check: str | None
    decision_id: str
    since: float
    wanted: QueueFilter
    named: bool
    quiet: bool
    hidden: bool


def problem() -> None:
    """Why the last press was not saved, if it was not. It stands beside the buttons, so that they do not move."""
    said = session.recall("review_problem")
    if said:
        st.error(safe.markdown(said, 600))


def panel(store: Store, case: Case, place: Place, wanted: QueueFilter, *, quiet: bool, hidden: bool = False) -> None:
    """The whole right side. `quiet` turns the keys off while something lies over the page; `hidden` hides which label
    is in use and which one is suggested, so that only a label of one's own choice can be given.
    """
    flagged_by = [reason.check_name for reason in case.reasons]
    shown = Shown(
        case.example_id,
        wanted.check if wanted.check in flagged_by else next(iter(flagged_by), None),
        str(uuid.uuid4()),
        _since(case.example_id),
        wanted,
        named=bool(session.reviewer()),
        quiet=quiet,
        hidden=hidden,
    )
    labels = session.cached(queue.labels, store)
    with st.container(gap="xsmall"):
        _main(store, case, shown, _lines(labels))
        drop, unsure = st.columns(2, gap="xsmall")
        with drop:
            _button("Drop", "D", shown, "drop")
        with unsure:
            _button("Unsure", "U", shown, "unsure")
        st.text_area(
            "Note",
            key=_note_key(case.example_id),
            height=68,
            placeholder="Note (keys are off while you type)",
            label_visibility="collapsed",
        )
        review_clause.panel(store, case.example_id, _at_hand(case, hidden=hidden), off=not shown.named)
        _moves(store, place, quiet=quiet)
        _others(case, shown, labels)


def _at_hand(case: Case, *, hidden: bool) -> list[str]:
    """The labels that the decision is between."""
    suggested = [case.suggestion] if case.suggestion and not hidden else []
    return [*review_blind.candidates(case), *suggested]


def _main(store: Store, case: Case, shown: Shown, lines: int) -> None:
    """Keep, relabel as suggested, and what was saved. The two grow away from each other, so that neither moves."""
    suggestion, room = None if shown.hidden else case.suggestion, _BUTTON + _MORE * lines
    off = case.label is None or shown.hidden
    with st.container(height=room + (0 if shown.named else _ASK), border=False, vertical_alignment="bottom"):
        if not shown.named:
            frame.ask_reviewer(store, "review")
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
    """Every label to search in, and the short list; last, because how long it is differs between examples."""
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
        on_change=lambda: _record(shown, "relabel", session.recall(key)),
    )
    is_tight = _is_small(labels) and max(map(len, labels), default=0) <= _SHORT
    places = st.columns(2, gap="xsmall") if is_tight else [st.container(gap="xxsmall")]
    for number, label in enumerate(_short_list(case, labels, hidden=shown.hidden)):
        with places[number % len(places)]:
            said = safe.markdown(label, _LABEL) + ("" if shown.hidden else _probability(case, label))
            _button(said, str(number + 1), shown, "relabel", label, off=label == case.label and not shown.hidden)


def _short_list(case: Case, labels: Sequence[str], *, hidden: bool) -> list[str]:
    """All labels where they are few, so that each keeps its number; else the most probable others.

    Where no probabilities are known, the most frequent ones; where they must not be seen, those that anybody gave.
    """
    if _is_small(labels):
        return list(labels)
    if hidden:
        return review_blind.candidates(case)[:_SHORT_LIST]
    probable = [label for label, p in case.classes if p >= _PROBABLE] or labels
    return [label for label in probable if label not in (case.label, case.suggestion)][:_PROBABLE_ONES]


def _button(
    said: str,
    key: str,
    shown: Shown,
    action: Action,
    label: str | None = None,
    *,
    off: bool = False,
    main: bool = False,
) -> None:
    st.button(
        said,
        key=f"decide_{key}_{shown.example_id}",
        shortcut=None if shown.quiet else key,
        type="primary" if main else "secondary",
        width="stretch",
        wrap=True,
        disabled=off or not shown.named,
        on_click=_record,
        args=(shown, action, label),
    )


def _record(shown: Shown, action: Action, label: str | None = None) -> None:
    """Save the decision, then go to the next example; on failure everything stays as it is."""
    store = session.store()
    if store is None or (action == "relabel" and label is None):
        return
    pressed_on = session.recall("review_pressed_on")
    if _is_double_press(shown.example_id):
        # The browser may not have heard of the first press yet: what it led to is said again.
        session.set_parameters(example=shown.example_id if shown.example_id != pressed_on else _next(store, shown))
        return
    session.forget("review_problem")
    session.forget("review_undone")
    try:
        decide(
            store,
            [shown.example_id],
            action,
            reviewer=session.reviewer(),
            new_label=label,
            note=session.recall(_note_key(shown.example_id)) or "",
            check_name=shown.check,
            clause=session.recall(review_clause.key(shown.example_id)),
            seconds=time.time() - shown.since,
            decision_ids=[shown.decision_id],
        )
    except UserError as error:
        session.remember("review_problem", f"{error.message} {error.hint}")
        return
    session.set_parameters(example=_next(store, shown))


def _next(store: Store, shown: Shown) -> str | None:
    """Where to go on after this example; None when nothing is left."""
    place = queue.place(store, shown.wanted, shown.example_id)
    following = place.following or place.first
    return following if following != shown.example_id else None


def _is_double_press(example_id: str) -> bool:
    """Whether the last press was so short ago that nobody can have read the example that has come up since."""
    now, last = time.time(), session.recall("review_pressed", 0.0)
    session.remember("review_pressed", now)
    session.remember("review_pressed_on", example_id)
    return bool(0 <= now - last < _DOUBLE_PRESS)


def _undo(expected: str, example_id: str) -> None:
    """Take the latest decision back and show its example again."""
    store = session.store()
    if store is None:
        return
    is_double = _is_double_press(example_id)
    session.forget("review_problem")
    try:
        undone = undo_last(store, session.reviewer(), expected=expected)
    except UserError as error:
        session.remember("review_problem", f"{error.message} {error.hint}")
        return
    if undone:
        session.remember("review_undone", words.count(len(undone), "decision"))
    if undone or is_double:
        session.set_parameters(example=example_id)


def _moves(store: Store, place: Place, *, quiet: bool) -> None:
    """Undo, skip, previous, and the list of keys."""
    latest = latest_decision(store, session.reviewer()) if session.reviewer() else None
    count = decided_together(store, latest) if latest else 0
    with st.container(horizontal=True, gap="xsmall"):
        st.button(
            f"Undo last {count:,}" if count > 1 else "Undo last",
            key=f"undo_{latest.decision_id if latest else None}",
            shortcut=None if quiet else "Z",
            disabled=latest is None,
            on_click=_undo,
            args=(latest.decision_id, latest.example_id) if latest else (),
        )
        _go("Skip", "S", place.following or place.first, quiet=quiet)
        _go("Previous", "J", place.previous, quiet=quiet)
        review_dialogs.button("Keys", "keys", "H", quiet=quiet)


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
    undone = session.recall("review_undone")
    if session.recall("review_problem"):
        st.caption("**Not saved.** The reason stands on the left.")
    elif undone:
        st.caption(f"Taken back: {undone}.")
    elif latest is not None:
        st.caption(f"Saved: {_said(store, latest)}.")
    else:
        st.caption(
            "Decisions are saved at once; each can be undone."
            if session.reviewer()
            else "Give your name above to decide."
        )


def _said(store: Store, latest: Decision) -> str:
    what = f"relabelled to {safe.markdown(latest.new_label)}" if latest.new_label else _ACTED[latest.action]
    count = decided_together(store, latest)
    who = safe.markdown(latest.example_id, 40) if count == 1 else words.count(count, "example")
    return f"{who} {what}"


def _since(example_id: str) -> float:
    """When this tab began to show the example."""
    if session.recall("review_shown") != example_id:
        session.remember("review_shown", example_id)
        session.remember("review_since", time.time())
    since: float = session.recall("review_since")
    return since


def _note_key(example_id: str) -> str:
    return f"note_{example_id}"


def _probability(case: Case, label: str) -> str:
    probability = case.probability(label)
    return f" · {words.share(round(100 * probability), 100)}" if probability and probability >= _PROBABLE else ""


def _is_small(labels: Sequence[str]) -> bool:
    return len(labels) <= _SHORT_LIST


def _lines(labels: Sequence[str]) -> int:
    """How many lines more than one the longest label may take in a button of a narrow window."""
    longest = max((len(label) for label in labels), default=0)
    return min(_MOST_LINES, (longest + len("Relabel to  · 100 %") - 1) // _LINE)
