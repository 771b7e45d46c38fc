"""Where all examples lie, as a small picture under the points, which a browser shows faster than a chart of cells."""

import base64
import struct
import zlib
from typing import Any

import numpy as np

from analysis.coverage.outlines import Window
from ui import palette
from ui.palette import Theme

_DARKEST = 0.6  # of 1, where most examples lie
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


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
    """The file of a picture, uint8 [from the top, across, red green blue opacity] (RFC 2083)."""
    high, wide, _ = pixels.shape
    lines = np.zeros((high, 1 + 4 * wide), dtype=np.uint8)  # before each line, that it is written as it is
    lines[:, 1:] = pixels.reshape(high, -1)
    header = struct.pack(">IIBBBBB", wide, high, 8, 6, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes())), (b"IEND", b""))
    return _SIGNATURE + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
