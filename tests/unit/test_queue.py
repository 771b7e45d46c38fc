"""The queue by hand: its order, what filters do to it, and where an example stands in it."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from analysis.coverage import outlines
from analysis.queries import points, queue
from analysis.queries.queue import UNLABELLED, Place, QueueFilter, State
from analysis.review.decide import decide, undo_last
from analysis.schema import content_hash
from analysis.store import Store

EVERYTHING = QueueFilter()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Seven examples e1 … e7 with labels x x y y – x y and splits train … test; nothing found yet."""
    labels = ["x", "x", "y", "y", None, "x", "y"]
    rows = pd.DataFrame({"example_id": [f"e{i}" for i in range(1, 8)], "row_number": range(1, 8)}).assign(
        text=[f"text {i}" for i in range(1, 8)], label=labels, split=["train"] * 5 + ["test"] * 2
    )
    rows["content_hash"] = [content_hash(t, label) for t, label in zip(rows["text"], labels, strict=True)]
    with Store(tmp_path / "seven") as opened:
        with opened.transaction() as transaction:
            transaction.insert("examples", rows)
        yield opened


def found(store: Store, check: str, *findings: tuple[str, float, str | None], **given: Any) -> None:
    """Findings of one check: example, severity, suggested label."""
    rows = [
        {
            "check_name": check,
            "subject": given.get("subject", "example"),
            "subject_id": subject,
            "severity": severity,
            "flagged": given.get("flagged", True),
            "message": f"{check} on {subject}",
            "suggested_label": suggested,
            "members": given.get("members", []),
            "run_id": "1",
        }
        for subject, severity, suggested in findings
    ]
    with store.transaction() as transaction:
        transaction.insert("findings", pa.Table.from_pandas(pd.DataFrame(rows)))


def ids(store: Store, wanted: QueueFilter = EVERYTHING) -> list[str]:
    return list(queue.review_queue(store, wanted)["example_id"])


def test_checks_take_turns_most_suspicious_first(store: Store) -> None:
    found(store, "one", ("e1", 0.2, None), ("e2", 0.9, None), ("e3", 0.5, None))
    found(store, "two", ("e4", 0.1, None), ("e6", 0.3, None))
    # first turns: e2 of one, e6 of two; second: e3, e4; third: e1
    assert ids(store) == ["e2", "e6", "e3", "e4", "e1"]


def test_findings_that_suggest_a_label_come_before_all_others(store: Store) -> None:
    found(store, "odd", ("e1", 1.0, None), ("e2", 0.9, None))
    found(store, "wrong", ("e7", 0.3, "x"), ("e6", 0.2, "y"))
    assert ids(store) == ["e7", "e6", "e1", "e2"]


def test_equal_severity_goes_by_row(store: Store) -> None:
    found(store, "one", ("e6", 0.5, None), ("e2", 0.5, None), ("e4", 0.5, None))
    assert ids(store) == ["e2", "e4", "e6"]


def test_equal_turns_of_two_checks_go_by_row(store: Store) -> None:
    found(store, "one", ("e6", 0.5, None))
    found(store, "two", ("e2", 0.1, None))
    assert ids(store) == ["e2", "e6"]


def test_of_equal_turns_what_more_checks_flag_comes_first(store: Store) -> None:
    found(store, "one", ("e2", 0.9, None), ("e7", 0.1, None))
    found(store, "two", ("e6", 0.9, None), ("e1", 0.2, None), ("e7", 0.1, None))
    found(store, "three", ("e6", 0.5, None))
    # turn 1: e6 (two checks), e2; turn 2: e7 (two checks), e1
    assert ids(store) == ["e6", "e2", "e7", "e1"]


def test_an_example_stands_once_at_its_earliest_place_with_all_its_reasons(store: Store) -> None:
    found(store, "one", ("e1", 0.9, None), ("e2", 0.8, None))
    found(store, "two", ("e2", 0.9, "y"), ("e1", 0.1, None))
    rows = queue.review_queue(store, EVERYTHING)
    assert list(rows["example_id"]) == ["e2", "e1"]
    assert list(rows["check_name"]) == ["two", "one"]
    assert list(rows["reasons"]) == [2, 2]
    assert list(rows["position"]) == [1, 2]
    assert rows["suggested_label"][0] == "y"
    assert list(rows["message"]) == ["two on e2", "one on e1"]


def test_what_is_not_flagged_is_not_in_the_queue(store: Store) -> None:
    found(store, "one", ("e1", 0.9, None))
    found(store, "one", ("e2", 0.8, None), flagged=False)
    found(store, "thin", ("e3", 0.8, None), subject="slice")
    assert ids(store) == ["e1"]


def test_one_check_only(store: Store) -> None:
    found(store, "one", ("e1", 0.2, None), ("e2", 0.9, None))
    found(store, "two", ("e2", 0.1, None), ("e6", 0.3, None))
    assert ids(store, QueueFilter(check="two")) == ["e6", "e2"]
    assert ids(store, QueueFilter(check="gone")) == []


def test_filters_narrow_by_label_and_split(store: Store) -> None:
    found(store, "one", *((f"e{i}", 1 - i / 10, None) for i in range(1, 8)))
    assert ids(store, QueueFilter(label="x")) == ["e1", "e2", "e6"]
    assert ids(store, QueueFilter(label=UNLABELLED)) == ["e5"]
    assert ids(store, QueueFilter(split="test")) == ["e6", "e7"]
    assert ids(store, QueueFilter(label="x", split="test", check="one")) == ["e6"]
    assert ids(store, QueueFilter(label="nobody's")) == []


def test_a_head_of_the_queue(store: Store) -> None:
    found(store, "one", *((f"e{i}", 1 - i / 10, None) for i in range(1, 8)))
    assert list(queue.review_queue(store, EVERYTHING, limit=2)["example_id"]) == ["e1", "e2"]


@pytest.mark.parametrize(
    ("state", "expected"),
    [("open", ["e1", "e4"]), ("decided", ["e2", "e3"]), ("unsure", ["e3"]), ("all", ["e1", "e2", "e3", "e4"])],
)
def test_states(store: Store, state: State, expected: list[str]) -> None:
    found(store, "one", *((f"e{i}", 1 - i / 10, None) for i in range(1, 5)))
    decide(store, ["e2"], "drop", reviewer="Ada")
    decide(store, ["e3"], "unsure", reviewer="Ada")
    decide(store, ["e4"], "keep", reviewer="Ada")
    decide(store, ["e4"], "reopen", reviewer="Ada")
    assert ids(store, QueueFilter(state=state)) == expected


def test_nobodys_place_moves_when_something_is_decided(store: Store) -> None:
    found(store, "one", *((f"e{i}", 1 - i / 10, None) for i in range(1, 5)))
    before = queue.review_queue(store, QueueFilter(state="all"))
    decide(store, ["e1", "e3"], "drop", reviewer="Ada")
    after = queue.review_queue(store, QueueFilter(state="all"))
    assert list(after["position"]) == list(before["position"]) == [1, 2, 3, 4]
    assert list(after["example_id"]) == list(before["example_id"])
    assert list(queue.review_queue(store, EVERYTHING)["position"]) == [2, 4]


def test_where_an_example_stands(store: Store) -> None:
    found(store, "one", *((f"e{i}", 1 - i / 10, None) for i in range(1, 5)))
    decide(store, ["e2", "e3"], "drop", reviewer="Ada")
    assert queue.place(store, EVERYTHING, "e1") == Place(1, 4, 2, 2, None, "e4", "e1", True)
    assert queue.place(store, EVERYTHING, "e4") == Place(4, 4, 2, 2, "e3", None, "e1", True)
    assert queue.place(store, EVERYTHING, "e3") == Place(3, 4, 2, 2, "e2", "e4", "e1", False)
    assert queue.place(store, QueueFilter(state="decided"), "e2") == Place(2, 4, 2, 2, "e1", "e3", "e2", False)
    undo_last(store, "Ada")
    assert queue.place(store, EVERYTHING, "e1").following == "e2"


def test_a_place_follows_every_finding_and_decision(store: Store) -> None:
    found(store, "one", ("e1", 0.5, None), ("e2", 0.4, None))
    assert queue.place(store, EVERYTHING, "e2") == Place(2, 2, 0, 2, "e1", None, "e1", True)
    found(store, "two", ("e3", 0.9, "y"))
    assert queue.place(store, EVERYTHING, "e2") == Place(3, 3, 0, 3, "e1", None, "e3", True)
    decide(store, ["e3"], "unsure", reviewer="Ada")
    assert queue.place(store, EVERYTHING, "e2") == Place(3, 3, 1, 2, "e1", None, "e1", True)
    assert queue.place(store, QueueFilter(state="unsure"), None) == Place(None, 3, 1, 1, None, "e3", "e3", False)
    assert queue.place(store, QueueFilter(state="all"), "e1") == Place(2, 3, 1, 3, "e3", "e2", "e3", True)


@pytest.mark.parametrize("example", [None, "e7", "nowhere", ""])
def test_an_example_outside_the_queue_has_no_position(store: Store, example: str | None) -> None:
    found(store, "one", ("e1", 0.5, None), ("e2", 0.4, None))
    assert queue.place(store, EVERYTHING, example) == Place(None, 2, 0, 2, None, "e1", "e1", False)


def test_an_empty_queue_has_no_places(store: Store) -> None:
    assert queue.place(store, EVERYTHING, "e1") == Place(None, 0, 0, 0, None, None, None, False)
    assert ids(store) == []


def test_everything_decided_leaves_nothing_to_follow(store: Store) -> None:
    found(store, "one", ("e1", 0.5, None), ("e2", 0.4, None))
    decide(store, ["e1", "e2"], "keep", reviewer="Ada")
    assert queue.place(store, EVERYTHING, "e1") == Place(1, 2, 2, 0, None, None, None, False)


def test_chosen_examples_are_the_queue_flagged_ones_first(store: Store) -> None:
    found(store, "one", ("e6", 0.5, None), ("e3", 0.1, "x"))
    chosen = ("e7", "e6", "e3", "e1", "nowhere")
    assert ids(store, QueueFilter(examples=chosen)) == ["e3", "e6", "e1", "e7"]
    assert ids(store, QueueFilter(examples=chosen, flagged=True)) == ["e3", "e6"]
    assert ids(store, QueueFilter(examples=chosen, label="x")) == ["e6", "e1"]
    assert ids(store, QueueFilter(examples=("e1", "e6"), check="one")) == ["e6"]
    assert ids(store, QueueFilter(examples=())) == []
    reasons = queue.review_queue(store, QueueFilter(examples=chosen))["reasons"]
    assert list(reasons) == [1, 1, 0, 0]


def test_a_region_of_the_map_chooses_what_lies_in_it(store: Store) -> None:
    with store.transaction() as transaction:
        for number in range(1, 6):
            transaction.execute("INSERT INTO vectors VALUES (?, [1.0], ?, 0.5)", [f"e{number}", float(number)])
    found(store, "one", ("e4", 0.5, None))
    region = outlines.parse("1.5,0;4.5,0;4.5,1;1.5,1")
    assert region is not None
    assert ids(store, QueueFilter(examples=points.inside(store, region))) == ["e4", "e2", "e3"]


def test_the_examples_of_a_slice(store: Store) -> None:
    found(store, "thin", ("s1", 0.5, None), subject="slice", members=["e2", "e4"])
    assert queue.slice_members(store, "thin", "s1") == ("e2", "e4")
    assert queue.slice_members(store, "thin", "s2") == ()
    assert queue.slice_members(store, "other", "s1") == ()


def _timed(store: Store, seconds: Sequence[float], reviewer: str = "Ada") -> None:
    for number in seconds:
        decide(store, ["e1"], "keep", reviewer=reviewer, seconds=number)


def test_a_pace_is_the_middle_half_of_what_was_timed_and_ten_assumed_ones(store: Store) -> None:
    assert queue.pace(store, "Ada") == queue.Pace(12.0, 0, own=False)
    _timed(store, [4] * 10)
    decide(store, ["e2", "e3"], "drop", reviewer="Ada", seconds=500)  # a batch says nothing about one decision
    decide(store, ["e1"], "keep", reviewer="Ada")  # nor does one that nobody timed
    # Of ten 4 and ten 12, five are left out at either end.
    assert queue.pace(store, "Ada") == queue.Pace(8.0, 10, own=True, assumed=12.0)
    assert queue.pace(store, "Ada").of(3) == 24.0
    assert queue.pace(store, "") == queue.Pace(8.0, 10, own=False)
    _timed(store, [2] * 10, reviewer="Ben")
    assert queue.pace(store, "Ben") == queue.Pace(5.0, 10, own=True, assumed=8.0)  # ten 2 and ten of everybody else's 8
    _timed(store, [4] * 20)
    # Of 30 fours and ten eights – Ben's ten 2 and ten 12 give 7 – ten are left out at either end.
    assert queue.pace(store, "Ada").seconds == 4.0


def test_a_value_astride_a_quartile_counts_in_part(store: Store) -> None:
    _timed(store, [4] * 5)
    # Of five 4 and ten 12, 3.75 are left out at either end: 1.25 fours and 6.25 twelves.
    assert queue.pace(store, "Ada").seconds == pytest.approx((1.25 * 4 + 6.25 * 12) / 7.5)


def test_one_decision_hardly_moves_the_pace_however_long_it_took(store: Store) -> None:
    _timed(store, [6, 8, 9, 10, 14, 15])
    before = queue.pace(store, "Ada").seconds
    _timed(store, [86_400])
    assert queue.pace(store, "Ada").seconds == pytest.approx(before, rel=0.1)
    _timed(store, [86_400] * 50)
    assert queue.pace(store, "Ada").seconds == queue.LONGEST  # a break counts as ten minutes


def test_what_was_taken_back_is_not_timed(store: Store) -> None:
    _timed(store, [4] * 6)
    before = queue.pace(store, "Ada")
    _timed(store, [300])
    undo_last(store, "Ada")
    assert queue.pace(store, "Ada") == before
    assert before.decisions == 6


def test_what_can_be_filtered_by(store: Store) -> None:
    found(store, "few", ("e1", 0.5, None))
    found(store, "many", ("e1", 0.5, None), ("e2", 0.5, None))
    found(store, "also", ("e3", 0.5, None))
    found(store, "thin", ("s1", 0.5, None), subject="slice")
    assert queue.checks_with_issues(store) == [("many", 2), ("also", 1), ("few", 1)]
    assert queue.labels(store) == ["x", "y"]
    assert queue.splits(store) == ["test", "train"]


def test_what_a_reviewer_labelled_comes_last_and_stays_in_order(store: Store) -> None:
    found(store, "one", *((f"e{i}", 1 - i / 10, None) for i in range(1, 5)))
    with store.transaction() as transaction:
        transaction.execute(
            "INSERT INTO annotations VALUES ('e1', ' ADA', 'x', NULL, NULL), ('e3', 'ada', 'x', NULL, NULL)"
        )
    assert ids(store, QueueFilter(own_last="Ada")) == ["e2", "e4", "e1", "e3"]
    assert ids(store, QueueFilter(own_last="Ada", conflicts=True)) == []
    assert ids(store, QueueFilter(own_last="Ben")) == ["e1", "e2", "e3", "e4"]


def test_several_right_labels_are_a_state(store: Store) -> None:
    found(store, "one", ("e1", 0.9, None), ("e2", 0.8, None))
    decide(store, ["e1"], "several", labels=["x", "y"], reviewer="Ada")
    assert ids(store, QueueFilter(state="several")) == ["e1"]
    assert ids(store, QueueFilter(state="decided")) == ["e1"]
