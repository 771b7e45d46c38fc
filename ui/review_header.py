"""The line of Review's title: how far deciding has come, the check to follow, and the way to other filters."""

from typing import Literal

import streamlit as st

from analysis.queries import overview, queue
from analysis.queries.queue import Pace, Place, QueueFilter
from analysis.queries.trust import stop_line, stop_said
from analysis.store import Store
from ui import review_dialogs, review_filter, session, words
from ui.review_filter import View, title_of, view

_KEYS = 72  # pixels
_LINE = 46  # pixels: two lines of small print, or a row of buttons


def draw(store: Store) -> None:
    """Progress, check, filter."""
    if not overview.is_scanned(store):
        return
    wanted = view(store).wanted
    pace = queue.pace(store, session.reviewer())
    progress, check, more = st.columns([4, 4, 3], gap="small", vertical_alignment="bottom")
    with progress:
        _progress(queue.place(store, wanted, None), pace)
    with check:
        _check(store, wanted)
    with more:
        review_dialogs.button("Filter", "filter", "F", quiet=review_dialogs.asked() is not None, width="stretch")


def line(store: Store, shown: View, *, quiet: bool) -> None:
    """What is filtered by, when to stop, the list of keys: as high for each example, so nothing below moves."""
    height: Literal["content"] | int = "content" if shown.chips else _LINE
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        with st.container(height=height, border=False, horizontal=True, gap="small", vertical_alignment="center"):
            review_filter.chips(store, shown)
            _stop(store, shown.wanted)
        review_dialogs.button("Keys", "keys", "H", quiet=quiet, width=_KEYS)
    review_filter.notes(shown)


def _stop(store: Store, wanted: QueueFilter) -> None:
    """When to stop, where the queue has enough label flags to say so."""
    found = session.cached(stop_line, store, wanted)
    if found is not None:
        sentence, basis = stop_said(found)
        st.caption(sentence, help=basis, width="content")


def _progress(place: Place, pace: Pace) -> None:
    left, said, tip = place.total - place.decided, f"{place.decided:,} of {place.total:,}", None
    if left:
        time_left, at, basis = words.time_left(
            pace.of(left), pace.seconds, pace.decisions, own=pace.own, assumed=pace.assumed
        )
        said, tip = f"{said} · {time_left}", f"{at[0].upper()}{at[1:]}. {basis}"
    with st.container(gap="xxsmall"):
        st.caption(said, help=tip)
        st.progress(place.decided / place.total if place.total else 0.0)


def _check(store: Store, wanted: QueueFilter) -> None:
    found = session.cached(queue.checks_with_issues, store)
    titles = {name: f"{title_of(name)} ({count:,})" for name, count in found}
    options = list(titles)
    key = f"filter_check_{wanted.check}"  # a new key for each value, because the URL may change it too
    st.selectbox(
        "Check",
        options,
        index=None if wanted.check is None else options.index(wanted.check),
        format_func=titles.__getitem__,
        placeholder="All checks",
        label_visibility="collapsed",
        key=key,
        on_change=lambda: session.set_parameters(check=session.recall(key), slice=None, example=None),
    )
