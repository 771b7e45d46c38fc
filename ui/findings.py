"""What the last scan found: the numbers at the top, one line a check, and what was found about parts of the data."""

from collections.abc import Sequence

import streamlit as st

from analysis.queries import overview
from analysis.queries.overview import CheckRow, SliceRow, Totals
from analysis.queries.queue import Pace
from analysis.queries.trust import said
from analysis.schema import Subject
from analysis.signals.trust import Trust
from analysis.store import Store
from ui import safe, scanning, session, words

_COLUMNS = [3, 1.2, 1.2, 1.2, 0.2, 5]
_CARD = 164  # pixels; three fit beside the sidebar of a small window
_TEXT = 90  # characters of an example on one line
_JUDGED = (
    "How many a check looked at: examples, people, or parts of the data. A part is a group of similar examples, or "
    "those with the same value in a column."
)


def actions(store: Store) -> None:
    """The next step, and the scan."""
    if scanning.is_running(store):
        return
    scanned = overview.is_scanned(store)
    totals = session.cached(overview.totals, store)
    with st.container(horizontal=True, horizontal_alignment="right"):
        scanning.buttons(store, primary=not scanned, scanned=scanned)
        if totals.flagged > totals.decided:
            if st.button("Review the flagged examples", type="primary", key="to_review"):
                session.go("review")
        elif totals.decided and st.button("Export the corrected file", type="primary", key="to_export"):
            session.go("export")


def numbers(totals: Totals, pace: Pace, *, scanned: bool) -> None:
    """Counts, each with what it is out of."""
    cards: list[tuple[str, str, str, str | None]] = [("Examples", f"{totals.examples:,}", _labels(totals), None)]
    if scanned:
        cards += [
            ("Flagged", f"{totals.flagged:,}", f"{words.share(totals.flagged, totals.examples)} of the examples", None),
            ("New label suggested", f"{totals.relabelling:,}", f"of {totals.judged:,} judged", None),
            ("Decided", f"{totals.decided:,}", f"of {totals.flagged:,} flagged", None),
            _time_left(totals, pace),
        ]
    with st.container(horizontal=True, gap="xsmall"):
        for label, value, said, tip in cards:
            st.metric(label, value, said, help=tip, delta_color="off", delta_arrow="off", border=True, width=_CARD)


def trust(found: Trust | None) -> None:
    """How many flags are real and how many wrong labels nobody flagged, with what that is based on."""
    if found is not None:
        sentence, basis = said(found)
        st.write(sentence)
        st.caption(basis)


def _labels(totals: Totals) -> str:
    labels = words.count(totals.classes, "label")
    missing = totals.examples - totals.labelled
    return f"{labels}, {missing:,} unlabelled" if missing else labels


def _time_left(totals: Totals, pace: Pace) -> tuple[str, str, str, str]:
    left = totals.flagged - totals.decided
    said = words.time_left(pace.of(left), pace.seconds, pace.decisions, own=pace.own, assumed=pace.assumed)
    return "Time left", *said


def table(rows: Sequence[CheckRow]) -> None:
    """One line a check, each leading to its examples; then why others were skipped or failed."""
    st.subheader("Checks", anchor=False)
    for cell, title in zip(
        st.columns(_COLUMNS, gap="xsmall"), ["", "Found", "Judged", "Decided", "", "Most suspicious"], strict=True
    ):
        right = title in ("Found", "Judged", "Decided")
        cell.caption(title, text_alignment="right" if right else "left", help=_JUDGED if title == "Judged" else None)
    with st.container(gap="xxsmall"):
        for row in rows:
            _line(row)
    failed = [row for row in rows if row.trace]
    if failed:
        with st.expander(f"Details of {words.count(len(failed), 'failed check')}"):
            for row in failed:
                st.caption(safe.markdown(row.title))
                st.code(row.trace, language=None)


def _line(row: CheckRow) -> None:
    title, found, judged, decided, _, about = st.columns(_COLUMNS, gap="xsmall", vertical_alignment="center")
    title.text(row.title)
    if row.status != "ok":
        about.caption(f"{_OUTCOME[row.status]} {safe.markdown(row.reason, 300)}")
        return
    if row.flagged and row.subject in _WHERE:
        page, is_filtered = _WHERE[row.subject]
        with found.container(horizontal_alignment="right"):
            session.link(f"**{row.flagged:,}** ›", page, check=row.name if is_filtered else None)
    else:
        found.text(f"{row.flagged:,}", text_alignment="right", width="stretch")
    judged.text(_of(row.judged, row.subject), text_alignment="right", width="stretch")
    decided.text(f"{row.decided:,}" if row.flagged else "–", text_alignment="right", width="stretch")
    about.text(safe.one_line(row.worst or row.reason, _TEXT))


_WHERE = {  # page, and whether it filters by check
    "example": ("review", True),
    "annotator": ("annotators", False),
    "slice": ("coverage", False),
}


def _of(judged: int, subject: Subject) -> str:
    """How many were judged, and of what where it is not examples."""
    if subject == "slice":
        return words.count(judged, "part")
    return words.count(judged, "person", "people") if subject == "annotator" else f"{judged:,}"


_OUTCOME = {"skipped": "Skipped.", "failed": "**Failed.**", None: "Not run yet."}


def parts(slices: Sequence[SliceRow]) -> None:
    """What was found about parts of the data, in words, each with the way to its examples."""
    if not slices:
        return
    st.subheader("Parts of the data", anchor=False)
    for row in slices:
        text, link = st.columns([4, 1], vertical_alignment="center")
        text.text(safe.one_line(row.message, 400))
        with link:
            first = "The first " if row.members >= overview.MOST_MEMBERS else ""
            said = f"{first}{words.count(row.members, 'example')} ›"
            session.link(said, "review", check=row.check_name, slice=row.slice_id)
