"""One dataset folder: the database, the journal of human acts, and the lock that keeps other processes out.

Human acts go to the journal first and to the tables second; opening a dataset replays what the tables have missed.
"""

import json
import os
import socket
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from filelock import FileLock, Timeout

from analysis.errors import DatasetBusy, NotSaved, UserError
from analysis.journal import Journal
from analysis.schema import ACTIONS, Act, Column, Roles
from analysis.store.database import Database, DatabaseError

JOURNAL = "journal.jsonl"
SOURCE = "source"
_TABLES = {  # kind of act → its table, and the columns that hold the act, its UUID first
    "decision": (
        "decisions",
        "decision_id example_id content_hash action new_label check_name reviewer note clause decided_at "
        "seconds batch_id labels",
    ),
    "undo": ("undos", "undo_id decision_id reviewer undone_at"),
    "guideline": ("guidelines", "guideline_id version text author created_at note since"),
    "assignment": ("assignments", "assignment_id example_id asked asked_by asked_at question"),
    "selection": ("selections", "selection_id name filter saved_by saved_at"),
}
_IDS = {kind: names.split()[0] for kind, (_, names) in _TABLES.items()}
_BULK = 200  # from here on one frame is faster than one INSERT per act


class Store(Database):
    """One open dataset. Share it between threads; close it when done."""

    def __init__(self, folder: Path) -> None:
        """Open the dataset in `folder`, creating the database and the journal where they are missing.

        Raises DatasetBusy when another process, or another Store of this one, has it open.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder = folder
        self.name = folder.name
        self._lock = claim(folder)
        try:
            super().__init__(folder)
            self.journal = Journal(folder / JOURNAL)
        except BaseException:
            self._lock.release()
            raise
        self._acting = threading.Lock()
        self._behind = False  # the journal holds acts that the tables do not
        self.collecting = threading.Lock()  # held while a scan's results are being saved
        self.unknown_lines: list[int] = []  # acts that this version does not know; they stay in the journal
        self.unreadable_lines = self._replay()

    @property
    def is_open(self) -> bool:
        """Whether the dataset can still be read."""
        return self._lock.is_locked

    def meta(self, key: str) -> str | None:
        """A fact that was remembered about the dataset."""
        value: str | None = self.value("SELECT value FROM meta WHERE key = ?", [key])
        return value

    def columns(self) -> list[Column]:
        """The columns of the user's file, in order."""
        return [Column(*row) for row in self.rows("SELECT position, name, kind FROM columns ORDER BY position")]

    def roles(self) -> Roles:
        """Which column plays which role."""
        stored: dict[str, Any] = json.loads(self.meta("roles") or '{"text": []}')
        values: dict[str, Any] = {role: tuple(v) if isinstance(v, list) else v for role, v in stored.items()}
        return Roles(**values)

    def record(self, acts: Sequence[Act]) -> None:
        """Make human acts durable: journal, then tables, then read back.

        When this returns, every act survives a crash. Raises NotSaved when nothing was recorded, and UserError
        when the journal holds the acts but the tables could not follow (they will at the next opening).
        """
        lines = [{name: getattr(act, name) for name in act.__slots__} for act in acts]
        with self._acting:
            if self._behind:
                self._catch_up()
            first = self.journal.append(lines)
            try:
                self._insert_acts(list(enumerate(lines, start=first)))
            except DatabaseError as error:
                self._behind = True
                raise UserError(
                    f"Saved in the journal, but the dataset could not follow: {str(error)[:200]}",
                    "Free some disk space; the next decision, or a restart, brings the dataset up to date.",
                ) from error
            if self._count_acts(lines) != len(lines):
                raise NotSaved(
                    "The dataset did not keep what the journal holds.",
                    "Restart Plumbline: opening the dataset replays the journal.",
                )
        self.bump()

    def close(self) -> None:
        """Close everything and let others in. Calling it twice is fine."""
        if not self.is_open:
            return
        self.disconnect()
        self.journal.close()
        (self.folder / ".owner").unlink(missing_ok=True)
        self._lock.release()

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _replay(self) -> list[int]:
        """Bring the tables up to the journal; return the numbers of the lines that cannot be read."""
        tables = " UNION ALL ".join(f"SELECT {_IDS[kind]} FROM {table}" for kind, (table, _) in _TABLES.items())
        known = {row[0] for row in self.rows(tables)}
        missed, unreadable, unknown = [], [], []
        for line in self.journal.lines():
            if line.act is not None and _is_of_tomorrow(line.act):
                unknown.append(line.number)
            elif line.act is None or _act_id(line.act) is None:
                unreadable.append(line.number)
            elif _act_id(line.act) not in known:
                missed.append((line.number, line.act))
        self.unknown_lines = unknown
        if missed:
            self._insert_acts(missed)
            self.bump()
        return unreadable

    def _catch_up(self) -> None:
        """After a failed write the database may refuse everything until it is opened anew."""
        try:
            self.disconnect()
            self.connect()
            self._replay()
        except DatabaseError as error:
            raise NotSaved(
                f"Not saved: the dataset cannot be written ({str(error)[:200]}).",
                "Free some disk space, then decide again; nothing was recorded.",
            ) from error
        self._behind = False

    def _insert_acts(self, acts: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
        for kind, (table, names) in _TABLES.items():
            own = [(number, act) for number, act in acts if act["kind"] == kind]
            columns = ["sequence", *names.split()]
            into = f"INSERT INTO {table} ({', '.join(columns)})"
            if len(own) < _BULK:
                marks = ", ".join("?" * len(columns))
                rows = [(number, *(act.get(name) for name in names.split())) for number, act in own]
                self.execute_many(f"{into} VALUES ({marks}) ON CONFLICT DO NOTHING", rows)
            else:
                cells = {name: pa.array([act.get(name) for _, act in own]) for name in names.split()}
                with self.transaction() as transaction:
                    transaction.execute(
                        "CREATE TEMP TABLE replayed AS SELECT " + ", ".join(columns) + f" FROM {table} LIMIT 0"
                    )
                    transaction.insert("replayed", pa.table({"sequence": [number for number, _ in own], **cells}))
                    transaction.execute(f"{into} SELECT * FROM replayed ON CONFLICT DO NOTHING")
                    transaction.execute("DROP TABLE replayed")

    def _count_acts(self, acts: Sequence[Mapping[str, Any]]) -> int:
        count = 0
        for kind in {act["kind"] for act in acts}:
            ids = [_act_id(act) for act in acts if act["kind"] == kind]
            count += self.value(f"SELECT count(*) FROM {_TABLES[kind][0]} WHERE {_IDS[kind]} = ANY($1)", [ids])
        return count


def _is_of_tomorrow(act: Mapping[str, Any]) -> bool:
    """Whether the act is of a kind, or a decision is an action, that this version does not know."""
    kind, action = act.get("kind"), act.get("action")
    if kind == "decision":
        return isinstance(action, str) and action not in ACTIONS
    return isinstance(kind, str) and kind not in _TABLES


def _act_id(act: Mapping[str, Any]) -> str | None:
    kind = act.get("kind")
    return act.get(_IDS[kind]) if isinstance(kind, str) and kind in _IDS else None


def claim(folder: Path) -> FileLock:
    """Keep every other Store of this folder out until the lock is released. Raises DatasetBusy."""
    lock = FileLock(folder / ".lock", thread_local=False)  # any thread may ask whether it is held, and close
    owner = folder / ".owner"
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        try:
            who = owner.read_text()
        except OSError:
            who = "unknown"
        raise DatasetBusy(
            f"The dataset {folder.name!r} is open in another process (PID {who}).",
            "Work in the Plumbline page that has it open, or stop that process and try again.",
        ) from error
    owner.write_text(f"{os.getpid()} on {socket.gethostname()}")
    return lock
