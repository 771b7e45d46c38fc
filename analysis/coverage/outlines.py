"""What somebody drew on the map: outlines, the window they span, and which points they hold.

A region is one or several outlines, a window a part of the map that is looked at closely. Both are written as a short
text, so that a link can carry them.
"""

import math
from collections.abc import Sequence

import numpy as np

MOST_CORNERS = 80  # of one outline
MOST_OUTLINES = 20
_ROOM = 0.04  # of its size, that a window leaves around what it shows

Corner = tuple[float, float]
Region = tuple[tuple[Corner, ...], ...]
Window = tuple[float, float, float, float]  # x from, x to, y from, y to


def parse(text: str) -> Region | None:
    """A region from its text ("x,y;x,y;x,y", outlines separated by "|"); None when it is not one."""
    outlines = []
    for part in text.split("|"):
        try:
            corners = tuple((float(x), float(y)) for x, y in (pair.split(",") for pair in part.split(";")))
        except ValueError:
            return None
        if not 3 <= len(corners) <= MOST_CORNERS or not all(math.isfinite(v) for corner in corners for v in corner):
            return None
        outlines.append(corners)
    return tuple(outlines) if len(outlines) <= MOST_OUTLINES else None


def written(outlines: Sequence[Sequence[Corner]]) -> str:
    """The text of a region: the last `MOST_OUTLINES` outlines, coordinates with six digits.

    An outline drawn with more than `MOST_CORNERS` corners loses those that change its area least.
    """
    kept = [outline for outline in outlines if len(outline) >= 3][-MOST_OUTLINES:]
    return "|".join(";".join(f"{x:.6g},{y:.6g}" for x, y in _fewer(outline)) for outline in kept)


def parse_window(text: str) -> Window | None:
    """A window from its text ("x from, x to, y from, y to"); None when it is not one or is empty."""
    try:
        x0, x1, y0, y1 = (float(number) for number in text.split(","))
    except ValueError:
        return None
    fits = all(math.isfinite(number) for number in (x0, x1, y0, y1)) and x0 < x1 and y0 < y1
    return (x0, x1, y0, y1) if fits else None


def written_window(window: Window) -> str:
    """The text of a window, with six digits."""
    return ",".join(f"{number:.6g}" for number in window)


def around(region: Region) -> Window:
    """The window that shows the whole region, with some room around it."""
    xs, ys = zip(*(corner for outline in region for corner in outline), strict=True)
    return (*_roomy(min(xs), max(xs)), *_roomy(min(ys), max(ys)))


def rectangle(window: Window) -> Region:
    """Everything in a window, as a region."""
    x0, x1, y0, y1 = window
    return (((x0, y0), (x1, y0), (x1, y1), (x0, y1)),)


def within(x: np.ndarray, y: np.ndarray, region: Region) -> np.ndarray:
    """Which points lie in any outline of the region: a ray to the right crosses its border an odd number of times."""
    found = np.zeros(len(x), dtype=bool)
    for outline in region:
        crossings = np.zeros(len(x), dtype=bool)
        for (x1, y1), (x2, y2) in zip(outline, outline[1:] + outline[:1], strict=True):
            if y1 != y2:
                spans = (y1 > y) != (y2 > y)
                crossings ^= spans & (x < (x2 - x1) * (y - y1) / (y2 - y1) + x1)
        found |= crossings
    return found


def hull(x: np.ndarray, y: np.ndarray) -> tuple[Corner, ...]:
    """The smallest outline without a dent that holds all the points, a little wider than they are."""
    from scipy.spatial import ConvexHull, QhullError

    points = np.column_stack([x, y]).astype(np.float64)
    (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
    try:
        corners = points[ConvexHull(points).vertices]
    except (QhullError, ValueError):  # too few, or all on one line
        return rectangle((*_roomy(x0, x1), *_roomy(y0, y1)))[0]
    middle = corners.mean(axis=0)
    return tuple((float(px), float(py)) for px, py in middle + (corners - middle) * (1 + _ROOM))


def _roomy(low: float, high: float) -> tuple[float, float]:
    room = _ROOM * (high - low) or _ROOM
    return float(low - room), float(high + room)


def _fewer(outline: Sequence[Corner]) -> Sequence[Corner]:
    """The outline without the corners that matter least (Visvalingam and Whyatt 1993)."""
    corners = list(outline)
    while len(corners) > MOST_CORNERS:
        places = np.array(corners)
        before, after = np.roll(places, 1, axis=0), np.roll(places, -1, axis=0)
        (ax, ay), (bx, by) = (before - places).T, (after - places).T
        del corners[int(np.argmin(np.abs(ax * by - ay * bx)))]
    return corners
