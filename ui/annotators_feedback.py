"""Feedback for one annotator: where their labels are not the outcome, by clause and by pair of labels, to take away."""

import pandas as pd
import streamlit as st

from analysis.export.people import feedback_csv, feedback_zip
from analysis.export.people_markdown import feedback_markdown, grounds
from analysis.people.decimals import chance
from analysis.people.guidelines import quoted
from analysis.queries import people_feedback
from analysis.queries.people_feedback import ClauseFeedback, Feedback, all_feedback, file_name
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
        f"Their label differs from the outcome on {found.differing:,} of {words.count(found.judged, 'example')}",
        anchor=False,
    )
    if found.judged < found.labels:
        without = found.labels - found.judged
        st.caption(
            f"{words.count(without, 'label is on an example', 'labels are on examples')} without an outcome: dropped, "
            "left unsure, with several right labels, tied, or labelled by nobody else."
        )
    if not found.differing:
        return
    with files.container(horizontal=True, horizontal_alignment="right", gap="small"):
        _downloads(found)
    st.caption(
        f"The outcome is the decision where there is one ({found.decided:,} of these), else the consensus of all "
        "annotators, an estimate. A decision counts for the clause that it cites; everything else for the clauses that "
        "named both labels when the label was given."
    )
    for place, one in enumerate(found.parts):
        _clause(annotator, one, place)
    _pairs(annotator, found.frame())


def _downloads(found: Feedback) -> None:
    st.download_button(
        "To send (Markdown)",
        feedback_markdown(found),
        f"feedback-{file_name(found.annotator)}.md",
        "text/markdown",
        key="annotator_markdown",
        on_click="ignore",
        icon=":material/download:",
        help="To send or print: each clause with its examples and their whole texts.",
    )
    st.download_button(
        "For a spreadsheet (CSV)",
        feedback_csv(found),
        f"feedback-{file_name(found.annotator)}.csv",
        "text/csv",
        key="annotator_csv",
        on_click="ignore",
        icon=":material/download:",
        help="All of them, with the whole texts by column. "
        "An apostrophe stands before cells that a spreadsheet would run as a formula.",
    )


def download_all(store: Store) -> None:
    """The feedback for all annotators in one file, made when it is asked for."""
    st.download_button(
        "All feedback (ZIP)",
        lambda: feedback_zip(all_feedback(store, annotators_crowd.there(store))),
        f"feedback-{file_name(store.name)}.zip",
        "application/zip",
        key="annotators_zip",
        on_click="ignore",
        icon=":material/download:",
        help="Of everybody whose label differs from the outcome: a file to send and one for a spreadsheet.",
    )


def _clause(annotator: str, one: ClauseFeedback, place: int) -> None:
    name = grounds(one)
    if one.clauses:
        title = one.number if len(one.clauses) > 1 else f"{one.number} {quoted(one.clauses[0].title)}".strip()
        which = "Clause" if len(one.clauses) == 1 else "One of clauses"
        name = f"{which} {safe.markdown(title, 100)} ({safe.markdown(one.version, 40)})"
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
        _text(one)
        if one.ground in ("none", "unwritten"):
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


def _text(one: ClauseFeedback) -> None:
    """The words of the clauses, and what speaks against blaming them."""
    if len(one.clauses) > 1:
        st.caption("Each of these clauses names both labels, so it is not known which one applied.")
    for clause in one.clauses:
        whole = clause.body if len(one.clauses) == 1 else clause.text
        if whole:
            st.text(safe.visible(quoted(whole[:_CLAUSE])), width="stretch")
    younger = int(one.rows["younger"].sum())
    if younger:
        are = "label here is" if younger == 1 else "labels here are"
        st.caption(f"{younger:,} {are} older than this clause: read it as news, not as a mistake.")


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
    return f"consensus, {chance(row['confidence'])} sure"


def _feedback(store: Store, annotator: str, labels: int) -> Feedback:
    rows, judged = annotators_crowd.differences(store, annotator)
    return people_feedback.feedback(store, annotator, rows, labels=labels, judged=judged)
