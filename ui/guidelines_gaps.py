"""What the guideline leaves open: labels that annotators are split on and that no clause names together."""

import streamlit as st

from analysis.queries import conflicts, guidelines
from analysis.queries.guidelines import SplitPair
from analysis.store import Store
from ui import annotators_crowd, safe, session, words
from ui.guidelines import of_versions, read_link, said_split

_FEW = 5


def show(store: Store) -> None:
    """Gaps ranked by the disagreement that they cause, each with its examples and the way to a clause."""
    title, way = st.columns([3, 2], vertical_alignment="bottom")
    title.subheader("Gaps", anchor=False)
    with way:
        _conflicts(store)
    unruled = len(guidelines.unruled(store))
    if unruled:
        _unruled(unruled)
    found = of_versions(_gaps, store)
    if not found:
        st.write(
            "Every two labels that annotators are split on are named together by a clause."
            if unruled
            else "No gap: every two labels that annotators are split on are named together by a clause."
        )
        return
    st.caption("Annotators are split on these labels, and no clause names both. A draft collects what is decided.")
    every = len(found) > _FEW and st.toggle(f"Show all {len(found):,}", key="guideline_gaps_all")
    with st.container(gap="xsmall"):
        for gap in found if every else found[:_FEW]:
            _gap(gap)


def _unruled(number: int) -> None:
    text, read = st.columns([11, 4.6], gap="xsmall", vertical_alignment="center")
    say = "says" if number == 1 else "say"
    text.text(f"{words.count(number, 'decision')} in force {say} that no clause fits.", width="stretch")
    with read:
        session.link(f"{words.count(number, 'example')} ›", "review", apart="unruled", state="all")


def _gaps(store: Store) -> list[SplitPair]:
    return guidelines.gaps(store, annotators_crowd.there(store))


def _conflicts(store: Store) -> None:
    if left := session.cached(conflicts.left, store):
        session.link(f"Decide {words.count(left, 'conflict')} blind ›", "review", conflicts="yes", blind="yes")


def _gap(gap: SplitPair) -> None:
    pair, numbers, read, draft = st.columns([5, 6, 2.6, 2], gap="xsmall", vertical_alignment="center")
    pair.text(f"{safe.one_line(gap.first, 60)} against {safe.one_line(gap.second, 60)}", width="stretch")
    numbers.text(said_split(gap.split, gap.involved, gap.low, gap.high, gap.share), width="stretch")
    with read:
        read_link(f"{words.count(gap.split, 'example')} ›", gap.first, gap.second)
    draft.button(
        "Draft",
        key=f"guideline_draft_{gap.first}\x1f{gap.second}",
        on_click=session.set_parameters,
        kwargs={"edit": "yes", "between": gap.first, "against": gap.second},
        help="A clause to start from",
        width="stretch",
    )
