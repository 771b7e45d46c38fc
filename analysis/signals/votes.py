"""What the labels of an example's nearest neighbours say about its own."""

import numpy as np

from analysis.signals.neighbours import Neighbours

_BLOCK = 20_000  # rows whose votes are counted at a time


def log_votes(neighbours: Neighbours, labels: np.ndarray, groups: np.ndarray, classes: int) -> np.ndarray:
    """float32 (n, classes): the logarithm of each label's share of the votes of the nearest neighbours.

    labels int (n,), -1 for neighbours that have no vote; near copies, which have the same number in `groups`, have no
    vote either. A vote weighs exp(-d / s), where d is how much farther than the nearest neighbour it is, and s the
    median reach of the neighbourhoods. One more vote is spread as the labels are spread over all examples.
    """
    position, distance = neighbours.position, neighbours.distance
    n, k = position.shape
    spread = np.bincount(labels[labels >= 0], minlength=classes).astype(np.float32)
    spread /= spread.sum()
    shares = np.tile(np.log(spread), (n, 1)) if not k else np.empty((n, classes), np.float32)
    reach = max(float(np.median(distance[:, -1] - distance[:, 0])), 1e-3) if k else 1.0
    for start in range(0, n if k else 0, _BLOCK):
        rows = slice(start, min(start + _BLOCK, n))
        near = position[rows]
        weight = np.exp((distance[rows][:, :1] - distance[rows]) / reach)
        votes = (labels[near] >= 0) & (groups[near] != groups[rows][:, None])
        size = len(near)
        at = np.repeat(np.arange(size), k).reshape(size, k) * classes + labels[near]
        total = np.bincount(at[votes], weights=weight[votes], minlength=size * classes).reshape(size, classes)
        shares[rows] = np.log((total + spread) / (total.sum(axis=1, keepdims=True) + 1))
    return shares
