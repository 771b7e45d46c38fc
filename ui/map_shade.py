"""Where all examples lie, as a small picture under the points, which a browser shows faster than a chart of cells."""

import base64
import io
from typing import Any

import numpy as np
from PIL import Image

from analysis.coverage.outlines import Window
from ui import palette
from ui.palette import Theme

_DARKEST = 0.6  # of 1, where most examples lie


def shade(grid: np.ndarray, extent: Window, theme: Theme) -> dict[str, Any]:
    """A plotly image of how many examples lie in each cell, int [y, x], over the extent: the darker the more, by the
    logarithm of their number; empty cells show the paper.
    """
    x0, x1, y0, y1 = extent
    most = max(float(np.log1p(grid.max())), 1.0)
    colour = bytes.fromhex(palette.MUTED[theme].removeprefix("#"))
    pixels = np.empty((*grid.shape, 4), dtype=np.uint8)
    pixels[:, :, :3] = np.frombuffer(colour, dtype=np.uint8)
    pixels[:, :, 3] = np.rint(255 * _DARKEST * np.log1p(grid) / most)
    return {
        "source": "data:image/png;base64," + base64.b64encode(_png(pixels[::-1])).decode("ascii"),
        "xref": "x",
        "yref": "y",
        "x": x0,
        "y": y1,
        "sizex": (x1 - x0) or 1.0,
        "sizey": (y1 - y0) or 1.0,
        "sizing": "stretch",
        "layer": "below",
    }


def _png(pixels: np.ndarray) -> bytes:
    """The file of a picture, uint8 [from the top, across, red green blue opacity]."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()
