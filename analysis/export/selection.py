"""The examples of a selection as a file."""

import io

import pyarrow as pa

from analysis.export.formats import Dialect, write_delimited
from analysis.queries.corrected import Corrected
from analysis.queries.points import in_full
from analysis.schema import Column
from analysis.store import Store


def selection_csv(store: Store, example_ids: pa.Array) -> bytes:
    """These examples as `in_full` tells them, as CSV in UTF-8 with a mark, in which no cell can run as a formula in a
    spreadsheet.
    """
    table = in_full(store, example_ids)
    columns = tuple(Column(place, name) for place, name in enumerate(table.column_names))
    cells = table.rename_columns([f"c{place}" for place in range(len(columns))])
    file = io.BytesIO()
    write_delimited(Corrected(columns, table["example_id"], cells), file, Dialect(safe=True, mark=True))
    return file.getvalue()
