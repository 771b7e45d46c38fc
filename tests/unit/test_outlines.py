"""Regions and windows of the map: which points lie in them, and how they are written."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.coverage import outlines
from analysis.coverage.outlines import Corner

SQUARE = ((0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0))
ARROW = ((0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (2.0, 1.0), (0.0, 4.0))  # a notch from above, down to (2, 1)


@pytest.mark.parametrize(
    ("region", "inside"),
    [
        ((SQUARE,), [True, False, True, False]),
        ((ARROW,), [True, True, False, False]),  # (2, 2) lies in the notch of the arrow
        ((SQUARE, ((5.0, 5.0), (7.0, 5.0), (6.0, 7.0))), [True, False, True, True]),
        (((tuple(reversed(SQUARE))),), [True, False, True, False]),
        # A figure of eight: both loops are inside, what lies below the crossing is not.
        ((((0.0, 0.0), (2.0, 2.0), (2.0, 0.0), (0.0, 2.0)),), [False, False, True, False]),
        ((((1.0, 1.0), (1.0, 1.0), (1.0, 1.0)),), [False, False, False, False]),
    ],
    ids=["square", "concave", "two outlines", "drawn the other way", "crossing itself", "a single place"],
)
def test_which_points_lie_in_a_region(region: outlines.Region, inside: list[bool]) -> None:
    x, y = np.array([1.0, 3.5, 1.9, 6.0]), np.array([0.5, 1.0, 1.0, 5.5])
    if region[0] is ARROW:
        x, y = np.array([1.0, 3.5, 2.0, 6.0]), np.array([0.5, 1.0, 2.0, 5.5])
    assert outlines.within(x, y, region).tolist() == inside


def test_an_outline_that_lies_on_another_does_not_take_points_out() -> None:
    assert outlines.within(np.array([1.0]), np.array([1.0]), (SQUARE, SQUARE)).tolist() == [True]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1,2",
        "1,2;3,4",
        "1,2;3,4;5",
        "1,2,3;4,5,6;7,8,9",
        "a,b;c,d;e,f",
        "nan,0;1,0;1,1",
        "inf,0;1,0;1,1",
        "0,0;1,0;1,1|",
        ";".join(["0,0"] * 81),
        "|".join(["0,0;1,0;1,1"] * 21),
        "![x](http://x)",
    ],
)
def test_text_that_is_no_region_is_none(text: str) -> None:
    assert outlines.parse(text) is None


def test_a_region_is_read_back_as_it_was_written() -> None:
    region = (SQUARE, ((-1.5, 0.25), (3.0, 0.0), (1e-05, 123456.0)))
    assert outlines.parse(outlines.written(region)) == region
    assert outlines.written([SQUARE, ((0.0, 0.0), (1.0, 1.0))]) == "0,0;2,0;2,2;0,2"


@given(st.lists(st.tuples(*[st.floats(-1e6, 1e6)] * 2), min_size=3, max_size=200))
def test_whatever_is_drawn_can_be_read_back(outline: list[Corner]) -> None:
    written = outlines.written([outline])
    region = outlines.parse(written)
    assert region is not None
    assert outlines.written(region) == written


def test_a_long_outline_keeps_its_shape() -> None:
    """A square of 400 corners needs four of them: hardly an area changes."""
    side = np.linspace(0, 2, 100, endpoint=False)
    zero, two = np.zeros(100), np.full(100, 2.0)
    drawn = [
        *zip(side, zero, strict=True),
        *zip(two, side, strict=True),
        *zip(2 - side, two, strict=True),
        *zip(zero, 2 - side, strict=True),
    ]
    region = outlines.parse(outlines.written([[(float(x), float(y)) for x, y in drawn]]))
    assert region is not None
    assert len(region[0]) == outlines.MOST_CORNERS
    assert set(SQUARE) <= set(region[0])


def test_a_window_is_read_back_as_it_was_written() -> None:
    assert outlines.parse_window("0,2,-1.5,1e3") == (0.0, 2.0, -1.5, 1000.0)
    assert outlines.written_window((0.0, 2.0, -1.5, 1000.0)) == "0,2,-1.5,1000"


@pytest.mark.parametrize("text", ["", "1,2,3", "1,2,3,4,5", "2,1,0,1", "0,1,1,1", "0,inf,0,1", "nan,1,0,1", "a,b,c,d"])
def test_text_that_is_no_window_is_none(text: str) -> None:
    assert outlines.parse_window(text) is None


def test_the_window_around_a_region_has_room_on_each_side() -> None:
    x0, x1, y0, y1 = outlines.around((SQUARE, ((5.0, 0.0), (10.0, 0.0), (5.0, 1.0))))
    assert (x0, x1) == pytest.approx((-0.4, 10.4))
    assert (y0, y1) == pytest.approx((-0.08, 2.08))
    x0, x1, _, _ = outlines.around((((1.0, 1.0),) * 3,))
    assert x0 < 1 < x1


def test_a_window_as_a_region_holds_what_the_window_shows() -> None:
    region = outlines.rectangle((0.0, 2.0, 0.0, 1.0))
    assert outlines.within(np.array([1.0, 1.0, 3.0]), np.array([0.5, 1.5, 0.5]), region).tolist() == [
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("x", "y"),
    [([0, 4, 4, 0, 2], [0, 0, 4, 4, 2]), ([0, 1, 2], [0, 1, 2]), ([1], [1]), ([3, 3, 3, 3], [1, 1, 1, 1])],
    ids=["square", "line", "point", "one place"],
)
def test_an_outline_around_points_holds_all_of_them(x: list[float], y: list[float]) -> None:
    found = outlines.hull(np.array(x, dtype=float), np.array(y, dtype=float))
    assert outlines.within(np.array(x), np.array(y), (found,)).all()
    assert not outlines.within(np.array([9.0]), np.array([9.0]), (found,)).any()
