"""Lines for a terminal: aligned columns and wrapped text, within its width, with nothing hidden or alive in them."""

import unicodedata
from collections.abc import Iterable, Sequence

from analysis.report.visible import one_line, visible

GAP = "  "
_LEAST = 8  # columns that a cut cell keeps
_INDENT = 2


def table(heads: Sequence[str], rows: Sequence[Sequence[object]], width: int, right: Iterable[int] = ()) -> list[str]:
    """Aligned columns, the positions in `right` to the right; numbers get thousands separators, None is left empty.

    Where the rows are wider than `width`, the widest columns are cut, with an ellipsis, until they fit.
    """
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max(map(columns, column)) for column in zip(heads, *cells, strict=True)]
    spare = width - len(GAP) * (len(widths) - 1)
    while sum(widths) > spare and max(widths) > _LEAST:
        widest = widths.index(max(widths))
        second = max((w for i, w in enumerate(widths) if i != widest), default=0)
        widths[widest] = max(_LEAST, min(second, widths[widest] - 1), widths[widest] - (sum(widths) - spare))
    lines = []
    for row in [list(heads), *cells]:
        texts = [_padded(cell, w, right=i in right) for i, (cell, w) in enumerate(zip(row, widths, strict=True))]
        lines.append(GAP.join(texts).rstrip())
    return lines


def paragraph(text: str, width: int, indent: int = 0, most: int | None = None) -> list[str]:
    """The text wrapped to `width`, its line breaks kept, hidden characters shown; the first `most` characters of it."""
    kept = text if most is None or len(text) <= most else text[:most]
    lines = []
    for line in visible(kept).expandtabs(4).split("\n"):
        lines += _wrapped(line, max(width - indent, _LEAST))
    if len(kept) < len(text):
        lines.append(f"… {len(text) - len(kept):,} more characters")
    return [(" " * indent + line).rstrip() for line in lines]


def pairs(rows: Sequence[tuple[str, str]], width: int, indent: int = _INDENT, most: int | None = None) -> list[str]:
    """Names at the left, their texts beside them, wrapped in a column of their own."""
    left = min(max((columns(one_line(name)) for name, _ in rows), default=0), width // 2)
    lines = []
    for name, text in rows:
        first, *others = paragraph(text, width, indent + left + len(GAP), most)
        lines.append((" " * indent + _padded(one_line(name), left) + GAP + first.lstrip()).rstrip())
        lines += others
    return lines


def columns(text: str) -> int:
    """How many columns of a terminal the text takes."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def cut(text: str, width: int) -> str:
    """The text in at most `width` columns, the last of them an ellipsis where something is missing."""
    if columns(text) <= width:
        return text
    return _head(text, width - 1).rstrip() + "…"


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 row`, `2,000 rows`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _columns(character: str) -> int:
    if unicodedata.combining(character) or character in "\u200c\u200d\ufe0f":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return f"{value:.2f}" if isinstance(value, float) else one_line(value, 1000)


def _padded(text: str, width: int, *, right: bool = False) -> str:
    shown = cut(text, width)
    padding = " " * (width - columns(shown))
    return padding + shown if right else shown + padding


def _head(text: str, width: int) -> str:
    """As much of the start as fits."""
    taken = 0
    for place, character in enumerate(text):
        taken += _columns(character)
        if taken > width:
            return text[:place]
    return text


def _wrapped(line: str, width: int) -> list[str]:
    """One line broken between words, or inside a word that is longer than a line."""
    lines = []
    while columns(line) > width:
        head = _head(line, width)
        space = head.rfind(" ") if line[len(head)] != " " else len(head)
        end = space if space > 0 and head[:space].strip() else len(head)
        lines.append(line[:end].rstrip())
        line = line[end:].lstrip(" ")
    return [*lines, line]
