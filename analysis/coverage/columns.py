"""Columns as categories: which ones can cut the data into slices, with numbers and dates in bands."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.coverage.bands import bands

MOST_VALUES = 50  # different values; more make names, not groups
MOST_COLUMNS = 20
_FEW_NUMBERS = 12  # different numbers up to which each is a value of its own
_MOST_MONTHS = 24  # up to which dates are cut by month; then by year
_DATES = 0.95  # share of the cells that has to be dates
_FIELD = "fields."
_DATE = r"^\d{4}-\d{2}-\d{2}(?:[T ].*)?$"


@dataclass(frozen=True)
class Category:
    """One column as codes: values[code[i]] is the value of example i, code -1 where it has none."""

    title: str
    code: np.ndarray  # int8
    values: tuple[str, ...]


def categories(columns: Mapping[str, Sequence[str | None]]) -> list[Category]:
    """The columns that cut the data into slices, in order, at most 20.

    Dates become months (years where there are more than 24 months); numbers with more than 12 different values become
    five bands; a column is left out when it then has fewer than two or more than 50 different values. Empty cells
    belong to no value.
    """
    found = []
    for title, cells in columns.items():
        made = _category(title, cells)
        if made is not None:
            found.append(made)
    return found[:MOST_COLUMNS]


def columns_of(examples: pd.DataFrame, *, without: Collection[str] = ()) -> dict[str, Sequence[str | None]]:
    """The columns of examples as a check or a query has them: label, split, date, and the file's own by their titles.

    A column of the file that is called like one of the three gets "(column)" behind its title. `without` leaves out.
    """
    known = {"label": "label", "split": "split", "happened_at": "date"}
    found: dict[str, Sequence[str | None]] = {}
    for column in examples.columns:
        title = known.get(column, "")
        if column.startswith(_FIELD):
            title = column.removeprefix(_FIELD)
            title = f"{title} (column)" if title in known.values() else title
        if title and title not in without:
            found[title] = examples[column].tolist()
    return found


def different(columns: Mapping[str, Sequence[str | None]]) -> dict[str, int]:
    """How many different values each column has, once dates are months and numbers are bands."""
    return {title: len(_sorted(cells)[1]) for title, cells in columns.items()}


def _category(title: str, cells: Sequence[str | None]) -> Category | None:
    code, names = _sorted(cells)
    return Category(title, code.astype(np.int8), names) if 2 <= len(names) <= MOST_VALUES else None


def _sorted(cells: Sequence[str | None]) -> tuple[np.ndarray, tuple[str, ...]]:
    """The values of a column, sorted, and the number of each cell's, -1 for none."""
    code, values = pd.factorize(np.array(cells, dtype=object))
    counts = np.bincount(code[code >= 0], minlength=len(values))
    names = pd.Series([str(value) for value in values], dtype=object)
    names = names.where(names.str.strip() != "", None) if len(names) else names
    given = names.dropna()
    if len(given):
        is_date = given.str.match(_DATE)
        if counts[given.index[is_date]].sum() > _DATES * counts[given.index].sum():
            months = given[is_date].str[:7]
            given = months if months.nunique() <= _MOST_MONTHS else months.str[:4]
        elif given.nunique() > _FEW_NUMBERS:
            banded = bands(pd.DataFrame({"category": given, "examples": counts[given.index]}), _FEW_NUMBERS)
            given = given if banded is None else given.map(banded).dropna()
    known = sorted(given.unique())
    place = np.full(len(values) + 1, -1)  # the last one is that of empty cells
    place[given.index] = pd.Index(known, dtype=object).get_indexer(pd.Index(given, dtype=object))
    return place[code], tuple(known)
