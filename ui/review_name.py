"""Whose decision it is: asked where the first one is made, which is then taken."""

from collections.abc import Callable

import streamlit as st

from analysis.queries import overview
from analysis.schema import Action
from analysis.store import Store
from ui import review_dialogs, safe, session

_LENGTH, _KNOWN = 80, 8  # characters of a name, and names that are offered
_SAVES = {"decide": "Save the decision", "grid": "Save the decisions"}
_TYPED = "review_name"


def before(act: str, example_id: str = "", action: Action | None = None, label: str | None = None) -> None:
    """Ask for the name first; `act` is what comes then: "decide" (the action and the label), "grid", or a dialog."""
    session.remember("review_then", act)
    session.remember("review_then_example", example_id)
    session.remember("review_then_action", action)
    session.remember("review_then_label", label)
    review_dialogs.open_next("name")


def pending(example_id: str) -> tuple[Action, str | None] | None:
    """The decision about this example that waits for a name: its action and label."""
    if session.recall("review_then") != "decide" or session.recall("review_then_example") != example_id:
        return None
    return session.recall("review_then_action"), session.recall("review_then_label")


def choose(store: Store, go_on: Callable[[], None]) -> None:
    """Open the dialog; `go_on` saves what waited for the name, where that is a decision."""
    _dialog(store, session.recall("review_then"), go_on)


@st.dialog("Who decides?", on_dismiss="rerun")
def _dialog(store: Store, act: str, go_on: Callable[[], None]) -> None:
    with st.form("review_name_form", border=False):
        st.text_input("Your name", key=_TYPED)
        st.caption("It stands beside each of your decisions. You are asked once; the sidebar changes it.")
        given = st.form_submit_button(
            _SAVES.get(act, "Go on"), type="primary", on_click=lambda: _take(session.recall(_TYPED), act, go_on)
        )
    known = overview.reviewers(store)[:_KNOWN]
    if known:
        st.caption("Or you are one of these:")
    with st.container(horizontal=True, gap="xsmall"):
        for number, name in enumerate(known):
            given |= st.button(
                safe.markdown(name, _LENGTH), key=f"review_name_{number}", on_click=_take, args=(name, act, go_on)
            )
    if given and session.reviewer():
        st.rerun()  # the page, not the dialog alone
    if given:
        st.caption("Type a name first.")


def _take(name: str | None, act: str, go_on: Callable[[], None]) -> None:
    session.set_reviewer((name or "").strip())
    if not session.reviewer():
        return
    if act in _SAVES:
        go_on()
    else:
        review_dialogs.open_next(act)
