"""The worker process: reads the material from files, writes results to files, never opens the dataset.

Started as `python -m analysis.scan.worker FOLDER`. It holds `FOLDER/worker.lock` while it lives, so that anyone can
tell whether it still runs, and it writes every result whole or not at all, numbered in order.
"""

import json
import os
import shutil
import sys
import tempfile
import time
import traceback
from dataclasses import asdict
from pathlib import Path

import pandas as pd
from filelock import FileLock

from analysis.errors import UserError
from analysis.scan.material import Signal, load_material, read_signal, write_signal
from analysis.scan.run import STAGES, Outcome, Result, choose, scan
from analysis.schema import Run

_PAUSE = 0.2  # seconds between two notes on progress


class ProgressFile:
    """Notes how far every stage has come, at most five times a second, readable at any moment."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._shares = dict.fromkeys(STAGES, 0.0)
        self._written = 0.0

    def __call__(self, stage: str, share: float) -> None:
        self._shares[stage] = max(self._shares[stage], min(share, 1.0))
        if share in (0.0, 1.0) or time.monotonic() - self._written > _PAUSE:
            self._written = time.monotonic()
            _write_whole(self._path, json.dumps({"stage": stage, "shares": self._shares}).encode())


def work(folder: Path) -> None:
    """Scan what is in `folder/in`, leaving results in `folder/out` and the end in `folder/end.json`."""
    job = json.loads((folder / "job.json").read_text())
    end = {"state": "done", "message": ""}
    if hasattr(os, "nice"):
        os.nice(10)  # a reviewer's click comes first
    with FileLock(folder / "worker.lock", timeout=10):  # somebody may be looking whether we live
        try:
            tempfile.tempdir = str(_emptied(folder / "tmp"))  # on the dataset's disk, and gone with the next scan
            checks = choose(job["only"], job["settings"])
            material = load_material(folder / "in")
            progress = ProgressFile(folder / "progress.json")
            results = scan(material, checks, job["settings"], job["scan_id"], progress)
            for number, result in enumerate(results):
                write_result(result, folder / "out", number)
        except UserError as error:
            end = {"state": "failed", "message": f"{error.message} {error.hint}"}
        except BaseException:
            end = {"state": "failed", "message": traceback.format_exc()}
            raise
        finally:
            _write_whole(folder / "end.json", json.dumps(end).encode())


def write_result(result: Result, folder: Path, number: int) -> None:
    """One result as one file that appears only when it is complete."""
    partial = folder / f".{number:04}.partial"
    if isinstance(result, Outcome):
        rows = result.findings.copy()
        rows.attrs = {}
        rows.to_feather(partial)
        (folder / f"{number:04}.run.json").write_text(json.dumps(asdict(result.run)))
        os.replace(partial, folder / f"{number:04}.outcome")
    else:
        write_signal(result, partial)
        os.replace(partial, folder / f"{number:04}.signal")


def read_result(path: Path) -> Signal | Outcome:
    """What `write_result` wrote."""
    if path.suffix == ".signal":
        return read_signal(path)
    run = Run(**json.loads(path.with_suffix(".run.json").read_text()))
    return Outcome(run, pd.read_feather(path))


def _emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def _write_whole(path: Path, data: bytes) -> None:
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(data)
    os.replace(partial, path)


if __name__ == "__main__":
    work(Path(sys.argv[1]))
