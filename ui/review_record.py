"""What a press in Review records, and where it leads: one decision for each view, and the way to take it back.

What is said of an act names its example, and goes when the next act begins.
"""

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import streamlit as st

from analysis.errors import UserError
from analysis.queries import queue
from analysis.queries.case import Case
from analysis.queries.queue import QueueFilter
from analysis.review.decide import decide, decided_together, latest_decision, undo_last
from analysis.schema import Action, Decision
from analysis.store import Store
from ui import review_clause, review_keys, review_name, safe, session, words

_DOUBLE_PRESS = 0.1  # seconds: less than it takes to draw an example and to see it
_LATE = review_keys.LATE.replace("KEY", "the last press")
_NAMES, _NAMED = 2, 40  # labels that are named of several, and characters of each, and of an example
_CITED = 80  # characters of a citation
_TOLD = 120.0  # seconds for which something was done "just now"
_ACTED = {
    "keep": "kept",
    "relabel": "relabelled",
    "drop": "dropped",
    "unsure": "unsure",
    "reopen": "open again",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What stood on the screen when a button was pressed. One view takes one decision: its id is made with it."""

    example_id: str
    check: str | None
    decision_id: str
    since: float
    wanted: QueueFilter
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
        quiet=quiet,
        hidden=hidden,
    )


def note_key(example_id: str) -> str:
    """Where this tab keeps the note on an example."""
    return f"note_{example_id}"


def record(shown: Shown, action: Action, label: str | None = None, labels: Sequence[str] = ()) -> None:
    """Save the decision, then go to the next example; on failure everything stays as it is.

    Where nobody has said who decides, that is asked first.
    """
    store = session.store()
    if store is None or (action == "relabel" and label is None):
        return
    if not session.reviewer():
        review_name.before("decide", shown.example_id, action, label)
        return
    pressed_on = session.recall("review_pressed_on")
    if _is_double_press(shown.example_id) or shown.decision_id == session.recall("review_taken"):
        # The browser may not have heard of the first press yet: what it led to is said again.
        session.set_parameters(example=shown.example_id if shown.example_id != pressed_on else _next(store, shown))
        tell(store, _LATE)
        return
    begin(store)
    try:
        (made, *_) = decide(
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
        fail(store, error, f"Not saved: {safe.markdown(shown.example_id, _NAMED)} is as it was.")
        return
    session.remember("review_taken", shown.decision_id)
    tell(store, f"Saved: {_said(store, made)}.")
    session.set_parameters(example=_next(store, shown))


def move(example_id: str, said: str | None) -> None:
    """Show another example; nothing is recorded."""
    store = session.store()
    if store is not None:
        begin(store)
        if said is not None:
            tell(store, said)
        session.set_parameters(example=example_id)


def begin(store: Store) -> None:
    """An act begins: what was said of the one before goes."""
    session.forget("review_problem")
    session.forget(_told_key(store))


def fail(store: Store, error: UserError, said: str) -> None:
    """Keep why an act was not saved until it has been read, and a sentence (Markdown) that names what it was about."""
    session.remember("review_problem", f"{error.message} {error.hint}")
    tell(store, said)


def tell(store: Store, said: str, *, beside: str | None = None) -> None:
    """Keep a sentence (Markdown) about what was done last in this dataset, until the next act, here or elsewhere.

    `beside` names the one example beside which it is shown.
    """
    session.remember(_told_key(store), said)
    session.remember(_beside_key(store), beside)
    session.remember(_told_of_key(store), store.version)
    session.remember(_told_at_key(store), time.time())


def told(store: Store) -> str | None:
    """That sentence; None where nothing was done just now, or something else since."""
    if store.version != session.recall(_told_of_key(store)):
        return None
    if time.time() - session.recall(_told_at_key(store)) > _TOLD:
        return None
    beside = session.recall(_beside_key(store))
    said: str | None = session.recall(_told_key(store))
    return said if beside in (None, session.parameter("example")) else None


def status(store: Store) -> str:
    """What was done last, in one sentence (Markdown)."""
    if not session.reviewer():
        return told(store) or "Decisions are saved at once; the first one asks for your name."
    latest = latest_decision(store, session.reviewer())
    last = f"Saved last: {_said(store, latest)}." if latest is not None else None
    return told(store) or last or "Decisions are saved at once; each can be undone."


def _said(store: Store, latest: Decision) -> str:
    count = decided_together(store, latest)
    if latest.action == "several":
        names = " · ".join(safe.markdown(label, _NAMED) for label in latest.labels[:_NAMES])
        rest = " …" if len(latest.labels) > _NAMES else ""
        what = f"{'has' if count == 1 else 'have'} {len(latest.labels)} right labels, {names}{rest}"
    elif latest.new_label:
        what = f"relabelled to {safe.markdown(latest.new_label)}"
    else:
        what = _ACTED.get(latest.action, latest.action)
    who = safe.markdown(latest.example_id, _NAMED) if count == 1 else words.count(count, "example")
    note = ", with a note" if latest.note else ""
    return f"{who} {what}{safe.markdown(review_clause.said(latest.clause), _CITED)}{note}"


def undo(expected: str, example_id: str) -> None:
    """Take the latest decision back and show its example again, with the note that was written."""
    store = session.store()
    if store is None:
        return
    is_double = _is_double_press(example_id)
    begin(store)
    latest = latest_decision(store, session.reviewer())
    try:
        undone = undo_last(store, session.reviewer(), expected=expected)
    except UserError as error:
        fail(store, error, f"Not taken back: {safe.markdown(example_id, _NAMED)} is as it was.")
        return
    if undone:
        where = f" {safe.markdown(example_id, _NAMED)} is open again." if len(undone) == 1 else ""
        tell(store, f"Taken back: {words.count(len(undone), 'decision')}.{where}")
        if len(undone) == 1 and latest is not None and latest.note:
            session.remember(note_key(example_id), latest.note)
    else:
        tell(store, _LATE if is_double else "Nothing was taken back: that is not your latest decision any more.")
    if undone or is_double:
        session.set_parameters(example=example_id)


def undo_button(store: Store, *, quiet: bool, width: Literal["content"] | int = "content") -> None:
    """Take back what this reviewer decided last, with the rest of its batch."""
    latest = latest_decision(store, session.reviewer()) if session.reviewer() else None
    count = decided_together(store, latest) if latest else 0
    st.button(
        f"Undo {count:,}" if count > 1 else "Undo",
        key=f"undo_{latest.decision_id if latest else None}",
        shortcut=None if quiet else "Z",
        width=width,
        disabled=latest is None,
        on_click=undo,
        args=(latest.decision_id, latest.example_id) if latest else (),
    )


def _told_key(store: Store) -> str:
    """Another one for each reviewer: what one did is not told to the next in this tab."""
    return f"review_told_{store.name}_{session.reviewer()}"


def _beside_key(store: Store) -> str:
    return f"review_told_beside_{store.name}"


def _told_of_key(store: Store) -> str:
    return f"review_told_of_{store.name}"


def _told_at_key(store: Store) -> str:
    return f"review_told_at_{store.name}"


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
