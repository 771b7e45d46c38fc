"""The note on an example. N begins it, Esc leaves it; a frame listens, for Streamlit's shortcuts press buttons only."""

from pathlib import Path

import streamlit as st
from streamlit.components.v1 import declare_component

from analysis.queries.case import Case
from ui.review_record import note_key

_keys = declare_component("note_key", path=Path(__file__).parent / "note_key")


def field(case: Case) -> None:
    """The note."""
    st.text_area(
        "Note",
        key=note_key(case.example_id),
        height=68,
        placeholder="Note: N begins it, Esc leaves it",
        label_visibility="collapsed",
    )


def listen(*, quiet: bool) -> None:
    """Let the keys reach the note; `quiet` turns them off. Drawn last, because even an empty frame takes room."""
    _keys(off=quiet, key="note_keys", default=None, tab_index=-1)
