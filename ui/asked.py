"""What waits for the reviewer, and what colleagues answered them: in the sidebar and on the Overview."""

from datetime import UTC, datetime, timedelta

import streamlit as st

from analysis.queries import asked
from analysis.queries.asked import Request
from analysis.store import Store
from ui import safe, session, words

_NEW = timedelta(days=7)  # how long the sidebar speaks of an answer
_SHOWN, _MOST = 3, 60
_LINE = [7, 4, 1.6]


def sidebar(store: Store | None) -> None:
    """How many examples wait for the reviewer and how many answers have come, each with the way there."""
    if store is None:
        return
    waiting, mine = _of_reviewer(store)
    if waiting:
        _to_queue(len(waiting))
    since = datetime.now(UTC).replace(tzinfo=None) - _NEW
    new = sum(one.answered_at is not None and one.answered_at >= since for one in mine)
    if new:
        session.link(f"{words.count(new, 'answer')} for you ›", "overview")


def overview(store: Store) -> None:
    """What waits for the reviewer, by whom, and what became of what they asked others; nothing without either."""
    waiting, mine = _of_reviewer(store)
    if not waiting and not mine:
        return
    st.subheader("Asked", anchor=False)
    if waiting:
        by = dict.fromkeys(safe.one_line(one.asked_by, 60) for one in waiting)
        names = list(by)[:_SHOWN]
        others = f" and {words.count(len(by) - len(names), 'other')}" if len(by) > len(names) else ""
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.text(f"Asked by {', '.join(names)}{others}.", width="content")
            _to_queue(len(waiting))
    if not mine:
        return
    answered = [one for one in mine if one.answered]
    verb = "has" if len(answered) == 1 else "have"
    st.text(f"Of {words.count(len(mine), 'example')} you asked colleagues about, {len(answered):,} {verb} an answer.")
    lines = sorted(answered, key=lambda one: one.answered_at or one.asked_at, reverse=True)
    lines += [one for one in mine if not one.answered]
    with st.container(gap="xxsmall"):
        for one in lines[:_SHOWN]:
            _line(one)
    if len(lines) > _SHOWN:
        with st.expander(f"{len(lines) - _SHOWN:,} more"), st.container(gap="xxsmall"):
            for one in lines[_SHOWN:_MOST]:
                _line(one)


def _of_reviewer(store: Store) -> tuple[list[Request], list[Request]]:
    """What the reviewer was asked and has not answered, and what they asked."""
    name = session.reviewer()
    if not name:
        return [], []
    found = session.cached(asked.requests_of, store, name)
    by_me = [one for one in found if asked.is_same(one.asked_by, name)]
    return [one for one in found if asked.is_same(one.asked, name) and not one.answered], by_me


def _to_queue(waiting: int) -> None:
    verb = "waits" if waiting == 1 else "wait"
    session.link(f"**{words.count(waiting, 'example')} {verb} for you** ›", "review", asked="me", blind=_blind())


def _blind() -> str | None:
    """Who decides blind stays so."""
    return session.parameter("blind", ("yes",))


def _line(one: Request) -> None:
    what, answer, link = st.columns(_LINE, gap="xsmall", vertical_alignment="center")
    question = f": {safe.one_line(one.question, 200)}" if one.question else ""
    what.text(f"{safe.one_line(one.asked, 60)} on {safe.one_line(one.example_id, 60)}{question}", width="stretch")
    said = f"{safe.one_line(one.answer, 200)} ({words.ago(one.answered_at)})" if one.answered_at else "no answer yet"
    answer.text(said, width="stretch")
    with link:
        session.link("Read ›", "review", example=one.example_id, state="all")
    if one.note:
        st.caption(safe.markdown(one.note, 300))
