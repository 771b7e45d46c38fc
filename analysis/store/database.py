"""The database file of one dataset: connect with nothing else in reach, read, write together or not at all.

A cursor per call, because a connection shared between threads hands one thread's rows to another.
"""

import contextlib
import itertools
import os
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

import duckdb
import pandas as pd
import pyarrow as pa

from analysis.schema import MIGRATIONS

DATABASE = "data.duckdb"
DatabaseError = duckdb.Error
Derived = TypeVar("Derived")
_MOST_DERIVED = 8  # the largest of them, the places of a million examples, has 45 MB


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


class Database:
    """An open, migrated database file. Safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._changes = itertools.count(1)
        self._derived: OrderedDict[tuple[str, Hashable], object] = OrderedDict()
        self.connect()
        self._migrate()
        self.bump()
        self._data_version = self._version

    @property
    def version(self) -> str:
        """A text that is new after every write: the key of anything cached from this dataset."""
        return self._version

    @property
    def data_version(self) -> str:
        """A text that is new after every transaction: decisions one by one leave it as it is."""
        return self._data_version

    def derived(self, state: str, key: Hashable, make: Callable[[], Derived]) -> Derived:
        """What `make` works out from the dataset in this state, of which there is one `version` or `data_version`.

        The latest few are kept. They are shared between threads: nobody may change them.
        """
        place = (state, key)
        try:
            found = self._derived[place]
        except KeyError:
            found = self._derived[place] = make()
            while len(self._derived) > _MOST_DERIVED:
                self._derived.popitem(last=False)
        return cast(Derived, found)

    def connect(self) -> None:
        """Open the file; again, if a fatal error has invalidated the connection."""
        self._connection = _connect(self._folder)

    def disconnect(self) -> None:
        """Close the file."""
        self._connection.close()

    def frame(self, sql: str, params: Sequence[Any] = ()) -> pd.DataFrame:
        """The rows of a query as a frame."""
        with self._cursor() as cursor:
            return cursor.execute(sql, list(params)).df()

    def table(self, sql: str, params: Sequence[Any] = ()) -> pa.Table:
        """The rows of a query as an Arrow table: lists and exact types survive."""
        with self._cursor() as cursor:
            return cursor.sql(sql, params=list(params)).to_arrow_table()  # of `execute` it would be a copy

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
        self.bump()
        self._data_version = self._version

    def execute_many(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """One statement a row, each durable by itself: never part of a larger transaction."""
        with self._cursor() as cursor:
            for row in rows:
                cursor.execute(statement, list(row))

    def checkpoint(self) -> None:
        """Fold the write-ahead log into the database file."""
        with self._cursor() as cursor:
            cursor.execute("CHECKPOINT")

    def bump(self) -> None:
        """Say that something was written."""
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

    @contextlib.contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        cursor = self._connection.cursor()
        try:
            yield cursor
        finally:
            cursor.close()


def quote(identifier: str) -> str:
    """An SQL identifier, quoted. Only our own names ever get here; users' names live in `columns`."""
    return '"' + identifier.replace('"', '""') + '"'


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
