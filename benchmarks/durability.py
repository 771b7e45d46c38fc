"""No decision is lost: kill -9 at random moments, and many threads deciding at once.

python benchmarks/durability.py [--rounds 50] [--json FILE]
"""

import argparse
import json
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path

sys.path.pop(0)  # this folder, whose names (coverage.py) would hide packages
sys.path.insert(0, str(Path(__file__).parents[1]))

from analysis.schema import Decision
from analysis.store import Store
from tests.faults.killing import kill_rounds

THREADS, EACH = 20, 200


def killed(folder: Path, rounds: int) -> dict[str, object]:
    """Two writers, killed `rounds` times."""
    Store(folder).close()
    started = time.perf_counter()
    outcomes = list(kill_rounds(folder, rounds, seed=1))
    return {
        "test": f"kill -9 at {rounds} random moments, 2 writers",
        "acknowledged": outcomes[-1].acknowledged,
        "lost": max(outcome.lost for outcome in outcomes),
        "duplicated": max(outcome.duplicated for outcome in outcomes),
        "seconds": round(time.perf_counter() - started, 1),
    }


def crowded(folder: Path) -> dict[str, object]:
    """Twenty threads, two hundred decisions each."""
    started = time.perf_counter()
    with Store(folder) as store:

        def decide(reviewer: str) -> None:
            for number in range(EACH):
                made = Decision(str(uuid.uuid4()), f"r{number}", "any", "keep", None, reviewer, "2026-01-01T00:00:00Z")
                store.record([made])

        threads = [threading.Thread(target=decide, args=(f"reviewer {n}",)) for n in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - started
        total, unique = store.rows("SELECT count(*), count(DISTINCT decision_id) FROM decisions")[0]
    return {
        "test": f"{THREADS} threads x {EACH} decisions",
        "acknowledged": THREADS * EACH,
        "lost": THREADS * EACH - unique,
        "duplicated": total - unique,
        "seconds": round(seconds, 1),
    }


def main() -> int:
    """Run both and print one table; 1 when anything was lost or is there twice."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = [killed(Path(folder) / "killed", options.rounds), crowded(Path(folder) / "crowded")]
    for row in rows:
        print("   ".join(f"{key} {value}" for key, value in row.items()))
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))
    return 1 if any(row["lost"] or row["duplicated"] for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
