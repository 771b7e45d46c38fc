"""Which labels annotators mix up, and the examples that split them, each with the way to its examples."""

import pandas as pd
import streamlit as st

from analysis.queries import people_differences
from analysis.queries.people import Crowd
from analysis.signals.intervals import wilson
from analysis.store import Store
from ui import safe, session, words

_PAIRS = 8
_COLUMNS = [5, 4, 2.6]


def mixed_up(crowd: Crowd) -> None:
    """Pairs of labels given to the same example, most examples first."""
    st.subheader("Labels that annotators mix up", anchor=False)
    rows = people_differences.mixed_up(crowd)
    if rows.empty:
        st.write("No example has two different labels.")
        return
    low, high = wilson(rows["both"], rows["either"])
    said = [words.share_between(*one) for one in zip(rows["both"] / rows["either"], low, high, strict=True)]
    lines = list(zip(rows["first"], rows["second"], rows["both"], said, rows["either"], strict=True))
    with st.container(gap="xxsmall"):
        for line in lines[:_PAIRS]:
            _pair(*line)
    if len(lines) > _PAIRS:
        with st.expander(f"{words.count(len(lines) - _PAIRS, 'more pair')}"), st.container(gap="xxsmall"):
            for line in lines[_PAIRS : _PAIRS + 60]:
                _pair(*line)
    st.caption(
        "Examples that got both labels, as a share (95 % interval) of those that got either, "
        "among examples with two labels or more."
    )


def splitting(store: Store, crowd: Crowd) -> None:
    """The examples whose outcome is least sure."""
    st.subheader("Examples that split annotators", anchor=False)
    rows = people_differences.splitting(store, crowd)
    if rows.empty:
        st.write("Annotators agree on every example they share.")
        return
    shown = pd.DataFrame(
        {
            "labels": rows["labels"],
            "consensus": rows["consensus"].fillna("tied" if crowd.is_judged else "two people do not tell"),
            "sure": 100 * rows["confidence"],
            "text": rows["text"],
            "example_id": rows["example_id"],
        }
    )
    event = st.dataframe(
        shown,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key="annotators_splitting",
        height=320,
        column_config={
            "text": st.column_config.TextColumn("Text", width="large"),
            "labels": st.column_config.TextColumn("Labels given (how often)", width="medium"),
            "consensus": "Consensus",
            "sure": st.column_config.NumberColumn("Sure, %", format="%.0f", width="small"),
            "example_id": "Example",
        },
        alt="The examples that split annotators, least sure first",
    )
    st.caption(f"The {len(rows):,} least sure first. Select a line to open the example in Review.")
    for row in event["selection"]["rows"]:
        session.go("review", apart="any", example=str(rows["example_id"].iloc[row]))


def _pair(first: str, second: str, both: int, said: str, either: int) -> None:
    pair, share, link = st.columns(_COLUMNS, vertical_alignment="center")
    pair.text(f"{safe.one_line(first, 80)} ↔ {safe.one_line(second, 80)}")
    share.text(f"{said} of {either:,}")
    with link:
        session.link(f"{words.count(both, 'example')} ›", "review", apart="labels", said=first, other=second)
