"""Examples for one grid, and the labels that have a key: what stands where, by hand."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from analysis.queries.alike import MOST, Alike, alike
from analysis.queries.case import Case, case
from analysis.queries.queue import QueueFilter
from analysis.review.decide import decide
from analysis.schema import content_hash
from analysis.store import Store
from tests.scanned import found
from ui.review_short_list import lettered, numbered


def examples(store: Store, labels: Sequence[str | None]) -> None:
    """n0, n1, …, in the order of the file."""
    with store.transaction() as transaction:
        for number, label in enumerate(labels):
            transaction.execute(
                "INSERT INTO examples (example_id, row_number, text, label, content_hash) VALUES (?, ?, 't', ?, ?)",
                [f"n{number}", 10 + number, label, content_hash("t", label)],
            )


def ids(store: Store, example_id: str, wanted: QueueFilter | None = None) -> list[str]:
    return [one.example_id for one in alike(store, wanted or QueueFilter(), example_id)]


def test_the_same_label_and_suggestion_come_together_this_example_first(store: Store) -> None:
    examples(store, ["p", "p", "q", "p", "p"])
    found(store, "one", ["n0", "n2", "n3"], suggested="z")
    found(store, "two", ["n4"], suggested="z")
    found(store, "three", ["n1"], suggested="w")
    assert ids(store, "n3") == ["n3", "n0", "n4"]  # n2 has another label, n1 another suggestion; the check may differ
    assert alike(store, QueueFilter(), "n1") == (Alike("n1", "t", "p", "w", "three", "three says n1"),)
    assert ids(store, "n3", QueueFilter(check="one")) == ["n3", "n0"]
    decide(store, ["n0"], "drop", reviewer="Ada")
    assert ids(store, "n3") == ["n3", "n4"]


@pytest.mark.parametrize("example", ["a", "nowhere", "n1"])
def test_outside_the_open_queue_there_is_no_grid(store: Store, example: str) -> None:
    examples(store, ["p", "p"])
    found(store, "one", ["n0", "n1"])
    decide(store, ["n1"], "keep", reviewer="Ada")
    assert ids(store, example) == []


def test_without_a_suggestion_those_of_the_same_check_come_together(store: Store) -> None:
    examples(store, ["p", "p", "p", None, None])
    found(store, "one", ["n0", "n1"], suggested="p")  # to suggest the label that it has is to suggest nothing
    found(store, "two", ["n2"])
    found(store, "two", ["n3", "n4"])
    assert ids(store, "n1") == ["n1", "n0"]
    assert ids(store, "n2") == ["n2"]
    assert ids(store, "n3") == ["n3", "n4"]


def test_there_are_twelve_at_most(store: Store) -> None:
    examples(store, ["p"] * 20)
    for number in range(20):
        found(store, f"c{number:02}", [f"n{number}"], suggested="z")
    assert len(ids(store, "n19")) == MOST == 12


LABELS = [f"l{number:02}" for number in range(30)]  # most frequent first


def probable(store: Store, *labels: str, label: str | None = None) -> Case:
    """A case for which the models find these labels probable, the first one most."""
    with store.transaction() as transaction:
        transaction.execute("DELETE FROM predictions")
        transaction.execute("UPDATE examples SET label = ? WHERE example_id = 'a'", [label])
        shares = [0.9 / 2**place for place in range(len(labels))]
        transaction.execute(
            "INSERT INTO predictions (example_id, predicted, confidence, probabilities) VALUES ('a', ?, 0.9, ?)",
            [labels[0], shares],
        )
        transaction.set_meta("signal.predictions.detail", json.dumps({"classes": labels}))
    return case(store, "a")


def test_the_most_frequent_labels_have_the_numbers_whatever_the_example(store: Store) -> None:
    assert numbered(LABELS) == [(str(number), f"l{number - 1:02}") for number in range(1, 10)]
    assert numbered(["x", "y"]) == [("1", "x"), ("2", "y")]


def test_what_is_probable_has_letters_most_probable_first_besides_its_number(store: Store) -> None:
    assert lettered(probable(store, "l12", "l03", "l20", label="l00"), LABELS, hidden=False) == [
        ("V", "l12"),
        ("W", "l03"),
    ]


def test_the_label_and_the_suggestion_take_no_letter(store: Store) -> None:
    found(store, "one", ["a"], suggested="l14")
    assert lettered(probable(store, "l14", "l12", "l13", label="l12"), LABELS, hidden=False) == [("V", "l13")]


def test_what_is_hardly_probable_takes_no_letter(store: Store) -> None:
    # each is half as probable as the one before: 0.9, 0.45, 0.225, 0.11, 0.06, 0.03, 0.014, 0.007
    given = probable(store, *(f"l{number}" for number in range(10, 18)), label="l00")
    kept = replace(given, classes=given.classes[6:])
    assert lettered(kept, LABELS, hidden=False) == [("V", "l16")]


def test_where_every_label_has_a_number_there_are_no_letters(store: Store) -> None:
    assert lettered(probable(store, "l05", "l01"), LABELS[:9], hidden=False) == []


def test_where_opinions_are_hidden_the_given_labels_without_a_number_have_letters(store: Store) -> None:
    with store.transaction() as transaction:
        transaction.execute(
            "INSERT INTO annotations VALUES ('a', 'Kim', 'l20', NULL, NULL), ('a', 'Lee', 'l02', NULL, NULL)"
        )
    assert lettered(probable(store, "l25", label="l12"), LABELS, hidden=True) == [("V", "l12"), ("W", "l20")]
