"""Plumbline's pages and what surrounds them."""

import streamlit as st

from ui import frame, session

PAGES = {
    "": [
        st.Page("pages/overview.py", title="Overview", url_path="overview"),
        st.Page("pages/load.py", title="Load", url_path="load"),
    ],
    "Find": [
        st.Page("pages/review.py", title="Review", url_path="review"),
        st.Page("pages/data_map.py", title="Data map", url_path="data_map"),
        st.Page("pages/coverage.py", title="Coverage", url_path="coverage"),
    ],
    "People": [
        st.Page("pages/annotators.py", title="Annotators", url_path="annotators"),
        st.Page("pages/guidelines.py", title="Guidelines", url_path="guidelines"),
    ],
    "Prove": [
        st.Page("pages/export.py", title="Export", url_path="export"),
    ],
}


def start() -> None:
    """The bare address leads to what there is to see."""
    session.go("overview" if session.datasets() and not session.start_file() else "load")


st.set_page_config(page_title="Plumbline", layout="wide", initial_sidebar_state=240)
page = st.navigation({"Start": [st.Page(start, default=True, visibility="hidden")], **PAGES}, position="hidden")
frame.draw(PAGES)
session.note_asked(page.url_path)
page.run()
