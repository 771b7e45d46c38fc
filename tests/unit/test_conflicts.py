"""What adjudication is for, counted by SQL: the same examples as the check finds, and whose they are not."""

from pathlib import Path

import numpy as np
import pandas as pd

from analysis.checks import Inputs
from analysis.checks.annotator_disagreement import annotator_disagreement
from analysis.queries import conflicts, queue
from analysis.queries.queue import QueueFilter
from analysis.review.decide import decide
from analysis.schema import content_hash
from analysis.store import Store
from tests.checks.made import flagged


def crowd(store: Store, annotations: pd.DataFrame, labels: list[str | None]) -> None:
    rows = pd.DataFrame({"example_id": [f"e{i}" for i in range(len(labels))], "row_number": range(1, len(labels) + 1)})
    rows = rows.assign(text="t", label=labels, split=None, content_hash=[content_hash("t", label) for label in labels])
    with store.transaction() as transaction:
        transaction.insert("examples", rows)
        transaction.insert("annotations", annotations)


def ids(store: Store, wanted: QueueFilter) -> set[str]:
    return set(queue.review_queue(store, wanted)["example_id"])


def test_the_conflicts_are_those_that_the_check_finds(tmp_path: Path) -> None:
    dice = np.random.default_rng(11)
    given = pd.DataFrame(
        {
            "example_id": [f"e{n}" for n in dice.integers(200, size=700)],
            "annotator": [f"p{n}" for n in dice.integers(4, size=700)],
            "label": [str(label) for label in dice.choice(list("abc"), size=700, p=[0.7, 0.2, 0.1])],
            "annotated_at": dice.choice(np.array([None, "2026-01-01", "2026-02-01"], dtype=object), size=700),
        }
    )
    labels: list[str | None] = [None if n == 3 else "abc"[n] for n in dice.integers(4, size=200)]
    with Store(tmp_path / "crowd") as store:
        crowd(store, given, labels)
        found = ids(store, QueueFilter(conflicts=True))
        count = conflicts.left(store)
        decide(store, [min(found)], "keep" if labels[int(min(found)[1:])] else "unsure", reviewer="Ada")
        then = conflicts.left(store)
    index = pd.Index([f"e{i}" for i in range(200)], name="example_id")
    examples = pd.DataFrame(
        {"text": "t", "label": labels, "split": None, "happened_at": None}, index=index, dtype=object
    )
    expected = set(flagged(annotator_disagreement(Inputs(examples=examples, annotations=given))))
    assert found == expected
    assert count == len(expected) > 20
    assert then == count - 1


def test_a_pair_of_labels_and_a_person_narrow_the_queue(tmp_path: Path) -> None:
    rows = [
        ("e0", "p", "a"),
        ("e0", "q", "b"),
        ("e1", "p", "b"),
        ("e1", "r", "a"),
        ("e2", "p", "a"),
        ("e2", "q", "c"),
        ("e3", " Ada ", "a"),
        ("e3", "q", "b"),
    ]
    with Store(tmp_path / "crowd") as store:
        crowd(store, pd.DataFrame(rows, columns=["example_id", "annotator", "label"]), ["a", "a", "a", "a", "b"])
        assert ids(store, QueueFilter(conflicts=True)) == {"e0", "e1", "e2", "e3"}
        assert ids(store, QueueFilter(between=("b", "a"))) == {"e0", "e1", "e3"}
        assert ids(store, QueueFilter(conflicts=True, between=("a", "c"))) == {"e2"}
        assert ids(store, QueueFilter(conflicts=True, not_by="ada")) == {"e0", "e1", "e2"}
        assert ids(store, QueueFilter(conflicts=True, not_by="q")) == {"e1"}
        assert ids(store, QueueFilter(conflicts=True, examples=("e1", "e4"))) == {"e1"}
        assert conflicts.count_labelled_by(store, "ADA") == 1
