"""Coverage against the truth: planted holes, and whether the collection plan beats collecting at random.

python benchmarks/coverage.py [--data ../shared/data] [--json FILE] [--seeds 20] [--only holes|plan] [--sets NAME ...]
                              [--most 24000] [--workers 2]

Every seed is a task of its own; as many are worked on at once as there are workers, each with one thread.

Holes. Half of a set counts as labelled, half as the reference. From the labelled half something is taken away: a third
of a class (the examples nearest to one of them in the space of TF-IDF words, not in the space in which Plumbline looks
for holes), a whole class, or a class and the three most like it. With a reference, its texts alone are known: no label
is looked at. Found: the regions named cover half of the reference examples in the hole, or more. A false alarm is a
region named of which less than half lies in the hole; runs without any hole tell how often one is named where there is
none. `of the reference` is how many of its examples lie in the hole: where they are few, no method could tell.

Without a reference nothing but the labelled half is known, and four examples of the hole stay in it, for of what is
gone without a trace nothing can be seen. Found: a group that the check of thin regions flags holds two of the four or
more. A false alarm is a group that it flags with none of them.

Plan. A model is trained on few labelled examples that lack five classes, or none. The plan says how many
examples to add from which region of an unlabelled pool; within a region they are drawn at random. As many are drawn
from the whole pool at random. Judged by a linear support vector machine on TF-IDF words, which the plan knows nothing
of, on a test set of its own, holes included: the gain over random in points of accuracy, mean over seeds with its
95 % t interval.
"""

import argparse
import functools
import json
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

sys.path.pop(0)  # this folder, whose names (coverage.py) would hide packages
sys.path.insert(0, str(Path(__file__).parents[1]))

from analysis.checks import Inputs
from analysis.checks.thin_region import thin_region
from analysis.coverage.curves import outcomes
from analysis.coverage.plan import fitted, plan
from analysis.coverage.regions import find_regions
from analysis.coverage.thin import gaps
from analysis.signals.embed import embed
from analysis.signals.neighbours import nearest

SETS = {
    "banking77_synth": ("text", "true_label"),
    "clinc150_synth": ("text", "true_label"),
    "stackoverflow20k_synth": ("text", "true_label"),
    "news20_verified": ("text", "given_label"),
}
SIZES = ("part of a class", "one class", "four classes")
FEWEST = 30  # examples of a class that a hole is made of
LABELLED = 1_500  # to start from
BUDGET = 300
LEFT = 4  # examples of a hole that stay, where there is no reference
_MOST_WORDS = 30_000
MOST, MOST_PLANNED = 24_000, 6_000  # examples of a set that holes, and plans, are tried on


@dataclass(frozen=True)
class Data:
    """One set: texts, label codes, Plumbline's vectors, the space in which holes are planted, and, for the model that
    judges plans, how often each text has each word and pair of words.
    """

    name: str
    texts: list[str]
    labels: np.ndarray
    vectors: np.ndarray
    planted_in: np.ndarray
    words: csr_matrix


@functools.lru_cache(maxsize=1)
def read(folder: Path, name: str, most: int) -> Data:
    """The set, at most so many examples of it."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
    from sklearn.preprocessing import normalize

    text, label = SETS[name]
    rows = pd.read_parquet(folder / name / "data.parquet").dropna(subset=[text, label])
    rows = rows[rows[text].str.strip() != ""]
    rows = rows.sample(min(len(rows), most), random_state=0)
    texts = rows[text].tolist()
    words = TfidfVectorizer(min_df=2, sublinear_tf=True, stop_words="english").fit_transform(texts)
    planted_in = normalize(TruncatedSVD(100, random_state=0).fit_transform(words))
    counts = CountVectorizer(ngram_range=(1, 2)).fit_transform(text[:2_000] for text in texts)
    return Data(name, texts, pd.factorize(rows[label])[0], embed(texts).values, planted_in, counts)


def hole(data: Data, size: str, random: np.random.Generator) -> np.ndarray:
    """bool (n,): a third of a class around one of its examples, a class, or a class and the three most like it."""
    label = random.choice(np.flatnonzero(np.bincount(data.labels) >= FEWEST))
    inside = data.labels == label
    if size == "part of a class":
        members = np.flatnonzero(inside)
        closeness = data.planted_in[members] @ data.planted_in[random.choice(members)]
        inside = np.zeros(len(inside), dtype=bool)
        inside[members[np.argsort(-closeness, kind="stable")[: len(members) // 3]]] = True
    elif size == "four classes":
        middle = np.stack([data.planted_in[data.labels == k].mean(axis=0) for k in range(data.labels.max() + 1)])
        middle /= np.linalg.norm(middle, axis=1, keepdims=True)
        inside = np.isin(data.labels, np.argsort(-(middle @ middle[label]), kind="stable")[:4])
    return inside


Looked = tuple[float, int]  # the share of the hole that was named, and the false alarms
Look = Callable[["Data", np.ndarray, np.ndarray, np.random.Generator], Looked]


@dataclass(frozen=True)
class Task:
    """One seed of one cell of the tables."""

    folder: Path
    name: str
    most: int
    kind: str
    cell: int
    seed: int


@dataclass(frozen=True)
class Hole:
    """What came of one seed."""

    inside_reference: int
    covered: float
    alarms: int
    seconds: float


def look_for_hole(task: Task) -> Hole:
    """Plant a hole of the cell's size, 0 for none, and look for it with a reference, or without."""
    data = read(task.folder, task.name, task.most)
    look: Look = against_reference if task.kind == "yes" else alone
    random = np.random.default_rng([task.seed, task.cell])
    labelled = random.permutation(len(data.texts)) % 2 == 0
    inside = hole(data, SIZES[task.cell - 1], random) if task.cell else np.zeros(len(labelled), dtype=bool)
    started = time.perf_counter()
    covered, alarms = look(data, labelled, inside, random)
    return Hole(int((inside & ~labelled).sum()), covered, alarms, time.perf_counter() - started)


def row_of_holes(name: str, kind: str, cell: int, found: list[Hole]) -> dict[str, object]:
    """How often the holes of a cell were found, and the false alarms a run."""
    covered, alarms = np.array([one.covered for one in found]), np.array([one.alarms for one in found])
    return {
        "set": name,
        "hole": SIZES[cell - 1] if cell else "none",
        "reference": kind,
        "of the reference": float(np.mean([one.inside_reference for one in found])),
        "runs": len(found),
        "found": int((covered >= 0.5).sum()) if cell else None,
        "covered": float(covered.mean()) if cell else None,
        "false alarms a run": float(alarms.mean()),
        "runs with one": int((alarms > 0).sum()),
        "seconds": float(np.median([one.seconds for one in found])),
    }


def against_reference(data: Data, labelled: np.ndarray, inside: np.ndarray, random: np.random.Generator) -> Looked:
    """Where the unlabelled half has examples and the labelled half has none."""
    ours, theirs = labelled & ~inside, ~labelled
    rows = np.flatnonzero(ours | theirs)
    regions = [rows[gap.rows] for gap in gaps(data.vectors[rows], ours[rows], theirs[rows])]
    theirs_named = [region[theirs[region]] for region in regions]
    union = np.unique(np.concatenate([*theirs_named, np.empty(0, dtype=np.int64)]))
    in_reference = int((inside & theirs).sum())
    covered = inside[union].sum() / in_reference if in_reference else 0.0
    return float(covered), sum(bool(inside[some].mean() < 0.5) for some in theirs_named)


def alone(data: Data, labelled: np.ndarray, inside: np.ndarray, random: np.random.Generator) -> Looked:
    """What the check of thin regions flags in the labelled half, of which a hole has left four examples."""
    lost = np.flatnonzero(labelled & inside)
    rows = np.setdiff1d(np.flatnonzero(labelled), random.permutation(lost)[LEFT:])
    vectors = data.vectors[rows]
    frame = {"text": [data.texts[i] for i in rows], "label": [str(data.labels[i]) for i in rows], "split": None}
    examples = pd.DataFrame({**frame, "happened_at": None}, index=pd.Index([str(i) for i in rows]), dtype=object)
    found = thin_region(Inputs(examples=examples, vectors=vectors, neighbours=nearest(vectors)))
    groups = [inside[np.array(some, dtype=np.int64)] for some in found.loc[found["flagged"], "members"]]
    left = int(inside[rows].sum())
    covered = max((group.sum() / left for group in groups), default=0.0) if left else 0.0
    return float(covered), sum(not group.any() for group in groups)


@dataclass(frozen=True)
class Trial:
    """Accuracy on the test set before, with the plan's examples and with random ones, and what the plan expected over
    random and in all."""

    before: float
    planned: float
    random: float
    expected: float
    gain: float


def trial(data: Data, seed: int, with_holes: bool) -> Trial:
    """One draw of labelled examples, pool and test set."""
    random = np.random.default_rng(seed)
    part = random.permutation(len(data.texts))
    test, rest = part[: len(part) * 3 // 10], part[len(part) * 3 // 10 :]
    inside = np.zeros(len(part), dtype=bool)
    if with_holes:
        inside = hole(data, SIZES[1], random) | hole(data, SIZES[2], random)
    start = rest[~inside[rest]][:LABELLED]
    pool = np.setdiff1d(rest, start)
    rows = np.concatenate([start, pool])
    regions = find_regions(data.vectors[rows])
    of, labelled = regions.of, np.arange(len(rows)) < len(start)
    have = np.bincount(of[labelled & (of >= 0)], minlength=regions.count)
    visits = np.bincount(of[~labelled & (of >= 0)], minlength=regions.count)
    known = np.where(labelled, data.labels[rows], -1)
    curves = fitted(outcomes(data.vectors[rows], known, of), regions.count, draws=50)
    made = plan(curves, have, visits.astype(float), BUDGET)
    chosen = []
    for region, wanted in enumerate(made.collect):
        there = np.flatnonzero(~labelled & (of == region))
        chosen.append(rows[random.permutation(there)[:wanted]])
    planned = np.concatenate(chosen)
    drawn = random.permutation(pool)[: len(planned)]
    return Trial(
        before=accuracy(data, start, test),
        planned=accuracy(data, np.concatenate([start, planned]), test),
        random=accuracy(data, np.concatenate([start, drawn]), test),
        expected=made.total[1] - made.proportional,
        gain=made.total[1],
    )


def accuracy(data: Data, train: np.ndarray, test: np.ndarray) -> float:
    """Of a linear support vector machine on TF-IDF words and pairs of words, the 30,000 most frequent in training."""
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.svm import LinearSVC

    often = np.asarray(data.words[train].sum(axis=0)).ravel()
    known = np.sort(np.argsort(-often, kind="stable")[: min(_MOST_WORDS, int((often > 0).sum()))])
    weigh = TfidfTransformer(sublinear_tf=True).fit(data.words[train][:, known])
    x, judged = (weigh.transform(data.words[rows][:, known]) for rows in (train, test))
    model = LinearSVC(random_state=0).fit(x, data.labels[train])
    return float((model.predict(judged) == data.labels[test]).mean())


def row_of_plans(name: str, cell: int, found: list[Trial]) -> dict[str, object]:
    """The plan against random, over seeds."""
    from scipy.stats import t

    trials, seeds = pd.DataFrame([asdict(one) for one in found]), len(found)
    better = 100 * (trials["planned"] - trials["random"])
    half = t.ppf(0.975, seeds - 1) * better.std(ddof=1) / np.sqrt(seeds)
    return {
        "set": name,
        "holes": "five classes" if cell else "none",
        "seeds": seeds,
        "before": trials["before"].mean(),
        "planned": trials["planned"].mean(),
        "random": trials["random"].mean(),
        "points over random": better.mean(),
        "low": better.mean() - half,
        "high": better.mean() + half,
        "better in": int((better > 0).sum()),
        "points expected over random": 100 * trials["expected"].mean(),
        "points gained": 100 * (trials["planned"] - trials["before"]).mean(),
        "points expected": 100 * trials["gain"].mean(),
    }


def work(task: Task) -> Hole | Trial:
    """One task, on one thread."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        if task.kind != "plan":
            return look_for_hole(task)
        return trial(read(task.folder, task.name, task.most), task.seed, task.cell == 1)


def table(results: Iterable[tuple[Task, Hole | Trial]], seeds: int) -> Iterator[dict[str, object]]:
    """One row a cell, each printed as soon as its last seed is there."""
    cell: list[Hole | Trial] = []
    for task, result in results:
        cell.append(result)
        if len(cell) < seeds:
            continue
        if task.kind == "plan":
            row = row_of_plans(task.name, task.cell, [one for one in cell if isinstance(one, Trial)])
        else:
            row = row_of_holes(task.name, task.kind, task.cell, [one for one in cell if isinstance(one, Hole)])
        print(row, flush=True)
        yield row
        cell = []


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--only", choices=["holes", "plan"])
    parser.add_argument("--sets", nargs="+", choices=list(SETS), default=list(SETS))
    parser.add_argument("--most", type=int, default=MOST, help="examples of a set that holes are tried on")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    there = [name for name in given.sets if (given.data / name / "data.parquet").is_file()]
    for name in given.sets:
        if name not in there:
            print(f"{given.data / name} is not there: left out.")
    tasks: dict[str, list[Task]] = {"holes": [], "plan": []}
    for name in there:
        cells = [(kind, cell) for cell in range(len(SIZES) + 1) for kind in ("yes", "no")]
        tasks["holes"] += [
            Task(given.data, name, given.most, *cell, seed) for cell in cells for seed in range(given.seeds)
        ]
        plans = [(MOST_PLANNED, "plan", cell, seed) for cell in (1, 0) for seed in range(given.seeds)]
        tasks["plan"] += [Task(given.data, name, *plan) for plan in plans]
    answer: dict[str, list[dict[str, object]]] = {"holes": [], "plan": []}
    # Spawned: threads that were started before a fork would not be there after it.
    with ProcessPoolExecutor(given.workers, multiprocessing.get_context("spawn")) as pool:
        for title, several in tasks.items():
            if given.only in (None, title):
                started = time.perf_counter()
                results = zip(several, pool.map(work, several), strict=True)
                answer[title] += table(results, given.seeds)
                print(f"{title}: {time.perf_counter() - started:.0f} s", flush=True)
    for title, rows in answer.items():
        if rows:
            print(f"\n{title}\n{pd.DataFrame(rows).to_string(index=False, float_format=lambda value: f'{value:.3f}')}")
    if given.json:
        given.json.write_text(json.dumps(answer, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
