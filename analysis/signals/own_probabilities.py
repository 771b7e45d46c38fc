"""Probabilities that somebody else's models made: checked row by row, and used instead of ours."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from analysis.errors import BadFile
from analysis.load.cells import plain_column
from analysis.load.parse import files_of, fingerprint
from analysis.load.read import read_file
from analysis.signals.predict import Predictions

Cells = Sequence[str | None]
_ID_TITLES = ("example_id", "id")
_EDGE = 1e-6  # beyond 0 and 1 that rounding explains
_OFF = 1e-3  # that a row's sum may differ from 1
_NAMED = 5  # labels or examples that are named
_HINT = "Every example needs one probability per label, from 0 to 1, which sum to 1."
_SHAPES = (
    "Give one column of numbers per label, or one column of JSON: a list with one probability per label of the "
    'dataset, in alphabetical order, or an object such as {"refund": 0.9, "other": 0.1}.'
)


def own_probabilities(
    columns: Mapping[str, Cells], labels: Sequence[str | None], ids: Sequence[str], origin: str
) -> Predictions:
    """Cells as probabilities, in the order of the examples; `origin` says where they come from.

    columns  one column per class, named by it; or a single column of JSON lists (the sorted labels of the dataset are
             the classes) or JSON objects {class: probability}, where a class that is not named has 0
    labels   the examples' labels; classes that no example bears are allowed
    Examples without probabilities, or with a label that is not among the classes, are not judged and named in
    `left_out`. Raises BadFile, naming the first example, for values that are not finite, outside of 0 to 1, that do not
    sum to 1 within 0.001 (rows are then scaled to 1), or that are not as many as there are labels.
    """
    known = sorted({label for label in labels if label is not None})
    if _is_json(columns):
        (cells,) = columns.values()
        classes, values = _from_json(cells, known, ids)
    else:
        classes, values = _from_numbers(columns, ids)
    _check_classes(classes, known)
    _check_values(values, classes, ids)
    order = sorted(range(len(classes)), key=classes.__getitem__)
    classes, values = [classes[i] for i in order], values[:, order]
    covered = ~np.isnan(values).any(axis=1)
    allowed = {None, *classes}
    strange = np.array([label not in allowed for label in labels], dtype=bool)
    with np.errstate(invalid="ignore"):
        probabilities = (np.clip(values, 0, 1) / values.sum(axis=1, keepdims=True)).astype(np.float32)
    probabilities[strange] = np.nan
    said = [f"With the probabilities from {origin}.", _without(~covered, ids), _outside(strange & covered, labels)]
    return Predictions(tuple(classes), probabilities, " ".join(filter(None, said)))


def file_columns(path: Path, ids: Sequence[str]) -> dict[str, Cells]:
    """The columns of a file of probabilities, its rows put in the order of the examples; absent where it has none.

    Rows find their examples by a column called example_id or id, or one that holds nothing but different example ids;
    without such a column there must be a row for each example, in order. Raises BadFile.
    """
    found = read_file(path)
    columns = {
        column.title: plain_column(found.cells[f"c{column.position}"], column.kind).to_pylist()
        for column in found.columns
    }
    if len(columns) < len(found.columns):
        raise BadFile(f"{path.name} has two columns of the same name.", "Name every column by its label.")
    names = next((title for title, cells in columns.items() if _names_examples(title, cells, set(ids))), None)
    rows = len(found.cells)
    if names is None:
        if rows != len(ids):
            raise BadFile(
                f"{path.name} has {rows:,} rows, the dataset {len(ids):,} examples.",
                "Give each example a row in order, or a column example_id that says which example each row is about.",
            )
        return dict(columns)
    place = _places(columns.pop(names), ids, path.name)
    return {title: [None if at is None else cells[at] for at in place] for title, cells in columns.items()}


def file_stamp(path: Path) -> str:
    """What changes when the file does: its name and the sha256 of what is in it. Raises BadFile."""
    try:
        return f"{path.name} {fingerprint(files_of(path))[0]}"
    except OSError as error:
        raise BadFile(f"{path.name!r} cannot be opened: {error.strerror}.", "Check the path and its rights.") from error


def _names_examples(title: str, cells: Cells, ids: set[str]) -> bool:
    return title.casefold() in _ID_TITLES or (len(set(cells)) == len(cells) > 0 and ids.issuperset(cells))


def _places(names: Cells, ids: Sequence[str], file: str) -> list[int | None]:
    """The row of each example; None where it has none."""
    at: dict[str | None, int] = {}
    for row, name in enumerate(names):
        if name in at:
            raise BadFile(f"{file} has two rows for example {name!r}, {at[name] + 1:,} and {row + 1:,}.", _HINT)
        at[name] = row
    place = [at.get(name) for name in ids]
    if all(row is None for row in place):
        first = names[0] if names else None
        raise BadFile(
            f"No row of {file} is about an example of the dataset (the first is about {first!r}).",
            "Give the ids of the examples, as `issues` and `show` print them.",
        )
    return place


def _is_json(columns: Mapping[str, Cells]) -> bool:
    if len(columns) != 1:
        return False
    (cells,) = columns.values()
    return any(cell is not None and cell.lstrip()[:1] in ("[", "{") for cell in cells)


def _from_json(cells: Cells, known: Sequence[str], ids: Sequence[str]) -> tuple[list[str], np.ndarray]:
    rows = [_parsed(cell, name) for cell, name in zip(cells, ids, strict=True)]
    named = sorted({label for row in rows if isinstance(row, dict) for label in row})
    listed = any(isinstance(row, list) for row in rows)
    if listed and named:
        raise BadFile("Some probabilities are JSON lists, others JSON objects.", _SHAPES)
    classes = list(known) if listed else named
    values = np.full((len(rows), len(classes)), np.nan)
    column = {label: i for i, label in enumerate(classes)}
    for i, row in enumerate(rows):
        if isinstance(row, dict):
            values[i] = 0
            for label, value in row.items():
                values[i, column[label]] = _number(value, ids[i])
        elif row is not None:
            if len(row) != len(classes):
                raise BadFile(
                    f"Example {ids[i]!r} has {len(row):,} probabilities, but the dataset has {len(classes):,} labels.",
                    _SHAPES,
                )
            values[i] = [_number(value, ids[i]) for value in row]
    return classes, values


def _parsed(cell: str | None, name: str) -> list[object] | dict[str, object] | None:
    if cell is None or not cell.strip():
        return None
    try:
        row = json.loads(cell)
    except (ValueError, RecursionError) as error:
        raise BadFile(f"The probabilities of example {name!r} cannot be read: {cell[:60]!r}.", _SHAPES) from error
    if not isinstance(row, list | dict):
        raise BadFile(f"The probabilities of example {name!r} cannot be read: {cell[:60]!r}.", _SHAPES)
    return row


def _from_numbers(columns: Mapping[str, Cells], ids: Sequence[str]) -> tuple[list[str], np.ndarray]:
    values = np.full((len(ids), len(columns)), np.nan)
    for i, cells in enumerate(columns.values()):
        for row, cell in enumerate(cells):
            if cell is not None and cell.strip():
                values[row, i] = _number(cell, ids[row])
    missing = np.isnan(values)
    partly = np.flatnonzero(missing.any(axis=1) & ~missing.all(axis=1))
    if len(partly):
        label = list(columns)[int(missing[partly[0]].argmax())]
        raise BadFile(f"Example {ids[partly[0]]!r} has no probability for {label!r}, but for other labels.", _HINT)
    return list(columns), values


def _number(value: object, name: str) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise BadFile(f"Example {name!r} has {str(value)[:60]!r} where a probability should be.", _SHAPES) from error
    if not np.isfinite(number):
        raise BadFile(f"The probabilities of example {name!r} hold {number}, which is not a finite number.", _HINT)
    return number


def _check_classes(classes: Sequence[str], known: Sequence[str]) -> None:
    if len(classes) < 2:
        raise BadFile("There are probabilities of fewer than two labels.", _SHAPES)
    if not set(classes) & set(known):
        raise BadFile(
            f"None of the classes with probabilities ({_some(classes)}) is a label of the dataset ({_some(known)}).",
            "Name each class by its label, exactly.",
        )


def _check_values(values: np.ndarray, classes: Sequence[str], ids: Sequence[str]) -> None:
    wrong = (values < -_EDGE) | (values > 1 + _EDGE)
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise BadFile(
            f"Example {ids[row]!r} has {values[row, column]:.4g} as the probability of {classes[column]!r}, "
            "outside of 0 to 1.",
            _HINT,
        )
    total = values.sum(axis=1)
    off = np.flatnonzero(np.abs(total - 1) > _OFF)
    if len(off):
        raise BadFile(f"The probabilities of example {ids[off[0]]!r} sum to {total[off[0]]:.4g}, not to 1.", _HINT)
    if np.isnan(total).all():
        raise BadFile("No example has probabilities.", _SHAPES)


def _without(missing: np.ndarray, ids: Sequence[str]) -> str:
    names = [name for name, absent in zip(ids, missing, strict=True) if absent]
    if not names:
        return ""
    who = "1 example has none and is" if len(names) == 1 else f"{len(names):,} examples have none and are"
    return f"{who} not judged: {_some(names)}."


def _outside(strange: np.ndarray, labels: Sequence[str | None]) -> str:
    names = [str(label) for label, outside in zip(labels, strange, strict=True) if outside]
    if not names:
        return ""
    who = (
        "1 example is not judged, because its" if len(names) == 1 else f"{len(names):,} examples are not judged: their"
    )
    return f"{who} label has no probabilities: {_some(sorted(set(names)))}."


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
