"""Consensus: published data, second libraries, simulated crowds whose truth is known, and crowds that tell little."""

import numpy as np
import pandas as pd
import pytest
from cleanlab.multiannotator import get_label_quality_multiannotator

from analysis.errors import NotReady, UserError
from analysis.people import Labels, code_labels
from analysis.people.consensus import METHODS, Consensus, aligned, consensus
from analysis.people.consensus_correlated import find_correlated
from analysis.people.consensus_dawid_skene import Prior, dawid_skene, one_coin
from analysis.people.consensus_mace import mace
from analysis.people.consensus_reliability import confusion, reliability
from tests.crowds import Crowd, crowd

OURS = [name for name in METHODS if name != "crowdlab"]
# Dawid and Skene 1979, table 1: 45 patients; three labels by the first observer, one by each of four others.
PATIENTS = """
1111111 3334334 1122122 2223121 2223222 2223322 1222111 3333433 2222223 2322223 4444444 2223343 1111111 2223212
1211111 1112111 1111111 1111111 2222221 2221322 2222222 2222221 2223222 2212222 1111111 1111111 2322222 1111111
1111111 1121121 1111111 3333233 1111111 2222222 2223232 4334343 2212232 2323233 3333432 1111111 1111111 1212111
2322222 1211111 2222222
"""


def frame(rows: list[tuple[str, str, str]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["example_id", "annotator", "label"])


def accuracy(found: Consensus, made: Crowd) -> float:
    return float((found.classes[found.label] == made.truth[found.examples].to_numpy()).mean())


def patients() -> Labels:
    rows = [[int(label) - 1 for label in word] for word in PATIENTS.split()]
    example, place = np.divmod(np.arange(45 * 7), 7)
    observer = np.maximum(place - 2, 0)
    names = [np.array([f"{prefix}{i}" for i in range(n)], dtype=object) for prefix, n in (("e", 45), ("o", 5))]
    codes = [example.astype(np.int32), observer.astype(np.int32), np.concatenate(rows).astype(np.int32)]
    return Labels(*codes, np.arange(45 * 7), *names, np.array(["1", "2", "3", "4"], dtype=object))


def test_dawid_skene_gives_the_class_frequencies_of_their_paper() -> None:
    fit = dawid_skene(patients(), prior=Prior(1e-6))
    assert fit.posterior.mean(axis=0) == pytest.approx([0.40, 0.42, 0.11, 0.07], abs=0.006)
    # Patient 3 was given 1 and 2 about as often; the model takes 2 for certain, as the paper reports.
    assert fit.posterior[2, 1] > 0.95


def plain_dawid_skene(labels: Labels, rounds: int) -> np.ndarray:
    """The textbook, with loops: eq. 2.3 to 2.5, and the same one imagined label of each class as the module."""
    people, classes = len(labels.annotators), len(labels.classes)
    posterior = np.zeros((len(labels.examples), classes))
    for example, label in zip(labels.example, labels.label, strict=True):
        posterior[example, label] += 1
    posterior /= posterior.sum(axis=1, keepdims=True)
    for _ in range(rounds):
        common = (posterior.sum(axis=0) + 1) / (len(posterior) + classes)
        table = np.full((people, classes, classes), 1e-12)
        for example, person, label in zip(labels.example, labels.annotator, labels.label, strict=True):
            table[person, :, label] += posterior[example]
        table /= table.sum(axis=2, keepdims=True)
        posterior = np.tile(common, (len(posterior), 1))
        for example, person, label in zip(labels.example, labels.annotator, labels.label, strict=True):
            posterior[example] *= table[person, :, label]
        posterior /= posterior.sum(axis=1, keepdims=True)
    return posterior


def test_dawid_skene_matches_a_plain_implementation() -> None:
    labels = code_labels(crowd(5, examples=120, annotators=8, per_example=4).annotations)
    fit = dawid_skene(labels, prior=Prior(1e-9, rounds=15))
    np.testing.assert_allclose(fit.posterior, plain_dawid_skene(labels, 15), atol=1e-4)


def test_the_posterior_of_one_coin_follows_from_the_accuracies() -> None:
    made = crowd(2, classes=2, annotators=6, per_example=6, examples=2000)
    labels = code_labels(made.annotations)
    fit = one_coin(labels, prior=Prior(0.0, level=True))
    right = np.array([fit.emission(np.array([a]), np.array([0]))[0, 0] for a in range(6)])
    np.testing.assert_allclose(right, made.reliability[labels.annotators].to_numpy(), atol=0.04)
    votes = np.zeros((2000, 2))
    for example, person, label in zip(labels.example, labels.annotator, labels.label, strict=True):
        votes[example, label] += np.log(right[person] / (1 - right[person]))
    expected = 1 / (1 + np.exp(votes[:, 1] - votes[:, 0]))
    np.testing.assert_allclose(fit.posterior[:, 0], expected, atol=1e-3)


def test_majority_counts_and_states_ties() -> None:
    rows = [("e1", p, label) for p, label in zip("abc", "xxy", strict=True)]
    rows += [("e2", p, label) for p, label in zip("abcd", "xyyx", strict=True)]
    rows += [("e3", p, "y") for p in "abc"]
    found = consensus(code_labels(frame(rows)), method="majority")
    assert list(found.classes[found.label]) == ["x", "y", "y"]  # y is the more common label: 6 of 10
    assert list(found.tied) == [False, True, False]
    np.testing.assert_allclose(found.posterior, [[2 / 3, 1 / 3], [0.5, 0.5], [0, 1]], rtol=1e-6)
    np.testing.assert_allclose(found.confidence, [2 / 3, 0.5, 1], rtol=1e-6)
    assert list(found.frame().columns) == ["example_id", "label", "confidence", "tied", "method", "soft_labels"]


def test_mace_finds_those_who_do_not_look() -> None:
    made = crowd(1, classes=4, examples=300, annotators=8, per_example=6, accuracy=(0.8, 0.95)).annotations
    lazy = made["annotator"].isin(["p000", "p001", "p002"])
    made.loc[lazy, "label"] = "c003"
    people = reliability(code_labels(made), mace(code_labels(made)).posterior).set_index("annotator")
    assert people.loc[["p000", "p001", "p002"], "high"].max() < 0.4
    assert people.loc[["p003", "p004", "p005", "p006", "p007"], "low"].min() > 0.7
    assert set(people.loc[["p000", "p001", "p002"], "leans_to"]) == {"c003"}
    assert people.loc["p000", "lean_low"] > 0.5


@pytest.mark.parametrize("method", OURS)
def test_every_method_is_right_when_all_agree_and_gives_soft_labels(method: str) -> None:
    made = crowd(4, accuracy=(0.97, 0.99), examples=300)
    found = consensus(code_labels(made.annotations), method=method)
    assert accuracy(found, made) > 0.99
    assert found.posterior.dtype == np.float32
    np.testing.assert_allclose(found.posterior.sum(axis=1), 1, rtol=1e-5)
    assert found.method == method


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (
            {
                "classes": 4,
                "confused": True,
                "per_example": 7,
                "examples": 800,
                "annotators": 20,
                "accuracy": (0.4, 0.8),
            },
            "dawid_skene",
        ),
        ({"classes": 10, "accuracy": (0.3, 0.9)}, "one_coin"),
    ],
)
def test_the_picked_method_fits_the_crowd_beats_majority_and_says_why(
    settings: dict[str, object], expected: str
) -> None:
    made = crowd(11, **settings)  # type: ignore[arg-type]
    labels = code_labels(made.annotations)
    found = consensus(labels)
    assert found.method == expected
    assert accuracy(found, made) > accuracy(consensus(labels, method="majority"), made) + 0.01
    assert "labels hidden from it" in found.why
    assert found.evidence.loc[found.evidence["held_out"].idxmax(), "method"] == found.method


def test_a_crowd_gives_the_same_consensus_whatever_the_order_of_its_rows() -> None:
    made = crowd(6, examples=200).annotations
    shuffled = made.sample(frac=1, random_state=3)
    first, second = (consensus(code_labels(rows)).frame().set_index("example_id") for rows in (made, shuffled))
    pd.testing.assert_series_equal(first["label"].sort_index(), second["label"].sort_index())


@pytest.mark.parametrize("seed", range(4))
def test_copiers_are_named_and_count_for_less(seed: int) -> None:
    settings = {"annotators": 20, "per_example": 8, "copiers": 6, "classes": 2, "accuracy": (0.6, 0.85)}
    made = crowd(seed, examples=800, **settings)  # type: ignore[arg-type]
    labels = code_labels(made.annotations)
    found = consensus(labels)
    assert found.families == (made.copiers,)
    assert any("p000" in note and "counts for less" in note for note in found.notes)
    assert accuracy(found, made) > accuracy(consensus(labels, method="majority"), made)
    weights = find_correlated(labels).weights(labels)
    assert weights is not None
    copied = np.isin(labels.annotators[labels.annotator], made.copiers)
    assert (weights[~copied] == 1).all()
    assert weights[copied].mean() < 0.6


def test_who_is_compared_with_the_careless_alone_is_no_copy_of_a_colleague() -> None:
    """p and q are right in nine of ten. Beside p, q shares many examples with one alone, who guesses there, and agrees
    with that one by chance, which says nothing about q."""
    random = np.random.default_rng(0)
    truth = random.integers(0, 2, 720)
    right = dict.fromkeys(("p", "good", "fine", "able", "sound"), 0.9) | {"tired": 0.65}
    where = {name: range(100, 600) for name in right}
    where["p"] = range(600)
    rows = [
        (f"e{example}", who, "xy"[truth[example] ^ int(random.random() > right[who])])
        for who, examples in where.items()
        for example in examples
    ]
    rows += [(f"e{n}", "q", "xy"[truth[n] ^ int(random.random() > 0.9)]) for n in (*range(100), *range(600, 720))]
    rows += [(f"e{n}", "tired", "xy"[int(random.random() > 0.5)]) for n in range(600, 720)]
    rows += [(f"e{n}", f"guest{n // 9}", "xy"[truth[n]]) for n in (*range(100), *range(600, 720))]
    labels = code_labels(pd.DataFrame(rows, columns=["example_id", "annotator", "label"]))
    assert find_correlated(labels).families == ()


def test_independent_annotators_are_rarely_called_a_family() -> None:
    named = [
        find_correlated(code_labels(crowd(seed, confused=seed % 2 == 0).annotations)).families for seed in range(20)
    ]
    assert sum(bool(families) for families in named) <= 1


@pytest.mark.parametrize("seed", range(4))
def test_a_family_with_most_of_the_labels_leaves_the_plain_vote(seed: int) -> None:
    made = crowd(seed, examples=800, annotators=5, per_example=5, copiers=3, copying=0.8, accuracy=(0.6, 0.85))
    labels = code_labels(made.annotations)
    found = consensus(labels)
    assert found.method == "majority"
    assert "do not say who is right" in found.why
    np.testing.assert_array_equal(found.label, consensus(labels, method="majority").label)


def test_reliability_intervals_cover_the_truth_at_their_level() -> None:
    held = []
    for seed in range(20):
        made = crowd(seed, examples=250, annotators=20, classes=2 + seed % 3)
        people = consensus(code_labels(made.annotations), method="one_coin").annotators
        truth = made.reliability[people["annotator"]].to_numpy()
        held += list((people["low"] <= truth) & (truth <= people["high"]))
    # 400 intervals: 95 % with a standard error of about 1.1 points.
    assert 0.92 <= np.mean(held) <= 0.985


def test_an_annotator_with_few_labels_has_a_wide_interval_and_a_count() -> None:
    made = crowd(1, accuracy=(0.85, 0.95)).annotations
    made = pd.concat([made, frame([("e000000", "new", "c000")])])
    people = consensus(code_labels(made)).annotators.set_index("annotator")
    assert people.loc["new", "labels"] == 1
    assert people.loc["new", "high"] - people.loc["new", "low"] > 0.5
    assert people.drop("new").eval("high - low").max() < 0.4


def test_an_annotator_whom_nobody_checks_is_not_judged() -> None:
    made = crowd(1, accuracy=(0.85, 0.95)).annotations
    alone = frame([(f"alone{i}", "new", "c000") for i in range(50)])
    people = consensus(code_labels(pd.concat([made, alone]))).annotators.set_index("annotator")
    assert tuple(people.loc["new", ["labels", "judged", "low", "high"]]) == (50, 0, 0.0, 1.0)
    assert np.isnan(people.loc["new", "reliability"])
    assert people.drop("new")["reliability"].min() > 0.7


def test_a_confusion_matrix_counts_labels_by_what_is_likely_true() -> None:
    labels = code_labels(frame([("e1", "a", "x"), ("e2", "a", "y"), ("e3", "a", "y"), ("e3", "b", "x")]))
    posterior = np.array([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]])
    np.testing.assert_allclose(confusion(labels, posterior, 0), [[1.0, 0.5], [0.0, 1.5]])


def test_crowdlab_is_cleanlabs() -> None:
    made = crowd(8, examples=200, annotators=10, per_example=3)
    labels = code_labels(made.annotations)
    truth = pd.Categorical(made.truth[labels.examples], categories=list(labels.classes)).codes
    random = np.random.default_rng(0)
    probabilities = random.dirichlet(np.ones(3), 200) * 0.5 + np.eye(3)[truth] * 0.5
    found = consensus(labels, method="crowdlab", probabilities=probabilities)
    table = np.full((200, 10), np.nan)
    table[labels.example, labels.annotator] = labels.label
    both = ["best_quality", "majority_vote"]
    quality = get_label_quality_multiannotator(table, probabilities, consensus_method=both, verbose=False)[
        "label_quality"
    ]
    np.testing.assert_array_equal(found.label, quality["consensus_label"])
    same = found.label == quality["consensus_label_majority_vote"]
    assert 0.8 < same.mean() < 1
    expected = quality["consensus_quality_score_majority_vote"][same]
    np.testing.assert_allclose(found.confidence[same], expected, rtol=1e-5)


def test_good_probabilities_are_used_by_the_choice() -> None:
    made = crowd(9, examples=400, annotators=10, per_example=2, accuracy=(0.5, 0.7))
    labels = code_labels(made.annotations)
    truth = pd.Categorical(made.truth[labels.examples], categories=list(labels.classes)).codes
    probabilities = np.eye(3)[truth] * 0.9 + 0.1 / 3
    found = consensus(labels, probabilities=probabilities)
    assert found.method == "crowdlab"
    assert accuracy(found, made) > accuracy(consensus(labels), made) + 0.1


def test_probabilities_are_aligned_by_name() -> None:
    labels = code_labels(frame([("e2", "a", "x"), ("e1", "a", "y"), ("e9", "a", "y")]))
    found = aligned(labels, np.array([[0.9, 0.1], [0.2, 0.8]]), ["e1", "e2"], ["y", "x"])
    np.testing.assert_allclose(found, [[0.8, 0.2], [0.1, 0.9], [np.nan, np.nan]])  # type: ignore[arg-type]
    assert aligned(labels, np.ones((2, 2)), ["e1", "e2"], ["y", "z"]) is None


@pytest.mark.parametrize(
    ("rows", "part"),
    [
        ([("e1", "a", "x"), ("e2", "a", "y")], "one annotator"),
        ([("e1", "a", "x"), ("e2", "b", "y")], "No example has labels by two annotators"),
        ([("e1", "a", "x"), ("e1", "b", "x")], "only one class"),
    ],
)
def test_a_crowd_that_tells_nothing_falls_back_to_the_vote_and_says_why(
    rows: list[tuple[str, str, str]], part: str
) -> None:
    found = consensus(code_labels(frame(rows)))
    assert found.method == "majority"
    assert part in found.why
    assert list(found.classes[found.label]) == list(dict.fromkeys(label for _, _, label in rows))
    assert found.annotators["low"].between(0, 1).all()


@pytest.mark.parametrize("method", [*OURS, None])
@pytest.mark.parametrize(
    "rows",
    [
        [("e1", "a", "x")],
        [("e1", "a", "x"), ("e1", "b", "y")],
        [("e1", "a", "x"), ("e1", "b", "x"), ("e2", "a", "x"), ("e2", "b", "x")],
        [(f"e{i}", p, f"c{i}") for i in range(200) for p in "abc"],
    ],
    ids=["one label", "one conflict", "one class", "200 classes"],
)
def test_small_and_odd_crowds_have_a_consensus(method: str | None, rows: list[tuple[str, str, str]]) -> None:
    found = consensus(code_labels(frame(rows)), method=method)
    assert np.isfinite(found.posterior).all()
    assert np.isfinite(found.annotators[["low", "high"]].to_numpy()).all()
    if len(rows) > 2:
        assert list(found.classes[found.label]) == [label for _, _, label in rows[:: 3 if len(rows) > 9 else 2]]


def test_what_cannot_be_done_is_a_sentence() -> None:
    labels = code_labels(frame([("e1", "a", "x"), ("e1", "b", "y")]))
    with pytest.raises(UserError, match="'oracle'"):
        consensus(labels, method="oracle")
    with pytest.raises(NotReady, match="class probabilities"):
        consensus(labels, method="crowdlab")
    with pytest.raises(NotReady, match="no labels"):
        consensus(labels.where(np.zeros(2, dtype=bool)))
    many = code_labels(frame([(f"e{i}", f"p{i}", f"c{i % 300}") for i in range(1200)]))
    with pytest.raises(UserError, match="1,200 annotators times 300 classes"):
        consensus(many, method="dawid_skene")
