"""Which bytes mean which characters: certain, or asked. A wrong guess here corrupts text without a trace.

Certain are a byte-order mark, strict UTF-8, and JSON in UTF-16 (it must start with an ASCII character). The rest is a
question with a preview per candidate.
"""

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import BadFile
from analysis.load.options import NeedsAnswer, Question, ReadOptions

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_EAST = ("utf-16-le", "utf-16-be", "shift_jis", "euc_kr", "big5", "gb18030")
_WEST = ("cp1252", "latin-1", "cp1250", "cp1251")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_BINARY_SHARE = 0.05
_SAMPLE = 65_536
_BLOCK = 1 << 20

Preview = Callable[[str], list[list[str]]]


@dataclass(frozen=True, slots=True)
class Decoding:
    """An encoding as Python names it, and what to do with bytes that it does not cover."""

    encoding: str
    errors: str = "strict"


def decide(path: Path, head: bytes, options: ReadOptions, preview: Preview, *, is_json: bool = False) -> Decoding:
    """How to decode the file. Raises NeedsAnswer where it cannot be known, BadFile for binary data.

    A file chosen to be UTF-8 that is not, or with half of a character pair in it, decodes to lone surrogates, which
    never reach a cell: the rows that hold them are set aside.
    """
    if options.encoding is not None:
        return _chosen(path, head, options.encoding)
    marked = next((encoding for mark, encoding in _MARKS if head.startswith(mark)), None)
    if marked in ("utf-16", "utf-32"):
        return _chosen(path, head, marked)
    wide = _looks_wide(head)
    if wide and is_json:
        return Decoding(wide)
    if wide:
        raise _question(head, f"The file looks like {wide.upper()}, but has no mark that says so.", preview, wide)
    if head.count(0) > 0.3 * len(head):
        raise _binary()
    bad = first_bad_byte(path, "utf-8")
    if bad is None:
        return Decoding(marked or "utf-8")
    if first_bad_byte(path, "utf-8", "surrogatepass") is None:
        return Decoding(marked or "utf-8", "surrogatepass")
    line, offset, byte = bad
    sample = _around(path, offset)
    if _share_of_control(sample) > _BINARY_SHARE:
        raise _binary()
    raise _question(
        sample, f"The file is not UTF-8: line {line:,} holds the byte 0x{byte:02X} (byte {offset + 1:,}).", preview
    )


def first_bad_byte(path: Path, encoding: str, errors: str = "strict") -> tuple[int, int, int] | None:
    """Line (from 1), offset and value of the first byte that does not decode, or None when all do."""
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    line, offset, pending = 1, 0, 0
    with path.open("rb") as file:
        while True:
            block = file.read(_BLOCK)
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                at = max(error.start - pending, 0)
                value = (error.object[error.start : error.start + 1] or b"\0")[0]
                return line + block[:at].count(b"\n"), offset + error.start - pending, value
            except UnicodeError:  # "utf-16" of a file without a mark
                return 1, 0, block[0]
            if not block:
                return None
            pending = len(decoder.getstate()[0])
            line += block.count(b"\n")
            offset += len(block)


def _chosen(path: Path, head: bytes, encoding: str) -> Decoding:
    try:
        name = codecs.lookup(encoding).name
        "".encode(encoding)
    except (LookupError, UnicodeError) as error:
        raise BadFile(
            f"{encoding[:40]!r} is not an encoding.", f"Use a name such as utf-8, {', '.join(_WEST)}."
        ) from error
    if name in ("utf-8", "utf-8-sig"):
        return Decoding("utf-8-sig" if head.startswith(codecs.BOM_UTF8) else "utf-8", "surrogateescape")
    bad = first_bad_byte(path, encoding)
    if bad is not None:
        line, offset, byte = bad
        raise BadFile(
            f"The file is not {encoding}: line {line:,} holds the byte 0x{byte:02X} (byte {offset + 1:,}).",
            "Choose another encoding.",
        )
    return Decoding(encoding)


def _looks_wide(head: bytes) -> str | None:
    """UTF-16 in a script of Latin kind has a zero in every other byte; the side says which order."""
    pairs = len(head) // 2
    if pairs < 2:
        return None
    even, odd = head[0 : 2 * pairs : 2].count(0), head[1 : 2 * pairs : 2].count(0)
    if odd > 0.3 * pairs and even < 0.05 * pairs:
        return "utf-16-le"
    if even > 0.3 * pairs and odd < 0.05 * pairs:
        return "utf-16-be"
    return None


def _question(sample: bytes, message: str, preview: Preview, wide: str | None = None) -> NeedsAnswer:
    previews: dict[str, list[list[str]]] = {}
    candidates = (*_EAST, *_WEST) if _has_pairs(sample) else (*_WEST, *_EAST)
    for name in sorted(candidates, key=lambda name: name != wide):
        if name.startswith("utf-16") and wide is None:
            continue
        text = _decoded(sample, name)
        if text is not None and _CONTROL.search(text) is None:
            previews[name] = preview(text)
    if not previews:
        previews["latin-1"] = preview(sample.decode("latin-1"))
    return NeedsAnswer(Question("encoding", message, tuple(previews)), previews)


def _has_pairs(sample: bytes) -> bool:
    """East Asian text has its high bytes side by side, European text one by one between plain letters."""
    runs = re.findall(rb"[\x80-\xff]+", sample)
    return sum(len(run) > 1 for run in runs) > len(runs) / 2


def _decoded(sample: bytes, encoding: str) -> str | None:
    """The sample as text, forgiving a character that is cut in half at the end."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        return decoder.decode(sample)
    except UnicodeDecodeError:
        return None


def _around(path: Path, offset: int) -> bytes:
    """Whole lines around a byte, so that the preview shows the characters in question."""
    with path.open("rb") as file:
        start = max(0, offset - _SAMPLE // 4)
        file.seek(start)
        data = file.read(_SAMPLE)
    at = offset - start
    line = data.rfind(b"\n", 0, at) + 1 if start else 0
    return data[line:]


def _share_of_control(sample: bytes) -> float:
    controls = sum(sample.count(code) for code in (*range(9), 11, *range(14, 32)) if code != 27)
    return controls / max(len(sample), 1)


def _binary() -> BadFile:
    return BadFile("This is binary data, not a table.", "Export the data as CSV, JSON Lines or Parquet and load that.")
