"""Files that hold objects or programs rather than a table, some under a harmless name."""

import pickle
import sqlite3
import tempfile
from pathlib import Path

from tests.hostile.expect import Case, Refuses

TRAP = "PWNED"  # the file that appears in the working folder if a pickle is ever opened


class _Trap:
    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return open, (TRAP, "w")


def _pickled(protocol: int = 4) -> bytes:
    return pickle.dumps(_Trap(), protocol=protocol)


def _array() -> bytes:
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + _pickled()


def _sqlite() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.db"
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE t (a)")
        connection.commit()
        connection.close()
        return path.read_bytes()


_DUCK = bytes(8) + b"DUCK" + (64).to_bytes(8, "little") + bytes(5000)

CASES = [
    Case("k01", "a pickle", "k01.pkl", _pickled, Refuses("pickle.*run code")),
    Case("k02", "a NumPy array of objects", "k02.npy", _array, Refuses("NumPy array")),
    Case("k03", "a pickle under the name of a CSV", "k03.csv", _pickled, Refuses("pickle.*run code")),
    Case("k04", "a pickle written as text", "k04.joblib", lambda: _pickled(0), Refuses("pickle.*run code")),
    Case("k05", "a database under the name of a CSV", "k05.csv", _sqlite, Refuses("SQLite database")),
    Case(
        "k06",
        "a DuckDB file under the name of a Parquet file",
        "k06.parquet",
        lambda: _DUCK,
        Refuses("DuckDB database"),
    ),
]
