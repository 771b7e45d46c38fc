"""Drift: what changed between two parts, and what only seems to have."""

import numpy as np
import pytest

from analysis.coverage import drift
from analysis.coverage.drift import difference, halves, sampled, shares, words
from analysis.errors import NotReady

N = 200
BEFORE = np.arange(N) < 100
AFTER = ~BEFORE


def test_halves_are_cut_at_the_middle_date_whatever_the_order() -> None:
    dates: list[str | None] = [f"2026-01-{day:02d}" for day in range(1, 29)] * 2 + [None]
    before, after, until, since = halves(dates[::-1])
    assert (before.sum(), after.sum(), until, since) == (28, 28, "2026-01-14", "2026-01-15")
    assert not before[0]
    assert not after[0]


@pytest.mark.parametrize("dates", [[], [None] * 50, ["2026-01-01"] * 50, ["2026-01-01", "2026-01-02"] * 5])
def test_too_few_dates_are_said_in_a_sentence(dates: list[str | None]) -> None:
    with pytest.raises(NotReady, match=r"\.$"):
        halves(dates)


def test_new_and_vanished_labels_are_told_from_steady_ones() -> None:
    code = np.array([0] * 60 + [1] * 40 + [0] * 60 + [2] * 40)
    found = {change.name: change for change in shares(["steady", "old", "new"], code, BEFORE, AFTER)}
    assert set(found) == {"old", "new"}
    assert found["new"].is_new
    assert found["old"].has_vanished
    assert (found["new"].after, found["new"].after_total) == (40, 100)


def test_a_word_that_is_new_is_named() -> None:
    texts = ["the card was refused"] * 100 + ["the card was refused"] * 70 + ["the voucher was refused"] * 30
    found = {change.name for change in words(texts, BEFORE, AFTER)}
    assert found == {"voucher", "card"}


def test_parts_that_differ_are_told_apart_by_the_examples_that_are_new() -> None:
    dice = np.random.default_rng(3)
    vectors = dice.normal(size=(N, 8)).astype(np.float32)
    vectors[180:, 0] += 6
    found = difference(vectors, BEFORE, AFTER)
    assert found.is_beyond_chance
    assert found.told_apart > found.high
    assert (found.before, found.after) == (100, 100)
    assert set(found.newest) <= set(range(180, 200))
    assert set(found.gone) <= set(range(100))


def test_of_many_the_same_sample_is_compared_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sampled(BEFORE, 200).tolist() == list(range(100))
    some = sampled(AFTER, 40).tolist()
    assert (len(set(some)), some) == (40, sampled(AFTER, 40).tolist())
    assert set(some) <= set(range(100, 200))
    monkeypatch.setattr(drift, "READ", 40)
    found = difference(np.random.default_rng(3).normal(size=(N, 8)).astype(np.float32), BEFORE, AFTER)
    assert (found.before, found.after) == (40, 40)


def test_equal_parts_are_hardly_ever_told_apart() -> None:
    beyond = 0
    for seed in range(20):
        vectors = np.random.default_rng(seed).normal(size=(N, 8)).astype(np.float32)
        beyond += difference(vectors, BEFORE, AFTER).is_beyond_chance
    assert beyond <= 4, "of 20; 1 is expected"


@pytest.mark.parametrize(
    "vectors",
    [np.zeros((N, 4)), np.full((N, 4), np.nan), np.ones((N, 4))],
    ids=["all zero", "not a number", "all the same"],
)
def test_vectors_without_news_are_said_in_a_sentence(vectors: np.ndarray) -> None:
    with pytest.raises(NotReady, match=r"\.$"):
        difference(vectors.astype(np.float32), BEFORE, AFTER)
