"""Planted wrong labels are found, with the label that is right and evidence that can be checked."""

import dataclasses

import numpy as np
import pytest

from analysis.checks import Inputs
from analysis.checks.label_error import label_error
from analysis.errors import NotReady
from tests.checks.made import made


def _planted(wrong: tuple[int, ...] = (3, 27)) -> Inputs:
    """Two labels, 40 examples; the models are sure of the right one. r4 and r28 bear the wrong one."""
    right = ["cat" if i < 20 else "dog" for i in range(40)]
    labels = [("dog" if label == "cat" else "cat") if i in wrong else label for i, label in enumerate(right)]
    texts = [f"{'meow purr whisker' if label == 'cat' else 'bark fetch leash'} {i}" for i, label in enumerate(right)]
    p = np.array([[0.95, 0.05] if label == "cat" else [0.05, 0.95] for label in right], dtype=np.float32)
    return made(texts, labels=labels, classes=("cat", "dog"), probabilities=p)


def test_planted_errors_are_flagged_first_and_alone() -> None:
    rows = label_error(_planted())
    assert len(rows) == 40
    assert set(rows["subject_id"][rows["flagged"]]) == {"r4", "r28"}
    assert set(rows.nlargest(2, "severity")["subject_id"]) == {"r4", "r28"}


def test_the_reason_names_both_labels_and_counts_neighbours() -> None:
    row = label_error(_planted()).set_index("subject_id").loc["r4"]
    assert row["suggested_label"] == "cat"
    assert row["message"].startswith("The models expect cat (0.95) rather than dog (0.05); ")
    assert "5 nearest examples" in row["message"]
    assert row["members"]


@pytest.mark.parametrize(
    ("opinions", "said"),
    [
        ([0, 0, 0], "All 3 models expect cat (0.95)"),
        ([0, 1, 0], "2 of 3 models expect cat (0.95)"),
        ([1, 1, 0], "1 of 3 models expects cat (0.95)"),
        ([1, 1, 1], "The models together expect cat (0.95)"),
    ],
)
def test_the_reason_says_how_many_models_agree(opinions: list[int], said: str) -> None:
    inputs = dataclasses.replace(_planted(), opinions=np.tile(np.array(opinions, np.int16), (40, 1)))
    assert label_error(inputs).set_index("subject_id").loc["r4", "message"].startswith(said)


def test_clean_labels_stay_silent() -> None:
    assert not label_error(_planted(wrong=()))["flagged"].any()


def test_a_higher_threshold_flags_fewer() -> None:
    inputs = _planted()
    assert label_error(inputs, threshold=1.0)["flagged"].sum() <= label_error(inputs)["flagged"].sum()


def test_rows_that_are_no_probabilities_are_refused() -> None:
    inputs = _planted()
    assert inputs.probabilities is not None
    inputs.probabilities[4] *= 3
    with pytest.raises(NotReady, match="do not sum to 1"):
        label_error(inputs)


def test_unjudged_rows_are_not_counted() -> None:
    inputs = _planted()
    assert inputs.probabilities is not None
    inputs.probabilities[7] = np.nan
    rows = label_error(inputs)
    assert len(rows) == 39
    assert "r8" not in set(rows["subject_id"])
