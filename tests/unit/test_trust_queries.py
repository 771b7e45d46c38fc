"""Trust in the flags of a dataset whose flags and decisions are known."""

import uuid

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from analysis.checks import all_checks
from analysis.queries.queue import QueueFilter
from analysis.queries.trust import Stop, flag_chances, said, stop_line, stop_said, trust_in_flags
from analysis.review.decide import decide as record
from analysis.schema import Action, Decision, content_hash
from analysis.signals.trust import Count, Trust
from analysis.store import Store

FLAGS = 8
(CHECK,) = [check.name for check in all_checks() if check.subject == "example" and "probabilities" in check.needs]


def flagged(store: Store, flags: int = FLAGS) -> None:
    """Sixty examples labelled x, of which the first ones look like y and are flagged; one more was not judged."""
    ids = [f"n{i}" for i in range(61)]
    p = np.where(np.arange(60) < flags, 0.1, 0.95)
    probabilities = pa.array([[a, 1 - a] for a in p], pa.list_(pa.float32()))
    rows = pd.DataFrame({"example_id": ids, "row_number": range(10, 71), "text": ids, "label": "x", "split": None})
    rows["content_hash"] = [content_hash(name, "x") for name in ids]
    predictions = {
        "example_id": ids[:60],
        "predicted": ["y"] * flags + ["x"] * (60 - flags),
        "confidence": np.maximum(p, 1 - p),
        "probabilities": probabilities,
    }
    found: dict[str, object] = {
        "check_name": CHECK,
        "subject": "example",
        "subject_id": ids[:60],
        "severity": 1 - p,
        "flagged": [i < flags for i in range(60)],
        "message": "Says so.",
        "suggested_label": None,
        "members": [[]] * 60,
        "run_id": "1",
    }
    with store.transaction() as transaction:
        transaction.insert("examples", rows)
        transaction.insert("predictions", pa.table(predictions))
        transaction.insert("findings", pa.Table.from_pandas(pd.DataFrame(found)))
        transaction.set_meta("signal.predictions.detail", '{"classes": ["x", "y"], "left_out": ""}')


def decide(store: Store, example_id: str, action: Action) -> None:
    store.record(
        [
            Decision(
                decision_id=str(uuid.uuid4()),
                example_id=example_id,
                content_hash=content_hash(example_id, "x"),
                action=action,
                new_label="y" if action == "relabel" else None,
                reviewer="Ada",
                decided_at="2026-03-14T10:00:00+00:00",
            )
        ]
    )


def test_relabelled_and_dropped_flags_are_real_kept_ones_not_and_unsure_says_nothing(store: Store) -> None:
    flagged(store)
    before = trust_in_flags(store)
    assert before is not None
    assert (before.flags, before.decided) == (FLAGS, 0)
    actions: list[Action] = ["relabel", "relabel", "drop", "keep", "keep", "keep", "relabel", "unsure"]
    for number, action in enumerate(actions):
        decide(store, f"n{number}", action)
    after = trust_in_flags(store)
    assert after is not None
    assert (after.flags, after.decided) == (FLAGS, 7)
    assert (after.real.low, after.real.high) == (4, 5)  # four are known, one is open
    decide(store, "n7", "keep")
    last = trust_in_flags(store)
    assert last is not None
    assert last.real == Count(4, 4, 4)


def test_wrong_labels_that_reviewers_found_elsewhere_are_missed_ones(store: Store) -> None:
    flagged(store)
    for number in range(20, 60):
        decide(store, f"n{number}", "relabel" if number < 45 else "keep")
    found = trust_in_flags(store)
    assert found is not None
    assert found.decided == 0
    assert 25 <= found.missed.low <= found.missed.high <= 25 + 12  # twelve are neither flagged nor decided


def test_too_few_flags_and_no_scan_give_no_estimate(store: Store) -> None:
    assert trust_in_flags(store) is None
    flagged(store, flags=4)
    assert trust_in_flags(store) is None


def test_the_sentence_names_interval_and_basis() -> None:
    found = Trust(91, 0, Count(58, 47, 69), Count(12, 4, 25), Count(70, 55, 90))
    assert said(found) == (
        "Of 91 label flags about 58 (47–69) are real; about 12 (4–25) wrong labels are not flagged.",
        "With 95 % intervals, from the models alone.",
    )
    found = Trust(1_200, 1, Count(1, 1, 1), Count(1, 0, 1_300), Count(2, 1, 1_301))
    assert said(found) == (
        "Of 1,200 label flags 1 is real; how many wrong labels are not flagged is not known yet.",
        "From 1 decided flag (those left unsure tell nothing) and the models; so far possible: "
        "0 to 1,300 wrong labels that are not flagged.",
    )
    found = Trust(16, 0, Count(3, 0, 14), Count(73, 9, 523), Count(76, 9, 537))
    assert said(found) == (
        "How many of 16 label flags are real is not known yet: it takes more decisions.",
        "From the models alone; so far possible: 0 to 14 real flags, 9 to 523 wrong labels that are not flagged.",
    )
    found = Trust(696, 0, Count(472, 128, 675), Count(90, 12, 100), Count(562, 140, 775))  # 547 of 696 wide
    assert said(found)[0].startswith("How many of 696 label flags are real is not known yet; about 90")
    found = Trust(16, 0, Count(3, 0, 14), Count(1, 1, 3), Count(4, 1, 17))
    assert said(found)[0] == (
        "How many of 16 label flags are real is not known yet; about 1 (1–3) wrong label is not flagged."
    )


def test_of_several_right_labels_the_given_one_may_be_one(store: Store) -> None:
    flagged(store)
    record(store, ["n0"], "several", labels=["x", "y"], reviewer="Ada")  # x is what it says: no wrong label
    for number in range(1, FLAGS):
        record(store, [f"n{number}"], "several", labels=["y", "z"], reviewer="Ada")
    found = trust_in_flags(store)
    assert found is not None
    assert (found.decided, found.real) == (FLAGS, Count(FLAGS - 1, FLAGS - 1, FLAGS - 1))


def test_the_stop_line_counts_the_undecided_flags_of_the_queue(store: Store) -> None:
    assert not len(flag_chances(store))
    assert stop_line(store, QueueFilter()) is None
    flagged(store)
    chances = flag_chances(store)
    assert sorted(chances.index) == list(range(10, 10 + FLAGS))
    assert chances.between(0.01, 0.99).all()
    assert chances.nunique() == 1  # they look the same to the models
    found = stop_line(store, QueueFilter())
    assert found is not None
    assert (found.left, found.decided) == (FLAGS, 0)
    for number in range(3):
        decide(store, f"n{number}", "keep")
    found = stop_line(store, QueueFilter(state="decided"))  # what is left is asked, whatever is shown
    assert found is not None
    assert (found.left, found.decided) == (5, 3)
    assert stop_line(store, QueueFilter(label="y")) is None
    decide(store, "n3", "unsure")
    assert stop_line(store, QueueFilter()) is None  # four are left


def test_the_stop_is_said_with_interval_and_basis() -> None:
    assert stop_said(Stop(Count(60, 41, 75), 84, 12)) == (
        "Stop after about 60 (41–75) of the 84 label flags left: fewer than 1 in 5 of the rest will be real.",
        "From 12 decided flags (those left unsure tell nothing) and the models; 95 % interval: after 41 to 75 of 84.",
    )
    assert stop_said(Stop(Count(0, 0, 8), 1_204, 0))[0] == (
        "You can stop: fewer than 1 in 5 of the 1,204 label flags left will probably be real."
    )
    assert stop_said(Stop(Count(84, 70, 84), 84, 1)) == (
        "Go on to the last: at least 1 in 5 of the 84 label flags left will probably be real.",
        "From 1 decided flag (those left unsure tell nothing) and the models; 95 % interval: after 70 to 84 of 84.",
    )


@pytest.mark.parametrize(
    ("after", "left", "is_known"),
    [
        (Count(694, 50, 695), 695, False),  # wider than half of what is left
        (Count(30, 21, 63), 84, True),  # 42 of 84 wide
        (Count(30, 20, 63), 84, False),
        (Count(30, 6, 61), 1_000, False),  # more than ten times its lower end
        (Count(30, 6, 60), 1_000, True),
    ],
)
def test_a_stop_that_may_be_anywhere_is_not_known_yet(after: Count, left: int, is_known: bool) -> None:
    sentence, basis = stop_said(Stop(after, left, 0))
    assert sentence.startswith("When to stop is not known yet") is not is_known
    assert (f"so far possible: after {after.low} to {after.high} of {left:,}" in basis) is not is_known


@pytest.mark.parametrize(
    ("after", "decided", "begins"),
    [
        (Count(653, 48, 653), 30, "Go on to the last: at least 1 in 5 of the 653"),
        (Count(653, 48, 653), 29, "When to stop is not known yet"),
        (Count(653, 0, 653), 30, "When to stop is not known yet"),  # to stop at once is not ruled out
        (Count(0, 0, 600), 30, "You can stop"),
        (Count(0, 0, 653), 30, "When to stop is not known yet"),
        (Count(300, 20, 600), 30, "When to stop is not known yet"),
    ],
)
def test_with_enough_decisions_a_wide_interval_that_leans_to_one_end_is_advice(
    after: Count, decided: int, begins: str
) -> None:
    assert stop_said(Stop(after, 653, decided))[0].startswith(begins)


def test_a_stop_just_before_the_end_is_no_other_advice_than_going_on() -> None:
    to_the_last = [stop_said(Stop(Count(about, 80, 100), 100, 40))[0] for about in (96, 100)]
    assert to_the_last[0] == to_the_last[1]
    assert stop_said(Stop(Count(95, 80, 100), 100, 40))[0].startswith("Stop after about 95 (80–100) of the 100")
