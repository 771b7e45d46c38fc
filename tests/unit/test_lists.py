"""Searching by lists against comparing every pair."""

import numpy as np
import pytest

from analysis.signals import lists
from analysis.signals.lists import search


def _random(n: int, d: int = 12, seed: int = 1) -> np.ndarray:
    values = np.random.default_rng(seed).standard_normal((n, d)).astype(np.float32)
    return values / np.linalg.norm(values, axis=1, keepdims=True)


def _share(found: np.ndarray, likeness: np.ndarray) -> float:
    true = np.argsort(-likeness, axis=1, kind="stable")[:, : found.shape[1]]
    return float(np.mean([len(set(a) & set(b)) / len(b) for a, b in zip(found, true, strict=True)]))


@pytest.fixture
def short_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """100 lists of 20 on 2,000 rows, as 1,000,000 rows have 2,500 of 400."""
    monkeypatch.setattr(lists, "_MEMBERS", 20)


@pytest.mark.slow
@pytest.mark.usefixtures("short_lists")
def test_nearly_all_nearest_rows_are_found() -> None:
    base = _random(2_000)
    found = search(base, 10, lambda share: None)
    likeness = base @ base.T
    np.fill_diagonal(likeness, -np.inf)
    assert _share(found, likeness) > 0.95
    assert (found != np.arange(2_000)[:, None]).all()
    assert (search(base, 10, lambda share: None) == found).all()


@pytest.mark.usefixtures("short_lists")
def test_equal_rows_do_not_all_meet_and_still_find_each_other() -> None:
    base = np.concatenate([np.repeat(_random(1), 1_500, axis=0), _random(500, seed=2)])
    found = search(base, 10, lambda share: None)
    assert (found[:1_500] < 1_500).all()
    assert (found[:1_500] >= 0).all()
    assert all(len(set(row)) == 10 for row in found[:1_500:50])


def test_who_meets_nobody_gets_none() -> None:
    assert search(_random(1), 2, lambda share: None).tolist() == [[-1, -1]]
    assert search(_random(2), 2, lambda share: None).tolist() == [[1, -1], [0, -1]]
