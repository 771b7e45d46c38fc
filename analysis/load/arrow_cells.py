"""Typed Parquet columns as text cells, and back, without losing a bit: `decode(encode(a), kind_of(a.type)) == a`.

Numbers are written with the fewest digits that give the same value; dates and times as ISO text, or as the stored
integer where ISO text would lose something (years beyond 9999); bytes as base64; lists, structs and maps as JSON.
A dictionary column is a column of its values.
"""

import base64
import json
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as types

_NESTED = "arrow:nested:"
_DAY = "1970-01-01 "


def kind_of(type_: pa.DataType) -> str:
    """The kind of a column of this type; nested and extension types are kept as a serialised schema."""
    type_ = value_type(type_)
    if _is_text(type_):
        return "text"
    if _parse(str(type_)) == type_:
        return f"arrow:{type_}"
    schema = pa.schema([pa.field("c", type_)]).serialize().to_pybytes()
    return _NESTED + base64.b64encode(schema).decode()


def arrow_type(kind: str) -> pa.DataType:
    """The type that `kind_of` was given; text for the kinds that are not typed."""
    if kind.startswith(_NESTED):
        return pa.ipc.read_schema(pa.py_buffer(base64.b64decode(kind.removeprefix(_NESTED)))).field(0).type
    if kind.startswith("arrow:"):
        found = _parse(kind.removeprefix("arrow:"))
        if found is None:
            raise ValueError(f"not a type: {kind}")
        return found
    return pa.string()


def value_type(type_: pa.DataType) -> pa.DataType:
    """A dictionary's value type; any other type itself."""
    return type_.value_type if types.is_dictionary(type_) else type_


def encode(array: pa.Array) -> pa.Array:
    """Typed values as text cells; null stays null.

    Raises UnicodeDecodeError for text (also inside lists) that is not UTF-8.
    """
    if types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    type_ = array.type
    if types.is_list(type_) and (types.is_integer(type_.value_type) or types.is_floating(type_.value_type)):
        joined = _join_numbers(array)
        if joined is not None:
            return joined
    if types.is_nested(type_):
        return pa.array([None if v is None else _nested(v, type_) for v in _pylist(array)], pa.string())
    return _encode_flat(array)


def _join_numbers(array: pa.Array) -> pa.Array | None:
    """Lists of plain numbers, thousands of times faster than one by one; None where one is missing, NaN or infinite."""
    values = _encode_flat(array.values)
    if values.null_count or pc.any(pc.match_substring_regex(values, "n")).as_py():
        return None
    texts = pc.binary_join(pa.ListArray.from_arrays(array.offsets, values), ", ")
    cells = pc.binary_join_element_wise(pa.scalar("["), texts, pa.scalar("]"), "")
    return pc.if_else(array.is_valid(), cells, pa.scalar(None, pa.string()))


def decode(cells: pa.Array | pa.ChunkedArray, kind: str) -> pa.Array:
    """Text cells as values of the column's own type.

    Raises ValueError or pa.ArrowException for a cell that is no such value.
    """
    if isinstance(cells, pa.ChunkedArray):
        cells = cells.combine_chunks()
    type_ = arrow_type(kind)
    if isinstance(type_, pa.BaseExtensionType):
        return pa.ExtensionArray.from_storage(type_, _decode_any(cells, type_.storage_type))
    return _decode_any(cells, type_)


def _decode_any(cells: pa.Array, type_: pa.DataType) -> pa.Array:
    if types.is_nested(type_):
        values = [None if c is None else _unnested(json.loads(c, parse_int=_integer), type_) for c in cells.to_pylist()]
        return pa.array(values, type_)
    return _decode_flat(cells, type_)


def _parse(name: str) -> pa.DataType | None:
    """The flat type of this name, as `str(type)` writes it."""
    if name == "null":
        return pa.null()
    kind, _, rest = name.partition("[")
    if rest.endswith("]") and kind == "fixed_size_binary":
        return pa.binary(int(rest[:-1]))
    if rest.endswith("]") and kind == "timestamp" and ", tz=" in rest:
        unit, _, zone = rest[:-1].partition(", tz=")
        return pa.timestamp(unit, zone)
    kind, _, rest = name.partition("(")
    if kind.startswith("decimal") and rest.endswith(")"):
        precision, scale = map(int, rest[:-1].split(","))
        make: Callable[[int, int], pa.DataType] = getattr(pa, kind)
        return make(precision, scale)
    try:
        return pa.type_for_alias({"halffloat": "float16", "float": "float32", "double": "float64"}.get(name, name))
    except ValueError:
        return None


# Flat values


def _encode_flat(array: pa.Array) -> pa.Array:
    type_ = array.type
    if _is_bytes(type_):
        return pa.array([None if v is None else base64.b64encode(v).decode() for v in array.to_pylist()], pa.string())
    if types.is_float16(type_):
        return array.cast(pa.float32()).cast(pa.string())
    if types.is_temporal(type_):
        return _encode_time(array)
    return array.cast(pa.string())


def _decode_flat(cells: pa.Array, type_: pa.DataType) -> pa.Array:
    if _is_bytes(type_):
        return pa.array([None if c is None else base64.b64decode(c, validate=True) for c in cells.to_pylist()], type_)
    if types.is_float16(type_):
        return cells.cast(pa.float32()).cast(type_)
    if types.is_temporal(type_):
        return _decode_time(cells, type_)
    if types.is_null(type_):
        return pa.nulls(len(cells))
    return cells.cast(type_)


def _encode_time(array: pa.Array) -> pa.Array:
    raw = _stored(array)
    if types.is_duration(array.type):
        return raw.cast(pa.string())
    text = array.cast(pa.string())
    try:
        same = pc.equal(_stored(_decode_time(text, array.type)), raw)
    except pa.ArrowInvalid:
        same = pa.array([_survives(cell, value, array.type) for cell, value in zip(text, raw, strict=True)], pa.bool_())
    return pc.if_else(same, text, raw.cast(pa.string()))


def _survives(cell: pa.StringScalar, value: pa.Scalar, type_: pa.DataType) -> bool | None:
    if not cell.is_valid:
        return None
    try:
        return bool(_stored(_decode_time(pa.array([cell.as_py()]), type_))[0] == value)
    except pa.ArrowInvalid:
        return False


def _decode_time(cells: pa.Array, type_: pa.DataType) -> pa.Array:
    is_raw = pc.match_substring_regex(cells, r"^-?\d+$")
    width = pa.int32() if type_.bit_width == 32 else pa.int64()
    raw = pc.if_else(is_raw, cells, pa.scalar(None, pa.string())).cast(width).cast(type_)
    text = pc.if_else(is_raw, pa.scalar(None, pa.string()), cells)
    if types.is_duration(type_):
        return raw if text.null_count == len(text) else text.cast(type_)
    if types.is_time(type_):
        unit = type_.unit if hasattr(type_, "unit") else str(type_).partition("[")[2][:-1]
        moment = pc.binary_join_element_wise(pa.scalar(_DAY.strip()), text, " ").cast(pa.timestamp(unit))
        return pc.coalesce(moment.cast(type_), raw)
    return pc.coalesce(text.cast(type_), raw)


def _stored(array: pa.Array) -> pa.Array:
    """The integers that a date, time or duration is stored as."""
    return array.view(pa.int32() if array.type.bit_width == 32 else pa.int64())


# Nested values: JSON in which a leaf that JSON has no word for is the text of its cell


def _pylist(array: pa.Array) -> list[Any]:
    """Like `to_pylist`, with every leaf that JSON cannot say already as cell text."""
    if types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    type_ = array.type
    if types.is_map(type_):
        keys, items = _pylist(array.keys), _pylist(array.items)
        pairs = [list(pair) for pair in zip(keys, items, strict=True)]
        return _cut(array, pairs)
    if types.is_fixed_size_list(type_):
        size, values = type_.list_size, _pylist(array.flatten() if not array.null_count else _all_values(array))
        rows = [values[i * size : (i + 1) * size] for i in range(len(array))]
        return [row if valid else None for row, valid in zip(rows, array.is_valid().to_pylist(), strict=True)]
    if types.is_list(type_) or types.is_large_list(type_):
        return _cut(array, _pylist(array.values))
    if types.is_struct(type_):
        fields = [_pylist(array.field(i)) for i in range(type_.num_fields)]
        rows = [list(row) for row in zip(*fields, strict=True)] if fields else [[] for _ in range(len(array))]
        return [row if valid else None for row, valid in zip(rows, array.is_valid().to_pylist(), strict=True)]
    if types.is_nested(type_):
        raise TypeError(f"values of type {type_} cannot be kept as text")
    if types.is_boolean(type_) or types.is_integer(type_):
        return list(array.to_pylist())
    if types.is_floating(type_):
        return [None if cell is None else _Number(cell) for cell in _encode_flat(array).to_pylist()]
    return list(_encode_flat(array).to_pylist())


def _all_values(array: pa.Array) -> pa.Array:
    size = array.type.list_size
    return array.values.slice(array.offset * size, len(array) * size)


def _cut(array: pa.Array, values: list[Any]) -> list[Any]:
    ends = array.offsets.to_pylist()
    valid = array.is_valid().to_pylist()
    return [values[a:b] if ok else None for a, b, ok in zip(ends[:-1], ends[1:], valid, strict=True)]


class _Number(str):
    """A float with the digits that its own width needs."""


def _nested(value: Any, type_: pa.DataType) -> str:
    if value is None:
        return "null"
    if isinstance(value, _Number):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(value, str(value))
    if isinstance(value, list) and types.is_struct(type_):
        fields = [type_.field(i) for i in range(type_.num_fields)]
        inner = (
            f"{json.dumps(field.name, ensure_ascii=False)}: {_nested(item, value_type(field.type))}"
            for field, item in zip(fields, value, strict=True)
        )
        return "{" + ", ".join(inner) + "}"
    if isinstance(value, list) and types.is_map(type_):
        pairs = (f"[{_nested(k, type_.key_type)}, {_nested(v, type_.item_type)}]" for k, v in value)
        return "[" + ", ".join(pairs) + "]"
    if isinstance(value, list):
        return "[" + ", ".join(_nested(v, type_.value_type) for v in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def _unnested(value: Any, type_: pa.DataType) -> Any:
    """What `pa.array` takes for a nested value, leaves decoded from their cell text."""
    if value is None:
        return None
    if isinstance(type_, pa.BaseExtensionType):
        type_ = type_.storage_type
    if types.is_map(type_):
        return [(_unnested(k, type_.key_type), _unnested(v, type_.item_type)) for k, v in value]
    if types.is_struct(type_):
        fields = [type_.field(i) for i in range(type_.num_fields)]
        return {f.name: _unnested(value.get(f.name), f.type) for f in fields}
    if types.is_nested(type_):
        return [_unnested(v, type_.value_type) for v in value]
    if types.is_floating(type_):
        return float(value)
    if isinstance(value, str) and not _is_text(type_):
        flat = _decode_flat(pa.array([value]), value_type(type_))
        return (_stored(flat) if types.is_temporal(flat.type) else flat)[0].as_py()
    return value


def _integer(digits: str) -> int | float:
    return -0.0 if digits == "-0" else int(digits)


def _is_text(type_: pa.DataType) -> bool:
    return any(test(type_) for test in (types.is_string, types.is_large_string, types.is_string_view))


def _is_bytes(type_: pa.DataType) -> bool:
    tests = (types.is_binary, types.is_large_binary, types.is_fixed_size_binary, types.is_binary_view)
    return any(test(type_) for test in tests)
