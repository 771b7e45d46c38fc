import numpy as np
import pytest

from analysis.checks import Inputs
from analysis.checks.weak_slice import weak_slice
from analysis.errors import NotReady
from tests.checks.made import flagged, made, members

N = 200


def predicted(wrong: np.ndarray) -> Inputs:
    """Labels a and b in turns; the models give 0.9 to the label, or to the other one where they are wrong."""
    labels = ["a", "b"] * (N // 2)
    is_a = (np.arange(N) % 2 == 0) ^ wrong
    probabilities = np.where(is_a[:, None], [0.9, 0.1], [0.1, 0.9]).astype(np.float32)
    inputs = made([f"text {i}" for i in range(N)], labels=labels, classes=("a", "b"), probabilities=probabilities)
    inputs.examples["fields.site"] = ["Harbour"] * 40 + ["Riverside"] * 160
    return inputs


def test_a_value_that_models_get_wrong_is_named_with_its_examples() -> None:
    wrong = np.zeros(N, dtype=bool)
    wrong[:20], wrong[100:104] = True, True
    found = weak_slice(predicted(wrong))
    assert flagged(found) == {
        "site = Harbour": "site = Harbour: 40 examples, the models are wrong about 50 % of them (35 to 65 %);"
        " elsewhere about 2 %."
    }
    assert set(members(found)["site = Harbour"]) == {f"r{i + 1}" for i in range(20)}


def test_errors_spread_evenly_are_no_slice() -> None:
    assert flagged(weak_slice(predicted(np.arange(N) % 10 < 2))) == {}


def test_a_few_judged_examples_are_not_enough() -> None:
    probabilities = np.full((4, 2), 0.5, dtype=np.float32)
    with pytest.raises(NotReady, match="Only 4 examples"):
        weak_slice(made(["a"] * 4, labels=["x", "y"] * 2, classes=("x", "y"), probabilities=probabilities))
