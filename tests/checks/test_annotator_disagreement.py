import math

import pytest

from analysis.checks.annotator_disagreement import annotator_disagreement
from analysis.errors import NotReady
from tests.checks.made import flagged, made, suggestions

Vote = tuple[str, str, str, str | None]


def votes(example: str, *labels: str) -> list[Vote]:
    return [(example, f"annotator {i}", label, None) for i, label in enumerate(labels)]


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
    assert flagged(found) == {
        "r1": "Two of three annotators say x; the label is y.",
        "r2": "Both annotators say x; the label is y.",
        "r4": "All three annotators say z; the label is y.",
    }
    assert suggestions(found) == {"r1": "x", "r2": "x", "r4": "z"}


def test_no_clear_majority_is_flagged_without_a_suggestion() -> None:
    inputs = made(["t"] * 2, labels=["x", None], annotations=votes("r1", "x", "x", "y", "z") + votes("r2", "y", "x"))
    found = annotator_disagreement(inputs)
    assert flagged(found) == {
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
