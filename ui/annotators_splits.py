"""The examples that split annotators: several labels seem valid, or somebody slipped, or nobody can tell."""

import pandas as pd
import streamlit as st

from analysis.people.ambiguity import OPEN, SEVERAL, SLIP
from analysis.queries import people_differences
from analysis.store import Store
from ui import annotators_crowd, safe, session, words

_LISTS = {SEVERAL: "Several labels valid", SLIP: "Slips", OPEN: "Cannot be told"}
_SEEM = {SEVERAL: "several labels seem valid", SLIP: "somebody seems to have slipped", OPEN: "the votes do not tell"}
_NONE = {
    SEVERAL: "None: how often those who differ are wrong explains every split as well as two valid labels would. "
    "Look under “Cannot be told” for texts that may have two.",
    SLIP: "None: on no example do most votes and who gave them speak so clearly for one label.",
    OPEN: "None: each split is told.",
}
_MOST = 100
_ENOUGH = 9.5  # labels on an example from which two valid labels can be told
_ROW = 100  # pixels: four lines of evidence


def show(store: Store) -> None:
    """One list of each kind, with counts, the evidence in a sentence, and the way to the examples."""
    st.subheader("Ambiguous, or a slip", anchor=False)
    counts = annotators_crowd.kinds(store)
    total = sum(counts.values())
    if not total:
        st.write("Annotators agree on every example they share.")
        return
    parts = [f"on {format(counts[kind], ',') if counts[kind] else 'none'} {said}" for kind, said in _SEEM.items()]
    st.write(f"Of {words.count(total, 'example')} that split annotators, {parts[0]}, {parts[1]}, and {parts[2]}.")
    st.caption(
        "Judged by how votes are split, how often those who differ slip, and how often the same labels split others. "
        "It takes three labels on an example to show a slip, said from 90 % likely on, and four to show that two are "
        "valid, said from 80 % on. Nobody is said to have slipped where the other label does not have most votes."
        + _few(store)
    )
    titles = {kind: f"{title} ({counts[kind]:,})" for kind, title in _LISTS.items()}
    first = next(kind for kind in _LISTS if counts[kind])
    for tab, kind in zip(st.tabs([*titles.values()], default=titles[first]), _LISTS, strict=True):
        with tab:
            _list(store, kind, counts[kind])


def _few(store: Store) -> str:
    """A word of caution where examples have few labels."""
    crowd = annotators_crowd.known(store)
    if crowd is None or not crowd.labels_each < _ENOUGH:
        return ""
    return f" With {crowd.labels_each:.0f} labels an example few of the latter can be told: take them as hints."


def said(line: annotators_crowd.Row) -> str:
    """What a line of `mixed_up` comes from: "3 both valid, slips on 12 (9 of these 14 labels by Ada), 5 open"."""
    labels = f"{line['slips']:,} labels"
    share = f"all {labels}" if line["most"] == line["slips"] else f"{line['most']:,} of these {labels}"
    by = f" ({share} by {safe.one_line(line['annotator'], 40)})" if line["slips"] > 1 else ""
    parts = [
        f"{line['several']:,} both valid" if line["several"] else "",
        f"slips on {line['slip']:,}{by}" if line["slip"] else "",
        f"{line['open']:,} open" if line["open"] else "",
    ]
    return ", ".join(part for part in parts if part)


def _list(store: Store, kind: str, count: int) -> None:
    if not count:
        st.write(_NONE[kind])
        return
    rows = annotators_crowd.of_data(_rows, store, kind)
    shown = pd.DataFrame(
        {
            "labels": rows["labels"],
            "why": [one.said(annotators_crowd.on_one_line) for one in rows["evidence"]],
            "text": rows["text"],
            "example_id": rows["example_id"],
        }
    )
    event = st.dataframe(
        shown,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key=f"annotators_{kind}",
        height="auto" if len(shown) <= 5 else 440,
        row_height=_ROW,
        column_config={
            "labels": st.column_config.TextColumn("Labels (how often)", width=125),
            "why": st.column_config.TextColumn("Evidence", width=335),
            "text": st.column_config.TextColumn("Text", width=480),
            "example_id": "Example",
        },
        alt=f"Examples that split annotators: {_SEEM[kind]}",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        session.link(f"Review {'it' if count == 1 else f'all {count:,}'} ›", "review", apart=kind)
        which = f"The {_MOST} that are told most clearly, of {count:,}. " if kind != OPEN else f"{_MOST} of {count:,}. "
        first = which if count > _MOST else ""
        st.caption(f"{first}Select a line to open the example in Review.", width="content")
    for row in event["selection"]["rows"]:
        session.go("review", apart=kind, example=str(rows["example_id"].iloc[row]))


def _rows(store: Store, kind: str) -> pd.DataFrame:
    return people_differences.disagreements(store, annotators_crowd.there(store), kind, _MOST)
