"""What to collect: learning curves per region, and a number of examples handed out so that each helps most."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.coverage.curves import outcomes
from analysis.coverage.plan import Curves, Plan, fitted, plan
from analysis.queries.coverage_pool import Pool, link_to, pool_of
from analysis.store import Store

SHOWN_TEXTS = 5
SHOWN_TEXT = 240  # characters
NO_WORD = "mixed texts"


@dataclass(frozen=True)
class Learnt:
    """What a plan of any budget needs: per region its name, texts, link, labelled examples and visits, and the curves.

    have    int (R,), scaled up where the pool is a sample; visits int (R,): how many of the reference's examples in the
            pool lie there
    labelled, judged   labelled examples with a usable vector, and how many of them the curves were drawn from
    """

    names: tuple[str, ...]
    texts: tuple[tuple[str, ...], ...]
    parts: tuple[str, ...]
    have: np.ndarray
    visits: np.ndarray
    curves: Curves
    labelled: int
    judged: int


@dataclass(frozen=True, slots=True)
class Collection:
    """What to collect: `rows` one region each, most gain of a hundred more first, and the whole plan.

    rows: region (its words), have, visits (share of the reference, 0 to 1), collect, gain, low, high (points of
    accuracy over the whole reference), each (expected gain of 100 examples there, points), texts (some to show to
    annotators), part.
    """

    rows: pd.DataFrame
    plan: Plan
    have: int
    judged: int


def learnt(store: Store, reference: str) -> Learnt:
    """The curves over the regions of a dataset and a reference. Raises NotReady with what is missing."""
    pool = pool_of(store, reference)
    regions, words = pool.regions, pool.names
    of, labelled = regions.of, pool.labelled
    codes = np.where(labelled, pd.factorize(np.array(pool.labels, dtype=object))[0], -1)
    found = outcomes(pool.vectors, codes, of)
    counted = np.bincount(of[labelled & (codes >= 0) & (of >= 0)], minlength=regions.count)
    return Learnt(
        names=tuple(", ".join(several) or NO_WORD for several in words),
        texts=tuple(typical(pool, of == region) for region in range(regions.count)),
        parts=tuple(
            link_to("region", reference, number) if has_own(pool, of == number) else ""
            for number in range(regions.count)
        ),
        have=np.rint(pool.stands_for * counted).astype(np.int64),
        visits=np.bincount(of[pool.theirs & (of >= 0)], minlength=regions.count),
        curves=fitted(found, regions.count),
        labelled=round(pool.stands_for * int(counted.sum())),
        judged=len(found.rows),
    )


def collection(known: Learnt, budget: int) -> Collection:
    """How `budget` examples are best spread over the regions. Raises NotReady for a budget of 0."""
    made = plan(known.curves, known.have, known.visits.astype(float), budget)
    share, curve = known.visits / known.visits.sum(), known.curves.best
    hundred = share * (curve.error(known.have) - curve.error(known.have + 100))
    order = [region for region in np.lexsort((-made.collect, -hundred)) if made.collect[region]]
    rows = [
        {
            "region": known.names[region],
            "have": int(known.have[region]),
            "visits": share[region],
            "collect": int(made.collect[region]),
            "gain": 100 * made.gain[region],
            "low": 100 * made.low[region],
            "high": 100 * made.high[region],
            "each": 100 * hundred[region],
            "texts": known.texts[region],
            "part": known.parts[region],
        }
        for region in order
    ]
    names = ["region", "have", "visits", "collect", "gain", "low", "high", "each", "texts", "part"]
    return Collection(pd.DataFrame(rows, columns=names), made, known.labelled, known.judged)


def typical(pool: Pool, inside: np.ndarray) -> tuple[str, ...]:
    """The texts that are most like the middle of some; the reference's, where it has any there."""
    rows = np.flatnonzero(inside)
    rows = rows[pool.theirs[rows]] if pool.theirs[rows].any() else rows
    centre = pool.vectors[rows].mean(axis=0)
    rows = rows[np.argsort(-(pool.vectors[rows] @ centre), kind="stable")]
    return tuple(dict.fromkeys(pool.texts[row][:SHOWN_TEXT] for row in rows[: 3 * SHOWN_TEXTS]))[:SHOWN_TEXTS]


def has_own(pool: Pool, inside: np.ndarray) -> bool:
    """Whether any of these is an example of the dataset, so that a link has something to show."""
    return any(pool.ids[row] is not None for row in np.flatnonzero(inside))
