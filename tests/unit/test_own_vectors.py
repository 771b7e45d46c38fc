import numpy as np
import pytest

from analysis.errors import BadFile
from analysis.signals.own import own_vectors


def test_rows_are_scaled_to_length_one_and_absent_cells_are_zero() -> None:
    values = own_vectors(["[3, 4]", None, "[0, -2]"])
    np.testing.assert_allclose(values, [[0.6, 0.8], [0, 0], [0, -1]])
    assert values.dtype == np.float32


@pytest.mark.parametrize(
    ("cells", "part"),
    [
        (["[1, 2]", "[1]"], "Example 2 has a vector of 1 numbers"),
        (["[1, 2]", "one, two"], "'one, two'"),
        (["[1, NaN]"], "not a finite number"),
        ([None, ""], "no vectors"),
        (["7"], "'7'"),
    ],
)
def test_a_bad_vector_is_refused_with_the_value_seen(cells: list[str | None], part: str) -> None:
    with pytest.raises(BadFile, match=part.replace("[", r"\[")) as error:
        own_vectors(cells)
    assert error.value.hint
