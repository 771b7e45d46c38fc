"""Whatever bytes come, a reader gives a table or a refusal, and never another exception."""

import random
import tempfile
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.errors import BadFile
from analysis.load.options import Limits, ReadOptions
from analysis.load.parse import parse
from analysis.load.table import read_parts
from tests.hostile.archives import zipped
from tests.hostile.corpus import CASES
from tests.hostile.workbooks import EVERY_TYPE, parts

pytestmark = pytest.mark.slow

_LIMITS = Limits(ratio_floor=1_000_000, expanded=20_000_000, parquet_ratio_floor=4_000_000, parquet_expanded=20_000_000)
_FEW = settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def survives(data: bytes, name: str, **options: object) -> None:
    """Reading gives a rectangular table of text, or a BadFile."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / name
        path.write_bytes(data)
        try:
            parsed = parse([path], ReadOptions(**options), _LIMITS, Path(scratch), lambda share: None)  # type: ignore[arg-type]
        except BadFile as error:
            assert error.message
            assert error.hint
        else:
            cells = read_parts(Path(scratch), parsed.parts, len(parsed.columns), mapped=False)
            cells.validate(full=True)


_PIECES = st.sampled_from(
    [",", ";", "\t", "|", '"', '""', "\n", "\r", "\r\n", "#", "\0", "é", "\ufeff", "1", "a", " ", "sep=;"]
)


@_FEW
@given(st.lists(_PIECES | st.text(max_size=5), max_size=60), st.booleans())
def test_any_text_as_csv(pieces: list[str], quoting: bool) -> None:
    survives("".join(pieces).encode("utf-8", "surrogatepass"), "x.csv", quoting=quoting)


@_FEW
@given(st.binary(max_size=200), st.sampled_from(["x.csv", "x.json", "x.jsonl", "x.xlsx", "x.parquet", "x.zip", "x.gz"]))
def test_any_bytes_under_any_name(data: bytes, name: str) -> None:
    survives(data, name)


@_FEW
@given(
    st.binary(max_size=120),
    st.sampled_from(["utf-8", "utf-16", "utf-16-le", "shift_jis", "cp1252", "utf-7", "hex", "x"]),
)
def test_any_bytes_in_any_encoding(data: bytes, encoding: str) -> None:
    survives(data, "x.csv", encoding=encoding)


_MARKS = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"a"',
    '"b"',
    '"\\ud800"',
    '"',
    "1",
    "-0",
    "1e999",
    "NaN",
    "null",
    "\n",
    " ",
    "\\",
]
_STUDIO = ['{"data": {"text": "x"}, "annotations": [', '"annotations"', '"result"', '{"value": {"choices": ["x"]}}']
_TOKENS = st.sampled_from([*_MARKS, *_STUDIO, "true", '{"a": 1}'])


@_FEW
@given(st.lists(_TOKENS, max_size=40), st.sampled_from(["x.json", "x.jsonl", "x.txt"]))
def test_any_tokens_as_json(tokens: list[str], name: str) -> None:
    survives("".join(tokens).encode(), name)


@pytest.mark.parametrize("case", [case for case in CASES if not case.bomb], ids=lambda case: case.id)
def test_damaged_files(case: object) -> None:
    """A few bytes of each file of the corpus changed, removed or repeated, the same way every time."""
    original = case.make()  # type: ignore[attr-defined]
    if len(original) > 200_000:
        return
    chance = random.Random(zlib.crc32(case.id.encode()))  # type: ignore[attr-defined]
    for _ in range(6):
        data = bytearray(original)
        for _ in range(chance.randint(1, 5)):
            if data:
                place = chance.randrange(len(data))
                data[place : place + chance.choice([0, 1, 1, 9])] = chance.randbytes(chance.choice([0, 1, 1, 4]))
        survives(bytes(data), case.file)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"]
)
def test_damaged_parts_of_workbooks(part: str) -> None:
    """The XML inside a workbook changed, the zip around it intact."""
    files = dict(parts({"Data": EVERY_TYPE, "Other": EVERY_TYPE}))
    chance = random.Random(part)
    for _ in range(25):
        data = bytearray(files[part])
        for _ in range(chance.randint(1, 3)):
            place = chance.randrange(len(data))
            piece = chance.choice([b"", b"9", b"<", b'"', b"-1", b"99999999999999999999", b"r", b"&amp;"])
            data[place : place + chance.choice([0, 1, 1, 9])] = piece
        survives(zipped({**files, part: bytes(data)}.items()), "x.xlsx")
