import pytest

from analysis.checks.split_leak import split_leak
from analysis.errors import NotReady
from tests.checks.made import flagged, made, members

TEXTS = [
    "My card was swallowed by the machine",
    "my card was swallowed by the machine!",
    "How do I top up",
    "How do I top up",
]


def test_copies_and_near_copies_of_training_examples_are_flagged_on_the_test_side() -> None:
    found = split_leak(
        made(
            [*TEXTS, "unheard of so far"],
            labels=["lost", "x", "top up", "y", "z"],
            splits=["train", "test", "Train", "TEST", "test"],
        )
    )
    assert list(found["subject_id"]) == ["r2", "r4", "r5"]
    said = flagged(found)
    assert said["r4"] == "The same text is in training: r3, labelled top up."
    assert said["r2"].startswith("Says almost the same as training example r1, labelled lost (similarity 0.9")
    assert members(found) == {"r2": ["r1"], "r4": ["r3"]}
    severity = found.set_index("subject_id")["severity"]
    assert severity["r4"] == 1
    assert 1 > severity["r2"] > 0.9
    assert severity["r5"] < 0.5


def test_every_copy_of_a_text_that_fills_all_neighbour_lists_is_found() -> None:
    found = split_leak(made(["the same text"] * 40 + ["another"], splits=["test"] * 39 + ["train"] * 2))
    assert len(flagged(found)) == 39
    assert set(map(tuple, members(found).values())) == {("r40",)}


@pytest.mark.parametrize("name", ["Validation", "dev", "eval_set", "hold-out", "TEST-2", "val"])
def test_usual_names_of_evaluation_splits_are_known(name: str) -> None:
    assert list(flagged(split_leak(made(["same", "same", "same"], splits=["training", name, "unused"])))) == ["r2"]


def test_without_a_known_name_the_largest_split_is_training_and_the_message_says_so() -> None:
    found = split_leak(made(["same", "other", "same"], splits=["one", "one", "two"]))
    assert flagged(found) == {
        "r3": "The same text is in training: r1, which has no label. The largest split, one, is taken as training."
    }


def test_copies_within_one_side_are_no_leak() -> None:
    texts = ["same", "same", "here", "here"]
    assert flagged(split_leak(made(texts, splits=["train", "train", "test", "val"]))) == {}


def test_empty_texts_and_examples_without_a_split_are_not_judged() -> None:
    found = split_leak(made(["", "", "same", "same"], splits=["train", "test", "train", None]))
    assert len(found) == 0


@pytest.mark.parametrize("splits", [["train", "train"], ["train", None], ["train", "training"]])
def test_one_side_alone_cannot_be_judged(splits: list[str | None]) -> None:
    with pytest.raises(NotReady, match="split"):
        split_leak(made(["same", "same"], splits=splits))
