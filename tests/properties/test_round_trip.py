"""A file is loaded and exported: every cell comes back, and with decisions exactly the decided ones differ.

The files are written and read back by libraries that Plumbline's own readers and writers do not share.
"""

import contextlib
import csv
import gzip
import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from analysis.export import export
from analysis.load.options import ReadOptions
from analysis.review.decide import decide
from analysis.schema import Roles
from analysis.store import Store
from tests.loading import loaded

pytestmark = pytest.mark.slow

_FEW = settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
_ONE_COLUMN = "one.csv"
_HOSTILE = [
    "",
    " ",
    "None",
    "null",
    "NaN",
    "=1+1",
    "@SUM(A1)",
    "007",
    "-0",
    "1.10",
    "123456789012345678901234567890",
    '"',
    '""',
    "a,b;c|d\te",
    "two\nlines",
    "two\r\nlines",
    "\r",
    "nul\0byte",
    "\ufeffmark",
    "bell\x07",
    "_x0041_",
    "日本 🙂",
    "e\u0301\u202e",
    "\u2028",
    "\ufffe",
    "# no comment",
    "'",
    "\\n",
]
_CELL = st.sampled_from(_HOSTILE) | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_FILLED = _CELL.map(lambda text: "text " + text)  # so that no row is blank and there is something to judge
_VERDICT = st.sampled_from([None, None, "drop", "keep", "unsure", "new label", '=1+1 ",;\n|\t'])
Row = tuple[str, str, str]
_ROWS = st.lists(st.tuples(_FILLED, _CELL, _CELL), min_size=1, max_size=8)
_EVERY = [(f"text {cell}", cell, cell) for cell in _HOSTILE]
_VERDICTS = st.lists(_VERDICT, min_size=8, max_size=8)
_SOME = ["new label", None, "drop", "keep", "unsure", "other", None, None]


@contextlib.contextmanager
def _loaded(data: bytes, name: str, options: ReadOptions | None = None) -> Iterator[Store]:
    """A dataset made from a file: column 0 is the text, column 1 the label."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / name
        path.write_bytes(data)
        roles = Roles(text=(0,), label=None if name == _ONE_COLUMN else 1)
        with Store(loaded(path, Path(place) / "workspace", roles, options)) as store:
            yield store


def _exported(store: Store, format: str) -> bytes:
    return export(store, store.folder.parent / f"out.{format}").path.read_bytes()


def _decided(store: Store, verdicts: Sequence[str | None], given: Sequence[Any]) -> list[tuple[int, str | None]]:
    """Record the verdicts; the rows that stay, each with its new label or None where the label stays.

    `given` are the labels as a person reads them; None and "" are no labels.
    """
    stays = []
    for number, (verdict, label) in enumerate(zip([*verdicts, *[None] * len(given)], given, strict=False)):
        if verdict == "keep" and label in (None, ""):
            verdict = None
        if verdict in ("drop", "keep", "unsure"):
            decide(store, [f"r{number + 1}"], verdict, reviewer="Ada")  # type: ignore[arg-type]
        elif verdict is not None:
            decide(store, [f"r{number + 1}"], "relabel", new_label=verdict, reviewer="Ada")
        if verdict != "drop":
            stays.append((number, None if verdict in (None, "keep", "unsure") else " ".join(verdict.split())))
    return stays


def _changed(
    rows: Sequence[Any], stays: Sequence[tuple[int, str | None]], change: Callable[[Any, str], Any]
) -> list[Any]:
    return [rows[number] if label is None else change(rows[number], label) for number, label in stays]


def _relabelled(row: Row, label: str) -> Row:
    return (row[0], label, row[2])


def _delimited(rows: Sequence[Sequence[str]], **how: Any) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, **how).writerows(rows)
    return text.getvalue()


def _read(data: bytes, **how: Any) -> list[tuple[str, ...]]:
    return [tuple(row) for row in csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True, **how)]


_DIALECTS = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from([",", ";", "\t", "|", "~", "^", "é"]),
        "lineterminator": st.sampled_from(["\n", "\r\n", "\r"]),
    }
)


@_FEW
@given(_ROWS, _VERDICTS, _DIALECTS, st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]), st.booleans())
@example(_EVERY, _SOME, {"delimiter": ",", "lineterminator": "\n"}, "utf-8", True)
@example(_EVERY, _SOME, {"delimiter": "\t", "lineterminator": "\r"}, "utf-8-sig", False)
def test_csv_and_tsv(
    rows: list[Row], verdicts: list[str | None], dialect: dict[str, str], encoding: str, header: bool
) -> None:
    names = [("text", "label", "label")] if header else []
    text = _delimited([*names, *rows], quoting=csv.QUOTE_ALL, **dialect)
    delimiter, format = dialect["delimiter"], "tsv" if dialect["delimiter"] == "\t" else "csv"
    with _loaded(text.encode(encoding), "x.csv", ReadOptions(encoding, delimiter, True, header, 0)) as store:
        out = _exported(store, format)
        assert out.startswith(b"\xef\xbb\xbf") == (encoding == "utf-8-sig")
        assert _read(out.removeprefix(b"\xef\xbb\xbf"), delimiter=delimiter) == [*names, *rows]
        stays = _decided(store, verdicts, [row[1] for row in rows])
        out = _exported(store, format).removeprefix(b"\xef\xbb\xbf")
        assert _read(out, delimiter=delimiter) == [*names, *_changed(rows, stays, _relabelled)]


@_FEW
@given(st.lists(_FILLED, min_size=1, max_size=6))
def test_one_column_keeps_its_empty_cells(cells: list[str]) -> None:
    rows = [(cell,) for cell in [*cells, "", ""]]
    text = _delimited([("only",), *rows], quoting=csv.QUOTE_ALL, lineterminator="\n")
    with _loaded(text.encode(), _ONE_COLUMN, ReadOptions("utf-8", ",", True, True, 0)) as store:
        assert _read(_exported(store, "csv")) == [("only",), *rows]


_PLAIN = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n,"), max_size=10)


@_FEW
@given(st.lists(st.tuples(_PLAIN.map(lambda text: "text" + text), _PLAIN, _PLAIN), min_size=1, max_size=8))
def test_a_file_without_quoting(rows: list[Row]) -> None:
    names = ("text", "label", "more")
    text = "".join(",".join(row) + "\n" for row in [names, *rows])
    with _loaded(text.encode(), "x.csv", ReadOptions("utf-8", ",", False, True, 0)) as store:
        assert _exported(store, "csv") == text.encode()


_KEPT_DIGITS = {"parse_int": lambda digits: ("number", digits), "parse_float": lambda digits: ("number", digits)}
_NUMBERS = st.sampled_from(["0", "-0", "1.10", "1e999", "123456789012345678901234567890"])
_VALUE = (
    _CELL.map(lambda text: json.dumps(text, ensure_ascii=False))
    | _NUMBERS
    | st.sampled_from(["null", "true", "false", "[]", '{"a": [1, {"b": null}]}', '"\\u00e9\\n"'])
)
_ABSENT = st.none()
_OBJECTS = st.lists(
    st.tuples(_FILLED.map(json.dumps), _VALUE | _ABSENT, _CELL.map(json.dumps) | _ABSENT), min_size=1, max_size=8
)
_KEYS = ("text", "label", 'odd "key" é')


def _object(values: Sequence[str | None]) -> str:
    members = [f"{json.dumps(key)}: {value}" for key, value in zip(_KEYS, values, strict=True) if value is not None]
    return "{" + ", ".join(members) + "}"


def _meaning(text: str) -> Any:
    return json.loads(text, **_KEPT_DIGITS)


def _read_as(value: str | None) -> str | None:
    """A JSON value as a person reads it: strings without their quotes."""
    return json.loads(value) if value and value.startswith('"') else None if value == "null" else value


@_FEW
@given(_OBJECTS, _VERDICTS, st.sampled_from(["json", "jsonl"]))
@example([(json.dumps(a), json.dumps(b), json.dumps(c)) for a, b, c in _EVERY], _SOME, "json")
@example([('"text"', "1", None), ('"text"', "null", '""'), ('"text"', None, '"x"')], _SOME, "jsonl")
def test_json_and_json_lines(objects: list[tuple[str | None, ...]], verdicts: list[str | None], format: str) -> None:
    """Numbers keep their digits; a key that a row lacks stays away, and a null stays a null."""
    objects = [('"text"', '"label"', '""'), *objects]  # the first row fixes the order of the keys
    lines = list(map(_object, objects))
    text = "[" + ",\n".join(lines) + "]" if format == "json" else "\n".join(lines)

    def read(data: bytes) -> list[Any]:
        return (
            _meaning(data.decode()) if format == "json" else [_meaning(line) for line in data.decode().split("\n")[:-1]]
        )

    def relabelled(row: dict[str, Any], label: str) -> dict[str, Any]:
        return {**row, "label": known.get(label, label)}

    known = {_read_as(row[1]): _meaning(row[1]) for row in objects if row[1] is not None}
    with _loaded(text.encode(), f"x.{format}") as store:
        rows = list(map(_meaning, lines))
        assert read(_exported(store, format)) == rows
        stays = _decided(store, verdicts, [_read_as(row[1]) for row in objects])
        assert read(_exported(store, format)) == _changed(rows, stays, relabelled)


_SCHEMA = pa.schema(
    {
        "text": pa.string(),
        "label": pa.large_string(),
        "integer": pa.int64(),
        "small": pa.uint8(),
        "float": pa.float64(),
        "half": pa.float32(),
        "truth": pa.bool_(),
        "moment": pa.timestamp("us", "UTC"),
        "day": pa.date32(),
        "money": pa.decimal128(20, 3),
        "bytes": pa.binary(),
        "list": pa.list_(pa.int32()),
        "words": pa.list_(pa.string()),
        "struct": pa.struct({"a": pa.int64(), "b": pa.string()}),
    }
)


def _or_none(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


_TYPED = st.fixed_dictionaries(
    {
        "text": _FILLED,
        "label": _or_none(_CELL),
        "integer": _or_none(st.integers(-(2**63), 2**63 - 1)),
        "small": _or_none(st.integers(0, 255)),
        "float": _or_none(st.floats(allow_nan=False)),
        "half": _or_none(st.floats(width=32, allow_nan=False)),
        "truth": _or_none(st.booleans()),
        "moment": _or_none(st.datetimes(timezones=st.just(UTC))),
        "day": _or_none(st.dates()),
        "money": _or_none(st.decimals(-(10**12), 10**12, places=3)),
        "bytes": _or_none(st.binary(max_size=6)),
        "list": _or_none(st.lists(_or_none(st.integers(-(2**31), 2**31 - 1)), max_size=3)),
        "words": _or_none(st.lists(_or_none(_CELL), max_size=3)),
        "struct": _or_none(st.fixed_dictionaries({"a": _or_none(st.integers(0, 9)), "b": _or_none(_CELL)})),
    }
)
_EDGE = {
    "text": "text",
    "label": "",
    "integer": 2**63 - 1,
    "small": 255,
    "float": -0.0,
    "half": float("inf"),
    "truth": False,
    "moment": datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    "day": date(1, 1, 1),
    "money": Decimal("-0.001"),
    "bytes": b"\x00\xff",
    "list": [],
    "words": [None, ""],
    "struct": {"a": None, "b": None},
}


@_FEW
@given(st.lists(_TYPED, min_size=1, max_size=6), _VERDICTS)
@example([_EDGE, dict.fromkeys(_EDGE) | {"text": "text"}, _EDGE | {"label": "x"}], _SOME)
def test_parquet_keeps_types_and_values(rows: list[dict[str, Any]], verdicts: list[str | None]) -> None:
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, _SCHEMA), file)
    expected = pq.read_table(io.BytesIO(file.getvalue())).to_pylist()
    with _loaded(file.getvalue(), "x.parquet") as store:
        out = pq.read_table(io.BytesIO(_exported(store, "parquet")))
        plain = {"label": pa.string()}  # text is written as one kind of text
        assert [field.type for field in out.schema] == [plain.get(field.name, field.type) for field in _SCHEMA]
        assert out.to_pylist() == expected
        stays = _decided(store, verdicts, [row["label"] for row in rows])
        out = pq.read_table(io.BytesIO(_exported(store, "parquet")))
        assert out.to_pylist() == _changed(expected, stays, lambda row, label: {**row, "label": label})


def _workbook(rows: Sequence[Sequence[str]]) -> bytes:
    """A workbook whose text stands in the cells themselves: in a shared table openpyxl misreads a literal _x0041_."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("Data")
        for number, row in enumerate(rows):
            for place, text in enumerate(row):
                if text:
                    sheet.write_string(number, place, text)
    return file.getvalue()


def _read_workbook(data: bytes) -> list[tuple[str, ...]]:
    """Every cell of the one sheet; each must be text, so that nothing in it can run."""
    (sheet,) = openpyxl.load_workbook(io.BytesIO(data)).worksheets
    rows = []
    for row in sheet.iter_rows():
        assert all(cell.data_type == "s" or cell.value is None for cell in row)
        rows.append(tuple(unescape(cell.value) if cell.value is not None else "" for cell in row))
    return rows


@_FEW
@given(_ROWS, _VERDICTS)
@example(_EVERY, _SOME)
def test_excel(rows: list[Row], verdicts: list[str | None]) -> None:
    names = ("text", "label", "more")
    with _loaded(_workbook([names, *rows]), "x.xlsx", ReadOptions(header=True, skip_lines=0)) as store:
        assert _read_workbook(_exported(store, "xlsx")) == [names, *rows]
        stays = _decided(store, verdicts, [row[1] for row in rows])
        assert _read_workbook(_exported(store, "xlsx")) == [names, *_changed(rows, stays, _relabelled)]


@settings(_FEW, max_examples=3)
@given(_ROWS, st.sampled_from(["gz", "zip"]))
@example(_EVERY, "zip")
def test_packed_files_come_out_unpacked(rows: list[Row], kind: str) -> None:
    names = ("text", "label", "more")
    data = _delimited([names, *rows], quoting=csv.QUOTE_ALL).encode()
    packed = gzip.compress(data)
    if kind == "zip":
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("inside.csv", data)
        packed = file.getvalue()
    with _loaded(packed, f"x.csv.{kind}", ReadOptions("utf-8", ",", True, True, 0)) as store:
        assert _read(_exported(store, "csv")) == [names, *rows]


_READERS: dict[str, Callable[[bytes], list[tuple[str, ...]]]] = {
    "csv": lambda data: _read(data)[1:],
    "tsv": lambda data: _read(data, delimiter="\t")[1:],
    "json": lambda data: [tuple(row.values()) for row in json.loads(data)],
    "jsonl": lambda data: [tuple(json.loads(line).values()) for line in data.decode().split("\n")[:-1]],
    "parquet": lambda data: [tuple(row.values()) for row in pq.read_table(io.BytesIO(data)).to_pylist()],
    "xlsx": lambda data: _read_workbook(data)[1:],
}


@settings(_FEW, max_examples=3)
@given(_ROWS, _VERDICTS)
def test_csv_becomes_any_format(rows: list[Row], verdicts: list[str | None]) -> None:
    text = _delimited([("text", "label", "more"), *rows], quoting=csv.QUOTE_ALL)
    with _loaded(text.encode(), "x.csv", ReadOptions("utf-8", ",", True, True, 0)) as store:
        stays = _decided(store, verdicts, [row[1] for row in rows])
        for format, read in _READERS.items():
            assert read(_exported(store, format)) == _changed(rows, stays, _relabelled)
