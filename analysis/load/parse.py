"""From a path to text cells, inside the reading process: recognise, unpack, decode, and hand to the format's reader."""

import hashlib
import re
import stat
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from analysis.errors import BadFile
from analysis.load.decoding import decide
from analysis.load.delimited import preview_text, read_delimited
from analysis.load.options import GB, Findings, Limits, ReadOptions
from analysis.load.recognise import read_head, recognise, text_format
from analysis.load.table import TableWriter
from analysis.load.unpack import gunzip, is_workbook, unzip
from analysis.schema import Column

Share = Callable[[float], None]


def files_of(path: Path) -> list[Path]:
    """The files that a path means: itself, the Parquet files in a folder, or what a pattern (`d/*.parquet`) finds.

    Raises BadFile when there is none, or when it is not an ordinary file.
    """
    if path.is_dir():
        found = sorted(p for p in path.rglob("*.parquet") if not p.name.startswith((".", "_")))
        if not found:
            raise BadFile(f"The folder {path.name!r} holds no Parquet files.", "Give the path of one file.")
    elif not path.exists() and any(sign in path.name for sign in "*?["):
        found = sorted(p for p in path.parent.glob(path.name) if p.is_file())
        if not found:
            raise BadFile(f"No file matches {str(path)!r}.", "Check the folder and the pattern.")
    else:
        found = [path]
    for file in found:
        if not file.exists():
            raise BadFile(f"There is no file {str(file)!r}.", "Check the path.")
        if not stat.S_ISREG(file.stat().st_mode):
            raise BadFile(f"{file.name!r} is not an ordinary file.", "Give the path of a file.")
    return found


def fingerprint(paths: list[Path]) -> tuple[str, int]:
    """sha256 and size in bytes of a file; of several, the sha256 of their names and hashes."""
    digests = []
    for path in paths:
        with path.open("rb") as file:
            digests.append(hashlib.file_digest(file, "sha256").hexdigest())
    size = sum(path.stat().st_size for path in paths)
    if len(paths) == 1:
        return digests[0], size
    listing = "".join(f"{path.name}\0{digest}\n" for path, digest in zip(paths, digests, strict=True))
    return hashlib.sha256(listing.encode("utf-8", "surrogateescape")).hexdigest(), size


@dataclass(frozen=True, slots=True)
class Parsed:
    """What was read: the columns, how many Arrow parts lie in the folder, and what a person should know."""

    columns: tuple[Column, ...]
    parts: int
    findings: Findings


def parse(paths: list[Path], options: ReadOptions, limits: Limits, folder: Path, share: Share) -> Parsed:
    """Read the files into Arrow parts in `folder`.

    Raises BadFile for whatever cannot be read exactly, NeedsAnswer for what only a person can know.
    """
    first = paths[0]
    kind = recognise(read_head(first))
    findings = Findings(options)
    if len(paths) > 1 or (kind == "parquet"):
        return _parsed(lambda writer: _parquet(paths, findings, writer, share), findings, folder, limits)
    name = first.name.lower()
    if kind == "empty":
        raise BadFile("The file is empty.", "Choose a file with a header and rows.")
    if kind == "zip" and name.endswith(".xlsx") and not is_workbook(first):
        raise BadFile("This is not an .xlsx: it holds no workbook.", "Open it in a spreadsheet and save it again.")
    if kind in ("gzip", "zip") and not (kind == "zip" and is_workbook(first)):
        first, name, member = _unpacked(first, kind, options, limits, folder)
        kind = recognise(read_head(first))
        if kind == "empty":
            raise BadFile(f"{name!r} inside the archive is empty.", "Choose a file with a header and rows.")
        if kind == "gzip" or (kind == "zip" and not is_workbook(first)):
            raise BadFile("The archive holds another archive.", "Unpack it and load one file.")
    else:
        member = None
    if kind == "parquet":
        parsed = _parsed(lambda writer: _parquet([first], findings, writer, share), findings, folder, limits)
    elif kind == "zip":
        parsed = _parsed(lambda writer: _excel(first, findings, writer, share), findings, folder, limits)
    else:
        parsed = _text(first, name, findings, folder, limits, share)
    if member is not None:
        findings.options = replace(findings.options, member=member)
        findings.notices.append(f"Read {member[:80]!r} from the zip.")
    return parsed


def _unpacked(
    path: Path, kind: str, options: ReadOptions, limits: Limits, folder: Path
) -> tuple[Path, str, str | None]:
    """The one file inside, under a name of our own; the name it had; and which member of a zip it was."""
    target = folder / "unpacked"
    if kind == "gzip":
        gunzip(path, target, limits)
        return target, re.sub(r"\.gz(ip)?$", "", path.name.lower()), None
    member = unzip(path, target, options.member, limits, lambda head: _preview_bytes(head, options))
    return target, member.rsplit("/", 1)[-1].lower(), member


def _preview_bytes(head: bytes, options: ReadOptions) -> list[list[str]]:
    try:
        return preview_text(head.decode(errors="replace"), options) if recognise(head) == "text" else []
    except BadFile:
        return []


def _text(path: Path, name: str, findings: Findings, folder: Path, limits: Limits, share: Share) -> Parsed:
    from analysis.load.json_rows import read_json, read_json_lines

    if name.endswith(".parquet"):
        raise BadFile("This is not a complete Parquet file: it does not begin like one.", "Write or fetch it again.")
    if name.endswith(".xlsx"):
        raise BadFile("This is not an .xlsx.", "Save it as .xlsx again; if it is text, name it .csv.")
    head = read_head(path)
    looks = text_format(head, name)
    if (size := path.stat().st_size) > limits.expanded:
        limit = limits.expanded / GB
        raise BadFile(
            f"The text is {size / GB:.3g} GB long; at most {limit:.3g} GB are read.",
            "Load it in parts, or as Parquet.",
        )
    decoding = decide(
        path, head, findings.options, lambda text: preview_text(text, findings.options), is_json=looks != "csv"
    )
    read = {"csv": read_delimited, "json": read_json, "jsonl": read_json_lines}[looks]
    parsed = _parsed(lambda writer: read(path, decoding, findings, writer, share), findings, folder, limits)
    if decoding.encoding not in ("utf-8", "utf-8-sig"):
        findings.notices.insert(0, f"Read as {decoding.encoding.upper()}.")
    return parsed


def _parquet(paths: list[Path], findings: Findings, writer: TableWriter, share: Share) -> None:
    from analysis.load.parquet import read_parquet

    read_parquet(paths, findings, writer, share)


def _excel(path: Path, findings: Findings, writer: TableWriter, share: Share) -> None:
    from analysis.load.excel import read_excel

    read_excel(path, findings, writer, share)


def _parsed(read: Callable[[TableWriter], None], findings: Findings, folder: Path, limits: Limits) -> Parsed:
    writer = TableWriter(folder, limits)
    try:
        read(writer)
    except UnicodeDecodeError as error:
        raise BadFile(f"The text is not {error.encoding}: {error.reason}.", "Choose another encoding.") from error
    columns = writer.finish()
    if not writer.rows and writer.rejected:
        line, reason, _ = writer.rejected[0]
        raise BadFile(f"No row can be kept; the first one, {line:,}: {reason}.", "Correct the file and load it again.")
    if not writer.rows:
        what = f"a header with {len(columns):,} columns and 0 rows" if columns else "0 rows"
        raise BadFile(f"The file has {what}.", "Choose a file with rows.")
    if count := len(writer.rejected):
        findings.notices.append(f"{count:,} {'row was' if count == 1 else 'rows were'} set aside, with the reason.")
    return Parsed(columns, writer.parts, findings)
