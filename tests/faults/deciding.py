"""A process that decides with two writers until it is killed, and says what has been acknowledged.

Run as `python -m tests.faults.deciding FOLDER`: opens the dataset in FOLDER and prints one decision id per line, each
only after `Store.record` has returned.
"""

import os
import sys
import threading
import uuid
from datetime import UTC, datetime
from pathlib import Path

from analysis.schema import Decision
from analysis.store import Store


def main(folder: Path) -> None:
    """Decide for ever."""
    store = Store(folder)
    os.write(1, b"open\n")
    writers = [threading.Thread(target=decide, args=(store, name)) for name in ("Ada", "Ben")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()


def decide(store: Store, reviewer: str) -> None:
    """One writer: record, then acknowledge."""
    while True:
        decision = Decision(
            decision_id=str(uuid.uuid4()),
            example_id="a",
            content_hash="any",
            action="keep",
            new_label=None,
            reviewer=reviewer,
            decided_at=datetime.now(UTC).isoformat(),
        )
        store.record([decision])
        os.write(1, decision.decision_id.encode() + b"\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
