"""A column of numbers, cut into a few bands that hold about as many examples each."""

import numpy as np
import pandas as pd

BANDS = 5
_NUMBERS = 0.95  # share of the examples whose cell has to be a number


def bands(categories: pd.DataFrame, most: int) -> dict[str, str] | None:
    """Cell → name of its band, lowest band first; None unless the column holds more than `most` different numbers.

    `categories` has category (a cell; missing = none) and examples (how many have it). Cells that are no number are
    left out. A band is named after its smallest and largest number; equal numbers never lie in two bands.
    """
    given = categories.dropna(subset="category")
    numbers = pd.to_numeric(given["category"], errors="coerce").astype(float)
    finite = np.isfinite(numbers)
    known = given.assign(number=numbers)[finite].sort_values("number", kind="stable")
    counts = known.groupby("number")["examples"].sum()
    if len(counts) <= most or known["examples"].sum() < _NUMBERS * given["examples"].sum():
        return None
    middle = counts.cumsum() - counts / 2
    band = np.minimum(BANDS * middle / counts.sum(), BANDS - 1).astype(int)
    ends = pd.Series(counts.index, index=counts.index).groupby(band).agg(["min", "max"])
    names = {number: f"{low:g} to {high:g}" for number, (low, high) in ends.iterrows()}
    return {cell: names[band[number]] for cell, number in zip(known["category"], known["number"], strict=True)}
