"""What should we collect? A number of examples, spread so that each is expected to help most."""

import streamlit as st

from analysis.queries import coverage_plan
from analysis.queries.coverage_plan import Collection
from analysis.queries.coverage_reference import Reference
from analysis.report.coverage import plan_basis, plan_sentence
from analysis.report.coverage_tables import plan_table, plan_titles, titled
from analysis.store import Store
from ui import coverage_reference, safe, session
from ui.coverage import TICK, download, explained

_SMALLEST, _LARGEST, _USUAL = 0, 2_000, 200
_ROW, _TALLEST = 35, 420  # pixels


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
        st.caption(f"Most gain of a hundred more first. {TICK}")
        _table(made, against)
        download(titled(plan_table(made), plan_titles(against)), "collection-plan.csv")


def _table(made: Collection, against: Reference) -> None:
    titles = plan_titles(against)
    shown = {
        **dict.fromkeys(("collect", "have"), "localized"),
        "visits": "%.1f",
        **dict.fromkeys(("gain", "low", "high", "each"), "%.3f"),
    }
    event = st.dataframe(
        plan_table(made)[list(titles)],
        hide_index=True,
        height=min(_TALLEST, _ROW * (len(made.rows) + 1) + 3),
        key="coverage_plan",
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "region": st.column_config.TextColumn(titles["region"], width="medium"),
            **{name: st.column_config.NumberColumn(titles[name], format=form) for name, form in shown.items()},
            "texts": st.column_config.ListColumn(titles["texts"], width="large"),
        },
        alt="Regions with how many examples to collect, expected gain with interval, and sample texts",
    )
    rows = event["selection"]["rows"]
    if rows and rows[0] < len(made.rows) and made.rows["part"].iloc[rows[0]]:
        session.go("review", part=made.rows["part"].iloc[rows[0]], state="all")
