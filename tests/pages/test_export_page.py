"""Export: the sentence first, then every change, then the three files."""

from pathlib import Path

import pytest

from analysis.load.roles import RoleNames
from analysis.load.save import load_file
from analysis.review.decide import decide
from analysis.schema import Action, Decision
from analysis.store import Store
from tests.pages.app import forget_open_datasets, opened, said

CSV = "id,message,label\nt1,I was charged twice,double_charge\nt2,Where is my card,card_arrival\nt3,=1+1,card_lost\n"


@pytest.fixture
def loaded(workspace: Path, tmp_path: Path) -> Path:
    """A dataset of three examples, made from a file."""
    path = tmp_path / "messages.csv"
    path.write_text(CSV)
    return load_file(workspace, path, roles=RoleNames(text=("message",), label="label", id="id")).folder


def _decide(folder: Path, example: str, action: Action, label: str | None = None, reviewer: str = "Ada") -> None:
    with Store(folder) as store:
        content = store.value("SELECT content_hash FROM examples WHERE example_id = ?", [example])
        number = store.value("SELECT count(*) FROM decisions")
        store.record(
            [Decision(f"d{number}", example, content, action, label, reviewer, f"2026-03-14T10:00:{number:02}")]
        )


def test_without_decisions_nothing_changes(loaded: Path) -> None:
    app = opened("export")
    assert not app.exception
    assert "Nothing changes yet" in app.subheader[0].value
    assert len(app.get("download_button")) == 3


def test_the_sentence_counts_changes(loaded: Path) -> None:
    _decide(loaded, "t1", "relabel", "refund_status")
    _decide(loaded, "t2", "drop")
    app = opened("export")
    assert not app.exception
    assert app.subheader[0].value == "1 of 3 labels changes, 1 row is dropped."
    table = app.dataframe[0].value
    assert table["text"].tolist() == ["I was charged twice", "Where is my card"]
    assert table["before"].tolist() == ["double_charge", "card_arrival"]
    assert table["after"].tolist()[0] == "refund_status"


def test_reviewers_who_disagree_are_listed(loaded: Path) -> None:
    _decide(loaded, "t1", "keep")
    _decide(loaded, "t1", "relabel", "card_lost", reviewer="Grace")
    app = opened("export")
    assert "Reviewers disagree on 1 example" in said(app)


def test_hostile_names_and_notes_stay_text(loaded: Path) -> None:
    _decide(loaded, "t1", "relabel", "![x](http://x)", reviewer="[y](http://y)")
    app = opened("export")
    assert not app.exception
    assert "](http" not in said(app)


def test_a_format_that_cannot_hold_the_data_is_a_sentence(workspace: Path, tmp_path: Path) -> None:
    path = tmp_path / "twice.csv"
    path.write_text("text,text,label\na,b,x\nc,d,y\n")
    load_file(workspace, path, roles=RoleNames(text=("#1",), label="label"))
    app = opened("export")
    assert not app.exception
    app.selectbox(key="export_format").set_value("jsonl").run()
    assert not app.exception
    assert app.error


def test_the_spreadsheet_safe_file_says_so_in_its_name(loaded: Path) -> None:
    app = opened("export")
    app.toggle(key="export_safe").set_value(True).run()
    assert "spreadsheet-safe" in said(app).replace("\\", "")
    app.selectbox(key="export_format").set_value("json").run()
    assert not app.exception
    assert not app.toggle


@pytest.fixture
def crowd(workspace: Path, tmp_path: Path) -> Path:
    """Three examples with three labels each, one row a label; the label in use is x, x and y."""
    path = tmp_path / "crowd.csv"
    given = {"i1": "xxy", "i2": "xxx", "i3": "yyx"}
    rows = [f"{i},text {i},{who},{label}" for i, all in given.items() for who, label in zip("abc", all, strict=True)]
    path.write_text("\n".join(["id,message,who,label", *rows]) + "\n")
    roles = RoleNames(text=("message",), label="label", id="id", annotator="who")
    return load_file(workspace, path, roles=roles).folder


def test_where_several_people_labelled_examples_and_rows_are_counted(crowd: Path) -> None:
    _decide(crowd, "i1", "keep")
    app = opened("export")
    assert app.subheader[0].value == "0 of 3 examples get another label, no row is dropped."
    assert "about 1 example, on 3 rows" in said(app)
    forget_open_datasets()
    _decide(crowd, "i2", "relabel", "z")
    _decide(crowd, "i3", "drop")
    app = opened("export")
    assert not app.exception
    assert app.subheader[0].value == "1 of 3 examples gets another label, 1 example is dropped with its 3 rows."
    assert "The column corrected_label says what was decided about 2 examples, on 6 rows" in said(app).replace("\\", "")


def test_where_several_people_labelled_the_added_column_has_one_of_several_right_labels(crowd: Path) -> None:
    with Store(crowd) as store:
        decide(store, ["i1"], "several", labels=["x", "y"], reviewer="Ada")
    app = opened("export")
    assert app.subheader[0].value == "0 of 3 examples get another label, no row is dropped."
    assert "in equal shares, corrected_label one of them." in said(app).replace("\\", "")


def test_one_label_per_example_is_offered_where_several_people_labelled(crowd: Path) -> None:
    app = opened("export")
    assert "3 rows: 3 by the consensus of those who labelled." in said(app)
    assert [button.label for button in app.get("download_button")][-1] == "One label per example"
    forget_open_datasets()
    _decide(crowd, "i1", "keep")
    _decide(crowd, "i3", "drop")
    app = opened("export")
    assert "2 rows: 1 as a person decided, 1 by the consensus of those who labelled." in said(app)
    assert "1 dropped example is left out." in said(app)
    app.selectbox(key="export_one_format").set_value("parquet").run()
    assert not app.exception


def test_one_label_per_example_is_not_offered_where_nobody_is_named(loaded: Path) -> None:
    assert "One label per example" not in said(opened("export"))
