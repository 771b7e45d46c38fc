"""What commands print on a terminal: it fits, it stays inert, and a terminal that is gone or poor does no harm."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from analysis.report.lines import columns, cut, pairs, paragraph, table
from analysis.report.progress import ProgressLine
from analysis.store import Store
from tests.commands import HOSTILE, PROJECT, process
from tests.scanned import scan_by_hand
from tests.tables import write


def test_hostile_cells_and_errors_are_shown_inert(run: Any, tmp_path: Path, workspace: Path) -> None:
    run("load", write(tmp_path / "h.csv", HOSTILE), "--name", "h", "--id", "name", "--encoding", "utf-8")
    with Store(workspace / "h") as store:
        scan_by_hand(store)
    printed = [
        *run("show", "h", "a"),
        *run("show", "h", "a", "--json"),
        *run("issues", "h"),
        *run("issues", "h", "--json"),
        *run("decide", "h", "a", "relabel", "--to", "\x1b[2J", "--reviewer", "\x1b]0;x\x07Eve"),
        *run("show", "h", "\x1b[2J"),
        *run("\x1b[2J"),
        *run("export", "h", "-o", tmp_path / "\x1b[2J.doc"),
    ]
    text = "".join(part for part in printed if isinstance(part, str))
    assert "⟨U+001B⟩[31mred" in text
    assert not {c for c in text if c < " " and c != "\n"} | ({"\x9b", "\u202e"} & set(text))


def test_a_closed_pipe_ends_quietly_and_keeps_the_exit_code(tickets: Any, workspace: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "analysis", "issues", "tickets", "--fail-over", "0"]
    with os.fdopen(writing, "w") as pipe:
        done = subprocess.run(command, cwd=PROJECT, stdout=pipe, stderr=subprocess.PIPE, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (1, "")


def test_a_terminal_without_the_character_gets_its_number(tickets: Any, workspace: Path) -> None:
    with Store(workspace / "tickets") as store, store.transaction() as transaction:
        transaction.execute("UPDATE findings SET message = '中文'")
    done = process("show", "tickets", "b", env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0, done.stderr
    assert r"\u4e2d\u6587" in done.stdout


def test_tables_keep_to_the_width_and_align() -> None:
    lines = table(("name", "n"), [("short", 1234567), ("中" * 40, 5)], 30, right=[1])
    assert lines[0] == "name" + " " * 25 + "n"
    assert lines[1] == "short" + " " * 16 + "1,234,567"
    assert lines[2] == "中" * 9 + "…" + " " * 10 + "5"
    assert [columns(line) for line in lines] == [30, 30, 30]


def test_long_text_is_wrapped_between_words_and_cut_with_a_count() -> None:
    assert paragraph("one two three", 8) == ["one two", "three"]
    assert paragraph("abcdefghijkl", 8) == ["abcdefgh", "ijkl"]
    assert paragraph("中文中文中文", 8) == ["中文中文", "中文"]
    assert paragraph("x" * 12, 80, most=10) == ["x" * 10, "… 2 more characters"]
    assert pairs([("a", "one two three"), ("long", "x")], 16) == ["  a     one two", "        three", "  long  x"]
    assert cut("abc", 3) == "abc"
    assert cut("abcd", 3) == "ab…"


class _Terminal:
    def __init__(self, *, updating: bool) -> None:
        self.written: list[str] = []
        self._updating = updating

    def isatty(self) -> bool:
        return self._updating

    def write(self, text: str) -> int:
        self.written.append(text)
        return len(text)

    def flush(self) -> None:
        pass


def test_progress_is_one_line_on_a_terminal_and_a_line_a_stage_elsewhere() -> None:
    terminal, file = _Terminal(updating=True), _Terminal(updating=False)
    for stream in (terminal, file):
        line = ProgressLine(stream, {"vectors": "Reading\x1b the texts"})  # type: ignore[arg-type]
        for share in (0.0, 0.5, 0.5, 1.0):
            line("vectors", share)
        line("kept", 1.0)  # made in an earlier scan
        line.end()
    assert "\n" not in "".join(terminal.written)
    assert terminal.written[1] == "\r\x1b[KReading⟨U+001B⟩ the texts   50%"
    assert terminal.written[-1] == "\r\x1b[K"
    assert file.written == ["Reading⟨U+001B⟩ the texts …\n"]
