"""The parts of the Data map page, and what it says when there is no map."""

import streamlit as st

from analysis.store import Store
from ui import map_chart, map_filters, map_selection, map_view, safe, scanning
from ui.map_view import View

_PANEL = 380  # pixels


def show(store: Store, shown: View) -> None:
    """The map, or its table, with what is selected beside it; below it where the window is small."""
    map_filters.line(store, shown)
    for note in shown.notes:
        st.caption(safe.markdown(note, 300))
    with st.container(horizontal=True, gap="medium"):
        with st.container(width="stretch"):
            if map_view.as_table():
                map_chart.forget()
                map_selection.as_table(store, shown)
            else:
                map_chart.show(store, shown)
        with st.container(width=_PANEL):
            map_selection.panel(store, shown)


def missing(store: Store) -> None:
    """No example has a place yet."""
    if scanning.is_running(store):
        st.write("The map is being drawn. It is the last step of the scan.")
        scanning.progress(store)
        return
    scanning.ended_badly(store)
    st.write("The last scan has drawn no map: it was switched off, or too few texts could be placed. Scan again.")
    scanning.buttons(store, primary=True, scanned=True)
