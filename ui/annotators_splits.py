"""The examples that split annotators: several labels seem valid, or somebody slipped, or nobody can tell."""

import pandas as pd
import streamlit as st

from analysis.people.ambiguity import OPEN, SEVERAL, SLIP
from analysis.queries import people_differences
from analysis.store import Store
from ui import annotators_crowd, safe, session, words

_LISTS = {SEVERAL: "Several labels valid", SLIP: "Slips", OPEN: "Cannot be told"}
_SEEM = {SEVERAL: "several labels seem valid", SLIP: "somebody seems to have slipped", OPEN: "the votes do not tell"}
_MOST = 100


def show(store: Store) -> None:
    """One list of each kind, with counts, the evidence in a sentence, and the way to the examples."""
    st.subheader("Ambiguous, or a slip", anchor=False)
    counts = annotators_crowd.of_labels(_counts, store)
    total = sum(counts.values())
    if not total:
        st.write("Annotators agree on every example they share.")
        return
    parts = [f"on {format(counts[kind], ',') if counts[kind] else 'none'} {said}" for kind, said in _SEEM.items()]
    st.write(f"Of {words.count(total, 'example')} that split annotators, {parts[0]}, {parts[1]}, and {parts[2]}.")
    st.caption(
        "Judged by how votes are split, how often those who differ slip, and how often the same labels split others. "
        "It takes three labels on an example to show a slip, said from 90 % likely on, and four to show that two are "
        "valid, said from 80 % on. With four or five labels few of the latter can be told: take them as hints."
    )
    titles = {kind: f"{title} ({counts[kind]:,})" for kind, title in _LISTS.items()}
    first = next(kind for kind in _LISTS if counts[kind])
    for tab, kind in zip(st.tabs([*titles.values()], default=titles[first]), _LISTS, strict=True):
        with tab:
            _list(store, kind, counts[kind])


def said(line: annotators_crowd.Row) -> str:
    """What a line of `mixed_up` comes from: "3 both valid, 12 slips (9 of 12 by Ada), 5 cannot be told"."""
    share = "all" if line["most"] == line["slips"] else f"{line['most']:,} of {line['slips']:,}"
    by = f" ({share} by {safe.one_line(line['annotator'], 40)})" if line["slips"] > 1 else ""
    parts = [
        f"{line['several']:,} both valid" if line["several"] else "",
        f"{words.count(line['slip'], 'slip')}{by}" if line["slip"] else "",
        f"{line['open']:,} cannot be told" if line["open"] else "",
    ]
    return ", ".join(part for part in parts if part)


def _list(store: Store, kind: str, count: int) -> None:
    if not count:
        st.write("None.")
        return
    rows = annotators_crowd.of_data(_rows, store, kind)
    shown = pd.DataFrame(
        {
            "text": rows["text"],
            "labels": rows["labels"],
            "chance": 100 * rows["chance"],
            "why": [one.said(annotators_crowd.on_one_line) for one in rows["evidence"]],
            "example_id": rows["example_id"],
        }
    )
    event = st.dataframe(
        shown,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key=f"annotators_{kind}",
        height="auto" if len(shown) <= 7 else 320,
        column_config={
            "text": st.column_config.TextColumn("Text", width="large"),
            "labels": st.column_config.TextColumn("Labels given (how often)", width="medium"),
            "chance": st.column_config.NumberColumn(
                "Several valid, %" if kind == OPEN else "Likely, %", format="%.0f", width="small"
            ),
            "why": st.column_config.TextColumn("Evidence", width="large"),
            "example_id": "Example",
        },
        alt=f"Examples that split annotators: {_SEEM[kind]}",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        session.link(f"Review {'it' if count == 1 else f'all {count:,}'} ›", "review", apart=kind)
        first = f"The {_MOST} likeliest of {count:,}. " if count > _MOST else ""
        st.caption(f"{first}Select a line to open the example in Review.", width="content")
    for row in event["selection"]["rows"]:
        session.go("review", apart=kind, example=str(rows["example_id"].iloc[row]))


def _counts(store: Store) -> dict[str, int]:
    crowd = annotators_crowd.known(store)
    return dict.fromkeys(_LISTS, 0) if crowd is None else people_differences.kinds_of_disagreement(crowd)


def _rows(store: Store, kind: str) -> pd.DataFrame:
    return people_differences.disagreements(store, annotators_crowd.there(store), kind, _MOST)
