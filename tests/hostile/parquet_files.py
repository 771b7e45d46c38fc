"""Parquet files that are broken, wide, nested, or small outside and huge inside."""

import random
import struct
from functools import cache

import pyarrow as pa
import pyarrow.parquet as pq

from tests.hostile.expect import Case, Loads, Refuses

_ROWS = [[str(i), f"message {i}", "ab"[i % 2]] for i in range(200)]
NAMES = ["id", "text", "label"]


def written(table: pa.Table, **options: object) -> bytes:
    """A table as the bytes of a Parquet file."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, **options)
    return sink.getvalue().to_pybytes()


@cache
def plain() -> bytes:
    ids, texts, labels = zip(*_ROWS, strict=True)
    table = pa.table({"id": pa.array(map(int, ids), pa.int64()), "text": texts, "label": labels})
    return written(table, compression="none", use_dictionary=False)


def _flipped() -> bytes:
    """One bit of the text of row 7 differs; without checksums nobody can know."""
    data = bytearray(plain())
    data[data.index(b"message 7") + 8] ^= 1  # "7" becomes "6"
    return bytes(data)


def _checked_flip() -> bytes:
    data = bytearray(
        written(
            pa.table({"text": [f"message {i}" for i in range(50)]}),
            use_dictionary=False,
            compression="none",
            write_page_checksum=True,
        )
    )
    data[data.index(b"message 7") + 8] ^= 1
    return bytes(data)


def _dictionary_bomb() -> bytes:
    """One text of 200,000 random letters, used by 10,000 rows: 2 GB out of 200 KB."""
    text = "".join(random.Random(0).choices("0123456789abcdef", k=200_000))
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 10_000, pa.int32()), pa.array([text]))
    return written(pa.table({"text": column, "label": ["a", "b"] * 5000}), store_schema=False)


def _nested() -> bytes:
    return written(
        pa.table(
            {
                "text": ["a", "b"],
                "tags": pa.array([["x", None, 'q"'], []], pa.list_(pa.string())),
                "meta": pa.array([{"n": 1, "f": 0.5}, None], pa.struct([("n", pa.int64()), ("f", pa.float32())])),
            }
        )
    )


def _invalid_text() -> bytes:
    column = pa.array([b"fine", b"caf\xe9", b"also fine"], pa.binary())
    broken = pa.StringArray.from_buffers(3, column.buffers()[1], column.buffers()[2])
    return written(pa.table({"text": broken, "label": ["a", "b", "a"]}))


def _lying_footer() -> bytes:
    return plain()[:-8] + struct.pack("<I", 0x7FFFFFFF) + b"PAR1"


_FLIPPED = [[row[0], "message 6" if row[0] == "7" else row[1], row[2]] for row in _ROWS]
_BROKEN = Refuses("not a complete Parquet file")

CASES = [
    Case("p01", "Parquet", "p01.parquet", plain, Loads(NAMES, _ROWS)),
    Case("p02", "cut off", "p02.parquet", lambda: plain()[: len(plain()) // 2], _BROKEN),
    Case("p03", "a flipped bit", "p03.parquet", _flipped, Loads(NAMES, _FLIPPED)),
    Case("p03b", "a flipped bit under a checksum", "p03b.parquet", _checked_flip, _BROKEN),
    Case("p04", "the first and last bytes alone", "p04.parquet", lambda: b"PAR1PAR1", _BROKEN),
    Case("p05", "something else under the name", "p05.parquet", lambda: bytes(range(256)) * 8, _BROKEN),
    Case("p06", "a footer that lies about its length", "p06.parquet", _lying_footer, _BROKEN),
    Case("p07", "2 GB out of 200 KB", "p07.parquet", _dictionary_bomb, Refuses("expands beyond the limit"), bomb=True),
    Case(
        "p08",
        "nested values",
        "p08.parquet",
        _nested,
        Loads(["text", "tags", "meta"], [["a", r'["x", null, "q\""]', '{"n": 1, "f": 0.5}'], ["b", "[]", None]]),
    ),
    Case(
        "p09",
        "equal column names",
        "p09.parquet",
        lambda: written(pa.table([["a", "b"], ["c", "d"], ["e", "f"]], names=["label", "Label", "label"])),
        Loads(["label", "Label", "label"], [["a", "c", "e"], ["b", "d", "f"]]),
    ),
    Case(
        "p10",
        "no rows",
        "p10.parquet",
        lambda: written(pa.table({"text": pa.array([], pa.string())})),
        Refuses("0 rows"),
    ),
    Case(
        "p11",
        "text that is not UTF-8",
        "p11.parquet",
        _invalid_text,
        Loads(
            ["text", "label"],
            [["fine", "a"], ["also fine", "a"]],
            notice="1 row",
            rejected=(2,),
            reason="not valid UTF-8",
        ),
    ),
    Case(
        "p12",
        "10,000 columns",
        "p12.parquet",
        lambda: written(pa.table({f"k{i}": ["x"] for i in range(10_000)})),
        Refuses("10,000 columns; at most 2,000"),
    ),
]
