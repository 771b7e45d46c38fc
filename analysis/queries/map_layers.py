"""What can be laid over the map: where annotators are split, and how far it can be believed.

All of it follows from the scan alone: decisions change nothing here.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.coverage.faithful import kept, nearby
from analysis.coverage.hot_spots import hot_spots
from analysis.coverage.outlines import Region, Window, hull
from analysis.queries.map_colours import SPLIT, VOTES
from analysis.store import Store

_LOOKED_AT = 30_000  # examples whose real neighbours are looked up
_CELLS = 28  # of the grid of what the map keeps, each way
_FEWEST = 3  # examples in a cell that say something


@dataclass(frozen=True, slots=True)
class Spot:
    """A place where annotators are split more often than elsewhere.

    Of `judged` examples with the labels of two annotators or more, `split` are split: those of the cells that were
    tested, which the region goes around. `pair` are the two labels that split most of them.
    """

    region: Region
    split: int
    judged: int
    pair: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Kept:
    """How many of the real neighbours the map shows nearby.

    share  float (28, 28), [y, x] over what is looked at, in [0, 1]; NaN in cells with fewer than 3 examples
    whole  over all that is looked at; NaN where nothing has a neighbour
    real, near   how many real neighbours each has, and how many nearest places count as nearby
    """

    share: np.ndarray
    whole: float
    real: int
    near: int


def spots(store: Store) -> list[Spot]:
    """Where annotators are split more often than elsewhere, as `hot_spots` tests it; worst first."""
    rows = store.frame(
        f"""
        SELECT example_id, x, y, bits > 0 AS split FROM ({SPLIT}) JOIN vectors USING (example_id)
        WHERE isfinite(x) AND isfinite(y) ORDER BY example_id
        """
    )
    x, y, split = rows["x"].to_numpy(), rows["y"].to_numpy(), rows["split"].to_numpy(dtype=bool)
    found = []
    for members in hot_spots(x, y, split):
        pair = _most_split(store, rows["example_id"].iloc[members[split[members]]].tolist())
        found.append(Spot((hull(x[members], y[members]),), int(split[members].sum()), len(members), pair))
    return found


def faithful(store: Store, window: Window | None) -> Kept:
    """Where the map shows an example's real neighbours nearby, and where not; from 30,000 examples at most."""
    places = store.frame(
        "SELECT example_id, x, y FROM vectors WHERE isfinite(x) AND isfinite(y) ORDER BY md5(example_id)"
    )
    real = int(store.value("SELECT max(len(members)) FROM neighbours") or 0)
    near = nearby(len(places), real)
    points = places[["x", "y"]].to_numpy(dtype=np.float64)
    x0, x1, y0, y1 = window or (*_ends(points[:, 0]), *_ends(points[:, 1]))
    here = (points[:, 0] >= x0) & (points[:, 0] <= x1) & (points[:, 1] >= y0) & (points[:, 1] <= y1)
    rows = np.flatnonzero(here)[:_LOOKED_AT]
    share = np.full(len(rows), np.nan)
    known = store.frame(
        "SELECT example_id, members FROM neighbours WHERE example_id = ANY(?) AND len(members) > 0",
        [places["example_id"].iloc[rows].tolist()],
    )
    if len(known):
        index = pd.Index(places["example_id"])
        width = known["members"].str.len().min()
        members = np.concatenate([found[:width] for found in known["members"]])
        position = index.get_indexer(pd.Index(members)).reshape(len(known), width)
        of = index.get_indexer(pd.Index(known["example_id"]))
        place = pd.Index(rows).get_indexer(pd.Index(of))
        share[place] = kept(points, of, position, near)
    judged = np.isfinite(share)
    across = np.minimum(((points[rows, 0] - x0) / ((x1 - x0) or 1.0) * _CELLS).astype(int), _CELLS - 1)
    down = np.minimum(((points[rows, 1] - y0) / ((y1 - y0) or 1.0) * _CELLS).astype(int), _CELLS - 1)
    cell = (down * _CELLS + across)[judged]
    count = np.bincount(cell, minlength=_CELLS**2)
    total = np.bincount(cell, share[judged], minlength=_CELLS**2)
    grid = np.where(count >= _FEWEST, total / np.maximum(count, 1), np.nan).reshape(_CELLS, _CELLS)
    return Kept(grid, float(share[judged].mean()) if judged.any() else float("nan"), real, near)


def _ends(values: np.ndarray) -> tuple[float, float]:
    return float(values.min()), float(values.max())


def _most_split(store: Store, ids: list[str]) -> tuple[str, str]:
    """The two labels that most of these examples have both of, ties by label."""
    (pair,) = store.rows(
        f"""
        WITH votes AS (SELECT DISTINCT example_id, label FROM ({VOTES} GROUP BY ALL) WHERE example_id = ANY(?))
        SELECT a.label, b.label FROM votes a JOIN votes b ON a.example_id = b.example_id AND a.label < b.label
        GROUP BY ALL ORDER BY count(*) DESC, a.label, b.label LIMIT 1
        """,
        [ids],
    )
    return pair[0], pair[1]
