"""Coincidences counted by hand, and other libraries for intervals and α."""

import krippendorff
import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from analysis.people import Labels, code_labels
from analysis.people.agreement import measure
from analysis.people.disagreement import Splits, only
from analysis.people.guideline_effect import EVERYTHING, clearest, effects, under_each


def coded(*examples: str) -> Labels:
    """One example per word, one label per letter, by annotators p1, p2 …; a dot is no label."""
    return code_labels(frame(*examples))


def frame(*examples: str) -> pd.DataFrame:
    rows = [
        (f"e{i}", f"p{j}", label)
        for i, word in enumerate(examples, start=1)
        for j, label in enumerate(word, start=1)
        if label != "."
    ]
    return pd.DataFrame(rows, columns=["example_id", "annotator", "label"])


# Off the diagonal: aab adds 2 · 1 / 2 = 1 to (a, b) and to (b, a), ab and ac add 1 each; b alone and aaa add nothing.
COUNTED = ("aab", "ab", "ac", "b", "aaa")


def test_pairs_are_ranked_by_the_disagreement_that_they_cause() -> None:
    found = Splits(coded(*COUNTED)).pairs()
    assert found[["first", "second", "split", "involved"]].values.tolist() == [["a", "b", 2, 4], ["a", "c", 1, 4]]
    assert found["share"].tolist() == pytest.approx([2 / 3, 1 / 3])
    for row in found.itertuples():
        assert (row.low, row.high) == pytest.approx(proportion_confint(row.split, row.involved, method="wilson"))


def test_a_few_labels_are_counted_together_and_one_against_all_others() -> None:
    splits = Splits(coded(*COUNTED))
    both = splits.among(["a", "b"])
    assert (both.involved, both.split, both.share) == (4, 2, pytest.approx(2 / 3))
    alone = splits.among(["a"])
    assert (alone.involved, alone.split, alone.share) == (4, 3, pytest.approx(1))
    everything = splits.among(["a", "b", "c", "nobody's"])
    assert (everything.involved, everything.split, everything.share) == (4, 3, pytest.approx(1))
    assert splits.among(["nobody's"]).involved == splits.among([]).involved == 0


def test_examples_come_with_the_most_evenly_split_first() -> None:
    splits = Splits(coded("aab", "ab", "ac", "abb", "b"))
    assert splits.examples("a", "b") == ["e2", "e1", "e4"]
    assert splits.examples("b", "a") == ["e2", "e1", "e4"]
    assert splits.examples("a", "nobody's") == []


@pytest.mark.parametrize("examples", [("a", "b"), ("aa", "bb"), ("a.", ".b")])
def test_where_nobody_is_split_there_is_no_pair(examples: tuple[str, ...]) -> None:
    splits = Splits(coded(*examples))
    assert splits.pairs().empty
    assert splits.among(["a", "b"]).share == 0


def test_two_hundred_labels_are_counted() -> None:
    dice = np.random.default_rng(4)
    rows = [(f"e{i}", f"p{j}", f"label {dice.integers(200):03}") for i in range(2_000) for j in range(3)]
    found = Splits(code_labels(pd.DataFrame(rows, columns=["example_id", "annotator", "label"]))).pairs()
    assert found["share"].sum() == pytest.approx(1)
    assert found["share"].is_monotonic_decreasing


def test_labels_of_which_one_ends_in_a_null_are_two() -> None:
    given = pd.DataFrame([("e", "p", "a"), ("e", "q", "a\x00")], columns=["example_id", "annotator", "label"])
    assert len(Splits(code_labels(given)).pairs()) == 1


def test_alpha_on_two_labels_is_that_of_the_labels_among_them() -> None:
    dice = np.random.default_rng(8)
    words = ["".join(dice.choice(list("abc."), size=4, p=[0.4, 0.3, 0.2, 0.1])) for _ in range(60)]
    value = measure(only(coded(*words), ["a", "b"]), resamples=0).statistics["alpha"].value
    table = [[{"a": 0, "b": 1}.get(word[j], np.nan) for word in words] for j in range(4)]
    assert value == pytest.approx(krippendorff.alpha(np.array(table), level_of_measurement="nominal"))


def two_versions() -> tuple[Labels, np.ndarray]:
    """40 examples under v1, where a and b are given by taste, and 40 under v2, where people agree."""
    words = ["ab", "ba", "aa", "bb"] * 10 + ["aa", "bb", "aa", "bb"] * 9 + ["ab", "aa", "bb", "cc"]
    given = frame(*words)
    versions = np.where(given["example_id"].str[1:].astype(int) <= 40, "v1", "v2").astype(object)
    return code_labels(given), versions


def test_the_change_of_two_labels_is_found_with_its_interval() -> None:
    labels, versions = two_versions()
    found = effects(labels, versions, ["v1", "v2"], [EVERYTHING, ("a", "b")])
    assert [effect.subject for effect in found] == [EVERYTHING, ("a", "b")]
    pair = found[1]
    # v1: of 40 pairs half disagree, a and b as often: 1 - (80 - 1) · 40 / (2 · 40 · 40); v2: 39 pairs, one disagrees
    assert pair.before.alpha == pytest.approx(1 - 79 * 40 / (2 * 40 * 40))
    assert pair.after.alpha == pytest.approx(1 - 77 * 2 / (2 * 39 * 39))
    assert pair.difference == pytest.approx(pair.after.alpha - pair.before.alpha)
    assert pair.low < pair.difference < pair.high
    assert pair.is_clear
    assert clearest(found) is pair
    assert [m.doubled for m in under_each(labels, versions, ["v1", "v2"])] == [40, 40]


def test_no_change_is_called_clear_between_halves_of_the_same_labels() -> None:
    labels, versions = two_versions()
    halves = np.where(np.arange(len(versions)) // 2 % 2 == 0, "v1", "v2").astype(object)
    found = effects(labels, halves, ["v1", "v2"], [EVERYTHING, ("a", "c")])
    assert not [effect for effect in found if effect.is_clear]


def test_a_version_without_two_labels_on_an_example_says_so() -> None:
    labels, versions = coded("ab", "ab", "a."), np.array(["v1", "v1", "v1", "v1", "v2"], dtype=object)
    (effect,) = effects(labels, versions, ["v1", "v2"])
    assert "one annotator" in effect.after.why
    assert not effect.is_known
    assert clearest([effect]) is None
    assert effects(labels, versions, ["v1"]) == []
