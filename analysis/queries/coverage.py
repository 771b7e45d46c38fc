"""Coverage: where the data is thin against a reference, and which slices fail.

Where a dataset has more than 50,000 examples with a vector, the same sample of them is looked at each time. A reference
is written as in `analysis.queries.coverage_reference`.
"""

import json
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from analysis.coverage.columns import MOST_VALUES, Category, categories, columns_of, different
from analysis.coverage.drift import shares
from analysis.coverage.slices import thinnest, worst
from analysis.coverage.thin import Gap, compared
from analysis.coverage.words import distinctive
from analysis.errors import NotReady
from analysis.queries.coverage_plan import NO_WORD, SHOWN_TEXT, SHOWN_TEXTS, has_own, typical
from analysis.queries.coverage_pool import Pool, link_to, pool_of
from analysis.queries.coverage_reference import DATES, KEPT, LATER, NONE, parts
from analysis.queries.map_colours import SPLIT
from analysis.scan.material import read_columns
from analysis.store import Store

_MOST_NAMED = 6  # columns in a sentence

Failing = Literal["flagged", "predicted", "disagreed"]


@dataclass(frozen=True, slots=True)
class ThinRegion:
    """A region that the reference visits more often than we do; see analysis.coverage.thin.Gap.

    part   for a link, None where none of its examples is of this dataset; texts: some of the reference's
    x, y   where its examples of this dataset lie on the map
    """

    words: tuple[str, ...]
    gap: Gap
    texts: tuple[str, ...]
    part: str | None
    members: int
    x: tuple[float, ...]
    y: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ThinSlice:
    """A slice of which we have `ours` examples where about `expected` would match the reference's `theirs`, as the two
    sides stand to each other elsewhere.
    """

    name: str
    ours: int
    theirs: int
    expected: float
    part: str


@dataclass(frozen=True, slots=True)
class Thin:
    """All thin regions, most missing first.

    ours, theirs    examples of each side with a usable vector; our_compared, their_compared: how many of them were
                    compared, which is a sample where they are many
    landing  every region of both sides together, the widest gap first: region (its words), theirs, their_share,
             their_low, their_high, ours, our_share, our_low, our_high (percent), gap (points), is_beyond_chance, texts
             (the reference's), part ("" where no example of this dataset lies there); counted in the pool's examples
    """

    regions: tuple[ThinRegion, ...]
    landing: pd.DataFrame
    ours: int
    theirs: int
    our_compared: int
    their_compared: int


def thin(store: Store, reference: str) -> Thin:
    """The regions where we are thin against the reference, and where all of it lands. Raises NotReady with what is
    missing. Ours are the labelled examples where there are any.
    """
    if reference == NONE:
        raise NotReady(
            "There is nothing to compare with.",
            "Add texts that this data should be like: what comes in every day, a set to test on, or last year's data.",
        )
    pool = pool_of(store, reference)
    ours = pool.labelled
    found = pool.gaps
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
                texts=tuple(pool.texts[row][:SHOWN_TEXT] for row in theirs[:SHOWN_TEXTS]),
                part=link_to("gap", reference, number) if own else None,
                members=len(own),
                x=tuple(places[:, 0].tolist()),
                y=tuple(places[:, 1].tolist()),
            )
        )
    landing = _landing(pool, reference)
    our_rows, their_rows = compared(pool.vectors, ours, pool.theirs)
    return Thin(
        regions=tuple(regions),
        landing=landing,
        ours=round(pool.stands_for * int(landing["ours"].sum())),
        theirs=round(pool.theirs_stand_for * int(landing["theirs"].sum())),
        our_compared=len(our_rows),
        their_compared=len(their_rows),
    )


def _landing(pool: Pool, reference: str) -> pd.DataFrame:
    regions, words = pool.regions, pool.names
    of = regions.of
    rows = []
    for change in shares([str(region) for region in range(regions.count)], of, pool.labelled, pool.theirs, level=1.0):
        region = int(change.name)
        (our_low, our_share, our_high), (their_low, their_share, their_high) = change.before_share, change.after_share
        rows.append(
            {
                "region": ", ".join(words[region]) or NO_WORD,
                "theirs": change.after,
                "their_share": 100 * their_share,
                "their_low": 100 * their_low,
                "their_high": 100 * their_high,
                "ours": change.before,
                "our_share": 100 * our_share,
                "our_low": 100 * our_low,
                "our_high": 100 * our_high,
                "gap": 100 * (their_share - our_share),
                "is_beyond_chance": change.is_beyond_chance,
                "texts": typical(pool, of == region),
                "part": link_to("region", reference, region) if has_own(pool, of == region) else "",
            }
        )
    return pd.DataFrame(rows).sort_values("gap", ascending=False, kind="stable", ignore_index=True)


def thin_slices(store: Store, reference: str) -> list[ThinSlice]:
    """The slices that the reference, a part of this dataset, has and we hardly have; clearest first."""
    if reference == NONE or reference.startswith(KEPT):
        return []
    examples = store.frame("SELECT split, happened_at FROM examples ORDER BY row_number")
    ours, theirs = parts(reference, examples["split"], examples["happened_at"])
    left_out = "date" if reference == LATER or reference.startswith(DATES) else "split"
    table = [one for one in category_table(store) if one.title != left_out]
    return [
        ThinSlice(
            name=", ".join(f"{title} = {value}" for title, value in one.conditions),
            ours=one.found,
            theirs=one.of - one.found,
            expected=one.expected,
            part=f"slice:{json.dumps(one.conditions, ensure_ascii=False)}",
        )
        for one in thinnest(table, ours, theirs)
    ]


def places(store: Store) -> pd.DataFrame:
    """x, y of at most 3,000 examples, the same ones each time: the ground that a small map is drawn on."""
    return store.frame("SELECT x, y FROM vectors WHERE isfinite(x) AND isfinite(y) ORDER BY md5(example_id) LIMIT 3000")


def failing_kinds(store: Store) -> list[Failing]:
    """What can count as failing here."""
    kinds: list[Failing] = ["flagged"]
    if store.value("SELECT count(*) FROM predictions"):
        kinds.append("predicted")
    if store.value(f"SELECT count(*) FROM ({SPLIT})"):
        kinds.append("disagreed")
    return kinds


def slices(store: Store, failing: Failing) -> pd.DataFrame:
    """The slices that fail more often than the rest, beyond chance, clearest first.

    slice (its conditions in words), examples, failing (how many), share, low, high, elsewhere (percent), times (share
    over elsewhere; inf where nothing fails elsewhere), part. Raises NotReady where no column cuts the data.
    """
    table = category_table(store)
    if not table:
        raise NotReady(*_uncut(store))
    marked, judged = _marked(store, failing)
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


def category_table(store: Store) -> list[Category]:
    """The columns that cut the examples into slices; row i of each is the i-th example of the file."""
    return store.derived(store.data_version, "slices", lambda: categories(columns_of(read_columns(store))))


def example_ids(store: Store) -> list[str]:
    """The examples in the order of the file."""
    return [example for (example,) in store.rows("SELECT example_id FROM examples ORDER BY row_number")]


def _uncut(store: Store) -> tuple[str, str]:
    """Why no column cuts the data into slices, and what to do."""
    found = [(title, several) for title, several in different(columns_of(read_columns(store))).items() if several]
    named = [f"{title} has {several:,} different {'value' if several == 1 else 'values'}" for title, several in found]
    more = f" and so on for {len(named) - _MOST_NAMED:,} more" if len(named) > _MOST_NAMED else ""
    why = f"{', '.join(named[:_MOST_NAMED])}{more}; slices need 2 to {MOST_VALUES}" if named else "there are no labels"
    hint = "Load the file again and keep a column with a few values, such as the source, the product or the region."
    return f"No column cuts the data into slices: {why}.", hint


def _marked(store: Store, failing: Failing) -> tuple[np.ndarray, np.ndarray]:
    """Which examples fail, and which were judged, in the order of the file."""
    question = {
        "flagged": "SELECT row_number, example_id IN (SELECT subject_id FROM issues WHERE subject = 'example') AS fails"
        " FROM examples",
        "predicted": "SELECT e.row_number, p.predicted <> e.label AS fails"
        " FROM examples e LEFT JOIN predictions p USING (example_id)",
        "disagreed": "SELECT e.row_number, s.bits > 0 AS fails"
        f" FROM examples e LEFT JOIN ({SPLIT}) s USING (example_id)",
    }[failing]
    found = store.frame(
        f"SELECT coalesce(fails, false) AS fails, fails IS NOT NULL AS is_judged FROM ({question}) ORDER BY row_number"
    )
    return found["fails"].to_numpy(dtype=bool), found["is_judged"].to_numpy(dtype=bool)
