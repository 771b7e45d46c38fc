"""Files as if they had been read, built by hand."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa

from analysis.load.options import ReadFile, ReadOptions
from analysis.schema import Column

CSV = ReadOptions(encoding="utf-8", delimiter=",", header=True, skip_lines=0)


def read_table(
    names: Sequence[str],
    rows: Sequence[Sequence[str | None]],
    *,
    kinds: Sequence[str] = (),
    format: str = "csv",
    options: ReadOptions = CSV,
) -> ReadFile:
    """A file with these columns and cells."""
    columns = tuple(Column(i, name, kinds[i] if kinds else "text") for i, name in enumerate(names))
    cells = pa.table({f"c{i}": pa.array([row[i] for row in rows], pa.string()) for i in range(len(names))})
    rejected = pd.DataFrame({"line": pd.Series([], dtype="int64"), "reason": [], "raw": []})
    return ReadFile("data.csv", format, options, columns, cells, rejected.astype({"reason": str, "raw": str}))


def write(path: Path, text: str) -> Path:
    """A text file, newlines as given."""
    path.write_text(text, encoding="utf-8", newline="")
    return path
