"""A user's file → text cells, with the parsing done in a process that may die without harm."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from analysis.errors import BadFile
from analysis.load.options import MB, Limits, NeedsAnswer, Question, ReadFile, ReadOptions
from analysis.load.parse import files_of
from analysis.load.table import read_parts
from analysis.schema import Column, Progress

_PROJECT = Path(__file__).parents[2]
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TEMP", "TMP", "HOME", "LD_LIBRARY_PATH")
_DETECT = ReadOptions()
_LIMITS = Limits()
_LOOK = 0.02  # seconds between two looks at the child
_ENDED_BY_TIME = {getattr(signal, "SIGXCPU", None), getattr(signal, "SIGKILL", None)}


def read_file(
    path: Path, options: ReadOptions = _DETECT, *, progress: Progress | None = None, limits: Limits = _LIMITS
) -> ReadFile:
    """Read a file, a folder of Parquet files, or a pattern such as `parts/*.parquet`, as text cells.

    Raises NeedsAnswer where reading on would be a guess that can corrupt text (encoding; which file of a zip), and
    BadFile for whatever cannot be read exactly, is too large, or kills the process that reads it.
    """
    try:
        paths = [file.absolute() for file in files_of(path)]
        memory = _memory(paths, limits)
    except OSError as error:
        raise BadFile(f"The file cannot be opened: {error.strerror}.", "Check the path and its rights.") from error
    with tempfile.TemporaryDirectory(prefix="plumbline-", ignore_cleanup_errors=True) as scratch:
        folder = Path(scratch)
        job = {"paths": list(map(str, paths)), "options": options.as_dict(), "limits": asdict(limits), "memory": memory}
        (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
        _run_child(folder, limits, progress or (lambda stage, share: None))
        return collect(folder, path.name)


def collect(folder: Path, name: str) -> ReadFile:
    """What the reading process left in its folder. Raises what it raised."""
    report: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    if "question" in report:
        raise NeedsAnswer(_question(report["question"]), report["previews"])
    if "message" in report:
        raise BadFile(report["message"], report["hint"])
    columns = tuple(Column(**column) for column in report["columns"])
    on_posix = os.name == "posix"  # a mapped file outlives its folder there; Windows could not delete it
    with pa.OSFile(str(folder / "rejected.arrow")) as file:
        rejected: pd.DataFrame = pa.ipc.open_file(file).read_all().to_pandas()
    return ReadFile(
        name=name,
        format=report["format"],
        options=ReadOptions(**report["options"]),
        columns=columns,
        cells=read_parts(folder, report["parts"], len(columns), mapped=on_posix),
        rejected=rejected,
        notices=tuple(report["notices"]),
        questions=tuple(map(_question, report["questions"])),
        sha256=report["sha256"],
        size_bytes=report["size_bytes"],
    )


def _memory(paths: list[Path], limits: Limits) -> int:
    """Address space for the child: the usual limit, and for large Parquet more, since row groups come in whole."""
    size = sum(path.stat().st_size for path in paths)
    is_parquet = any(path.suffix.lower() == ".parquet" for path in paths) and size > 64 * MB
    return min(limits.memory + 3 * size, limits.parquet_memory) if is_parquet else limits.memory


def _run_child(folder: Path, limits: Limits, progress: Progress) -> None:
    """Wait for the child to leave its report. Raises BadFile when it dies or takes too long."""
    command = [sys.executable, "-P", "-W", "ignore", "-m", "analysis.load.child", str(folder / "job.json")]
    with (folder / "errors").open("wb") as errors:
        child = subprocess.Popen(
            command, cwd=folder, env=_environment(folder), stdin=subprocess.DEVNULL, stdout=errors, stderr=errors
        )
    try:
        code = _wait(child, folder, limits, progress)
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()
    if code == 0:
        return
    if code < 0:
        raise _killed(-code, limits)
    trace = (folder / "errors").read_text(errors="replace")
    if "MemoryError" in trace:
        raise BadFile("Reading the file takes more memory than allowed.", "Load it in smaller parts.")
    raise RuntimeError(f"The reading process failed with code {code}:\n{trace[-4000:]}")


def _wait(child: "subprocess.Popen[bytes]", folder: Path, limits: Limits, progress: Progress) -> int:
    started = time.monotonic()
    progress("Reading the file", 0.0)
    while True:
        try:
            code = child.wait(timeout=_LOOK)
        except subprocess.TimeoutExpired:
            if time.monotonic() - started > limits.wall_seconds:
                raise BadFile(
                    f"Reading the file takes more than {limits.wall_seconds} seconds.", "Load it in smaller parts."
                ) from None
            progress("Reading the file", _share(folder / "progress"))
        else:
            progress("Reading the file", 1.0)
            return code


def _share(path: Path) -> float:
    try:
        return min(float(path.read_text()), 1.0)
    except (OSError, ValueError):  # not written yet, or just being written
        return 0.0


def _killed(number: int, limits: Limits) -> BadFile:
    if number in _ENDED_BY_TIME:
        return BadFile(
            f"The file made the reader stop (signal {number}): it took more than {limits.cpu_seconds} seconds of "
            "computing, or more memory than there is.",
            "Load it in smaller parts.",
        )
    return BadFile(
        f"The file made the reader stop (signal {number}). Nothing else was harmed.",
        "The file is damaged or made to do harm. Export the data again, as CSV if you can.",
    )


def _environment(folder: Path) -> dict[str, str]:
    """What the child may know of this process: where the code is, and to be small and single-threaded."""
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "ARROW_IO_THREADS"), "1")
    return (
        kept
        | single
        | {
            "PYTHONPATH": os.pathsep.join([str(_PROJECT), *filter(None, [os.environ.get("PYTHONPATH")])]),
            "TMPDIR": str(folder),
            "ARROW_DEFAULT_MEMORY_POOL": "system",
            "MALLOC_ARENA_MAX": "2",
            "PYTHONIOENCODING": "utf-8",
        }
    )


def _question(fields: dict[str, Any]) -> Question:
    return Question(fields["option"], fields["message"], tuple(fields["choices"]))
