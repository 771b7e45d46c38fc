"""The append-only file of human acts: the only thing in a dataset that cannot be computed again.

One JSON object a line. `append` returns only after the line is on the disk, so whoever says "Saved" afterwards
is right even if the machine loses power. A line torn by a crash was never acknowledged: it stays in the file,
is reported, and does not count.
"""

import json
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.errors import NotSaved

_WRITE = json.JSONEncoder(ensure_ascii=False).encode  # made once: a bulk decision writes 100,000 lines


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the journal: its number from 1, and the act it holds (None where it cannot be read)."""

    number: int
    act: Mapping[str, Any] | None


class Journal:
    """The journal of one dataset, open for appending. Safe to share between threads of one process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        is_new = not path.exists()
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        if is_new:
            sync_folder(path.parent)
        self._end_torn_line()
        self._lines = _count_lines(path)

    def append(self, acts: Sequence[Mapping[str, Any]]) -> int:
        """Make the acts durable, in order, and return the line number of the first; all of them or none.

        Raises NotSaved when the disk refuses; the file is then as it was before.
        """
        lines = "".join(f"{_WRITE(act)}\n" for act in acts)
        data = lines.encode(errors="backslashreplace")  # a lone surrogate becomes its JSON escape
        with self._lock:
            length = os.fstat(self._descriptor).st_size
            try:
                _write_all(self._descriptor, data)
                _sync_data(self._descriptor)
            except OSError as error:
                os.ftruncate(self._descriptor, length)
                raise NotSaved(
                    f"Not saved: the journal could not be written ({error.strerror}).",
                    "Free some disk space, then decide again; nothing was recorded.",
                ) from error
            first = self._lines + 1
            self._lines += len(acts)
            return first

    def lines(self) -> Iterator[Line]:
        """Every line from the start, unreadable ones included."""
        with self.path.open("rb") as file:
            for number, raw in enumerate(file, start=1):
                yield Line(number, _parse(raw))

    def close(self) -> None:
        """Release the file."""
        os.close(self._descriptor)

    def _end_torn_line(self) -> None:
        """A crash in mid-line must not swallow the next act."""
        size = os.fstat(self._descriptor).st_size
        if not size:
            return
        os.lseek(self._descriptor, size - 1, os.SEEK_SET)
        if os.read(self._descriptor, 1) != b"\n":
            _write_all(self._descriptor, b"\n")


def _parse(raw: bytes) -> Mapping[str, Any] | None:
    try:
        act = json.loads(raw)
    except ValueError:  # UnicodeDecodeError and JSONDecodeError are both ValueErrors
        return None
    return act if isinstance(act, dict) else None


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _sync_data(descriptor: int) -> None:
    """fdatasync where the system has it: the length and the bytes, not the access times."""
    getattr(os, "fdatasync", os.fsync)(descriptor)


def sync_folder(folder: Path) -> None:
    """Make a new file's name durable; Windows has no handle on a folder and needs none."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _count_lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)
