"""The process in which a user's file is opened: capped in memory, computing time and output, and free to die.

Started as `python -m analysis.load.child JOB`, JOB a JSON file in a folder of its own. It leaves Arrow parts and
`report.json` there, and writes nowhere else.
"""

import errno
import json
import os
import sys
import time
from dataclasses import asdict
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import Any

from analysis.errors import BadFile
from analysis.load.options import GB, Limits, NeedsAnswer, ReadOptions

_PAUSE = 0.2  # seconds between two notes on progress


def cap(limits: Limits, memory: int) -> None:
    """Take from this process what a file could abuse; a system without such limits leaves the wall clock alone."""
    if hasattr(os, "nice"):
        os.nice(5)  # the people who are reviewing come first
    try:
        import resource
    except ImportError:  # Windows
        return
    for what, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, limits.parquet_expanded + GB),
        (resource.RLIMIT_CORE, 0),
    ):
        try:
            resource.setrlimit(what, (value, value))
        except (ValueError, OSError):  # macOS refuses some; a lower limit may already hold
            continue


def work(job: Path) -> None:
    """Do what the job says and leave a report: what was read, or why not."""
    sys.meta_path.insert(0, _WithoutPandas())
    asked = json.loads(job.read_text(encoding="utf-8"))
    limits = Limits(**asked["limits"])
    cap(limits, asked["memory"])
    folder = job.parent
    try:
        report = _read(asked, limits, folder)
    except NeedsAnswer as error:
        report = {"question": asdict(error.question), "previews": error.previews}
    except BadFile as error:
        report = {"message": error.message, "hint": error.hint}
    except MemoryError:
        report = {
            "message": f"Reading the file takes more than {asked['memory'] / GB:.3g} GB of memory.",
            "hint": "Load it in smaller parts, or as Parquet with smaller row groups.",
        }
    except OSError as error:
        report = _trouble(error)
    partial = folder / "report.partial"
    partial.write_text(json.dumps(report), encoding="utf-8")
    os.replace(partial, folder / "report.json")


def _read(asked: dict[str, Any], limits: Limits, folder: Path) -> dict[str, Any]:
    from analysis.load.parse import fingerprint, parse

    paths = [Path(path) for path in asked["paths"]]
    options = ReadOptions(**asked["options"])
    parsed = parse(paths, options, limits, folder, _ProgressFile(folder / "progress"))
    sha256, size = fingerprint(paths)
    found = parsed.findings
    return {
        "format": found.format,
        "options": found.options.as_dict(),
        "columns": [asdict(column) for column in parsed.columns],
        "parts": parsed.parts,
        "notices": found.notices,
        "questions": [asdict(question) for question in found.questions],
        "sha256": sha256,
        "size_bytes": size,
    }


def _trouble(error: OSError) -> dict[str, str]:
    if error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
        return {
            "message": f"There is no room to unpack the file: {error.strerror}.",
            "hint": "Free some space on the disk that holds temporary files.",
        }
    return {
        "message": f"The file cannot be opened: {error.strerror or error}.",
        "hint": "Check the path and its rights.",
    }


class _WithoutPandas(MetaPathFinder):
    """Lets `import pandas` fail: pyarrow does it only to see whether it was handed a frame, and it takes longer than
    reading most files."""

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        if fullname == "pandas":
            raise ModuleNotFoundError(fullname)


class _ProgressFile:
    """Notes the share done, at most five times a second."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._written = time.monotonic()

    def __call__(self, share: float) -> None:
        now = time.monotonic()
        if now - self._written > _PAUSE:
            self._written = now
            self._path.write_text(f"{share:.3f}")


if __name__ == "__main__":
    work(Path(sys.argv[1]))
