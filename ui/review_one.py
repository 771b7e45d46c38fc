"""The example at hand: in the grid of those like it, or alone with all that is known of it."""

import streamlit as st

from analysis.queries import queue
from analysis.queries.case import Case
from analysis.store import Store
from ui import review_ask, review_blind, review_case, review_decide, review_grid, review_name, review_several
from ui.review_filter import View
from ui.review_record import record, shown_now


def show(store: Store, case: Case, shown: View, *, asked: str | None) -> None:
    """The example and its decision; `asked` names what lies over the page.

    There is no grid where others' opinions must not be seen, nor of an example that is not to be decided here.
    """
    quiet = asked is not None
    if review_grid.is_on() and review_grid.show(store, shown.wanted, case.example_id, asked=asked):
        return
    hidden = review_blind.is_hidden(case, blind=shown.blind)
    if asked == "several":
        review_several.choose(store, case, shown.wanted, hidden=hidden)
    elif asked == "ask":
        review_ask.choose(store, case, hidden=hidden)
    elif asked == "name":
        _ask_name(store, case, shown, hidden=hidden)
    place = queue.place(store, shown.wanted, case.example_id)
    left, right = st.columns([4, 3], gap="small")
    with left:
        review_case.show(store, case, queued=place.position is not None, hidden=hidden)
    with right:
        review_decide.panel(store, case, place, shown.wanted, quiet=quiet, hidden=hidden)


def _ask_name(store: Store, case: Case, shown: View, *, hidden: bool) -> None:
    """Who decides; then the decision that was made is saved as if it were made now."""
    view = shown_now(case, shown.wanted, quiet=True, hidden=hidden)

    def go_on() -> None:
        waiting = review_name.pending(case.example_id)
        if waiting is not None:
            record(view, *waiting)

    review_name.choose(store, go_on)
