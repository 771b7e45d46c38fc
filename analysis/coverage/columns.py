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
_FIELD = "fields."
_DATE = r"^\d{4}-\d{2}-\d{2}(?:[T ].*)?$"


@dataclass(frozen=True)
class Category:
    """One column as codes: values[code[i]] is the value of example i, code -1 where it has none."""

    title: str
    code: np.ndarray
    values: tuple[str, ...]


def categories(columns: Mapping[str, Sequence[str | None]]) -> list[Category]:
    """The columns that cut the data into slices, in order, at most 20.

    Dates become months (years where there are more than 24 months); numbers with more than 12 different values become
    five bands; a column is left out when it then has fewer than two or more than 50 different values. Empty cells
    belong to no value.
    """
    found = []
    for title, cells in columns.items():
        series: pd.Series = pd.Series(np.array(cells, dtype=object))
        made = _category(title, series.where(series.notna() & (series.astype(str).str.strip() != ""), None))
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


def _category(title: str, cells: pd.Series) -> Category | None:
    given = cells.dropna().astype(str)
    if given.empty:
        return None
    if given.str.match(_DATE).mean() > 0.95:
        months = given.where(given.str.match(_DATE)).dropna().str[:7]
        given = months if months.nunique() <= _MOST_MONTHS else months.str[:4]
    elif given.nunique() > _FEW_NUMBERS:
        counted = given.value_counts().rename_axis("category").reset_index(name="examples")
        banded = bands(counted, _FEW_NUMBERS)
        given = given if banded is None else given.map(banded).dropna()
    names = sorted(given.unique())
    if not 2 <= len(names) <= MOST_VALUES:
        return None
    code = np.full(len(cells), -1, dtype=np.int32)
    code[given.index] = pd.Categorical(given, categories=names).codes
    return Category(title, code, tuple(names))
