"""What an agreement means: the limits of the sources, and the formula of Spearman and Brown by hand."""

import math

import pytest

from analysis.people.agreement_meaning import level, meaning


def test_the_limits_are_those_of_krippendorff() -> None:
    assert [level(value) for value in (-0.2, 0.666, 0.667, 0.799, 0.8, 1.0)] == [
        "low", "low", "tentative", "tentative", "firm", "firm",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "step"),
    [(-0.1, "poor"), (0.1, "slight"), (0.24, "fair"), (0.5, "moderate"), (0.7, "substantial"), (0.9, "almost perfect")],
)
def test_the_steps_are_those_of_landis_and_koch(value: float, step: str) -> None:
    assert meaning(value, value, value, 2).step == step


def test_several_labels_together_are_more_reliable() -> None:
    """r = 0.25: ten labels have 2.5 / 3.25, and 12 labels have 3 / 3.75 = 0.80."""
    found = meaning(0.25, 0.2, 0.5, 10)
    assert found.together == pytest.approx(2.5 / 3.25)
    assert found.together_low == pytest.approx(2 / 2.8)
    assert found.together_high == pytest.approx(5 / 5.5)
    assert found.needed == 12
    assert (found.level, found.lowest, found.highest) == ("low", "low", "low")


def test_where_nothing_repeats_nothing_is_promised() -> None:
    for found in (meaning(-0.1, -0.2, 0.1, 3), meaning(0.0, -0.1, 0.1, 3)):
        assert math.isnan(found.together)
        assert found.needed == 0
    assert math.isnan(meaning(0.7, 0.6, 0.8, 1).together)
    assert meaning(0.01, 0.0, 0.02, 3).needed == 0  # 396 labels are no advice
    assert meaning(0.8, math.nan, math.nan, 2).needed == 1
    assert meaning(0.8, math.nan, math.nan, 2).lowest == "firm"
