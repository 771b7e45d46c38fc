"""One decision about all examples in a region, and the way to take it back."""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import streamlit as st

from analysis.errors import UserError
from analysis.queries import queue
from analysis.queries.points import Selected
from analysis.review.decide import Choice, decide_each, decided_together, latest_decision, undo_last
from analysis.schema import Action, Decision
from analysis.store import Store
from ui import frame, safe, session, words
from ui.map_figure import name_of

_STATUS = 64  # pixels
_MOST_SAID = 2  # labels that the line about what was saved has room for


@dataclass(frozen=True, slots=True)
class Asked:
    """What stood on the screen when a button was pressed. One view takes one decision: its ids are made from `view`.

    labels   the label that each of the examples gets, where it is not the same for all
    """

    example_ids: pa.Array
    view: str
    note_key: str
    labels: pa.Array | None = None


def form(store: Store, region_text: str, chosen: Selected) -> None:
    """What was saved last, the actions with their count, a note."""
    if not session.reviewer():
        frame.ask_reviewer(store, "map")
    status(store, "One decision for all of them; it can be undone.")
    named = bool(session.reviewer())
    ids, labelled = chosen.example_ids, chosen.labelled
    mark = _mark(region_text, ids)
    asked = Asked(ids, str(uuid.uuid4()), f"map_note_{mark}")
    key = f"map_label_{mark}"
    label = st.selectbox(
        "New label",
        session.cached(queue.labels, store),
        index=None,
        placeholder="New label …",
        label_visibility="collapsed",
        key=key,
    )
    count = words.count(len(ids), "example")
    to = f" to {safe.markdown(label, 200)}" if label else ""
    _button(f"Relabel {count}{to}", mark, asked, "relabel", label, disabled=not named or label is None)
    _each(chosen, asked, mark, disabled=not named)
    kept = Asked(labelled, asked.view, asked.note_key)
    keep, drop, unsure = st.columns(3, gap="small")
    with keep:
        _button(f"Keep {len(labelled):,}", mark, kept, "keep", disabled=not named or not len(labelled))
    with drop:
        _button(f"Drop {len(ids):,}", mark, asked, "drop", disabled=not named)
    with unsure:
        _button(f"Unsure {len(ids):,}", mark, asked, "unsure", disabled=not named)
    st.text_area(
        "Note",
        key=asked.note_key,
        height=70,
        placeholder="Note, kept with each of these decisions",
        label_visibility="collapsed",
    )
    if unlabelled := len(ids) - len(labelled):
        verb = "has no label, so it" if unlabelled == 1 else "have no label, so they"
        st.caption(f"{words.count(unlabelled, 'example')} {verb} cannot be kept as labelled.")


def _each(chosen: Selected, asked: Asked, mark: str, *, disabled: bool) -> None:
    """Each to the label that a check suggests for it, where one does."""
    found = chosen.suggested
    if not found.num_rows:
        return
    count, all_of = found.num_rows, len(asked.example_ids)
    some = "" if count == all_of else f" ({count:,} of {all_of:,} {'has' if count == 1 else 'have'} one)"
    each = Asked(found["example_id"], asked.view, asked.note_key, found["suggested_label"])
    _button(f"Relabel each to its suggestion{some}", mark, each, "relabel", key="each", disabled=disabled)


def _mark(region_text: str, ids: pa.Array) -> str:
    """A short text that is another one for other examples."""
    digest = hashlib.blake2b(region_text.encode(), digest_size=8)
    for part in filter(None, ids.buffers()):
        digest.update(part)
    return digest.hexdigest()


def status(store: Store, otherwise: str = "") -> None:
    """What was saved, or why it was not, and Undo; always as high, so that nothing below it moves."""
    with st.container(height=_STATUS, border=False):
        if problem := session.recall("map_problem"):
            st.error(safe.markdown(problem, 400))
            return
        latest = _saved(store)
        if latest is None:
            st.caption(session.recall("map_undone") if was_undone() else otherwise)
            return
        said, undo = st.columns([3, 2], vertical_alignment="center")
        said.caption(session.recall("map_said"))
        with undo:
            _undo_button(store, latest)


def done(store: Store, shows: str) -> bool:
    """Where the latest decision took all of the selection out of what the map shows: what was done, and Undo."""
    latest = _saved(store)
    if latest is None or session.recall("map_where") != _where():
        return False
    st.success(session.recall("map_said"), icon=":material/check:")
    st.caption(f"They no longer match “{shows}”, so the map does not show them now. Draw the next region.")
    _undo_button(store, latest)
    return True


def was_undone() -> bool:
    """Whether the latest thing done to this selection was to take a decision back."""
    return session.recall("map_undone") is not None and session.recall("map_where") == _where()


def _saved(store: Store) -> Decision | None:
    """The decision that was taken here last, while nothing came after it."""
    latest = latest_decision(store, session.reviewer()) if session.reviewer() else None
    is_here = latest is not None and (latest.batch_id or latest.decision_id) == session.recall("map_saved")
    return latest if is_here else None


def _undo_button(store: Store, latest: Decision) -> None:
    st.button(
        f"Undo {decided_together(store, latest):,}",
        key=f"map_undo_{latest.decision_id}",
        width="stretch",
        on_click=_undo,
        args=(latest.decision_id,),
    )


def _button(
    said: str,
    mark: str,
    asked: Asked,
    action: Action,
    label: str | None = None,
    *,
    key: str = "",
    disabled: bool = False,
) -> None:
    st.button(
        said,
        key=f"map_{key or action}_{mark}",
        width="stretch",
        wrap=True,
        disabled=disabled,
        on_click=_record,
        args=(asked, action, label),
    )


def _record(asked: Asked, action: Action, label: str | None) -> None:
    """Save one decision for each example, all as one batch; on failure nothing is recorded and the page says why."""
    store = session.store()
    if store is None:
        return
    session.forget("map_problem")
    session.forget("map_undone")
    view, example_ids = uuid.UUID(asked.view), asked.example_ids.to_pylist()
    try:
        given = [label] * len(example_ids) if asked.labels is None else asked.labels.to_pylist()
        decisions = decide_each(
            store,
            [Choice(example_id, action, to) for example_id, to in zip(example_ids, given, strict=True)],
            reviewer=session.reviewer(),
            note=session.recall(asked.note_key) or "",
            decision_ids=[str(uuid.uuid5(view, example_id)) for example_id in example_ids],
        )
    except UserError as error:
        session.remember("map_problem", f"{error.message} {error.hint}")
        return
    session.remember("map_saved", decisions[0].batch_id or decisions[0].decision_id)
    session.remember("map_said", _said(decisions))
    session.remember("map_where", _where())


def _said(decisions: Sequence[Decision]) -> str:
    """ "Saved: 312 examples relabelled to x, 3 kept." """
    counts: dict[str, int] = {}
    for decision in decisions:
        what = name_of(decision.action, "verdict")
        if decision.new_label is not None:
            what += f" to {safe.markdown(decision.new_label)}"
        counts[what] = counts.get(what, 0) + 1
    most = sorted(counts.items(), key=lambda pair: -pair[1])
    parts = [f"{words.count(count, 'example')} {what}" for what, count in most[:_MOST_SAID]]
    more = sum(count for _, count in most[_MOST_SAID:])
    return f"Saved: {', '.join(parts)}{f', {more:,} more' if more else ''}."


def _where() -> str:
    """The selection that is decided on: what was said of it is not said of another."""
    return session.parameter("region") or ""


def _undo(expected: str) -> None:
    store = session.store()
    if store is None:
        return
    session.forget("map_problem")
    try:
        undone = undo_last(store, session.reviewer(), expected=expected)
    except UserError as error:
        session.remember("map_problem", f"{error.message} {error.hint}")
        return
    if undone:
        session.remember("map_undone", f"Taken back: {words.count(len(undone), 'decision')}.")
        session.remember("map_where", _where())
