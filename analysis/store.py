"""One dataset folder: open, migrate, read, write. The sole importer of duckdb.

A cursor per call, because a connection shared between threads hands one thread's rows to another. Human acts go
to the journal first and to the tables second; opening a dataset replays whatever the tables have missed.
"""

import contextlib
import itertools
import json
import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
from filelock import FileLock, Timeout

from analysis.errors import DatasetBusy, NoSuchThing, NotSaved, UserError
from analysis.journal import Journal
from analysis.schema import MIGRATIONS, Act, Column, Decision, Roles, Undo

DATABASE = "data.duckdb"
JOURNAL = "journal.jsonl"
SOURCE = "source"
_ACT_COLUMNS = {
    "decision": (
        "decisions",
        "decision_id example_id content_hash action new_label check_name reviewer note clause decided_at "
        "seconds batch_id",
    ),
    "undo": ("undos", "undo_id decision_id reviewer undone_at"),
}
_BULK = 200  # from here on one frame is faster than one INSERT per act


class Transaction:
    """Writes that happen together; made by `Store.transaction`."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor

    def execute(self, sql: str, params: Sequence[Any] = ()) -> None:
        """Run one statement."""
        self._cursor.execute(sql, list(params))

    def insert(self, table: str, rows: pd.DataFrame | pa.Table) -> None:
        """Append rows by column name; columns that are not given stay NULL."""
        names = rows.column_names if isinstance(rows, pa.Table) else [str(name) for name in rows.columns]
        columns = ", ".join(quote(name) for name in names)
        self._cursor.register("incoming", rows)
        try:
            self._cursor.execute(f"INSERT INTO {quote(table)} ({columns}) SELECT {columns} FROM incoming")
        finally:
            self._cursor.unregister("incoming")

    def replace(self, table: str, rows: pd.DataFrame | pa.Table) -> None:
        """Empty the table, then append the rows."""
        self.execute(f"DELETE FROM {quote(table)}")
        self.insert(table, rows)

    def set_meta(self, key: str, value: str) -> None:
        """Remember a fact about the dataset."""
        self.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", [key, value])


class Store:
    """One open dataset. Share it between threads; close it when done."""

    def __init__(self, folder: Path) -> None:
        """Open the dataset in `folder`, creating the database and the journal where they are missing.

        Raises DatasetBusy when another process, or another Store of this one, has it open.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder = folder
        self.name = folder.name
        self._lock = _claim(folder)
        try:
            self._connection = _connect(folder)
            self._migrate()
            self.journal = Journal(folder / JOURNAL)
        except BaseException:
            self._lock.release()
            raise
        self._acting = threading.Lock()
        self.collecting = threading.Lock()  # held while a scan's results are being saved
        self._changes = itertools.count(1)
        self._version = ""
        self._bump()
        self.unreadable_lines = self._replay()

    @property
    def is_open(self) -> bool:
        """Whether the dataset can still be read."""
        return self._lock.is_locked

    @property
    def version(self) -> str:
        """A text that is new after every write: the key of anything cached from this dataset."""
        return self._version

    def frame(self, sql: str, params: Sequence[Any] = ()) -> pd.DataFrame:
        """The rows of a query as a frame."""
        with self._cursor() as cursor:
            return cursor.execute(sql, list(params)).df()

    def table(self, sql: str, params: Sequence[Any] = ()) -> pa.Table:
        """The rows of a query as an Arrow table: lists and exact types survive."""
        with self._cursor() as cursor:
            return cursor.execute(sql, list(params)).to_arrow_table()

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a small query as tuples."""
        with self._cursor() as cursor:
            return cursor.execute(sql, list(params)).fetchall()

    def value(self, sql: str, params: Sequence[Any] = ()) -> Any:
        """The first cell of a query, None where there is no row."""
        rows = self.rows(sql, params)
        return rows[0][0] if rows else None

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Everything inside is written, or nothing is – also when a Streamlit rerun breaks in."""
        with self._cursor() as cursor:
            cursor.execute("BEGIN TRANSACTION")
            try:
                yield Transaction(cursor)
                cursor.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(duckdb.Error):  # the transaction may be gone already
                    cursor.execute("ROLLBACK")
                raise
        self._bump()

    def meta(self, key: str) -> str | None:
        """A fact that was remembered about the dataset."""
        value: str | None = self.value("SELECT value FROM meta WHERE key = ?", [key])
        return value

    def columns(self) -> list[Column]:
        """The columns of the user's file, in order."""
        return [Column(*row) for row in self.rows("SELECT position, name, kind FROM columns ORDER BY position")]

    def roles(self) -> Roles:
        """Which column plays which role."""
        roles = json.loads(self.meta("roles") or "{}")
        return Roles(**{k: tuple(v) if isinstance(v, list) else v for k, v in roles.items()})

    def record(self, acts: Sequence[Act]) -> None:
        """Make human acts durable: journal, then tables, then read back.

        When this returns, every act survives a crash. Raises NotSaved when nothing was recorded, and UserError
        when the journal holds the acts but the tables could not follow (they will at the next opening).
        """
        lines = [{"kind": act.kind, **asdict(act)} for act in acts]
        with self._acting:
            first = self.journal.append(lines)
            try:
                self._insert_acts(list(enumerate(lines, start=first)))
            except duckdb.Error as error:
                raise UserError(
                    "Saved in the journal, but the dataset could not be brought up to date: "
                    f"{str(error)[:200]}",
                    "Free some disk space and restart Plumbline; the decision will be there.",
                ) from error
            if self._count_acts(lines) != len(lines):
                raise NotSaved(
                    "The dataset did not keep what the journal holds.",
                    "Restart Plumbline: opening the dataset replays the journal.",
                )
        self._bump()

    def checkpoint(self) -> None:
        """Fold the write-ahead log into the database file."""
        with self._cursor() as cursor:
            cursor.execute("CHECKPOINT")

    def close(self) -> None:
        """Close everything and let others in. Calling it twice is fine."""
        if not self.is_open:
            return
        self._connection.close()
        self.journal.close()
        (self.folder / ".owner").unlink(missing_ok=True)
        self._lock.release()

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextlib.contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        cursor = self._connection.cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    def _bump(self) -> None:
        self._version = f"{time.time_ns()}.{next(self._changes)}"

    def _migrate(self) -> None:
        with self._cursor() as cursor:
            cursor.execute("CREATE TABLE IF NOT EXISTS migrations (name VARCHAR PRIMARY KEY)")
            done = {name for (name,) in cursor.execute("SELECT name FROM migrations").fetchall()}
        for step in MIGRATIONS:
            if step.__name__ in done:
                continue
            with self._cursor() as cursor:
                cursor.execute("BEGIN TRANSACTION")
                cursor.execute(step())
                cursor.execute("INSERT INTO migrations VALUES (?)", [step.__name__])
                cursor.execute("COMMIT")

    def _replay(self) -> list[int]:
        """Bring the tables up to the journal; return the numbers of the lines that cannot be read."""
        known = {row[0] for row in self.rows("SELECT decision_id FROM decisions UNION ALL SELECT undo_id FROM undos")}
        missed, unreadable = [], []
        for line in self.journal.lines():
            if line.act is None or _act_id(line.act) is None:
                unreadable.append(line.number)
            elif _act_id(line.act) not in known:
                missed.append((line.number, line.act))
        if missed:
            self._insert_acts(missed)
            self._bump()
        return unreadable

    def _insert_acts(self, acts: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
        for kind, (table, names) in _ACT_COLUMNS.items():
            rows = [
                (number, *(act.get(name) for name in names.split())) for number, act in acts if act["kind"] == kind
            ]
            columns = ["sequence", *names.split()]
            into = f"INSERT INTO {table} ({', '.join(columns)})"
            if len(rows) < _BULK:
                marks = ", ".join("?" * len(columns))
                with self._cursor() as cursor:
                    for row in rows:
                        cursor.execute(f"{into} VALUES ({marks}) ON CONFLICT DO NOTHING", list(row))
            else:
                with self.transaction() as transaction:
                    transaction.execute("CREATE TEMP TABLE replayed AS SELECT " + ", ".join(columns) + f" FROM {table} LIMIT 0")
                    transaction.insert("replayed", pd.DataFrame(rows, columns=columns))
                    transaction.execute(f"{into} SELECT * FROM replayed ON CONFLICT DO NOTHING")
                    transaction.execute("DROP TABLE replayed")

    def _count_acts(self, acts: Sequence[Mapping[str, Any]]) -> int:
        ids = [_act_id(act) for act in acts]
        found: int = self.value(
            "SELECT (SELECT count(*) FROM decisions WHERE decision_id = ANY($1))"
            " + (SELECT count(*) FROM undos WHERE undo_id = ANY($1))",
            [ids],
        )
        return found


def quote(identifier: str) -> str:
    """An SQL identifier, quoted. Only our own names ever get here; users' names live in `columns`."""
    return '"' + identifier.replace('"', '""') + '"'


def dataset_names(workspace: Path) -> list[str]:
    """The datasets of a workspace, sorted."""
    if not workspace.is_dir():
        return []
    return sorted(path.parent.name for path in workspace.glob(f"*/{DATABASE}") if not path.parent.name.startswith("."))


def open_store(workspace: Path, name: str) -> Store:
    """Open a dataset by name. Raises NoSuchThing with the names there are."""
    names = dataset_names(workspace)
    if name not in names:
        listed = ", ".join(names) or "none yet"
        raise NoSuchThing(
            f"There is no dataset {name!r} in {workspace}.",
            f"Datasets here: {listed}. Load one with `load FILE --name {name}` or on the Load page.",
        )
    return Store(workspace / name)


def free_bytes(folder: Path) -> int:
    """Free space on the disk that holds `folder`."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def _act_id(act: Mapping[str, Any]) -> str | None:
    kind = act.get("kind")
    return act.get("decision_id") if kind == "decision" else act.get("undo_id") if kind == "undo" else None


def _claim(folder: Path) -> FileLock:
    lock = FileLock(folder / ".lock")
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


def _connect(folder: Path) -> duckdb.DuckDBPyConnection:
    """A connection that can reach nothing but this dataset's own folder."""
    scratch = folder / "tmp"
    scratch.mkdir(exist_ok=True)
    connection = duckdb.connect(
        str(folder / DATABASE),
        config={
            "memory_limit": f"{_memory_limit_mb()}MB",
            "storage_compatibility_version": "v1.5.0",  # one release back can still read the file
            "wal_autocheckpoint": "256MB",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "allow_persistent_secrets": "false",
            "python_enable_replacements": "false",
        },
    )
    for statement in (
        f"SET temp_directory = '{str(scratch).replace(chr(39), chr(39) * 2)}'",
        "SET TimeZone = 'UTC'",
        "SET enable_progress_bar = false",
        "SET enable_external_access = false",
        "SET lock_configuration = true",
    ):
        connection.execute(statement)
    return connection


def _memory_limit_mb() -> int:
    """A quarter of the machine, at most 4 GB: models need the rest."""
    if not hasattr(os, "sysconf"):
        return 2_000
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1_000_000
    return min(4_000, total // 4)
