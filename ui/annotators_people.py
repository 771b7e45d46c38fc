"""One line per annotator, and the page of one of them: what is known of their labels, and where they differ."""

import pandas as pd
import streamlit as st

from analysis.queries import people
from analysis.queries.people import Crowd
from analysis.store import Store
from ui import annotators_crowd, annotators_feedback, safe, session, words
from ui.annotators_crowd import Row

_CERTAIN = 0.05  # how probable a change may be by chance
_SLIGHT = 0.005  # a bias that rounds to no point
_REMARKS = 3
_LINE = [5, 2]


def remarks(store: Store, annotator: str | None = None) -> None:
    """What checks flag about annotators, each with the way to the examples that show it."""
    found = people.remarks(store, annotator)
    for remark in found[:_REMARKS]:
        _remark(remark, apart=annotator is None)
    if len(found) > _REMARKS:
        with st.expander(words.count(len(found) - _REMARKS, "more remark")):
            for remark in found[_REMARKS:]:
                _remark(remark, apart=annotator is None)


def _remark(remark: people.Remark, *, apart: bool) -> None:
    with st.container(border=True):
        text, link = st.columns(_LINE, vertical_alignment="center")
        text.text(safe.one_line(remark.message, 500))
        with link, st.container(horizontal=True, horizontal_alignment="right", gap="small"):
            if remark.members:
                label = f"{words.count(remark.members, 'example')} ›"
                session.link(label, "review", check=remark.check_name, slice=remark.annotator)
            if apart:
                _to("Their page ›", f"page_{remark.check_name}_{remark.annotator}", remark.annotator)


def table(crowd: Crowd) -> None:
    """Every annotator by name: labels, reliability with interval and count, bias, change. A line opens their page."""
    st.subheader("Annotators, by name", anchor=False)
    with st.spinner("Looking at each annotator …"):
        rows = crowd.annotators
    shown = pd.DataFrame(
        {
            "annotator": [annotators_crowd.in_cell(name) for name in rows["annotator"]],
            "labels": rows["labels"],
            "right": [_right(row) for row in rows.to_dict("records")],
            "leans": [_lean(row) or "–" for row in rows.to_dict("records")],
        }
    )
    if rows["dated"].any():
        shown["change"] = [_change(row) for row in rows.to_dict("records")]
    if rows["seconds"].notna().any():
        shown["pace"] = [_pace(row) or "–" for row in rows.to_dict("records")]
    event = st.dataframe(
        shown,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key="annotators_table",
        height="auto" if len(rows) <= 12 else 460,
        column_config={
            "annotator": st.column_config.TextColumn("Annotator", width="medium"),
            "labels": st.column_config.NumberColumn("Labels", format="localized", width="small"),
            "right": st.column_config.TextColumn("Right, of labels judged", width="medium"),
            "leans": st.column_config.TextColumn("Gives too often, by points", width="medium"),
            "change": st.column_config.TextColumn("Change over time", width="medium"),
            "pace": st.column_config.TextColumn("From label to label", width="medium"),
        },
        alt="Every annotator with labels, reliability, bias and change over time",
    )
    st.caption(_basis(crowd) + " Select a line to see where theirs differ.")
    for row in event["selection"]["rows"]:
        session.go("annotators", annotator=str(rows["annotator"].iloc[row]))


def one(store: Store, crowd: Crowd, annotator: str) -> None:
    """Everything about one annotator: in words, then where their labels differ, to take away."""
    _to("‹ All annotators", "page_all", None)
    (row,) = crowd.annotators[crowd.annotators["annotator"] == annotator].to_dict("records")
    st.subheader(_name_and_labels(row), anchor=False)
    for said in _facts(row, crowd):
        st.text(said)
    remarks(store, annotator)
    annotators_feedback.show(store, annotator, int(row["labels"]))


def _to(label: str, key: str, annotator: str | None) -> None:
    """A step to another annotator's page, or to all of them: the same page, so a button and no link."""
    st.button(label, key=key, type="tertiary", on_click=session.set_parameters, kwargs={"annotator": annotator})


def _name_and_labels(row: Row) -> str:
    return f"{safe.markdown(row['annotator'], 80)}: {words.count(int(row['labels']), 'label')}"


def _facts(row: Row, crowd: Crowd) -> list[str]:
    said = []
    if row["judged"] and crowd.is_judged:
        said.append(f"Right in about {_right(row)} labels on examples that others labelled too.")
    if lean := _lean(row):
        said.append(f"Gives a label too often, by points: {lean}.")
    if row["dated"]:
        said.append(f"Over time: {_change(row)}.")
    if pace := _pace(row):
        said.append(f"Takes about {pace} from one label to the next; longer pauses than 30 min are left out.")
    return said


def _right(row: Row) -> str:
    """How often right, with interval and basis."""
    if pd.isna(row["reliability"]):
        return "–"
    return f"{words.share_between(row['reliability'], row['low'], row['high'])} of {row['judged']:,}"


def _lean(row: Row) -> str:
    if not row["leans_to"] or row["lean"] < _SLIGHT:
        return ""
    low, high = 100 * row["lean_low"], 100 * row["lean_high"]
    return f"{safe.one_line(row['leans_to'], 60)} +{100 * row['lean']:.0f} ({low:.0f}–{high:.0f})"


def _change(row: Row) -> str:
    if pd.isna(row["p"]):
        return "too few dated labels"
    if row["p"] >= _CERTAIN:
        return "no clear change"
    low, high = 100 * row["low_change"], 100 * row["high_change"]
    return f"{100 * row['change']:+.0f} points ({low:+.0f} to {high:+.0f}) from {row['since']:%Y-%m-%d}"


def _pace(row: Row) -> str:
    """How long a label takes: the median, the middle half and how many steps they rest on."""
    if pd.isna(row["seconds"]):
        return ""
    quick, slow = words.duration(row["quick"]), words.duration(row["slow"])
    return f"{words.duration(row['seconds'])} (half of {row['steps']:,} steps: {quick} to {slow})"


def _basis(crowd: Crowd) -> str:
    if not crowd.is_judged:
        return (
            "Fewer than three annotators share examples, so their labels alone do not say who is right: "
            "have a third person label some of them."
        )
    return f"Right by the consensus of all annotators, an estimate. {crowd.consensus.why}"
