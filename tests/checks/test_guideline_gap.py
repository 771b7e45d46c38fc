"""Pairs that people are split on, with a guideline that names some of them."""

from dataclasses import replace

import pytest

from analysis.checks import Inputs
from analysis.checks.guideline_gap import guideline_gap
from analysis.errors import NotReady
from tests.checks.made import flagged, made, members


def labelled(*words: str, guideline: str = "") -> Inputs:
    """One example per word; every letter is the label of another annotator."""
    annotations = [
        (f"r{i}", f"p{j}", label, None) for i, word in enumerate(words, start=1) for j, label in enumerate(word)
    ]
    return replace(made([f"text {word}" for word in words], annotations=annotations), guideline=guideline)


# a against b on r1 to r4, evenly on r4 alone; a against c on r5; ten examples without a quarrel
SPLIT = ("aab", "aab", "aba", "ab", "ac", *["aa"] * 5, *["cc"] * 5)


def test_a_pair_that_no_clause_names_is_a_gap_with_its_examples() -> None:
    found = guideline_gap(labelled(*SPLIT, guideline="## 1\n`a` `c`\n## 2\n`b`"))
    # off the diagonal: 3 · (2 · 1 / 2) + 1 of ab and 1 of ac, in both directions: ab causes 4 / 5
    # Wilson: 4 of 10 is 16.8 to 68.7 %
    assert flagged(found) == {
        "a ↔ b": "Annotators are split between a and b on 4 of 10 examples (17%–69%), which is 80% of all "
        "disagreement; no clause names both."
    }
    assert members(found) == {"a ↔ b": ["r4", "r1", "r2", "r3"]}
    assert found["severity"].tolist() == pytest.approx([0.8, 0])
    assert found["message"].tolist()[1] == "Clause 1 names both."


def test_a_clause_that_names_both_closes_the_gap() -> None:
    assert not flagged(guideline_gap(labelled(*SPLIT, guideline="4.2 `b` or `a`\n5. more")))


def test_while_no_guideline_is_written_every_pair_is_a_gap() -> None:
    found = flagged(guideline_gap(labelled(*SPLIT), min_split=1, min_share=0))
    assert list(found) == ["a ↔ b", "a ↔ c"]
    assert all("no guideline is written yet" in message for message in found.values())


def test_too_few_examples_are_taken_for_slips() -> None:
    assert list(flagged(guideline_gap(labelled(*SPLIT), min_split=5))) == []
    assert list(flagged(guideline_gap(labelled(*SPLIT), min_share=0.17))) == []
    assert list(flagged(guideline_gap(labelled(*SPLIT), min_share=0.16))) == ["a ↔ b"]


def test_pairs_have_different_names_whatever_the_labels_are() -> None:
    inputs = made(
        ["one", "two"],
        annotations=[
            ("r1", "p", "a", None),
            ("r1", "q", "b ↔ c", None),
            ("r2", "p", "a ↔ b", None),
            ("r2", "q", "c", None),
        ],
    )
    assert guideline_gap(inputs)["subject_id"].is_unique


def test_without_two_labels_on_an_example_there_is_nothing_to_judge() -> None:
    with pytest.raises(NotReady, match="two annotators"):
        guideline_gap(labelled("a", "b"))
