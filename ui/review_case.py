"""The example on the screen: what it says, why it is here, and what lies beside it. Text from the file stays inert."""

from collections import Counter

import streamlit as st

from analysis.queries.case import Case, Opinion, Other, common_labels_length, common_length
from analysis.store import Store
from ui import review_ask, review_blind, review_clause, safe, session
from ui.review_filter import title_of

_CARD, _LEAST, _LINE = 344, 200, 24  # pixels of a card at most, at least (two lines of text), and of a line
_NARROW = 38  # characters on a line of a card in a narrow window
_FULL = 20_000  # characters of a text that are shown at once
_MANY = 5  # annotators from which on they are listed by label
_OTHER = 300  # characters of an example beside it
_CELL = 2_000
_LABEL = 400  # characters of a label: whole, in any honest file
_SAID = {
    "keep": "keep",
    "relabel": "relabel to",
    "several": "several labels are right:",
    "drop": "drop",
    "unsure": "unsure",
    "reopen": "open again",
}


def show(store: Store, case: Case, *, queued: bool, hidden: bool = False) -> None:
    """The whole left side.

    `queued` says whether the example is in the queue that is being worked through; `hidden` whether others' opinions
    must not be seen yet.
    """
    with st.container(height=_height(store), border=True, gap="small"):
        _card(store, case, hidden=hidden)
    with st.container(gap="small"):
        _fields(store, case, hidden=hidden)
        if hidden:
            st.subheader("Why this example", anchor=False)
            st.text("Hidden until you have decided. “Previous” then shows the example with all that is said of it.")
        else:
            _reasons(case, queued=queued)
            _beside(case)


def _height(store: Store) -> int:
    """Pixels of the card: the same for every example of a dataset, so that nothing below it moves.

    It is made for nine of ten texts; the longer ones are scrolled.
    """
    lines = -(-session.cached(common_length, store) // _NARROW)
    lines += -(-session.cached(common_labels_length, store) // _NARROW)
    return min(_CARD, _LEAST + _LINE * max(0, lines - 2))


def _card(store: Store, case: Case, *, hidden: bool) -> None:
    facts = [store.name, case.example_id, f"row {case.row_number:,}", case.split, case.happened_at]
    st.caption(" · ".join(safe.markdown(fact, 60) for fact in facts if fact))
    review_ask.requests(case, hidden=hidden)
    if hidden:
        given = [_label(label) for label in review_blind.candidates(case)]
        st.markdown(f"Labels given, A to Z: {' · '.join(given)}" if given else "No label was given.")
    else:
        _opinions(case)
    st.text(safe.visible(case.text[:_FULL]) or "(no text)", width="stretch")
    if len(case.text) > _FULL:
        st.caption(f"The first {_FULL:,} of {len(case.text):,} characters.")


def _fields(store: Store, case: Case, *, hidden: bool) -> None:
    """The other columns, below the card, which may be scrolled: inside it they would be out of sight."""
    fields = review_blind.neutral_fields(store, case) if hidden else case.fields
    if fields:
        with st.expander(f"Fields ({len(fields)})"):
            for title, cell in fields:
                left, right = st.columns([1, 3])
                left.caption(safe.markdown(title, 120))
                right.text(safe.visible(cell[:_CELL]), width="stretch")


def _opinions(case: Case) -> None:
    """The label in use, what every annotator said – many of them by label, the most frequent first – and decisions."""
    said = [f"Label {_label(case.label)}"]
    if len(case.annotations) < _MANY:
        said += [f"{safe.markdown(opinion.who, 60)} {_label(opinion.label)}" for opinion in case.annotations]
    else:
        given = Counter(opinion.label for opinion in case.annotations)
        for label, number in sorted(given.items(), key=lambda one: (-one[1], str(one[0]))):
            who = ", ".join(safe.markdown(one.who, 60) for one in case.annotations if one.label == label)
            said.append(f"{_label(label)} by {number:,}: {who}")
    st.markdown(" · ".join(said))
    for opinion in case.opinions:
        st.text(_decided(opinion), width="stretch")


def _decided(opinion: Opinion) -> str:
    mine = " (you)" if opinion.who == session.reviewer() else ""
    what = _SAID[opinion.action or "keep"] + _given(opinion)
    note = f" – {safe.one_line(opinion.note, 300)}" if opinion.note else ""
    return f"Decided by {safe.one_line(opinion.who, 60)}{mine}: {what}{review_clause.said(opinion.clause)}{note}"


def _given(opinion: Opinion) -> str:
    labels = opinion.labels or ((opinion.label,) if opinion.label else ())
    return f" {', '.join(safe.one_line(label) for label in labels)}" if labels else ""


def _reasons(case: Case, *, queued: bool) -> None:
    st.subheader("Why this example", anchor=False)
    if not case.reasons:
        st.text("No check has flagged it.")
    for reason in case.reasons:
        st.text(f"{title_of(reason.check_name)}: {safe.one_line(reason.message)}", width="stretch")
    if not queued:
        st.caption("It is not in the queue that is chosen above. Skip goes on with the queue.")


def _beside(case: Case) -> None:
    """What a reason points at, side by side where that is one example; then the most similar ones.

    Where a check points at several, they are in that list: most often they are the nearest anyway.
    """
    pair = case.members[0] if len(case.members) == 1 else None
    if pair is not None:
        st.subheader("Side by side with the example that the reason names", anchor=False)
        this = Other(case.example_id, None, case.label, case.text)
        for place, other in zip(st.columns(2, gap="medium"), (this, pair), strict=True):
            with place:
                _other(other, case, "This example" if other is this else "The other")
    listed = {other.example_id: other for other in (*case.members, *case.nearest) if other is not pair}
    if pair is not None:
        listed.pop(pair.example_id, None)
    if listed:
        st.subheader("Other similar examples" if pair is not None else "Similar examples", anchor=False)
    for other in sorted(listed.values(), key=lambda other: other.similarity is not None and -other.similarity):
        _other(other, case)


def _other(other: Other, case: Case, title: str = "") -> None:
    """How near, which label – bold where it is another one – and what it says."""
    parts = [title] if title else []
    if other.similarity is not None:
        parts.append(_nearness(other.similarity))
    same = other.label == case.label and other.example_id != case.example_id
    parts.append(f"{_label(other.label, bold=not same)}{' (the same label)' if same else ''}")
    with st.container(gap="xxsmall"):
        st.markdown(" · ".join(parts))
        st.text(safe.one_line(other.text, _OTHER) or "(no text)", width="stretch")


def _nearness(similarity: float) -> str:
    """The number, and as many of five bars as that number as shown is worth, halves rounded up."""
    hundredths = round(100 * similarity)
    return f"{hundredths / 100:.2f} {'▮' * ((max(hundredths, 0) + 10) // 20)}"


def _label(label: str | None, *, bold: bool = True) -> str:
    if label is None:
        return "(no label)"
    shown = safe.markdown(label, _LABEL)
    return f"**{shown}**" if bold else shown
