"""Every opinion of every check as one Parquet file, whole or not at all."""

from pathlib import Path

from analysis.export.write import refuse_as_parquet, write_parquet_table
from analysis.queries.findings import all_findings
from analysis.store import Store


def export_findings(store: Store, path: Path, check: str | None = None) -> int:
    """Write the findings of all checks, or of one, and return how many there are.

    Columns as in `all_findings`. Raises UserError for another ending than .parquet, when the file that was loaded would
    be overwritten, when nothing has been scanned, for an unknown check, and when the disk refuses.
    """
    refuse_as_parquet(store, path)
    found = all_findings(store, check)
    write_parquet_table(path, found)
    rows: int = found.num_rows
    return rows
