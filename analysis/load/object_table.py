"""Objects as rows of a table whose columns turn up as the rows bring them."""

from analysis.load.json_text import Member
from analysis.load.options import Findings
from analysis.load.table import CHARACTERS_A_CHUNK, TableWriter, check_field, quoted, rows_a_chunk

_TYPES = {'"': "text", "{": "objects", "[": "lists", "t": "true or false", "f": "true or false", "n": "null"}


class ObjectTable:
    """Collects objects column by column.

    A column is "text" as long as all its values are strings, and "json" (also for the rows before) from the first
    other value on. A key that a row lacks is an absent cell.
    """

    def __init__(self, writer: TableWriter) -> None:
        self._writer = writer
        self._positions: dict[str, int] = {}
        self._cells: list[list[str | None]] = []
        self._types: list[set[str]] = []
        self._present: list[int] = []
        self._rows = 0
        self._held = 0

    def add(self, line: int, members: list[Member], size: int) -> None:
        """One more row; `size` is its length in characters. Raises BadFile for too many keys, too long a value."""
        for key, text, verbatim in members:
            position = self._positions.get(key)
            if position is None:
                position = self._new_column(key)
            check_field(len(text or verbatim), f"The key {key[:40]!r} on line {line:,}", self._writer.limits)
            cells = self._cells[position]
            if len(cells) < self._rows:
                cells.extend([None] * (self._rows - len(cells)))
            cells.append(self._cell(position, text, verbatim))
            self._present[position] += 1
        self._rows += 1
        self._held += size
        if self._rows >= rows_a_chunk(len(self._cells)) or self._held > CHARACTERS_A_CHUNK:
            self._flush()

    def finish(self, findings: Findings) -> None:
        """Write what is left and note what a person should know about the columns."""
        self._flush()
        rows = self._writer.rows
        absent = sum(present < rows for present in self._present)
        if absent:
            findings.notices.append(
                f"{absent:,} of {len(self._present):,} keys are missing in some rows; those cells are absent."
            )
        for name, types in zip(self._writer.names, self._types, strict=True):
            kinds = sorted(types - {"null"})
            if len(kinds) > 1:
                findings.notices.append(f"{name[:60]!r} mixes {', '.join(kinds)}; its values are kept as JSON.")

    def _new_column(self, key: str) -> int:
        position = self._positions[key] = self._writer.add_column(key)
        self._cells.append([])
        self._types.append(set())
        self._present.append(0)
        return position

    def _cell(self, position: int, text: str | None, verbatim: str) -> str | None:
        kinds = self._writer.kinds
        if text is not None:
            self._types[position].add("text")
            return text if kinds[position] == "text" else quoted(text)
        self._types[position].add(_TYPES.get(verbatim[0], "numbers"))
        if kinds[position] == "text":
            kinds[position] = "json"
            cells = self._cells[position]
            cells[:] = map(quoted, cells)
        return verbatim

    def _flush(self) -> None:
        if not self._rows:
            return
        for cells in self._cells:
            cells.extend([None] * (self._rows - len(cells)))
        if not self._cells:  # rows without any key
            self._new_column("")
            self._cells[0].extend([None] * self._rows)
        self._writer.write(self._cells)
        self._cells = [[] for _ in self._cells]
        self._rows = self._held = 0
