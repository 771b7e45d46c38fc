"""The parts that `scale.py` measures, each run in a process of its own, which prints a line of JSON a stage."""

import json
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

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
