"""Who is drawn first: nobody lonely is left out, and more are drawn where more lie."""

import numpy as np

from analysis.queries.map_spread import spread


def test_every_point_has_a_turn_of_its_own_and_keeps_it() -> None:
    random = np.random.default_rng(0)
    x, y = random.normal(size=(2, 5000))
    kind = random.random(5000) < 0.3
    turn = spread(x, y, kind)
    assert sorted(turn.tolist()) == list(range(5000))
    assert turn.tolist() == spread(x, y, kind).tolist()


def test_lonely_points_come_first_of_either_kind() -> None:
    """998 points in one corner, one in each of two others: three places and two kinds there are four first ones."""
    x = np.concatenate([np.zeros(998), [1.0, 0.0]])
    y = np.concatenate([np.zeros(998), [1.0, 1.0]])
    kind = np.arange(1000) % 2 == 0
    turn = spread(x, y, kind)
    assert turn[998] < 8
    assert turn[999] < 8


def test_more_are_drawn_where_more_lie() -> None:
    """Nine of ten points lie in the left half, and both halves have as many cells: a plain sample tells them apart."""
    random = np.random.default_rng(1)
    left = random.random(20_000) < 0.9
    x = random.random(20_000) / 2 + np.where(left, 0.0, 0.5)
    first = spread(x, random.random(20_000), np.zeros(20_000, dtype=bool)) < 1000
    share = left[first].mean()
    assert 0.6 < share < 0.8, "half way between as many in each half and nine of ten"


def test_points_of_one_place_and_none_at_all_have_turns() -> None:
    assert sorted(spread(np.ones(3), np.ones(3), np.zeros(3, dtype=bool)).tolist()) == [0, 1, 2]
    assert spread(np.zeros(0), np.zeros(0), np.zeros(0, dtype=bool)).tolist() == []
