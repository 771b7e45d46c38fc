import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.checks.annotator_disagreement import annotator_disagreement
from analysis.errors import NotReady
from analysis.signals.neighbours import Neighbours
from tests.checks.made import flagged, made, suggestions

Vote = tuple[str, str, str, str | None]


def votes(example: str, *labels: str) -> list[Vote]:
    return [(example, f"annotator {i}", label, None) for i, label in enumerate(labels)]


def first_sentences(found: pd.DataFrame) -> dict[str, str]:
    return {name: message.split(".")[0] + "." for name, message in flagged(found).items()}


def test_a_label_against_the_majority_is_flagged_with_the_majority_suggested() -> None:
    inputs = made(
        ["t"] * 4,
        labels=["y", "y", "x", "y"],
        annotations=votes("r1", "x", "x", "y")
        + votes("r2", "x", "x")
        + votes("r3", "x", "x", "y")
        + votes("r4", "z", "z", "z"),
    )
    found = annotator_disagreement(inputs)
    assert first_sentences(found) == {
        "r1": "Two of three annotators say x; the label is y.",
        "r2": "Both annotators say x; the label is y.",
        "r4": "All three annotators say z; the label is y.",
    }
    assert suggestions(found) == {"r1": "x", "r2": "x", "r4": "z"}


def test_no_clear_majority_is_flagged_without_a_suggestion() -> None:
    inputs = made(["t"] * 2, labels=["x", None], annotations=votes("r1", "x", "x", "y", "z") + votes("r2", "y", "x"))
    found = annotator_disagreement(inputs)
    assert first_sentences(found) == {
        "r1": "No label has more than half of its four annotators: x (two), y (one), z (one); the label is x.",
        "r2": "No label has more than half of its two annotators: x (one), y (one); it has no label yet.",
    }
    assert suggestions(found) == {}


def test_severity_grows_with_disagreement_and_with_the_number_of_annotators() -> None:
    inputs = made(
        ["t"] * 4,
        labels=["x", "x", "x", "x"],
        annotations=votes("r1", "x", "x", "x")
        + votes("r2", "x", "y")
        + votes("r3", "x", "x", "y", "y")
        + votes("r4", "y", "y", "y"),
    )
    found = annotator_disagreement(inputs).set_index("subject_id")["severity"]
    assert found["r1"] == 0
    assert found["r2"] == pytest.approx(0.5)  # entropy ln 2 over ln 2, times 1 - 1/2
    assert found["r3"] == pytest.approx(0.75)
    assert found["r4"] == pytest.approx(2 / 3)  # nobody says x, times 1 - 1/3


def test_entropy_is_scaled_by_the_most_labels_on_one_example() -> None:
    inputs = made(["t"] * 2, labels=["x", "x"], annotations=votes("r1", "x", "y", "z") + votes("r2", "x", "x", "y"))
    found = annotator_disagreement(inputs).set_index("subject_id")["severity"]
    expected = -(2 / 3 * math.log(2 / 3) + 1 / 3 * math.log(1 / 3)) / math.log(3) * (1 - 1 / 3)
    assert found["r2"] == pytest.approx(expected)
    assert found["r1"] == pytest.approx(2 / 3)


def test_the_later_label_of_one_annotator_counts() -> None:
    inputs = made(
        ["t"],
        labels=["x"],
        annotations=[("r1", "Ada", "x", "2026-02-01"), ("r1", "Ada", "y", "2026-01-01"), ("r1", "Ben", "x", None)],
    )
    found = annotator_disagreement(inputs)
    assert flagged(found) == {}
    assert list(found["subject_id"]) == ["r1"]


def test_agreement_is_silent_and_single_labels_are_not_judged() -> None:
    inputs = made(
        ["t"] * 3,
        labels=["x", "y", None],
        annotations=votes("r1", "x", "x") + votes("r2", "x") + votes("r3", "x", "x", "y"),
    )
    found = annotator_disagreement(inputs)
    assert flagged(found) == {}
    assert list(found["subject_id"]) == ["r1", "r3"]


def test_without_two_annotators_on_an_example_it_cannot_judge() -> None:
    again: list[Vote] = [
        ("r1", "Ada", "x", "1"),
        ("r1", "Ada", "y", "2"),
        ("gone", "Ben", "x", None),
        ("gone", "Ada", "x", None),
    ]
    with pytest.raises(NotReady, match="two annotators"):
        annotator_disagreement(made(["t"], labels=["x"], annotations=again))


def test_the_message_says_whether_somebody_slipped_or_two_labels_are_valid_with_the_evidence() -> None:
    agreed = [votes(f"r{n}", *["xyz"[n % 3]] * 5) for n in range(1, 121)]
    pairs = [(a, b) for a in range(5) for b in range(a)] * 2  # everybody is on either side equally often
    even = [votes(f"r{121 + n}", *("xy"[(i in pair) ^ (n < 10)] for i in range(5))) for n, pair in enumerate(pairs)]
    slips = [votes(f"r{141 + n}", *("x" if i == n % 5 else "z" for i in range(5))) for n in range(10)]
    given = [vote for example in (*agreed, *even, *slips) for vote in example]
    inputs = made(["t"] * 150, labels=[None] * 120 + ["x"] * 10 + ["y"] * 10 + ["x"] * 10, annotations=given)
    found = flagged(annotator_disagreement(replace(inputs, neighbours=None)))
    assert "x and y both seem valid (" in found["r121"]
    assert found["r141"].startswith("Four of five annotators say z; the label is x. z seems right (")
    assert "a slip by annotator 0 (x), whose labels are valid in " in found["r141"]


def test_the_message_says_how_the_nearest_examples_are_labelled() -> None:
    near = np.array([[1, 2, 3, 4]] * 5, dtype=np.int32)
    inputs = made(["t"] * 5, labels=["x", "y", "y", "x", "other"], annotations=votes("r1", "x", "y"))
    inputs = replace(inputs, neighbours=Neighbours(near, np.zeros(near.shape, np.float32)))
    assert flagged(annotator_disagreement(inputs))["r1"] == (
        "No label has more than half of its two annotators: x (one), y (one); the label is x. "
        "Two labels do not tell a slip from two valid labels. Of the 4 nearest examples, two are y, one is x."
    )
