"""A scanned dataset without a scan: runs and findings written by hand, so that every number is known."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd
import pyarrow as pa

from analysis.store import Store

AT = datetime(2026, 3, 14, 10, 0)


def ran(store: Store, name: str, *, run: str = "1", status: str = "ok", detail: str = "", **counts: int) -> None:
    with store.transaction() as transaction:
        transaction.execute(
            "INSERT INTO runs VALUES (?, ?, ?, ?, ?, '{}', ?, ?, 0.1, ?)",
            [
                f"{run}.{name}",
                name,
                "slice" if name == "thin" else "example",
                status,
                detail,
                counts.get("judged", 3),
                counts.get("flagged", 0),
                AT.replace(minute=int(run)),
            ],
        )


def found(store: Store, name: str, ids: Sequence[str], *, flagged: bool = True, suggested: str | None = None) -> None:
    rows = [
        {
            "check_name": name,
            "subject": "slice" if name == "thin" else "example",
            "subject_id": subject,
            "severity": 0.9 - number / 10,
            "flagged": flagged,
            "message": f"{name} says {subject}",
            "suggested_label": suggested,
            "members": ["a", "b"],
            "run_id": f"1.{name}",
        }
        for number, subject in enumerate(ids)
    ]
    with store.transaction() as transaction:
        transaction.insert("findings", pa.Table.from_pandas(pd.DataFrame(rows)))


def scan_by_hand(store: Store) -> None:
    """Two checks that found something, one on parts of the data, one skipped and one failed."""
    ran(store, "wrong", flagged=2, judged=2)
    ran(store, "odd", flagged=1)
    ran(store, "thin", flagged=1, judged=2)
    ran(store, "leak", status="skipped", detail="Needs a split column.", judged=0)
    ran(store, "broken", status="failed", detail="Traceback\n  File\nValueError: too few\n", judged=0)
    found(store, "wrong", ["b", "a"], suggested="z")
    found(store, "odd", ["b"])
    found(store, "odd", ["c"], flagged=False, suggested="z")
    found(store, "thin", ["x"])
