"""The map: finite where there is text, the same each time, also for a handful of points."""

import numpy as np
import pytest

from analysis.signals.neighbours import nearest
from analysis.signals.project import draw, project, sketch


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


def _two_groups(n: int) -> np.ndarray:
    """Half of the rows point one way, half the other; the first half are the first rows."""
    values = np.random.default_rng(3).standard_normal((n, 16)).astype(np.float32) * 0.1
    values[: n // 2, 0] += 1
    values[n // 2 :, 1] += 1
    return values / np.linalg.norm(values, axis=1, keepdims=True)


def _nearest_on_the_map(places: np.ndarray) -> np.ndarray:
    apart = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    return apart.argmin(axis=1)


@pytest.mark.slow
def test_of_many_a_sample_is_fitted_and_the_others_lie_with_their_like(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = _two_groups(300)
    found = nearest(vectors)
    monkeypatch.setattr("analysis.signals.project.FITTED", 100)
    drawn_from = sketch(vectors, found)
    assert (drawn_from.fitted, drawn_from.kept) == (100, 0)
    assert drawn_from.vectors is not None
    assert (drawn_from.vectors == vectors[drawn_from.chosen]).all()
    told: list[float] = []
    places = draw(drawn_from, told.append)
    assert np.isfinite(places).all()
    assert len(np.unique(places, axis=0)) == 300
    like = _nearest_on_the_map(places) < 150
    assert np.mean(like == (np.arange(300) < 150)) > 0.97
    assert told == sorted(told)
    assert 0 <= told[0] <= told[-1] <= 1
    assert (draw(sketch(vectors, found)) == places).all()


@pytest.mark.slow
def test_what_was_on_an_earlier_map_stays_and_new_examples_lie_with_their_like() -> None:
    vectors = _two_groups(200)
    earlier = np.zeros((200, 2), dtype=np.float32)
    earlier[:100] = np.random.default_rng(1).normal((-30, 0), 1, (100, 2))
    earlier[100:] = np.random.default_rng(2).normal((30, 0), 1, (100, 2))
    new = np.arange(0, 200, 10)
    earlier[new] = np.nan
    found = nearest(vectors)
    assert sketch(vectors, found, earlier).kept == 180
    places = project(vectors, found, earlier)
    old = np.isfinite(earlier[:, 0])
    assert (places[old] == earlier[old]).all()
    assert (places[new[:10], 0] < -15).all()
    assert (places[new[10:], 0] > 15).all()


def test_all_that_were_on_the_earlier_map_lie_where_they_lay() -> None:
    vectors = _two_groups(20)
    earlier = np.random.default_rng(1).random((20, 2)).astype(np.float32)
    assert (project(vectors, nearest(vectors), earlier) == earlier).all()


def test_an_earlier_map_that_knows_too_few_does_not_count() -> None:
    vectors = _two_groups(20)
    earlier = np.full((20, 2), np.nan, dtype=np.float32)
    earlier[:9] = 1
    assert sketch(vectors, nearest(vectors), earlier).kept == 0


def test_an_earlier_map_without_extent_does_not_count() -> None:
    vectors = _two_groups(20)
    earlier = np.full((20, 2), 3, dtype=np.float32)
    earlier[15:] = np.nan
    assert sketch(vectors, nearest(vectors), earlier).kept == 0
    assert np.isfinite(project(vectors, nearest(vectors), earlier)).all()
