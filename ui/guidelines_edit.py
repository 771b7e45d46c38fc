"""Writing a new version: the text on the left; its name, why, and what it changes on the right."""

import uuid
from datetime import UTC, date, datetime

import streamlit as st

from analysis.errors import UserError
from analysis.people.guidelines import clauses, unnamed
from analysis.queries import guidelines
from analysis.review.guide import LONGEST, NAME_LENGTH, write_version
from analysis.store import Store
from ui import annotators_crowd, frame, guidelines_versions, safe, session, words

_HEIGHT = 560
_WARNED = 5  # clauses
_PLACEHOLDER = "## 1 Refunds\n`refund_status`: … `refund_request`: …"


def is_open() -> bool:
    """Whether a version is being written in this tab."""
    return session.parameter("edit") == "yes"


def form(store: Store) -> None:
    """The editor. What is typed stays in this tab until it is saved or discarded."""
    version = guidelines.latest(store)
    base = version.text if version else ""
    pair = _pair(store)
    key = f"guideline_text_{version.guideline_id if version else None}_{pair}"
    if session.recall(key) is None:  # the field is not on the screen yet: what it starts with must not change later
        drafted = guidelines.draft_for(store, *pair) if pair else base
        session.remember(f"{key}_start", session.recall(f"{key}_kept", drafted))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        text = st.text_area(
            "Text of the guideline",
            session.recall(f"{key}_start"),
            height=_HEIGHT,
            max_chars=LONGEST,
            placeholder=_PLACEHOLDER,
            key=key,
            on_change=lambda: session.remember(f"{key}_kept", session.recall(key)),
        )
        st.caption("A clause begins at a heading or a line with a number. It names its labels in backticks.")
    with right:
        told = _told(store, base, text or "")
        _saving(store, text or "", key, is_first=version is None, told=told)


def _pair(store: Store) -> tuple[str, str] | None:
    """The labels that a clause is to be drafted for."""
    known = annotators_crowd.of_labels(guidelines.annotated_labels, store)
    first, second = session.parameter("between", known), session.parameter("against", known)
    return (first, second) if first is not None and second is not None else None


def _saving(store: Store, text: str, key: str, *, is_first: bool, told: bool) -> None:
    problem = session.recall("guideline_problem")
    if problem:
        st.error(safe.markdown(problem, 600))
    st.text_input("Version", guidelines.next_name(store), max_chars=NAME_LENGTH, key=f"{key}_name")
    why = "Why" if not is_first else "Why (may be left empty)"
    st.text_area(why, key=f"{key}_why", height=80, placeholder="What led to this version")
    today = datetime.now(UTC).date()
    st.date_input(
        "In force since",
        today,
        min_value=today.replace(year=today.year - 30),
        max_value=today,
        key=f"{key}_since",
        format="YYYY-MM-DD",
        help="Labels given from that day on count for this version, until the next one; a version that the file "
        "names for a label goes first. Today means from now on.",
    )
    if not session.reviewer():
        frame.ask_reviewer(store, "guideline")
    with st.container(horizontal=True):
        st.button(
            "Save it as it is" if told else "Save this version",
            type="primary",
            key="guideline_save",
            disabled=not session.reviewer(),
            on_click=_save,
            args=(key, str(uuid.uuid4()), text if told else None),
        )
        st.button("Discard", key="guideline_cancel", on_click=_discard, args=(key,))
    st.caption(
        f"Written as {safe.markdown(session.reviewer(), 60)}. A saved version is never changed again."
        if session.reviewer()
        else "Give your name first: a version says who wrote it."
    )


def _told(store: Store, before: str, text: str) -> bool:
    """What would be saved, and whether a clause lacks what it is counted by."""
    found = clauses(text)
    if not found:
        return False
    lacking = _lacking(store, text)
    if lacking:
        st.warning("  \n".join([*lacking[:_WARNED], "A saved version is never changed, so mend this first."]))
    st.text(f"{words.count(len(found), 'clause')}. {guidelines_versions.summary(before, text) if before else ''}")
    if before and before != text:
        with st.expander("Compare with the version in force"):
            guidelines_versions.changes(before, text, "What changes")
    return bool(lacking)


def _lacking(store: Store, text: str) -> list[str]:
    """The clauses that name no label, in Markdown; [] where that is nothing to mend."""
    known = guidelines.label_names(store)
    found = unnamed(text, known)
    if not any(one.mentions for one in found) and len(found) < len(clauses(text)):
        return []  # a clause about no label in particular is none the worse for it
    said = []
    for one in found:
        mentioned = ", ".join(f"“{safe.markdown(label, 60)}”" for label in one.mentions[:5])
        number = safe.markdown(one.number, 40)
        ends = f": put {mentioned} in backticks." if one.mentions else "."
        said.append(f"Clause {number} names no label in backticks, so nothing will be counted for it{ends}")
    return said


def _save(key: str, guideline_id: str, told: str | None) -> None:
    store = session.store()
    if store is None:
        return
    text = session.recall(key) or ""
    if told != text and _lacking(store, text):
        return  # typed and saved in one go: what it lacks is shown first
    session.forget("guideline_problem")
    since: date | None = session.recall(f"{key}_since")
    try:
        written = write_version(
            store,
            text,
            version=session.recall(f"{key}_name") or "",
            author=session.reviewer(),
            note=session.recall(f"{key}_why") or "",
            since=None if since == datetime.now(UTC).date() else since,
            guideline_id=guideline_id,
        )
    except UserError as error:
        session.remember("guideline_problem", f"{error.message} {error.hint}")
        return
    session.remember("guideline_saved", written.guideline_id)
    _discard(key)


def _discard(key: str) -> None:
    session.forget("guideline_problem")
    session.forget(f"{key}_kept")
    session.set_parameters(edit=None, between=None, against=None, version=None)
