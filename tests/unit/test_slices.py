"""Slices that stand out, counted by hand, and those that only seem to."""

import numpy as np
import pytest

from analysis.coverage.chance import adjusted, at_least, at_most
from analysis.coverage.columns import categories
from analysis.coverage.slices import rows_of, thinnest, worst

N = 400
REGION = ["north", "south", "east", "west"] * 100
CHANNEL = ["phone"] * 100 + ["chat"] * 300
COLUMNS = {"region": REGION, "channel": CHANNEL}
NORTH_PHONE = np.array([r == "north" and c == "phone" for r, c in zip(REGION, CHANNEL, strict=True)])
ALL = np.ones(N, dtype=bool)


def test_a_pair_that_fails_is_named_without_the_columns_that_it_explains() -> None:
    marked = NORTH_PHONE & (np.cumsum(NORTH_PHONE) <= 15)
    marked[399] = True
    (one,) = worst(categories(COLUMNS), marked, ALL)
    assert one.conditions == (("region", "north"), ("channel", "phone"))
    assert (one.found, one.of) == (15, 25)
    assert one.share[1] == pytest.approx(0.6)
    assert one.elsewhere == pytest.approx(1 / 375)
    assert (one.rows == np.flatnonzero(NORTH_PHONE)).all()


def test_a_column_that_fails_is_named_without_its_pairs() -> None:
    marked = np.array(REGION) == "north"
    marked &= np.arange(N) % 8 == 0
    (one,) = worst(categories(COLUMNS), marked, ALL)
    assert one.conditions == (("region", "north"),)
    assert (one.found, one.of) == (50, 100)


def test_failures_by_chance_are_hardly_ever_named() -> None:
    table = categories(COLUMNS)
    named = [bool(worst(table, np.random.default_rng(seed).random(N) < 0.1, ALL)) for seed in range(60)]
    assert sum(named) <= 6, "of 60; 3 are expected"


def test_what_training_lacks_is_named() -> None:
    test = np.arange(N) % 5 == 0
    test |= NORTH_PHONE
    (one,) = thinnest(categories({**COLUMNS, "label": ["a", "b"] * 200}), ~test, test)
    assert one.conditions[:2] == (("region", "north"), ("channel", "phone"))
    assert one.found == 0
    assert one.expected == pytest.approx(25 * 300 / 75), "elsewhere, 75 of 375 are tested on"


def test_what_would_match_is_told_by_the_ratio_elsewhere() -> None:
    """900 of training and 100 of test; the slice has 2 and 30: elsewhere 898 to 70, so 30 * 898 / 70 = 384.9."""
    site = ["harbour"] * 2 + ["hill"] * 898 + ["harbour"] * 30 + ["hill"] * 70
    test = np.arange(1_000) >= 900
    (one,) = thinnest(categories({"site": site}), ~test, test)
    assert (one.found, one.of) == (2, 32)
    assert round(one.expected) == 385


def test_thin_slices_are_held_against_all_that_are_large_enough() -> None:
    """22 sites have five examples or more, 20 of them none of the reference's: the clearest p counts 22 times."""
    small = [f"s{i}" for i in range(20) for _ in range(6)]
    ours = np.array([True] * 120 + [True] * 100 + [False] * 50 + [False] * 12)
    (one,) = thinnest(categories({"site": [*small, *["large"] * 150, *["hole"] * 12]}), ours, ~ours)
    assert one.conditions == (("site", "hole"),)
    assert one.q == pytest.approx(22 * one.p)


@pytest.mark.parametrize("marked", [np.zeros(N, bool), ALL], ids=["nothing fails", "everything fails"])
def test_nothing_stands_out_where_all_are_the_same(marked: np.ndarray) -> None:
    assert worst(categories(COLUMNS), marked, ALL) == []


def test_without_columns_or_examples_there_is_no_slice() -> None:
    assert worst([], ALL, ALL) == []
    assert worst(categories({"a": []}), np.zeros(0, bool), np.zeros(0, bool)) == []


def test_dates_numbers_and_names_are_cut_or_left_out() -> None:
    table = categories(
        {
            "date": [f"2026-0{1 + i % 3}-11T10:00" for i in range(N)],
            "age": [str(i) for i in range(N)],
            "stars": [str(1 + i % 5) for i in range(N)],
            "name": [f"name {i}" for i in range(N)],
            "same": ["x"] * N,
            "empty": [None, " "] * 200,
        }
    )
    assert {category.title: category.values for category in table} == {
        "date": ("2026-01", "2026-02", "2026-03"),
        "age": ("0 to 79", "160 to 239", "240 to 319", "320 to 399", "80 to 159"),
        "stars": ("1", "2", "3", "4", "5"),
    }


def test_the_rows_of_conditions() -> None:
    table = categories(COLUMNS)
    assert (rows_of(table, (("region", "north"), ("channel", "phone"))) == NORTH_PHONE).all()
    assert not rows_of(table, (("region", "nowhere"),)).any()
    assert not rows_of(table, (("planet", "mars"),)).any()


def test_tails_are_those_of_the_urn() -> None:
    """2 red and 2 white balls, 2 drawn: both red 1 in 6, at least one red 5 in 6 (Feller 1968, II.6)."""
    two = np.array([2])
    assert at_least(two, two, 2, 4)[0] == pytest.approx(1 / 6)
    assert at_least(np.array([1]), two, 2, 4)[0] == pytest.approx(5 / 6)
    assert at_most(np.array([0]), two, 2, 4)[0] == pytest.approx(1 / 6)


def test_adjusted_agrees_with_scipy() -> None:
    from scipy.stats import false_discovery_control

    p = np.random.default_rng(2).random(50) ** 3
    np.testing.assert_allclose(adjusted(p), false_discovery_control(p))
