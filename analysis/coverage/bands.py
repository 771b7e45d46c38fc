"""A column of numbers, cut into a few bands that hold about as many examples each."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

BANDS = 5
_NUMBERS = 0.95  # share of the examples whose cell has to be a number


def bands(categories: pd.DataFrame, most: int) -> dict[str, str] | None:
    """Cell → name of its band, lowest band first; None unless the column holds more than `most` different numbers.

    `categories` has category (a cell; missing = none) and examples (how many have it). Cells that are no number are
    left out. A band is named after its smallest and largest number, exactly; equal numbers never lie in two bands.
    """
    given = categories.dropna(subset="category")
    numbers = pd.to_numeric(given["category"], errors="coerce").astype(float)
    finite = np.isfinite(numbers)
    known = given.assign(number=numbers)[finite].sort_values("number", kind="stable")
    counts = known.groupby("number")["examples"].sum()
    if len(counts) <= most or known["examples"].sum() < _NUMBERS * given["examples"].sum():
        return None
    names = _names(counts, _written)
    return {cell: names[number] for cell, number in zip(known["category"], known["number"], strict=True)}


def _written(number: float) -> str:
    """Without an exponent where it has at most 15 digits; else the shortest text that means no other number."""
    short = f"{number:.15g}"
    return short if float(short) == number else repr(float(number))


def even_bands(categories: pd.DataFrame) -> dict[str, str]:
    """Cell → name of its fifth of [0, 1], lowest first: for numbers that mean the same on every map."""
    known = categories.dropna(subset="category")
    numbers = known["category"].astype(float)
    fifth = np.minimum(numbers * BANDS, BANDS - 1).astype(int)
    named = {
        cell: (low, f"{low / BANDS:g} to {(low + 1) / BANDS:g}")
        for cell, low in zip(known["category"], fifth, strict=True)
    }
    return {cell: name for cell, (_, name) in sorted(named.items(), key=lambda pair: pair[1])}


def date_bands(categories: pd.DataFrame) -> dict[str, str]:
    """Day → name of its band, earliest band first, like `bands`; days are ISO dates, and missing ones are left out."""
    known = categories.dropna(subset="category")
    return _names(known.groupby("category")["examples"].sum(), str)


def _names(counts: pd.Series, name: Callable[[Any], str]) -> dict[Any, str]:
    """Value → name of its band; `counts` has the examples of each value, values ascending."""
    middle = counts.cumsum() - counts / 2
    band = np.minimum(BANDS * middle / counts.sum(), BANDS - 1).astype(int)
    ends = pd.Series(counts.index, index=counts.index).groupby(band).agg(["min", "max"])
    names = {
        number: name(low) if low == high else f"{name(low)} to {name(high)}" for number, (low, high) in ends.iterrows()
    }
    return {value: names[band[value]] for value in counts.index}
