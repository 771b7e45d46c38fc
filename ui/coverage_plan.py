"""What should we collect? A number of examples, spread so that each is expected to help most."""

import streamlit as st

from analysis.queries import coverage_plan
from analysis.queries.coverage_plan import Collection
from analysis.queries.coverage_reference import Reference
from analysis.report.coverage import plan_basis, plan_sentence, visits_title
from analysis.store import Store
from ui import coverage_reference, safe, session
from ui.coverage import TICK, download, explained

_SMALLEST, _LARGEST, _USUAL = 0, 2_000, 200
_ROW, _TALLEST = 35, 420  # pixels
_COLUMNS = ["region", "collect", "have", "visits", "gain", "low", "high", "each", "texts"]


def show(store: Store) -> None:
    """The section: a budget, what it is expected to bring, and where the examples should come from."""
    st.subheader("What should we collect?", anchor=False)
    asked = session.parameter("budget") or ""
    value = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else _USUAL
    budget = st.slider(
        "Examples to collect",
        _SMALLEST,
        _LARGEST,
        min(max(value - value % 20, _SMALLEST), _LARGEST),
        step=20,
        key="coverage_budget",
        on_change=lambda: session.set_parameters(budget=str(session.recall("coverage_budget"))),
        width=480,
    )
    with explained():
        against = coverage_reference.chosen(store)
        with st.spinner("Learning how errors fall with more examples"):
            known = coverage_reference.cached(coverage_plan.learnt, store, against)
        made = coverage_plan.collection(known, budget)
        st.text(plan_sentence(made, budget, against))
        st.caption(safe.markdown(plan_basis(made), 400))
        st.caption(f"Most gain per example first. {TICK}")
        _table(made, against)
        download(made.rows, "collection-plan.csv")


def _table(made: Collection, against: Reference) -> None:
    event = st.dataframe(
        made.rows[_COLUMNS].assign(visits=100 * made.rows["visits"]),
        hide_index=True,
        height=min(_TALLEST, _ROW * (len(made.rows) + 1) + 3),
        key="coverage_plan",
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "region": st.column_config.TextColumn("Region, by its words", width="medium"),
            "collect": st.column_config.NumberColumn("Collect", format="localized"),
            "have": st.column_config.NumberColumn("Labelled now", format="localized"),
            "visits": st.column_config.NumberColumn(visits_title(against), format="%.1f"),
            "gain": st.column_config.NumberColumn("Gain, points", format="%.2f"),
            "low": st.column_config.NumberColumn("from", format="%.2f"),
            "high": st.column_config.NumberColumn("to", format="%.2f"),
            "each": st.column_config.NumberColumn("A hundred more, points", format="%.2f"),
            "texts": st.column_config.ListColumn("Texts like these", width="large"),
        },
        alt="Regions with how many examples to collect, expected gain with interval, and sample texts",
    )
    rows = event["selection"]["rows"]
    if rows and rows[0] < len(made.rows) and made.rows["part"].iloc[rows[0]]:
        session.go("review", part=made.rows["part"].iloc[rows[0]], state="all")
