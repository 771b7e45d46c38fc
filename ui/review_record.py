"""What a press in Review records, and where it leads: one decision for each view, and the way to take it back."""

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from analysis.errors import UserError
from analysis.queries import queue
from analysis.queries.case import Case
from analysis.queries.queue import QueueFilter
from analysis.review.decide import decide, decided_together, latest_decision, undo_last
from analysis.schema import Action
from analysis.store import Store
from ui import review_clause, session, words

_DOUBLE_PRESS = 0.35  # seconds


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


def shown_now(case: Case, wanted: QueueFilter, *, quiet: bool, hidden: bool) -> Shown:
    """The view of this run of the page."""
    flagged_by = [reason.check_name for reason in case.reasons]
    return Shown(
        case.example_id,
        wanted.check if wanted.check in flagged_by else next(iter(flagged_by), None),
        str(uuid.uuid4()),
        _since(case.example_id),
        wanted,
        named=bool(session.reviewer()),
        quiet=quiet,
        hidden=hidden,
    )


def note_key(example_id: str) -> str:
    """Where this tab keeps the note on an example."""
    return f"note_{example_id}"


def record(shown: Shown, action: Action, label: str | None = None, labels: Sequence[str] = ()) -> None:
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
    session.forget(_told_key(store))
    try:
        decide(
            store,
            [shown.example_id],
            action,
            reviewer=session.reviewer(),
            new_label=label,
            labels=labels,
            note=session.recall(note_key(shown.example_id)) or "",
            check_name=shown.check,
            clause=session.recall(review_clause.key(shown.example_id)),
            seconds=time.time() - shown.since,
            decision_ids=[shown.decision_id],
        )
    except UserError as error:
        session.remember("review_problem", f"{error.message} {error.hint}")
        return
    session.set_parameters(example=_next(store, shown))


def tell(store: Store, said: str) -> None:
    """Keep a sentence (Markdown) about what was done last in this dataset, until the next decision on one example."""
    session.remember(_told_key(store), said)


def told(store: Store) -> str | None:
    """That sentence; None where the latest decision says it all."""
    said: str | None = session.recall(_told_key(store))
    return said


def undo(expected: str, example_id: str) -> None:
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
        tell(store, f"Taken back: {words.count(len(undone), 'decision')}.")
    if undone or is_double:
        session.set_parameters(example=example_id)


def undo_button(store: Store, *, quiet: bool) -> None:
    """Take back what this reviewer decided last, with the rest of its batch."""
    latest = latest_decision(store, session.reviewer()) if session.reviewer() else None
    count = decided_together(store, latest) if latest else 0
    st.button(
        f"Undo last {count:,}" if count > 1 else "Undo last",
        key=f"undo_{latest.decision_id if latest else None}",
        shortcut=None if quiet else "Z",
        disabled=latest is None,
        on_click=undo,
        args=(latest.decision_id, latest.example_id) if latest else (),
    )


def _told_key(store: Store) -> str:
    return f"review_told_{store.name}"


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


def _since(example_id: str) -> float:
    """When this tab began to show the example."""
    if session.recall("review_shown") != example_id:
        session.remember("review_shown", example_id)
        session.remember("review_since", time.time())
    since: float = session.recall("review_since")
    return since
