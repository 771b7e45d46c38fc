"""What a delimited file looks like: its delimiter, whether it has a header, lines to skip before it."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.errors import BadFile
from analysis.load.options import Question, ReadOptions

DELIMITERS = (",", "\t", ";", "|")
_NAMES = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "pipe"}
_ROWS = 200
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)*(?:[eE][-+]?\d+)?%?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d.*|\d{1,2}[./]\d{1,2}[./]\d{2,4}.*")
_SEP_LINE = re.compile(r'"?sep=(.)"?\s*')


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the cells of a line are told apart; `questions` are the parts that had to be guessed."""

    delimiter: str
    quoting: bool
    header: bool
    skip_lines: int
    questions: tuple[Question, ...] = ()


def detect(sample: str, options: ReadOptions) -> Dialect:
    """The dialect of the text, whatever `options` leave open found from its first lines.

    Raises BadFile for a delimiter that cannot be one.
    """
    questions: list[Question] = []
    lines = lines_of(sample)
    delimiter = _valid(options.delimiter)
    skip = options.skip_lines
    if skip is None:
        skip, found = _preamble(lines, delimiter, options.quoting)
        delimiter = delimiter or found
        if skip and not found:
            message = f"The first {skip} lines start with # and were skipped." if skip > 1 else ""
            message = message or "The first line starts with # and was skipped."
            questions.append(Question("skip_lines", message, (str(skip), "0")))
    rest = lines[skip:]
    if delimiter is None:
        delimiter, sure = _delimiter(rest, options.quoting)
        if not sure:
            others = tuple(d for d in DELIMITERS if d != delimiter and any(d in line for line in rest))
            message = f"The cells seem to be separated by a {_NAMES[delimiter]}, but not all rows fit."
            if not any(delimiter in line for line in rest):
                message = f"The file was read as one column, though some lines hold a {_NAMES[others[0]]}."
            questions.append(Question("delimiter", message, (delimiter, *others)))
    header = options.header
    if header is None:
        header = looks_like_header(sample_rows(rest, delimiter, options.quoting))
        if not header:
            message = "The first row looks like data, so the columns were left without names. Is it a header?"
            questions.append(Question("header", message, ("no", "yes")))
    return Dialect(delimiter, options.quoting, header, skip, tuple(questions))


def lines_of(text: str) -> list[str]:
    """Lines as the CSV reader sees them: ended by \\n, \\r or both, and by nothing else."""
    return io.StringIO(text, newline="").readlines()


def sample_rows(lines: Iterable[str], delimiter: str, quoting: bool, limit: int = _ROWS) -> list[list[str]]:
    """The first rows, leniently parsed, without blank ones."""
    rows: list[list[str]] = []
    try:
        for row in csv.reader(lines, **csv_arguments(delimiter, quoting), strict=False):
            if row:
                rows.append(row)
            if len(rows) == limit:
                break
    except csv.Error:
        pass  # a cell beyond the field limit; the rows before it are sample enough
    return rows


def csv_arguments(delimiter: str, quoting: bool) -> dict[str, Any]:
    """What csv.reader and csv.writer need to know."""
    if quoting:
        return {"delimiter": delimiter, "quotechar": '"', "doublequote": True}
    return {"delimiter": delimiter, "quoting": csv.QUOTE_NONE, "quotechar": None}


def looks_like_header(rows: Sequence[Sequence[str]]) -> bool:
    """False only where the first row has the marks of data: a number or date over a column of them, or a value
    that comes back in a column of few values. Numbered columns (0, 1, 2 …) count as a header."""
    if len(rows) < 2:
        return True
    first, body = rows[0], [row for row in rows[1:] if len(row) == len(rows[0])]
    if not body or first == [str(i) for i in range(len(first))]:
        return True
    return not any(_like_the_rest(cell, [row[i] for row in body]) for i, cell in enumerate(first))


def _like_the_rest(cell: str, column: list[str]) -> bool:
    filled = [value for value in column if value]
    if not cell.strip() or not filled:
        return False
    for pattern in (_NUMBER, _DATE):
        if pattern.fullmatch(cell.strip()):
            return sum(pattern.fullmatch(value.strip()) is not None for value in filled) > 0.8 * len(filled)
    if len(cell) > 200:
        return True
    return cell in filled and len(set(filled)) <= max(2, len(filled) // 2)


def _preamble(lines: list[str], delimiter: str | None, quoting: bool) -> tuple[int, str | None]:
    """Lines before the header: Excel's `sep=;` (which names the delimiter), or comments unlike the rest."""
    if lines and (match := _SEP_LINE.fullmatch(lines[0])) and match[1] not in '"\r\n':
        return 1, match[1]
    comments = next((i for i, line in enumerate(lines) if not line.startswith("#")), 0)
    if not comments:
        return 0, None
    guess = delimiter or _delimiter(lines[comments:], quoting)[0]
    widths = {len(row) for row in sample_rows(lines[:comments], guess, quoting)}
    body = Counter(len(row) for row in sample_rows(lines[comments:], guess, quoting))
    if not body:
        return 0, None
    usual = body.most_common(1)[0][0]
    last = sample_rows(lines[comments - 1 : comments], guess, quoting)
    if last and len(last[0]) == usual and len(widths) == 1:
        return 0, None  # "#id,text": a header that happens to start with the sign
    return comments, None


def _delimiter(lines: list[str], quoting: bool) -> tuple[str, bool]:
    """The delimiter that most rows share with the first one, and whether nearly all do."""
    best, best_score = None, (0.0, 0)
    single = []
    for delimiter in DELIMITERS:
        rows = sample_rows(lines, delimiter, quoting)
        if not rows:
            return ",", True
        width = len(rows[0])
        if width == 1:
            if all(len(row) == 1 for row in rows):
                single.append(delimiter)
            continue
        score = (sum(len(row) == width for row in rows) / len(rows), width)
        if score > best_score:
            best, best_score = delimiter, score
    if best is not None and (best_score[0] > 0.5 or not single):
        return best, best_score[0] > 0.5
    return (single[0], best is None) if single else (",", False)


def _valid(delimiter: str | None) -> str | None:
    named = {name: sign for sign, name in _NAMES.items()} | {"\\t": "\t"}
    delimiter = named.get(delimiter or "", delimiter)
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise BadFile(f"{delimiter[:20]!r} cannot be a delimiter.", "Use one character, such as , ; | or tab.")
    return delimiter
