"""The line under the title of the map: what it is narrowed to, each with the way to take it off, and saved selections.

A saved selection is in the dataset, so that it is there for everybody and after the tab is closed.
"""

import streamlit as st

from analysis.errors import UserError
from analysis.queries import selections
from analysis.queries.selections import Saved
from analysis.review.selections import MOST_NAME, remove_selection, save_selection
from analysis.store import Store
from ui import frame, map_chart, map_view, safe, session
from ui.map_view import FILTERS, SHOWN, View
from ui.review_filter import NO_LABEL, title_of


def line(store: Store, shown: View) -> None:
    """Chips on the left; what is laid over the map, and the saved selections, on the right."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", width="stretch"):
            _chips(store, shown)
        with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
            map_view.toggles(shown)
            _selections(store, shown)


def _chips(store: Store, shown: View) -> None:
    wanted = shown.wanted
    if wanted.window is not None:
        st.button("Whole map", key="map_whole", type="tertiary", on_click=_off, args=("window",))
        st.caption("›", width="content")
        _chip("zoomed in", "window")
    if wanted.check is not None:
        _chip(title_of(wanted.check), "check")
    if wanted.show != "all":
        _chip(SHOWN[wanted.show].lower(), "show")
    if wanted.label is not None:
        _chip(f"label {wanted.label or NO_LABEL}", "label", "unlabelled")
    if shown.region is not None:
        _chip("region", "region")
    if not shown.parameters:
        sampled = map_chart.how_many(store, shown)
        st.caption(f"The whole map: {sampled}" if sampled else "The whole map, all examples.")


def _chip(said: str, *parameters: str) -> None:
    st.button(
        f"{safe.markdown(said, 60)} ×",
        key=f"map_off_{parameters[0]}",
        help="Take this filter off",
        on_click=_off,
        args=parameters,
    )


def _off(*parameters: str) -> None:
    session.set_parameters(**dict.fromkeys(parameters))


def _selections(store: Store, shown: View) -> None:
    """What was saved, and saving what is shown now."""
    known = session.cached(selections.saved, store)
    title = f"Selections ({len(known)})" if known else "Selections"
    with st.popover(title, width="content"):
        if problem := session.recall("map_selection_problem"):
            st.error(safe.markdown(problem, 400))
        elif said := session.recall("map_selection_said"):
            st.caption(said)
        if known:
            _choose(known)
            st.divider()
        if not shown.parameters:
            st.caption("Draw a region, or choose what to show; then it can be saved here under a name.")
            return
        if not session.reviewer():
            frame.ask_reviewer(store, "selections")
        name = f"map_selection_name_{len(known)}"
        st.text_input("Name of what is shown now", max_chars=MOST_NAME, key=name)
        st.button(
            "Save as selection", key="map_selection_save", disabled=not session.reviewer(), on_click=_save, args=(name,)
        )


def _choose(known: list[Saved]) -> None:
    names = [one.name for one in known]
    st.selectbox("Saved selections", names, index=None, placeholder="Choose one", key="map_selection_chosen")
    found = next((one for one in known if one.name == session.recall("map_selection_chosen")), None)
    if found is not None:
        st.caption(safe.markdown(f"Saved by {found.saved_by} on {found.saved_at}.", 200))
    with st.container(horizontal=True, gap="small"):
        off = found is None
        st.button("Show on the map", key="map_selection_show", disabled=off, on_click=_show, args=(found,))
        review = st.button("Review", key="map_selection_review", disabled=off)
        st.button(
            "Remove",
            key="map_selection_remove",
            disabled=off or not session.reviewer(),
            on_click=_remove,
            args=(found,),
        )
    if review and found is not None:
        _show(found)
        store = session.store()
        if store is not None:
            session.go("review", **map_view.view(store).for_review)


def _show(found: Saved | None) -> None:
    """What the selection says, and nothing else, is what the address says."""
    given = dict(found.parameters) if found is not None else {}
    session.set_parameters(**{name: given.get(name) for name in FILTERS})


def _save(name_key: str) -> None:
    store = session.store()
    if store is None:
        return
    _told()
    try:
        saved = save_selection(
            store, session.recall(name_key) or "", map_view.view(store).parameters, by=session.reviewer()
        )
    except UserError as error:
        session.remember("map_selection_problem", f"{error.message} {error.hint}")
        return
    session.remember("map_selection_said", f"Saved: {safe.markdown(saved.name)}.")


def _remove(found: Saved | None) -> None:
    store = session.store()
    if store is None or found is None:
        return
    _told()
    try:
        remove_selection(store, found.name, by=session.reviewer())
    except UserError as error:
        session.remember("map_selection_problem", f"{error.message} {error.hint}")
        return
    session.remember("map_selection_said", f"Removed: {safe.markdown(found.name)}.")


def _told() -> None:
    session.forget("map_selection_problem")
    session.forget("map_selection_said")
