"""One line per annotator, and the page of one of them: what is known of their labels, and where they differ."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from analysis.export.people import differences_csv
from analysis.queries import people, people_differences
from analysis.queries.people import Crowd
from analysis.store import Store
from ui import safe, session, words

_CERTAIN = 0.05  # how probable a change may be by chance
_SLIGHT = 0.005  # a bias that rounds to no point
_PAIRS = 8  # of labels, before the rest is folded
_REMARKS = 3
_LINE = [5, 2]

Row = Mapping[Any, Any]


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
    rows = crowd.annotators
    shown = pd.DataFrame(
        {
            "annotator": rows["annotator"].astype(str),
            "labels": rows["labels"],
            "right": [_right(row) for row in rows.to_dict("records")],
            "leans": [_lean(row) or "–" for row in rows.to_dict("records")],
        }
    )
    if rows["dated"].any():
        shown["change"] = [_change(row) for row in rows.to_dict("records")]
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
        },
        alt="Every annotator with labels, reliability, bias and change over time",
    )
    st.caption(_basis(crowd) + " Select a line to see where theirs differ.")
    for row in event["selection"]["rows"]:
        session.go("annotators", annotator=str(rows["annotator"].iloc[row]))


def one(store: Store, crowd: Crowd, annotator: str) -> None:
    """Everything about one annotator: in words, by pair of labels, and every example, to take away."""
    _to("‹ All annotators", "page_all", None)
    (row,) = crowd.annotators[crowd.annotators["annotator"] == annotator].to_dict("records")
    rows = people_differences.differences(store, crowd, annotator)
    of = people_differences.judged_labels(store, crowd, annotator)
    st.subheader(_name_and_labels(row), anchor=False)
    for said in _facts(row, crowd):
        st.text(said)
    remarks(store, annotator)
    if not of:
        st.write(
            "Nothing to compare with yet: none of these examples has a decision, and annotators alone do not say who "
            "is right. Review the examples that annotators differ on."
        )
        return
    st.subheader(f"Theirs is not the outcome on {len(rows):,} of {words.count(of, 'example')}", anchor=False)
    decided = int(rows["by"].eq("verdict").sum())
    st.caption(
        f"The outcome is the decision where there is one ({decided:,} of these), else the consensus of all annotators."
    )
    if rows.empty:
        return
    _pairs(annotator, rows)
    _examples(annotator, rows)


def _to(label: str, key: str, annotator: str | None) -> None:
    """A step to another annotator's page, or to all of them: the same page, so a button and no link."""
    st.button(label, key=key, type="tertiary", on_click=session.set_parameters, kwargs={"annotator": annotator})


def _pairs(annotator: str, rows: pd.DataFrame) -> None:
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


def _examples(annotator: str, rows: pd.DataFrame) -> None:
    title, button = st.columns(_LINE, vertical_alignment="bottom")
    title.subheader("Every example", anchor=False)
    with button.container(horizontal=True, horizontal_alignment="right"):
        st.download_button(
            "Download",
            differences_csv(rows),
            "differences.csv",
            "text/csv",
            key="annotator_csv",
            on_click="ignore",
            icon=":material/download:",
            help="For spreadsheets: an apostrophe stands before cells that a spreadsheet would run as a formula.",
        )
    shown = rows.assign(by=[_by(row) for row in rows.to_dict("records")])
    columns = ["theirs", "outcome", "by", "text", "note", "clause", "example_id"]
    shown = shown[[name for name in columns if name not in ("note", "clause") or shown[name].ne("").any()]]
    event = st.dataframe(
        shown,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key="annotator_examples",
        column_config={
            "text": st.column_config.TextColumn("Text", width="large"),
            "theirs": "Their label",
            "outcome": "Outcome",
            "by": "Known from",
            "note": "Note",
            "clause": "Clause",
            "example_id": "Example",
        },
        alt="The examples where the annotator's label is not the outcome",
    )
    st.caption("Select a line to open the example in Review.")
    for row in event["selection"]["rows"]:
        session.go("review", apart="outcome", annotator=annotator, example=str(rows["example_id"].iloc[row]))


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


def _by(row: Row) -> str:
    if row["by"] == "verdict":
        return f"decision by {safe.one_line(row['reviewer'], 40)}"
    sure = 100 * row["confidence"]
    return f"consensus, {sure:.0f} % sure" if sure < 99 else "consensus, over 99 % sure"


def _basis(crowd: Crowd) -> str:
    if not crowd.is_judged:
        return (
            "Fewer than three annotators share examples, so their labels alone do not say who is right: "
            "have a third person label some of them."
        )
    return f"Right by the consensus of all annotators, an estimate. {crowd.consensus.why}"
