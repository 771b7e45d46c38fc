"""Where the map has its clumps: groups of points that lie together, for names that stand on the picture."""

import numpy as np

_LEARNT = 6_000  # points that the middles are made from
_FEWEST = 20  # points of a clump that is worth a name
_SEED = 0


def clumps(x: np.ndarray, y: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """At most `most` groups of points that lie together: the group of each, int (n,), and the middles, float (g, 2).

    k-means with a fixed start (Arthur and Vassilvitskii 2007); fewer groups where there are fewer than 20 points for
    each or fewer different places. From more than 6,000 points every k-th makes the middles. Each middle is the point
    of the group next to the median, so that it never lies in a gap. Groups come largest first.
    """
    from scipy.cluster.vq import kmeans2, vq

    points = np.column_stack([x, y]).astype(np.float64)
    learnt = points[:: max(-(-len(points) // _LEARNT), 1)]
    count = min(most, len(points) // _FEWEST, len(np.unique(learnt.round(6), axis=0)))
    if count < 2:
        group = np.zeros(len(points), dtype=np.int64)
    else:
        random = np.random.default_rng(_SEED)
        middles, _ = kmeans2(learnt, _spread(learnt, count, random), minit="matrix", iter=20, missing="warn")
        group = vq(points, middles)[0].astype(np.int64)
    sizes = np.bincount(group)
    order = np.argsort(-sizes, kind="stable")[: int((sizes > 0).sum())]
    place = np.empty(len(sizes), dtype=np.int64)
    place[order] = np.arange(len(order))
    group = place[group]
    return group, np.array([_middle(points[group == number]) for number in range(len(order))]).reshape(-1, 2)


def _middle(points: np.ndarray) -> np.ndarray:
    middle: np.ndarray = points[np.argmin(((points - np.median(points, axis=0)) ** 2).sum(axis=1))]
    return middle


def _spread(points: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    """Different points that lie far from each other."""
    chosen = [points[int(random.integers(len(points)))]]
    nearest = np.full(len(points), np.inf)
    for _ in range(count - 1):
        nearest = np.minimum(nearest, ((points - chosen[-1]) ** 2).sum(axis=1))
        chosen.append(points[int(random.choice(len(points), p=nearest / nearest.sum()))])
    return np.array(chosen)
