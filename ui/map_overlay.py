"""What is laid over the map: where it cannot be believed."""

import math
from typing import Any

import numpy as np

from analysis.coverage.outlines import Window
from analysis.queries.map_layers import Kept
from ui import palette
from ui.palette import Theme

_MOSTLY = 0.5  # less than this share of the real neighbours nearby is worth a cross


def with_lies(made: dict[str, Any], found: Kept, extent: Window, theme: Theme) -> dict[str, Any]:
    """The figure with a shade and crosses where the real neighbours lie elsewhere, instead of the density."""
    x0, x1, y0, y1 = extent
    down, across = found.share.shape
    dx, dy = ((x1 - x0) or 1.0) / across, ((y1 - y0) or 1.0) / down
    missing = 1 - found.share
    shade = {
        "type": "heatmap",
        "z": [[None if math.isnan(value) else round(float(value), 2) for value in line] for line in missing],
        "x0": x0 + dx / 2,
        "dx": dx,
        "y0": y0 + dy / 2,
        "dy": dy,
        "colorscale": [[0, palette.PAPER[theme]], [1, palette.MUTED[theme]]],
        "zmin": 0,
        "zmax": 1,
        "showscale": False,
        "hoverinfo": "skip",
    }
    rows, columns = np.nonzero(missing > 1 - _MOSTLY)
    crosses = {
        "type": "scatter",
        "mode": "markers",
        "name": "neighbours elsewhere",
        "legendrank": 3000,
        "x": x0 + dx * (columns + 0.5),
        "y": y0 + dy * (rows + 0.5),
        "hoverinfo": "skip",
        "marker": {"symbol": "x-thin", "size": 8, "line": {"width": 1.5, "color": palette.INK[theme]}},
        "unselected": {"marker": {"opacity": 1}},
    }
    layout = {name: value for name, value in made["layout"].items() if name != "images"}
    return {"data": [shade, *made["data"], *([crosses] if len(rows) else [])], "layout": layout}


def how_to_read(found: Kept) -> str:
    """One sentence about the shade."""
    if math.isnan(found.whole):
        return "No example here has known neighbours, so nothing can be said about how far this picture is right."
    return (
        "The darker the shade, the more of the texts that are really most alike lie elsewhere on the map, most of them "
        f"at a cross: do not take closeness there for likeness. Of each example's {found.real} most similar ones, "
        f"{100 * found.whole:.0f} % are among its {found.near} nearest here."
    )
