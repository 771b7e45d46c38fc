"""Each example's nearest other examples, found once and shared by every check, the map and the pages."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Neighbours:
    """The k nearest other examples of each example, nearest first.

    position  int32 (n, k): row numbers into the examples; never the row itself
    distance  float32 (n, k): cosine distance in [0, 2], ascending along the row
    """

    position: np.ndarray
    distance: np.ndarray
