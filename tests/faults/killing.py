"""Kill a deciding process at a random moment, open the dataset again, and count."""

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from analysis.store import Store

PROJECT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Round:
    """What one kill did: decisions acknowledged so far, those of them that are gone, and those stored twice."""

    acknowledged: int
    lost: int
    duplicated: int


def kill_rounds(folder: Path, rounds: int, seed: int) -> Iterator[Round]:
    """Kill `rounds` times, at moments up to 0.6 s after the writers started; all rounds share one dataset."""
    moments = random.Random(seed)
    acknowledged: set[str] = set()
    for _ in range(rounds):
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.deciding", str(folder)], cwd=PROJECT, stdout=subprocess.PIPE
        )
        with process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"open\n"
            time.sleep(moments.uniform(0.0, 0.6))
            process.kill()
            acknowledged.update(process.stdout.read().decode().split())
        with Store(folder) as store:
            stored = [row[0] for row in store.rows("SELECT decision_id FROM decisions")]
            journal = [line.act["decision_id"] for line in store.journal.lines() if line.act is not None]
        lost = len(acknowledged - set(stored)) + len(acknowledged - set(journal))
        yield Round(len(acknowledged), lost, len(stored) - len(set(stored)) + len(journal) - len(set(journal)))
