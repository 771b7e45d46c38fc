"""Vectors that came with the data: a column of number lists, used instead of ours."""

import json
from collections.abc import Sequence

import numpy as np

from analysis.errors import BadFile

_HINT = "Every cell needs a JSON list of the same number of finite numbers, such as [0.1, -0.2]."


def own_vectors(cells: Sequence[str | None]) -> np.ndarray:
    """Text cells such as "[0.1, -0.2]" as float32 (n, d), rows scaled to length 1; an absent cell is a zero row.

    Raises BadFile naming the first example whose cell is not a list of d finite numbers.
    """
    rows = [_numbers(cell, number) for number, cell in enumerate(cells, start=1)]
    width = next((len(row) for row in rows if row), 0)
    if not width:
        raise BadFile("The vector column holds no vectors.", _HINT)
    for number, row in enumerate(rows, start=1):
        if row and len(row) != width:
            raise BadFile(f"Example {number} has a vector of {len(row)} numbers, the first one has {width}.", _HINT)
    values = np.array([row or [0.0] * width for row in rows], dtype=np.float64)
    length = np.linalg.norm(values, axis=1, keepdims=True)
    return (values / np.where(length > 0, length, 1)).astype(np.float32)


def _numbers(cell: str | None, number: int) -> list[float]:
    if cell is None or not cell.strip():
        return []
    try:
        row = [float(value) for value in json.loads(cell)]
    except (ValueError, TypeError) as error:
        raise BadFile(f"The vector of example {number} cannot be read: {cell[:60]!r}.", _HINT) from error
    if not np.isfinite(row).all():
        raise BadFile(f"The vector of example {number} holds a value that is not a finite number.", _HINT)
    return row
