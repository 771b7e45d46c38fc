"""What lies over Review when asked for: the filter, and the list of keys. The keys of the page are off meanwhile."""

from collections.abc import Callable
from typing import Literal

import streamlit as st

from analysis.queries import guidelines, queue, selections
from analysis.queries.queue import UNLABELLED, QueueFilter
from analysis.store import Store
from ui import safe, session
from ui.review_filter import NO_LABEL, STATES, of_selection, selection_shown

_ASKED = "review_dialog"
_KEYS = {
    "K": "keep the label",
    "A": "relabel as suggested",
    "1–9": "relabel to the label with this number",
    "L": "another label: type, Enter takes it, Esc leaves it",
    "D": "drop the example",
    "U": "unsure",
    "M": "more than one label is right",
    "N": "write a note; Esc leaves it",
    "C": "cite a clause of the guideline: type, Enter takes it, Esc leaves it",
    "Z": "undo the last decision",
    "S": "skip: decide later",
    "J": "previous example",
    "Q": "ask a colleague",
    "G": "grid: twelve of the same kind, and back",
    "F": "filter",
    "H": "this list",
}
_GRID_KEYS = {
    "A K D U": "choose for all: relabel, keep, drop, unsure",
    "1–9 0 V W": "change the choice on the card that bears the key",
    "Ctrl Enter": "save what is chosen",
    "Z": "undo the last decision",
    "G": "one at a time",
    "F": "filter",
    "H": "this list",
}


def button(
    said: str,
    what: str,
    key: str,
    *,
    quiet: bool,
    width: Literal["stretch", "content"] | int = "content",
    tip: str | None = None,
    before: Callable[[str], None] | None = None,
) -> None:
    """The button that asks for a dialog; `tip` is what it says in full, `before` comes first where nobody is named."""
    st.button(
        said,
        key=f"ask_{what}",
        shortcut=None if quiet else key,
        width=width,
        help=tip,
        on_click=before if before is not None and not session.reviewer() else open_next,
        args=(what,),
    )


def open_next(what: str) -> None:
    """Ask for a dialog, in a callback: the run of the page that comes opens it."""
    session.remember(_ASKED, what)


def asked() -> str | None:
    """The dialog that was asked for just now; before all others comes why the last act was not saved."""
    what: str | None = "problem" if session.recall("review_problem") else session.recall(_ASKED)
    return what


def opened(store: Store, wanted: QueueFilter, *, grid: bool) -> str | None:
    """Open what was asked for, where it is about the page and not about the example; what was asked for."""
    what = asked()
    session.forget(_ASKED)
    if what == "problem":
        _problem()
    elif what == "filter":
        _filter(store, wanted)
    elif what == "keys":
        _keys(grid=grid)
    return what


@st.dialog("This was not saved", on_dismiss="rerun")
def _problem() -> None:
    st.error(safe.markdown(session.recall("review_problem"), 600))
    session.forget("review_problem")  # it has been said; a dialog is drawn again only when it is asked for
    st.caption("Esc closes this. What you had chosen or typed is still there.")


@st.dialog("Keys", width="medium", on_dismiss="rerun")
def _keys(*, grid: bool) -> None:
    keys = list((_GRID_KEYS if grid else _KEYS).items())
    half = (len(keys) + 1) // 2
    for place, part in zip(st.columns(2, gap="medium"), (keys[:half], keys[half:]), strict=True):
        with place, st.container(gap="xsmall"):
            for key, does in part:
                left, right = st.columns([1, 4])
                left.text(key)
                right.text(does)
    if not grid:
        st.caption(
            "Where there are nine labels or fewer, each has the same number on every example. Where there are more, "
            "the numbers are on those that this example most likely has, likeliest first."
        )
        st.caption("The percentage behind a label is how probable models find it that never saw this example.")
    st.caption(
        "While you type in a field, the keys write text. A key that comes before the next example is on the screen is "
        "not taken, and the page says so. It also says why a key can do nothing just now."
    )


@st.dialog("Filter", on_dismiss="rerun")
def _filter(store: Store, wanted: QueueFilter) -> None:
    _selection(store)
    titles = {name: safe.one_line(name) for name in session.cached(queue.labels, store)} | {UNLABELLED: NO_LABEL}
    labels, splits, states = list(titles), session.cached(queue.splits, store), list(STATES)
    st.selectbox(
        "Label",
        labels,
        index=None if wanted.label is None else labels.index(wanted.label),
        format_func=titles.__getitem__,
        placeholder="All labels",
        key="filter_label",
    )
    if splits:
        index = None if wanted.split is None else splits.index(wanted.split)
        st.selectbox("Split", splits, index=index, placeholder="All splits", key="filter_split")
    index = states.index(wanted.state)
    st.selectbox("Show", states, index=index, format_func=STATES.__getitem__, key="filter_state")
    st.toggle("Asked of me", value=wanted.asked is not None, key="filter_asked", disabled=not session.reviewer())
    if session.cached(guidelines.annotated_labels, store):
        st.toggle("Conflicts only: annotators do not settle the label", value=wanted.conflicts, key="filter_conflicts")
        st.toggle(
            "Blind: hide names, the label in use and what models say until you have decided",
            value=session.parameter("blind") == "yes",
            key="filter_blind",
        )
    if st.button("Show these", type="primary", key="filter_apply", on_click=_apply, args=(store,)):
        st.rerun()  # the page, not the dialog alone


def _selection(store: Store) -> None:
    """The parts of the map that were saved under a name."""
    names = [one.name for one in session.cached(selections.saved, store)]
    if names:
        now, titles = selection_shown(store), {"": "None"} | {name: safe.one_line(name) for name in names}
        st.selectbox(
            "Saved selection",
            list(titles),
            index=0 if now is None else 1 + names.index(now.name),
            format_func=titles.__getitem__,
            help="It narrows to its own check and label too, where it has them.",
            key="filter_selection",
        )


def _apply(store: Store) -> None:
    label, state = session.recall("filter_label"), session.recall("filter_state")
    chosen = {
        "label": label or None,
        "unlabelled": "yes" if label == UNLABELLED else None,
        "split": session.recall("filter_split"),
        "state": state if state != "open" else None,
        "asked": "me" if session.recall("filter_asked") else None,
        "conflicts": "yes" if session.recall("filter_conflicts") else None,
        "blind": "yes" if session.recall("filter_blind") else None,
        "example": None,
    }
    session.set_parameters(**chosen | _of_selection(store))


def _of_selection(store: Store) -> dict[str, str | None]:
    """What the selection that was chosen changes; where it was taken off, only the map's part of it goes."""
    before, chosen = selection_shown(store), session.recall("filter_selection")
    found = next((one for one in session.cached(selections.saved, store) if one.name == chosen), None)
    if found == before:
        return {}
    narrowed = of_selection(found) if found is not None else {}
    given = {key: value for key, value in narrowed.items() if value is not None}
    cleared = ["region", "only", "slice", "part"]
    if "label" in given or "unlabelled" in given:
        cleared += ["label", "unlabelled"]
    return {name: given.get(name) for name in [*cleared, *given]}
