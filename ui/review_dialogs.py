"""What lies over Review when asked for: the filter, and the list of keys. The keys of the page are off meanwhile."""

from typing import Literal

import streamlit as st

from analysis.queries import guidelines, queue
from analysis.queries.queue import UNLABELLED, QueueFilter
from analysis.store import Store
from ui import safe, session
from ui.review_filter import NO_LABEL, STATES

_ASKED = "review_dialog"
_KEYS = {
    "K": "keep the label",
    "A": "relabel as suggested",
    "1–9": "relabel to a label of the short list",
    "D": "drop the example",
    "U": "unsure",
    "M": "more than one label is right",
    "N": "write a note; Esc leaves it",
    "Z": "undo the last decision",
    "S": "skip: decide later",
    "J": "previous example",
    "Q": "ask a colleague",
    "G": "grid: twelve of the same kind",
    "F": "filter",
    "H": "this list",
}


def button(
    said: str, what: str, key: str, *, quiet: bool, width: Literal["stretch", "content"] = "content", off: bool = False
) -> None:
    """The button that asks for a dialog."""
    st.button(
        said,
        key=f"ask_{what}",
        shortcut=None if quiet else key,
        width=width,
        disabled=off,
        on_click=session.remember,
        args=(_ASKED, what),
    )


def asked() -> str | None:
    """The dialog that was asked for just now."""
    what: str | None = session.recall(_ASKED)
    return what


def opened(store: Store, wanted: QueueFilter) -> str | None:
    """Open what was asked for, where it is about the page and not about the example; what was asked for."""
    what = asked()
    session.forget(_ASKED)
    if what == "filter":
        _filter(store, wanted)
    elif what == "keys":
        _keys()
    return what


@st.dialog("Keys", on_dismiss="rerun")
def _keys() -> None:
    for key, does in _KEYS.items():
        left, right = st.columns([1, 5])
        left.text(key)
        right.text(does)
    st.caption("While you type in a field, the keys write text.")
    st.caption("The percentage behind a label is how probable models find it that have not learned from the example.")


@st.dialog("Filter", on_dismiss="rerun")
def _filter(store: Store, wanted: QueueFilter) -> None:
    titles = {name: safe.one_line(name) for name in session.cached(queue.labels, store)} | {UNLABELLED: NO_LABEL}
    labels, splits, states = list(titles), session.cached(queue.splits, store), list(STATES)
    st.selectbox(
        "Label",
        labels,
        index=None if wanted.label is None else labels.index(wanted.label),
        format_func=titles.__getitem__,
        placeholder="All labels",
        key="filter_label",
    )
    if splits:
        index = None if wanted.split is None else splits.index(wanted.split)
        st.selectbox("Split", splits, index=index, placeholder="All splits", key="filter_split")
    index = states.index(wanted.state)
    st.selectbox("Show", states, index=index, format_func=STATES.__getitem__, key="filter_state")
    st.toggle("Asked of me", value=wanted.asked is not None, key="filter_asked", disabled=not session.reviewer())
    if session.cached(guidelines.annotated_labels, store):
        st.toggle("Conflicts only: annotators do not settle the label", value=wanted.conflicts, key="filter_conflicts")
        st.toggle(
            "Blind: hide names, the label in use and what models say until you have decided",
            value=session.parameter("blind") == "yes",
            key="filter_blind",
        )
    if st.button("Show these", type="primary", key="filter_apply", on_click=_apply):
        st.rerun()  # the page, not the dialog alone


def _apply() -> None:
    label, state = session.recall("filter_label"), session.recall("filter_state")
    session.set_parameters(
        label=label or None,
        unlabelled="yes" if label == UNLABELLED else None,
        split=session.recall("filter_split"),
        state=state if state != "open" else None,
        asked="me" if session.recall("filter_asked") else None,
        conflicts="yes" if session.recall("filter_conflicts") else None,
        blind="yes" if session.recall("filter_blind") else None,
        example=None,
    )
