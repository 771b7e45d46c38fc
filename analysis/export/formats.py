"""Cells → one file, exactly: CSV and TSV, JSON and JSON Lines, Parquet, Excel. One writer a format."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

from analysis.errors import UserError
from analysis.load.cells import as_json, plain_column
from analysis.queries.corrected import Corrected
from analysis.schema import Column

_ROWS = 20_000  # held as text at a time
_EXCEL_CELL, _EXCEL_ROWS = 32_767, 1_048_576
_RISKY = r"^[=+\-@\t\r]"  # what a spreadsheet would run as a formula
_encode = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a delimited file is written; `safe` puts an apostrophe before what a spreadsheet would take for a formula."""

    delimiter: str = ","
    quoting: bool = True
    header: bool = True
    mark: bool = False  # a byte-order mark at the start
    safe: bool = False


def write_delimited(rows: Corrected, file: BinaryIO, dialect: Dialect) -> None:
    """CSV or TSV in UTF-8. An absent cell is left empty; where a column has such cells, empty text is written "".

    Raises UserError where quotes are not allowed and a cell would need them.
    """
    names = [column.name for column in rows.columns]
    gaps = [rows.cells.column(i).null_count > 0 for i in range(len(names))]
    if dialect.mark or (dialect.header and names[0].startswith("\ufeff")):
        file.write(b"\xef\xbb\xbf")
    if dialect.header:
        header = [pa.array([name], pa.string()) for name in names]
        file.write(_lines(header, [False] * len(names), dialect))
    for batch in _batches(rows):
        texts = [plain_column(cells, column.kind) for column, cells in zip(rows.columns, batch, strict=True)]
        file.write(_lines(texts, gaps, dialect))


def write_json_lines(rows: Corrected, file: BinaryIO, *, absent: bool) -> None:
    """One object a line, keys in column order. With `absent`, a null cell's key is left out; else it is null.

    Raises UserError when two columns have the same name.
    """
    for lines in _objects(rows, absent=absent):
        file.write(("\n".join(lines) + "\n").encode())


def write_json(rows: Corrected, file: BinaryIO, *, absent: bool) -> None:
    """One list of objects, otherwise like `write_json_lines`."""
    start = "[\n"
    for lines in _objects(rows, absent=absent):
        file.write((start + ",\n".join(lines)).encode())
        start = ",\n"
    file.write(b"[]\n" if start == "[\n" else b"\n]\n")


def write_parquet(rows: Corrected, file: BinaryIO) -> None:
    """Columns that came typed get their types back, all others are text.

    Raises UserError for a column whose cells are not of its type.
    """
    import pyarrow.parquet as pq

    from analysis.load.arrow_cells import decode

    arrays = []
    for column, cells in zip(rows.columns, rows.cells.columns, strict=True):
        typed = column.kind.startswith("arrow:")
        arrays.append(decode(cells, column.kind) if typed else plain_column(cells, column.kind))
    names = [column.name for column in rows.columns]
    pq.write_table(pa.table(arrays, names=names), file, write_page_checksum=True)


def write_excel(rows: Corrected, path: Path, *, header: bool, sheet: str | None) -> None:
    """One sheet of plain text: no formula, no link, no number. Excel keeps no difference between empty and absent.

    Raises UserError for more than a sheet can hold.
    """
    import xlsxwriter

    _check_fits(rows)
    plain_text = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, {"constant_memory": True, "tmpdir": str(path.parent), **plain_text}) as book:
        page = book.add_worksheet(sheet)
        lines: Iterable[tuple[str | None, ...]] = [tuple(column.name for column in rows.columns)] if header else []
        number = -1
        for number, line in enumerate(lines):
            _write_row(page, number, line)
        for batch in _batches(rows):
            texts = [plain_column(c, column.kind).to_pylist() for column, c in zip(rows.columns, batch, strict=True)]
            for line in zip(*texts, strict=True):
                number += 1
                _write_row(page, number, line)


def _write_row(page: object, number: int, line: tuple[str | None, ...]) -> None:
    for place, text in enumerate(line):
        if text and page.write_string(number, place, text):  # type: ignore[attr-defined]
            raise RuntimeError(f"the cell in row {number + 1}, column {place + 1} was not written whole")


def _check_fits(rows: Corrected) -> None:
    if rows.cells.num_rows >= _EXCEL_ROWS:
        raise UserError(
            f"{rows.cells.num_rows:,} rows do not fit in a sheet, which ends at {_EXCEL_ROWS:,}.",
            "Export to CSV or Parquet.",
        )
    for column, cells in zip(rows.columns, rows.cells.columns, strict=True):
        longest = max(pc.max(pc.utf8_length(plain_column(cells, column.kind))).as_py() or 0, len(column.name))
        if longest > _EXCEL_CELL:
            raise UserError(
                f"{column.title[:60]!r} has a cell of {longest:,} characters; Excel keeps {_EXCEL_CELL:,}.",
                "Export to CSV or Parquet, which keep it whole.",
            )


def _batches(rows: Corrected) -> Iterator[list[pa.Array]]:
    for start in range(0, rows.cells.num_rows, _ROWS):
        yield [column.combine_chunks() for column in rows.cells.slice(start, _ROWS).columns]


def _lines(texts: list[pa.Array], gaps: list[bool], dialect: Dialect) -> bytes:
    """Rows of a delimited file, each ended by a newline."""
    single = len(texts) == 1  # an empty line would be taken for none
    columns = []
    for text, has_gaps in zip(texts, gaps, strict=True):
        if dialect.safe:
            text = pc.if_else(pc.match_substring_regex(text, _RISKY), _joined("'", text), text)
        columns.append(_quoted(pc.fill_null(text, "") if single else text, dialect, empty=has_gaps or single))
    joined = pc.binary_join_element_wise(*columns, pa.scalar(dialect.delimiter))
    return ("\n".join(joined.to_pylist()) + "\n").encode()


def _quoted(texts: pa.Array, dialect: Dialect, *, empty: bool) -> pa.Array:
    quotes = '"' if dialect.quoting else ""
    special = pc.match_substring_regex(texts, f"[{quotes}\r\n{re.escape(dialect.delimiter)}]")
    if not dialect.quoting:
        if pc.any(special).as_py():
            raise UserError(
                f"{texts.filter(special)[0].as_py()[:60]!r} holds a line break or the delimiter, and the file is "
                "without quote marks.",
                "Choose another label, or export to another format.",
            )
        return pc.fill_null(texts, "")
    if empty:
        special = pc.or_(special, pc.equal(texts, ""))
    inside = pc.replace_substring(texts, '"', '""')
    return pc.fill_null(pc.if_else(special, _joined('"', inside, '"'), texts), "")


def _joined(*parts: str | pa.Array) -> pa.Array:
    scalars = [pa.scalar(part) if isinstance(part, str) else part for part in parts]
    return pc.binary_join_element_wise(*scalars, pa.scalar(""))


def _objects(rows: Corrected, *, absent: bool) -> Iterator[list[str]]:
    keys = _keys(rows.columns)
    for batch in _batches(rows):
        members = []
        for key, column, cells in zip(keys, rows.columns, batch, strict=True):
            members.append([_member(key, cell, column.kind, absent=absent) for cell in cells.to_pylist()])
        yield ["{" + ", ".join(filter(None, row)) + "}" for row in zip(*members, strict=True)]


def _member(key: str, cell: str | None, kind: str, *, absent: bool) -> str | None:
    if cell is None:
        return None if absent else f"{key}: null"
    return f"{key}: {_encode(cell) if kind == 'text' else as_json(cell, kind)}"


def _keys(columns: tuple[Column, ...]) -> list[str]:
    names = [column.name for column in columns]
    for name in names:
        if names.count(name) > 1:
            raise UserError(
                f"{names.count(name)} columns are called {name[:60]!r}; JSON needs a name of its own for each.",
                "Export to CSV or Parquet.",
            )
    return [_encode(name) for name in names]
