"""Which slices fail? Parts of the data that share a value or two and fail more often than the rest."""

import pandas as pd
import streamlit as st

from analysis.queries import coverage, coverage_checks
from analysis.queries.coverage import Failing
from analysis.report.coverage import slice_sentence
from analysis.report.coverage_tables import SLICES, titled
from analysis.store import Store
from ui import session, words
from ui.coverage import TICK, download, explained, findings

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
        _failing(session.cached(coverage.slices, store, current), current)
    _by_checks(store)


def _by_checks(store: Store) -> None:
    """What else the checks of the last scan found about parts of the data; which are thin is said above."""
    found = session.cached_for(store.data_version, coverage_checks.other_parts, store)
    if found:
        with st.expander(f"What the checks found about {words.count(len(found), 'part')} of the data"):
            findings(found)


def _failing(found: pd.DataFrame, current: Failing) -> None:
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
    download(titled(found, SLICES), "slices.csv")


def _table(found: pd.DataFrame) -> None:
    event = st.dataframe(
        found.drop(columns=["part", "failing"]),
        hide_index=True,
        height=min(_TALLEST, _ROW * (len(found) + 1) + 3),
        key="coverage_slices",
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "slice": st.column_config.TextColumn(SLICES["slice"], width="medium"),
            "examples": st.column_config.NumberColumn(SLICES["examples"], format="localized"),
            **{
                name: st.column_config.NumberColumn(SLICES[name], format=form)
                for name, form in (("share", "%.0f"), ("low", "%.0f"), ("high", "%.0f"), ("elsewhere", "%.1f"))
            },
            "times": st.column_config.NumberColumn(SLICES["times"], format="%.1f"),
        },
        alt="Slices that fail more often than the rest, with intervals",
    )
    rows = event["selection"]["rows"]
    if rows and rows[0] < len(found):
        session.go("review", part=found["part"].iloc[rows[0]], state="all")
