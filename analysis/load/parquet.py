"""Parquet: one file, or a folder or pattern of files with the same columns, read batch by batch under a byte budget."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from analysis.errors import BadFile
from analysis.load.arrow_cells import encode, kind_of
from analysis.load.options import Findings, Limits, ReadOptions
from analysis.load.table import CHARACTERS_A_CHUNK, TableWriter, check_field, rows_a_chunk, too_many_columns
from analysis.load.unpack import expanded_too_far

_BATCH_BYTES = 67_108_864  # what a batch may expand to if every row repeats its column's longest value
_BROKEN = (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError)

Share = Callable[[float], None]


def read_parquet(paths: Sequence[Path], findings: Findings, writer: TableWriter, share: Share) -> None:
    """Read files with the same columns, in the order given, as one table of text cells.

    Raises BadFile for a file that is not whole, that differs from the first one, or that expands beyond the limits.
    """
    schema = _schema(paths, writer.limits)
    for field in schema:
        writer.add_column(field.name, kind_of(field.type))
    rows = declared = 0
    for path in paths:
        with _open(path) as file:
            _check_columns(paths[0], schema, path, file.schema_arrow)
            rows += file.metadata.num_rows
            declared += _uncompressed(file)
    _check_size(declared, declared, writer.limits)  # the ratio is judged by what really comes out
    packed = sum(path.stat().st_size for path in paths)
    cells = _Cells(writer, packed, lambda done: share(done / max(rows, 1)))
    for path in paths:
        with _open(path) as file:
            for batch in _batches(file):
                cells.add(batch)
    cells.flush()
    findings.format = "parquet"
    findings.options = ReadOptions()


def _schema(paths: Sequence[Path], limits: Limits) -> pa.Schema:
    with _open(paths[0]) as file:
        schema = file.schema_arrow
    if len(schema) > limits.columns:
        raise too_many_columns(len(schema), limits)
    return schema


def _batches(file: pq.ParquetFile) -> Iterator[pa.RecordBatch]:
    for group in range(file.num_row_groups):
        batches = file.iter_batches(_batch_rows(file, group), row_groups=[group], use_threads=False)
        while True:
            try:
                batch = next(batches, None)
            except _BROKEN as error:
                raise _incomplete(error) from error
            if batch is None:
                break
            yield batch


class _Cells:
    """Batches on their way to text, counted in bytes, gathered into chunks worth writing."""

    def __init__(self, writer: TableWriter, packed: int, share: Share) -> None:
        self._writer = writer
        self._packed = packed
        self._share = share
        self._batches: list[list[pa.Array]] = []
        self._rows = self._bytes = self._expanded = self._seen = 0

    def add(self, batch: pa.RecordBatch) -> None:
        try:
            arrays = self._encoded(batch)
        except UnicodeDecodeError:
            for i in range(batch.num_rows):
                self._add_alone(batch.slice(i, 1), self._seen + i + 1)
        else:
            self._keep(arrays)
        self._seen += batch.num_rows
        self._share(self._seen)

    def _add_alone(self, row: pa.RecordBatch, number: int) -> None:
        try:
            arrays = self._encoded(row)
        except UnicodeDecodeError:
            self._writer.reject(number, "text that is not valid UTF-8", _raw(row))
        else:
            self._keep([pa.concat_arrays([array]) for array in arrays])

    def _encoded(self, batch: pa.RecordBatch) -> list[pa.Array]:
        arrays = [_text(column) for column in batch.columns]
        size = sum(array.nbytes for array in arrays)
        self._expanded += size
        _check_size(self._expanded, self._packed, self._writer.limits)
        for name, array in zip(batch.schema.names, arrays, strict=True):
            longest = pc.max(pc.binary_length(array)).as_py() or 0
            check_field(longest, f"A cell of {name[:60]!r}", self._writer.limits)
        return arrays

    def _keep(self, arrays: list[pa.Array]) -> None:
        self._batches.append(arrays)
        self._rows += len(arrays[0]) if arrays else 0
        self._bytes += sum(array.nbytes for array in arrays)
        if self._rows >= rows_a_chunk(len(arrays)) or self._bytes > 2 * CHARACTERS_A_CHUNK:
            self.flush()

    def flush(self) -> None:
        if self._batches:
            self._writer.write_arrays([pa.concat_arrays(column) for column in zip(*self._batches, strict=True)])
        self._batches, self._rows, self._bytes = [], 0, 0


def _raw(row: pa.RecordBatch) -> str:
    """A row for the eye: its text as bytes, since that does not decode; nested values are left out."""
    shown = []
    for name, column in zip(row.schema.names, row.columns, strict=True):
        if pa.types.is_dictionary(column.type):
            column = column.dictionary_decode()
        if kind_of(column.type) == "text":
            column = column.cast(pa.binary())
        if not pa.types.is_nested(column.type):
            shown.append(f"{name}={column.to_pylist()[0]!r}")
    return ", ".join(shown)


def _text(column: pa.Array) -> pa.Array:
    """Cells of one column; raises UnicodeDecodeError where its text is not UTF-8, which Arrow does not check."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    try:
        column.validate(full=True)
    except pa.ArrowInvalid as error:
        raise UnicodeDecodeError("utf-8", b"", 0, 0, str(error)) from error
    return encode(column)


def _open(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path, page_checksum_verification=True, pre_buffer=False, memory_map=False)
    except _BROKEN as error:
        raise _incomplete(error) from error


def _incomplete(error: Exception) -> BadFile:
    return BadFile(
        f"This is not a complete Parquet file: {str(error).splitlines()[0][:200]}", "Write or fetch the file again."
    )


def _check_columns(first: Path, schema: pa.Schema, path: Path, other: pa.Schema) -> None:
    if other.names != schema.names:
        differ = sorted(set(other.names) ^ set(schema.names)) or other.names
        raise BadFile(
            f"{path.name!r} has other columns than {first.name!r}: {', '.join(map(repr, differ[:5]))}.",
            "Load files of one table together, others by themselves.",
        )
    for a, b in zip(schema, other, strict=True):
        if kind_of(a.type) != kind_of(b.type):
            raise BadFile(
                f"Column {a.name!r} is {a.type} in {first.name!r} and {b.type} in {path.name!r}.",
                "Write all files with the same types.",
            )


def _uncompressed(file: pq.ParquetFile) -> int:
    return sum(int(file.metadata.row_group(i).total_byte_size) for i in range(file.num_row_groups))


def _check_size(expanded: int, packed: int, limits: Limits) -> None:
    generous = replace(limits, expanded=limits.parquet_expanded, ratio_floor=limits.parquet_ratio_floor)
    if refusal := expanded_too_far(expanded, packed, generous, "The Parquet file"):
        raise refusal


def _batch_rows(file: pq.ParquetFile, group: int) -> int:
    """Few rows at a time where a short dictionary could stand for very long values."""
    metadata = file.metadata.row_group(group)
    columns = [metadata.column(i) for i in range(metadata.num_columns)]
    longest: int = sum(c.total_uncompressed_size for c in columns if c.has_dictionary_page)
    return max(64, min(8192, _BATCH_BYTES // max(longest, 1)))
