"""What happens when the disk is full: nothing acknowledged is lost, nothing is said to be saved that is not."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis.errors import NotSaved, UserError
from analysis.store import Store
from tests.conftest import MakeDecision, fill


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 12 MB; needs root on Linux, and says so elsewhere."""
    if os.name != "posix" or os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("mounting a small disk needs root")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(disk)], capture_output=True)
    if mounted.returncode:
        pytest.skip("this system lets nobody mount a small disk")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_full_disk_refuses_decisions_and_recovers_without_a_restart(
    small_disk: Path, make_decision: MakeDecision
) -> None:
    with Store(small_disk / "full") as store:
        fill(store)
        saved = [make_decision() for _ in range(20)]
        store.record(saved)
        ballast = _fill_up(small_disk)
        refused = []
        for _ in range(60):
            decision = make_decision()
            try:
                store.record([decision])
                saved.append(decision)
            except NotSaved:
                refused.append(decision)
            except UserError as error:  # in the journal, but the tables could not follow
                assert "Saved in the journal" in error.message
                saved.append(decision)
        assert refused
        ballast.unlink()
        later = make_decision()
        store.record([later])
        saved.append(later)
    with Store(small_disk / "full") as store:
        stored = {row[0] for row in store.rows("SELECT decision_id FROM decisions")}
        assert {decision.decision_id for decision in saved} <= stored
        assert not {decision.decision_id for decision in refused} & stored
        assert store.unreadable_lines == []


def _fill_up(disk: Path) -> Path:
    path = disk / "ballast"
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        while file.write(b"x" * 4096):
            pass
    return path
