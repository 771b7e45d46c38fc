"""JSON Lines and JSON: a line, or an element of the one list, is a row; a key is a column."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol, TextIO

from analysis.errors import BadFile
from analysis.load.decoding import Decoding
from analysis.load.json_text import Member, ObjectReader, Row, TooDeep, skip_space
from analysis.load.label_studio import LabelStudioTable, is_label_studio
from analysis.load.object_table import ObjectTable
from analysis.load.options import Findings, Limits, ReadOptions
from analysis.load.table import TableWriter

_BLOCK = 4_194_304  # characters read at a time
_ELEMENT = 67_108_864  # characters; no row of an honest file is longer
_RAW = 300

Share = Callable[[float], None]


class _Table(Protocol):
    def add(self, line: int, members: list[Member], size: int) -> None: ...
    def finish(self, findings: Findings) -> None: ...


def read_json_lines(path: Path, decoding: Decoding, findings: Findings, writer: TableWriter, share: Share) -> None:
    """Read one object per line; a line that is not one is set aside. Raises BadFile when it is nested too deep."""
    table = ObjectTable(writer)
    reader = ObjectReader(writer.limits.depth)
    blank, size = 0, max(path.stat().st_size, 1)
    with path.open(encoding=decoding.encoding, errors=decoding.errors, newline="\n") as file:
        for number, line in enumerate(_lines(file), start=1):
            stripped = line.strip(" \t\r\n")
            if not stripped:
                blank += 1
                continue
            _add_line(table, reader, writer, number, stripped)
            if number % 10_000 == 0:
                share(_position(file) / size)
    table.finish(findings)
    findings.format = "jsonl"
    findings.options = ReadOptions(encoding=decoding.encoding)
    findings.note_blank_lines(blank)
    _refuse_when_nothing_is_left(writer)


def read_json(path: Path, decoding: Decoding, findings: Findings, writer: TableWriter, share: Share) -> None:
    """Read one list of objects; recognises a Label Studio export by its first task.

    Raises BadFile for anything else at the top, for JSON that breaks off or breaks its own rules, or too deep nesting.
    """
    table: _Table | None = None
    rows, size = 0, max(path.stat().st_size, 1)
    findings.format = "json"
    with path.open(encoding=decoding.encoding, errors=decoding.errors, newline="") as file:
        for line, row, raw in _Elements(file, writer.limits):
            if row.problem:
                writer.reject(line, row.problem, raw)
                continue
            if table is None:
                labelled = is_label_studio(row.members)
                table = LabelStudioTable(writer) if labelled else ObjectTable(writer)
                findings.format = "labelstudio" if labelled else "json"
            table.add(line, row.members, row.end)
            rows += 1
            if rows % 1000 == 0:
                share(min(_position(file) / size, 1.0))
    if table is not None:
        table.finish(findings)
    findings.options = ReadOptions(encoding=decoding.encoding)
    _refuse_when_nothing_is_left(writer)


def _position(file: TextIO) -> int:
    return int(file.buffer.raw.tell())  # type: ignore[attr-defined]


def _lines(file: TextIO) -> Iterator[str]:
    while line := file.readline(_ELEMENT + 1):
        if len(line) > _ELEMENT:
            raise BadFile(f"A line expands beyond the limit of {_ELEMENT:,} characters.", "Split the long row.")
        yield line


def _add_line(table: ObjectTable, reader: ObjectReader, writer: TableWriter, number: int, line: str) -> None:
    try:
        row = reader.read(line)
    except TooDeep as error:
        raise _too_deep(number, writer.limits) from error
    except json.JSONDecodeError as error:
        writer.reject(number, f"not JSON: {error.msg} (character {error.pos + 1:,})", line)
        return
    problem = row.problem or ("" if row.end == len(line) else "there is more on the line after the object")
    if problem:
        writer.reject(number, problem, line)
    else:
        table.add(number, row.members, len(line))


class _Elements:
    """The elements of the one list in a file, a few megabytes of which are held at a time.

    Gives (line, row, how the row begins); `Row.end` is the row's length.
    """

    def __init__(self, file: TextIO, limits: Limits) -> None:
        self._file = file
        self._limits = limits
        self._reader = ObjectReader(limits.depth)
        self._text = file.read(_BLOCK)
        self._at = 0
        self._line, self._counted = 1, 0  # the line at `_counted`
        self._first, self._closed = True, False

    def __iter__(self) -> Iterator[tuple[int, Row, str]]:
        self._at = skip_space(self._text, 0)
        if self._text[self._at : self._at + 1] != "[":
            raise _no_list(self._text, self._at, self._reader, self._limits)
        self._at += 1
        while not self._closed:
            yield from self._next()
        rest = (self._text[self._at :] + self._file.read(1000)).strip(" \t\r\n")
        if rest:
            raise BadFile(f"There is more after the end of the JSON list: {rest[:40]!r}.", "Keep one list per file.")

    def _next(self) -> Iterator[tuple[int, Row, str]]:
        """The next element, or none at the end of an empty list, with as much more text as it takes."""
        block = _BLOCK
        while True:
            try:
                element = self._element()
            except TooDeep as error:
                raise _too_deep(self._line, self._limits) from error
            except json.JSONDecodeError as error:
                more = self._file.read(block) if len(self._text) - self._at <= _ELEMENT else ""
                if not more:
                    raise _broken_off(self._line_at(error.pos), error) from error
                self._line_at(self._at)
                self._text, self._at, self._counted = self._text[self._at :] + more, 0, 0
                block *= 2
            else:
                if element:
                    yield element
                return

    def _element(self) -> tuple[int, Row, str] | None:
        text = self._text
        at = skip_space(text, self._at)
        if self._first and text[at : at + 1] == "]":
            self._at, self._closed = at + 1, True
            return None
        row = self._reader.read(text, at)
        after = skip_space(text, row.end)
        sign = text[after : after + 1]
        if sign not in (",", "]"):
            what = "a comma between two rows is missing" if sign else "the list is not closed"
            raise json.JSONDecodeError(what, text, after)
        self._at, self._first, self._closed = after + 1, False, sign == "]"
        return self._line_at(at), row._replace(end=row.end - at), text[at : min(row.end, at + _RAW)]

    def _line_at(self, place: int) -> int:
        """The number of the line on which a place of the held text lies; places must not go backwards."""
        self._line += self._text.count("\n", self._counted, place)
        self._counted = max(self._counted, place)
        return self._line


def _no_list(text: str, at: int, reader: ObjectReader, limits: Limits) -> BadFile:
    hint = "Save the rows as a list of objects, or as JSON Lines: one object per line."
    try:
        row = reader.read(text, at)
    except TooDeep:
        return _too_deep(1, limits)
    except json.JSONDecodeError as error:
        if text[at : at + 1] == "{":
            return BadFile("The file holds one JSON object, not a list of rows.", hint)
        return BadFile(f"This is not JSON: {error.msg} (line {error.lineno:,}).", hint)
    if row.members:
        keys = ", ".join(repr(member.key[:40]) for member in row.members[:5])
        return BadFile(f"The file holds one JSON object (with {keys}), not a list of rows.", hint)
    return BadFile(f"The file holds a single value, {text[at : row.end][:40]}, not a list of rows.", hint)


def _broken_off(line: int, error: json.JSONDecodeError) -> BadFile:
    return BadFile(
        f"The JSON breaks off or is damaged at line {line:,}: {error.msg}.",
        "Fetch the whole file, or save it as JSON Lines, where the other rows survive a broken one.",
    )


def _too_deep(line: int, limits: Limits) -> BadFile:
    return BadFile(f"The JSON on line {line:,} is nested deeper than {limits.depth} levels.", "Flatten it.")


def _refuse_when_nothing_is_left(writer: TableWriter) -> None:
    if not writer.rows and writer.rejected:
        line, reason, _ = writer.rejected[0]
        raise BadFile(f"No row is a JSON object that can be kept; line {line:,}: {reason}.", "Correct the file.")
