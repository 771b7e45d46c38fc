"""Asking a colleague to decide, and what was asked about the example on the page."""

import uuid

import streamlit as st

from analysis.errors import UserError
from analysis.queries import asked
from analysis.queries.asked import Request
from analysis.queries.case import Case
from analysis.review.ask import ask, take_back
from analysis.store import Store
from ui import review_record, safe, session

_TEXT = 300  # characters of the example, and of a question
_NAMED = 5  # annotators
_GONE = "Nothing was taken back: this request does not count any more."


def choose(store: Store, case: Case, *, hidden: bool) -> None:
    """Open the dialog. It asks once, however often it is drawn and pressed; `hidden` hides who labelled the example."""
    session.remember("ask_id", str(uuid.uuid4()))
    _dialog(store, case, hidden=hidden)


@st.dialog("Ask a colleague", on_dismiss="rerun")
def _dialog(store: Store, case: Case, *, hidden: bool) -> None:
    """Whom, and what about the example; the colleague finds it in Review, under “Asked of me”."""
    mine, key = session.reviewer(), case.example_id
    st.text(safe.one_line(case.text, _TEXT) or "(no text)", width="stretch")
    names = [name for name in session.cached(asked.people, store) if name.casefold() != mine.casefold()]
    labelled = [] if hidden else [name for name in names if case.is_labelled_by(name)]
    st.selectbox(
        "Colleague",
        [*(name for name in names if name not in labelled), *labelled],
        index=None,
        format_func=safe.one_line,
        placeholder="Choose, or type a name",
        accept_new_options=True,
        key=f"ask_whom_{key}",
    )
    if labelled:
        listed = ", ".join(safe.markdown(name, 60) for name in labelled[:_NAMED])
        st.caption(f"Rather not who labelled it: {listed}{' …' if len(labelled) > _NAMED else ''}.")
    st.text_area("Question (may stay empty)", height=68, key=f"ask_question_{key}")
    st.caption(
        "They find it here, not by mail: beside their name in the sidebar, and in Review under “Asked of you”. "
        "Their answer comes to your Overview."
    )
    if st.button("Ask", type="primary", key=f"ask_save_{key}", on_click=_ask, args=(key, session.recall("ask_id"))):
        st.rerun()  # the page, not the dialog alone


def _ask(example_id: str, act_id: str) -> None:
    store = session.store()
    if store is None:
        return
    review_record.begin(store)
    about = safe.markdown(example_id, 40)
    whom: str = session.recall(f"ask_whom_{example_id}") or ""
    try:
        ask(
            store,
            example_id,
            whom,
            asked_by=session.reviewer(),
            question=session.recall(f"ask_question_{example_id}") or "",
            assignment_id=act_id,
        )
    except UserError as error:
        review_record.fail(store, error, f"Nobody was asked about {about}.")
        return
    review_record.tell(store, f"Asked {safe.markdown(whom, 60)}. It is about {about}.", beside=example_id)


def requests(case: Case, *, hidden: bool) -> None:
    """Who was asked about this example and by whom, and whether the reviewer should be the one who decides."""
    mine = session.reviewer()
    if case.is_labelled_by(mine):
        st.caption("You labelled this example yourself. Somebody who did not should decide: ask a colleague.")
    for request in case.requests:
        if hidden and not _same(request.asked_by, mine):
            if _same(request.asked, mine) and not request.answered:
                question = f": {safe.one_line(request.question, _TEXT)}" if request.question else "."
                st.text(f"You are asked to decide{question}", width="stretch")
            continue
        place = st.container(horizontal=True, vertical_alignment="center", gap="small")
        place.text(_said(request, mine))
        if _same(request.asked_by, mine) and not request.answered:
            place.button(
                "Take back",
                key=f"ask_back_{request.assignment_id}",
                type="tertiary",
                on_click=_take_back,
                args=(case.example_id, request.assignment_id),
            )


def _take_back(example_id: str, assignment_id: str) -> None:
    store = session.store()
    if store is None:
        return
    review_record.begin(store)
    about = safe.markdown(example_id, 40)
    try:
        taken = take_back(store, example_id, assignment_id, asked_by=session.reviewer())
    except UserError as error:
        review_record.fail(store, error, f"Not taken back: the request about {about} still stands.")
        return
    gone = (
        f"Taken back: {safe.markdown(taken.asked, 60)} is not asked any more. It was about {about}." if taken else _GONE
    )
    review_record.tell(store, gone)


def _said(request: Request, mine: str) -> str:
    by = "You ask" if _same(request.asked_by, mine) else f"{safe.one_line(request.asked_by, 60)} asks"
    whom = "you" if _same(request.asked, mine) else safe.one_line(request.asked, 60)
    question = f": {safe.one_line(request.question, _TEXT)}" if request.question else ""
    return f"{by} {whom} to decide{question}{' (answered)' if request.answered else ''}"


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()
