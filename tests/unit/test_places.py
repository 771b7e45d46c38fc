"""Where examples start that have no place yet: among the neighbours that have one."""

import numpy as np
import pytest

from analysis.signals.places import among

NONE = (np.nan, np.nan)


def _among(places: list[tuple[float, float]], position: list[list[int]], distance: list[list[float]]) -> np.ndarray:
    return among(
        np.array(position, dtype=np.int32), np.array(distance, dtype=np.float32), np.array(places, dtype=np.float32)
    )


def test_midway_between_two_that_are_equally_near() -> None:
    found = _among([(0, 0), (10, 4), NONE], [[1, 2], [0, 2], [0, 1]], [[0.1, 0.5], [0.1, 0.5], [0.2, 0.2]])
    assert found[:2].tolist() == [[0, 0], [10, 4]]
    assert found[2] == pytest.approx([5, 2], abs=0.2)


def test_nearer_ones_weigh_more() -> None:
    found = _among([(0, 0), (10, 0), NONE], [[1, 2], [0, 2], [0, 1]], [[0.1, 0.3], [0.1, 0.3], [0.1, 0.3]])
    # the typical reach is 0.2, so the weights are 1 and exp(-1): 10 × 0.3679 / 1.3679
    assert found[2] == pytest.approx([2.689, 0], abs=0.2)


def test_who_knows_nobody_with_a_place_waits_for_a_neighbour() -> None:
    places = [(0, 0), (1, 1), NONE, NONE]
    found = _among(places, [[1], [0], [0], [2]], [[0.1], [0.1], [0.1], [0.1]])
    assert found[2:] == pytest.approx(np.zeros((2, 2)), abs=0.1)


def test_who_is_never_reached_starts_in_the_middle() -> None:
    places = [(0, 0), (8, 6), NONE, NONE]
    found = _among(places, [[1], [0], [3], [2]], [[0.1], [0.1], [0.1], [0.1]])
    assert found[2:] == pytest.approx(np.array([[4, 3], [4, 3]]), abs=0.2)
    assert (found[2] != found[3]).any()


def test_a_neighbour_that_stands_for_nobody_does_not_upset_the_weights() -> None:
    # The second neighbour has distance 0 because a text without a place was taken out: nearer than the first.
    places = [(0, 0), (10, 0), NONE]
    found = _among(places, [[1, 1], [0, 0], [0, 2]], [[0.9, 0.0], [0.9, 0.0], [0.9, 0.0]])
    assert found[2] == pytest.approx([0, 0], abs=0.2)
