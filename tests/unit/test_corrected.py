"""The source with the verdicts applied, in every layout, and what that changes, counted by hand."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from analysis.errors import UserError
from analysis.load.options import ReadFile
from analysis.load.save import save
from analysis.queries.corrected import conflicts, corrected, overwrites_labels, preview
from analysis.review.decide import decide, undo_last
from analysis.schema import Roles
from analysis.store import Store
from tests.tables import read_table

PLAIN = [["one", "x"], ["two", "y"], ["three", ""], ["four", "x"]]


def opened(folder: Path, read: ReadFile, roles: Roles) -> Store:
    path = folder / "data.csv"
    path.write_text("stands for the file")
    return Store(save(folder / "workspace", read, path, "data", roles).folder)


def plain(folder: Path, rows: Sequence[Sequence[str | None]] = PLAIN, **given: Any) -> Store:
    return opened(folder, read_table(["text", "label"], rows, **given), Roles(text=(0,), label=1))


def cells(store: Store, **given: Any) -> list[list[str | None]]:
    columns = [column.to_pylist() for column in corrected(store, **given).cells.columns]
    return [list(row) for row in zip(*columns, strict=True)]


def test_without_decisions_it_is_the_source(tmp_path: Path) -> None:
    with plain(tmp_path) as store:
        assert cells(store) == PLAIN
        seen = preview(store)
        assert (seen.rows_in, seen.rows_out, seen.relabelled, seen.dropped) == (4, 4, 0, 0)
        assert seen.changes.empty


def test_a_relabel_changes_one_cell_a_drop_removes_one_row_and_others_change_nothing(tmp_path: Path) -> None:
    with plain(tmp_path) as store:
        decide(store, ["r1"], "keep", reviewer="Ada")
        decide(store, ["r2"], "drop", reviewer="Ada")
        decide(store, ["r3"], "relabel", new_label="z", reviewer="Ada", note="new")
        decide(store, ["r4"], "unsure", reviewer="Ada")
        assert cells(store) == [["one", "x"], ["three", "z"], ["four", "x"]]
        assert corrected(store).row_numbers.to_pylist() == [1, 3, 4]
        seen = preview(store)
        assert (seen.rows_in, seen.rows_out) == (4, 3)
        assert (seen.relabelled, seen.dropped, seen.kept, seen.unsure) == (1, 1, 1, 1)
        assert seen.new_labels == 1
        assert seen.changes.to_dict("records") == [
            {
                "example_id": "r2",
                "row_number": 2,
                "text": "two",
                "column": "label",
                "before": "y",
                "after": None,
                "reviewer": "Ada",
                "note": "",
                "action": "drop",
            },
            {
                "example_id": "r3",
                "row_number": 3,
                "text": "three",
                "column": "label",
                "before": None,
                "after": "z",
                "reviewer": "Ada",
                "note": "new",
                "action": "relabel",
            },
        ]


def test_one_example_alone(tmp_path: Path) -> None:
    with plain(tmp_path) as store:
        decide(store, ["r2"], "relabel", new_label="x", reviewer="Ada")
        decide(store, ["r4"], "drop", reviewer="Ada")
        assert cells(store, example_id="r2") == [["two", "x"]]
        assert cells(store, example_id="r4") == []


def test_the_latest_decision_counts_until_it_is_taken_back(tmp_path: Path) -> None:
    with plain(tmp_path) as store:
        decide(store, ["r1"], "relabel", new_label="y", reviewer="Ada")
        decide(store, ["r1"], "drop", reviewer="Ben")
        assert len(cells(store)) == 3
        undo_last(store, "Ben")
        assert cells(store)[0] == ["one", "y"]
        decide(store, ["r1"], "reopen", reviewer="Ada")
        assert cells(store) == PLAIN


def test_in_the_wide_layout_nobodys_label_is_overwritten(tmp_path: Path) -> None:
    read = read_table(["text", "ada", "ben"], [["one", "x", "y"], ["two", "y", "y"], ["three", "x", None]])
    with opened(tmp_path, read, Roles(text=(0,), annotators=(1, 2))) as store:
        assert not overwrites_labels(store)
        assert [column.name for column in corrected(store).columns] == ["text", "ada", "ben"]
        decide(store, ["r1"], "relabel", new_label="z", reviewer="Ada")
        decide(store, ["r2"], "drop", reviewer="Ada")
        assert [column.name for column in corrected(store).columns] == ["text", "ada", "ben", "corrected_label"]
        assert cells(store) == [["one", "x", "y", "z"], ["three", "x", None, None]]


def test_in_the_long_layout_every_row_of_the_example_says_the_new_label_and_a_drop_removes_all(tmp_path: Path) -> None:
    rows = [["i1", "one", "ann", "x"], ["i2", "two", "ann", "x"], ["i1", "one", "ben", "y"], ["i2", "two", "ben", "x"]]
    read = read_table(["id", "text", "who", "label"], rows)
    with opened(tmp_path, read, Roles(text=(1,), id=0, label=3, annotator=2)) as store:
        decide(store, ["i1"], "relabel", new_label="y", reviewer="Ada")
        assert cells(store) == [
            ["i1", "one", "ann", "x", "y"],
            ["i2", "two", "ann", "x", None],
            ["i1", "one", "ben", "y", "y"],
            ["i2", "two", "ben", "x", None],
        ]
        decide(store, ["i2"], "drop", reviewer="Ada")
        assert [row[0] for row in cells(store)] == ["i1", "i1"]
        seen = preview(store)
        assert (seen.rows_in, seen.rows_out, seen.dropped, seen.relabelled) == (4, 2, 1, 1)


def test_where_several_people_labelled_every_row_says_what_was_decided_about_its_example(tmp_path: Path) -> None:
    """The label in use is the one with most votes: x of i1, y of i2, x of i3 and of i4."""
    given = {"i1": "xxy", "i2": "yyx", "i3": "xxz", "i4": "xxx", "i5": "xyy"}
    rows = [[i, f"text {i}", who, label] for i, three in given.items() for who, label in zip("abc", three, strict=True)]
    read = read_table(["id", "text", "who", "label"], rows)
    with opened(tmp_path, read, Roles(text=(1,), id=0, label=3, annotator=2)) as store:
        decide(store, ["i1"], "keep", reviewer="Ada")
        decide(store, ["i2"], "relabel", new_label="x", reviewer="Ada")
        decide(store, ["i3"], "several", labels=["z", "x"], reviewer="Ada")
        decide(store, ["i4"], "unsure", reviewer="Ada")
        settled: dict[str | None, set[str | None]] = {row[0]: set() for row in rows}
        for example, _, _, _, label, _ in cells(store):
            settled[example].add(label)
        assert settled == {"i1": {"x"}, "i2": {"x"}, "i3": {"x"}, "i4": {None}, "i5": {None}}
        seen = preview(store)
        assert (seen.column, seen.settled, seen.settled_rows, seen.new_labels) == ("corrected_label", 3, 9, 1)
        assert (seen.examples, seen.rows_in, seen.rows_out) == (5, 15, 15)
        decide(store, ["i1"], "drop", reviewer="Ada")
        seen = preview(store)
        assert (seen.settled, seen.settled_rows, seen.dropped, seen.rows_out) == (2, 6, 1, 12)


def test_where_a_cell_is_changed_no_column_says_what_was_decided(tmp_path: Path) -> None:
    with plain(tmp_path) as store:
        decide(store, ["r1"], "keep", reviewer="Ada")
        decide(store, ["r2"], "relabel", new_label="x", reviewer="Ada")
        assert [column.name for column in corrected(store).columns] == ["text", "label"]
        seen = preview(store)
        assert (seen.column, seen.settled, seen.settled_rows, seen.examples) == ("label", 0, 0, 4)


def test_without_a_label_column_new_labels_get_one_and_its_name_is_free(tmp_path: Path) -> None:
    read = read_table(["text", "corrected_label"], [["one", "mine"], ["two", "mine"]])
    with opened(tmp_path, read, Roles(text=(0,))) as store:
        decide(store, ["r2"], "relabel", new_label="x", reviewer="Ada")
        assert [column.name for column in corrected(store).columns] == ["text", "corrected_label", "corrected_label_"]
        assert cells(store) == [["one", "mine", None], ["two", "mine", "x"]]
        assert preview(store).changes["column"].tolist() == ["corrected_label_"]


def test_a_json_label_is_written_as_the_column_writes_it(tmp_path: Path) -> None:
    """1 stays a number because the column says it as a number more often than as text; a new word is text."""
    rows = [['"a"', "1"], ['"b"', "1"], ['"c"', '"1"'], ['"d"', "true"], ['"e"', None], ['"f"', "null"]]
    with plain(tmp_path, rows, kinds=("json", "json"), format="jsonl") as store:
        for example, label in (("r3", "true"), ("r4", "1"), ("r5", "word"), ("r6", "1")):
            decide(store, [example], "relabel", new_label=label, reviewer="Ada")
        assert [row[1] for row in cells(store)] == ["1", "1", "true", "1", '"word"', "1"]


def test_of_two_ways_to_write_a_label_that_are_equally_frequent_the_first_counts(tmp_path: Path) -> None:
    rows = [['"a"', '"1"'], ['"b"', "1"], ['"c"', "2"]]
    with plain(tmp_path, rows, kinds=("json", "json"), format="jsonl") as store:
        decide(store, ["r3"], "relabel", new_label="1", reviewer="Ada")
        assert [row[1] for row in cells(store)] == ['"1"', "1", '"1"']


def test_a_label_that_its_typed_column_cannot_hold_is_refused_where_types_matter(tmp_path: Path) -> None:
    with plain(tmp_path, [["a", "1"], ["b", "2"]], kinds=("text", "arrow:int64"), format="parquet") as store:
        decide(store, ["r1"], "relabel", new_label="two", reviewer="Ada")
        assert cells(store) == [["a", "two"], ["b", "2"]]
        with pytest.raises(UserError, match="'two' cannot stand in a column of type int64"):
            corrected(store, typed=True)


def test_decisions_on_other_content_are_counted_but_do_not_count(tmp_path: Path) -> None:
    with plain(tmp_path) as store:
        decide(store, ["r1", "r2"], "drop", reviewer="Ada")
        with store.transaction() as transaction:
            transaction.execute("UPDATE examples SET content_hash = 'other' WHERE example_id = 'r1'")
        seen = preview(store)
        assert (seen.dropped, seen.rows_out, seen.unmatched) == (1, 3, 1)
        assert [row[0] for row in cells(store)] == ["one", "three", "four"]


def test_reviewers_conflict_where_their_latest_decisions_differ(tmp_path: Path) -> None:
    with plain(tmp_path) as store:
        decide(store, ["r1"], "keep", reviewer="Ada")
        decide(store, ["r1"], "relabel", new_label="y", reviewer="Ben")
        decide(store, ["r2"], "relabel", new_label="x", reviewer="Ada")
        decide(store, ["r2"], "relabel", new_label="z", reviewer="Ben")
        decide(store, ["r3"], "drop", reviewer="Ada")
        decide(store, ["r3"], "drop", reviewer="Ben")
        decide(store, ["r4"], "drop", reviewer="Ada")
        decide(store, ["r4"], "keep", reviewer="Ada")
        assert conflicts(store) == ("r1", "r2")
        decide(store, ["r2"], "relabel", new_label="x", reviewer="Ben")
        assert conflicts(store) == ("r1",)
        undo_last(store, "Ben")
        assert conflicts(store) == ("r1", "r2")
        decide(store, ["r1"], "reopen", reviewer="Ben")
        assert conflicts(store) == ("r2",)


def test_where_several_labels_are_right_a_last_column_has_them_all(tmp_path: Path) -> None:
    with plain(tmp_path) as store:
        decide(store, ["r1"], "several", labels=["y", "x"], reviewer="Ada", note="both")
        decide(store, ["r2"], "several", labels=["x", "z", "w"], reviewer="Ada")
        decide(store, ["r3"], "several", labels=["ä", '"'], reviewer="Ada")
        assert [column.name for column in corrected(store).columns] == ["text", "label", "soft_label"]
        rows = cells(store)
        assert [row[1] for row in rows] == ["x", "x", "ä", "x"]  # the given one where it is among them
        assert [row[2] and json.loads(row[2]) for row in rows] == [
            {"x": 0.5, "y": 0.5},
            {"x": 1 / 3, "z": 1 / 3, "w": 1 / 3},
            {"ä": 0.5, '"': 0.5},
            None,
        ]
        seen = preview(store)
        assert (seen.several, seen.relabelled, seen.rows_out) == (3, 0, 4)
        assert seen.new_labels == 2  # r1 keeps the one it has
        changes = seen.changes[["example_id", "column", "before", "after", "action"]]
        assert changes.to_numpy().tolist() == [
            ["r1", "soft_label", None, "x · y", "several"],
            ["r2", "label", "y", "x", "several"],
            ["r2", "soft_label", None, "x · z · w", "several"],
            ["r3", "label", None, "ä", "several"],
            ["r3", "soft_label", None, 'ä · "', "several"],
        ]
        undo_last(store, "Ada")
        undo_last(store, "Ada")
        undo_last(store, "Ada")
        assert cells(store) == PLAIN


def test_the_column_of_soft_labels_has_a_free_name(tmp_path: Path) -> None:
    read = read_table(["t", "soft_label"], [['"a"', '"x"'], ['"b"', '"y"']], kinds=("json", "json"), format="jsonl")
    with opened(tmp_path, read, Roles(text=(0,), label=1)) as store:
        decide(store, ["r1"], "several", labels=["y", "z"], reviewer="Ada")
        columns = corrected(store, typed=True).columns
        assert [column.name for column in columns] == ["t", "soft_label", "soft_label_"]
        assert columns[2].kind == "json"
        assert cells(store) == [['"a"', '"y"', '{"y": 0.5, "z": 0.5}'], ['"b"', '"y"', None]]


def test_in_the_wide_layout_soft_labels_stand_beside_the_corrected_ones(tmp_path: Path) -> None:
    read = read_table(["text", "ada", "ben"], [["one", "x", "y"], ["two", "y", "y"]])
    with opened(tmp_path, read, Roles(text=(0,), annotators=(1, 2))) as store:
        decide(store, ["r1"], "several", labels=["z", "w"], reviewer="Ada")
        names = [column.name for column in corrected(store).columns]
        assert names == ["text", "ada", "ben", "corrected_label", "soft_label"]
        assert cells(store)[0] == ["one", "x", "y", "z", '{"z": 0.5, "w": 0.5}']


def test_reviewers_who_call_the_same_labels_right_do_not_conflict(tmp_path: Path) -> None:
    with plain(tmp_path) as store:
        decide(store, ["r2"], "several", labels=["x", "z"], reviewer="Ada")
        decide(store, ["r2"], "several", labels=["z", "x"], reviewer="Ben")
        decide(store, ["r1"], "several", labels=["x", "z"], reviewer="Ada")
        decide(store, ["r1"], "several", labels=["x", "w"], reviewer="Ben")
        assert conflicts(store) == ("r1",)
