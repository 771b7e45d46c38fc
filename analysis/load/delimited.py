"""CSV and its relatives, read strictly: every cell exact, every row that does not fit set aside with its line."""

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

from analysis.errors import BadFile
from analysis.load.decoding import Decoding
from analysis.load.dialect import Dialect, csv_arguments, detect, lines_of, sample_rows
from analysis.load.options import Findings, ReadOptions
from analysis.load.table import CHARACTERS_A_CHUNK, TableWriter, rows_a_chunk, too_many_columns

SAMPLE = 262_144  # characters that the dialect is judged by
_LINE = 67_108_864  # characters; no line of an honest file is longer

Share = Callable[[float], None]


def preview_text(text: str, options: ReadOptions, rows: int = 6) -> list[list[str]]:
    """The first rows of a text, cut to what fits a small table."""
    dialect = detect(text, options)
    lines = lines_of(text)[dialect.skip_lines :]
    parsed = sample_rows(lines, dialect.delimiter, dialect.quoting, rows)
    return [[cell[:200] for cell in row[:20]] for row in parsed]


def read_delimited(path: Path, decoding: Decoding, findings: Findings, writer: TableWriter, share: Share) -> None:
    """Read a delimited file into `writer`, noting in `findings` what was decided, done and left open.

    Raises BadFile for a quote that never closes, too wide a table, too long a cell, or no rows.
    """
    csv.field_size_limit(writer.limits.field)
    options = findings.options
    with path.open(encoding=decoding.encoding, errors=decoding.errors, newline="") as file:
        sample = file.read(SAMPLE)
        whole = len(sample) < SAMPLE
        dialect = detect(sample if whole else sample[: _last_line_end(sample)], options)
        file.seek(0)
        _DelimitedFile(file, dialect, writer, share, path.stat().st_size).read(findings)
    findings.format = "tsv" if dialect.delimiter == "\t" else "csv"
    findings.questions.extend(dialect.questions)
    findings.options = ReadOptions(
        decoding.encoding, dialect.delimiter, dialect.quoting, dialect.header, dialect.skip_lines
    )


class _DelimitedFile:
    """One pass over the file; `_line` is the last line that was read, for the row that it may spoil."""

    def __init__(self, file: TextIO, dialect: Dialect, writer: TableWriter, share: Share, size: int) -> None:
        self._file = file
        self._dialect = dialect
        self._writer = writer
        self._share = share
        self._size = max(size, 1)
        self._line = ""
        self._held = 0  # characters read since the last chunk was written
        self._blank = 0
        self._rows: list[list[str]] = []
        self._ends: list[int] = []  # the line on which each held row ends
        self._last = 0  # the line on which the last row before the held ones ends

    def read(self, findings: Findings) -> None:
        skip = self._dialect.skip_lines
        lines = self._lines()
        for _ in range(skip):
            next(lines, None)
        reader = csv.reader(lines, **csv_arguments(self._dialect.delimiter, self._dialect.quoting), strict=True)
        self._last = skip
        limit = 1  # the first row says how many columns there are
        while True:
            try:
                for row in reader:
                    self._rows.append(row)
                    self._ends.append(skip + reader.line_num)
                    if len(self._rows) >= limit or self._held > CHARACTERS_A_CHUNK:
                        limit = self._flush()
                break
            except csv.Error as error:
                limit = self._flush()
                self._mend(error, self._last + 1, skip + reader.line_num)
        self._flush()
        self._finish(findings)

    def _lines(self) -> Iterator[str]:
        readline = self._file.readline
        while line := readline(_LINE + 1):
            if len(line) > _LINE:
                raise BadFile(
                    f"A line expands beyond the limit of {_LINE:,} characters.", "Check that this is a CSV file."
                )
            self._line = line
            self._held += len(line)
            yield line

    def _flush(self) -> int:
        """Write the held rows; return how many to hold before the next time."""
        rows, ends = self._rows, self._ends
        first = self._last
        if ends:
            self._last = ends[-1]
        self._rows, self._ends, self._held = [], [], 0
        starts = [first + 1, *(end + 1 for end in ends[:-1])]
        if not self._writer.names:
            rows, starts = self._name_columns(rows, starts)
        if rows:
            self._write(rows, starts)
            self._share(self._file.buffer.tell() / self._size)
        return rows_a_chunk(len(self._writer.names)) if self._writer.names else 1

    def _name_columns(self, rows: list[list[str]], starts: list[int]) -> tuple[list[list[str]], list[int]]:
        """Take the names off the first row that is not blank."""
        while rows and not rows[0]:
            self._blank += 1
            rows, starts = rows[1:], starts[1:]
        if not rows:
            return rows, starts
        if len(rows[0]) > self._writer.limits.columns:
            raise too_many_columns(len(rows[0]), self._writer.limits)
        names = rows[0] if self._dialect.header else [""] * len(rows[0])
        for name in names:
            self._writer.add_column(name)
        return (rows[1:], starts[1:]) if self._dialect.header else (rows, starts)

    def _write(self, rows: list[list[str]], starts: list[int]) -> None:
        width = len(self._writer.names)
        if set(map(len, rows)) != {width}:
            kept = []
            for row, start in zip(rows, starts, strict=True):
                if len(row) == width:
                    kept.append((row, start))
                elif not row:
                    self._blank += 1
                else:
                    cells = f"{len(row):,} {'cell' if len(row) == 1 else 'cells'}"
                    self._writer.reject(start, f"{cells} where the first row has {width:,}", self._raw(row))
            rows, starts = [row for row, _ in kept], [start for _, start in kept]
        if not rows:
            return
        try:
            self._writer.write(list(zip(*rows, strict=True)))
        except UnicodeEncodeError:
            self._write_around_surrogates(rows, starts)

    def _write_around_surrogates(self, rows: list[list[str]], starts: list[int]) -> None:
        kept = []
        for row, start in zip(rows, starts, strict=True):
            try:
                "".join(row).encode()
                kept.append(row)
            except UnicodeEncodeError:
                self._writer.reject(start, "not valid UTF-8", self._raw(row))
        if kept:
            self._writer.write(list(zip(*kept, strict=True)))

    def _mend(self, error: csv.Error, start: int, end: int) -> None:
        """Set the broken row aside when it is one line long; refuse the file when a quote swallowed lines."""
        if "field larger than field limit" in str(error):
            limit = f"{self._writer.limits.field:,}"
            where = f"line {start:,}" if end <= start else f"lines {start:,} to {end:,}"
            raise BadFile(
                f"A cell on {where} expands beyond the limit of {limit} characters for one cell.",
                "If a quote mark was left open there, load the file without quoting." if end > start else "Split it.",
            ) from error
        if end > start or "unexpected end" in str(error):
            raise BadFile(
                f"The quote opened on line {start:,} never closes properly (seen at line {end:,}).",
                "Correct that line, or load the file without quoting: then quote marks are ordinary text.",
            ) from error
        if not self._writer.names:
            raise BadFile(
                f"The header cannot be read: line {end:,} has text after a closing quote.",
                "Correct that line, or load the file without quoting.",
            ) from error
        self._last = end
        self._writer.reject(end, "text after a closing quote", self._line.rstrip("\r\n"))

    def _raw(self, row: list[str]) -> str:
        text = io.StringIO()
        arguments = csv_arguments(self._dialect.delimiter, self._dialect.quoting)
        if not self._dialect.quoting:
            return self._dialect.delimiter.join(row)
        csv.writer(text, **arguments, lineterminator="").writerow(row)
        return text.getvalue()

    def _finish(self, findings: Findings) -> None:
        writer = self._writer
        if not writer.rows and writer.rejected:
            line, reason, _ = writer.rejected[0]
            raise BadFile(
                f"None of the rows fits the first one; line {line:,}: {reason}.",
                "If the table starts further down, say how many lines to skip; else check the delimiter.",
            )
        findings.note_blank_lines(self._blank)


def _last_line_end(sample: str) -> int:
    return max(sample.rfind("\n"), sample.rfind("\r")) + 1 or len(sample)
