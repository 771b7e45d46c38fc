"""Excel workbooks: one sheet as text cells – dates as ISO text, whole numbers without a point, errors as they show.

The sheet's XML is streamed row by row without openpyxl's padding of gaps, which a 5 KB file can blow up to gigabytes.
"""

import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from analysis.errors import BadFile
from analysis.load.dialect import looks_like_header
from analysis.load.options import Findings, Limits, Question, ReadOptions
from analysis.load.table import CHARACTERS_A_CHUNK, TableWriter, check_field, rows_a_chunk, too_many_columns
from analysis.load.unpack import check_workbook

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_GUESS_ROWS = 100
_LAST_ROW = 1_048_576
_BROKEN = (ParseError, BadZipFile, KeyError, ValueError, TypeError, AttributeError, IndexError, EOFError, OSError)

Share = Callable[[float], None]
Cells = dict[int, str]  # column (from 0) → text


def read_excel(path: Path, findings: Findings, writer: TableWriter, share: Share) -> None:
    """Read one sheet (the first, unless `options.sheet` names another) into `writer`.

    Raises BadFile for a broken or hostile workbook, a sheet that is not there, or one that is too wide.
    """
    import openpyxl

    check_workbook(path, writer.limits)
    with warnings.catch_warnings(), path.open("rb") as file:
        warnings.simplefilter("ignore")  # about extensions and styles, which carry no cells
        with _as_bad_file():
            book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        sheet, question = _choose(book, findings.options.sheet)
        if question:
            findings.questions.append(question)
        rows = _Rows(sheet, writer.limits)
        table = _SheetTable(writer, findings)
        for number, row in rows:
            table.add(number, row)
            if number % 1000 == 0:
                share(min(0.99, number / max(sheet.max_row or number, number)))
        table.finish()
    if count := rows.without_value:
        cells = "1 formula cell has" if count == 1 else f"{count:,} formula cells have"
        findings.notices.append(f"{cells} no value saved in the file, and counts as empty.")
    findings.format = "xlsx"
    skip = findings.options.skip_lines or 0
    findings.options = ReadOptions(header=table.header, skip_lines=skip, sheet=str(sheet.title))


@contextmanager
def _as_bad_file() -> Iterator[None]:
    """What openpyxl raises on damaged or crafted workbooks, as a refusal."""
    from defusedxml.common import DefusedXmlException

    try:
        yield
    except DefusedXmlException as error:
        raise BadFile("The workbook contains XML entities.", "Open it in a spreadsheet and save it again.") from error
    except _BROKEN as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the disk, not the workbook
        raise BadFile(
            f"The .xlsx cannot be read: {str(error)[:200] or type(error).__name__}.",
            "Open it in a spreadsheet and save it again as .xlsx.",
        ) from error


def _choose(book: Any, wanted: str | None) -> tuple[Any, Question | None]:
    sheets = book.worksheets
    names = tuple(str(sheet.title) for sheet in sheets)
    if not sheets:
        raise BadFile("The workbook has no sheet with cells.", "Save the table in a sheet.")
    if wanted is None:
        if len(sheets) == 1:
            return sheets[0], None
        return sheets[0], Question("sheet", f"The workbook has {len(sheets)} sheets; {names[0]!r} was read.", names)
    for sheet in sheets:
        if sheet.title == wanted:
            return sheet, None
    raise BadFile(f"There is no sheet {wanted[:80]!r}.", f"The sheets are {', '.join(map(repr, names[:20]))}.")


class _Rows:
    """The rows of a sheet that have cells: (number from 1, text by column)."""

    def __init__(self, sheet: Any, limits: Limits) -> None:
        self._sheet = sheet
        self._limits = limits
        self.without_value = 0

    def __iter__(self) -> Iterator[tuple[int, Cells]]:
        from openpyxl.worksheet._reader import WorkSheetParser

        rows = self

        class Parser(WorkSheetParser):  # type: ignore[misc]
            """Counts formulas whose result was not saved, which otherwise look like empty cells."""

            def parse_cell(self, element: Any) -> Any:
                cell = super().parse_cell(element)
                if cell["value"] is None and any(child.tag.endswith("}f") for child in element):
                    rows.without_value += 1
                return cell

        book = self._sheet.parent
        with _as_bad_file():
            source = self._sheet._get_source()
        with source:
            parsed = Parser(
                source,
                self._sheet._shared_strings,
                data_only=True,
                epoch=book.epoch,
                date_formats=book._date_formats,
                timedelta_formats=book._timedelta_formats,
            ).parse()
            while True:
                with _as_bad_file():
                    number, row = next(parsed, (0, None))
                if row is None:
                    return
                if number > _LAST_ROW:
                    raise BadFile(
                        f"The sheet has a row {number:,}; Excel ends at {_LAST_ROW:,}.", "Save it again in Excel."
                    )
                yield number, self._texts(number, row)

    def _texts(self, number: int, row: list[dict[str, Any]]) -> Cells:
        cells: Cells = {}
        for cell in row:
            text = _text(cell["value"])
            if text is None:
                continue
            column = cell["column"] - 1
            if column >= self._limits.columns:
                raise too_many_columns(column + 1, self._limits)
            check_field(len(text), f"A cell in row {number:,}", self._limits)
            cells[column] = text
        return cells


class _SheetTable:
    """Rows of a sheet as a table: the first row with cells names the columns, later ones may be wider."""

    def __init__(self, writer: TableWriter, findings: Findings) -> None:
        self._writer = writer
        self._findings = findings
        self._skip = findings.options.skip_lines or 0
        self.header = findings.options.header
        self._waiting: list[Cells] = []  # the first rows, until it is clear whether they have a header
        self._cells: list[list[str | None]] = []
        self._rows = self._held = self._blank = 0
        self._started = False
        self._last = 0

    def add(self, number: int, cells: Cells) -> None:
        if number <= self._skip:
            return
        if self._last and number > self._last + 1:
            self._blank += number - self._last - 1
        self._last = number
        if not cells:
            self._blank += bool(self._started or self._waiting)
            return
        if self._started:
            self._append(cells)
            return
        self._waiting.append(cells)
        if len(self._waiting) >= _GUESS_ROWS:
            self._start()

    def finish(self) -> None:
        self._start()
        self._flush()
        if self._blank:
            rows = "1 blank row was" if self._blank == 1 else f"{self._blank:,} blank rows were"
            self._findings.notices.append(f"{rows} skipped.")

    def _start(self) -> None:
        if self._started or not self._waiting:
            return
        self._started = True
        width = max(max(cells) for cells in self._waiting) + 1
        if self.header is None:
            self.header = looks_like_header([[cells.get(i, "") for i in range(width)] for cells in self._waiting])
            if not self.header:
                message = "The first row looks like data, so the columns were left without names. Is it a header?"
                self._findings.questions.append(Question("header", message, ("no", "yes")))
        names = self._waiting.pop(0) if self.header else {}
        for i in range(max(names, default=-1) + 1):
            self._new_column(names.get(i, ""))
        for cells in self._waiting:
            self._append(cells)
        self._waiting = []

    def _append(self, cells: Cells) -> None:
        while len(self._cells) <= max(cells):
            self._new_column("")
        for column, text in enumerate(self._cells):
            text.append(cells.get(column))
        self._rows += 1
        self._held += sum(map(len, cells.values()))
        if self._rows >= rows_a_chunk(len(self._cells)) or self._held > CHARACTERS_A_CHUNK:
            self._flush()

    def _new_column(self, name: str) -> None:
        self._writer.add_column(name)
        self._cells.append([None] * self._rows)

    def _flush(self) -> None:
        if self._rows:
            self._writer.write(self._cells)
        self._cells = [[] for _ in self._cells]
        self._rows = self._held = 0


def _text(value: Any) -> str | None:
    """A cell's value as text; None for an empty cell."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), str(value))
