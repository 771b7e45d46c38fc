"""Several labels are right: the dialog in which they are chosen."""

import streamlit as st

from analysis.queries import queue
from analysis.queries.case import Case
from analysis.queries.queue import QueueFilter
from analysis.store import Store
from ui import review_blind, safe, session
from ui.review_record import record, shown_now

_TEXT = 600  # characters of the example in the dialog


@st.dialog("Several labels are right", on_dismiss="rerun")
def choose(store: Store, case: Case, wanted: QueueFilter, *, hidden: bool) -> None:
    """The example, the labels to choose from – those at hand first – and the way to save."""
    shown = shown_now(case, wanted, quiet=True, hidden=hidden)
    st.text(safe.one_line(case.text, _TEXT) or "(no text)", width="stretch")
    first = review_blind.candidates(case)
    if not hidden:
        first += [label for label in (case.suggestion, *(label for label, _ in case.classes[:3])) if label is not None]
    labels = list(dict.fromkeys([*first, *session.cached(queue.labels, store)]))
    key = f"several_{case.example_id}"
    both = () if hidden else (case.label, case.suggestion)
    chosen: list[str] = st.multiselect(
        "Labels that are right",
        labels,
        default=[label for label in dict.fromkeys(both) if label in labels],
        format_func=safe.one_line,
        placeholder="Choose two or more",
        select_all=False,
        key=key,
    )
    st.caption(
        "All of them go into the exported file with equal weight; where the file has one label, the one it has stays "
        "if it is among them, else the first you chose."
    )
    if st.button(
        f"These {len(chosen)} are right" if len(chosen) > 1 else "These are right",
        type="primary",
        disabled=len(chosen) < 2,
        key=f"several_save_{case.example_id}",
        on_click=lambda: record(shown, "several", labels=session.recall(key) or ()),
    ):
        st.rerun()  # the page, not the dialog alone
