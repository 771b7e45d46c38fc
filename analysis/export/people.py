"""What annotators' labels come to, as files: the consensus as Parquet, feedback as CSV, and all of it in one ZIP."""

import io
import json
import zipfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa

from analysis.export.formats import Dialect, write_delimited
from analysis.export.people_markdown import feedback_markdown
from analysis.export.write import refuse_as_parquet, write_parquet_table
from analysis.people.consensus import Consensus
from analysis.queries.corrected import Corrected
from analysis.queries.people_feedback import Feedback, file_name
from analysis.schema import Column
from analysis.store import Store


def export_consensus(store: Store, path: Path, found: Consensus) -> int:
    """Write a consensus and return the number of examples.

    Columns example_id, label, confidence, tied, method, soft_labels: a list of probabilities in the order of the
    classes, which stand as JSON in the file's metadata under "classes". Raises UserError for another ending than
    .parquet, when the file that was loaded would be overwritten, and when the disk refuses.
    """
    refuse_as_parquet(store, path)
    write_parquet_table(path, _table(found))
    return len(found.examples)


def feedback_csv(found: Feedback) -> bytes:
    """All rows of a feedback as CSV in UTF-8 with a mark, in which no cell can run as a formula in a spreadsheet."""
    rows = found.frame()
    texts = rows.astype(object).where(rows.notna(), None)
    # Rounded down, so that no consensus looks certain.
    sure = [None if value is None else min(int(1_000 * value), 999) / 1_000 for value in texts["confidence"]]
    texts["confidence"] = [None if value is None else f"{value:.3f}" for value in sure]
    texts["by"] = texts["by"].replace("verdict", "decision")
    texts["cited"] = ["yes" if value else "no" for value in texts["cited"]]
    columns = tuple(Column(place, str(name)) for place, name in enumerate(texts.columns))
    cells = pa.table({f"c{place}": pa.array(texts.iloc[:, place], pa.string()) for place in range(len(columns))})
    file = io.BytesIO()
    write_delimited(Corrected(columns, cells.column(0), cells), file, Dialect(safe=True, mark=True))
    return file.getvalue()


def feedback_zip(found: Iterable[Feedback]) -> bytes:
    """The feedback for many annotators: of each a Markdown and a CSV file that carry the name, no two the same."""
    file, taken = io.BytesIO(), set[str]()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as together:
        for one in found:
            stem, number = file_name(one.annotator), 2
            while stem.casefold() in taken:  # on some disks capitals make no difference
                stem, number = f"{file_name(one.annotator)}-{number}", number + 1
            taken.add(stem.casefold())
            together.writestr(f"feedback-{stem}.md", feedback_markdown(one))
            together.writestr(f"feedback-{stem}.csv", feedback_csv(one))
    return file.getvalue()


def _table(found: Consensus) -> pa.Table:
    examples, classes = found.posterior.shape
    soft = np.ascontiguousarray(found.posterior, dtype=np.float32)
    starts = np.arange(examples + 1, dtype=np.int64) * classes
    names = pa.array(found.classes.tolist(), pa.string())
    columns = {
        "example_id": pa.array(found.examples.tolist(), pa.string()),
        "label": names.take(pa.array(found.label)),
        "confidence": pa.array(found.confidence, pa.float32()),
        "tied": pa.array(found.tied),
        "method": pa.array([found.method] * examples, pa.string()),
        "soft_labels": pa.LargeListArray.from_arrays(pa.array(starts), pa.array(soft.ravel())),
    }
    return pa.table(columns).replace_schema_metadata({"classes": json.dumps([str(name) for name in found.classes])})
