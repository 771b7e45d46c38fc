"""A scan in a process of its own, as the app runs it.

The files in `<dataset>/scan/` are the whole state: `job.json` (what was asked), `in/` (the material), `out/` (results
not yet saved), `progress.json`, `end.json`, and `worker.lock`, held while the worker lives. So a scan outlives the tab
and even the server: whoever opens the dataset next collects what it left.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from analysis.errors import NotReady
from analysis.scan import Settings
from analysis.scan.material import read_material, write_material
from analysis.scan.run import STAGES, choose, new_scan_id
from analysis.scan.save import save
from analysis.scan.worker import read_result
from analysis.store import Store

State = Literal["none", "running", "done", "cancelled", "failed", "interrupted"]
_PROJECT = Path(__file__).parents[2]
_PAUSE = 0.25  # seconds between two looks at the worker


@dataclass(frozen=True)
class JobStatus:
    """Where the last scan of a dataset stands.

    fraction is of the whole scan, in [0, 1]; stages are (what, share done) in order; seconds_left is None until
    there is something to go by; message says why a scan failed.
    """

    state: State
    stage: str = ""
    fraction: float = 0.0
    seconds_left: float | None = None
    stages: tuple[tuple[str, float], ...] = ()
    message: str = ""
    started_at: str = ""


def start(store: Store, only: Sequence[str] | None = None, settings: Settings | None = None) -> None:
    """Start a scan. Raises NotReady while one is running, NoSuchThing for a check that does not exist."""
    if status(store).state == "running":
        raise NotReady("A scan of this dataset is running.", "Wait for it, or cancel it in the sidebar.")
    checks = [check.name for check in choose(only, settings or {})]
    _launch(store, new_scan_id(), checks, settings or {})


def resume(store: Store) -> None:
    """Go on with a scan that was cancelled or broken off: finished checks are not run again."""
    job = _read(store.folder / "scan" / "job.json")
    if job is None:
        raise NotReady("There is no scan to resume.", "Start one with Scan.")
    done = {row[0] for row in store.rows("SELECT check_name FROM runs WHERE run_id LIKE ? || '.%'", [job["scan_id"]])}
    left = [name for name in job["only"] if name not in done]
    _launch(store, job["scan_id"], left, job["settings"])


def cancel(store: Store) -> None:
    """Stop the running scan; what it has finished stays."""
    folder = store.folder / "scan"
    job = _read(folder / "job.json")
    if job is None or not _runs(store):
        return
    (folder / "cancelled").touch()
    with contextlib.suppress(ProcessLookupError):  # it ended by itself in this very moment
        if hasattr(os, "killpg"):
            os.killpg(job["pid"], signal.SIGKILL)
        else:
            os.kill(job["pid"], signal.SIGTERM)


def status(store: Store) -> JobStatus:
    """Where the last scan stands. Saves whatever the worker has left since the last look."""
    folder = store.folder / "scan"
    alive = _runs(store)  # before collecting, so that a result written in between is not missed
    collect(store)
    job = _read(folder / "job.json")
    if job is None:
        return JobStatus("none")
    shares = (_read(folder / "progress.json") or {}).get("shares", {})
    stages = tuple((title, float(shares.get(name, 0.0))) for name, (title, _) in STAGES.items())
    fraction = sum(float(shares.get(name, 0.0)) * weight for name, (_, weight) in STAGES.items())
    state, message = _end(folder, alive)
    return JobStatus(
        state=state,
        stage=next((title for title, share in stages if share < 1), stages[-1][0]),
        fraction=1.0 if state == "done" else min(fraction, 1.0),
        seconds_left=_seconds_left(job["started"], fraction, folder / "progress.json") if state == "running" else None,
        stages=stages,
        message=message,
        started_at=job["started_at"],
    )


def collect(store: Store) -> None:
    """Save the results that the worker has left, in order; each is saved once and then removed."""
    folder = store.folder / "scan" / "out"
    job = _read(store.folder / "scan" / "job.json")
    if job is None or not folder.is_dir():
        return
    with store.collecting:
        if job["loaded_at"] != store.meta("loaded_at"):  # the file was loaded anew under the scan's feet
            shutil.rmtree(store.folder / "scan", ignore_errors=True)
            return
        for path in sorted([*folder.glob("*.signal"), *folder.glob("*.outcome")]):
            save(store, read_result(path))
            path.unlink()


def _launch(store: Store, scan_id: str, only: Sequence[str], settings: Settings) -> None:
    folder = store.folder / "scan"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "out").mkdir(parents=True)
    write_material(read_material(store), folder / "in")
    job: dict[str, Any] = {
        "scan_id": scan_id,
        "only": list(only),
        "settings": settings,
        "loaded_at": store.meta("loaded_at"),
        "started": time.time(),
        "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    (folder / "job.json").write_text(json.dumps({**job, "pid": 0}))
    with (folder / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "analysis.scan.worker", str(folder.resolve())],
            cwd=_PROJECT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _write_pid(folder, job, process.pid)
    _wait_for_lock(folder, process)
    threading.Thread(target=_watch, args=(store, process), name=f"scan of {store.name}", daemon=True).start()


def _write_pid(folder: Path, job: dict[str, Any], pid: int) -> None:
    partial = folder / ".job.partial"
    partial.write_text(json.dumps({**job, "pid": pid}))
    os.replace(partial, folder / "job.json")


def _wait_for_lock(folder: Path, process: "subprocess.Popen[bytes]") -> None:
    """Until the worker holds its lock nobody could tell a starting scan from a dead one."""
    while process.poll() is None and not (folder / "end.json").exists() and not _alive(folder):
        time.sleep(0.05)


def _watch(store: Store, process: "subprocess.Popen[bytes]") -> None:
    """Collect results while the worker lives, tab or no tab."""
    while store.is_open and process.poll() is None:
        collect(store)
        time.sleep(_PAUSE)
    if store.is_open:
        collect(store)


def _runs(store: Store) -> bool:
    with store.collecting:  # two looks at once would take each other for the worker
        return _alive(store.folder / "scan")


def _alive(folder: Path) -> bool:
    if not (folder / "worker.lock").exists():
        return False
    try:
        with FileLock(folder / "worker.lock", timeout=0):
            return False
    except Timeout:
        return True


def _end(folder: Path, alive: bool) -> tuple[State, str]:
    if alive:
        return "running", ""
    if (folder / "cancelled").exists():
        return "cancelled", ""
    end = _read(folder / "end.json")
    if end is None:
        return "interrupted", "The scan stopped before it was finished."
    return end["state"], end["message"]


def _seconds_left(started: float, fraction: float, progress: Path) -> float | None:
    """As far as the last step lets one tell, less the time since: it falls, and is gone when it was too little."""
    if fraction <= 0.05:
        return None
    known_at = progress.stat().st_mtime
    left = (known_at - started) * (1 - fraction) / fraction - (time.time() - known_at)
    return left if left > 0 else None


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    return found
