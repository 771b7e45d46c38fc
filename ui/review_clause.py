"""The guideline beside the decision: what rules the labels at hand, and the clause that a decision cites."""

from collections.abc import Sequence

import streamlit as st

from analysis.people.guidelines import Clause, about, citation, clauses, no_clause
from analysis.queries import guidelines
from analysis.queries.guidelines import Version
from analysis.store import Store
from ui import safe, session

_READ = 5  # clauses that are shown in full
_TEXT = 5_000  # characters of a clause
_SHOWN = 70


def panel(store: Store, example_id: str, labels: Sequence[str]) -> None:
    """One line: which clause is cited, and the clauses in force for these labels.

    While none are written it says that there is something to write, where several people labelled.
    """
    version = guidelines.latest(store)
    if version is None:
        if session.cached(guidelines.annotated_labels, store):
            session.link("To cite a clause, or a gap, write a guideline ›", "guidelines")
        return
    found = clauses(version.text)
    ruling = about(found, labels)
    cite, read = st.columns([4, 3], gap="xsmall")
    with cite:
        _cite(version, [*ruling, *(clause for clause in found if clause not in ruling)], example_id)
    with read.popover("Read", width="stretch"):
        _read(version, ruling)


def key(example_id: str) -> str:
    """Where this tab remembers the clause that is cited for an example."""
    return f"clause_{example_id}"


def said(cited: str | None) -> str:
    """What a decision cites, to be said after it: ", clause 3 (v2)", ", no clause fits (v2)"; "" without."""
    if not cited:
        return ""
    shown = safe.one_line(cited, _SHOWN)
    return f", no clause fits {shown.removeprefix('none ')}" if shown.startswith("none (") else f", clause {shown}"


def _cite(version: Version, found: Sequence[Clause], example_id: str) -> None:
    said = {
        citation(version.name, clause.number): f"{clause.number} {safe.one_line(clause.title, _SHOWN)}".strip()
        for clause in found
    }
    said[no_clause(version.name)] = "No clause fits"
    st.selectbox(
        "Clause that the decision cites",
        list(said),
        index=None,
        format_func=said.__getitem__,
        placeholder="Cite a clause: C begins it",
        label_visibility="collapsed",
        key=key(example_id),
    )


def _read(version: Version, ruling: Sequence[Clause]) -> None:
    st.caption(f"Guideline {safe.markdown(version.name)}, in force since {version.since:%Y-%m-%d}")
    for clause in ruling[:_READ]:
        st.code(safe.visible(clause.text[:_TEXT]), language=None, wrap_lines=True)
    if not ruling:
        st.write("No clause names these labels.")
    session.link("Read all clauses", "guidelines")
