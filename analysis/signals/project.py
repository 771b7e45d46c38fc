"""The map: every example's place on a plane, so that neighbours stay neighbours."""

import warnings

import numpy as np

from analysis.signals.neighbours import Neighbours

_SEED = 0
_FEWEST = 8  # with fewer examples there is nothing for UMAP to lay out
_SPREAD = 10.0  # how far the start reaches from its middle, as in umap-learn


def project(vectors: np.ndarray, neighbours: Neighbours) -> np.ndarray:
    """float32 (n, 2): UMAP (McInnes et al. 2018) from the neighbours that are known, started from the first two
    principal components, so that equal input gives an equal map.

    Rows of zeros (no usable text) have no place: NaN. A handful of examples lies along its principal components.
    """
    given = np.linalg.norm(vectors, axis=1) > 0
    places = np.full((len(vectors), 2), np.nan, dtype=np.float32)
    start = _principal(vectors[given])
    places[given] = start
    if given.sum() < _FEWEST or not np.ptp(start, axis=0).any():
        return places
    position, distance = _among(neighbours, given)
    places[given] = _umap(vectors[given], position, distance, start)
    return places


def _umap(vectors: np.ndarray, position: np.ndarray, distance: np.ndarray, start: np.ndarray) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ImportWarning)  # it misses TensorFlow, which nobody needs here
        from umap import UMAP

    n = len(vectors)
    own = np.arange(n, dtype=np.int32)[:, None]
    known = (np.hstack([own, position]), np.hstack([np.zeros((n, 1), np.float32), distance]), None)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="umap")  # says that a seed means one thread, which is wanted
        places = UMAP(
            n_neighbors=position.shape[1] + 1,
            metric="cosine",
            init=start,
            precomputed_knn=known,
            random_state=_SEED,
            low_memory=True,
            min_dist=0.1,
        ).fit_transform(vectors)
    return np.asarray(places, dtype=np.float32)


def _principal(vectors: np.ndarray) -> np.ndarray:
    """The first two principal components, scaled to reach `_SPREAD`; signs fixed so that it comes out the same."""
    centred = vectors - vectors.mean(axis=0) if len(vectors) else vectors
    if centred.shape[1] < 2:
        centred = np.hstack([centred, np.zeros((len(centred), 2 - centred.shape[1]), np.float32)])
    _, axes = np.linalg.eigh((centred.T @ centred).astype(np.float64))
    axes = axes[:, -1:-3:-1]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), [0, 1]])
    places = centred @ axes
    reach = np.abs(places).max(initial=0)
    return np.asarray(places * (_SPREAD / reach) if reach > 1e-6 else np.zeros_like(places), dtype=np.float32)


def _among(neighbours: Neighbours, given: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The neighbours of the given rows, counted among themselves; one without a place is replaced by the row itself."""
    number = np.cumsum(given) - 1
    position, distance = neighbours.position[given], neighbours.distance[given].copy()
    gone = ~given[position]
    own = np.arange(len(position))[:, None]
    distance[gone] = 0
    return np.where(gone, own, number[position]).astype(np.int32), distance
