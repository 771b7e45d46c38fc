"""One line per annotator, and the page of one of them: what is known of their labels, and where they differ."""

import pandas as pd
import streamlit as st

from analysis.people.standing import ALIKE, BELOW, PERHAPS, UNKNOWN
from analysis.queries import people
from analysis.queries.people import Crowd
from analysis.store import Store
from ui import annotators_crowd, annotators_feedback, safe, session, words
from ui.annotators_crowd import Row

_CERTAIN = 0.05  # how probable a change may be by chance
_SLIGHT = 0.005  # a bias that rounds to no point
_REMARKS = 6
_NAMED = 8  # of those who may be less reliable
_STANDS = {
    BELOW: "clearly below",
    PERHAPS: "too few labels",
    ALIKE: "much the same",
    UNKNOWN: "–",
}
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
        side = link.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="small")
        with side:
            if remark.members:
                label = f"{words.count(remark.members, 'example')} ›"
                session.link(label, "review", check=remark.check_name, slice=remark.annotator)
            if apart:
                _to("Their page ›", f"page_{remark.check_name}_{remark.annotator}", remark.annotator)


def table(store: Store, crowd: Crowd) -> None:
    """Every annotator, who is furthest below the others first: reliability, bias, change. A line opens their page."""
    title, files = st.columns([3, 2], vertical_alignment="bottom")
    title.subheader("Annotators, furthest below the others first" if crowd.is_judged else "Annotators", anchor=False)
    with files.container(horizontal=True, horizontal_alignment="right"):
        annotators_feedback.download_all(store)
    with st.spinner("Looking at each annotator …"):
        rows = _ranked(crowd.annotators)
    shown = pd.DataFrame(
        {
            "annotator": [annotators_crowd.in_cell(name) for name in rows["annotator"]],
            "right": [_right(row) for row in rows.to_dict("records")],
            "stands": rows["stands"].map(_STANDS),
            "leans": [_lean(row, " ") or "–" for row in rows.to_dict("records")],
            "labels": rows["labels"],
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
            "annotator": st.column_config.TextColumn("Annotator", width=75),
            "labels": st.column_config.NumberColumn("Labels", format="localized", width=70),
            "right": st.column_config.TextColumn("Right, of labels judged", width=148),
            "stands": st.column_config.TextColumn("Beside the others", width=105),
            "leans": st.column_config.TextColumn("Says too often, points", width=150),
            "change": st.column_config.TextColumn("Change over time", width="medium"),
            "pace": st.column_config.TextColumn("From label to label", width="medium"),
        },
        alt="Every annotator with labels, reliability, bias and change over time",
    )
    basis, why = _basis(crowd)
    st.caption(f"{basis} Select a line to see where theirs differ.", help=why)
    if said := _not_flagged(rows):
        st.caption(said)
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
        said.append(f"Says too often: {lean}.")
    if row["stands"] in (BELOW, PERHAPS):
        said.append(_beside(row))
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


def _lean(row: Row, unit: str = " points ") -> str:
    """ "refund, +34 points (30–39)"; "" where it may be chance."""
    if not row["leans_to"] or row["lean"] < _SLIGHT:
        return ""
    low, high = 100 * row["lean_low"], 100 * row["lean_high"]
    return f"{safe.one_line(row['leans_to'], 60)}, +{100 * row['lean']:.0f}{unit}({low:.0f}–{high:.0f})"


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


def _basis(crowd: Crowd) -> tuple[str, str | None]:
    """On what the table rests, and how the consensus was made."""
    if not crowd.is_judged:
        return (
            "Fewer than three annotators share examples, so their labels alone do not say who is right: "
            "have a third person label some of them.",
            None,
        )
    return (
        "Right by the consensus of all annotators, an estimate, with its 95 % interval.",
        safe.markdown(crowd.consensus.why, 400),
    )


def _ranked(rows: pd.DataFrame) -> pd.DataFrame:
    """Who is clearly below the others first, then by how far below; who cannot be judged last; ties by name."""
    order = {BELOW: 0, PERHAPS: 1, ALIKE: 1, UNKNOWN: 2}
    ranked = rows.assign(order=rows["stands"].map(order), gap=rows["reliability"] - rows["others"])
    ranked = ranked.sort_values(["order", "gap", "annotator"], ignore_index=True)
    return ranked.drop(columns=["order", "gap"])


def _not_flagged(rows: pd.DataFrame) -> str:
    """Why those who seem to be below the others are not said to be."""
    found = rows[rows["stands"] == PERHAPS]
    if found.empty:
        return ""
    named = [
        f"{safe.markdown(row['annotator'], 60)} ({_between(row)})" for row in found.head(_NAMED).to_dict("records")
    ]
    more = f" and {len(found) - _NAMED:,} more" if len(found) > _NAMED else ""
    seems = "seems" if len(found) == 1 else "seem"
    return (
        f"Not flagged: {', '.join(named)}{more} {seems} less reliable too, but of so few labels that the interval does "
        "not end 10 points below the others. More labels on examples that others label would tell."
    )


def _beside(row: Row) -> str:
    others = f"the others are right in {100 * row['others']:.0f} %"
    if row["stands"] == BELOW:
        return f"Clearly less often right: {others}."
    return f"Perhaps less often right, {others}: of so few labels the interval ({_between(row)}) is too wide to tell."


def _between(row: Row) -> str:
    return f"{100 * row['low']:.0f}–{100 * row['high']:.0f} % of {row['judged']:,}"
