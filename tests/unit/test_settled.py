"""One label for each example: decisions go before the consensus, whose rows are counted by hand."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from analysis.errors import NotReady
from analysis.export.settled import settled_bytes
from analysis.load.save import save
from analysis.queries.people import consensus_with_models, crowd
from analysis.queries.settled import Counts, counts, settled
from analysis.review.decide import decide
from analysis.schema import Roles
from analysis.store import Store
from tests.tables import read_table

# What a, b and c say of each example; nobody labelled i6.
GIVEN = {"i1": "xxx", "i2": "xxy", "i3": "yyy", "i4": "xyy", "i5": "xxx", "i6": "", "i7": "yyx", "i8": "xxx"}
COLUMNS = ["example_id", "label", "confidence", "tied", "method", "soft_labels", "by", "reviewer"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    rows = [
        [example, f"text {example}", who, label or None]
        for example, three in GIVEN.items()
        for who, label in zip("abc", three or ["", "", ""], strict=True)
    ]
    read = read_table(["id", "text", "who", "label"], rows)
    path = tmp_path / "data.csv"
    path.write_text("stands for the file")
    roles = Roles(text=(1,), id=0, label=3, annotator=2)
    with Store(save(tmp_path / "workspace", read, path, "data", roles).folder) as opened:
        yield opened


def test_without_decisions_it_is_the_consensus_in_the_order_of_the_file(store: Store) -> None:
    found, expected = settled(store), consensus_with_models(store, crowd(store))
    assert found.rows["example_id"].tolist() == ["i1", "i2", "i3", "i4", "i5", "i7", "i8"]
    assert found.rows["label"].tolist() == ["x", "x", "y", "y", "x", "y", "x"]
    at = {example: row for row, example in enumerate(expected.examples)}
    order = [at[example] for example in found.rows["example_id"]]
    assert found.soft.tolist() == expected.posterior[order].tolist()
    assert found.rows["confidence"].tolist() == expected.confidence[order].tolist()
    assert set(found.rows["by"]) == {"consensus"}
    assert (found.method, found.classes) == (expected.method, ("x", "y"))
    assert counts(store) == Counts(decided=0, by_consensus=7, dropped=0)


def test_a_decision_goes_before_the_consensus_and_says_whose_it_is(store: Store) -> None:
    decide(store, ["i1"], "keep", reviewer="Ada")
    decide(store, ["i2"], "relabel", new_label="y", reviewer="Ben")
    decide(store, ["i3"], "several", labels=["w", "y"], reviewer="Ada")
    decide(store, ["i4"], "unsure", reviewer="Ada")
    decide(store, ["i5"], "drop", reviewer="Ada")
    decide(store, ["i6"], "relabel", new_label="z", reviewer="Ada")
    found = settled(store)
    rows = found.rows.set_index("example_id")
    assert found.classes == ("x", "y", "w", "z")
    assert rows["label"].to_dict() == {"i1": "x", "i2": "y", "i3": "y", "i4": "y", "i6": "z", "i7": "y", "i8": "x"}
    decided = rows[rows["by"] == "decision"]
    assert decided["reviewer"].to_dict() == {"i1": "Ada", "i2": "Ben", "i3": "Ada", "i6": "Ada"}
    assert decided["confidence"].isna().all()
    assert decided["method"].isna().all()
    soft = dict(zip(rows.index, found.soft.tolist(), strict=True))
    assert (soft["i1"], soft["i2"], soft["i3"], soft["i6"]) == (
        [1, 0, 0, 0],
        [0, 1, 0, 0],
        [0, 0.5, 0.5, 0],
        [0, 0, 0, 1],
    )
    assert rows.loc["i4", "by"] == "consensus"
    assert found.soft.sum(axis=1) == pytest.approx(1)
    assert counts(store) == Counts(decided=4, by_consensus=3, dropped=1)
    assert counts(store).examples == len(found.rows)


def test_both_files_say_the_same(store: Store) -> None:
    decide(store, ["i3"], "several", labels=["w", "y"], reviewer="Ada")
    table = pq.read_table(io.BytesIO(settled_bytes(store, "parquet")))
    assert table.column_names == COLUMNS
    classes = json.loads(table.schema.metadata[b"classes"])
    assert classes == ["x", "y", "w"]
    lines = list(csv.DictReader(io.StringIO(settled_bytes(store, "csv").decode())))
    assert list(lines[0]) == COLUMNS
    for line, row in zip(lines, table.to_pylist(), strict=True):
        for name in ("example_id", "label", "method", "by", "reviewer"):
            assert (line[name] or None) == row[name]
        assert line["tied"] == str(row["tied"]).lower()
        assert float(line["confidence"] or -1) == pytest.approx(
            -1 if row["confidence"] is None else row["confidence"], rel=1e-5
        )
        soft = json.loads(line["soft_labels"])
        assert [soft.get(name, 0) for name in classes] == pytest.approx(row["soft_labels"], abs=1e-5)
    assert json.loads(lines[2]["soft_labels"]) == {"y": 0.5, "w": 0.5}


def test_a_label_that_a_spreadsheet_would_run_is_made_safe_where_that_is_asked(store: Store) -> None:
    decide(store, ["i1"], "relabel", new_label="=1+1", reviewer="Ada")
    assert b"\ni1,=1+1," in b"\n" + settled_bytes(store, "csv")
    assert b"\ni1,'=1+1," in b"\n" + settled_bytes(store, "csv", spreadsheet_safe=True)


def test_without_annotators_there_is_none(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("stands for the file")
    read = read_table(["text", "label"], [["one", "x"], ["two", "y"]])
    with Store(save(tmp_path / "workspace", read, path, "data", Roles(text=(0,), label=1)).folder) as plain:
        assert counts(plain) == Counts(0, 0, 0)
        with pytest.raises(NotReady, match="does not say who gave which label"):
            settled(plain)
