"""The map: finite where there is text, the same each time, also for a handful of points."""

import numpy as np
import pytest

from analysis.signals.neighbours import nearest
from analysis.signals.project import project


def _vectors(n: int) -> np.ndarray:
    values = np.random.default_rng(0).standard_normal((n, 16)).astype(np.float32)
    return values / np.linalg.norm(values, axis=1, keepdims=True)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 7])
def test_a_handful_is_drawn_along_its_principal_components(n: int) -> None:
    vectors = _vectors(n)
    places = project(vectors, nearest(vectors))
    assert places.shape == (n, 2)
    assert np.isfinite(places).all()


def test_identical_points_are_drawn() -> None:
    vectors = np.repeat(_vectors(1), 40, axis=0)
    assert np.isfinite(project(vectors, nearest(vectors))).all()


@pytest.mark.slow
def test_groups_stay_apart_empty_texts_have_no_place_and_twice_is_the_same() -> None:
    random = np.random.default_rng(0)
    vectors = random.standard_normal((120, 16)).astype(np.float32) * 0.2
    vectors[:60, 0] += 1
    vectors[60:, 1] += 1
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors[5] = 0
    found = nearest(vectors)
    places = project(vectors, found)
    assert np.isnan(places[5]).all()
    given = np.delete(places, 5, axis=0)
    assert np.isfinite(given).all()
    middle = [given[:59].mean(axis=0), given[59:].mean(axis=0)]
    side = np.linalg.norm(given - middle[1], axis=1) > np.linalg.norm(given - middle[0], axis=1)
    assert side[:59].all()
    assert not side[59:].any()
    assert (project(vectors, found)[6:] == places[6:]).all()
