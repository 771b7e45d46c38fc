"""How far a share that was counted can be relied on."""

from typing import Any

import numpy as np

Z = 1.959963984540054  # 95 % of a normal distribution lie within this many standard deviations


def wilson(found: Any, of: Any) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper end, in [0, 1], of the 95 % interval of the share `found / of` (Wilson 1927).

    found, of  numbers or arrays that broadcast, 0 ≤ found ≤ of; of 0 the interval is the whole of [0, 1].
    """
    k, n = np.asarray(found, dtype=float), np.asarray(of, dtype=float)
    trials = np.where(n > 0, n, 1)
    share = k / trials
    middle = share + Z**2 / (2 * trials)
    half = Z * np.sqrt(share * (1 - share) / trials + (Z / (2 * trials)) ** 2)
    scale = 1 + Z**2 / trials
    low, high = np.clip((middle - half) / scale, 0, 1), np.clip((middle + half) / scale, 0, 1)
    return np.where(n > 0, np.where(k > 0, low, 0), 0), np.where(n > 0, np.where(k < n, high, 1), 1)
