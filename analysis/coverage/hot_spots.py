"""Places on the map where something happens more often than elsewhere, beyond chance."""

import numpy as np

from analysis.coverage.chance import LEVEL, adjusted, at_least

_FEWEST = 5  # marked points of a hot spot
_PER_CELL = 15  # points, roughly
_MOST_CELLS = 40  # each way


def hot_spots(x: np.ndarray, y: np.ndarray, marked: np.ndarray, most: int = 6) -> list[np.ndarray]:
    """The rows of each hot spot, marked or not, most marked beyond expectation first; at most `most`.

    x, y float (n,), finite; marked bool (n,). A grid of about 15 points a cell is laid over the points; a cell is hot
    when it has more marked ones than chance gives (hypergeometric, Benjamini–Hochberg at 5 %), and hot cells that
    touch are one spot. A spot has five marked points or more. The 5 % are of the cells that are hot: how many of the
    spots are by chance alone is not said.
    """
    from scipy.ndimage import label

    n, total = len(x), int(marked.sum())
    if total < _FEWEST or total == n:
        return []
    cells = int(np.clip(round(float(np.sqrt(n / _PER_CELL))), 2, _MOST_CELLS))
    cell = _cell(y, cells) * cells + _cell(x, cells)
    of, found = np.bincount(cell, minlength=cells**2), np.bincount(cell[marked], minlength=cells**2)
    used = np.flatnonzero(of)
    hot = np.zeros(cells**2, dtype=bool)
    hot[used] = adjusted(at_least(found[used], of[used], total, n)) <= LEVEL
    spot, count = label(hot.reshape(cells, cells), structure=np.ones((3, 3)))
    spots = [np.flatnonzero(spot.ravel()[cell] == number) for number in range(1, count + 1)]
    spots = [rows for rows in spots if marked[rows].sum() >= _FEWEST]
    excess = [float(marked[rows].sum() - len(rows) * total / n) for rows in spots]
    return [spots[number] for number in np.argsort(-np.array(excess), kind="stable")[:most]]


def _cell(values: np.ndarray, cells: int) -> np.ndarray:
    low, high = float(values.min()), float(values.max())
    scaled = (values - low) / ((high - low) or 1.0) * cells
    return np.minimum(scaled.astype(np.int64), cells - 1)
