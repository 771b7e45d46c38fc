"""The layout's rounds: what they fit, that cores change nothing, and how they stand beside umap-learn's."""

import warnings

import numpy as np
import pytest
from scipy.optimize import curve_fit
from sklearn.datasets import load_digits
from sklearn.manifold import trustworthiness

from analysis.signals import layout
from analysis.signals.neighbours import nearest
from analysis.signals.places import Graph
from analysis.signals.project import project


def test_nearness_is_fitted_as_umap_learn_fits_it_with_b_held_at_1() -> None:
    apart = np.linspace(0, 3, 300)
    wanted = np.where(apart < 0.1, 1, np.exp(-(apart - 0.1)))
    (steep,), _ = curve_fit(lambda d, a: 1 / (1 + a * d * d), apart, wanted)
    assert float(layout._STEEP) == pytest.approx(steep, abs=5e-4)


def _ring(n: int) -> Graph:
    """Everyone is near the next two on either side."""
    position = (np.arange(n)[:, None] + [1, -1, 2, -2]) % n
    return Graph(position.astype(np.int32), np.tile(np.float32([0.1, 0.1, 0.2, 0.2]), (n, 1)))


def test_the_places_are_equal_however_many_cores_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    start = np.random.default_rng(0).random((50, 2)).astype(np.float32) * 10
    found = []
    for cores in (1, 3, 64):
        monkeypatch.setattr("analysis.signals.places.os.cpu_count", lambda cores=cores: cores)
        found.append(_ring(50).settle(start, 20, lambda share: None))
    assert not (found[0] == start).all()
    assert (found[0] == found[1]).all()
    assert (found[0] == found[2]).all()


def test_who_is_not_movable_stays_and_the_start_is_left_as_it_was() -> None:
    start = np.random.default_rng(0).random((50, 2)).astype(np.float32) * 10
    before, movable = start.copy(), np.arange(50) % 5 == 0
    places = _ring(50).settle(start, 7, lambda share: None, movable=movable)
    assert (places[~movable] == before[~movable]).all()
    assert (places[movable] != before[movable]).any(axis=1).all()
    assert (start == before).all()


def test_one_round_moves_as_worked_out_by_hand() -> None:
    """Two of two examples: a push is from the other or, half the time, from oneself, which is none."""
    old = np.array([[0, 0], [3, 0]], dtype=np.float32)
    new = old.copy()
    every = np.array([1, 1], dtype=np.float32)
    due = np.array([1, 2], dtype=np.float32)  # the second example's edge is not due yet
    starts, others = np.array([0, 1, 2], np.int32), np.array([1, 0], np.int32)
    layout.pull_and_push(old, new, np.arange(2), starts, others, every, due, 1, np.float32(0.1))
    assert due.tolist() == [2, 2]
    assert new[1].tolist() == [3, 0]
    possible, steep = [], 1.558
    for pushes in range(6):  # pull: 2a d / (1 + a d²); push: 2 d / ((0.001 + d²)(1 + a d²)); at most 4
        x = 0.1 * min(2 * steep * 3 / (1 + steep * 9), 4)
        for _ in range(pushes):
            apart = 3 - x
            x -= 0.1 * min(2 * apart / ((0.001 + apart**2) * (1 + steep * apart**2)), 4)
        possible.append(x)
    assert min(abs(new[0, 0] - x) for x in possible) < 1e-5
    assert new[0, 1] == 0


@pytest.mark.slow
def test_neighbours_stay_neighbours_as_well_as_with_umap_learn() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ImportWarning)
        from umap import UMAP

        values = load_digits().data.astype(np.float32)
        vectors = values / np.linalg.norm(values, axis=1, keepdims=True)
        theirs = UMAP(metric="cosine", random_state=1, n_jobs=1).fit_transform(vectors)
    ours = project(vectors, nearest(vectors))
    assert trustworthiness(vectors, ours, n_neighbors=15) > trustworthiness(vectors, theirs, n_neighbors=15) - 0.01
