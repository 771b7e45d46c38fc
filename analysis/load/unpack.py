"""Gzip and zip, with every byte counted while it is unpacked. Never `extractall`: one file, under our own name."""

import gzip
import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from analysis.errors import BadFile
from analysis.load.options import MB, Limits, NeedsAnswer, Question
from analysis.load.recognise import HEAD, recognise

_DATA = (".csv", ".tsv", ".tab", ".json", ".jsonl", ".ndjson", ".parquet", ".xlsx")
_JUNK = ("__macosx/", ".ds_store", "thumbs.db", "desktop.ini")
_ENTITY = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, gzip.BadGzipFile, NotImplementedError, RuntimeError, OSError)
_OFFICE = {
    "word/": "a Word document",
    "ppt/": "a PowerPoint presentation",
    "xl/workbook.bin": "a binary Excel workbook (.xlsb)",
    "content.xml": "an OpenDocument file",
}
_SAVE_AS = "Save it as .xlsx or CSV and load that."

Share = Callable[[float], None]


def expanded_too_far(written: int, packed: int, limits: Limits, what: str) -> BadFile | None:
    """The refusal for a file that grows beyond the limits while it is unpacked, or None while it is fine."""
    if written > limits.expanded:
        return BadFile(f"{what} expands beyond the limit of {_size(limits.expanded)}.", "Load it in smaller parts.")
    if written > limits.ratio_floor and written > limits.ratio * max(packed, 1):
        return BadFile(
            f"{what} expands beyond the limit: it unpacks to more than {limits.ratio} times its {_size(packed)}.",
            "Files like this are made to fill disks. If it is honest, unpack it yourself and load what is inside.",
        )
    return None


def gunzip(path: Path, target: Path, limits: Limits) -> None:
    """Unpack a gzip file to `target`. Raises BadFile when it is broken or expands beyond the limits."""
    with path.open("rb") as raw, gzip.GzipFile(fileobj=raw) as source, target.open("wb") as sink:
        for block in _blocks(source, "The gzip file", path.stat().st_size, limits):
            sink.write(block)


def is_workbook(path: Path) -> bool:
    """Whether a zip file is an .xlsx workbook. Raises BadFile for other office formats and broken zips."""
    names = {entry.filename for entry in _open(path).infolist()[:20_000]}
    if "xl/workbook.xml" in names:
        return True
    for part, kind in _OFFICE.items():
        if any(name.startswith(part) for name in names) and ("[Content_Types].xml" in names or "mimetype" in names):
            raise BadFile(f"This is {kind}, not an .xlsx.", _SAVE_AS)
    if "[Content_Types].xml" in names:
        raise BadFile("This is not an .xlsx: it holds no workbook.", _SAVE_AS)
    return False


def check_workbook(path: Path, limits: Limits) -> None:
    """Read every part of an .xlsx once: intact, within the limits, without XML entities. Raises BadFile."""
    packed, written = path.stat().st_size, 0
    with _open(path) as archive:
        _check_entries(archive, limits, strict_names=False)
        for entry in archive.infolist():
            tail = b""
            with _opened(archive, entry, "The .xlsx") as part:
                for block in _blocks(part, "The .xlsx", packed, limits, written):
                    written += len(block)
                    if _ENTITY.search(tail + block) and entry.filename.endswith((".xml", ".rels")):
                        raise BadFile(
                            f"The workbook contains XML entities (in {entry.filename[:80]}), which can read files or "
                            "fill the memory.",
                            "Open it in a spreadsheet and save it again.",
                        )
                    tail = block[-16:]


def unzip(
    path: Path, target: Path, member: str | None, limits: Limits, preview: Callable[[bytes], list[list[str]]]
) -> str:
    """Unpack the one data file of a zip to `target` and return its name.

    Raises NeedsAnswer when there are several and none is named, BadFile for anything that an honest zip of a table
    does not hold: links, folders above, nested archives, equal names, passwords.
    """
    with _open(path) as archive:
        _check_entries(archive, limits, strict_names=True)
        entry = _choose(archive, member, preview)
        what = f"{entry.filename[:80]!r} in the zip"
        with _opened(archive, entry, what) as source, target.open("wb") as sink:
            for block in _blocks(source, what, path.stat().st_size, limits):
                sink.write(block)
    return entry.filename


def _open(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except _BROKEN as error:
        what = ".xlsx" if path.suffix.lower() == ".xlsx" else "zip file"
        raise BadFile(f"The {what} is cut off or broken: {_short(error)}.", "Save or fetch it again.") from error


def _check_entries(archive: zipfile.ZipFile, limits: Limits, *, strict_names: bool) -> None:
    entries = archive.infolist()
    if len(entries) > limits.entries:
        raise BadFile(
            f"The zip holds {len(entries):,} files; at most {limits.entries:,} are looked at.",
            "Zip the data file alone.",
        )
    seen: set[str] = set()
    for entry in entries:
        name = entry.orig_filename
        if reason := _suspicious(entry, name if strict_names else ""):
            raise BadFile(f"The zip entry {name[:80]!r} {reason}.", "Zip the data file alone, without folders.")
        if name in seen:
            raise BadFile(f"The zip holds {name[:80]!r} twice.", "Zip the data file alone.")
        seen.add(name)


def _suspicious(entry: zipfile.ZipInfo, name: str) -> str:
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "is a link to another file"
    if entry.flag_bits & 1:
        return "is protected by a password"
    if "\0" in name:
        return "has a NUL character in its name"
    if "\\" in name or re.match(r"[A-Za-z]:", name):
        return "has a Windows path as its name"
    if name.startswith("/"):
        return "has an absolute path as its name"
    if ".." in name.split("/"):
        return "points to a folder above"
    return ""


def _choose(
    archive: zipfile.ZipFile, member: str | None, preview: Callable[[bytes], list[list[str]]]
) -> zipfile.ZipInfo:
    files = [entry for entry in archive.infolist() if not entry.is_dir() and not _is_junk(entry.filename)]
    if not files:
        raise BadFile("The zip is empty.", "Zip the data file again.")
    if member is not None:
        for entry in files:
            if entry.filename == member:
                return entry
        raise BadFile(f"The zip holds no {member!r}.", f"It holds {_names(files)}.")
    data = [entry for entry in files if entry.filename.lower().endswith(_DATA)]
    data = data or [entry for entry in files if entry.filename.lower().endswith(".txt")]
    if not data and len(files) == 1:
        data = files  # its content decides
    if not data:
        for entry in files[:20]:
            recognise(_head(archive, entry))  # names a pickle rather than "no data"
        raise BadFile(f"The zip holds no data file, only {_names(files)}.", "Zip a CSV, JSON, Parquet or .xlsx file.")
    if len(data) == 1:
        return data[0]
    choices = tuple(entry.filename for entry in data)
    question = Question("member", f"The zip holds {len(data)} data files: {_names(data)}. Which one?", choices)
    raise NeedsAnswer(question, {entry.filename: preview(_head(archive, entry)) for entry in data[:20]})


def _head(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    what = f"{entry.filename[:80]!r} in the zip"
    with _opened(archive, entry, what) as file:
        return next(_blocks(file, what, entry.compress_size, Limits()), b"")[:HEAD]


def _is_junk(name: str) -> bool:
    last = name.rsplit("/", 1)[-1].lower()
    return name.lower().startswith(_JUNK[0]) or last in _JUNK or last.startswith(".")


def _opened(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, what: str) -> IO[bytes]:
    try:
        return archive.open(entry)
    except _BROKEN as error:
        raise BadFile(f"{what} is broken: {_short(error)}.", "Fetch it again.") from error


def _blocks(source: Any, what: str, packed: int, limits: Limits, written: int = 0) -> Iterator[bytes]:
    """What a packed file unpacks to, piece by piece, after `written` bytes of others.

    Raises BadFile as soon as it turns out to be broken or too much.
    """
    while True:
        try:
            block = source.read(MB)
        except _BROKEN as error:
            raise BadFile(f"{what} is broken: {_short(error)}.", "Fetch it again.") from error
        if not block:
            return
        written += len(block)
        if refusal := expanded_too_far(written, packed, limits, what):
            raise refusal
        yield block


def _names(files: list[zipfile.ZipInfo]) -> str:
    shown = ", ".join(repr(entry.filename[:60]) for entry in files[:5])
    return shown + (f" and {len(files) - 5} more" if len(files) > 5 else "")


def _size(count: int) -> str:
    for unit, size in (("GB", 1024**3), ("MB", 1024**2), ("KB", 1024)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count} bytes"


def _short(error: Exception) -> str:
    return str(error)[:200] or type(error).__name__
