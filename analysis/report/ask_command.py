"""The commands about asking a colleague: to ask, to take that back, and to see who was asked what."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from analysis.report.given import Answer, Given, next_step, opened, width

if TYPE_CHECKING:
    from analysis.queries.asked import Request


def ask(given: Given) -> Answer:
    """Ask a colleague to decide about an example, or take that back."""
    from analysis.errors import NoSuchThing
    from analysis.queries.asked import requests
    from analysis.queries.life import given_label
    from analysis.review.ask import ask as record
    from analysis.review.ask import take_back

    with opened(given) as store:
        given_label(store, given.example)  # raises where there is no such example
        if given.take_back:
            asked = {request.asked.casefold(): request for request in requests(store, given.example)}
            request = asked.get(" ".join(given.who.split()).casefold())
            taken = request and take_back(store, given.example, request.assignment_id, asked_by=given.reviewer)
            if taken is None:
                raise NoSuchThing(
                    f"{given.reviewer} has asked {given.who!r} nothing about {given.example!r} that still counts.",
                    f"`asked {given.dataset}` lists who was asked what, and by whom.",
                )
            lines = [f"Taken back: {taken.asked} is not asked about {taken.example_id} any more."]
            return Answer([*lines, *next_step(given, "asked", given.dataset)], {"taken_back": request_object(taken)})
        record(store, given.example, given.who, asked_by=given.reviewer, question=given.question)
        made = requests(store, given.example)[0]
    lines = [f"Saved: {made.asked_by} asks {made.asked} to decide about {made.example_id}."]
    return Answer([*lines, *next_step(given, "asked", given.dataset)], {"asked": request_object(made)})


def asked(given: Given) -> Answer:
    """Who was asked to decide about what, and what they answered."""
    from analysis.queries.asked import requests_of

    with opened(given) as store:
        found = requests_of(store, given.reviewer)
    waiting = [request for request in found if not request.answered]
    lines = asked_lines(found, width())
    if waiting:
        first = waiting[0]
        lines += next_step(given, "decide", given.dataset, first.example_id, "ACTION", "--reviewer", first.asked)
    answer = {"dataset": given.dataset, "waiting": len(waiting), "asked": [request_object(one) for one in found]}
    return Answer(lines, answer)


def asked_lines(found: "Sequence[Request]", width: int) -> list[str]:
    """The requests as a table: what waits first."""
    from analysis.report.lines import count, table

    if not found:
        return ["Nobody is asked anything."]
    waiting = sum(not request.answered for request in found)
    rows = [
        (r.example_id, r.asked, r.asked_by, f"{r.asked_at:%Y-%m-%d}", r.question, r.answer or "(waits)") for r in found
    ]
    heads = ("example", "asked", "by", "on", "question", "answer")
    verb = "waits" if waiting == 1 else "wait"
    return [f"{count(len(found), 'request')}, {waiting:,} {verb} for an answer.", "", *table(heads, rows, width)]


def request_object(request: "Request") -> dict[str, Any]:
    """One request as plain values; moments in UTC."""
    return {
        "example": request.example_id,
        "asked": request.asked,
        "by": request.asked_by,
        "question": request.question,
        "asked_at": f"{request.asked_at.isoformat(timespec='seconds')}Z",
        "action": request.action,
        "labels": list(request.labels),
        "answered_at": request.answered_at and f"{request.answered_at.isoformat(timespec='seconds')}Z",
        "note": request.note,
    }
