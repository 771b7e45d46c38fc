"""The guideline as it stands: its clauses, and beside each what annotators are split on under it."""

from collections.abc import Callable
from typing import TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analysis.people.guidelines import Clause, clauses, quoted
from analysis.queries import guidelines
from analysis.queries.guidelines import ClauseRow, Version
from analysis.store import Store
from ui import annotators_crowd, safe, session, words

Result = TypeVar("Result")
_CLAUSES = 100  # shown at most
_FRAME, _FEW = 430, 3  # pixels before the clauses scroll; so few take the room that they need
_TEXT = 5_000  # characters of a clause
_EXAMPLE = """## 1 Refunds
`refund_status`: the customer asks where a refund is that was promised.
`refund_request`: the customer asks for one. If both, give `refund_request`.

## 2 Payments
`card_declined`: the bank refuses the card. `payment_failed`: anything else that stops a payment."""


def header(store: Store) -> None:
    """Which version is shown, and the way to a new one."""
    if session.parameter("edit") == "yes":
        return
    found = guidelines.versions(store)
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="bottom"):
        if found:
            titles = {version.name: safe.one_line(version.name) for version in reversed(found)}
            titles[found[-1].name] += " (in force)"
            names = list(titles)
            current = chosen(store)
            key = f"guideline_version_{current.name if current else None}"
            st.selectbox(
                "Version",
                names,
                index=names.index(current.name) if current else 0,
                format_func=titles.__getitem__,
                label_visibility="collapsed",
                key=key,
                on_change=lambda: session.set_parameters(version=session.recall(key)),
                width=220,
            )
        st.button(
            "Write a new version" if found else "Write the first version",
            type="primary",
            key="guideline_edit",
            on_click=session.set_parameters,
            kwargs={"edit": "yes", "between": None, "against": None},
        )


def chosen(store: Store) -> Version | None:
    """The version that the URL names, else the one in force; None while none is written."""
    found = guidelines.versions(store)
    named = session.parameter("version", [version.name for version in found])
    return next((version for version in found if version.name == named), found[-1] if found else None)


def show(store: Store) -> list[DeltaGenerator]:
    """The clauses, or how to write some; the places beside the clauses, for `beside`."""
    _saved(store)
    version = chosen(store)
    if version is None:
        _how_to_write()
        return []
    st.subheader(f"Clauses of {safe.markdown(version.name)}", anchor=False)
    found = clauses(version.text)
    cited = guidelines.cited(store, version)
    with st.container(height=_FRAME if len(found) > _FEW else "content", border=True, gap="small"):
        places = [_clause(clause, cited.get(clause.number, 0)) for clause in found[:_CLAUSES]]
    if len(found) > _CLAUSES:
        st.caption(f"The first {_CLAUSES:,} of {len(found):,} clauses; the others are in the editor.")
    return places


def _saved(store: Store) -> None:
    """When the version that was saved just now counts: it may have been in force before another one."""
    found = guidelines.versions(store)
    ids = [version.guideline_id for version in found]
    if session.recall("guideline_saved") not in ids:
        return
    place = ids.index(session.recall("guideline_saved"))
    session.forget("guideline_saved")
    saved, since = found[place], f"{found[place].since:%Y-%m-%d}"
    if place + 1 < len(found):
        until = f"until {found[place + 1].since:%Y-%m-%d}, when {safe.markdown(found[place + 1].name)} begins"
        st.caption(f"Saved: {safe.markdown(saved.name)} counts from {since} {until}.")
        return
    when = f"since {since}" if saved.since < saved.created_at else "from now on"
    st.caption(f"Saved: {safe.markdown(saved.name)} is in force {when}.")


def _how_to_write() -> None:
    st.subheader("No guideline is written yet", anchor=False)
    st.write(
        "Write the rules as clauses. A clause begins at a heading or a line with a number; it names the labels that it "
        "rules in backticks, exactly as they are in the data. Then each clause shows how far annotators are split on "
        "its labels, Review shows it beside the examples, and decisions can cite it."
    )
    st.code(_EXAMPLE, language=None, wrap_lines=True)


def beside(store: Store, places: list[DeltaGenerator]) -> None:
    """Beside each clause what annotators are split on under it: counted after the text is there to be read."""
    version = chosen(store)
    if version is None:
        return
    with st.spinner("Counting who is split …"):
        rows = annotators_crowd.of_data(_rows, store, version)
    for place, row in zip(places, rows, strict=False):  # the last clauses are in the editor alone
        with place:
            _disagreement(row)


def _rows(store: Store, version: Version) -> list[ClauseRow]:
    return guidelines.clause_rows(store, version, annotators_crowd.known(store))


def _clause(clause: Clause, cited: int) -> DeltaGenerator:
    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.markdown(f"**{safe.markdown(quoted(f'{clause.number} {clause.title}'.strip()), 200)}**")
        if clause.body:
            st.text(safe.visible(quoted(clause.body[:_TEXT])), width="stretch")
    with right:
        place = st.container()
        if cited:
            st.caption(f"Cited by {words.count(cited, 'decision')}")
    return place


def _disagreement(row: ClauseRow) -> None:
    if not row.rules:
        st.caption(
            "Names no label in backticks, so nothing is counted for it. If it is about some, name them so in the "
            "next version."
        )
    elif row.split is not None and row.split.involved:
        split = row.split
        st.text(said_split(split.split, split.involved, split.low, split.high, split.share), width="stretch")
        if row.every:
            st.caption("It names every label, so this is the disagreement on all of the data, not on this clause.")
        if row.worst is not None:
            first, second, count = row.worst
            if len(row.rules) != 2:
                st.caption(f"Most on {safe.markdown(first, 60)} against {safe.markdown(second, 60)}")
            read_link(f"{words.count(count, 'example')} ›", first, second)
    else:
        st.caption("No example with its labels was labelled by two people.")
    for name in row.unknown[:5]:
        st.caption(f"“{safe.markdown(name, 60)}” is no label here.")


def of_versions(question: Callable[[Store], Result], store: Store) -> Result:
    """The answer of a question to the labels of annotators and the versions, asked again once either changes."""
    written = "".join(version.guideline_id for version in guidelines.versions(store))
    return session.cached_for(f"{annotators_crowd.labels_state(store)} {written}", question, store)


def said_split(split: int, involved: int, low: float, high: float, share: float) -> str:
    """ "42 of 219 examples split (15–25 %), 11 % of all disagreement"."""
    interval = f"{100 * low:.0f}–{100 * high:.0f} %"
    cause = f"{100 * share:.0f} %" if share >= 0.005 or not share else "under 1 %"
    return f"{split:,} of {words.count(involved, 'example')} split ({interval}), {cause} of all disagreement"


def read_link(label: str, first: str, second: str) -> None:
    """The way to the examples that annotators are split on; `label` is Markdown."""
    session.link(label, "review", between=first, against=second, state="all")
