"""Review: one ranked queue, one example at a time, by keyboard."""

import streamlit as st

from analysis.queries import queue
from ui import page, review, review_blind, review_case, review_decide, review_dialogs, review_filter, review_header

SHOWS = "Here you will decide about flagged examples, one at a time, most telling first."

with page.opened("Review", needs="scan", shows=SHOWS, beside=review_header.draw) as store:
    shown = review_filter.view(store)
    quiet = review_dialogs.opened(store, shown.wanted)
    review_filter.chips(shown)
    case = review.chosen(store, shown.wanted)
    if case is None:
        review.nothing_left(store, shown)
    else:
        hidden = review_blind.is_hidden(case, blind=shown.blind)
        place = queue.place(store, shown.wanted, case.example_id)
        left, right = st.columns([4, 3], gap="small")
        with left:
            review_decide.problem()
            review_case.show(store, case, queued=place.position is not None, hidden=hidden)
        with right:
            review_decide.panel(store, case, place, shown.wanted, quiet=quiet, hidden=hidden)
