"""Asking a colleague to decide about an example, and taking that back. Both are acts of the journal."""

import threading
import uuid
from datetime import UTC, datetime

from analysis.errors import NotSaved
from analysis.queries.asked import Request, requests
from analysis.queries.life import given_label
from analysis.review.decide import clean
from analysis.schema import Assignment, Undo
from analysis.store import Store

_ONE_AT_A_TIME = threading.Lock()


def ask(
    store: Store, example_id: str, asked: str, *, asked_by: str, question: str = "", assignment_id: str | None = None
) -> None:
    """Record that somebody is asked to decide about an example.

    `assignment_id` is made by whoever asks: one that is known already stays what it is, so that asking twice changes
    nothing. Raises NoSuchThing for an unknown example, and NotSaved when nobody is named, when people ask themselves,
    or when the disk refuses.
    """
    given_label(store, example_id)  # raises where there is no such example
    whom, by = _name(asked), _name(asked_by)
    if not by:
        raise NotSaved("Not saved: nobody is named as the one who asks.", "Give your name as the reviewer.")
    if not whom:
        raise NotSaved("Not saved: nobody is named to be asked.", "Choose a colleague, or type a name.")
    if whom.casefold() == by.casefold():
        raise NotSaved(f"Not saved: {whom} cannot be asked by themselves.", "Choose a colleague, or skip the example.")
    act_id = assignment_id or str(uuid.uuid4())
    with _ONE_AT_A_TIME:
        if any(request.assignment_id == act_id for request in requests(store, example_id)):
            return
        store.record([Assignment(act_id, example_id, whom, by, datetime.now(UTC).isoformat(), clean(question))])


def take_back(store: Store, example_id: str, assignment_id: str, *, asked_by: str) -> Request | None:
    """Take a request of one's own back, capitals aside; None, and nothing happens, where it does not count any more."""
    with _ONE_AT_A_TIME:
        known = {request.assignment_id: request for request in requests(store, example_id)}
        request = known.get(assignment_id)
        if request is None or request.asked_by.casefold() != _name(asked_by).casefold():
            return None
        store.record([Undo(str(uuid.uuid4()), assignment_id, request.asked_by, datetime.now(UTC).isoformat())])
    return request


def _name(typed: str) -> str:
    return " ".join(clean(typed).split())
