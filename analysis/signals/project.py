"""The map: every example's place on a plane, so that neighbours stay neighbours."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.signals.neighbours import Neighbours, nearest
from analysis.signals.places import Graph, among

FITTED = 100_000  # examples that a map is fitted on; more are placed among them
_SEED = 0
_FEWEST = 8  # with fewer examples there is nothing to lay out
_SPREAD = 10.0  # how far the start reaches from its middle
_EPOCHS, _MANY, _EPOCHS_OF_MANY = 500, 10_000, 300  # with 200 of many, fewer neighbours stay neighbours
_EPOCHS_AFTER = 50  # for those that are put among others
_PACE_AFTER = 0.25
_ENOUGH = 0.5  # of the examples must have been on the earlier map to be put on it

Tell = Callable[[float], None]


@dataclass(frozen=True)
class Sketch:
    """What a map is drawn from: small enough to be handed to another process.

    given     bool (n,): who gets a place; rows of zeros (no usable text) do not
    start     float32 (g, 2): where the given ones start, NaN where their neighbours decide
    position, distance  the neighbours of the given ones, counted among themselves
    chosen    int (m,): those of the given ones that the map is fitted on; vectors are theirs, none where m = g
    kept      how many keep the place they had on an earlier map
    """

    given: np.ndarray
    start: np.ndarray
    position: np.ndarray
    distance: np.ndarray
    chosen: np.ndarray
    vectors: np.ndarray | None = None
    kept: int = 0

    @property
    def fitted(self) -> int:
        """How many examples the map is fitted on; with an earlier map, those that keep their place."""
        return self.kept or len(self.chosen)


def project(vectors: np.ndarray, neighbours: Neighbours, earlier: np.ndarray | None = None) -> np.ndarray:
    """float32 (n, 2): a UMAP (McInnes et al. 2018) of the neighbours that are known; equal input, equal map.

    It starts from the first two principal components. Of more than 100,000 examples a sample is fitted and the others
    are put among them, then all are moved a little. `earlier` float (n, 2) has the places of an earlier map, NaN for
    new examples: where it knows half of them or more they stay, and only the new ones are placed.
    Rows of zeros (no usable text) have no place: NaN. A handful of examples lies along its principal components.
    """
    return draw(sketch(vectors, neighbours, earlier))


def sketch(vectors: np.ndarray, neighbours: Neighbours, earlier: np.ndarray | None = None) -> Sketch:
    """What `project` draws from, without what it does not look at."""
    given = np.asarray(vectors.any(axis=1))
    position, distance = _among_given(neighbours, given)
    count = int(given.sum())
    everyone = np.arange(count)
    if earlier is not None:
        start = earlier[given].astype(np.float32)
        kept = int(np.isfinite(start).all(axis=1).sum())
        known = start[np.isfinite(start[:, 0])]
        if kept >= max(_ENOUGH * count, _FEWEST) and np.ptp(known, axis=0).any():
            return Sketch(given, start, position, distance, everyone[:0], kept=kept)
    if count <= FITTED:
        return Sketch(given, _principal(vectors[given]), position, distance, everyone)
    chosen = np.sort(np.random.default_rng(_SEED).choice(count, FITTED, replace=False))
    start = np.full((count, 2), np.nan, dtype=np.float32)
    some = vectors[np.flatnonzero(given)[chosen]]
    start[chosen] = _principal(some)
    return Sketch(given, start, position, distance, chosen, some)


def draw(drawn_from: Sketch, tell: Tell | None = None) -> np.ndarray:
    """The map of a sketch; `tell` hears the share that is done."""
    told = tell or (lambda share: None)
    places = np.full((len(drawn_from.given), 2), np.nan, dtype=np.float32)
    start = drawn_from.start
    if len(start) >= _FEWEST and np.nanmax(np.ptp(start[np.isfinite(start[:, 0])], axis=0)) > 0:
        start = _drawn(drawn_from, told)
    places[drawn_from.given] = start
    return places


def _drawn(drawn_from: Sketch, tell: Tell) -> np.ndarray:
    start, position, distance = drawn_from.start, drawn_from.position, drawn_from.distance
    if drawn_from.kept:
        movable = ~np.isfinite(start[:, 0])
        if not movable.any():
            return start
        return Graph(position, distance).settle(
            among(position, distance, start), _EPOCHS_AFTER, tell, pace=_PACE_AFTER, movable=movable
        )
    if drawn_from.vectors is None:
        return _fitted(start, position, distance, tell)
    found = nearest(drawn_from.vectors, position.shape[1])
    some = _fitted(start[drawn_from.chosen], found.position, found.distance, lambda share: tell(0.6 * share))
    start = np.full_like(start, np.nan)
    start[drawn_from.chosen] = some
    return Graph(position, distance).settle(
        among(position, distance, start), _EPOCHS_AFTER, lambda share: tell(0.6 + 0.4 * share), pace=_PACE_AFTER
    )


def _fitted(start: np.ndarray, position: np.ndarray, distance: np.ndarray, tell: Tell) -> np.ndarray:
    low, reach = start.min(axis=0), np.ptp(start, axis=0)
    square = _SPREAD * (start - low) / np.where(reach > 0, reach, 1)
    epochs = _EPOCHS if len(start) <= _MANY else _EPOCHS_OF_MANY
    return Graph(position, distance).settle(square, epochs, tell)


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


def _among_given(neighbours: Neighbours, given: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The neighbours of the given rows, counted among themselves; one without a place is replaced by the row itself."""
    if given.all():
        return neighbours.position, neighbours.distance
    number = np.cumsum(given) - 1
    position, distance = neighbours.position[given], neighbours.distance[given].copy()
    gone = ~given[position]
    own = np.arange(len(position))[:, None]
    distance[gone] = 0
    return np.where(gone, own, number[position]).astype(np.int32), distance
