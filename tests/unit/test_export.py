"""What an export writes beside the data, what it refuses, and what a spreadsheet gets."""

import csv
import errno
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis import __version__
from analysis.errors import UserError
from analysis.export import FORMATS, export, export_bytes, write
from analysis.load.options import ReadOptions
from analysis.load.roles import RoleNames
from analysis.report.answers import export_lines
from analysis.review.ask import ask, take_back
from analysis.review.decide import decide, undo_last
from analysis.store import Store
from tests.loading import loaded

CSV = "id,message,label\nt1,charged twice,double\nt2,where is it,arrival\nt3,=1+1,lost\nt4,bye,\n"
ROLES = RoleNames(text=("message",), label="label", id="id")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Four examples from a CSV; t1 and t2 decided, t3 decided and taken back."""
    path = tmp_path / "messages.csv"
    path.write_text(CSV)
    with Store(_load(tmp_path, path, roles=ROLES)) as opened:
        decide(opened, ["t1"], "relabel", new_label="refund", reviewer="Ada", note="clear", check_name="label_error")
        decide(opened, ["t3"], "drop", reviewer="Ben")
        undo_last(opened, "Ben")
        decide(opened, ["t2"], "drop", reviewer="Ada")
        yield opened


def _load(folder: Path, path: Path, **options: Any) -> Path:
    return loaded(path, folder / "workspace", **options)


def _acts(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_manifest_says_where_the_file_comes_from_and_what_was_done(store: Store, tmp_path: Path) -> None:
    report = export(store, tmp_path / "out.csv")
    about = json.loads(report.manifest.read_text())
    assert about["source"]["name"] == "messages.csv"
    assert about["source"]["sha256"] == hashlib.sha256(CSV.encode()).hexdigest()
    assert (about["source"]["rows"], about["source"]["rows_set_aside"]) == (4, 0)
    data = (tmp_path / "out.csv").read_bytes()
    assert about["output"] == {
        "name": "out.csv",
        "format": "csv",
        "rows": 3,
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "spreadsheet_safe": False,
    }
    assert about["tool"] == f"Plumbline {__version__}"
    assert about["roles"] == {"text": ["message"], "label": "label", "id": "id"}
    assert about["decisions"] == {
        "recorded": 3,
        "undone": 1,
        "in_force": {"keep": 0, "relabel": 1, "drop": 1, "unsure": 0, "several": 0},
        "applied": 2,
        "unmatched": 0,
        "rows_removed": 1,
    }
    assert (report.rows, report.sha256, report.format) == (3, about["output"]["sha256"], "csv")


def test_the_data_holds_the_decisions_and_nothing_else_changes(store: Store, tmp_path: Path) -> None:
    export(store, tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == ("id,message,label\nt1,charged twice,refund\nt3,=1+1,lost\nt4,bye,\n")


def test_the_audit_trail_lists_undone_decisions_and_their_undo(store: Store, tmp_path: Path) -> None:
    report = export(store, tmp_path / "out.csv")
    assert report.decisions.name == "out.decisions.csv"
    acts = _acts(report.decisions)
    assert [(a["act"], a["example_id"], a["action"], a["reviewer"], a["undone"], a["in_force"]) for a in acts] == [
        ("decision", "t1", "relabel", "Ada", "False", "True"),
        ("decision", "t3", "drop", "Ben", "True", "False"),
        ("undo", "t3", "", "Ben", "", ""),
        ("decision", "t2", "drop", "Ada", "False", "True"),
    ]
    assert acts[0]["label"] == "double"
    assert (acts[0]["new_label"], acts[0]["note"], acts[0]["check_name"]) == ("refund", "clear", "label_error")
    assert acts[2]["decision_id"] == acts[1]["decision_id"]
    as_lines = export(store, tmp_path / "out.jsonl").decisions.read_text().splitlines()
    assert [json.loads(line)["act"] for line in as_lines] == ["decision", "decision", "undo", "decision"]
    assert "action" not in json.loads(as_lines[2])


def test_a_decision_about_what_the_example_no_longer_says_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "messages.csv"
    path.write_text(CSV)
    folder = _load(tmp_path, path, roles=ROLES)
    with Store(folder) as store:
        decide(store, ["t1"], "relabel", new_label="refund", reviewer="Ada")
    path.write_text(CSV.replace("charged twice", "charged once"))
    _load(tmp_path, path, roles=ROLES, replace=True)
    with Store(folder) as store:
        report = export(store, tmp_path / "out.csv")
        assert (tmp_path / "out.csv").read_text() == path.read_text()
        assert report.preview.unmatched == 1
        assert json.loads(report.manifest.read_text())["decisions"]["unmatched"] == 1
        (act,) = _acts(report.decisions)
        assert (act["fits"], act["in_force"]) == ("False", "False")


def test_the_format_follows_from_the_ending(store: Store, tmp_path: Path) -> None:
    assert export(store, tmp_path / "out.PARQUET").format == "parquet"
    assert export(store, tmp_path / "out.data", "json").format == "json"
    with pytest.raises(UserError, match=r"'out\.docx' does not end like a format"):
        export(store, tmp_path / "out.docx")
    with pytest.raises(UserError, match="'word' is no format"):
        export(store, tmp_path / "out.csv", "word")


def test_the_three_files_for_a_browser(store: Store) -> None:
    files = export_bytes(store, "tsv")
    assert list(files) == [
        "data-corrected.tsv",
        "data-corrected.decisions.csv",
        "data-corrected.manifest.json",
    ]
    assert files["data-corrected.tsv"].startswith(b"id\tmessage\tlabel\nt1\t")
    assert not list((store.folder / "tmp").glob("export-*"))


def test_a_spreadsheet_safe_file_runs_nothing_and_says_so_in_its_name(store: Store, tmp_path: Path) -> None:
    report = export(store, tmp_path / "out.csv", spreadsheet_safe=True)
    assert report.path.name == "out.spreadsheet-safe.csv"
    assert "t3,'=1+1,lost" in report.path.read_text()
    assert json.loads(report.manifest.read_text())["output"]["spreadsheet_safe"] is True
    with pytest.raises(UserError, match="Spreadsheet-safe is a way to write CSV and TSV, not xlsx"):
        export(store, tmp_path / "out.xlsx", spreadsheet_safe=True)


def test_everything_that_a_spreadsheet_would_run_gets_an_apostrophe(tmp_path: Path) -> None:
    risky = ["=1", "+1", "-1", "@a", "\tx", "\rx"]
    path = tmp_path / "x.jsonl"
    path.write_text("".join(json.dumps({"text": cell, "label": f"a{cell}"}) + "\n" for cell in risky))
    with Store(_load(tmp_path, path, roles=RoleNames(text=("text",), label="label"))) as store:
        safe = export(store, tmp_path / "out.csv", spreadsheet_safe=True).path
    with safe.open(newline="") as file:
        assert list(csv.reader(file))[1:] == [["'" + cell, f"a{cell}"] for cell in risky]


def test_notes_in_the_audit_trail_are_safe_for_spreadsheets_too(store: Store, tmp_path: Path) -> None:
    decide(store, ["t4"], "unsure", reviewer="Ada", note="=cmd()")
    report = export(store, tmp_path / "out.csv", spreadsheet_safe=True)
    assert [act["note"] for act in _acts(report.decisions)][-1] == "'=cmd()"


def test_another_encoding_becomes_utf_8_and_is_noted(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes("text,label\ncafé,a\nthé,b\n".encode("cp1252"))
    with Store(_load(tmp_path, path, options=ReadOptions(encoding="cp1252"))) as store:
        report = export(store, tmp_path / "out.csv")
        assert report.notices == ("The file that was loaded is CP1252; the export is UTF-8.",)
        assert report.path.read_text("utf-8") == "text,label\ncafé,a\nthé,b\n"


def test_what_excel_cannot_hold_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text(f"text,label\n{'x' * 32_768},a\n")
    with Store(_load(tmp_path, path, roles=RoleNames(text=("text",), label="label"))) as store:
        with pytest.raises(UserError, match="a cell of 32,768 characters; Excel keeps 32,767"):
            export(store, tmp_path / "out.xlsx")
        assert not list(tmp_path.glob("out*"))
        assert not list(tmp_path.glob(".*partial"))


def test_the_longest_cell_that_excel_holds_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text(f"text,label\n{'x' * 32_767},a\n")
    with Store(_load(tmp_path, path, roles=RoleNames(text=("text",), label="label"))) as store:
        export(store, tmp_path / "out.xlsx")
    assert len(openpyxl.load_workbook(tmp_path / "out.xlsx").worksheets[0]["A2"].value) == 32_767


def test_two_columns_of_one_name_cannot_be_json(tmp_path: Path) -> None:
    path = tmp_path / "twice.csv"
    path.write_text("text,text,label\na,b,x\n")
    with Store(_load(tmp_path, path, roles=RoleNames(text=("#1",), label="label"))) as store:
        with pytest.raises(UserError, match="2 columns are called 'text'"):
            export(store, tmp_path / "out.jsonl")
        export(store, tmp_path / "out.parquet")
        assert pq.ParquetFile(tmp_path / "out.parquet").schema_arrow.names == ["text", "text", "label"]


def test_a_label_with_the_delimiter_cannot_go_into_a_file_without_quoting(tmp_path: Path) -> None:
    path = tmp_path / "plain.csv"
    path.write_text("text,label\na,x\n")
    options = ReadOptions(encoding="utf-8", delimiter=",", quoting=False, header=True)
    with Store(_load(tmp_path, path, options=options, roles=RoleNames(text=("text",), label="label"))) as store:
        decide(store, ["r1"], "relabel", new_label="x, y", reviewer="Ada")
        with pytest.raises(UserError, match="'x, y' holds a line break or the delimiter"):
            export(store, tmp_path / "out.csv")
        assert not list(tmp_path.glob("out*"))


def test_a_new_label_must_fit_a_typed_column(tmp_path: Path) -> None:
    path = tmp_path / "typed.parquet"
    pq.write_table(pa.table({"text": ["a", "b"], "label": pa.array([0, 1], pa.int64())}), path)
    with Store(_load(tmp_path, path, roles=RoleNames(text=("text",), label="label"))) as store:
        decide(store, ["r1"], "relabel", new_label="2", reviewer="Ada")
        export(store, tmp_path / "out.parquet")
        assert pq.read_table(tmp_path / "out.parquet")["label"].to_pylist() == [2, 1]
        decide(store, ["r1"], "relabel", new_label="two", reviewer="Ada")
        with pytest.raises(UserError, match="'two' cannot stand in a column of type int64"):
            export(store, tmp_path / "out.parquet")
        export(store, tmp_path / "out.csv")
        assert (tmp_path / "out.csv").read_text() == "text,label\na,two\nb,1\n"


def test_the_file_that_was_loaded_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "messages.csv"
    path.write_text(CSV)
    with Store(_load(tmp_path, path, roles=ROLES)) as store:
        decide(store, ["t1"], "drop", reviewer="Ada")
        with pytest.raises(UserError, match="is the file that was loaded"):
            export(store, path)
        (tmp_path / "link").symlink_to(tmp_path)
        with pytest.raises(UserError, match="is the file that was loaded"):
            export(store, tmp_path / "link" / "messages.csv")
    assert path.read_text() == CSV


def test_one_of_several_loaded_files_is_not_overwritten_either(tmp_path: Path) -> None:
    for name in ("a", "b"):
        pq.write_table(pa.table({"text": [name], "label": [name]}), tmp_path / f"{name}.parquet")
    refused = pytest.raises(UserError, match=r"'b\.parquet' is the file that was loaded")
    with Store(_load(tmp_path, tmp_path / "*.parquet")) as store, refused:
        export(store, tmp_path / "b.parquet")


def test_an_unchanged_export_can_be_written_again(tmp_path: Path) -> None:
    path = tmp_path / "messages.csv"
    path.write_text(CSV)
    with Store(_load(tmp_path, path, roles=ROLES)) as store:
        export(store, tmp_path / "out.csv")
        assert (tmp_path / "out.csv").read_text() == CSV
        decide(store, ["t4"], "drop", reviewer="Ada")
        export(store, tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == CSV.replace("t4,bye,\n", "")


def test_the_datasets_own_files_are_out_of_reach(store: Store) -> None:
    before = store.journal.path.read_text()
    for name in ("journal.jsonl", "new.csv", "source/messages.csv"):
        with pytest.raises(UserError, match="inside the dataset's own folder"):
            export(store, store.folder / name)
    assert store.journal.path.read_text() == before


def test_a_folder_that_cannot_be_written_is_a_sentence(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(self: Path, mode: str = "r", *arguments: Any, **named: Any) -> Any:
        if "w" in mode:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(tmp_path))
        return opened(self, mode, *arguments, **named)

    opened = Path.open
    monkeypatch.setattr(Path, "open", refuses)
    with pytest.raises(UserError, match="cannot be written: Permission denied") as caught:
        export(store, tmp_path / "out.csv")
    assert caught.value.hint == "Choose a folder that you may write to and that has room."
    assert not list(tmp_path.glob("out*"))


def test_a_path_below_a_file_is_a_sentence(store: Store, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be written"):
        export(store, tmp_path / "messages.csv" / "out.csv")


def test_a_full_disk_leaves_the_earlier_exports_whole(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {}
    for format in FORMATS:
        path = export(store, tmp_path / f"out.{format}").path
        before[path] = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    decide(store, ["t4"], "drop", reviewer="Ada")
    monkeypatch.setattr(write.os, "fsync", full)
    for path in before:
        with pytest.raises(UserError, match="cannot be written: No space left on device"):
            export(store, path)
    assert {path: path.read_bytes() for path in before} == before
    assert not list(tmp_path.glob(".*partial"))


@pytest.mark.parametrize("format", FORMATS)
def test_where_several_people_labelled_every_format_and_the_manifest_say_what_was_decided(
    tmp_path: Path, format: str
) -> None:
    path = tmp_path / "crowd.csv"
    path.write_text("id,message,who,label\ni1,one,ada,x\ni1,one,ben,x\ni2,two,ada,y\ni2,two,ben,x\n")
    roles = RoleNames(text=("message",), label="label", id="id", annotator="who")
    with Store(_load(tmp_path, path, roles=roles)) as crowd:
        decide(crowd, ["i2"], "keep", reviewer="Ada")
        report = export(crowd, tmp_path / f"out.{format}")
    assert _last_row(report.path)[-1] == "y"  # of two equals the label in use is the one given first
    about = json.loads(report.manifest.read_text())
    assert about["decided"] == {"column": "corrected_label", "examples": 1, "rows": 2}
    assert "The column 'corrected_label' says what was decided about 1 example, on 2 rows." in export_lines(report, 200)


@pytest.mark.parametrize("format", FORMATS)
def test_soft_labels_are_in_every_format_beside_one_label(store: Store, tmp_path: Path, format: str) -> None:
    decide(store, ["t4"], "several", labels=["arrival", "lost"], reviewer="Ada")
    report = export(store, tmp_path / f"out.{format}")
    assert report.preview.several == 1
    label, soft = _last_row(report.path)
    assert label == "arrival"
    assert (soft if format in ("json", "jsonl") else json.loads(soft)) == {"arrival": 0.5, "lost": 0.5}
    about = json.loads(report.manifest.read_text())
    assert about["decisions"]["in_force"]["several"] == 1
    assert "last column" in about["several_right_labels"]


def _last_row(path: Path) -> tuple[Any, Any]:
    """The last two cells of the last row, as text."""
    if path.suffix == ".xlsx":
        row = [cell.value for cell in list(openpyxl.load_workbook(path).worksheets[0].iter_rows())[-1]]
    elif path.suffix == ".parquet":
        row = list(pq.read_table(path).to_pylist()[-1].values())
    elif path.suffix in (".csv", ".tsv"):
        with path.open(newline="") as file:
            row = list(csv.reader(file, delimiter="\t" if path.suffix == ".tsv" else ","))[-1]
    else:
        text = path.read_text()
        row = list(
            (json.loads(text) if path.suffix == ".json" else list(map(json.loads, text.splitlines())))[-1].values()
        )
    return row[-2], row[-1]


def test_an_export_of_json_gives_soft_labels_as_objects(tmp_path: Path) -> None:
    path = tmp_path / "messages.jsonl"
    path.write_text('{"text": "two", "label": "y"}\n{"text": "one", "label": "x"}\n')
    roles = RoleNames(text=("text",), label="label")
    with Store(_load(tmp_path, path, roles=roles)) as store:
        decide(store, ["r2"], "several", labels=["y", "x"], reviewer="Ada")
        report = export(store, tmp_path / "out.jsonl")
        for format, kind in (("csv", str), ("xlsx", str), ("parquet", str), ("json", dict)):
            assert isinstance(_last_row(export(store, tmp_path / f"other.{format}").path)[1], kind)
    assert report.path.read_text().splitlines() == [
        '{"text": "two", "label": "y"}',
        '{"text": "one", "label": "x", "soft_label": {"x": 0.5, "y": 0.5}}',
    ]
    (act,) = [json.loads(line) for line in report.decisions.read_text().splitlines()]
    assert act["labels"] == ["x", "y"]
    assert "new_label" not in act


def test_the_audit_trail_has_requests_and_several_labels(store: Store, tmp_path: Path) -> None:
    ask(store, "t4", "Grace", asked_by="Ada", question="lost or late?", assignment_id="q1")
    take_back(store, "t4", "q1", asked_by="Ada")
    decide(store, ["t4"], "several", labels=["arrival", "lost"], reviewer="Ada")
    acts = _acts(export(store, tmp_path / "out.csv").decisions)[-3:]
    assert [(a["act"], a["example_id"], a["reviewer"], a["asked"], a["note"]) for a in acts] == [
        ("assignment", "t4", "Ada", "Grace", "lost or late?"),
        ("undo", "t4", "Ada", "", ""),
        ("decision", "t4", "Ada", "", ""),
    ]
    assert (acts[0]["undone"], acts[0]["decision_id"], acts[1]["decision_id"]) == ("True", "q1", "q1")
    assert (acts[2]["labels"], acts[2]["new_label"]) == ('["arrival","lost"]', "arrival")


def test_journal_lines_that_do_not_count_are_in_the_manifest_and_the_preview(store: Store, tmp_path: Path) -> None:
    folder = store.folder
    lines = store.journal.path.read_text()
    store.close()
    (folder / "journal.jsonl").write_text(f'{lines}{{"kind": "of tomorrow"}}\nnonsense\n')
    with Store(folder) as again:
        report = export(again, tmp_path / "out.csv")
    assert (report.preview.unknown_lines, report.preview.unreadable_lines) == ((5,), (6,))
    about = json.loads(report.manifest.read_text())
    assert about["journal_lines_that_do_not_count"] == {"of_a_newer_version": [5], "unreadable": [6]}
