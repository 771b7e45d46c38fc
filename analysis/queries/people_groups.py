"""Agreement within parts of the data: a column of the file, the version of the guideline, the month of labelling."""

import difflib

import pandas as pd
import pyarrow as pa

from analysis.coverage.columns import Category, categories
from analysis.errors import NoSuchThing, NotReady
from analysis.load.cells import plain_column
from analysis.people.agreement import Agreement, agreement_by_group
from analysis.people.agreement_counts import Scale
from analysis.people.decimals import decimals
from analysis.queries.people import RESAMPLES, Crowd
from analysis.store import Store

VERSION, MONTH, SPLIT = "guideline version", "month", "split"


def groupings(store: Store) -> list[str]:
    """What agreement can be split by: guideline version and month of the labels, split, columns without a role."""
    return list(_categories(store))


def agreement_by(store: Store, known: Crowd, grouping: str, scale: Scale = "nominal") -> pd.DataFrame:
    """Agreement within each group of `grouping` (a name from `groupings`, in any case), in the order of its values.

    group, labels, doubled (examples with two labels or more), same (share of agreeing pairs of labels; by weight unless
    labels are names), alpha with its 95 % interval low, high (Krippendorff's, which allows every design, so that groups
    compare), note (why there is nothing, or Gwet's coefficient where one label is so common that α reads low). What
    belongs to no group is in none. Raises NoSuchThing for another grouping.
    """
    found = _categories(store)
    names = {name.casefold(): name for name in found}
    if grouping.casefold() not in names:
        close = difflib.get_close_matches(grouping, list(found), n=1)
        meant = f"Did you mean {close[0]!r}? " if close else ""
        raise NoSuchThing(
            f"Agreement cannot be split by {grouping[:80]!r}.",
            f"{meant}It can be split by {', '.join(found)}." if found else "No column of this dataset has groups.",
        )
    category = found[names[grouping.casefold()]]
    value = pd.Series([None, *category.values], dtype=object).to_numpy()[category.code + 1]
    if names[grouping.casefold()] in (VERSION, MONTH):
        rows = value  # of annotations
    else:
        place = pd.Index(_examples(store)["example_id"]).get_indexer(pd.Index(known.annotations["example_id"]))
        rows = value[place]
    measured = agreement_by_group(known.labels, rows, scale=scale, resamples=RESAMPLES)
    given = pd.Series(rows, dtype=object).iloc[known.labels.row].value_counts()
    lines = []
    for name in [name for name in category.values if name in measured]:
        one = measured[name]
        line: dict[str, object] = {"group": name, "labels": int(given[name]), "note": ""}
        if isinstance(one, NotReady):
            line["note"] = one.message
        else:
            alpha = one.statistics["alpha"]
            line |= {"doubled": one.design.doubled, "same": one.statistics["percent"].value}
            line |= {"note": alpha.note or _beside(one)}
            line |= {"alpha": alpha.value, "low": alpha.low, "high": alpha.high}
        lines.append(line)
    columns = ["group", "labels", "doubled", "same", "alpha", "low", "high", "note"]
    frame = pd.DataFrame(lines, columns=columns)
    return frame.assign(doubled=frame["doubled"].fillna(0).astype(int))


def _beside(found: Agreement) -> str:
    """Gwet's coefficient, to be read beside α where one label is so common that α reads low; "" elsewhere."""
    beside = found.statistics.get(found.beside)
    return f"{beside.title} {decimals(float(beside.value))}" if beside is not None else ""


def _categories(store: Store) -> dict[str, Category]:
    """The groupings by name; labels' own first, whose codes are of rows of `Crowd.annotations`."""
    given = store.frame(
        "SELECT a.guideline_version, a.annotated_at FROM annotations a JOIN examples e USING (example_id)"
        " ORDER BY e.row_number, a.annotator, a.rowid"
    )
    given = given.astype(object).where(given.notna(), None)
    own = {VERSION: given["guideline_version"].tolist(), MONTH: given["annotated_at"].tolist()}
    examples = _examples(store)
    columns = {name: examples[name].tolist() for name in examples.columns if name != "example_id"}
    found = [*categories(own), *categories({name: cells for name, cells in columns.items() if name not in own})]
    return {category.title: category for category in found}


def _examples(store: Store) -> pd.DataFrame:
    """example_id, split, and every column without a role by its title; the second of two titles has its position."""
    roles = store.roles().as_dict().values()
    taken = {position for role in roles for position in (role if isinstance(role, tuple) else [role])}
    free = [column for column in store.columns() if column.position not in taken]
    cells = "".join(f", s.c{column.position}" for column in free)
    source = "LEFT JOIN source s USING (row_number)" if free else ""
    table = store.table(f"SELECT e.example_id, e.split{cells} FROM examples e {source} ORDER BY e.row_number")
    frame = pd.DataFrame({"example_id": table["example_id"].to_pylist(), SPLIT: table["split"].to_pylist()})
    for column in free:
        title = column.title if column.title not in frame else f"{column.title} (column {column.position + 1})"
        frame[title] = plain_column(_text(table[f"c{column.position}"]), column.kind).to_pylist()
    return frame


def _text(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    return cells.cast(pa.string())
