"""A workspace for the command line, and a command as it is typed."""

from pathlib import Path
from typing import Any

import pytest

from analysis import __main__ as command_line
from analysis.load.save import save
from analysis.schema import Roles
from analysis.store import Store
from tests.commands import CSV, Result
from tests.scanned import scan_by_hand
from tests.tables import read_table, write


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLUMBLINE_WORKSPACE", str(tmp_path / "ws"))
    monkeypatch.setenv("COLUMNS", "100")
    return tmp_path / "ws"


@pytest.fixture
def run(workspace: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def typed(*words: object) -> Result:
        code = command_line.main([str(word) for word in words])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return typed


@pytest.fixture
def tickets(run: Any, tmp_path: Path, workspace: Path) -> Any:
    """`run`, with a dataset `tickets` that was scanned by hand."""
    path, rows = write(tmp_path / "tickets.csv", CSV), [line.split(",") for line in CSV.splitlines()]
    found = read_table(rows[0], [[cell or None for cell in row] for row in rows[1:]])
    save(workspace, found, path, "tickets", Roles(id=0, text=(1,), label=2))
    with Store(workspace / "tickets") as store:
        scan_by_hand(store)
    return run
