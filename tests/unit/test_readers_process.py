"""The reading process: it may die, run out of memory or time, and nobody is harmed."""

import hashlib
import os
import stat
import sys
from pathlib import Path

import pytest

from analysis.errors import BadFile
from analysis.load import read as read_module
from analysis.load.options import GB, MB, Limits, ReadOptions
from analysis.load.read import read_file

CSV = b"id,text,label\n1,charged twice,billing\n2,late,delivery\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A small file that loads."""
    file = tmp_path / "tickets.csv"
    file.write_bytes(CSV)
    return file


def test_what_a_read_file_says(path: Path) -> None:
    told: list[tuple[str, float]] = []
    file = read_file(path, progress=lambda stage, share: told.append((stage, share)))
    assert (file.name, file.format, file.size_bytes) == ("tickets.csv", "csv", len(CSV))
    assert file.sha256 == hashlib.sha256(CSV).hexdigest()
    assert file.options == ReadOptions(encoding="utf-8", delimiter=",", header=True, skip_lines=0)
    assert [(column.position, column.name, column.kind) for column in file.columns] == [
        (0, "id", "text"),
        (1, "text", "text"),
        (2, "label", "text"),
    ]
    assert file.cells.to_pydict() == {"c0": ["1", "2"], "c1": ["charged twice", "late"], "c2": ["billing", "delivery"]}
    assert list(file.rejected.columns) == ["line", "reason", "raw"]
    assert file.rejected.empty
    assert (told[0][1], told[-1][1]) == (0.0, 1.0)
    assert path.read_bytes() == CSV


def _pretend(script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a script in the place of the reading process."""
    program = tmp_path / "program"
    program.write_text(f"#!{sys.executable}\nimport os, time\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(read_module.sys, "executable", str(program))


@pytest.mark.skipif(os.name != "posix", reason="signals are a matter of POSIX")
def test_a_crash_is_a_sentence(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _pretend("os.kill(os.getpid(), 11)", tmp_path, monkeypatch)
    with pytest.raises(BadFile, match=r"made the reader stop \(signal 11\)"):
        read_file(path)


@pytest.mark.skipif(os.name != "posix", reason="scripts start by their first line on POSIX alone")
def test_a_process_that_hangs_is_ended(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _pretend("time.sleep(60)", tmp_path, monkeypatch)
    with pytest.raises(BadFile, match="more than 1 seconds"):
        read_file(path, limits=Limits(wall_seconds=1))


@pytest.mark.skipif(os.name != "posix", reason="scripts start by their first line on POSIX alone")
def test_a_defect_in_the_reader_is_not_hidden(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _pretend("raise KeyError('a defect')", tmp_path, monkeypatch)
    with pytest.raises(RuntimeError, match="a defect"):
        read_file(path)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory and computing time are capped on Linux")
def test_memory_and_computing_time_are_capped(tmp_path: Path) -> None:
    path = tmp_path / "big.jsonl"
    path.write_bytes(b'{"text": "' + b"x" * 60_000_000 + b'"}\n')
    with pytest.raises(BadFile, match=r"takes more .*memory"):
        read_file(path, limits=Limits(memory=400 * MB))
    path.write_bytes(b'{"a": "x", "b": [1, 2, {"c": null}]}\n' * 400_000)
    with pytest.raises(BadFile, match=r"made the reader stop .*more than 1 seconds of computing"):
        read_file(path, limits=Limits(cpu_seconds=1))


def test_large_parquet_gets_more_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.parquet"
    with path.open("wb") as file:
        file.truncate(GB)  # a file of holes: only its size is looked at
    limits = Limits()
    assert read_module._memory([path], limits) == 5 * GB
    assert read_module._memory([path] * 4, limits) == limits.parquet_memory
    assert read_module._memory([path.rename(tmp_path / "large.csv")], limits) == limits.memory


@pytest.mark.skipif(os.name != "posix", reason="pipes and rights as POSIX has them")
def test_what_is_not_a_file_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(BadFile, match="not an ordinary file"):
        read_file(tmp_path / "pipe.csv")
    with pytest.raises(BadFile, match=r"cannot be opened|There is no file"):
        read_file(tmp_path / ("n" * 300 + ".csv"))


def test_the_process_knows_no_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLUMBLINE_SECRET", "hunter2")
    assert "PLUMBLINE_SECRET" not in read_module._environment(tmp_path)
