"""How far the map can be believed: which of an example's real neighbours it shows nearby."""

import numpy as np

_TIMES = 3  # how many times as many places on the map count as nearby
_SHARE = 10  # at most one example in ten does, where there are few


def nearby(examples: int, real: int) -> int:
    """How many nearest places on the map count as nearby, where `real` neighbours of each example are known."""
    return max(min(_TIMES * real, examples // _SHARE), min(real, examples - 1), 1)


def kept(places: np.ndarray, rows: np.ndarray, position: np.ndarray, near: int) -> np.ndarray:
    """float (m,): the share of each row's real neighbours that are among the `near` nearest on the map.

    places float (n, 2), all finite; rows int (m,) into them; position int (m, k): the real neighbours as rows of
    `places`, -1 where one has no place. Equally far counts as near. NaN for a row without any neighbour. After
    Venna and Kaski 2001, whose trustworthiness and continuity look at ranks instead.
    """
    from scipy.spatial import cKDTree

    reach = np.atleast_2d(cKDTree(places).query(places[rows], k=[min(near + 1, len(places))])[0].T)[0]
    apart = np.linalg.norm(places[position] - places[rows][:, None, :], axis=2)
    known = position >= 0
    found = (apart <= reach[:, None] * (1 + 1e-9)) & known
    counted = known.sum(axis=1)
    return np.where(counted > 0, found.sum(axis=1) / np.maximum(counted, 1), np.nan)
