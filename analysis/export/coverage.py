"""Tables of the Coverage page as CSV."""

import io

import pandas as pd
import pyarrow as pa

from analysis.export.formats import Dialect, write_delimited
from analysis.queries.corrected import Corrected
from analysis.schema import Column


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


def _cell(value: object) -> str:
    if isinstance(value, tuple):
        return "\n".join(value)
    return f"{value:.4g}" if isinstance(value, float) else str(value)
