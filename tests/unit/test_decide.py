"""Deciding and taking back, against the rules in words."""

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from analysis.errors import NoSuchThing, NotSaved
from analysis.review.decide import Choice, decide, decide_each, latest_decision, undo_last
from analysis.store import Store


def verdicts(store: Store) -> dict[str, tuple[str, str | None]]:
    return {e: (a, n) for e, a, n in store.rows("SELECT example_id, action, new_label FROM verdicts")}


def test_a_decision_is_in_the_journal_and_is_the_verdict(store: Store) -> None:
    (made,) = decide(
        store, ["a"], "relabel", new_label="y", reviewer="Ada", note="clear", check_name="label_error", seconds=4.5
    )
    (line,) = [json.loads(text) for text in store.journal.path.read_text().splitlines()]
    assert line["decision_id"] == made.decision_id
    assert (line["action"], line["new_label"], line["note"], line["seconds"]) == ("relabel", "y", "clear", 4.5)
    assert verdicts(store) == {"a": ("relabel", "y")}
    assert latest_decision(store, "Ada") == made


def test_asking_twice_with_the_same_id_changes_nothing(store: Store) -> None:
    (first,) = decide(store, ["a"], "drop", reviewer="Ada", decision_ids=["one"])
    (second,) = decide(store, ["a"], "keep", reviewer="Ada", decision_ids=["one"])
    assert second == first
    assert verdicts(store) == {"a": ("drop", None)}
    assert len(store.journal.path.read_text().splitlines()) == 1


def test_asking_twice_at_once_changes_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A double click arrives in two threads, and the second may look before the first has written."""
    record = store.record

    def slowly(acts: Any) -> None:
        time.sleep(0.1)
        record(acts)

    def both(act: Callable[[], object]) -> None:
        threads = [threading.Thread(target=act) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    monkeypatch.setattr(store, "record", slowly)
    decide(store, ["b"], "keep", reviewer="Ada")
    both(lambda: decide(store, ["a"], "drop", reviewer="Ada", decision_ids=["one"]))
    assert len(store.journal.path.read_text().splitlines()) == 2
    both(lambda: undo_last(store, "Ada", expected="one"))
    assert len(store.journal.path.read_text().splitlines()) == 3
    assert verdicts(store) == {"b": ("keep", None)}


def test_several_examples_share_a_batch_and_one_undo_takes_all_back(store: Store) -> None:
    decide(store, ["a"], "unsure", reviewer="Ada")
    batch = decide(store, ["a", "b", "c", "b"], "drop", reviewer="Ada")
    assert [decision.example_id for decision in batch] == ["a", "b", "c"]
    assert len({decision.batch_id for decision in batch}) == 1
    assert batch[0].batch_id is not None
    assert len(undo_last(store, "Ada")) == 3
    assert verdicts(store) == {"a": ("unsure", None)}
    assert len(undo_last(store, "Ada")) == 1
    assert verdicts(store) == {}
    assert undo_last(store, "Ada") == []


def test_undo_leaves_other_reviewers_alone_and_brings_the_one_before_back(store: Store) -> None:
    decide(store, ["a"], "keep", reviewer="Ada")
    decide(store, ["a"], "drop", reviewer="Ben")
    decide(store, ["b"], "drop", reviewer="Ada")
    undo_last(store, "Ada")
    assert verdicts(store) == {"a": ("drop", None)}
    undo_last(store, "Ben")
    assert verdicts(store) == {"a": ("keep", None)}


def test_a_second_click_on_undo_takes_nothing_more_back(store: Store) -> None:
    decide(store, ["a"], "keep", reviewer="Ada")
    (shown,) = decide(store, ["b"], "keep", reviewer="Ada")
    assert len(undo_last(store, "Ada", expected=shown.decision_id)) == 1
    assert undo_last(store, "Ada", expected=shown.decision_id) == []
    assert verdicts(store) == {"a": ("keep", None)}


def test_reopen_ends_a_verdict_and_can_be_undone(store: Store) -> None:
    decide(store, ["a"], "keep", reviewer="Ada")
    decide(store, ["a"], "reopen", reviewer="Ben")
    assert verdicts(store) == {}
    undo_last(store, "Ben")
    assert verdicts(store) == {"a": ("keep", None)}


def test_relabelling_to_the_label_it_has_is_keeping_it(store: Store) -> None:
    decide(store, ["a", "b", "c"], "relabel", new_label="x", reviewer="Ada")
    assert verdicts(store) == {"a": ("keep", None), "b": ("relabel", "x"), "c": ("relabel", "x")}


def test_several_labels_are_kept_each_once_the_given_one_first(store: Store) -> None:
    (made,) = decide(store, ["a"], "several", labels=["y", " new\x00 one ", "x", "y"], reviewer="Ada")
    assert (made.action, made.labels, made.new_label) == ("several", ("x", "y", "new one"), None)
    (line,) = [json.loads(text) for text in store.journal.path.read_text().splitlines()]
    assert line["labels"] == ["x", "y", "new one"]
    assert latest_decision(store, "Ada") == made
    (other,) = decide(store, ["a"], "several", labels=["z", "y"], reviewer="Ben")
    assert (other.labels, other.new_label) == (("z", "y"), "z")  # x, the given one, is not among them
    assert verdicts(store) == {"a": ("several", "z")}
    undo_last(store, "Ben")
    assert store.rows("SELECT action, new_label, labels FROM verdicts") == [("several", None, ["x", "y", "new one"])]


def test_asking_for_several_labels_twice_gives_the_first(store: Store) -> None:
    (first,) = decide(store, ["a"], "several", labels=["x", "y"], reviewer="Ada", decision_ids=["one"])
    (second,) = decide(store, ["a"], "drop", reviewer="Ada", decision_ids=["one"])
    assert second == first


def test_a_choice_of_its_own_for_each_example_is_one_batch(store: Store) -> None:
    choices = [
        Choice("a", "relabel", "y"),
        Choice("b", "relabel", "y"),  # y is what b says
        Choice("c", "several", labels=("x", "z")),
    ]
    made = decide_each(store, choices, reviewer="Ada")
    assert verdicts(store) == {"a": ("relabel", "y"), "b": ("keep", None), "c": ("several", "x")}
    assert {decision.batch_id for decision in made} == {made[0].decision_id}
    assert len(undo_last(store, "Ada")) == 3
    assert verdicts(store) == {}


def test_one_senseless_choice_leaves_no_trace_of_the_others(store: Store) -> None:
    with pytest.raises(NotSaved, match="'c' has no label to keep"):
        decide_each(store, [Choice("a", "drop"), Choice("c", "keep")], reviewer="Ada")
    with pytest.raises(NotSaved, match="no example"):
        decide_each(store, [], reviewer="Ada")
    assert store.journal.path.read_text() == ""


def test_what_people_type_is_cleaned(store: Store) -> None:
    (made,) = decide(
        store,
        ["a"],
        "relabel",
        new_label=" new\x00 one ",
        reviewer=" Ada\n L. ",
        note="two\nlines\x07\ud800 ",
        seconds=-1,
    )
    assert (made.new_label, made.reviewer, made.note, made.seconds) == ("new one", "Ada L.", "two\nlines", None)


@pytest.mark.parametrize(
    ("ids", "action", "given", "error", "says"),
    [
        (["a"], "relabel", {}, NotSaved, "needs a label"),
        (["a"], "relabel", {"new_label": " \x01 "}, NotSaved, "needs a label"),
        (["a"], "relabel", {"new_label": "x\ud800"}, NotSaved, "half a character"),
        (["a"], "keep", {"new_label": "x"}, NotSaved, "takes no label"),
        (["a"], "delete", {}, NotSaved, "'delete'"),
        (["a"], "relabel", {"labels": ["x", "y"]}, NotSaved, "relabel takes one label, got 2"),
        (["a"], "several", {}, NotSaved, "two different labels or more, got 0"),
        (["a"], "several", {"labels": ["y", " y "]}, NotSaved, "two different labels or more, got 1"),
        (["a"], "several", {"labels": ["y", "\x01"]}, NotSaved, "needs a label"),
        (["a"], "unsure", {"labels": ["y", "z"]}, NotSaved, "unsure takes no label, got 'y'"),
        (["a"], "keep", {"reviewer": " \x00\n"}, NotSaved, "nobody"),
        (["a", "c"], "keep", {}, NotSaved, "'c' has no label to keep"),
        ([], "keep", {}, NotSaved, "no example"),
        (["a", "nowhere"], "drop", {}, NoSuchThing, "'nowhere'"),
        (["\ud800"], "drop", {}, NoSuchThing, r"'\\ud800'"),
    ],
)
def test_nonsense_is_refused_and_leaves_no_trace(
    store: Store, ids: list[str], action: Any, given: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        decide(store, ids, action, **{"reviewer": "Ada", **given})
    assert store.journal.path.read_text() == ""
