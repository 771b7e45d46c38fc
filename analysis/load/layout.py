"""Source rows → examples and annotations, in one of three layouts. Pure: Arrow in, Arrow out.

plain  one row is one example, with its label in one column
wide   one row is one example; several columns each hold one annotator's label
long   one row is one label that somebody gave; rows with the same id (else the same text) are one example
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analysis.load.cells import plain_column
from analysis.load.options import ReadFile
from analysis.schema import Roles, content_hash

Layout = Literal["plain", "wide", "long"]
_TEXT = pa.large_string()  # so that a long column may be joined into one piece


@dataclass(frozen=True)
class Arranged:
    """A file in our terms.

    example_ids  one per source row
    examples     columns of the table `examples`, ascending by row_number
    annotations  columns of the table `annotations`, in the order of the file
    notices      what a person should know about how rows became examples
    """

    layout: Layout
    example_ids: pa.Array
    examples: pa.Table
    annotations: pa.Table
    notices: list[str] = field(default_factory=list)


def layout_of(roles: Roles) -> Layout:
    """The layout that these roles mean."""
    return "long" if roles.annotator is not None else "wide" if roles.annotators else "plain"


@dataclass(frozen=True, slots=True)
class Counted:
    """Examples with a label by somebody who is named, those who are, and the fewest and most labels of one example."""

    examples: int
    annotators: int
    fewest: int
    most: int


def counted(found: ReadFile, roles: Roles) -> Counted | None:
    """What a file holds where several people labelled, without arranging it; None where these roles name nobody."""
    layout = layout_of(roles)
    if layout == "plain" or (layout == "long" and (roles.label is None or (roles.id is None and not roles.text))):
        return None
    rows = _Rows(found, roles)
    if layout == "wide":
        given = _melted(rows)
        example, people = given["example"].to_numpy(), pc.count_distinct(given["annotator"]).as_py()
    else:
        key = rows.text if rows.id is None or rows.id.null_count else rows.id
        assert rows.label is not None, "a long layout without labels was left above"
        assert rows.annotator is not None, "a long layout names annotators"
        named = pc.and_(pc.is_valid(rows.label), pc.is_valid(rows.annotator))
        example = pd.factorize(key.filter(named).to_numpy(zero_copy_only=False))[0]
        people = pc.count_distinct(rows.annotator.filter(named)).as_py()
    number = np.unique(example, return_counts=True)[1]
    return Counted(len(number), people, int(number.min()), int(number.max())) if len(number) else None


def rows_of_example(found: ReadFile, roles: Roles, row: int) -> list[int]:
    """The positions of the rows with the same id as this one, else with the same text, ascending."""
    same = np.ones(found.cells.num_rows, dtype=bool)
    for column in (roles.id,) if roles.id is not None else roles.text:
        cells = found.cells.column(column)
        same &= pc.fill_null(pc.equal(cells, cells[row]), False).to_numpy()
    return [int(at) for at in np.flatnonzero(same)]


def arrange(found: ReadFile, roles: Roles) -> Arranged:
    """Turn source rows into examples and annotations. Empty labels are no labels; the text may be empty."""
    notices: list[str] = []
    rows = _Rows(found, roles)
    layout = layout_of(roles)
    if layout == "long":
        return _long(rows, notices)
    ids = _unique_ids(rows, notices)
    given = pa.table({"example": pa.array([], pa.int64()), "label": pa.array([], _TEXT)})
    if layout == "wide":
        given = _melted(rows)
    label = rows.label if rows.label is not None else _majority(given, rows.count)
    examples = _examples(rows, ids, np.arange(rows.count), label)
    return Arranged(layout, ids, examples, _annotations(rows, ids, given), notices)


class _Rows:
    """The columns that play a role, as a person reads them; None where nothing plays it, null where it is empty."""

    def __init__(self, found: ReadFile, roles: Roles) -> None:
        self._found = found
        self.roles = roles
        self.count = found.cells.num_rows
        self.id = self._filled(roles.id)
        self.label = self._filled(roles.label)
        self.split = self._filled(roles.split)
        self.timestamp = self._filled(roles.timestamp)
        self.guideline = self._filled(roles.guideline)
        self.annotator = self._filled(roles.annotator)
        self.text = self._text()

    def given_by(self, position: int) -> tuple[str, pa.Array]:
        """In the wide layout: who an annotator column speaks for, and the labels."""
        title = self._found.columns[position].title
        same = [p for p in self.roles.annotators if self._found.columns[p].title == title]
        labels = self._filled(position)
        return (title if len(same) == 1 else f"{title} (column {position + 1})"), labels

    def _filled(self, position: int | None) -> pa.Array | None:
        """A column with "" as null."""
        if position is None:
            return None
        values = self._plain(position)
        return pc.if_else(pc.equal(values, ""), pa.scalar(None, _TEXT), values)

    def _plain(self, position: int) -> pa.Array:
        cells = plain_column(self._found.cells.column(position), self._found.columns[position].kind)
        return cells.cast(_TEXT).combine_chunks()

    def _text(self) -> pa.Array:
        """The text columns, empty ones left out, joined by a newline; null without any."""
        if not self.roles.text:
            return pa.nulls(self.count, _TEXT)
        parts = [self._filled(position) for position in self.roles.text]
        if len(parts) == 1:
            return pc.fill_null(parts[0], "")
        begun = [_joined(pa.scalar("\n", _TEXT), part) for part in parts]  # null where the part is
        return pc.utf8_slice_codeunits(_joined(*(pc.fill_null(part, "") for part in begun)), 1)


def _unique_ids(rows: _Rows, notices: list[str]) -> pa.Array:
    """The id column where it tells the rows apart, else r<row number>."""
    numbered = _numbered(np.arange(1, rows.count + 1))
    if rows.id is None:
        return numbered
    missing = rows.id.null_count
    repeated = rows.count - missing - int(pc.count_distinct(rows.id, mode="only_valid").as_py())
    if not missing and not repeated:
        return rows.id
    title = rows._found.columns[rows.roles.id or 0].title[:60]
    what = f"repeats a value in {repeated:,} rows" if repeated else f"is empty in {missing:,} rows"
    notices.append(f"The id column {title!r} {what}, so examples are called by their row: r1, r2 …")
    return numbered


def _numbered(numbers: np.ndarray) -> pa.Array:
    return _joined(pa.scalar("r", _TEXT), pa.array(numbers).cast(_TEXT))


def _joined(*parts: pa.Array | pa.Scalar) -> pa.Array:
    return pc.binary_join_element_wise(*parts, pa.scalar("", _TEXT))


def _melted(rows: _Rows) -> pa.Table:
    """Wide: one row per label given – example (position), annotator, label – row by row, in column order."""
    tables = []
    for place, position in enumerate(rows.roles.annotators):
        annotator, labels = rows.given_by(position)
        kept = pc.is_valid(labels)
        example = pa.array(np.flatnonzero(kept.to_numpy(zero_copy_only=False)))
        columns = {"example": example, "label": labels.filter(kept)}
        columns["annotator"] = pa.array([annotator], _TEXT).take(pa.array(np.zeros(len(example), np.int64)))
        columns["place"] = pa.array(np.full(len(example), place))
        tables.append(pa.table(columns))
    return pa.concat_tables(tables).sort_by([("example", "ascending"), ("place", "ascending")]).drop_columns("place")


def _long(rows: _Rows, notices: list[str]) -> Arranged:
    key, keyed_by_id = rows.text, False
    if rows.id is not None and not rows.id.null_count:
        key, keyed_by_id = rows.id, True
    elif rows.id is not None:
        notices.append(f"The id is empty in {rows.id.null_count:,} rows, so examples are told apart by their text.")
    codes, _ = pd.factorize(key.to_numpy(zero_copy_only=False))  # numbered in the order of first sight
    first = np.unique(codes, return_index=True)[1]
    ids = key.take(pa.array(first)) if keyed_by_id else _numbered(first + 1)
    if keyed_by_id:
        texts = pa.table({"code": codes, "text": rows.text}).group_by("code").aggregate([("text", "count_distinct")])
        differing = int(pc.sum(pc.greater(texts["text_count_distinct"], 1)).as_py() or 0)
        if differing:
            notices.append(f"{differing:,} ids come with more than one text; the first one is shown.")
    labels = rows.label if rows.label is not None else pa.nulls(rows.count, _TEXT)
    kept = pc.is_valid(labels)
    given = pa.table({"example": pa.array(codes), "label": labels}).filter(kept)
    examples = _examples(rows, ids, first, _majority(given, len(first)))
    row_ids = ids.take(pa.array(codes))
    named = pc.and_(kept, pc.is_valid(rows.annotator))
    unnamed = int(pc.sum(kept).as_py() or 0) - int(pc.sum(named).as_py() or 0)
    if unnamed:
        notices.append(f"{unnamed:,} labels name no annotator: they count for the label, but not for agreement.")
    annotations = {
        "example_id": row_ids,
        "annotator": rows.annotator,
        "label": labels,
        "annotated_at": rows.timestamp,
        "guideline_version": rows.guideline,
    }
    present = {name: values for name, values in annotations.items() if values is not None}
    return Arranged("long", row_ids, examples, pa.table(present).filter(named), notices)


def _majority(given: pa.Table, count: int) -> pa.Array:
    """The label most often given to each of `count` examples; of equals, the one given first."""
    numbered = given.append_column("place", pa.array(np.arange(given.num_rows)))
    votes = numbered.group_by(["example", "label"]).aggregate([("place", "count"), ("place", "min")])
    order = np.lexsort(
        [votes["place_min"].to_numpy(), -votes["place_count"].to_numpy().astype(np.int64), votes["example"].to_numpy()]
    )
    ranked = votes["example"].to_numpy()[order]
    best = order[np.flatnonzero(np.diff(ranked, prepend=-1))]
    places = np.full(count, -1)
    places[votes["example"].to_numpy()[best]] = best
    taken = pa.array(places, mask=places < 0)
    return votes["label"].combine_chunks().take(taken)


def _examples(rows: _Rows, ids: pa.Array, first: np.ndarray, label: pa.Array) -> pa.Table:
    """`ids` and (in the wide and long layouts) `label` are per example, everything else is the example's first row."""
    at = pa.array(first)
    label = label if len(label) == len(first) else label.take(at)
    text = rows.text.take(at)
    columns = {
        "example_id": ids,
        "row_number": pa.array(first + 1),
        "text": text,
        "label": label,
        "split": None if rows.split is None else rows.split.take(at),
        "happened_at": None if rows.timestamp is None else rows.timestamp.take(at),
        "content_hash": pa.array(map(content_hash, text.to_pylist(), label.to_pylist()), pa.string()),
    }
    return pa.table({name: values for name, values in columns.items() if values is not None})


def _annotations(rows: _Rows, ids: pa.Array, given: pa.Table) -> pa.Table:
    """Wide: who gave which label; the row's time and guideline hold for all of them."""
    at: pa.Array = given["example"].combine_chunks()
    columns = {"example_id": ids.take(at), "label": given["label"]}
    if "annotator" in given.column_names:
        columns["annotator"] = given["annotator"]
    else:
        columns["annotator"] = pa.nulls(0, _TEXT)
    if rows.timestamp is not None:
        columns["annotated_at"] = rows.timestamp.take(at)
    if rows.guideline is not None:
        columns["guideline_version"] = rows.guideline.take(at)
    return pa.table(columns)


def labels_are_many(examples: pa.Table) -> Sequence[str]:
    """A notice when nearly every label is different, which means that another column was meant."""
    labels = examples["label"]
    given = len(labels) - labels.null_count
    different = int(pc.count_distinct(labels, mode="only_valid").as_py())
    if given < 20 or different * 2 <= given:
        return []
    return [f"{different:,} different labels in {given:,} labelled examples: is this the label column?"]
