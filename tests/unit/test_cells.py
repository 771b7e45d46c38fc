"""Cells: every typed value comes back bit for bit, and a person can read every cell."""

import datetime as dt
import math
import struct
import uuid
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import UserError
from analysis.load.arrow_cells import arrow_type, decode, encode, kind_of
from analysis.load.cells import as_json, cell_for, plain, plain_column, type_title


def stored(values: list[int | None], type_: pa.DataType) -> pa.Array:
    """An array of a temporal type from the integers that it stores."""
    return pa.array(values, pa.int32() if type_.bit_width == 32 else pa.int64()).cast(type_)


def raw(array: pa.Array) -> list[Any]:
    """Values for comparison: times as stored integers, floats as their bytes."""
    type_ = array.type
    if pa.types.is_temporal(type_):
        return array.view(pa.int32() if type_.bit_width == 32 else pa.int64()).to_pylist()  # type: ignore[no-any-return]
    return [struct.pack("d", v) if isinstance(v, float) and not math.isnan(v) else str(v) for v in array.to_pylist()]


CELLS = [
    (pa.array([1, None, -(2**63), 2**63 - 1]), ["1", None, "-9223372036854775808", "9223372036854775807"]),
    (pa.array([2**64 - 1], pa.uint64()), ["18446744073709551615"]),
    (pa.array([True, None, False]), ["true", None, "false"]),
    (pa.array([1.0, -0.0, math.nan, math.inf, 0.1, 5e-324]), ["1", "-0", "nan", "inf", "0.1", "5e-324"]),
    (pa.array([0.1, 3.4028235e38], pa.float32()), ["0.1", "3.4028235e+38"]),
    (pa.array([Decimal("1.20"), None], pa.decimal128(10, 2)), ["1.20", None]),
    (
        stored([0, 1_700_000_000_123_456, None, 2**63 - 1], pa.timestamp("us")),
        ["1970-01-01 00:00:00.000000", "2023-11-14 22:13:20.123456", None, "9223372036854775807"],
    ),
    (stored([0], pa.timestamp("us", "Europe/Rome")), ["1970-01-01 01:00:00.000000+0100"]),
    (stored([0, -800_000, 5_000_000], pa.date32()), ["1970-01-01", "-800000", "5000000"]),
    (stored([5, 86_399_999_999], pa.time64("us")), ["00:00:00.000005", "23:59:59.999999"]),
    (stored([-7, None], pa.duration("ms")), ["-7", None]),
    (pa.array([b"\x00\xff", None, b""]), ["AP8=", None, ""]),
    (pa.array([b"ab"], pa.binary(2)), ["YWI="]),
    (pa.array([None, None], pa.null()), [None, None]),
    (pa.array(["a", None, "a"]).dictionary_encode(), ["a", None, "a"]),
    (pa.array([3, 4, 3]).dictionary_encode(), ["3", "4", "3"]),
    (pa.array([[0.1, 2.0], None, []], pa.list_(pa.float32())), ["[0.1, 2]", None, "[]"]),
    (pa.array([[0.1, None, math.nan, math.inf]]), ["[0.1, null, NaN, Infinity]"]),
    (pa.array([[1.5, 2.0], None], pa.list_(pa.float32(), 2)), ["[1.5, 2]", None]),
    (pa.array([['q"', None, "é"]]), ['["q\\"", null, "é"]']),
    (pa.array([{"a": 1, "b": [dt.date(2020, 1, 2)]}, None]), ['{"a": 1, "b": ["2020-01-02"]}', None]),
    (pa.array([[("k", 1), ("l", None)], []], pa.map_(pa.string(), pa.int64())), ['[["k", 1], ["l", null]]', "[]"]),
]


@pytest.mark.parametrize(
    ("array", "cells"), CELLS, ids=lambda value: str(value.type) if isinstance(value, pa.Array) else ""
)
def test_typed_values_have_this_text_and_come_back(array: pa.Array, cells: list[str | None]) -> None:
    kind = kind_of(array.type)
    assert encode(array).to_pylist() == cells
    back = decode(pa.array(cells, pa.string()), kind)
    plain_array = array.dictionary_decode() if pa.types.is_dictionary(array.type) else array
    assert back.type == plain_array.type
    assert raw(back) == raw(plain_array)
    assert encode(array.slice(1)).to_pylist() == cells[1:], "a slice of a column"


def test_an_extension_type_survives() -> None:
    array = pa.ExtensionArray.from_storage(pa.uuid(), pa.array([uuid.UUID(int=7).bytes, None], pa.binary(16)))
    assert decode(encode(array), kind_of(array.type)).equals(array)


_NUMBERS = [pa.int8(), pa.uint64(), pa.float32(), pa.float64(), pa.bool_(), pa.decimal128(12, 3)]
_TIMES = [pa.date32(), pa.time32("s"), pa.timestamp("ns"), pa.timestamp("us", "UTC"), pa.duration("s")]
_LEAVES = st.sampled_from([*_NUMBERS, *_TIMES, pa.string(), pa.large_string(), pa.binary()])
_TYPES = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        inner.map(pa.list_),
        st.lists(inner, min_size=1, max_size=3).map(
            lambda types: pa.struct([(f"f{i}", t) for i, t in enumerate(types)])
        ),
        inner.map(lambda type_: pa.map_(pa.string(), type_)),
    ),
    max_leaves=4,
)


def values(type_: pa.DataType) -> st.SearchStrategy[Any]:
    """Values that `pa.array` accepts for a type; times as the integers that are stored."""
    limits = {1: (-128, 127), 8: (0, 2**64 - 1), 4: (-(2**31), 2**31 - 1)}
    if pa.types.is_struct(type_):
        return st.none() | st.fixed_dictionaries({field.name: values(field.type) for field in type_})
    if pa.types.is_map(type_):
        return st.none() | st.lists(st.tuples(st.text(max_size=3), values(type_.item_type)), max_size=3)
    if pa.types.is_list(type_):
        return st.none() | st.lists(values(type_.value_type), max_size=4)
    if pa.types.is_floating(type_):
        return st.none() | st.floats(width=32 if type_.bit_width == 32 else 64)
    if pa.types.is_integer(type_):
        return st.none() | st.integers(*limits[type_.bit_width // 8])
    if pa.types.is_time(type_):
        return st.none() | st.integers(0, 86_399)
    if pa.types.is_temporal(type_):
        bits = type_.bit_width - 1
        return st.none() | st.integers(-(2**bits), 2**bits - 1)
    if pa.types.is_decimal(type_):
        return st.none() | st.decimals(-999_999_999, 999_999_999, places=3)
    if pa.types.is_boolean(type_):
        return st.none() | st.booleans()
    return st.none() | (st.binary(max_size=5) if pa.types.is_binary(type_) else st.text(max_size=8))


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_column_comes_back_to_the_bit(data: st.DataObject) -> None:
    type_ = data.draw(_TYPES)
    array = pa.array(data.draw(st.lists(values(type_), max_size=4)), type_)
    kind = kind_of(type_)
    back = decode(encode(array), kind)
    assert back.type == (pa.string() if kind == "text" else type_)
    assert encode(back).equals(encode(array))
    assert pa.table({"c": back}).equals(pa.table({"c": array.cast(back.type)})) or "nan" in str(encode(array)).lower()


def test_the_type_is_told_in_words() -> None:
    assert [type_title(kind) for kind in ("text", "json", kind_of(pa.list_(pa.float32())), kind_of(pa.int8()))] == [
        "text",
        "JSON",
        "list<item: float>",
        "int8",
    ]
    assert arrow_type("text") == pa.string()


def test_a_person_reads_json_cells_without_quotes() -> None:
    cells = [r'"caf\u00e9 \"x\""', "null", "1.50", "true", '["a"]', "NaN", None, '""']
    read = ['café "x"', None, "1.50", "true", '["a"]', "NaN", None, ""]
    assert [plain(cell, "json") for cell in cells] == read
    assert plain_column(pa.array(cells), "json").to_pylist() == read
    chunked = pa.chunked_array([cells[:3], cells[3:], []], pa.string())
    assert plain_column(chunked, "json").to_pylist() == read
    assert plain_column(pa.array(["1", None, "2.0"]), "json").to_pylist() == ["1", None, "2.0"]
    assert plain_column(pa.array(['"a"', "null"]), "text").to_pylist() == ['"a"', "null"]


def test_cells_as_json_values() -> None:
    assert as_json('say "x"', "text") == '"say \\"x\\""'
    assert as_json("007", "json") == "007"
    assert as_json("12", "arrow:int64") == "12"
    assert as_json("nan", "arrow:double") == "NaN"
    assert as_json("true", "arrow:bool") == "true"
    assert as_json("2020-01-02", "arrow:date32[day]") == '"2020-01-02"'
    assert as_json("[1, 2]", kind_of(pa.list_(pa.int64()))) == "[1, 2]"


def test_a_new_label_is_written_as_the_column_writes_it() -> None:
    assert cell_for("refund", "text") == "refund"
    assert cell_for("refund", "json") == '"refund"'
    assert cell_for("1", "json", {"1": "1", "0": "0"}) == "1"
    assert cell_for("2", "arrow:int64") == "2"
    with pytest.raises(UserError, match=r"'refund' cannot stand in a column of type int64"):
        cell_for("refund", "arrow:int64")
