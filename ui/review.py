"""Which example Review shows, and what it says when there is none."""

from dataclasses import replace

import streamlit as st

from analysis.errors import NoSuchThing
from analysis.queries import queue
from analysis.queries.case import Case, case
from analysis.queries.queue import QueueFilter
from analysis.store import Store
from ui import review_filter, review_grid, safe, session, words
from ui.review_filter import View


def chosen(store: Store, wanted: QueueFilter) -> Case | None:
    """The example that the URL names, also when it is not in the queue; else the first of the queue; None if empty.

    In the grid the first one that is open comes before those that are decided, which it cannot show.
    """
    asked = session.parameter("example")
    if asked is not None:
        try:
            return case(store, asked)
        except NoSuchThing:
            st.caption(f"There is no example “{safe.markdown(asked, 60)}” here; showing the first of the queue.")
    first = queue.place(store, replace(wanted, state="open"), None).first if review_grid.is_on() else None
    first = first or queue.place(store, wanted, None).first
    if session.is_new_view("review"):  # once: else the browser's way back would lead here again and again
        session.set_parameters(example=first)
    return case(store, first) if first is not None else None


def nothing_left(store: Store, shown: View) -> None:
    """The queue is empty: everything is decided, or filtered away, or nothing was flagged."""
    place = queue.place(store, shown.wanted, None)
    if place.total and shown.wanted.state == "open":
        _all_decided(store, place.total)
    elif shown.chips:
        st.write("No example fits these filters. Take one off above.")
    else:
        st.write("The last scan flagged no example.")
        session.link("See what every check judged", "overview")


def _all_decided(store: Store, count: int) -> None:
    st.subheader("Everything here is decided", anchor=False)
    left = queue.place(store, QueueFilter(), None).left
    if left:
        st.write(f"{words.count(count, 'example')} decided; {left:,} more are flagged outside these filters.")
        on_click = review_filter.everything
        st.button("Go on with all checks", type="primary", key="review_everything", on_click=on_click)
        return
    st.write(f"{words.count(count, 'example')} decided. The corrected file is ready to be exported.")
    if st.button("Export the corrected file", type="primary", key="review_export"):
        session.go("export")
