"""The note on an example."""

import streamlit as st

from analysis.queries.case import Case
from ui.review_record import note_key


def field(case: Case) -> None:
    """The note."""
    st.text_area(
        "Note",
        key=note_key(case.example_id),
        height=68,
        placeholder="Note: N begins it, Esc leaves it",
        label_visibility="collapsed",
    )
