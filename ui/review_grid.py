"""The grid: up to twelve examples of which the same is suspected, each with its own decision, saved together."""

import functools
import hashlib
import uuid
from collections.abc import Sequence
from typing import Literal

import streamlit as st

from analysis.errors import UserError
from analysis.queries.alike import Alike, alike
from analysis.queries.case import common_length
from analysis.queries.queue import QueueFilter
from analysis.review.decide import Choice, decide_each
from analysis.schema import Action
from analysis.store import Store
from ui import review_keys, review_name, review_why, safe, session, words
from ui.review_record import begin, fail, status, tell, undo_button

_WIDTH, _WIDE = (
    246,
    508,
)  # pixels of a card: four or two fit beside the sidebar of a large window, two or one of a small
_LINE, _CHARACTERS = 24, 30  # pixels of a line of text, and characters on it
_FEWEST, _MOST, _REST = 2, 6, 146  # lines of text that every card has room for, and pixels of a card without them
_LABEL = 200
_SAID: dict[Action, str] = {"relabel": "Relabel", "keep": "Keep", "drop": "Drop", "unsure": "Unsure"}
_ALL: dict[Action, str] = {"relabel": "Relabel all", "keep": "Keep all", "drop": "Drop all", "unsure": "All unsure"}
_KEYS: dict[Action, str] = {"relabel": "A", "keep": "K", "drop": "D", "unsure": "U"}
_CARDS = "1234567890VW"  # the keys of the cards
_STATUS = 26
_NOT_HERE = "The grid holds what is open in this queue; this example is decided, or not in the queue."
_DONE: dict[Action, str] = {"relabel": "relabelled", "keep": "kept", "drop": "dropped", "unsure": "unsure"}


def is_on() -> bool:
    """Whether the address asks for the grid; there is none where others' opinions must not be seen."""
    return session.parameter("view") == "grid" and session.parameter("blind") != "yes"


def switch(said: str, *, quiet: bool, off: bool = False, width: Literal["content"] | int = "content") -> None:
    """The button that leads into the grid, or out of it; there is none where others' opinions must not be seen.

    `off`: the example on the page cannot be in the grid.
    """
    if session.parameter("blind") == "yes":
        return
    st.button(
        said,
        key="review_view",
        shortcut=None if quiet else "G",
        disabled=off,
        width=width,
        help=_NOT_HERE if off else None,
        on_click=session.set_parameters,
        kwargs={"view": None if is_on() else "grid"},
    )


def show(store: Store, wanted: QueueFilter, example_id: str, *, asked: str | None) -> bool:
    """The whole grid from this example on; False, and nothing is drawn, where it is decided or not in this queue.

    `asked` names what lies over the page.
    """
    found = alike(store, wanted, example_id)
    if not found:
        return False
    chosen, quiet = _chosen(found), asked is not None
    if asked == "name":
        review_name.choose(store, functools.partial(_record, tuple(found), str(uuid.uuid4())))
    with st.container(key=review_keys.ACTS, gap="small"):
        _head(store, found, chosen, quiet=quiet)
        early = st.container()
        with st.container(horizontal=True, gap="small"):
            lines = min(_MOST, max(_FEWEST, -(-session.cached(common_length, store) // _CHARACTERS)))
            for key, one in zip(_CARDS, found, strict=False):
                _card(one, key, _WIDTH if len(found) > 2 else _WIDE, lines * _LINE, quiet=quiet)
    possible = _actions(found[0])
    why = review_why.of_grid(
        store, _CARDS[: len(found)], relabel="relabel" in possible, keep="keep" in possible, chosen=bool(chosen)
    )
    with early:
        review_keys.listen(view=str(uuid.uuid4()), example_id=example_id, one=False, quiet=quiet, why=why)
    return True


def _head(store: Store, found: Sequence[Alike], chosen: Sequence[Choice], *, quiet: bool) -> None:
    """What they have in common, one choice for all of them, and the way to save."""
    first = found[0]
    label = f"**{safe.markdown(first.label, _LABEL)}**" if first.label is not None else "no label"
    other = f", suggested **{safe.markdown(first.suggestion, _LABEL)}**" if first.suggestion is not None else ""
    alone = ". No other open one is like it: “One at a time” goes on." if len(found) == 1 else ""
    st.markdown(f"{words.count(len(found), 'example')} with {label}{other}{alone}")
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        for action in _actions(first):
            st.button(
                _ALL[action],
                key=f"grid_all_{action}_{first.example_id}",
                shortcut=None if quiet else _KEYS[action],
                on_click=_choose_all,
                args=([_key(one) for one in found], action),
            )
        mark = hashlib.blake2b(" ".join(one.example_id for one in found).encode(), digest_size=8).hexdigest()
        some = f"{len(chosen)} of these" if 0 < len(chosen) < len(found) else "these"
        st.button(
            f"Decide {some} {len(found)}",
            key=f"grid_save_{mark}",
            shortcut=None if quiet else "Ctrl+Enter",
            type="primary",
            disabled=not chosen,
            on_click=_record,
            args=(tuple(found), str(uuid.uuid4())),
        )
        undo_button(store, quiet=quiet)
        switch("One at a time", quiet=quiet)
    with st.container(height=_STATUS, border=False):
        st.caption(f"Chosen: {_summary(chosen)}. Nothing is saved yet." if chosen else status(store))


def _card(one: Alike, key: str, width: int, room: int, *, quiet: bool) -> None:
    with st.container(border=True, width=width, height=_REST + room, gap="xsmall"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.caption(safe.markdown(one.example_id, 40), help=safe.markdown(one.message, 300) or None, width="content")
            st.button(
                "Change",
                key=f"grid_next_{one.example_id}",
                shortcut=None if quiet else key,
                type="tertiary",
                on_click=_change,
                args=(_key(one), _actions(one)),
            )
        with st.container(height=room, border=False, gap="xxsmall"):
            st.text(safe.visible(one.text) or "(no text)", width="stretch")
        st.pills(
            "Decision",
            _actions(one),
            format_func=_SAID.__getitem__,
            key=_key(one),
            label_visibility="collapsed",
        )


def _actions(one: Alike) -> list[Action]:
    """What can be decided about it; all examples of a grid have the same."""
    possible = {"relabel": one.suggestion is not None, "keep": one.label is not None}
    return [action for action in _SAID if possible.get(action, True)]


def _key(one: Alike) -> str:
    return f"grid_{one.example_id}"


def _chosen(found: Sequence[Alike]) -> list[Choice]:
    """What stands chosen in the cards."""
    return [
        Choice(
            one.example_id,
            action,
            new_label=one.suggestion if action == "relabel" else None,
            check_name=one.check_name,
        )
        for one in found
        if (action := session.recall(_key(one))) in _actions(one)
    ]


def _choose_all(keys: Sequence[str], action: Action) -> None:
    for key in keys:
        session.remember(key, action)


def _change(key: str, actions: Sequence[Action]) -> None:
    """The next choice on one card; after the last of them comes none."""
    following = dict(zip([None, *actions], [*actions, None], strict=True))
    session.remember(key, following.get(session.recall(key)))


def _summary(chosen: Sequence[Choice]) -> str:
    counts = {action: sum(choice.action == action for choice in chosen) for action in _SAID}
    return ", ".join(f"{count} {_DONE[action]}" for action, count in counts.items() if count)


def _record(found: tuple[Alike, ...], view: str) -> None:
    """Save what stands chosen as one batch, which one undo takes back, and go on; on failure all stays as it is."""
    store, chosen = session.store(), _chosen(found)
    if store is None or not chosen:
        return
    if not session.reviewer():
        review_name.before("grid")
        return
    begin(store)
    made_from = uuid.UUID(view)
    try:
        decide_each(
            store,
            chosen,
            reviewer=session.reviewer(),
            decision_ids=[str(uuid.uuid5(made_from, choice.example_id)) for choice in chosen],
        )
    except UserError as error:
        fail(store, error, f"Not saved: the {words.count(len(chosen), 'choice')} stand as they were.")
        return
    tell(store, f"Saved: {_summary(chosen)}.")
    session.set_parameters(example=None)
