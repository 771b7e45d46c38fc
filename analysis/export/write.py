"""Writing an export: the file, the decisions and the manifest, each whole or not at all."""

import hashlib
import json
import os
import tempfile
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

from analysis.errors import UserError
from analysis.export.formats import (
    Dialect,
    write_delimited,
    write_excel,
    write_json,
    write_json_lines,
    write_parquet,
)
from analysis.export.record import as_json_lines, every_act, manifest
from analysis.queries.corrected import Corrected, Preview, corrected, preview
from analysis.schema import Column
from analysis.store import SOURCE, Store

FORMATS = ("csv", "tsv", "jsonl", "json", "parquet", "xlsx")
_TYPED = ("parquet", "json", "jsonl")  # formats in which a column has a type that a new label must fit
_SAFE = ".spreadsheet-safe"


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written, and what was changed in it."""

    path: Path
    decisions: Path
    manifest: Path
    format: str
    rows: int
    sha256: str
    notices: tuple[str, ...]
    preview: Preview


def export(store: Store, path: Path, format: str | None = None, *, spreadsheet_safe: bool = False) -> ExportReport:
    """Write the corrected data to `path`, and beside it `<stem>.decisions.csv` (or .jsonl) and `<stem>.manifest.json`.

    The format follows from the ending unless it is given. `spreadsheet_safe` (CSV and TSV) writes an apostrophe before
    cells that a spreadsheet would run as a formula, and says so in the file's name. Raises UserError when the format
    cannot hold the data, when the file that was loaded would be overwritten, or when the disk refuses.
    """
    chosen = _format(path, format)
    if spreadsheet_safe:
        if chosen not in ("csv", "tsv"):
            raise UserError(
                f"Spreadsheet-safe is a way to write CSV and TSV, not {chosen}.",
                "Leave it off: an .xlsx from here holds plain text only, the other formats are not for spreadsheets.",
            )
        path = path.with_name(path.stem + _SAFE + path.suffix)
    refuse_to_overwrite_source(store, path)
    seen = preview(store)
    rows = corrected(store, typed=chosen in _TYPED)
    acts = every_act(store)
    beside = path.with_name(path.stem)
    decisions = Path(f"{beside}.decisions.{'jsonl' if chosen in _TYPED else 'csv'}")
    about = Path(f"{beside}.manifest.json")
    dialect, notices = _dialect(store, chosen, safe=spreadsheet_safe)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, lambda partial: _write(store, rows, partial, chosen, dialect))
        sha256, size = _fingerprint(path)
        output = {
            "name": path.name,
            "format": chosen,
            "rows": rows.cells.num_rows,
            "bytes": size,
            "sha256": sha256,
        }
        write_whole(decisions, lambda partial: _write_acts(acts, partial, decisions, safe=spreadsheet_safe))
        text = json.dumps(manifest(store, seen, output, spreadsheet_safe=spreadsheet_safe), indent=1) + "\n"
        write_whole(about, lambda partial: _in_binary(partial, lambda file: file.write(text.encode())))
    except OSError as error:
        raise _cannot_be_written(error, path) from error
    return ExportReport(path, decisions, about, chosen, rows.cells.num_rows, sha256, notices, seen)


def export_bytes(store: Store, format: str, *, spreadsheet_safe: bool = False) -> dict[str, bytes]:
    """The same three files by name, for a browser to save: the data first, then the decisions, then the manifest."""
    with tempfile.TemporaryDirectory(prefix="export-", dir=store.folder / "tmp") as scratch:
        target = Path(scratch) / f"{store.name}-corrected.{format}"
        report = export(store, target, format, spreadsheet_safe=spreadsheet_safe)
        return {path.name: path.read_bytes() for path in (report.path, report.decisions, report.manifest)}


def _format(path: Path, format: str | None) -> str:
    chosen = format or path.suffix.lstrip(".").lower()
    if chosen not in FORMATS:
        named = f"{path.name[:80]!r} does not end like a format" if format is None else f"{format[:20]!r} is no format"
        raise UserError(f"{named} that can be written.", f"Use one of {', '.join('.' + name for name in FORMATS)}.")
    return chosen


def refuse_as_parquet(store: Store, path: Path) -> None:
    """Raise UserError for another ending than .parquet, and where the file that was loaded would be overwritten."""
    if path.suffix.lower() != ".parquet":
        raise UserError(f"{path.name[:80]!r} does not end in .parquet.", "This is written as Parquet: -o FILE.parquet.")
    refuse_to_overwrite_source(store, path)


def write_parquet_table(path: Path, table: pa.Table) -> None:
    """Write a table that is no dataset, whole or not at all. Raises UserError when the disk refuses."""
    import pyarrow.parquet as pq

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, lambda partial: pq.write_table(table, partial, write_page_checksum=True))
    except OSError as error:
        raise _cannot_be_written(error, path) from error


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file that is no dataset, whole or not at all. Raises UserError when the disk refuses."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, lambda partial: partial.write_bytes(data))
    except OSError as error:
        raise _cannot_be_written(error, path) from error


def _cannot_be_written(error: OSError, path: Path) -> UserError:
    return UserError(
        f"{str(error.filename or path)[:200]!r} cannot be written: {error.strerror or error}.",
        "Choose a folder that you may write to and that has room.",
    )


def refuse_to_overwrite_source(store: Store, path: Path) -> None:
    """Raises UserError where `path` is the file that was loaded (its name and content), one of several that were, or
    what the dataset is made of.
    """
    place, folder = path.resolve(), store.folder.resolve()
    if place.is_relative_to(folder) and not place.is_relative_to(folder / "tmp"):
        raise UserError(f"{path.name[:80]!r} would lie inside the dataset's own folder.", "Choose another folder.")
    parts = folder / SOURCE / "files.json"
    loaded = [Path(part["path"]).resolve() for part in json.loads(parts.read_text("utf-8"))] if parts.exists() else []
    is_source = place.name == store.meta("source_name") and place.is_file()
    if place in loaded or (is_source and _fingerprint(place)[0] == store.meta("source_sha256")):
        raise UserError(
            f"{path.name[:80]!r} is the file that was loaded.", "Choose another name, so that the original stays."
        )


def _dialect(store: Store, format: str, *, safe: bool) -> tuple[Dialect, tuple[str, ...]]:
    """Like the source where that is of the same kind; always UTF-8."""
    options: dict[str, Any] = json.loads(store.meta("options") or "{}")
    source = store.meta("format")
    encoding = options.get("encoding") or "utf-8"
    same = source == format
    header = options.get("header") is not False
    delimiter = (options.get("delimiter") if same else None) or ("\t" if format == "tsv" else ",")
    quoting = not same or options.get("quoting") is not False
    mark = same and encoding == "utf-8-sig"
    notices = []
    if format in ("csv", "tsv") and not encoding.startswith("utf-8"):
        notices.append(f"The file that was loaded is {encoding.upper()}; the export is UTF-8.")
    return Dialect(delimiter, quoting, header, mark, safe), tuple(notices)


def _write(store: Store, rows: Corrected, path: Path, format: str, dialect: Dialect) -> None:
    absent = store.meta("format") in ("json", "jsonl", "labelstudio")
    if format == "xlsx":
        options = json.loads(store.meta("options") or "{}")
        write_excel(rows, path, header=dialect.header, sheet=options.get("sheet"))
        return
    writers: dict[str, Callable[[BinaryIO], object]] = {
        "csv": lambda file: write_delimited(rows, file, dialect),
        "tsv": lambda file: write_delimited(rows, file, dialect),
        "json": lambda file: write_json(rows, file, absent=absent),
        "jsonl": lambda file: write_json_lines(rows, file, absent=absent),
        "parquet": lambda file: write_parquet(rows, file),
    }
    _in_binary(path, writers[format])


def _write_acts(acts: Any, partial: Path, target: Path, *, safe: bool) -> None:
    if target.suffix == ".jsonl":
        _in_binary(partial, lambda file: file.write(as_json_lines(acts)))
        return
    texts = acts.astype(object).where(acts.notna(), None).map(lambda value: value if value is None else str(value))
    columns = tuple(Column(i, str(name)) for i, name in enumerate(texts.columns))
    cells = pa.table({f"c{i}": pa.array(texts.iloc[:, i], pa.string()) for i in range(len(columns))})
    rows = Corrected(columns, cells.column(0), cells)
    _in_binary(partial, lambda file: write_delimited(rows, file, Dialect(safe=safe)))


def _in_binary(path: Path, write: Callable[[BinaryIO], object]) -> None:
    with path.open("wb") as file:
        write(file)


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Write beside, flush to the disk, then rename: nobody ever sees half a file."""
    partial = path.with_name(f".{uuid.uuid4().hex}.partial")
    try:
        write(partial)
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _fingerprint(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size
