"""The hostile corpus: about 125 files, each with what it must come to.

Run `python -m tests.hostile.corpus` for a table of outcomes.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import BadFile
from analysis.load.options import NeedsAnswer, ReadFile
from analysis.load.read import read_file
from tests.hostile import archives, delimited, json_files, objects, parquet_files, workbooks
from tests.hostile.expect import Asks, Case, Loads, Refuses

CASES: list[Case] = [
    *delimited.CASES,
    *json_files.CASES,
    *parquet_files.CASES,
    *workbooks.CASES,
    *archives.CASES,
    *objects.CASES,
]


@dataclass(frozen=True)
class Outcome:
    """What became of one file: in words, in seconds, and how it differs from what it must come to."""

    id: str
    what: str
    expected: str
    outcome: str
    seconds: float
    differences: list[str]


def write(case: Case, folder: Path) -> Path:
    """The file of a case, in a folder."""
    path = folder / case.file
    path.write_bytes(case.make())
    return path


def attempt(path: Path) -> ReadFile | BadFile:
    """Read a file as the app does; a refusal is an outcome too."""
    try:
        return read_file(path)
    except BadFile as error:
        return error


def outcomes(folder: Path) -> Iterator[Outcome]:
    """Read every file of the corpus, one after the other."""
    for case in CASES:
        path = write(case, folder)
        started = time.perf_counter()
        outcome = attempt(path)
        seconds = time.perf_counter() - started
        path.unlink()
        yield Outcome(case.id, case.what, _expected(case), in_words(outcome), seconds, case.expect.differences(outcome))


def _expected(case: Case) -> str:
    kinds = {Loads: "loads exactly", Asks: "asks", Refuses: "is refused"}
    return kinds[type(case.expect)]


def in_words(outcome: ReadFile | BadFile) -> str:
    """What came of reading a file: loaded, asked or refused, and with what."""
    if isinstance(outcome, NeedsAnswer):
        return f"asks: {outcome.message}"
    if isinstance(outcome, BadFile):
        return f"refused: {outcome.message}"
    aside = f", {len(outcome.rejected)} set aside" if len(outcome.rejected) else ""
    return f"loads, {outcome.cells.num_rows:,} rows of {len(outcome.columns):,}{aside}"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        for result in outcomes(Path(scratch)):
            mark = "!!" if result.differences else "ok"
            sys.stdout.write(f"{mark} {result.id:5}{result.seconds:6.2f} s  {result.what}: {result.outcome[:150]}\n")
            for difference in result.differences:
                sys.stdout.write(f"          {difference}\n")
