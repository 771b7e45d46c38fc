"""Feedback for one annotator: where their labels are not the outcome, by clause and by pair of labels, to take away."""

import pandas as pd
import streamlit as st

from analysis.export.people import feedback_csv
from analysis.export.people_markdown import feedback_markdown
from analysis.queries import people_feedback
from analysis.queries.people_feedback import ClauseFeedback, Feedback
from analysis.store import Store
from ui import annotators_crowd, safe, session, words

_PAIRS = 8  # of labels, before the rest is folded
_OPEN = 3  # clauses that are unfolded at first
_EXAMPLES = 200  # of a clause
_LINE = [5, 2]
_CLAUSE = 5_000  # characters


def show(store: Store, annotator: str, labels: int) -> None:
    """How many labels differ, from what; then clause by clause with the examples; then by pair of labels."""
    found = session.cached(_feedback, store, annotator, labels)
    if not found.judged:
        st.write(
            "Nothing to compare with yet: none of these examples has a decision, and annotators alone do not say who "
            "is right. Review the examples that annotators differ on."
        )
        return
    title, files = st.columns(_LINE, vertical_alignment="bottom")
    title.subheader(
        f"Theirs is not the outcome on {found.differing:,} of {words.count(found.judged, 'example')}", anchor=False
    )
    if not found.differing:
        return
    with files.container(horizontal=True, horizontal_alignment="right", gap="small"):
        _downloads(found)
    st.caption(
        f"The outcome is the decision where there is one ({found.decided:,} of these), else the consensus of all "
        "annotators, an estimate. A decision counts for the clause that it cites; everything else for the first clause "
        "in force that names both labels."
    )
    for place, one in enumerate(found.clauses):
        _clause(annotator, one, place)
    _pairs(annotator, found.frame())


def _downloads(found: Feedback) -> None:
    st.download_button(
        "Markdown",
        feedback_markdown(found),
        "feedback.md",
        "text/markdown",
        key="annotator_markdown",
        on_click="ignore",
        icon=":material/download:",
        help="To send or print: each clause with its examples.",
    )
    st.download_button(
        "CSV",
        feedback_csv(found),
        "feedback.csv",
        "text/csv",
        key="annotator_csv",
        on_click="ignore",
        icon=":material/download:",
        help="For spreadsheets: an apostrophe stands before cells that a spreadsheet would run as a formula.",
    )


def _clause(annotator: str, one: ClauseFeedback, place: int) -> None:
    name = "No clause rules these"
    if one.clause is not None:
        title = f"{one.number} {one.clause.title}".strip()
        name = f"Clause {safe.markdown(title, 100)} ({safe.markdown(one.version, 40)})"
    rest = len(one.rows) - one.decided
    from_what = " and ".join(
        said
        for said in (
            f"{words.count(one.decided, 'decision')}" if one.decided else "",
            f"{rest:,} by consensus" if rest else "",
        )
        if said
    )
    with st.expander(f"{name}: {from_what}", expanded=place < _OPEN):
        if one.clause is not None and one.clause.body:
            st.text(safe.visible(one.clause.body[:_CLAUSE]), width="stretch")
        if one.clause is None:
            session.link("Write a clause that does ›", "guidelines", edit="yes")
        rows = one.rows.head(_EXAMPLES)
        shown = rows.assign(by=[_by(row) for row in rows.to_dict("records")])
        columns = ["theirs", "outcome", "by", "text", "note", "example_id"]
        shown = shown[[name for name in columns if name != "note" or shown[name].ne("").any()]]
        event = st.dataframe(
            shown,
            hide_index=True,
            on_select="rerun",
            selection_mode="single-row",
            key=f"annotator_examples_{place}",
            height="auto" if len(shown) <= 7 else 300,
            column_config={
                "text": st.column_config.TextColumn("Text", width="large"),
                "theirs": "Their label",
                "outcome": "Outcome",
                "by": "Known from",
                "note": "Note",
                "example_id": "Example",
            },
            alt="The examples of this clause where the annotator's label is not the outcome",
        )
        more = f"The first {_EXAMPLES:,} of {len(one.rows):,}; the others are in the CSV file. "
        st.caption(f"{more if len(one.rows) > _EXAMPLES else ''}Select a line to open the example in Review.")
        for row in event["selection"]["rows"]:
            session.go("review", apart="outcome", annotator=annotator, example=str(rows["example_id"].iloc[row]))


def _pairs(annotator: str, rows: pd.DataFrame) -> None:
    st.subheader("By pair of labels", anchor=False)
    counted = rows.groupby(["theirs", "outcome"]).size().rename("n").reset_index()
    counted = counted.sort_values(["n", "theirs", "outcome"], ascending=[False, True, True])
    lines = list(counted.itertuples(index=False, name=None))
    with st.container(gap="xxsmall"):
        for line in lines[:_PAIRS]:
            _pair(annotator, *line)
    if len(lines) > _PAIRS:
        with st.expander(f"{words.count(len(lines) - _PAIRS, 'more pair')} of labels"), st.container(gap="xxsmall"):
            for line in lines[_PAIRS : _PAIRS + 100]:
                _pair(annotator, *line)


def _pair(annotator: str, theirs: str, outcome: str, number: int) -> None:
    text, link = st.columns(_LINE, vertical_alignment="center")
    text.text(f"said {safe.one_line(theirs, 80)}, outcome {safe.one_line(outcome, 80)}")
    with link:
        session.link(
            f"{words.count(number, 'example')} ›",
            "review",
            apart="outcome",
            annotator=annotator,
            said=theirs,
            other=outcome,
        )


def _by(row: annotators_crowd.Row) -> str:
    if row["by"] == "verdict":
        cited = ", by this clause" if row["cited"] else ""
        return f"decision by {safe.one_line(row['reviewer'], 40)}{cited}"
    sure = 100 * row["confidence"]
    return f"consensus, {sure:.0f} % sure" if sure < 99 else "consensus, over 99 % sure"


def _feedback(store: Store, annotator: str, labels: int) -> Feedback:
    rows, judged = annotators_crowd.differences(store, annotator)
    return people_feedback.feedback(store, annotator, rows, labels=labels, judged=judged)
