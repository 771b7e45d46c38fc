"""What becomes of real and of hostile files: loads or is refused, scans, exports, every cell as it came.

python benchmarks/intake.py [--data ../shared/data] [--sets NAME,…] [--json FILE]

Real files: every `data.parquet` in a folder of --data goes through the command line – load, scan, export to Parquet –
and the export is compared with the file, cell by cell, by pyarrow alone. Hostile files: the generated corpus of
tests/hostile, read as the app reads, stored, exported in the format they came in, and read again; which of them load,
ask or are refused is written down there. A difference from it, a failed check or a changed cell ends with exit code 1.

`peak` is the most memory that the process and all its children held at one moment (the sum of their resident sets,
looked at 20 times a second, Linux only): pages that processes share count once for each.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import pyarrow.parquet as pq

sys.path.pop(0)  # this folder, whose names (coverage.py) would hide packages
sys.path.insert(0, str(Path(__file__).parents[1]))

from analysis.errors import UserError
from analysis.export import FORMATS, export
from analysis.load.options import ReadFile, ReadOptions
from analysis.load.read import read_file
from analysis.load.roles import guess_roles
from analysis.load.save import save
from analysis.store import Store
from tests.hostile.corpus import CASES, attempt, in_words, write
from tests.hostile.expect import Asks, Case, Loads

PROJECT = Path(__file__).parents[1]
_MB = 1024 * 1024
_ROLES = {
    "banking77_synth": ["--label", "given_label_asym05"],
    "clinc150_synth": ["--label", "given_label_asym05"],
    "stackoverflow20k_synth": ["--label", "given_label_asym05"],
    "hatecheck": ["--label", "true_label"],
    "mmlu_redux": ["--text", "question,choice_A,choice_B,choice_C,choice_D", "--label", "given_label"],
    "news20_verified": ["--text", "text", "--label", "given_label"],
    "pandalm_pref": ["--text", "instruction,input,response1,response2", "--label", "given_label_gpt35"],
    "rephrase_leak": ["--text", "text", "--label", "domain"],
    "snow_rte": ["--text", "premise,hypothesis", "--label", "true_label"],
}


@dataclass(frozen=True)
class Line:
    """What became of one file; `wrong` says how that differs from what it must come to, "" where it does not."""

    file: str
    outcome: str
    scan: str
    export: str
    seconds: float
    peak_mb: int
    wrong: str


class Peak:
    """The most memory that a process and its children hold while the block runs."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.bytes = 0

    def __enter__(self) -> "Peak":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while True:
            self.bytes = max(self.bytes, sum(_resident(pid) for pid in _family(self._pid)))
            if self._over.wait(0.05):
                return


def _family(pid: int) -> Iterator[int]:
    yield pid
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _family(int(child))


def _resident(pid: int) -> int:
    with contextlib.suppress(OSError, ValueError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def real(path: Path, workspace: Path) -> Line:
    """One file through load, scan and export, each a process of its own."""
    name, back = path.parent.name, workspace / "back.parquet"
    started, peak, said = time.perf_counter(), 0, ""
    steps = {
        "load": ["load", str(path), "--name", name, *_ROLES.get(name, [])],
        "scan": ["scan", name],
        "export": ["export", name, "-o", str(back)],
    }
    told: dict[str, dict[str, object]] = {}
    for step, words in steps.items():
        code, output, used = _command([*words, "--json", "--workspace", str(workspace)])
        peak = max(peak, used)
        if code:
            said = f"{step}: {output.strip()}"
            break
        told[step] = json.loads(output)
    runs = told.get("scan", {}).get("runs", [])
    changed = _changed(path, back) if "export" in told else ""
    return Line(
        file=name,
        outcome=f"loads, {pq.ParquetFile(path).metadata.num_rows:,} rows" if "load" in told else said,
        scan=_scanned(runs) if "scan" in told else "",
        export="" if "export" not in told else changed or "every cell as it came",
        seconds=round(time.perf_counter() - started, 1),
        peak_mb=peak // _MB,
        wrong=said or changed,
    )


def _command(words: list[str]) -> tuple[int, str, int]:
    """Exit code, what was said, and the peak in bytes."""
    process = subprocess.Popen(
        [sys.executable, "-m", "analysis", *words],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with Peak(process.pid) as peak:
        output, errors = process.communicate()
    return process.returncode, errors if process.returncode else output, peak.bytes


def _scanned(runs: object) -> str:
    assert isinstance(runs, list)
    counts = {status: sum(run["status"] == status for run in runs) for status in ("ok", "skipped", "failed")}
    return ", ".join(f"{count} {status}" for status, count in counts.items() if count)


def _changed(before: Path, after: Path) -> str:
    """The first difference between two Parquet files; "" where there is none."""
    one, two = pq.read_table(before), pq.read_table(after)
    if one.column_names != two.column_names or one.num_rows != two.num_rows:
        return f"{two.num_rows} rows of {two.column_names}"
    for name in one.column_names:
        for row, (was, now) in enumerate(zip(one[name].to_pylist(), two[name].to_pylist(), strict=True)):
            if was != now and not (was != was and now != now):  # NaN is not equal to itself
                return f"row {row + 1} of {name}: {was!r:.60} became {now!r:.60}"
    return ""


def hostile(case: Case, folder: Path) -> Line:
    """One file of the corpus: read, and if it loads stored, exported and read again."""
    path = write(case, folder)
    started = time.perf_counter()
    exported, wrong = "", []
    with Peak(os.getpid()) as peak:
        outcome = attempt(path)
        wrong += case.expect.differences(outcome)
        if isinstance(outcome, ReadFile):
            exported, changed = _there_and_back(outcome, path, folder / "workspace" / case.id)
            wrong += changed
    path.unlink()
    return Line(
        file=f"{case.id} {case.what}",
        outcome=in_words(outcome),
        scan="",
        export=exported,
        seconds=round(time.perf_counter() - started, 1),
        peak_mb=peak.bytes // _MB,
        wrong="; ".join(wrong),
    )


def _there_and_back(found: ReadFile, path: Path, workspace: Path) -> tuple[str, list[str]]:
    """What the export came to, and what it changed."""
    guessed = guess_roles(found)
    roles = guessed if guessed.text else replace(guessed, text=(0,), id=None, label=None)
    try:
        folder = save(workspace, found, path, "data", roles).folder
    except UserError as error:
        return f"not stored: {error.message}", []
    format = found.format if found.format in FORMATS else "jsonl"  # a Label Studio file is not written as such
    back = workspace / f"back.{format}"
    with Store(folder) as store:
        try:
            export(store, back, format)
        except UserError as error:
            return f"no {format}: {error.message}", []
    header = found.options.header is not False
    known = ReadOptions(encoding="utf-8", delimiter=found.options.delimiter, header=header, skip_lines=0)
    again = read_file(back, known if format in ("csv", "tsv") else ReadOptions())
    same = [_plain(file, format) for file in (found, again)]
    return ("every cell as it came", []) if same[0] == same[1] else ("cells changed", ["the export has other cells"])


def _plain(file: ReadFile, format: str) -> tuple[list[str], list[list[str | None]]]:
    """Names and cells; where a format cannot tell an absent cell from an empty one, both are empty."""
    absent = "" if format in ("csv", "tsv", "xlsx") else None
    cells = [[absent if cell is None else cell for cell in column.to_pylist()] for column in file.cells.columns]
    return [column.name for column in file.columns], cells


def show(lines: list[Line]) -> None:
    """One line a file."""
    print(f"{'file':46}{'seconds':>8}{'peak MB':>9}  outcome · scan · export")
    for line in lines:
        said = " · ".join(filter(None, [line.outcome[:110], line.scan, line.export[:110]]))
        print(f"{line.file[:44]:46}{line.seconds:8.1f}{line.peak_mb:9,}  {said}")
        if line.wrong:
            print(f"{'':46}{'':17}  WRONG: {line.wrong[:200]}")


def main() -> int:
    """All files, one table; 1 when anything came to something else than it must."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=PROJECT.parent / "shared" / "data")
    parser.add_argument("--sets", help="names of folders of --data, with commas between; all where left out")
    parser.add_argument("--json", type=Path, help="write the table there too")
    given = parser.parse_args()
    names = given.sets.split(",") if given.sets else sorted({"news20_verified", *_folders(given.data)})
    lines = []
    for name in names:
        path = given.data / name / "data.parquet"
        if path.is_file():
            with tempfile.TemporaryDirectory() as folder:
                lines.append(real(path, Path(folder)))
        else:
            print(f"{path} is not there: left out.")
    with tempfile.TemporaryDirectory() as folder:
        lines += [hostile(case, Path(folder)) for case in CASES]
    show(lines)
    wrong = [line for line in lines if line.wrong]
    kinds = [sum(isinstance(case.expect, kind) for case in CASES) for kind in (Loads, Asks)]
    print(
        f"{len(lines) - len(CASES)} real files and {len(CASES)} hostile ones ({kinds[0]} must load, {kinds[1]} ask, "
        f"{len(CASES) - sum(kinds)} be refused): {len(wrong)} came to something else."
    )
    if given.json:
        given.json.write_text(json.dumps([asdict(line) for line in lines], indent=1))
    return 1 if wrong else 0


def _folders(data: Path) -> list[str]:
    return [path.parent.name for path in data.glob("*/data.parquet")]


if __name__ == "__main__":
    sys.exit(main())
