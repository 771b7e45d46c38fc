"""Coverage: where the data is thin against a reference, which slices fail, and what to collect.

Where a dataset has more than 50,000 examples with a vector, the same sample of them is looked at each time. A part of
the data is written as a short text, so that a link can carry it: `slice:[["region", "north"]]`, `gap:<reference>:0` or
`region:<reference>:4`.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from analysis.coverage.columns import Category, categories, columns_of
from analysis.coverage.curves import outcomes
from analysis.coverage.drift import halves
from analysis.coverage.plan import Plan, plan
from analysis.coverage.regions import Regions, find_regions
from analysis.coverage.slices import rows_of, thinnest, worst
from analysis.coverage.splits import sides
from analysis.coverage.thin import Gap, gaps
from analysis.coverage.words import distinctive
from analysis.errors import NotReady
from analysis.queries.coverage_pool import LATER, NONE, OTHER, SPLIT, Pool, Texts, plain, pool_of
from analysis.scan.material import read_examples
from analysis.store import Store

MOST_REFERENCE = 20_000  # texts of another dataset
_SHOWN_TEXTS = 5
_SHOWN_TEXT = 240

Failing = Literal["flagged", "predicted", "disagreed"]


@dataclass(frozen=True, slots=True)
class ThinRegion:
    """A region that the reference visits more often than we do; see analysis.coverage.thin.Gap.

    part   for a link, None where none of its examples is of this dataset; texts: some of the reference's
    x, y   where its examples of this dataset lie on the map
    """

    words: tuple[str, ...]
    gap: Gap
    texts: Texts
    part: str | None
    members: int
    x: tuple[float, ...]
    y: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ThinSlice:
    """A slice of which we have `ours` examples where about `expected` would match the reference's `theirs`."""

    name: str
    ours: int
    theirs: int
    expected: float
    part: str


@dataclass(frozen=True, slots=True)
class Thin:
    """All thin regions, most missing first, and how many examples of each side were compared."""

    regions: tuple[ThinRegion, ...]
    ours: int
    theirs: int


@dataclass(frozen=True, slots=True)
class Collection:
    """What to collect: `rows` one region each, most gain per example first, and the whole plan.

    rows: region (its words), have, visits (share of the reference, 0 to 1), collect, gain, low, high (points of
    accuracy over the whole reference), texts (some to show to annotators), part.
    """

    rows: pd.DataFrame
    plan: Plan
    have: int
    visits: int


def references(store: Store) -> list[str]:
    """What the dataset itself offers as a reference: its test split, its later half."""
    examples = store.frame("SELECT split, happened_at FROM examples")
    found = []
    for name, ask in (
        (SPLIT, lambda: sides(examples["split"])),
        (LATER, lambda: halves(plain(examples["happened_at"]))),
    ):
        if _is_ready(ask):
            found.append(name)
    return found


def texts_of(store: Store) -> Texts:
    """The texts of a dataset that serves as the reference of another: at most 20,000, the same ones each time."""
    rows = store.rows(
        f"SELECT text FROM examples WHERE trim(text) <> '' ORDER BY md5(example_id) LIMIT {MOST_REFERENCE}"
    )
    return tuple(text for (text,) in rows)


def thin(store: Store, reference: str, texts: Texts = ()) -> Thin:
    """The regions where we are thin against the reference. Raises NotReady with what is missing."""
    pool = pool_of(store, reference, texts)
    found = gaps(pool.vectors, pool.ours, pool.theirs)
    of = np.full(len(pool.texts), -1)
    for number, gap in enumerate(found):
        of[gap.rows] = number
    words = distinctive(pool.texts, of, len(found))
    regions = []
    for number, gap in enumerate(found):
        own = [row for row in gap.rows if pool.ids[row] is not None]
        places = pool.points[own]
        places = places[np.isfinite(places).all(axis=1)]
        theirs = gap.rows[pool.theirs[gap.rows]]
        regions.append(
            ThinRegion(
                words=words[number],
                gap=gap,
                texts=tuple(pool.texts[row][:_SHOWN_TEXT] for row in theirs[:_SHOWN_TEXTS]),
                part=f"gap:{reference}:{number}" if own and reference in (SPLIT, LATER) else None,
                members=len(own),
                x=tuple(places[:, 0].tolist()),
                y=tuple(places[:, 1].tolist()),
            )
        )
    return Thin(tuple(regions), int(pool.ours.sum()), int(pool.theirs.sum()))


def thin_slices(store: Store, reference: str) -> list[ThinSlice]:
    """The slices that the reference, a part of this dataset, has and we hardly have; clearest first."""
    examples = read_examples(store)
    if reference == SPLIT:
        ours, theirs, _ = sides(examples["split"])
    else:
        ours, theirs, *_ = halves(examples["happened_at"].tolist())
    left_out = "split" if reference == SPLIT else "date"
    return [
        ThinSlice(
            name=", ".join(f"{title} = {value}" for title, value in one.conditions),
            ours=one.found,
            theirs=one.of - one.found,
            expected=one.expected,
            part=f"slice:{json.dumps(one.conditions, ensure_ascii=False)}",
        )
        for one in thinnest(categories(columns_of(examples, without=(left_out,))), ours, theirs)
    ]


def places(store: Store) -> pd.DataFrame:
    """x, y of at most 3,000 examples, the same ones each time: the ground that a small map is drawn on."""
    return store.frame("SELECT x, y FROM vectors WHERE isfinite(x) AND isfinite(y) ORDER BY md5(example_id) LIMIT 3000")


def failing_kinds(store: Store) -> list[Failing]:
    """What can count as failing here."""
    kinds: list[Failing] = ["flagged"]
    if store.value("SELECT count(*) FROM predictions"):
        kinds.append("predicted")
    if store.value("SELECT count(*) FROM (SELECT 1 FROM annotations GROUP BY example_id HAVING count(*) > 1 LIMIT 1)"):
        kinds.append("disagreed")
    return kinds


def slices(store: Store, failing: Failing) -> pd.DataFrame:
    """The slices that fail more often than the rest, beyond chance, clearest first.

    slice (its conditions in words), examples, failing (how many), share, low, high, elsewhere (percent), times (share
    over elsewhere; inf where nothing fails elsewhere), part. Raises NotReady where no column cuts the data.
    """
    examples, table = _table(store)
    if not table:
        raise NotReady(
            "No column cuts the data into slices.",
            "Slices need a label, or a column with 2 to 50 different values, numbers or dates.",
        )
    marked, judged = _marked(store, examples.index, failing)
    rows = [
        {
            "slice": ", ".join(f"{title} = {value}" for title, value in one.conditions),
            "examples": one.of,
            "failing": one.found,
            "share": 100 * one.share[1],
            "low": 100 * one.share[0],
            "high": 100 * one.share[2],
            "elsewhere": 100 * one.elsewhere,
            "times": one.share[1] / one.elsewhere if one.elsewhere else float("inf"),
            "part": f"slice:{json.dumps(one.conditions, ensure_ascii=False)}",
        }
        for one in worst(table, marked, judged)
    ]
    names = ["slice", "examples", "failing", "share", "low", "high", "elsewhere", "times", "part"]
    return pd.DataFrame(rows, columns=names)


def collection(store: Store, reference: str, budget: int, texts: Texts = ()) -> Collection:
    """How `budget` examples are best spread over the regions. Raises NotReady with what is missing."""
    pool = pool_of(store, reference, texts)
    regions, words = _regions(pool)
    of = regions.of
    labelled = np.array([label is not None for label in pool.labels]) & pool.ours
    codes = np.where(labelled, pd.factorize(np.array(pool.labels, dtype=object))[0], -1)
    have = np.bincount(of[labelled & (of >= 0)], minlength=regions.count)
    visits = np.bincount(of[pool.theirs & (of >= 0)], minlength=regions.count)
    made = plan(outcomes(pool.vectors, codes, of), have, visits.astype(float), budget)
    each = made.gain / np.maximum(made.collect, 1)
    order = [region for region in np.lexsort((-made.collect, -each)) if made.collect[region]]
    rows = [
        {
            "region": ", ".join(words[region]) or "no word in common",
            "have": int(have[region]),
            "visits": visits[region] / visits.sum(),
            "collect": int(made.collect[region]),
            "gain": 100 * made.gain[region],
            "low": 100 * made.low[region],
            "high": 100 * made.high[region],
            "texts": _samples(pool, regions, region),
            "part": f"region:{reference}:{region}" if reference != OTHER else "",
        }
        for region in order
    ]
    names = ["region", "have", "visits", "collect", "gain", "low", "high", "texts", "part"]
    return Collection(pd.DataFrame(rows, columns=names), made, int(labelled.sum()), int(pool.theirs.sum()))


def members(store: Store, part: str) -> tuple[str, ...]:
    """The examples of a part, in the order of the file; () when there is no such part."""
    kind, _, rest = part.partition(":")
    if kind == "slice":
        return _slice_members(store, rest)
    reference, _, number = rest.rpartition(":")
    if not number.isdecimal() or len(number) > 6 or (kind, reference) not in _LINKED:
        return ()
    if not _is_ready(lambda: pool_of(store, reference, ())):
        return ()
    pool = pool_of(store, reference, ())
    if kind == "gap":
        found = gaps(pool.vectors, pool.ours, pool.theirs)
        rows = np.sort(found[int(number)].rows) if int(number) < len(found) else np.empty(0, dtype=int)
    else:
        rows = np.flatnonzero(_regions(pool)[0].of == int(number))
    return tuple(example for row in rows if (example := pool.ids[row]) is not None)


_LINKED = {("gap", SPLIT), ("gap", LATER), ("region", SPLIT), ("region", LATER), ("region", NONE)}


def _slice_members(store: Store, text: str) -> tuple[str, ...]:
    try:
        conditions = tuple((str(title), str(value)) for title, value in json.loads(text))
    except (ValueError, TypeError):
        return ()
    examples, table = _table(store)
    inside = rows_of(table, conditions) if conditions and table else np.zeros(len(examples), dtype=bool)
    return tuple(examples.index[inside])


def _table(store: Store) -> tuple[pd.DataFrame, list[Category]]:
    examples = read_examples(store)
    return examples, categories(columns_of(examples))


def _marked(store: Store, ids: pd.Index, failing: Failing) -> tuple[np.ndarray, np.ndarray]:
    """Which examples fail, and which were judged."""
    question = {
        "flagged": "SELECT example_id, example_id IN (SELECT subject_id FROM issues WHERE subject = 'example') AS fails"
        " FROM examples",
        "predicted": "SELECT e.example_id, p.predicted <> e.label AS fails FROM examples e"
        " JOIN predictions p USING (example_id) WHERE e.label IS NOT NULL",
        "disagreed": "SELECT example_id, count(DISTINCT label) > 1 AS fails FROM annotations GROUP BY example_id"
        " HAVING count(*) > 1",
    }[failing]
    found = store.frame(question).set_index("example_id")["fails"].reindex(ids)
    return found.eq(True).to_numpy(), found.notna().to_numpy()


def _regions(pool: Pool) -> tuple[Regions, list[tuple[str, ...]]]:
    regions = find_regions(pool.vectors)
    return regions, distinctive(pool.texts, regions.of, regions.count)


def _samples(pool: Pool, regions: Regions, region: int) -> Texts:
    """The texts of a region that are most like it, the reference's if it has any."""
    rows = np.flatnonzero(regions.of == region)
    rows = rows[pool.theirs[rows]] if pool.theirs[rows].any() else rows
    centre = pool.vectors[rows].mean(axis=0)
    rows = rows[np.argsort(-(pool.vectors[rows] @ centre), kind="stable")]
    return tuple(dict.fromkeys(pool.texts[row][:_SHOWN_TEXT] for row in rows[: 3 * _SHOWN_TEXTS]))[:_SHOWN_TEXTS]


def _is_ready(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except NotReady:
        return False
    return True
