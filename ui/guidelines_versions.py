"""The versions of the guideline: who wrote each, when and why, and what it changed in the text."""

import pandas as pd
import streamlit as st

from analysis.people.guidelines import Difference, changed_clauses, clauses, difference
from analysis.queries import guidelines
from analysis.store import Store
from ui import safe
from ui.guidelines import chosen

_LINES = 500  # of a diff
_MARKS = {"removed": "- ", "added": "+ ", "same": "  ", "skipped": "…"}


def show(store: Store) -> None:
    """All versions, and what the chosen one changed."""
    found = guidelines.versions(store)
    version = chosen(store)
    if version is None:
        return
    place = [other.guideline_id for other in found].index(version.guideline_id)
    st.subheader("Versions", anchor=False)
    rows = [
        {
            "Version": safe.one_line(other.name),
            "In force since": f"{other.since:%Y-%m-%d %H:%M}",
            "Author": safe.one_line(other.author, 80),
            "Written": f"{other.created_at:%Y-%m-%d}",
            "Why": safe.one_line(other.note, 500) or "–",
            "Clauses": len(clauses(other.text)),
        }
        for other in reversed(found)
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt="The versions of the guideline, the latest first")
    if place:
        changes(found[place - 1].text, version.text, f"What {safe.markdown(version.name)} changed")


def changes(before: str, after: str, title: str) -> None:
    """What differs, in a sentence and line by line; `title` is Markdown."""
    st.subheader(title, anchor=False)
    st.text(summary(before, after), width="stretch")
    found = difference(before, after)
    if found:
        st.code("\n".join(_line(line) for line in found[:_LINES]), language=None, wrap_lines=True)
    if len(found) > _LINES:
        st.caption(f"The first {_LINES:,} of {len(found):,} lines.")


def summary(before: str, after: str) -> str:
    """ "Clause 3 is new. Clauses 1 and 2 are reworded."."""
    said = []
    for numbers, is_what in zip(changed_clauses(before, after), ("new", "gone", "reworded"), strict=True):
        if numbers:
            few = list(numbers[:12])
            listed = ", ".join(few) if len(numbers) > len(few) else _joined(few)
            more = f" and {len(numbers) - len(few)} more" if len(numbers) > len(few) else ""
            one = len(numbers) == 1
            said.append(f"{'Clause' if one else 'Clauses'} {listed}{more} {'is' if one else 'are'} {is_what}.")
    return " ".join(said) or "No clause is new, gone or reworded."


def _joined(numbers: list[str]) -> str:
    return numbers[0] if len(numbers) == 1 else f"{', '.join(numbers[:-1])} and {numbers[-1]}"


def _line(line: Difference) -> str:
    return _MARKS[line.change] + safe.visible(line.text[:1_000])
