"""Coefficients as they are written."""

import pytest

from analysis.people.decimals import between, chance, decimals


@pytest.mark.parametrize(
    ("value", "said"), [(0.414, "0.41"), (-0.02, "−0.02"), (-0.004, "0.00"), (0.0, "0.00"), (-1.0, "−1.00")]
)
def test_a_number_has_a_real_minus_and_nothing_has_none(value: float, said: str) -> None:
    assert decimals(value) == said


def test_an_interval_with_a_minus_needs_a_word() -> None:
    assert between(0.11, 0.43) == "0.11–0.43"
    assert between(-0.02, 0.07) == "−0.02 to 0.07"
    assert between(-0.001, 0.5) == "0.00–0.50"
    assert between(90.9, 95.2, 0) == "91–95"


@pytest.mark.parametrize(
    ("value", "said"),
    [(1.0, "over 99 %"), (0.996, "over 99 %"), (0.97, "97 %"), (0.01, "1 %"), (0.004, "under 1 %"), (0.0, "0 %")],
)
def test_a_chance_is_never_a_certainty(value: float, said: str) -> None:
    assert chance(value) == said
