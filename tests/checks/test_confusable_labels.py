"""Rows of probabilities that are sure of one label, so that the confident joint can be counted by hand."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from cleanlab.count import compute_confident_joint

from analysis.checks import Inputs
from analysis.checks.confusable_labels import confusable_labels
from tests.checks.made import flagged, made, members

Row = tuple[str | None, str, int]  # the label given, the label that the models are sure of, how many


def counted(rows: Sequence[Row], classes: str = "abc", sure: float = 0.9) -> Inputs:
    labels = [given for given, _, count in rows for _ in range(count)]
    guesses = [guess for _, guess, count in rows for _ in range(count)]
    p = np.full((len(labels), len(classes)), (1 - sure) / (len(classes) - 1), dtype=np.float32)
    p[np.arange(len(labels)), [classes.index(guess) for guess in guesses]] = sure
    return made([f"text {i}" for i in range(len(labels))], labels=labels, classes=tuple(classes), probabilities=p)


def test_a_label_of_which_a_third_looks_like_another_is_found_with_its_examples() -> None:
    found = confusable_labels(counted([("a", "a", 14), ("a", "b", 6), ("b", "b", 20), ("c", "c", 10)]))
    assert flagged(found) == {
        # Wilson: 6 of 20 is 14.6 to 51.9 %, 0 of 20 at most 16.1 %
        "a ↔ b": "Of 20 examples labelled a about 6 (3–10) look like b; the other way 0 (0–3) of 20. "
        "Consider splitting a, or moving the part that is b."
    }
    assert members(found) == {"a ↔ b": [f"r{i}" for i in range(15, 21)]}
    assert found["severity"].tolist() == pytest.approx([0.1455], abs=5e-5)


def test_labels_taken_for_each_other_both_ways_are_to_be_merged_the_worse_way_first() -> None:
    found = confusable_labels(counted([("a", "a", 20), ("a", "b", 12), ("b", "b", 10), ("b", "a", 12), ("c", "c", 9)]))
    (message,) = flagged(found).values()
    assert message.startswith("Of 22 examples labelled b about 12 (")
    assert message.endswith("of 32. Consider merging b and a, unless the difference matters to you.")


def test_of_two_labels_neither_is_to_be_merged_into_the_other() -> None:
    found = confusable_labels(counted([("a", "a", 20), ("a", "b", 12), ("b", "b", 10), ("b", "a", 12)]))
    (message,) = flagged(found).values()
    assert message.endswith("Clarify in the guidelines when an example is b and when a.")


def test_a_small_leak_one_way_asks_for_a_clearer_rule() -> None:
    found = confusable_labels(counted([("a", "a", 93), ("a", "b", 7), ("b", "b", 50), ("c", "c", 9)]))
    # Wilson: 7 of 100 is 3.4 to 13.7 %
    assert flagged(found) == {
        "a ↔ b": "Of 100 examples labelled a about 7 (3–14) look like b; the other way 0 (0–4) of 50. "
        "Clarify in the guidelines when an example is a and when b."
    }


def test_what_chance_could_do_is_judged_but_not_flagged() -> None:
    inputs = counted([("a", "a", 196), ("a", "b", 4), ("b", "b", 50), ("b", "c", 1), ("c", "c", 9)])
    found = confusable_labels(inputs)
    assert found["subject_id"].tolist() == ["a ↔ b", "b ↔ c"]
    assert not flagged(found)
    assert list(flagged(confusable_labels(inputs, min_share=0.007, min_examples=4))) == ["a ↔ b"]


def test_examples_that_were_not_judged_and_labels_that_nobody_bears_do_not_count() -> None:
    rows: list[Row] = [("a", "a", 14), ("a", "b", 6), ("b", "b", 20), (None, "a", 9)]
    inputs = counted(rows)
    probabilities = inputs.need("probabilities").copy()
    probabilities[:2] = np.nan
    left = Inputs(**{**vars(inputs), "probabilities": probabilities})
    (message,) = flagged(confusable_labels(left)).values()
    assert message.startswith("Of 18 examples labelled a about 6 (")


def test_the_members_are_those_that_cleanlab_counts() -> None:
    dice = np.random.default_rng(5)
    given = dice.integers(0, 3, size=300)
    p = dice.dirichlet(np.ones(3) * 0.5, size=300)
    p[np.arange(300), given] += 0.2
    p = (p / p.sum(axis=1, keepdims=True)).astype(np.float32)
    labels = [("x", "y", "z")[code] for code in given]
    inputs = made([f"text {i}" for i in range(300)], labels=labels, classes=("x", "y", "z"), probabilities=p)
    joint = compute_confident_joint(given, p.astype(float), calibrate=False)
    found = confusable_labels(inputs, min_share=0, min_examples=1)
    assert joint.sum() - np.trace(joint) > 30
    sizes = {pair: len(ids) for pair, ids in members(found).items()}
    both = joint + joint.T
    assert sizes == {"x ↔ y": both[0, 1], "x ↔ z": both[0, 2], "y ↔ z": both[1, 2]}


def test_pairs_have_different_names_whatever_the_labels_are() -> None:
    classes = ("a", "a ↔ b", "b", "b ↔ a")
    n = 10
    labels = [label for label in classes for _ in range(n)]
    p = np.full((len(labels), 4), 0.02, dtype=np.float32)
    order = [1, 2, 3, 0]
    for i in range(len(labels)):
        p[i, i // n if i % 2 else order[i // n]] = 0.94
    inputs = made([f"text {i}" for i in range(len(labels))], labels=labels, classes=classes, probabilities=p)
    found = confusable_labels(inputs)
    assert len(found) == 4
    assert found["subject_id"].is_unique


def test_one_label_has_no_pair() -> None:
    inputs = counted([("a", "a", 30)])
    assert len(confusable_labels(inputs)) == 0
    assert isinstance(confusable_labels(inputs), pd.DataFrame)
