"""Cells on their way out of the reading process: chunks of text columns, each written as one Arrow file.

A column may turn up late (a key that the first rows lack), and a JSON column may turn out to hold more than strings;
so every part carries the columns known by then, and `finish` mends the earlier parts.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from analysis.errors import BadFile
from analysis.load.options import Limits
from analysis.schema import Column

CELLS_A_CHUNK = 1_000_000
ROWS_A_CHUNK = 20_000
CHARACTERS_A_CHUNK = 16_000_000
_RAW = 10_000  # characters kept of a row that was set aside
_RAW_TOTAL = 64_000_000

Cells = Sequence[str | None]


class TableWriter:
    """Collects one file's columns, rows and rows set aside, in a folder of its own.

    `kinds[i]` is the kind of column i (see `schema.Column`).
    """

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.folder = folder
        self.limits = limits
        self.names: list[str] = []
        self.kinds: list[str] = []
        self.rows = 0
        self.parts = 0
        self.rejected: list[tuple[int, str, str]] = []
        self._rejected_characters = 0
        self._written_as: list[list[str]] = []  # per part: the kinds that its columns were written with

    def add_column(self, name: str, kind: str = "text") -> int:
        """A further column at the right; its position. Raises BadFile beyond the limit."""
        if len(self.names) >= self.limits.columns:
            raise too_many_columns(len(self.names) + 1, self.limits, at_least=True)
        self.names.append(name)
        self.kinds.append(kind)
        return len(self.names) - 1

    def write(self, columns: Sequence[Cells]) -> None:
        """One chunk: for each of the first columns the cells of the same rows. Needs text without lone surrogates."""
        self.write_arrays([pa.array(cells, pa.string()) for cells in columns])

    def write_arrays(self, arrays: Sequence[pa.Array]) -> None:
        """One chunk as Arrow string arrays."""
        rows = len(arrays[0]) if arrays else 0
        if not rows:
            return
        _write_part(self._part(self.parts), arrays)
        self._written_as.append(self.kinds[: len(arrays)])
        self.parts += 1
        self.rows += rows

    def reject(self, line: int, reason: str, raw: str) -> None:
        """Set one row aside. Raises BadFile when there are more than a person could look at."""
        raw = raw[:_RAW].encode("utf-8", "backslashreplace").decode()
        reason = reason.encode("utf-8", "backslashreplace").decode()
        self._rejected_characters += len(raw)
        if len(self.rejected) >= self.limits.rejected or self._rejected_characters > _RAW_TOTAL:
            first = self.rejected[0]
            raise BadFile(
                f"More than {len(self.rejected):,} rows cannot be read; the first is line {first[0]:,}: {first[1]}.",
                "Check that the format, the delimiter and the encoding are right.",
            )
        self.rejected.append((line, reason, raw))

    def finish(self) -> tuple[Column, ...]:
        """Bring all parts to the final kinds, write the rows set aside, and say what the columns are."""
        for number, written_as in enumerate(self._written_as):
            if any(kind != self.kinds[i] for i, kind in enumerate(written_as)):
                self._mend(number, written_as)
        lines, reasons, raws = ([row[i] for row in self.rejected] for i in range(3))
        table = {"line": pa.array(lines, pa.int64()), "reason": pa.array(reasons, pa.string())}
        _save(self.folder / "rejected.arrow", pa.table({**table, "raw": pa.array(raws, pa.string())}))
        return tuple(Column(i, name, kind) for i, (name, kind) in enumerate(zip(self.names, self.kinds, strict=True)))

    def _mend(self, number: int, written_as: Sequence[str]) -> None:
        """A column that looked like plain text until a later row: its earlier cells get their JSON quotes."""
        path = self._part(number)
        with pa.OSFile(str(path)) as file:
            arrays = [column.combine_chunks() for column in pa.ipc.open_file(file).read_all().columns]
        for i, kind in enumerate(written_as):
            if kind != self.kinds[i]:
                arrays[i] = pa.array(map(quoted, arrays[i].to_pylist()), pa.string())
        _write_part(path, arrays)

    def _part(self, number: int) -> Path:
        return self.folder / f"part-{number:05}.arrow"


def quoted(text: str | None) -> str | None:
    """A string as a JSON value; an absent cell stays absent."""
    return None if text is None else json.dumps(text, ensure_ascii=False)


def rows_a_chunk(columns: int) -> int:
    """How many rows to hold at a time, so that wide tables do not fill the memory."""
    return max(1, min(ROWS_A_CHUNK, CELLS_A_CHUNK // max(columns, 1)))


def too_many_columns(count: int, limits: Limits, *, at_least: bool = False) -> BadFile:
    """The refusal of a table that is too wide."""
    more = "at least " if at_least else ""
    return BadFile(
        f"The file has {more}{count:,} columns; at most {limits.columns:,} can be loaded.",
        "Keep the columns that matter and load it again.",
    )


def check_field(length: int, where: str, limits: Limits) -> None:
    """Raises BadFile for a cell beyond the limit; `where` says which."""
    if length > limits.field:
        raise BadFile(
            f"{where} expands beyond the limit: {length:,} characters, where {limits.field:,} fit in one cell.",
            "Split the long text.",
        )


def read_parts(folder: Path, parts: int, columns: int, *, mapped: bool) -> pa.Table:
    """All parts as one table of c0 … c<columns - 1>; columns that a part does not know are absent cells there."""
    schema = pa.schema([(f"c{i}", pa.string()) for i in range(columns)])
    tables = []
    for number in range(parts):
        path = str(folder / f"part-{number:05}.arrow")
        with pa.memory_map(path) if mapped else pa.OSFile(path) as file:
            table = pa.ipc.open_file(file).read_all()
        for i in range(table.num_columns, columns):
            table = table.append_column(schema.field(i), pa.nulls(table.num_rows, pa.string()))
        tables.append(table)
    return pa.concat_tables(tables) if tables else schema.empty_table()


def _write_part(path: Path, arrays: Sequence[pa.Array]) -> None:
    _save(path, pa.table(list(arrays), names=[f"c{i}" for i in range(len(arrays))]))


def _save(path: Path, table: pa.Table) -> None:
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)
