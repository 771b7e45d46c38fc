"""The nearest others, exact and approximate, and what happens to rows without a direction."""

import numpy as np
import pytest

from analysis.signals import neighbours
from analysis.signals.neighbours import nearest


def _random(n: int, d: int = 8, seed: int = 1) -> np.ndarray:
    values = np.random.default_rng(seed).standard_normal((n, d)).astype(np.float32)
    return values / np.linalg.norm(values, axis=1, keepdims=True)


def test_by_hand_on_a_circle() -> None:
    angles = np.radians([0, 10, 30, 180])
    found = nearest(np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32), k=2)
    assert found.position.tolist() == [[1, 2], [0, 2], [1, 0], [2, 1]]
    assert found.distance[0] == pytest.approx([1 - np.cos(np.radians(10)), 1 - np.cos(np.radians(30))], abs=1e-6)


def test_like_comparing_every_pair() -> None:
    vectors = _random(300)
    found = nearest(vectors, k=5)
    similarity = vectors @ vectors.T
    np.fill_diagonal(similarity, -np.inf)
    assert (found.position == np.argsort(-similarity, axis=1, kind="stable")[:, :5]).all()
    assert found.position.dtype == np.int32
    assert found.distance.dtype == np.float32
    assert (np.diff(found.distance, axis=1) >= 0).all()


@pytest.mark.parametrize("n", [0, 1])
def test_nothing_beside_it(n: int) -> None:
    assert nearest(_random(n)).position.shape == (n, 0)


@pytest.mark.parametrize("n", [2, 3, 7])
def test_never_the_row_itself_and_never_twice(n: int) -> None:
    for vectors in (_random(n), np.ones((n, 4), np.float32) / 2, np.zeros((n, 4), np.float32)):
        found = nearest(vectors, k=15)
        assert found.position.shape == (n, n - 1)
        for row in range(n):
            assert sorted(found.position[row]) == [other for other in range(n) if other != row]


def test_rows_without_a_direction_lie_at_distance_1() -> None:
    vectors = _random(30)
    vectors[[3, 17]] = 0
    found = nearest(vectors, k=4)
    assert (found.distance[[3, 17]] == 1).all()
    assert not np.isin(np.delete(found.position, [3, 17], axis=0), [3, 17]).any()


def test_equal_rows_come_in_their_order() -> None:
    vectors = np.repeat(_random(2), [4, 1], axis=0)
    assert nearest(vectors, k=3).position[:4].tolist() == [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]]


@pytest.mark.slow
def test_above_the_limit_nearly_all_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = _random(3_000, d=6)
    exact = nearest(vectors)
    monkeypatch.setattr(neighbours, "_EXACT", 100)
    near = nearest(vectors)
    same = np.mean([len(set(a) & set(b)) / 15 for a, b in zip(exact.position, near.position, strict=True)])
    assert same > 0.97
    assert (near.position != np.arange(3_000)[:, None]).all()
