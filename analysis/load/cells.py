"""One cell as text, and back: lossless for every kind of column, and readable by a person.

kind "text": the cell is the text. "json": the cell is one JSON value, verbatim. "arrow:<type>": the cell is the text
of a typed Parquet value – digits, ISO dates, base64 for bytes, JSON for lists and structs. Null is an absent cell.
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from analysis.errors import UserError

if TYPE_CHECKING:
    import pyarrow as pa

_NUMBERS = ("int", "uint", "float", "double", "halffloat", "decimal")


def plain(cell: str | None, kind: str) -> str | None:
    """What a person reads in a cell: JSON strings without quotes and escapes; null and absent are None."""
    if cell is None or kind != "json":
        return cell
    if cell.startswith('"'):
        text: str = json.loads(cell)
        return text
    return None if cell == "null" else cell


def plain_column(cells: "pa.Array | pa.ChunkedArray", kind: str) -> "pa.Array | pa.ChunkedArray":
    """`plain` for a whole Arrow column of cells, in order."""
    if kind != "json":
        return cells
    import pyarrow as pa
    import pyarrow.compute as pc

    chunks = cells.chunks if isinstance(cells, pa.ChunkedArray) else [cells]
    done = []
    for chunk in chunks:
        if pc.any(pc.match_substring_regex(chunk, r'^"|^null$')).as_py():
            chunk = pa.array([plain(cell, kind) for cell in chunk.to_pylist()], pa.string())
        done.append(chunk)
    return pa.chunked_array(done, pa.string()) if isinstance(cells, pa.ChunkedArray) else done[0]


def as_json(cell: str, kind: str) -> str:
    """A present cell as one JSON value on one line: JSON verbatim, typed numbers, truth values and lists as such."""
    if kind == "json":
        return cell
    type_name = kind.removeprefix("arrow:")
    if kind.startswith("arrow:"):
        if type_name.startswith("nested:") or type_name == "bool":
            return cell
        if type_name.startswith(_NUMBERS):
            return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(cell, cell)
    return json.dumps(cell, ensure_ascii=False)


def cell_for(text: str, kind: str, known: Mapping[str, str] | None = None) -> str:
    """The cell that says `text` in a column of this kind.

    `known` maps what a person reads to the cell that the column already uses for it, which is then used again: so a
    label 1 stays a number. Raises UserError when a typed column cannot hold the text.
    """
    if known and text in known:
        return known[text]
    if kind == "text":
        return text
    if kind == "json":
        return json.dumps(text, ensure_ascii=False)
    import pyarrow as pa

    from analysis.load.arrow_cells import decode

    try:
        decode(pa.array([text], pa.string()), kind)
    except (pa.ArrowException, ValueError, TypeError) as error:
        raise UserError(
            f"{text[:60]!r} cannot stand in a column of type {type_title(kind)}.",
            "Choose a value of that type, or export to CSV or JSON Lines from a file with text labels.",
        ) from error
    return text


def type_title(kind: str) -> str:
    """The kind in words for a column list."""
    if kind.startswith("arrow:"):
        from analysis.load.arrow_cells import arrow_type

        return str(arrow_type(kind))
    return {"text": "text", "json": "JSON"}[kind]
