"""One label for each example, as a file for those who train: CSV or Parquet."""

import io
import json

import numpy as np
import pyarrow as pa

from analysis.export.formats import Dialect, write_delimited
from analysis.queries.corrected import Corrected
from analysis.queries.settled import Settled, settled
from analysis.schema import Column
from analysis.store import Store

SETTLED_FORMATS = ("csv", "parquet")


def settled_bytes(store: Store, format: str, *, spreadsheet_safe: bool = False) -> bytes:
    """What a person decided about each example, else the consensus of its annotators; format is csv or parquet.

    Columns as of the consensus – example_id, label, confidence, tied, method, soft_labels – then by ("decision" or
    "consensus") and reviewer. In Parquet soft_labels is a list in the order of the classes, which stand as JSON in the
    file's metadata under "classes"; in CSV it is JSON by label, without those that have no share.
    `spreadsheet_safe` writes an apostrophe before cells of a CSV that a spreadsheet would run as a formula.
    """
    found = settled(store)
    return _parquet(found) if format == "parquet" else _csv(found, safe=spreadsheet_safe)


def _parquet(found: Settled) -> bytes:
    import pyarrow.parquet as pq

    examples, classes = found.soft.shape
    starts = np.arange(examples + 1, dtype=np.int64) * classes
    columns = {
        **_texts(found, "example_id", "label"),
        "confidence": pa.array(found.rows["confidence"].to_numpy(dtype=np.float32), from_pandas=True),
        "tied": pa.array(found.rows["tied"].to_numpy(dtype=bool)),
        **_texts(found, "method"),
        "soft_labels": pa.LargeListArray.from_arrays(pa.array(starts), pa.array(found.soft.ravel())),
        **_texts(found, "by", "reviewer"),
    }
    file = io.BytesIO()
    table = pa.table(columns).replace_schema_metadata({"classes": json.dumps(found.classes)})
    pq.write_table(table, file, write_page_checksum=True)
    return file.getvalue()


def _csv(found: Settled, *, safe: bool) -> bytes:
    columns = {
        **_texts(found, "example_id", "label"),
        "confidence": pa.array([None if one != one else f"{one:.6g}" for one in found.rows["confidence"]], pa.string()),
        "tied": pa.array(["true" if tied else "false" for tied in found.rows["tied"]], pa.string()),
        **_texts(found, "method"),
        "soft_labels": pa.array([_shares(found.classes, row) for row in found.soft], pa.string()),
        **_texts(found, "by", "reviewer"),
    }
    cells = pa.table({f"c{place}": column for place, column in enumerate(columns.values())})
    file = io.BytesIO()
    named = tuple(Column(place, name) for place, name in enumerate(columns))
    write_delimited(Corrected(named, cells.column(0), cells), file, Dialect(safe=safe))
    return file.getvalue()


def _texts(found: Settled, *names: str) -> dict[str, pa.Array]:
    return {name: pa.array(found.rows[name].tolist(), pa.string()) for name in names}


def _shares(classes: tuple[str, ...], row: np.ndarray) -> str:
    present = np.flatnonzero(row)
    return json.dumps({classes[k]: float(f"{row[k]:.6g}") for k in present}, ensure_ascii=False)
