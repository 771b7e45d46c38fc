import hashlib
import json
import os
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.errors import BadFile, BadRoles, DatasetBusy, UserError
from analysis.load import save as save_module
from analysis.load.layout import arrange
from analysis.load.options import ReadOptions
from analysis.load.roles import RoleNames
from analysis.load.save import check_name, dataset_name, load_file, save
from analysis.review.decide import decide, undo_last
from analysis.schema import Roles, content_hash
from analysis.store import DATABASE, Store, dataset_names
from tests.tables import read_table, write

MESSAGES = "id,text,label,when\nm1,my card,card,2026-01-01\nm2,my loan,,2026-01-02\nm3,,card,\n"


def _examples(store: Store) -> list[tuple[object, ...]]:
    return store.rows("SELECT example_id, row_number, text, label FROM examples ORDER BY row_number")


def test_plain_file_becomes_a_dataset(tmp_path: Path) -> None:
    path = write(tmp_path / "My data.csv", MESSAGES)
    report = load_file(tmp_path / "ws", path)
    assert (report.name, report.layout, report.rows, report.examples) == ("My-data", "plain", 3, 3)
    assert report.roles == Roles(text=(1,), id=0, label=2, timestamp=3)
    with Store(report.folder) as store:
        assert _examples(store) == [("m1", 1, "my card", "card"), ("m2", 2, "my loan", None), ("m3", 3, "", "card")]
        assert store.value("SELECT content_hash FROM examples WHERE example_id = 'm2'") == content_hash("my loan", None)
        assert store.rows("SELECT c2, c3 FROM source ORDER BY row_number") == [
            ("card", "2026-01-01"),
            ("", "2026-01-02"),
            ("card", ""),
        ]
        assert store.roles() == report.roles
        facts = {key: store.meta(key) for key in ("source_name", "source_sha256", "format", "layout", "rows_read")}
        assert facts == {
            "source_name": "My data.csv",
            "source_sha256": hashlib.sha256(MESSAGES.encode()).hexdigest(),
            "format": "csv",
            "layout": "plain",
            "rows_read": "3",
        }
    assert (report.folder / "source" / "My data.csv").read_text() == MESSAGES
    assert sorted(p.name for p in (tmp_path / "ws").iterdir()) == ["My-data"]


def test_an_id_that_repeats_gives_way_to_the_row_number() -> None:
    found = read_table(["id", "text"], [["1", "a"], ["1", "b"], ["2", "c"]])
    arranged = arrange(found, Roles(text=(1,), id=0))
    assert arranged.examples["example_id"].to_pylist() == ["r1", "r2", "r3"]
    assert arranged.notices == [
        "The id column 'id' repeats a value in 1 rows, so examples are called by their row: r1, r2 …"
    ]


def test_several_texts_are_joined_and_empty_ones_left_out() -> None:
    found = read_table(["a", "b"], [["x", "y"], ["", "y"], ["x", None], [None, ""]])
    assert arrange(found, Roles(text=(1, 0))).examples["text"].to_pylist() == ["y\nx", "y", "x", ""]


def test_wide_takes_the_majority_and_of_equals_the_one_further_left() -> None:
    rows = [["t1", "a", "b", "b"], ["t2", "b", "a", ""], ["t3", "", None, ""], ["t4", "c", "", "d"]]
    found = read_table(["text", "ada", "ben", "ben"], rows)
    arranged = arrange(found, Roles(text=(0,), annotators=(1, 2, 3)))
    assert arranged.examples["label"].to_pylist() == ["b", "b", None, "c"]
    assert arranged.annotations.select(["example_id", "annotator", "label"]).to_pylist() == [
        {"example_id": example, "annotator": annotator, "label": label}
        for example, annotator, label in [
            ("r1", "ada", "a"), ("r1", "ben (column 3)", "b"), ("r1", "ben (column 4)", "b"),
            ("r2", "ada", "b"), ("r2", "ben (column 3)", "a"),
            ("r4", "ada", "c"), ("r4", "ben (column 4)", "d"),
        ]
    ]  # fmt: skip


def test_wide_with_a_label_column_keeps_that_label() -> None:
    found = read_table(["text", "label", "ada", "ben"], [["t", "x", "y", "y"], ["u", "", "y", "y"]])
    arranged = arrange(found, Roles(text=(0,), label=1, annotators=(2, 3)))
    assert arranged.examples["label"].to_pylist() == ["x", None]
    assert arranged.annotations.num_rows == 4


def test_long_by_id() -> None:
    rows = [
        ["i2", "two", "ann", "x", "2026-01-01", "v1"],
        ["i1", "one", "ann", "x", "2026-01-02", "v1"],
        ["i2", "two!", "ben", "y", "2026-01-03", "v2"],
        ["i1", "one", "ben", "", "2026-01-04", "v2"],
        ["i1", "one", "", "y", "2026-01-05", "v2"],
        ["i1", "one", "cid", "y", "2026-01-06", "v2"],
    ]
    found = read_table(["id", "text", "who", "label", "at", "rules"], rows)
    arranged = arrange(found, Roles(text=(1,), id=0, label=3, annotator=2, timestamp=4, guideline=5))
    assert arranged.example_ids.to_pylist() == ["i2", "i1", "i2", "i1", "i1", "i1"]
    # i2 was called x and y, x first; i1 was called y twice, once by nobody
    assert arranged.examples.select(["example_id", "row_number", "text", "label", "happened_at"]).to_pylist() == [
        {
            "example_id": "i2",
            "row_number": 1,
            "text": "two",
            "label": "x",
            "happened_at": "2026-01-01",
        },
        {"example_id": "i1", "row_number": 2, "text": "one", "label": "y", "happened_at": "2026-01-02"},
    ]
    assert [tuple(row.values()) for row in arranged.annotations.to_pylist()] == [
        ("i2", "ann", "x", "2026-01-01", "v1"),
        ("i1", "ann", "x", "2026-01-02", "v1"),
        ("i2", "ben", "y", "2026-01-03", "v2"),
        ("i1", "cid", "y", "2026-01-06", "v2"),
    ]
    assert len(arranged.notices) == 2  # two texts for i2; a label without a name


def test_long_without_an_id_goes_by_the_text() -> None:
    found = read_table(["text", "who", "label"], [["a", "x", "1"], ["b", "x", "1"], ["a", "y", "2"], ["", "y", "2"]])
    arranged = arrange(found, Roles(text=(0,), label=2, annotator=1))
    assert arranged.examples["example_id"].to_pylist() == ["r1", "r2", "r4"]
    assert arranged.example_ids.to_pylist() == ["r1", "r2", "r1", "r4"]


def test_json_cells_are_examined_as_a_person_reads_them(tmp_path: Path) -> None:
    path = write(
        tmp_path / "d.jsonl", '{"text": "a\\u00e9", "label": 1}\n{"label": null, "text": "b"}\n{"text": "c"}\n'
    )
    report = load_file(tmp_path, path, roles=RoleNames(text=("text",), label="label"))
    with Store(report.folder) as store:
        assert store.rows("SELECT text, label FROM examples ORDER BY row_number") == [
            ("aé", "1"),
            ("b", None),
            ("c", None),
        ]
        assert store.rows("SELECT c1 FROM source ORDER BY row_number") == [("1",), ("null",), (None,)]


def test_a_folder_of_parquet_is_listed_not_copied(tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    folder.mkdir()
    for part in (1, 2):
        pq.write_table(
            pa.table({"text": [f"one {part}", f"two {part}"], "label": ["a", "b"]}), folder / f"{part}.parquet"
        )
    report = load_file(tmp_path / "ws", folder)
    assert (report.name, report.rows) == ("parts", 4)
    listed = json.loads((report.folder / "source" / "files.json").read_text())
    assert [(Path(f["path"]).name, f["sha256"]) for f in listed] == [
        (f"{part}.parquet", hashlib.sha256((folder / f"{part}.parquet").read_bytes()).hexdigest()) for part in (1, 2)
    ]
    assert os.listdir(report.folder / "source") == ["files.json"]


def test_replacing_keeps_the_journal_and_the_decisions_that_still_fit(tmp_path: Path) -> None:
    path = write(tmp_path / "d.csv", "id,text,label\n1,one,a\n2,two,b\n3,three,a\n4,four,b\n")
    report = load_file(tmp_path, path, name="d")
    with Store(report.folder) as store:
        decide(store, ["1", "2", "3"], "keep", reviewer="Ada")
        decide(store, ["4"], "drop", reviewer="Ada")
        undo_last(store, "Ada")
        store.checkpoint()
    (report.folder / "scan").mkdir()
    write(path, "id,text,label\n2,two,b\n1,one,CHANGED\n5,five,a\n")
    with pytest.raises(UserError, match="There is a dataset 'd' already"):
        load_file(tmp_path, path, name="d")
    report = load_file(tmp_path, path, name="d", replace=True)
    assert (report.matching, report.unmatched) == (1, 2)
    assert not (report.folder / "scan").exists()
    assert (report.folder / "source" / "d.csv").read_text() == path.read_text()
    with Store(report.folder) as store:
        assert store.rows("SELECT example_id FROM verdicts") == [("2",)]
        assert store.value("SELECT count(*) FROM decisions") == 4
    assert len((report.folder / "journal.jsonl").read_text().splitlines()) == 5


def test_a_folder_with_only_a_journal_is_filled_again(tmp_path: Path) -> None:
    path = write(tmp_path / "d.csv", MESSAGES)
    report = load_file(tmp_path, path)
    with Store(report.folder) as store:
        decide(store, ["m1"], "keep", reviewer="Ada")
    (report.folder / DATABASE).unlink()
    assert load_file(tmp_path, path).matching == 1


def test_an_open_dataset_is_not_replaced(tmp_path: Path) -> None:
    path = write(tmp_path / "d.csv", MESSAGES)
    report = load_file(tmp_path, path)
    with Store(report.folder) as store:
        with pytest.raises(DatasetBusy):
            load_file(tmp_path, path, replace=True)
        assert len(_examples(store)) == 3
    assert sorted(p.name for p in tmp_path.iterdir()) == ["d", "d.csv"]


@pytest.mark.parametrize("moment", ["_verify", "_keep_source", "_move_into_place"])
def test_nothing_is_half_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    path = write(tmp_path / "d.csv", MESSAGES)
    load_file(tmp_path, path)

    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(save_module, moment, stopped)
    with pytest.raises(KeyboardInterrupt):
        load_file(tmp_path, write(tmp_path / "e.csv", MESSAGES.replace("card", "CARD")), name="d", replace=True)
    assert dataset_names(tmp_path) == ["d"]
    assert not list(tmp_path.glob(".loading-*"))
    with Store(tmp_path / "d") as store:
        assert _examples(store)[0] == ("m1", 1, "my card", "card")


def test_a_database_that_misreads_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = Store.rows

    def misread(store: Store, sql: str, params: tuple[()] = ()) -> list[tuple[object, ...]]:
        found = rows(store, sql, params)
        return [(*found[0][:2], found[0][2] - 1, *found[0][3:])] if "strlen" in sql else found

    monkeypatch.setattr(Store, "rows", misread)
    with pytest.raises(RuntimeError, match="does not hold what was read"):
        load_file(tmp_path, write(tmp_path / "d.csv", MESSAGES))
    assert not (tmp_path / "d").exists()


def test_a_file_that_changes_meanwhile_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "d.csv", MESSAGES)
    found = save_module.read_file(path)
    write(path, MESSAGES + "m9,late,card,\n")
    with pytest.raises(BadFile, match="changed while"):
        save(tmp_path, found, path, "d", Roles(text=(1,)))
    assert not (tmp_path / "d").exists()


def test_a_full_disk_is_seen_before_it_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(save_module, "free_bytes", lambda _: 100_000_000)
    with pytest.raises(UserError, match=r"needs 0\.5 GB of free disk space; there are 0\.1 GB"):
        load_file(tmp_path, write(tmp_path / "d.csv", MESSAGES))


def test_what_a_killed_load_left_is_cleared_after_a_day(tmp_path: Path) -> None:
    for name, age in (("old", 90_000), ("new", 60)):
        folder = tmp_path / f".loading-{name}"
        folder.mkdir()
        os.utime(folder, (time.time() - age,) * 2)
    load_file(tmp_path, write(tmp_path / "d.csv", MESSAGES))
    assert [path.name for path in tmp_path.glob(".loading-*")] == [".loading-new"]


def test_wrong_roles_leave_nothing(tmp_path: Path) -> None:
    with pytest.raises(BadRoles, match="no column 'labl'"):
        load_file(tmp_path / "ws", write(tmp_path / "d.csv", MESSAGES), roles=RoleNames(label="labl"))
    assert not (tmp_path / "ws").exists()


def test_options_are_passed_on_and_kept(tmp_path: Path) -> None:
    path = write(tmp_path / "d.csv", "x;text\n1;a,b\n2;c,d\n")
    report = load_file(tmp_path, path, options=ReadOptions(delimiter=";", header=False))
    with Store(report.folder) as store:
        assert store.value("SELECT count(*) FROM source") == 3
        assert json.loads(store.meta("options") or "")["delimiter"] == ";"


@pytest.mark.parametrize("name", ["", ".hidden", "a/b", "..", "x" * 81, "con", "LPT1.csv", "nul", "a b", "é", "a."])
def test_names_that_cannot_be_folders_everywhere(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match="cannot be the name"):
        check_name(tmp_path, name)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("My data (2).csv.gz", "My-data-2"),
        ("reviews.v2.jsonl", "reviews.v2"),
        ("parts/*.parquet", "parts"),
        ("con.csv", "data-con"),
        ("日本.csv", "data"),
        ("../x/_tickets_.tsv", "tickets"),
        ("x" * 200 + ".csv", "x" * 80),
    ],
)
def test_names_made_from_files(tmp_path: Path, path: str, name: str) -> None:
    assert dataset_name(Path(path)) == name
    check_name(tmp_path, name)
