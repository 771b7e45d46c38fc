"""What should we collect? A number of examples, spread so that each is expected to help most."""

import streamlit as st

from analysis.queries import coverage
from analysis.queries.coverage import Collection
from analysis.queries.coverage_pool import NONE
from analysis.store import Store
from ui import safe, session, words
from ui.coverage import download, explained, reference, title

_SMALLEST, _LARGEST, _USUAL = 20, 2_000, 200
_ROW, _TALLEST = 35, 420  # pixels
_COLUMNS = ["region", "collect", "have", "visits", "gain", "low", "high", "texts"]


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
        kind, texts = reference(store)
        with st.spinner("Drawing learning curves"):
            made = session.cached(coverage.collection, store, kind, int(budget), texts)
        _answer(made, budget, title(store) if kind != NONE else "the data as it is")
        _table(made)
        download(made.rows, "collection-plan.csv")


def _answer(made: Collection, budget: int, against: str) -> None:
    low, gain, high = (100 * part for part in made.plan.total)
    before, after = (100 * part for part in made.plan.accuracy)
    st.text(
        f"{words.count(budget, 'more example')} in {words.count(len(made.rows), 'region')} are expected to raise the"
        f" accuracy on {safe.one_line(against, 80)} by {gain:.1f} points ({low:.1f} to {high:.1f}), from {before:.1f}"
        f" to {after:.1f} %; spread as it falls, by {100 * made.plan.proportional:.1f}."
    )
    st.caption(
        f"From learning curves of a simple model on {words.count(made.have, 'labelled example')}; the interval is 95 %"
        " and covers the data at hand, not whether the curves go on as they do."
    )


def _table(made: Collection) -> None:
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
            "visits": st.column_config.NumberColumn("Of the reference, %", format="%.1f"),
            "gain": st.column_config.NumberColumn("Gain, points", format="%.2f"),
            "low": st.column_config.NumberColumn("from", format="%.2f"),
            "high": st.column_config.NumberColumn("to", format="%.2f"),
            "texts": st.column_config.ListColumn("Texts like these", width="large"),
        },
        alt="Regions with how many examples to collect, expected gain with interval, and sample texts",
    )
    rows = event["selection"]["rows"]
    if rows and rows[0] < len(made.rows) and made.rows["part"].iloc[rows[0]]:
        session.go("review", part=made.rows["part"].iloc[rows[0]], state="all")
