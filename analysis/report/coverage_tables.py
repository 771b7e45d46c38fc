"""The tables of Coverage as people read them: one title a column, the same on the page and in a file."""

from collections.abc import Mapping

import pandas as pd

from analysis.queries.coverage_plan import Collection
from analysis.queries.coverage_reference import NONE, Reference
from analysis.report.visible import one_line

_HEAD = 40  # characters
SHARES = {
    "theirs": "Reference",
    "their_share": "Reference, %",
    "their_low": "Reference, % from",
    "their_high": "Reference, % to",
    "ours": "Ours",
    "our_share": "Ours, %",
    "our_low": "Ours, % from",
    "our_high": "Ours, % to",
}
LANDING = {
    "region": "Region, by its words",
    **SHARES,
    "gap": "Gap, points",
    "is_beyond_chance": "Beyond chance",
    "texts": "Texts of the reference",
}
SLICES = {
    "slice": "Slice",
    "examples": "Examples",
    "failing": "Failing",
    "share": "Failing, %",
    "low": "Failing, % from",
    "high": "Failing, % to",
    "elsewhere": "Elsewhere, %",
    "times": "Times elsewhere",
}
THIN = {
    "region": "Region",
    "reference": "Reference",
    "reference_percent": "Reference, %",
    "ours": "Ours",
    "ours_percent": "Ours, %",
    "missing": "Missing",
    "texts": "Texts",
}


def plan_titles(against: Reference) -> dict[str, str]:
    """The columns of a plan, in the order in which they are read."""
    return {
        "region": "Region, by its words",
        "collect": "Collect",
        "have": "Labelled now",
        "visits": "Of all examples, %" if against.key == NONE else f"Of {one_line(against.title, _HEAD)}, %",
        "gain": "Gain, points",
        "low": "Gain from",
        "high": "Gain to",
        "each": "A hundred more, points",
        "texts": "Texts like these",
    }


def plan_table(made: Collection) -> pd.DataFrame:
    """The rows of a plan as they are shown: visits in percent, as all other shares are."""
    return made.rows.assign(visits=100 * made.rows["visits"])


def titled(rows: pd.DataFrame, titles: Mapping[str, str]) -> pd.DataFrame:
    """The columns that have a title, in its order and under it."""
    return rows[list(titles)].rename(columns=dict(titles))
