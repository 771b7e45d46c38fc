"""Seconds and memory from 10,000 to 1,000,000 examples, stage by stage, how both grow, and beside whom.

python benchmarks/scale.py [--data DIR] [--sizes 10000,100000,1000000] [--json FILE] [--folder DIR] [--parts load,…]

The texts are sampled and perturbed from a labelled set (20 labels, a tenth of them wrong), with a split, a date, two
columns and three annotators, so that every check has something to look at. Each part – load, scan, map, umap, datalab,
scattergl, browser, pages – runs in a process of its own. MiB: the most that the process and all it started held at once
during the stage, looked at five times a second, so a very short stage has none. "of cpu": processor seconds of the
process itself, which a busy machine does not stretch; the map of a scan is drawn by another process meanwhile. Pages:
the slowest of five, of the queries alone. Browser: what a person waits for in Chromium without a window and without a
graphics card; the 95th percentile of five after the first, and the first and the median below the table.

The peers, up to 100,000 examples, above which they take too long or too much memory here: umap-learn with its defaults
on the same vectors, its own neighbours included; cleanlab's Datalab on the same vectors and probabilities; and plotly's
Scattergl of all points on a page of its own. Datalab needs pip install 'cleanlab[datalab]'.
"""

import argparse
import importlib.util
import json
import math
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.pop(0)  # this folder, whose names would hide packages
sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.scale_parts import PARTS, PEERS

PROJECT = Path(__file__).parents[1]
LARGEST_OF_PEERS = 100_000
_LOOK = 0.2  # seconds between two looks at the memory of a part; looking takes a hundredth of a second a gigabyte


def apart(part: str, folder: Path) -> Iterator[dict[str, Any]]:
    """Run a part in a process of its own; yield its stages with the peak memory of it and its children, in MiB."""
    command = [sys.executable, "-m", "benchmarks.scale", "--part", part, str(folder)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=PROJECT)
    peak = 0.0

    def look() -> None:
        nonlocal peak
        while child.poll() is None:
            held = _memory(child.pid)  # takes a while, in which the next stage may begin
            peak = max(peak, held)
            time.sleep(_LOOK)

    threading.Thread(target=look, daemon=True).start()
    assert child.stdout is not None
    for line in child.stdout:
        if line.startswith("{"):
            yield {**json.loads(line), "peak_mib": round(peak)}
            peak = 0.0
    if child.wait():
        raise SystemExit(f"The part {part} failed with code {child.returncode}.")


def _memory(pid: int) -> float:
    """MiB held by a process and all that it started; what they share counts once. 0 where the system does not tell."""
    total, waiting = 0.0, [pid]
    while waiting:
        one = waiting.pop()
        try:
            lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
            waiting += [
                int(c) for t in Path(f"/proc/{one}/task").iterdir() for c in (t / "children").read_text().split()
            ]
        except OSError:  # it ended in this very moment, or this system has no such files
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
    return total


def measure(size: int, parts: list[str], data: Path, folder: Path) -> Iterator[dict[str, Any]]:
    """One row a stage, in the order in which they first come, and the whole of what a person waits for."""
    from benchmarks.scale_texts import write

    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "texts.csv").exists():
        write(data, size, folder / "texts.csv")
    waited, peak = 0.0, 0
    for part in parts:
        if part in PEERS and size > LARGEST_OF_PEERS:
            print(f"{part}: not measured on {size:,} examples.", flush=True)
            continue
        if part == "datalab" and importlib.util.find_spec("datasets") is None:
            print("Datalab needs pip install 'cleanlab[datalab]': not measured.", flush=True)
            continue
        started, stages = time.perf_counter(), dict[str, dict[str, Any]]()
        for row in apart(part, folder):
            known = stages.setdefault(row["stage"], {"size": size, "part": part, **row, "seconds": 0, "cpu": 0})
            known |= {**row, "seconds": known["seconds"] + row["seconds"], "cpu": known["cpu"] + row.get("cpu", 0)} | {
                "peak_mib": max(known["peak_mib"], row["peak_mib"])
            }
        yield from stages.values()
        if part in ("load", "scan"):
            waited += time.perf_counter() - started
            peak = max(peak, *(row["peak_mib"] for row in stages.values()))
    if {"load", "scan"} <= set(parts):
        yield {"size": size, "part": "whole", "stage": "load and scan", "seconds": waited, "peak_mib": peak}


def show(rows: list[dict[str, Any]]) -> None:
    """Each stage on every size, and the exponent of growth from one size to the next."""
    sizes = sorted({row["size"] for row in rows})
    print(f"\n{'':30}" + "".join(f"{size:>12,} {'of cpu':>9} {'MiB':>7} {'growth':>7}" for size in sizes))
    table = {(row["stage"].split(" about ")[0], row["size"]): row for row in rows}
    for stage in dict.fromkeys(name for name, _ in table):
        line, before = f"{stage:30}", None
        for size in sizes:
            row = table.get((stage, size))
            if row is None:
                line += f"{'–':>12} {'–':>9} {'–':>7} {'':7}"
                continue
            growth = ""
            if before is not None and min(before["seconds"], row["seconds"]) > 0.005:
                growth = f"{math.log(row['seconds'] / before['seconds']) / math.log(size / before['size']):.2f}"
            cpu = f"{row['cpu']:.1f}" if "cpu" in row else "–"
            line += f"{row['seconds']:12.2f} {cpu:>9} {row['peak_mib'] or '–':>7} {growth:>7}"
            before = row
        print(line)
    for row in rows:
        more = ", ".join(
            f"{name} {row[name]}" for name in ("trustworthiness", "kept", "first", "median") if name in row
        )
        if more:
            print(f"{row['stage']} on {row['size']:,}: {more}")


def main() -> None:
    """Print the table, and write every row where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--sizes", default="10000,100000,1000000")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--folder", type=Path, help="keep the datasets here, instead of a folder that goes")
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--part", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.part:
        PARTS[given.part[0]](Path(given.part[1]))
        return
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as scratch:
        for size in map(int, given.sizes.split(",")):
            for row in measure(
                size, given.parts.split(","), given.data, (given.folder or Path(scratch)).resolve() / str(size)
            ):
                print(f"{size:10,}  {row['stage']:30} {row['seconds']:9.2f} s {row['peak_mib']:7,} MiB", flush=True)
                rows.append(row)
            load_1, load_5, load_15 = os.getloadavg()
            print(f"Load of the machine: {load_1:.1f}, {load_5:.1f}, {load_15:.1f} on {os.cpu_count()} cores.")
    show(rows)
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
