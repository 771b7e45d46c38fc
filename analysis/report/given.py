"""What was typed, and what every command needs of it: the dataset, progress, and how to answer."""

import argparse
import contextlib
import os
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.schema import Progress
    from analysis.store import Store

PROJECT = Path(__file__).parents[2]
PROGRAM = "python -m analysis"
FINE, OVER = 0, 1  # exit codes
Given = argparse.Namespace


@dataclass(frozen=True)
class Answer:
    """What a command has to say: lines for people, plain values for machines, and the exit code."""

    lines: list[str]
    plain: Any
    code: int = FINE


def workspace(given: Given) -> Path:
    """The folder that holds the datasets: `--workspace`, else PLUMBLINE_WORKSPACE, else `workspace/` beside app.py."""
    named: Path | None = getattr(given, "workspace", None)
    return named or Path(os.environ.get("PLUMBLINE_WORKSPACE") or PROJECT / "workspace")


def opened(given: Given, name: str | None = None) -> "Store":
    """The dataset that was named."""
    from analysis.store import open_store

    return open_store(workspace(given), name or given.dataset)


def width() -> int:
    """Columns of the terminal."""
    return shutil.get_terminal_size((100, 24)).columns


@contextlib.contextmanager
def progressing(given: Given, titles: Mapping[str, str] | None = None) -> "Iterator[Progress | None]":
    """Progress on stderr; none where a machine reads."""
    from analysis.report.progress import ProgressLine

    if given.json:
        yield None
        return
    line = ProgressLine(sys.stderr, titles)
    try:
        yield line
    finally:
        line.end()


def next_step(given: Given, *words: str) -> list[str]:
    """The step that usually follows, ready to be typed."""
    return ["", f"Next: {typed(given, *words)}"]


def typed(given: Given, *words: str) -> str:
    """A command line that works where this one did."""
    named: Path | None = getattr(given, "workspace", None)
    where = ["--workspace", str(named)] if named else []
    return f"{PROGRAM} {shlex.join([*words, *where])}"
