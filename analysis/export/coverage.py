"""Tables of the Coverage page as CSV."""

import io
from pathlib import Path

import pandas as pd
import pyarrow as pa

from analysis.errors import UserError
from analysis.export.formats import Dialect, write_delimited
from analysis.export.write import refuse_to_overwrite_source, write_bytes
from analysis.queries.corrected import Corrected
from analysis.schema import Column
from analysis.store import Store


def coverage_csv(rows: pd.DataFrame) -> bytes:
    """A frame as CSV in UTF-8 with a mark, in which no cell can run as a formula in a spreadsheet.

    Numbers with four digits; several texts in a cell stand on lines of their own; the column `part` is left out.
    """
    shown = rows.drop(columns="part", errors="ignore")
    columns = tuple(Column(place, str(name)) for place, name in enumerate(shown.columns))
    cells = pa.table(
        {
            f"c{place}": pa.array([_cell(value) for value in shown.iloc[:, place]], pa.string())
            for place in range(len(columns))
        }
    )
    file = io.BytesIO()
    write_delimited(Corrected(columns, pa.nulls(len(shown), pa.string()), cells), file, Dialect(safe=True, mark=True))
    return file.getvalue()


def export_coverage(store: Store, path: Path, rows: pd.DataFrame) -> None:
    """Write such a table. Raises UserError for another ending than .csv, when the file that was loaded would be
    overwritten, and when the disk refuses.
    """
    if path.suffix.lower() != ".csv":
        raise UserError(f"{path.name[:80]!r} does not end in .csv.", "This is written as CSV: -o FILE.csv.")
    refuse_to_overwrite_source(store, path)
    write_bytes(path, coverage_csv(rows))


def _cell(value: object) -> str:
    if isinstance(value, tuple):
        return "\n".join(value)
    return f"{value:.4g}" if isinstance(value, float) else str(value)
