"""Which labels annotators mix up, each pair with what it comes from and the way to its examples."""

import pandas as pd
import streamlit as st

from analysis.queries import people_differences
from analysis.signals.intervals import wilson
from analysis.store import Store
from ui import annotators_crowd, annotators_splits, safe, session, words

_PAIRS, _MOST = 8, 68
_COLUMNS = [5, 4, 2.6]


def mixed_up(store: Store) -> None:
    """Pairs of labels given to the same example, most examples first."""
    st.subheader("Labels that annotators mix up", anchor=False)
    with st.spinner("Telling slips from labels that are both valid …"):
        rows = annotators_crowd.of_labels(_mixed_up, store)
    if rows.empty:
        st.write("No example has two different labels.")
        return
    low, high = wilson(rows["both"], rows["either"])
    said = [words.share_between(*one) for one in zip(rows["both"] / rows["either"], low, high, strict=True)]
    lines = rows.assign(said=said).to_dict("records")
    with st.container(gap="xxsmall"):
        for line in lines[:_PAIRS]:
            _pair(line)
        more = lines[_PAIRS:_MOST]  # drawn only when asked for: each is a handful of widgets
        if more and st.toggle(f"{words.count(len(more), 'more pair')}", key="annotators_more_pairs"):
            for line in more:
                _pair(line)
    st.caption(
        "Examples that got both labels, as a share (95 % interval) of those that got either, "
        "among examples with two labels or more."
    )


def _pair(line: annotators_crowd.Row) -> None:
    first, second = str(line["first"]), str(line["second"])
    pair, share, link = st.columns(_COLUMNS, vertical_alignment="center")
    pair.text(f"{safe.one_line(first, 80)} ↔ {safe.one_line(second, 80)}")
    share.text(f"{line['said']} of {line['either']:,}")
    with link:
        session.link(f"{words.count(line['both'], 'example')} ›", "review", apart="labels", said=first, other=second)
    st.caption(safe.markdown(annotators_splits.said(line), 200))


def _mixed_up(store: Store) -> pd.DataFrame:
    return people_differences.mixed_up(annotators_crowd.there(store))
