"""Every opinion of every check as one Parquet file, whole or not at all."""

from pathlib import Path

from analysis.errors import UserError
from analysis.export.write import refuse_to_overwrite_source, write_whole
from analysis.queries.findings import all_findings
from analysis.store import Store


def export_findings(store: Store, path: Path, check: str | None = None) -> int:
    """Write the findings of all checks, or of one, and return how many there are.

    Columns as in `all_findings`. Raises UserError for another ending than .parquet, when the file that was loaded would
    be overwritten, when nothing has been scanned, for an unknown check, and when the disk refuses.
    """
    import pyarrow.parquet as pq

    if path.suffix.lower() != ".parquet":
        raise UserError(
            f"{path.name[:80]!r} does not end in .parquet.", "Findings are written as Parquet: -o FILE.parquet."
        )
    refuse_to_overwrite_source(store, path)
    found = all_findings(store, check)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, lambda partial: pq.write_table(found, partial, write_page_checksum=True))
    except OSError as error:
        raise UserError(
            f"{str(path)[:200]!r} cannot be written: {error.strerror or error}.",
            "Choose a folder that you may write to and that has room.",
        ) from error
    rows: int = found.num_rows
    return rows
