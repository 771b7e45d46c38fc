"""What an export changes, and the three files that it gives."""

from collections.abc import Sequence

import streamlit as st

from analysis.export import FORMATS, Preview, export_bytes
from analysis.queries import overview
from analysis.queries.corrected import overwrites_labels
from analysis.store import Store
from ui import safe, session, words

_SHOWN = 1000  # changes in the table
_LISTED = 10  # lines of the journal that are named
_TITLES = {"csv": "CSV", "tsv": "TSV", "jsonl": "JSON Lines", "json": "JSON", "parquet": "Parquet", "xlsx": "Excel"}


def answer(store: Store, preview: Preview) -> None:
    """What changes, in a sentence, and what else is worth knowing."""
    st.subheader(_sentence(preview), anchor=False)
    totals = session.cached(overview.totals, store)
    if totals.flagged > totals.decided:
        left = totals.flagged - totals.decided
        st.write(
            f"{left:,} of {words.count(totals.flagged, 'flagged example')} are not decided yet and leave as they came."
        )
    if preview.new_labels and not overwrites_labels(store):
        st.write("New labels go into a column of their own, so nobody's label is overwritten.")
    others = [
        (preview.kept, "confirmed as it is", "confirmed as they are"),
        (preview.unsure, "left unsure", "left unsure"),
    ]
    said = [f"{words.count(number, 'label')} {one if number == 1 else many}" for number, one, many in others if number]
    if said:
        st.caption(", ".join(said) + ".")
    if preview.several:
        st.write(
            f"Several labels are right for {words.count(preview.several, 'example')}: a last column has all of them in "
            "equal shares, the label column one of them."
        )
    _acts_that_do_not_count(preview)
    if preview.unmatched:
        st.warning(
            f"{words.count(preview.unmatched, 'decision')} do not count, because the example now says something else "
            "than when it was decided. Decide these examples again."
        )
    if preview.conflicts:
        st.warning(
            f"Reviewers disagree on {words.count(len(preview.conflicts), 'example')}. The latest decision counts."
        )
        with st.container(horizontal=True):
            for example in preview.conflicts[:20]:
                session.link(safe.markdown(example, 40), "review", example=example)


def _acts_that_do_not_count(preview: Preview) -> None:
    """Lines of the journal that are not among the decisions, each with what to do."""
    if lines := preview.unknown_lines:
        st.warning(
            f"Not counted, and kept: {words.count(len(lines), 'line')} of the journal that a newer Plumbline wrote "
            f"({_numbered(lines)}). Export with that version."
        )
    if lines := preview.unreadable_lines:
        st.warning(
            f"Not counted, and kept: {words.count(len(lines), 'line')} of the journal that cannot be read "
            f"({_numbered(lines)}). Look at journal.jsonl in an editor, and decide again what was lost."
        )


def _numbered(lines: Sequence[int]) -> str:
    listed = ", ".join(f"{number:,}" for number in lines[:_LISTED])
    more = f" and {len(lines) - _LISTED:,} more" if len(lines) > _LISTED else ""
    return f"line {listed}" if len(lines) == 1 else f"lines {listed}{more}"


def _sentence(preview: Preview) -> str:
    if not preview.new_labels and not preview.dropped and not preview.several:
        return "Nothing changes yet: the export is the file as it came."
    labels = f"{preview.new_labels:,} of {words.count(preview.rows_in, 'label')} {_verb(preview.new_labels)}"
    dropped = f"{words.count(preview.dropped, 'row')} {'is' if preview.dropped == 1 else 'are'} dropped"
    return f"{labels}, {dropped}." if preview.dropped else f"{labels}, no row is dropped."


def _verb(number: int) -> str:
    return "changes" if number == 1 else "change"


def changes(preview: Preview) -> None:
    """Every cell that changes, with who decided it."""
    if preview.changes.empty:
        return
    columns = ["row_number", "example_id", "column", "before", "after", "action", "reviewer", "note"]
    titles = ["Row", "Example", "Column", "Before", "After", "Decision", "Reviewer", "Note"]
    shown = preview.changes[columns].head(_SHOWN)
    st.dataframe(
        shown.assign(before=shown["before"].fillna("(no label)"), after=shown["after"].fillna("(row dropped)")),
        hide_index=True,
        column_config=dict(zip(columns, titles, strict=True)),
        alt="The cells that the export changes",
    )
    if len(preview.changes) > _SHOWN:
        st.caption(f"The first {_SHOWN:,} of {len(preview.changes):,} changes; the decisions file has them all.")


def downloads(store: Store) -> None:
    """The format, and the corrected file, the decisions and the manifest."""
    source = store.meta("format")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Format",
            FORMATS,
            index=FORMATS.index(source) if source in FORMATS else 0,
            format_func=_TITLES.__getitem__,
            key="export_format",
            width=200,
        )
        safely = chosen in ("csv", "tsv") and st.toggle(
            "Safe for spreadsheets",
            key="export_safe",
            help="Puts an apostrophe before cells that a spreadsheet would run as a formula. Cells are then no longer "
            "exactly as they came, and the file's name says so.",
        )
    key = f"export {store.folder} {store.version} {chosen} {safely}"
    with st.spinner("Writing the files …"):
        files = session.kept(key, lambda: export_bytes(store, chosen, spreadsheet_safe=safely))
    labels = ["Corrected file", "Decisions", "Manifest"]
    about = [
        "",
        "Every decision, request and undo, with who, when and why.",
        "Where the file comes from and what was done to it.",
    ]
    for place, label, text, (name, data) in zip(st.columns(3), labels, about, files.items(), strict=True):
        with place:
            st.download_button(
                label,
                data,
                name,
                "application/octet-stream",
                key=f"download_{label}",
                on_click="ignore",
                icon=":material/download:",
                type="secondary" if text else "primary",
                width="stretch",
            )
            st.caption(f"{safe.markdown(name)}, {words.size(len(data))}. {text}")
