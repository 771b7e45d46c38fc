"""Examples for one grid: which stand together, and in which order, by hand."""

from collections.abc import Sequence

import pytest

from analysis.queries.alike import MOST, Alike, alike
from analysis.queries.queue import QueueFilter
from analysis.review.decide import decide
from analysis.schema import content_hash
from analysis.store import Store
from tests.scanned import found


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
