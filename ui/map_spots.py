"""The places on the map where annotators are split more often than elsewhere; a click selects one."""

import streamlit as st

from analysis.coverage import outlines
from analysis.queries import map_layers
from analysis.store import Store
from ui import safe, session, words


def show(store: Store) -> None:
    """One line a place, worst first."""
    found = session.cached(map_layers.spots, store)
    if not found:
        st.caption("Annotators are split nowhere on the map more often than chance gives.")
        return
    st.markdown("**Where annotators are split**")
    for number, spot in enumerate(found):
        first, second = (safe.markdown(label, 40) for label in spot.pair)
        st.button(
            f"{first} or {second}: {spot.split:,} of {spot.judged:,} split",
            key=f"map_spot_{number}",
            width="stretch",
            wrap=True,
            help="Select what lies there",
            on_click=session.set_parameters,
            kwargs={"region": outlines.written(spot.region)},
        )
    st.caption(
        f"{words.count(len(found), 'place')}, each of small squares with more split examples than chance gives; of all"
        " such squares, one in twenty may be chance."
    )
