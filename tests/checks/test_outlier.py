import numpy as np
import pytest

from analysis.checks.outlier import outlier
from analysis.errors import NotReady
from tests.checks.made import flagged, made, members


def crowd(n: int, *, seed: int = 0, spread: float = 0.35) -> np.ndarray:
    """n directions around one of 12 dimensions."""
    values = np.random.default_rng(seed).normal(0, spread, size=(n, 12))
    values[:, 0] += 1.5
    return values


def unit(values: np.ndarray) -> np.ndarray:
    return values / np.linalg.norm(values, axis=1, keepdims=True)


def test_the_one_that_points_elsewhere_is_flagged_with_the_numbers() -> None:
    vectors = unit(np.vstack([crowd(100), -np.eye(12)[:1]]))
    inputs = made(["some text"] * 101, vectors=vectors)
    found = outlier(inputs)
    assert list(flagged(found)) == ["r101"]
    assert inputs.neighbours is not None
    mean, half = 1 - inputs.neighbours.distance[100].mean(), np.median(1 - inputs.neighbours.distance.mean(axis=1))
    assert flagged(found)["r101"] == (
        f"Unlike everything else: its 15 nearest examples have a mean similarity of {mean:.2f};"
        f" for half of all examples it is above {half:.2f}."
    )
    assert len(members(found)["r101"]) == 3
    assert found["severity"].idxmax() == 100


def test_a_crowd_has_no_outlier() -> None:
    assert flagged(outlier(made(["some text"] * 200, vectors=unit(crowd(200))))) == {}


def test_a_class_that_is_wide_by_nature_is_its_own_yardstick() -> None:
    wide = np.random.default_rng(1).normal(size=(40, 12))
    vectors = unit(np.vstack([crowd(800, spread=0.1), wide]))
    texts = ["some text"] * 840
    assert len(flagged(outlier(made(texts, vectors=vectors), max_share=1))) > 20
    labels = ["narrow"] * 800 + ["wide"] * 40
    assert len(flagged(outlier(made(texts, vectors=vectors, labels=labels), max_share=1))) < 5


def test_no_more_than_the_allowed_share_is_flagged() -> None:
    vectors = unit(np.vstack([crowd(180, spread=0.1), np.random.default_rng(1).normal(size=(20, 12))]))
    inputs = made(["some text"] * 200, vectors=vectors)
    assert len(flagged(outlier(inputs, max_share=0.05))) == 10
    assert len(flagged(outlier(inputs, max_share=0))) <= 1


def test_empty_texts_are_not_judged_and_a_handful_cannot_be() -> None:
    vectors = unit(crowd(60))
    assert len(outlier(made(["text", " "] * 30, vectors=vectors))) == 30
    with pytest.raises(NotReady, match="Only 29 examples have text"):
        outlier(made(["text"] * 29, vectors=vectors[:29]))


def test_equal_texts_have_no_outlier() -> None:
    assert flagged(outlier(made(["same"] * 50))) == {}
