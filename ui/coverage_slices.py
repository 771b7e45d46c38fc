"""Which slices fail? Parts of the data that share a value or two and fail more often than the rest."""

import pandas as pd
import streamlit as st

from analysis.queries import coverage
from analysis.queries.coverage import Failing
from analysis.report.coverage import slice_sentence
from analysis.store import Store
from ui import session
from ui.coverage import TICK, download, explained

_FAILING: dict[Failing, str] = {
    "flagged": "Flagged by a check",
    "predicted": "Models disagree",
    "disagreed": "Annotators disagree",
}
_ROW, _TALLEST = 35, 400  # pixels
_SENTENCES = 3


def show(store: Store) -> None:
    """The section: the clearest slices in words, then all of them in a table, each leading to its examples."""
    st.subheader("Which slices fail?", anchor=False)
    kinds = session.cached(coverage.failing_kinds, store)
    asked = session.parameter("failing", list(kinds))
    current = next((kind for kind in kinds if kind == asked), kinds[0])
    key = f"coverage_failing_{current}"
    st.segmented_control(
        "What counts as failing",
        kinds,
        default=current,
        format_func=_FAILING.__getitem__,
        label_visibility="collapsed",
        key=key,
        on_change=lambda: session.set_parameters(failing=session.recall(key)),
    )
    with explained(), st.spinner("Counting what fails in each part"):
        found = session.cached(coverage.slices, store, current)
        if found.empty:
            st.text("None, beyond what chance does: no value, and no pair of values, is worse than the rest.")
            st.caption(
                "Choose another kind of failing above. More columns, kept when the file is loaded, make more slices."
            )
            return
        for row in found.head(_SENTENCES).to_dict("records"):
            st.text(slice_sentence({str(key): value for key, value in row.items()}, current))
        st.caption(TICK)
        _table(found)
        st.caption(
            "Slices worse than the rest by half or more, beyond chance (5 % false finds over all slices tried); what"
            " another slice explains is left out. Intervals are 95 %."
        )
        download(found, "slices.csv")


def _table(found: pd.DataFrame) -> None:
    event = st.dataframe(
        found.drop(columns=["part", "failing"]),
        hide_index=True,
        height=min(_TALLEST, _ROW * (len(found) + 1) + 3),
        key="coverage_slices",
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "slice": st.column_config.TextColumn("Slice", width="large"),
            "examples": st.column_config.NumberColumn("Examples", format="localized"),
            "share": st.column_config.NumberColumn("Failing, %", format="%.0f"),
            "low": st.column_config.NumberColumn("from", format="%.0f"),
            "high": st.column_config.NumberColumn("to", format="%.0f"),
            "elsewhere": st.column_config.NumberColumn("Elsewhere, %", format="%.1f"),
            "times": st.column_config.NumberColumn("Times elsewhere", format="%.1f"),
        },
        alt="Slices that fail more often than the rest, with intervals",
    )
    rows = event["selection"]["rows"]
    if rows and rows[0] < len(found):
        session.go("review", part=found["part"].iloc[rows[0]], state="all")
