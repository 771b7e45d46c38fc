"""What is asked about annotators, on labels counted by hand."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from analysis import __main__ as command_line
from analysis.errors import NoSuchThing, NotReady, UserError
from analysis.people.agreement import Agreement
from analysis.queries import people, people_differences, people_groups, queue
from analysis.queries.people_differences import Differing
from analysis.schema import Decision, content_hash
from analysis.store import Store

NAMES = ("Ada", "Ben", "Cem")
# 20 examples: Ada and Ben agree but on e18 and e19; Cem says y instead of x on e0 to e3.
LABELS = [("x", "x", "y")] * 4 + [("x", "x", "x")] * 6 + [("y", "y", "y")] * 8 + [("x", "y", "x"), ("x", "y", "y")]
Fill = Callable[..., Store]


@pytest.fixture
def filled(tmp_path: Path) -> Fill:
    """A dataset of labels: one tuple an example, one place an annotator, None where they gave none."""
    opened: list[Store] = []

    def fill(labels: Sequence[tuple[str | None, ...]] = LABELS, names: Sequence[str] = NAMES) -> Store:
        store = Store(tmp_path / "workspace" / f"people{len(opened)}")
        opened.append(store)
        write(store, labels, names)
        return store

    yield fill  # type: ignore[misc]
    for store in opened:
        store.close()


def write(store: Store, labels: Sequence[tuple[str | None, ...]], names: Sequence[str]) -> None:
    ids = [f"e{number}" for number in range(len(labels))]
    examples = pd.DataFrame({"example_id": ids, "row_number": range(1, len(ids) + 1), "text": "=1+1", "label": "x"})
    examples["split"] = ["train" if number < 10 else "test" for number in range(len(ids))]
    examples["content_hash"] = content_hash("=1+1", "x")
    rows = [
        (example, name, label, f"2026-0{1 + number // 10}-01", "v1" if number < 10 else "v2")
        for number, (example, given) in enumerate(zip(ids, labels, strict=True))
        for name, label in zip(names, given, strict=True)
        if label is not None
    ]
    columns = ["example_id", "annotator", "label", "annotated_at", "guideline_version"]
    with store.transaction() as transaction:
        transaction.insert("examples", examples)
        transaction.insert("annotations", pd.DataFrame(rows, columns=columns))


def decided(example: str, new_label: str | None = None, action: str = "relabel") -> Decision:
    return Decision(
        decision_id=f"d-{example}-{action}",
        example_id=example,
        content_hash=content_hash("=1+1", "x"),
        action=action,  # type: ignore[arg-type]
        new_label=new_label,
        reviewer="Eve",
        decided_at="2026-05-01T00:00:00+00:00",
        note="see 2.1",
        clause="2.1",
    )


def test_the_statistic_that_fits_is_measured_once_for_the_labels_there_are(filled: Fill) -> None:
    crowd = people.crowd(filled())
    found = crowd.agreement()
    assert isinstance(found, Agreement)
    assert (found.chosen, found.design.doubled) == ("fleiss", 20)
    assert found.statistic.value == pytest.approx(0.5996, abs=5e-5)  # P = 48/60; Pe = (29² + 31²) / 60²
    assert crowd.agreement() is found


def test_the_matrix_counts_pairs(filled: Fill) -> None:
    found = people.matrix(people.crowd(filled()))
    assert found.names == NAMES
    assert found.shared.tolist() == [[20] * 3] * 3
    assert found.same[0, 1:].tolist() == [0.9, 0.75]  # Ada and Ben differ on 2 of 20, Ada and Cem on 5
    assert (found.low < found.same)[0, 1]
    assert found.frame()[["first", "second", "shared"]].to_numpy().tolist() == [
        ["Ada", "Ben", 20],
        ["Ada", "Cem", 20],
        ["Ben", "Cem", 20],
    ]


def test_pairs_without_a_common_example_are_empty(filled: Fill) -> None:
    found = people.matrix(people.crowd(filled([("x", "x", None), ("x", None, "y")])))
    assert found.shared[1, 2] == 0
    assert np.isnan(found.same[1, 2])
    assert len(found.frame()) == 2


def test_two_annotators_do_not_say_who_is_right(filled: Fill) -> None:
    store = filled([("x", "x"), ("x", "y")] * 20, NAMES[:2])
    crowd = people.crowd(store)
    assert not crowd.is_judged
    assert crowd.annotators["reliability"].isna().all()
    assert people_differences.differences(store, crowd, "Ada").empty
    store.record([decided("e1", "y")])
    assert people_differences.differences(store, crowd, "Ada")["outcome"].tolist() == ["y"]


def test_a_dataset_without_annotators_says_what_to_do(store: Store) -> None:
    assert people.fingerprint(store) == ""
    with pytest.raises(NotReady, match="who gave which label"):
        people.crowd(store)


@pytest.mark.parametrize("labels", [[("x", None, None)] * 3, [("x", None, None), (None, "x", None)]])
def test_where_nothing_compares_the_reason_is_the_answer(filled: Fill, labels: list[tuple[str | None, ...]]) -> None:
    assert isinstance(people.crowd(filled(labels)).agreement(), NotReady)


def test_the_fingerprint_changes_with_a_label_and_not_with_a_decision(filled: Fill) -> None:
    store = filled()
    before = people.fingerprint(store)
    store.record([decided("e0", "y")])
    assert people.fingerprint(store) == before
    with store.transaction() as transaction:
        transaction.execute("UPDATE annotations SET label = 'z' WHERE example_id = 'e0' AND annotator = 'Cem'")
    assert people.fingerprint(store) != before


def test_labels_that_are_mixed_up_are_counted_by_example(filled: Fill) -> None:
    found = people_differences.mixed_up(people.crowd(filled()))
    # e0 to e3, e18, e19; every example has one of the two
    assert found[["first", "second", "both", "either"]].to_numpy().tolist() == [["x", "y", 6, 20]]
    assert found[["several", "slip", "open"]].to_numpy().sum() == 6


def test_the_examples_that_differ_are_those_counted(filled: Fill) -> None:
    store = filled()
    crowd = people.crowd(store)

    def ids(kind: str, annotator: str | None = None, said: str | None = None, other: str | None = None) -> list[str]:
        return list(people_differences.differing(store, crowd, Differing(kind, annotator, said, other)))  # type: ignore[arg-type]

    assert ids("any") == ids("labels", said="x", other="y") == ["e0", "e1", "e2", "e3", "e18", "e19"]
    assert ids("people", "Ada", other="Ben") == ["e18", "e19"]
    assert set(ids("outcome", "Cem", "y", "x")) - {"e19"} == {"e0", "e1", "e2", "e3"}  # e19: two to one, a model's call
    assert ids("labels", said="x", other="no such label") == ids("people", "Ada", other="nobody") == []
    assert ids("outcome", "nobody") == []


def test_the_outcome_is_the_verdict_where_there_is_one(filled: Fill) -> None:
    store = filled()
    crowd = people.crowd(store)
    store.record([decided("e0", "y"), decided("e1", action="drop"), decided("e4", action="keep")])
    held = people_differences.outcomes(store, crowd).set_index(crowd.labels.examples)
    assert held.loc[["e0", "e4", "e5"], "outcome"].tolist() == ["y", "x", "x"]
    assert pd.isna(held.loc["e1", "outcome"])
    assert held.loc[["e0", "e5"], "by"].tolist() == ["verdict", "consensus"]
    ada = people_differences.differences(store, crowd, "Ada")
    assert ada[["example_id", "theirs", "outcome", "reviewer", "clause"]].iloc[0].tolist() == [
        "e0", "x", "y", "Eve", "2.1",
    ]  # fmt: skip
    assert "e0" not in people_differences.differences(store, crowd, "Cem")["example_id"].tolist()


def test_no_decision_takes_an_example_out_of_those_that_differ_from_the_outcome(filled: Fill) -> None:
    store = filled()
    crowd = people.crowd(store)

    def ids(said: str | None = None, other: str | None = None) -> set[str]:
        return set(people_differences.differing(store, crowd, Differing("outcome", "Cem", said, other)))

    before = ids()
    assert {"e0", "e1", "e2", "e3"} <= before
    store.record([decided("e0", "y"), decided("e1", action="drop"), decided("e2", action="unsure")])
    assert ids() == before
    assert {"e0", "e1", "e2", "e3"} <= ids("y", "x")
    store.record([decided("e4", "y")])
    assert ids() == before | {"e4"}  # Cem says x
    store.record([decided("e4", action="keep")])
    assert ids() == before | {"e4"}
    assert ids("x", "y") - before == {"e4"}
    assert "e4" not in people_differences.differences(store, crowd, "Cem")["example_id"].tolist()


def test_split_examples_say_who_gave_what_and_what_it_comes_from(filled: Fill) -> None:
    store = filled()
    crowd = people.crowd(store)
    counts = people_differences.kinds_of_disagreement(crowd)
    found = pd.concat([people_differences.disagreements(store, crowd, kind) for kind in counts])
    found = found.set_index("example_id")
    assert counts["several"] == 0  # three labels cannot show it
    assert sum(counts.values()) == len(found) == 6
    assert set(found.index) == {"e0", "e1", "e2", "e3", "e18", "e19"}
    assert found.loc["e0", "labels"] == "x (2), y (1)"
    assert found.loc["e19", "labels"] == "y (2), x (1)"
    by_kind = {kind: people_differences.differing(store, crowd, Differing(kind)) for kind in counts}  # type: ignore[arg-type]
    assert {kind: len(ids) for kind, ids in by_kind.items()} == counts


def test_agreement_splits_by_version_month_and_column(filled: Fill) -> None:
    store = filled()
    crowd = people.crowd(store)
    assert people_groups.groupings(store) == ["guideline version", "month", "split"]
    by_version = people_groups.agreement_by(store, crowd, "Guideline Version")
    assert by_version["group"].tolist() == ["v1", "v2"]
    assert by_version[["labels", "doubled"]].to_numpy().tolist() == [[30, 10], [30, 10]]
    # of 30 pairs of labels 8 differ under v1 (four examples, two pairs each), 4 under v2
    assert by_version["same"].tolist() == pytest.approx([22 / 30, 26 / 30])
    by_split = people_groups.agreement_by(store, crowd, "split")
    assert by_split["same"].tolist() == pytest.approx([26 / 30, 22 / 30])  # test before train
    with pytest.raises(NoSuchThing, match="'splt'") as error:
        people_groups.agreement_by(store, crowd, "splt")
    assert "'split'" in error.value.hint


def test_a_group_that_cannot_be_measured_says_why(filled: Fill) -> None:
    store = filled([("x", "x", None)] * 10 + [("x", None, None)] * 10)
    rows = people_groups.agreement_by(store, people.crowd(store), "split").set_index("group")
    assert rows.loc["test", "note"]
    assert pd.isna(rows.loc["test", "alpha"])


def test_remarks_are_what_checks_flag_and_their_examples_open(filled: Fill) -> None:
    store = filled()
    finding = {"check_name": "odd", "subject": "annotator", "subject_id": "Cem", "severity": 0.5, "flagged": True}
    finding |= {"message": "Cem is odd.", "members": ["e0", "e1"], "run_id": "1"}
    with store.transaction() as transaction:
        transaction.insert("findings", pd.DataFrame([finding]))
    assert people.remarks(store) == [people.Remark("odd", "Cem", "Cem is odd.", 2)]
    assert people.remarks(store, "Ada") == []
    assert queue.slice_members(store, "odd", "Cem") == ("e0", "e1")


def test_the_command_line_tells_agreement(filled: Fill, capsys: pytest.CaptureFixture[str]) -> None:
    store = filled()
    workspace, name = str(store.folder.parent), store.name
    store.close()
    assert command_line.main(["agreement", name, "--workspace", workspace]) == 0
    said = capsys.readouterr().out
    assert "Fleiss' κ 0.60 (95 % interval" in said
    assert "Krippendorff's α" in said
    words = " ".join(said.split())
    assert "0.80 for firm conclusions) that is low. The 3.0 labels of an example are together as reliable as" in words
    assert command_line.main(["agreement", name, "--by", "split", "--json", "--workspace", workspace]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert [group["group"] for group in plain["groups"]] == ["test", "train"]
    assert plain["statistics"]["cohen"]["value"] is None
    assert (plain["meaning"]["level"], plain["meaning"]["labels"]) == ("low", 3)
    assert [one["annotator"] for one in plain["annotators"]] == list(NAMES)


def test_the_command_line_writes_the_consensus(
    filled: Fill, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = filled()
    workspace, name = str(store.folder.parent), store.name
    store.close()
    path = tmp_path / "consensus.parquet"
    assert (
        command_line.main(["consensus", name, "--method", "majority", "-o", str(path), "--workspace", workspace]) == 0
    )
    assert "majority" in capsys.readouterr().out
    written = pq.read_table(path)
    assert written.column_names == ["example_id", "label", "confidence", "tied", "method", "soft_labels"]
    classes = json.loads(written.schema.metadata[b"classes"])
    assert classes == ["x", "y"]
    rows = written.to_pandas().set_index("example_id")
    assert rows.loc["e0", "soft_labels"].tolist() == pytest.approx([2 / 3, 1 / 3])
    assert (rows.loc["e0", "label"], rows.loc["e19", "label"]) == ("x", "y")
    assert rows.loc["e0", "confidence"] == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--method", "guess", "-o", "c.parquet"], "no consensus method 'guess'"),
        (["--method", "crowdlab", "-o", "c.parquet"], "Scan the dataset first"),
        (["-o", "c.csv"], "does not end in .parquet"),
    ],
)
def test_a_consensus_that_cannot_be_written_says_why(
    filled: Fill, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    store = filled()
    store.close()
    words = [str(tmp_path / word) if word.startswith("c.") else word for word in words]
    assert command_line.main(["consensus", store.name, *words, "--workspace", str(store.folder.parent)]) == 2
    assert said in capsys.readouterr().err


def test_one_annotator_is_told_and_is_no_defect(filled: Fill, capsys: pytest.CaptureFixture[str]) -> None:
    store = filled([("x",), ("y",)], ["Ada"])
    store.close()
    assert command_line.main(["agreement", store.name, "--workspace", str(store.folder.parent)]) == 2
    assert "All labels are by one annotator" in capsys.readouterr().err
    assert issubclass(NotReady, UserError)
