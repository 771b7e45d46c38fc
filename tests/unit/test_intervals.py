import numpy as np
import pytest

from analysis.signals.intervals import wilson


@pytest.mark.parametrize(
    ("found", "of", "low", "high"),
    [  # Newcombe 1998, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_of_a_share_is_the_published_one(found: int, of: int, low: float, high: float) -> None:
    assert wilson(found, of) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_nothing_counted_says_nothing_and_arrays_go_through() -> None:
    low, high = wilson(np.array([0, 20, 10]), np.array([0, 20, 20]))
    np.testing.assert_allclose(low, [0, 0.8389, 0.2993], atol=5e-5)
    np.testing.assert_allclose(high, [1, 1, 0.7007], atol=5e-5)
