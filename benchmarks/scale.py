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
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

PROJECT = Path(__file__).parents[1]
sys.path[0] = str(PROJECT)  # instead of this folder, whose names would hide packages

LARGEST_OF_PEERS = 100_000
_LOOK = 0.2  # seconds between two looks at the memory of a part; looking takes a hundredth of a second a gigabyte
_DECIDED = 100_000
_TIMES = 5
_NEAREST, _SAMPLE = 15, 1_000  # neighbours, and examples, by which a map is judged


def load(folder: Path) -> None:
    """A CSV file becomes a dataset."""
    from analysis.load.roles import RoleNames
    from analysis.load.save import load_file

    names = RoleNames(
        text=("text",), id="id", label="label", split="split", timestamp="day", annotators=("ann", "ben", "eve")
    )
    with _stage("load"):
        load_file(folder, folder / "texts.csv", name="texts", roles=names)


def scan(folder: Path) -> None:
    """What the command line does: signals, checks, map, saved one by one."""
    from analysis.scan.material import read_material
    from analysis.scan.run import Outcome, choose, new_scan_id
    from analysis.scan.run import scan as results_of
    from analysis.scan.save import save

    titles = {"predictions": "probabilities", "vectors": "embed", "map": "map: left to wait for"}
    with _store(folder) as store:
        with _stage("read"):
            material = read_material(store)
        results = results_of(material, choose(None, {}), {}, new_scan_id(), lambda what, share: None)
        while True:
            stage = _stage("")
            with stage:
                result = next(results, None)
                if isinstance(result, Outcome):
                    stage.name = f"check {result.run.check_name}"
                    stage.more = {"status": result.run.status}
                elif result is not None:
                    stage.name = titles.get(result.name, result.name)
            if result is None:
                break
            with _stage("save"):
                save(store, result)
        with _stage("save"):
            store.checkpoint()


def draw_map(folder: Path) -> None:
    """The map by itself, from the saved neighbours, and how well it keeps them."""
    from analysis.scan.material import read_material
    from analysis.signals.neighbours import Neighbours
    from analysis.signals.project import project

    with _store(folder) as store:
        saved = read_material(store).saved
    vectors, near = saved["vectors"].arrays["values"], saved["neighbours"].arrays
    with _stage("map alone") as stage:
        places = project(vectors, Neighbours(near["position"], near["distance"]))
    stage.more = _quality(vectors, places)
    stage.tell()


def umap_defaults(folder: Path) -> None:
    """umap-learn as it comes, with the metric that our vectors are made for."""
    from umap import UMAP

    vectors = _saved(folder, "vectors")["values"]
    with _stage("umap-learn's defaults") as stage, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        places = UMAP(metric="cosine").fit_transform(vectors)
    stage.more = _quality(vectors, places)
    stage.tell()


def datalab(folder: Path) -> None:
    """Datalab's default checks on our vectors and probabilities."""
    from cleanlab import Datalab

    vectors, made = _saved(folder, "vectors")["values"], _saved(folder, "predictions")
    with _store(folder) as store:
        labels = store.frame("SELECT label FROM examples ORDER BY row_number")["label"].to_numpy(dtype=object)
    known = np.isfinite(made["probabilities"]).all(axis=1) & np.array([isinstance(label, str) for label in labels])
    with _stage("Datalab"):
        lab = Datalab({"label": labels[known].tolist()}, label_name="label", verbosity=0)
        lab.find_issues(pred_probs=made["probabilities"][known], features=vectors[known])


def scattergl(folder: Path) -> None:
    """The same points in one plain chart."""
    from benchmarks.scale_browser import plain

    with _store(folder) as store:
        points = store.frame("SELECT x, y FROM vectors WHERE isfinite(x) AND isfinite(y)").to_numpy()
    for row in plain(points, folder):
        print(json.dumps(row), flush=True)


def browser(folder: Path) -> None:
    """What a person waits for."""
    from benchmarks.scale_browser import measure as waits

    for row in waits(folder):
        print(json.dumps(row), flush=True)


def pages(folder: Path) -> None:
    """What the pages ask, and one decision about many."""
    from analysis.queries import overview, points, queue
    from analysis.queries.points import MapFilter
    from analysis.queries.queue import QueueFilter
    from analysis.review.decide import decide

    with _store(folder) as store:
        x0, x1, y0, y1 = points.extent(store)
        across = ((x0, y0), (x1, y0), (x1, y1), (x0, y0 + (y1 - y0) * 0.3))  # most of the map
        asked: dict[str, Callable[[], object]] = {
            "first page: Overview": lambda: (overview.totals(store), overview.checks(store), overview.slices(store)),
            "page change: Review": lambda: (
                queue.place(store, QueueFilter(), None),
                queue.review_queue(store, QueueFilter(), 1),
            ),
            "page change: Data map": lambda: (
                points.drawn(store, MapFilter(), "label"),
                points.density(store, MapFilter()),
            ),
            "lasso": lambda: points.selected(store, MapFilter(), (across,)),
        }
        for name, ask in asked.items():
            with _stage(name) as stage:
                stage.seconds = max(_seconds(ask) for _ in range(_TIMES))
        ids = store.frame(f"SELECT example_id FROM examples ORDER BY row_number LIMIT {_DECIDED}")[
            "example_id"
        ].tolist()
        with _stage(f"one decision about {len(ids):,}"):
            decide(store, ids, "unsure", reviewer="benchmark")


PARTS: dict[str, Callable[[Path], None]] = {
    "load": load,
    "scan": scan,
    "map": draw_map,
    "umap": umap_defaults,
    "datalab": datalab,
    "scattergl": scattergl,
    "browser": browser,
    "pages": pages,  # last, because it decides about all examples where there are few
}
PEERS = ("umap", "datalab", "scattergl")


class _stage:  # noqa: N801 – reads as a verb
    """Times what is inside, and tells the parent on leaving unless there is more to say first."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.more: dict[str, object] = {}
        self.seconds: float | None = None

    def __enter__(self) -> "_stage":
        self._wall, self._cpu = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *error: object) -> None:
        self.seconds = self.seconds if self.seconds is not None else time.perf_counter() - self._wall
        self.cpu = time.process_time() - self._cpu
        if self.name and error[0] is None:
            self.tell()

    def tell(self) -> None:
        """One line for the parent; the same stage told again adds what it knows by then."""
        print(json.dumps({"stage": self.name, "seconds": self.seconds, "cpu": self.cpu, **self.more}), flush=True)
        self.seconds = self.cpu = 0.0


def _seconds(ask: Callable[[], object]) -> float:
    started = time.perf_counter()
    ask()
    return time.perf_counter() - started


def _store(folder: Path) -> Any:
    from analysis.store import open_store

    return open_store(folder, "texts")


def _saved(folder: Path, name: str) -> dict[str, np.ndarray]:
    from analysis.scan.material import read_material

    with _store(folder) as store:
        arrays: dict[str, np.ndarray] = read_material(store).saved[name].arrays
    return arrays


def _quality(vectors: np.ndarray, places: np.ndarray) -> dict[str, object]:
    """Trustworthiness (Venna & Kaski 2001) and the share of the 15 nearest that are kept, on a sample of examples."""
    from sklearn.neighbors import NearestNeighbors

    n = len(vectors)
    rows = np.random.default_rng(1).choice(n, min(_SAMPLE, n), replace=False)
    on_map = NearestNeighbors(n_neighbors=_NEAREST + 1).fit(places).kneighbors(places[rows], return_distance=False)
    penalty = kept = 0.0
    for row, near in zip(rows, on_map, strict=True):
        likeness = vectors @ vectors[row]
        likeness[row] = -np.inf
        others = near[near != row][:_NEAREST]
        rank = (likeness[:, None] > likeness[others]).sum(axis=0)
        penalty += float(np.maximum(rank + 1 - _NEAREST, 0).sum())
        kept += float((rank < _NEAREST).mean())
    worst = len(rows) * _NEAREST * (2 * n - 3 * _NEAREST - 1) / 2
    return {"trustworthiness": round(1 - penalty / worst, 4), "kept": round(kept / len(rows), 4)}


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
