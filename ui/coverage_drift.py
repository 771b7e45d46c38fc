"""What changed? What the reference has that ours has not, and the other way round, with the examples that show it."""

import streamlit as st

from analysis.queries import coverage_drift
from analysis.queries.coverage_drift import Shift, Told
from analysis.queries.coverage_reference import Reference
from analysis.report.coverage import changes_sentence, shift_sentence
from analysis.store import Store
from ui import coverage_reference, safe, session, words
from ui.coverage import SHARES, download, explained, shares_columns

_ROW, _TALLEST = 35, 420  # pixels
_HEIGHT = 300
_KINDS = {"word": "Words", "label": "Labels", "texts about": "Kinds of texts"}


def show(store: Store) -> None:
    """The section."""
    st.subheader("What changed?", anchor=False)
    against = coverage_reference.chosen(store)
    with explained():
        with st.spinner("Telling the two sides apart"):
            found = session.cached(coverage_drift.shift, store, against.key)
        st.text(shift_sentence(found, against))
        if found.difference is not None and found.difference.is_beyond_chance:
            _examples(found, against)
        st.text(changes_sentence(found))
        if len(found.changes):
            _table(found)
    st.caption(
        "What a dataset said before its data was replaced is not kept. To compare two versions, add the earlier file as"
        " a reference."
    )


def _examples(found: Shift, against: Reference) -> None:
    """The examples that tell the two sides apart, side by side."""
    title = safe.markdown(against.title)
    left, right = st.columns(2, gap="medium")
    with left:
        _told(f"New: most unlike our {against.ours}", found.new)
    with right:
        _told(f"Gone: most unlike {title}", found.gone)


def _told(title: str, told: Told) -> None:
    with st.container(border=True, height=_HEIGHT):
        st.markdown(f"**{title}**")
        if told.part:
            session.link(f"{words.count(told.members, 'example')} ›", "review", part=told.part, state="all")
        for text in told.texts:
            st.caption(safe.markdown(text, 200))


def _table(found: Shift) -> None:
    kinds = [kind for kind in _KINDS if (found.changes["kind"] == kind).any()]
    asked = session.parameter("changed", kinds) or kinds[0]
    key = f"coverage_changed_{asked}"
    st.segmented_control(
        "What changed",
        kinds,
        default=asked,
        format_func=_KINDS.__getitem__,
        label_visibility="collapsed",
        key=key,
        on_change=lambda: session.set_parameters(changed=session.recall(key)),
    )
    rows = found.changes[found.changes["kind"] == asked].reset_index(drop=True)
    event = st.dataframe(
        rows,
        hide_index=True,
        height=min(_TALLEST, _ROW * (len(rows) + 1) + 3),
        key=f"coverage_changes_{asked}",
        on_select="rerun",
        selection_mode="single-row",
        column_order=["name", "change", *SHARES, *(["texts"] if asked == "texts about" else [])],
        column_config={
            "name": st.column_config.TextColumn(_KINDS[asked], width="medium"),
            "change": st.column_config.TextColumn("In the reference"),
            "texts": st.column_config.ListColumn("Texts", width="large"),
            **shares_columns(),
        },
        alt="What has another share in the reference than in ours, with both shares and their intervals",
    )
    st.caption(
        "Exact tests, at most 5 % false finds within each list; intervals are 95 %, and a share is of the examples that"
        " have it. Tick a line to see the examples."
    )
    download(rows, f"{'-'.join(_KINDS[asked].lower().split())}-that-changed.csv")
    chosen = event["selection"]["rows"]
    if chosen and chosen[0] < len(rows) and rows["part"].iloc[chosen[0]]:
        session.go("review", part=rows["part"].iloc[chosen[0]], state="all")
