"""The source with the verdicts applied: what will be exported, and what that changes.

A relabel replaces the label cell of its row, a drop removes the row. Where rows or columns hold what single annotators
said, nobody's label is overwritten: a last column `corrected_label` says on all rows of an example what was decided,
also where the label in use was kept, and is empty where nothing was decided or the decision is "unsure". A drop removes
all rows of the example.

Where several labels are right, the label column keeps the given one if it is among them, else it gets the first; a last
column `soft_label` has all of them as JSON, each with an equal share: {"refund": 0.5, "chargeback": 0.5}. In JSON and
JSON Lines that is an object, in all other formats its text, whatever the source was.
"""

import json
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analysis.errors import UserError
from analysis.load.cells import cell_for, plain_column
from analysis.load.save import decisions_that_hold
from analysis.schema import Column
from analysis.store import Store

ADDED = "corrected_label"
SOFT = "soft_label"
_TEXT = 500  # characters of an example beside what changes
_OUTCOME = """CASE v.action WHEN 'keep' THEN e.label WHEN 'relabel' THEN v.new_label
                WHEN 'several' THEN v.labels[1] END"""
_SETTLED = f"""
    SELECT count(DISTINCT s.example_id), count(*)
    FROM source s JOIN verdicts v ON v.example_id = s.example_id JOIN examples e ON e.example_id = s.example_id
    WHERE {_OUTCOME} IS NOT NULL
"""


@dataclass(frozen=True)
class Corrected:
    """Rows as they will be exported: `cells` has one text column c<position> per column, null = absent cell."""

    columns: tuple[Column, ...]
    row_numbers: pa.ChunkedArray
    cells: pa.Table


@dataclass(frozen=True)
class Preview:
    """What an export would change. Counts of examples, but rows_in, rows_out and settled_rows are rows of the source.

    changes has a row per example and column that changes, by row_number: example_id, row_number, text (its first 500
    characters), column, before, after (None when dropped), reviewer, note, action. `new_labels` counts the examples
    that get another label than the given one: those relabelled, and those of several right labels among which it is
    not. `unmatched` examples were decided when they said something else, so those decisions do not count; on
    `conflicts` reviewers disagree, and the latest decision counts. `several` examples get a soft label. unknown_lines
    and unreadable_lines number the acts of the journal that do not count: those of a newer Plumbline, and those that
    are damaged. New labels go into `column`; where that is none of the file's, it says what was decided about `settled`
    examples, on `settled_rows` rows, else these are 0.
    """

    rows_in: int
    rows_out: int
    examples: int
    column: str
    settled: int
    settled_rows: int
    new_labels: int
    relabelled: int
    dropped: int
    kept: int
    unsure: int
    several: int
    unmatched: int
    conflicts: tuple[str, ...]
    unknown_lines: tuple[int, ...]
    unreadable_lines: tuple[int, ...]
    changes: pd.DataFrame


def corrected(store: Store, example_id: str | None = None, *, typed: bool = False) -> Corrected:
    """All rows in the order of the file, or one example's.

    `typed` demands that new labels fit the type of the column that they go into; raises UserError where one does not.
    """
    columns = tuple(store.columns())
    cells = ", ".join(f"s.c{column.position}" for column in columns)
    one = "AND s.example_id = ?" if example_id is not None else ""
    new_label = "v.new_label" if overwrites_labels(store) else _OUTCOME
    table = store.table(
        f"""
        SELECT s.row_number, {new_label} AS new_label, CASE v.action WHEN 'several' THEN v.labels END AS labels, {cells}
        FROM source s LEFT JOIN (verdicts v JOIN examples e USING (example_id)) ON e.example_id = s.example_id
        WHERE v.action IS DISTINCT FROM 'drop' {one} ORDER BY s.row_number
        """,
        [example_id] if example_id is not None else [],
    )
    new_labels, row_numbers, several = table["new_label"], table["row_number"], table["labels"]
    table = table.drop_columns(["row_number", "new_label", "labels"])
    if new_labels.null_count < len(new_labels):
        place = _label_column(store, columns)
        new_cells = _new_cells(store, new_labels, place, typed=typed)
        if place.position < len(columns):
            given = table[f"c{place.position}"]
            changed = pc.if_else(pc.is_valid(new_cells), new_cells, given)
            table = table.set_column(place.position, f"c{place.position}", changed)
        else:
            columns = (*columns, place)
            table = table.append_column(f"c{place.position}", new_cells)
    if several.null_count < len(several):
        place = _soft_column(columns)
        columns = (*columns, place)
        table = table.append_column(f"c{place.position}", pa.chunked_array([_soft_cells(several)]))
    return Corrected(columns, row_numbers, table)


def preview(store: Store) -> Preview:
    """What an export would change."""
    by_action = dict(store.rows("SELECT action, count(*) FROM verdicts GROUP BY action"))
    rows_in = store.value("SELECT count(*) FROM source")
    dropped = store.value(
        "SELECT count(*) FROM source s JOIN verdicts v ON v.example_id = s.example_id WHERE v.action = 'drop'"
    )
    columns = tuple(store.columns())
    place = _label_column(store, columns)
    settled, settled_rows = (0, 0) if overwrites_labels(store) else store.rows(_SETTLED)[0]
    changes = store.frame(
        """
        SELECT v.example_id, e.row_number, left(e.text, $3) AS text, $1 AS "column",
            e.label AS before, v.new_label AS after, v.reviewer, v.note, v.action
        FROM verdicts v JOIN examples e USING (example_id)
        WHERE v.action IN ('relabel', 'drop') OR v.new_label IS NOT NULL
        UNION ALL
        SELECT v.example_id, e.row_number, left(e.text, $3), $2, NULL, array_to_string(v.labels, ' · '), v.reviewer,
            v.note, v.action
        FROM verdicts v JOIN examples e USING (example_id) WHERE v.action = 'several'
        ORDER BY row_number, "column" = $2
        """,
        [place.title, _soft_column(columns).title, _TEXT],
    )
    changes = changes.astype({"before": object, "after": object})
    changes[["before", "after"]] = changes[["before", "after"]].where(changes[["before", "after"]].notna(), None)
    return Preview(
        rows_in=rows_in,
        rows_out=rows_in - dropped,
        examples=store.value("SELECT count(*) FROM examples"),
        column=place.title,
        settled=settled,
        settled_rows=settled_rows,
        new_labels=store.value("SELECT count(*) FROM verdicts WHERE new_label IS NOT NULL"),
        relabelled=by_action.get("relabel", 0),
        dropped=by_action.get("drop", 0),
        kept=by_action.get("keep", 0),
        unsure=by_action.get("unsure", 0),
        several=by_action.get("several", 0),
        unmatched=decisions_that_hold(store)[1],
        conflicts=conflicts(store),
        unknown_lines=tuple(store.unknown_lines),
        unreadable_lines=tuple(store.unreadable_lines),
        changes=changes,
    )


def overwrites_labels(store: Store) -> bool:
    """Whether a relabel changes a cell of the file; if not, what was decided goes into a column of its own."""
    return store.meta("layout") != "long" and store.roles().label is not None


def conflicts(store: Store) -> tuple[str, ...]:
    """Examples on which the latest decisions of two reviewers differ, in the order of the file."""
    found = store.rows(
        """
        WITH latest AS (
            SELECT d.example_id, d.reviewer, arg_max(d.action, d.sequence) AS action,
                arg_max(CASE d.action WHEN 'relabel' THEN [d.new_label] WHEN 'several' THEN list_sort(d.labels)
                        ELSE [] END,
                        d.sequence) AS labels
            FROM decisions d JOIN examples e ON e.example_id = d.example_id AND e.content_hash = d.content_hash
            WHERE NOT EXISTS (SELECT 1 FROM undos u WHERE u.decision_id = d.decision_id)
            GROUP BY d.example_id, d.reviewer)
        SELECT example_id FROM latest JOIN verdicts v USING (example_id) JOIN examples USING (example_id)
        WHERE latest.action <> 'reopen'
        GROUP BY example_id, row_number HAVING count(DISTINCT (latest.action, latest.labels)) > 1
        ORDER BY row_number
        """
    )
    return tuple(example_id for (example_id,) in found)


def _label_column(store: Store, columns: tuple[Column, ...]) -> Column:
    """Where a new label goes: the label column, or a further one at the right that is like the annotators' labels."""
    roles = store.roles()
    if overwrites_labels(store) and roles.label is not None:
        return columns[roles.label]
    like = roles.label if roles.label is not None else next(iter(roles.annotators), None)
    return Column(len(columns), _free(ADDED, columns), "text" if like is None else columns[like].kind)


def _soft_column(columns: tuple[Column, ...]) -> Column:
    """Where the soft labels go: a last column of JSON objects, which formats without objects hold as their text."""
    return Column(len(columns), _free(SOFT, columns), "json")


def _free(name: str, columns: tuple[Column, ...]) -> str:
    names = {column.name for column in columns}
    while name in names:
        name += "_"
    return name


def _soft_cells(several: pa.ChunkedArray) -> pa.Array:
    """Each list of labels as JSON with equal shares that sum to 1, null where there is none."""
    cells = {
        labels: json.dumps(dict.fromkeys(labels, 1 / len(labels)), ensure_ascii=False)
        for labels in {tuple(labels) for labels in several.to_pylist() if labels is not None}
    }
    return pa.array([None if labels is None else cells[tuple(labels)] for labels in several.to_pylist()], pa.string())


def _new_cells(store: Store, labels: pa.ChunkedArray, place: Column, *, typed: bool) -> pa.ChunkedArray:
    """New labels as cells of that column, null where there is none."""
    known = _known_cells(store, place)
    texts = pc.unique(labels.drop_null()).to_pylist()
    cells = []
    for text in texts:
        try:
            cells.append(cell_for(text, place.kind, known))
        except UserError:
            if typed:
                raise
            cells.append(text)
    return pa.chunked_array([pa.array(cells, pa.string()).take(pc.index_in(labels, pa.array(texts)).combine_chunks())])


def _known_cells(store: Store, place: Column) -> dict[str, str]:
    """How the labels that there are, are written: of several ways, the most frequent one, then the first one."""
    if place.kind != "json":
        return {}
    roles = store.roles()
    positions = [p for p in (roles.label, *roles.annotators) if p is not None]
    union = " UNION ALL ".join(f"SELECT c{p} AS cell, row_number FROM source" for p in positions)
    cells = store.table(
        f"SELECT cell FROM ({union}) WHERE cell IS NOT NULL GROUP BY cell ORDER BY count(*), min(row_number) DESC"
    )["cell"]
    shown = plain_column(cells, place.kind).to_pylist()
    return {text: cell for text, cell in zip(shown, cells.to_pylist(), strict=True) if text is not None}
