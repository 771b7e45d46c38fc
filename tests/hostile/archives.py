"""Zip and gzip files: bombs, paths that lead out, lies in headers; and the helper that writes such zips."""

import gzip
import io
import pickle
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable

from tests.hostile.delimited import HEADER, ROWS, table
from tests.hostile.expect import Asks, Case, Loads, Refuses

Entry = tuple[str, bytes]
_MEGABYTE = 1024 * 1024


def zipped(entries: Iterable[Entry]) -> bytes:
    """An honest zip."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def raw_zip(entries: Iterable[tuple[bytes, bytes, int, int, int, int]]) -> bytes:
    """A zip written by hand: name, stored bytes, method, crc, claimed size, external attributes."""
    body, directory, count = [], [], 0
    offset = 0
    for name, data, method, crc, size, attributes in entries:
        fields = (0, method, 0, 0x21, crc, len(data), size, len(name), 0)
        local = b"PK\x03\x04" + struct.pack("<HHHHHIIIHH", 20, *fields) + name + data
        body.append(local)
        directory.append(
            b"PK\x01\x02" + struct.pack("<HHHHHHIIIHHHHHII", 0x314, 20, *fields, 0, 0, 0, attributes, offset) + name
        )
        offset += len(local)
        count += 1
    listing = b"".join(directory)
    shown = min(count, 0xFFFF)
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, shown, shown, len(listing), offset, 0)
    if count > 0xFFFF:
        far = struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, count, count, len(listing), offset)
        end = b"PK\x06\x06" + far + b"PK\x06\x07" + struct.pack("<IQI", 0, offset + len(listing), 1) + end
    return b"".join(body) + listing + end


def repeated(block: bytes, times: int) -> bytes:
    """The raw deflate stream of a block repeated, made without compressing it more than once."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    one = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    return one * times + b"\x03\x00"


def stored(
    name: str | bytes, data: bytes, *, crc: int | None = None, size: int | None = None, attributes: int = 0
) -> tuple[bytes, bytes, int, int, int, int]:
    """One entry for `raw_zip`, not compressed, with whatever lies are wanted."""
    name = name.encode() if isinstance(name, str) else name
    return name, data, 0, zlib.crc32(data) if crc is None else crc, len(data) if size is None else size, attributes


def _gigabyte_zip() -> bytes:
    return raw_zip([(b"data.csv", repeated(b"a" * _MEGABYTE, 1024), 8, 0, 1024 * _MEGABYTE, 0)])


def _gigabyte_gzip() -> bytes:
    return b"\x1f\x8b\x08\0\0\0\0\0\0\x03" + repeated(b"a" * _MEGABYTE, 1024) + struct.pack("<II", 0, 1024 * _MEGABYTE)


def _one(name: str | bytes) -> bytes:
    return raw_zip([stored(name, table(ROWS))])


def _lying() -> bytes:
    data = table(ROWS)
    packed = zlib.compress(data, wbits=-15)
    return raw_zip([(b"data.csv", packed, 8, zlib.crc32(data), 20, 0)])


def _wrong_crc() -> bytes:
    return raw_zip([stored("data.csv", table(ROWS), crc=12345)])


_CSV = ("data.csv", table(ROWS))
_EXACT = Loads(HEADER, ROWS)
_LINK = (stat.S_IFLNK | 0o777) << 16

CASES = [
    Case(
        "z01",
        "a CSV in a zip",
        "z01.zip",
        lambda: zipped([_CSV]),
        Loads(HEADER, ROWS, notice="data.csv", options={"member": "data.csv"}),
    ),
    Case(
        "z02",
        "a path to the folder above",
        "z02.zip",
        lambda: _one("../../evil.csv"),
        Refuses(r"evil\.csv.*folder above"),
    ),
    Case("z03", "an absolute path", "z03.zip", lambda: _one("/evil.csv"), Refuses(r"/evil\.csv.*absolute")),
    Case(
        "z04",
        "a link",
        "z04.zip",
        lambda: raw_zip([stored("data.csv", b"/etc/passwd", attributes=_LINK)]),
        Refuses("data.csv.*link"),
    ),
    Case("z05", "1 GB out of 1 MB", "z05.zip", _gigabyte_zip, Refuses("expands beyond the limit"), bomb=True),
    Case(
        "z06", "a zip in a zip", "z06.zip", lambda: zipped([("data.csv", zipped([_CSV]))]), Refuses("another archive")
    ),
    Case(
        "z07",
        "100,000 entries",
        "z07.zip",
        lambda: raw_zip(stored(f"{i}.csv", b"") for i in range(100_000)),
        Refuses("100,000 files; at most 1,000"),
        bomb=True,
    ),
    Case(
        "z08",
        "two data files",
        "z08.zip",
        lambda: zipped([("a.csv", table(ROWS)), ("b.csv", table(ROWS[:1]))]),
        Asks("member", r"2 data files: 'a\.csv', 'b\.csv'", "a.csv", "charged twice"),
    ),
    Case(
        "z09",
        "the leavings of a Mac",
        "z09.zip",
        lambda: zipped(
            [
                ("__MACOSX/._data.csv", b"\0\5\x16\7"),
                (".DS_Store", b"x"),
                ("folder/", b""),
                ("folder/data.csv", table(ROWS)),
            ]
        ),
        _EXACT,
    ),
    Case("z10", "no entries", "z10.zip", lambda: zipped([]), Refuses("zip is empty")),
    Case(
        "z11",
        "no data in it",
        "z11.zip",
        lambda: zipped([("a.png", b"\0"), ("b.md", b"# x")]),
        Refuses("no data file.*a.png"),
    ),
    Case(
        "z12",
        "a pickle in it",
        "z12.zip",
        lambda: zipped([("model.pkl", pickle.dumps([1, 2]))]),
        Refuses("pickle.*run code"),
    ),
    Case("z13", "cut off", "z13.zip", lambda: zipped([_CSV])[:-40], Refuses("cut off or broken")),
    Case("z14", "a wrong checksum", "z14.zip", _wrong_crc, Refuses("broken.*CRC")),
    Case("z15", "a size that lies", "z15.zip", _lying, Refuses("broken.*CRC")),
    Case(
        "z16",
        "equal names",
        "z16.zip",
        lambda: raw_zip([stored("data.csv", b"a\n1\n")] * 2),
        Refuses("'data.csv' twice"),
    ),
    Case("z17", "a Windows path", "z17.zip", lambda: _one("C:\\evil.csv"), Refuses("evil.csv.*Windows path")),
    Case("z18", "a NUL in the name", "z18.zip", lambda: _one(b"data.csv\0.png"), Refuses("data.csv.*NUL")),
    Case("g01", "gzip", "g01.csv.gz", lambda: gzip.compress(table(ROWS), mtime=0), _EXACT),
    Case("g02", "1 GB out of 1 MB, gzip", "g02.csv.gz", _gigabyte_gzip, Refuses("expands beyond the limit"), bomb=True),
]
