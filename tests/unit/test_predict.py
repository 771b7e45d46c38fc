"""Probabilities: out of sample, calibrated, and honest about whom they do not judge."""

import numpy as np
import pandas as pd
import pytest

from analysis.errors import NotReady
from analysis.signals import linear
from analysis.signals.embed import embed
from analysis.signals.folds import grouped_folds
from analysis.signals.linear import held_out_logits, softmax
from analysis.signals.neighbours import Neighbours, nearest
from analysis.signals.noise import likeliest_mistake, mistake_rates
from analysis.signals.predict import predict
from analysis.signals.votes import log_votes


def _blobs(per_class: int, classes: int = 3, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    labels = np.repeat(np.arange(classes), per_class)
    vectors = random.standard_normal((len(labels), 8)).astype(np.float32) * 0.4
    vectors[np.arange(len(labels)), labels] += 1
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True), labels


def test_linear_model_is_like_scikit_learns_when_it_has_converged(monkeypatch: pytest.MonkeyPatch) -> None:
    from sklearn.linear_model import LogisticRegression

    monkeypatch.setattr("analysis.signals.linear.STEPS", 3_000)
    x, y = _blobs(40)
    fold = (np.arange(len(y)) % 2).astype(np.int8)
    ours = softmax(held_out_logits([x], y, fold, 3, lambda share: None))
    for k in (0, 1):
        # Ours penalises the bias as well, so the peer gets a column of ones instead of one.
        ones = np.hstack([x, np.ones((len(x), 1), np.float32)])
        model = LogisticRegression(C=2, fit_intercept=False, tol=1e-10, max_iter=5_000)
        theirs = model.fit(ones[fold != k], y[fold != k]).predict_proba(ones[fold == k])
        assert ours[fold == k] == pytest.approx(theirs, abs=2e-3)


def test_every_step_is_of_single_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    """One number of double precision would make each product four times as slow, and say nothing."""
    seen = set()
    gradient = linear._gradient

    def watched(x: np.ndarray, y: np.ndarray, rest: list[slice], weights: np.ndarray) -> np.ndarray:
        seen.add(weights.dtype)
        return gradient(x, y, rest, weights)

    monkeypatch.setattr(linear, "_gradient", watched)
    x, y = _blobs(20)
    held_out_logits([x], y, (np.arange(len(y)) % 5).astype(np.int8), 3, lambda share: None)
    assert seen == {np.dtype(np.float32)}


def test_unlabelled_rows_get_the_mean_of_all_models() -> None:
    x, y = _blobs(20)
    y = y.copy()
    y[5], x[5] = -1, np.eye(8)[0]
    logits = held_out_logits([x], y, (np.arange(len(y)) % 5).astype(np.int8), 3, lambda share: None)
    assert np.isfinite(logits).all()
    assert logits[5].argmax() == 0


def test_a_label_has_no_part_in_its_own_probability() -> None:
    texts = [f"{word} number {i} here" for i in range(30) for word in ("red apple", "blue sky")]
    labels = ["fruit" if i % 2 == 0 else "air" for i in range(60)]
    labels[0] = "air"  # wrong
    vectors = embed(texts).values
    made = predict(texts, vectors, nearest(vectors), labels, np.arange(60))
    assert made.classes[int(made.probabilities[0].argmax())] == "fruit"


def test_rows_sum_to_one_and_who_is_left_out_is_named() -> None:
    x, y = _blobs(20)
    labels: list[str | None] = [f"label {code}" for code in y]
    labels[:2] = ["rare", "rare"]
    labels[2] = None
    texts = [f"text {i}" for i in range(len(y))]
    texts[3] = "  "
    made = predict(texts, x, nearest(x), labels, np.arange(len(y)))
    assert made.classes == ("label 0", "label 1", "label 2", "rare")
    judged = np.isfinite(made.probabilities).all(axis=1)
    assert np.flatnonzero(~judged).tolist() == [0, 1, 3]
    assert made.probabilities[judged].sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert "2 examples not judged" in made.left_out
    assert "rare" in made.left_out
    assert "1 example has no text" in made.left_out


@pytest.mark.parametrize(
    ("labels", "said"),
    [(["a"] * 40, "same label"), ([None] * 40, "No example"), ([str(i) for i in range(40)], "0 of them")],
)
def test_what_cannot_be_trained_is_a_sentence(labels: list[str | None], said: str) -> None:
    x = np.random.default_rng(0).standard_normal((40, 4)).astype(np.float32)
    with pytest.raises(NotReady, match=said):
        predict([f"t{i}" for i in range(40)], x, nearest(x), labels, np.arange(40))


def test_groups_stay_together_and_labels_are_spread() -> None:
    random = np.random.default_rng(3)
    labels = random.integers(0, 4, 400)
    groups = random.integers(0, 150, 400)
    fold = grouped_folds(labels, groups, 5)
    assert (pd.Series(fold).groupby(groups).nunique() == 1).all()
    counts = np.stack([np.bincount(labels[fold == k], minlength=4) for k in range(5)])
    assert counts.max() - counts.min() <= 12
    alone = grouped_folds(labels, np.arange(400), 5)
    spread = np.stack([np.bincount(labels[alone == k], minlength=4) for k in range(5)])
    assert (np.ptp(spread, axis=0) <= 1).all()


def test_votes_by_hand() -> None:
    near = Neighbours(np.array([[1, 2], [0, 2], [0, 1]], np.int32), np.array([[0.1, 0.3]] * 3, np.float32))
    votes = np.exp(log_votes(near, np.array([0, 0, 1]), np.arange(3), 2))
    weight = np.exp(-1.0)  # the second neighbour is one reach (0.2) farther than the first
    spread = np.array([2 / 3, 1 / 3])
    assert votes[0] == pytest.approx((np.array([1, weight]) + spread) / (1 + weight + 1), abs=1e-5)
    assert votes[2] == pytest.approx((np.array([1 + weight, 0]) + spread) / (1 + weight + 1), abs=1e-5)


def test_near_copies_and_unlabelled_neighbours_have_no_vote() -> None:
    near = Neighbours(np.array([[1, 2], [0, 2], [0, 1]], np.int32), np.full((3, 2), 0.1, np.float32))
    votes = np.exp(log_votes(near, np.array([0, 1, -1]), np.array([7, 7, 9]), 2))
    assert votes[0] == pytest.approx([0.5, 0.5])  # only the spread of the labels is left


def test_mistakes_follow_the_pattern_of_the_dataset() -> None:
    random = np.random.default_rng(0)
    right = random.integers(0, 3, 6_000)
    given = right.copy()
    wrong = (right == 0) & (random.random(6_000) < 0.2)
    given[wrong] = 1  # label 0 is taken for label 1, nothing else happens
    p = np.full((6_000, 3), 0.05)
    p[np.arange(6_000), right] = 0.9
    rates = mistake_rates(p, given)
    assert rates.sum(axis=1) == pytest.approx(1)
    assert 0.1 < rates[0, 1] < 0.2  # 0.2 was planted; the prior holds it back
    assert rates[[0, 1, 1, 2, 2], [2, 0, 2, 0, 1]].max() < 0.02
    best, mistaken = likeliest_mistake(p, given, rates)
    assert (best[wrong] == 0).all()
    assert mistaken[wrong].min() > mistaken[~wrong].max()


def test_likeliest_mistake_by_hand() -> None:
    rates = np.array([[0.9, 0.1, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    best, mistaken = likeliest_mistake(np.array([[0.6, 0.3, 0.1]]), np.array([1]), rates)
    assert best.tolist() == [0]
    assert mistaken == pytest.approx([0.6 * 0.1**0.5 / (0.6 * 0.1**0.5 + 0.3 * 1.0)])


def test_each_model_says_what_it_expects_by_itself() -> None:
    texts = [f"{word} number {i} here" for i in range(30) for word in ("red apple", "blue sky")]
    labels = ["fruit" if i % 2 == 0 else "air" for i in range(60)]
    labels[0] = "air"  # wrong
    vectors = embed(texts).values
    made = predict(texts, vectors, nearest(vectors), labels, np.arange(60))
    assert made.opinions is not None
    assert made.opinions.shape == (60, 3)
    assert [made.classes[code] for code in made.opinions[0]] == ["fruit"] * 3


def test_texts_of_one_word_each_are_judged_by_what_is_left() -> None:
    x, y = _blobs(20)
    texts = [chr(0x4E00 + number) for number in range(len(y))]  # no two share a character
    made = predict(texts, x, nearest(x), [f"label {code}" for code in y], np.arange(len(y)))
    assert np.isfinite(made.probabilities).all()
    assert (made.probabilities.argmax(axis=1) == y).mean() > 0.9
