"""What a file is, by its content: the name is only asked where the content allows several readings."""

import json
import re
from pathlib import Path

from analysis.errors import BadFile
from analysis.load.json_text import ObjectReader, TooDeep
from analysis.load.options import Limits

HEAD = 65_536  # bytes that are looked at

_EXPORT = "Export the data as CSV, JSON Lines or Parquet and load that."
_REFUSED: tuple[tuple[int, bytes, str, str], ...] = (
    (0, b"\xd0\xcf\x11\xe0", "an old .xls or a password-protected Excel file", "Save it as .xlsx without a password."),
    (257, b"ustar\x00", "a tar archive", "Unpack it and load one file of it."),
    (257, b"ustar  ", "a tar archive", "Unpack it and load one file of it."),
    (0, b"\x93NUMPY", "a NumPy array", _EXPORT),
    (0, b"SQLite format 3\x00", "an SQLite database", _EXPORT),
    (0, b"\x7fELF", "a program (ELF)", _EXPORT),
    (0, b"MZ\x90", "a program (Windows)", _EXPORT),
    (0, b"\xcf\xfa\xed\xfe", "a program (macOS)", _EXPORT),
    (0, b"%PDF-", "a PDF", _EXPORT),
    (0, b"\x89PNG", "an image", _EXPORT),
    (0, b"\xff\xd8\xff", "an image", _EXPORT),
    (0, b"GIF87a", "an image", _EXPORT),
    (0, b"GIF89a", "an image", _EXPORT),
    (0, b"BZh9", "a bzip2 archive", _EXPORT),
    (0, b"\xfd7zXZ\x00", "an xz archive", _EXPORT),
    (0, b"\x28\xb5\x2f\xfd", "a zstd archive", _EXPORT),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive", _EXPORT),
    (0, b"Rar!\x1a\x07", "a RAR archive", _EXPORT),
    (0, b"ARROW1", "an Arrow or Feather file", _EXPORT),
    (0, b"\x89HDF", "an HDF5 file", _EXPORT),
    (0, b"Obj\x01", "an Avro file", _EXPORT),
    (0, b"{\\rtf", "a rich-text document", _EXPORT),
    (0, b"x\x9c", "compressed data, perhaps written by joblib", _EXPORT),
    (0, b"x\xda", "compressed data, perhaps written by joblib", _EXPORT),
)
_READ = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"PK\x07\x08", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"PAR1", "parquet"),
    (b"PARE", "parquet"),
)
_BY_NAME = {"json": "json", "jsonl": "jsonl", "ndjson": "jsonl"}
_PICKLE = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
_PICKLE_TEXT = re.compile(rb"\A(?:c[A-Za-z_][\w.]*\n[A-Za-z_][\w.]*\n(?:p\d+\n)?\(|\([dl](?:p?\d*)\n|\(i\w[\w.]*\n)")
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|table|meta|script)\b", re.IGNORECASE)


def recognise(head: bytes) -> str:
    """One of "empty", "zip", "gzip", "parquet" or "text".

    Raises BadFile naming the kind for what is never read: pickles, databases, programs, images, documents.
    """
    if not head:
        return "empty"
    if head[:2] in _PICKLE or _PICKLE_TEXT.match(head):
        raise BadFile(
            "This is a pickle: loading pickle files can run code, so they are never opened.",
            "Export the data as CSV or Parquet and load that.",
        )
    for offset, magic, kind, hint in _REFUSED:
        if head.startswith(magic, offset):
            raise BadFile(f"This is {kind}, not a table.", hint)
    if head[8:12] == b"DUCK" and b"\0" in head[12:20]:
        raise BadFile("This is a DuckDB database, not a table.", _EXPORT)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if _HTML.match(text):
        raise BadFile(
            "This is HTML (a web page), not a table.",
            "If it was saved as .xls or .csv, open it in a spreadsheet and save it as .xlsx or CSV.",
        )
    if text.startswith(b"<?xml"):
        raise BadFile("This is XML, not a table.", _EXPORT)
    return next((kind for magic, kind in _READ if head.startswith(magic)), "text")


def text_format(head: bytes, name: str) -> str:
    """Of a text: "json" for a list of rows, "jsonl" for one object a line, "csv" for anything with delimiters.

    `name` is in lower case; it decides only where the beginning does not.
    """
    text = _leniently(head).lstrip("\ufeff \t\r\n")
    by_name = _BY_NAME.get(name.rpartition(".")[2], "")
    if text.startswith("["):
        return "json" if by_name or re.match(r"\[\s*(?:\{|\]|$)", text) else "csv"
    if text.startswith("{") and (by_name or re.match(r"\{\s*(?:\"|\}|$)", text)):
        return "jsonl" if by_name == "jsonl" or _one_a_line(text) else "json"
    return by_name or "csv"


def _one_a_line(text: str) -> bool:
    """Whether one of the first two lines is a whole object; a line that is longer than what we see may well be."""
    lines = text.split("\n", 2)[:2]
    return any(map(_is_object, lines)) or (len(lines) == 1 and len(text) > HEAD // 4)


def _is_object(line: str) -> bool:
    try:
        return bool(ObjectReader(Limits().depth).read(line).members)
    except json.JSONDecodeError:
        return False
    except TooDeep:
        return True


def _leniently(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", errors="ignore")
    if head[:1] == b"\0" or head[1:2] == b"\0":
        return head.decode("utf-16-be" if head[:1] == b"\0" else "utf-16-le", errors="ignore")
    return head.decode("utf-8", errors="replace")


def read_head(path: Path) -> bytes:
    """The first bytes of a file, as many as `recognise` needs."""
    with path.open("rb") as file:
        return file.read(HEAD)
