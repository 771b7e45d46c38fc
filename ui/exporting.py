"""What an export changes, the three files that it gives, and one label per example where several people labelled."""

from collections.abc import Sequence

import streamlit as st

from analysis.export import FORMATS, Preview, export_bytes
from analysis.export.settled import SETTLED_FORMATS, settled_bytes
from analysis.queries import guidelines, overview, settled
from analysis.queries.corrected import overwrites_labels
from analysis.queries.settled import Counts
from analysis.store import Store
from ui import safe, session, words

_SHOWN = 1000  # changes in the table
_LISTED = 10  # lines of the journal that are named
_CHANGES: dict[str, tuple[str, int | None]] = {  # column → title and pixels: up to the decision they fit a small window
    "row_number": ("Row", 60),
    "example_id": ("Example", 80),
    "column": ("Column", 96),
    "before": ("Before", 100),
    "after": ("After", 100),
    "action": ("Decision", 84),
    "text": ("Text", 320),
    "reviewer": ("Reviewer", 92),
    "note": ("Note", None),
}
_TITLES = {"csv": "CSV", "tsv": "TSV", "jsonl": "JSON Lines", "json": "JSON", "parquet": "Parquet", "xlsx": "Excel"}


def answer(store: Store, preview: Preview) -> None:
    """What changes, in a sentence, and what else is worth knowing."""
    st.subheader(_sentence(preview, of_cells=overwrites_labels(store)), anchor=False)
    totals = session.cached(overview.totals, store)
    if totals.flagged > totals.decided:
        left = totals.flagged - totals.decided
        st.write(
            f"{left:,} of {words.count(totals.flagged, 'flagged example')} are not decided yet and leave as they came."
        )
    if preview.settled:
        st.write(
            f"The column {safe.markdown(preview.column, 60)} says what was decided about "
            f"{words.count(preview.settled, 'example')}, on {words.count(preview.settled_rows, 'row')}; "
            "nobody's label is overwritten."
        )
    others = [
        (preview.kept, "confirmed as it is", "confirmed as they are"),
        (preview.unsure, "left unsure", "left unsure"),
    ]
    said = [
        f"{words.count(number, 'example')} {one if number == 1 else many}" for number, one, many in others if number
    ]
    if said:
        st.caption(", ".join(said) + ".")
    if preview.several:
        st.write(
            f"Several labels are right for {words.count(preview.several, 'example')}: a last column has all of them in "
            f"equal shares, {safe.markdown(preview.column, 60) if preview.settled else 'the label column'} one of them."
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


def _sentence(preview: Preview, *, of_cells: bool) -> str:
    """What changes; `of_cells`: a new label replaces a cell of the file, of which each example has one."""
    new, dropped, gone = preview.new_labels, preview.dropped, preview.rows_in - preview.rows_out
    if not (new or dropped or preview.several or preview.settled):
        return "Nothing changes yet: the export is the file as it came."
    if of_cells:
        labels = f"{new:,} of {words.count(preview.rows_in, 'label')} {'changes' if new == 1 else 'change'}"
    else:
        labels = f"{new:,} of {words.count(preview.examples, 'example')} {'gets' if new == 1 else 'get'} another label"
    if not gone:
        return f"{labels}, no row is dropped."
    if preview.rows_in == preview.examples:
        return f"{labels}, {words.count(gone, 'row')} {'is' if gone == 1 else 'are'} dropped."
    are, their = ("is", "its") if dropped == 1 else ("are", "their")
    return f"{labels}, {words.count(dropped, 'example')} {are} dropped with {their} {words.count(gone, 'row')}."


def changes(preview: Preview) -> None:
    """Every cell that changes, with who decided it."""
    if preview.changes.empty:
        return
    columns = {name: column for name, column in _CHANGES.items() if name != "column" or preview.several}
    shown = preview.changes[[*columns]].head(_SHOWN)
    st.dataframe(
        shown.assign(before=shown["before"].fillna("(no label)"), after=shown["after"].fillna("(dropped)")),
        hide_index=True,
        column_config={name: st.column_config.Column(title, width=width) for name, (title, width) in columns.items()},
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


def one_label(store: Store) -> None:
    """One label for each example as a file, where the dataset says who gave which label; nothing elsewhere."""
    if not session.cached(guidelines.annotated_labels, store):
        return
    st.subheader("One label per example", anchor=False)
    st.write(_settled(session.cached(settled.counts, store)))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Format of this file", SETTLED_FORMATS, format_func=_TITLES.__getitem__, key="export_one_format", width=200
        )
        safely = chosen == "csv" and st.toggle(
            "Safe for spreadsheets",
            key="export_one_safe",
            help="Puts an apostrophe before cells that a spreadsheet would run as a formula.",
        )
        st.download_button(
            "One label per example",
            lambda: settled_bytes(store, chosen, spreadsheet_safe=safely),
            f"{store.name}-one-label{'.spreadsheet-safe' if safely else ''}.{chosen}",
            "application/octet-stream",
            key="download_one_label",
            on_click="ignore",
            icon=":material/download:",
        )
    st.caption(
        "The label, how likely the consensus is right, its method and soft labels, and who says so. The consensus is "
        "worked out when you press, by the method that fits these annotators best."
    )


def _settled(found: Counts) -> str:
    people = f"{found.decided:,} as a person decided, " if found.decided else ""
    said = f"{people}{found.by_consensus:,} by the consensus of those who labelled."
    left_out = f" {words.count(found.dropped, 'dropped example')} {'is' if found.dropped == 1 else 'are'} left out."
    return f"{words.count(found.examples, 'row')}: {said}{left_out if found.dropped else ''}"
