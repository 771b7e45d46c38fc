"""The labels that have a number: all of a few, and of many those that the example may have, by hand."""

import json
from dataclasses import replace

from analysis.queries.case import Case, Other, case
from analysis.store import Store
from tests.scanned import found
from ui.review_short_list import LIKELY, numbered

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


def listed(given: Case, *, hidden: bool = False) -> list[str]:
    """The labels of the list, in the order of their numbers."""
    keys, labels = zip(*numbered(given, LABELS, hidden=hidden), strict=True)
    assert keys == ("1", "2", "3", "4", "5", "6")
    return list(labels)


def test_of_nine_labels_or_fewer_each_has_its_number_whatever_the_example(store: Store) -> None:
    given = probable(store, "l05", "l01", label="l00")
    for hidden in (False, True):
        assert numbered(given, LABELS[:9], hidden=hidden) == [(str(n + 1), f"l{n:02}") for n in range(9)]
        assert numbered(given, ["x", "y"], hidden=hidden) == [("1", "x"), ("2", "y")]


def test_of_many_the_probable_ones_come_first_and_frequent_ones_fill_the_list(store: Store) -> None:
    given = probable(store, "l12", "l03", "l20", label="l00")
    assert listed(given) == ["l12", "l03", "l20", "l01", "l02", "l04"]
    assert len(listed(given)) == LIKELY


def test_the_label_and_the_suggestion_have_keys_of_their_own_and_no_number(store: Store) -> None:
    found(store, "one", ["a"], suggested="l14")
    given = probable(store, "l14", "l12", "l13", label="l12")
    assert listed(given) == ["l13", "y", "l00", "l01", "l02", "l03"]  # y has b, which the check compares it with


def test_what_another_check_suggests_comes_before_what_is_probable(store: Store) -> None:
    found(store, "one", ["a"], suggested="l14")
    found(store, "two", ["a"], suggested="l29")
    assert listed(probable(store, "l20", label="l00"))[:2] == ["l29", "l20"]


def test_what_people_gave_comes_first_then_the_probable_then_the_neighbours_then_the_hardly_probable(
    store: Store,
) -> None:
    with store.transaction() as transaction:
        transaction.execute("INSERT INTO annotations VALUES ('a', 'Kim', 'l27', NULL, NULL)")
    # each is half as probable as the one before: 0.9, 0.45, 0.225, 0.11, 0.06, 0.03, 0.014, 0.007
    given = probable(store, *(f"l{number}" for number in range(10, 18)), label="l00")
    near = tuple(Other(f"o{place}", 0.9, label, "t") for place, label in enumerate(("l25", None, "l16", "l26")))
    given = replace(given, classes=given.classes[6:], nearest=near)
    assert listed(given) == ["l27", "l16", "l25", "l26", "l17", "l01"]


def test_where_opinions_are_hidden_only_given_labels_come_before_the_frequent_ones(store: Store) -> None:
    with store.transaction() as transaction:
        transaction.execute(
            "INSERT INTO annotations VALUES ('a', 'Kim', 'l20', NULL, NULL), ('a', 'Lee', 'l02', NULL, NULL)"
        )
    found(store, "one", ["a"], suggested="l14")
    given = replace(probable(store, "l25", label="l12"), nearest=(Other("o", 0.9, "l26", "t"),))
    assert listed(given, hidden=True) == ["l02", "l12", "l20", "l00", "l01", "l03"]
