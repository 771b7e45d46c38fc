"""Load: choosing a file, seeing how it was read, naming the columns, and one button that stores it and scans."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analysis.scan import job
from analysis.store import Store
from tests.pages.app import forget_open_datasets, make, opened, said
from ui import session

CSV = (
    "id,message,label\nt1,I was charged twice,double_charge\nt2,Where is my card,card_arrival\nt3,Card lost,card_lost\n"
)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The datasets whose scan was started; the scan itself has tests of its own."""
    names: list[str] = []
    monkeypatch.setattr(job, "start", lambda store: names.append(store.name))
    return names


def _chosen(path: Path) -> AppTest:
    app = opened("load")
    app.text_input(key="load_typed_0").set_value(str(path)).run()
    assert not app.exception
    return app


def _write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_a_file_by_its_path_becomes_a_dataset_and_is_scanned(
    workspace: Path, tmp_path: Path, started: list[str]
) -> None:
    app = _chosen(_write(tmp_path, "messages.csv", CSV))
    assert "messages.csv · CSV · utf-8 · separated by comma · 3 rows · 3 columns" in said(app)
    assert "I was charged twice" in said(app)  # the card
    app.button(key="load_and_scan").click().run()
    assert not app.exception
    assert [title.value for title in app.header] == ["Overview"]
    assert app.query_params["dataset"] == "messages"
    assert started == ["messages"]
    forget_open_datasets()
    with Store(workspace / "messages") as store:
        assert store.rows("SELECT example_id, text, label FROM examples ORDER BY row_number") == [
            ("t1", "I was charged twice", "double_charge"),
            ("t2", "Where is my card", "card_arrival"),
            ("t3", "Card lost", "card_lost"),
        ]


def test_roles_can_be_corrected(workspace: Path, tmp_path: Path, started: list[str]) -> None:
    app = _chosen(_write(tmp_path, "messages.csv", CSV))
    text = next(widget for widget in app.multiselect if widget.label == "Text")
    text.set_value([0, 1]).run()
    next(widget for widget in app.selectbox if widget.label == "Id").set_value(-1).run()
    app.text_input[-1].set_value("both").run()
    app.button(key="load_and_scan").click().run()
    assert not app.exception
    assert not app.error, app.error[0].value
    assert started == ["both"]
    forget_open_datasets()
    with Store(workspace / "both") as store:
        assert store.value("SELECT text FROM examples WHERE example_id = 'r2'") == "t2\nWhere is my card"


def test_what_several_people_labelled_is_counted_and_shown_before_it_is_loaded(workspace: Path, tmp_path: Path) -> None:
    rows = [f"i{i},text {i},w{who},{'xy'[who % 2]}" for i in range(5) for who in range(14 - (i == 4))]
    app = _chosen(_write(tmp_path, "crowd.csv", "\n".join(["item_id,message,annotator_id,label", *rows]) + "\n"))
    assert "**5 examples, 14 annotators, 13 to 14 labels each**" in said(app)
    assert "w0:  x\nw1:  y\n" in said(app)
    assert "and:  2 more" in said(app)
    text = next(widget for widget in app.multiselect if widget.label == "Text")
    assert text.options == ["item_id", "message", "annotator_id", "label"]  # a sample in each would not fit


def test_an_encoding_is_asked_before_anything_is_stored(workspace: Path, tmp_path: Path) -> None:
    app = _chosen(_write(tmp_path, "prices.csv", "text,label\nprix très élevé,neg\nça va,pos\n".encode("cp1252")))
    assert "not UTF\\-8" in app.info[0].value
    assert "load_and_scan" not in [button.key for button in app.button]
    app.selectbox(key="load_must_answer").set_value("cp1252").run()
    app.button(key="load_answer").click().run()
    assert "prix très élevé" in said(app)
    assert not (workspace / "prices").exists()


def test_rows_that_cannot_be_read_are_shown_with_their_line(workspace: Path, tmp_path: Path) -> None:
    app = _chosen(_write(tmp_path, "messages.csv", CSV + "a,b\n"))
    set_aside = app.dataframe[0].value
    assert list(set_aside["line"]) == [5]
    assert list(set_aside["raw"]) == ["a,b"]


def test_a_file_that_cannot_be_read_is_a_sentence_with_a_next_step(workspace: Path, tmp_path: Path) -> None:
    app = _chosen(_write(tmp_path, "![x](http:.csv", b"\x89PNG\r\n\x1a\n"))
    assert "an image" in app.error[0].value.replace("\\", "")
    assert "![" not in app.error[0].value
    app.button(key="load_again").click().run()
    assert not app.error
    assert app.text_input(key="load_typed_2")


def test_a_missing_path_is_a_sentence(workspace: Path, tmp_path: Path) -> None:
    app = _chosen(tmp_path / "nothing.csv")
    assert "nothing" in app.error[0].value


def test_one_role_for_two_columns_is_refused_and_nothing_is_stored(
    workspace: Path, tmp_path: Path, started: list[str]
) -> None:
    app = _chosen(_write(tmp_path, "messages.csv", CSV))
    next(widget for widget in app.selectbox if widget.label == "Split").set_value(2).run()
    app.button(key="load_and_scan").click().run()
    assert "Give each column one role" in app.error[0].value
    assert not (workspace / "messages").exists()
    assert not started


def test_a_taken_name_is_replaced_only_when_asked(workspace: Path, tmp_path: Path, started: list[str]) -> None:
    make(workspace / "messages")
    app = _chosen(_write(tmp_path, "messages.csv", CSV))
    name = app.text_input[-1]
    assert name.value == "messages-2"
    name.set_value("messages").run()
    assert app.button(key="load_and_scan").disabled
    app.toggle(key="load_replace").set_value(True).run()
    app.button(key="load_and_scan").click().run()
    assert not app.exception
    assert not app.error
    forget_open_datasets()
    with Store(workspace / "messages") as store:
        assert store.value("SELECT count(*) FROM source") == 3


def test_an_upload_goes_through_a_copy_with_a_name_of_our_own(workspace: Path, started: list[str]) -> None:
    app = opened("load")
    app.file_uploader[0].upload("../../![x](http:.csv", CSV.encode(), "text/csv").run()
    assert not app.exception
    kept = list((workspace / ".incoming").glob("*/*"))
    assert [path.name for path in kept] == ["x__http_.csv"]
    app.button(key="load_and_scan").click().run()
    assert not app.exception
    assert started == ["x__http"]
    assert not list((workspace / ".incoming").glob("*"))


def test_a_sample_is_one_click(
    workspace: Path, tmp_path: Path, started: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "sample_data" / "two-letters"
    folder.mkdir(parents=True)
    (folder / "two_letters.csv").write_text(CSV)
    (folder / "truth.csv").write_text("id,planted\n")
    (folder / "README.md").write_text("# Two letters\n\nThree messages\nfrom nobody.\n\nMore.\n")
    monkeypatch.setattr(session, "PROJECT", tmp_path)
    app = opened("load")
    assert "Three messages from nobody." in said(app)
    app.button(key="sample_two-letters").click().run()
    assert not app.exception
    assert app.query_params["dataset"] == "two-letters"
    assert [title.value for title in app.header] == ["Overview"]
    app.switch_page("pages/load.py").run()
    app.button(key="sample_two-letters").click().run()  # it is there already
    assert not app.exception
    assert not app.error
    assert [title.value for title in app.header] == ["Overview"]


def test_the_place_of_a_slow_reading_is_kept_in_every_run_so_that_the_form_never_moves(
    workspace: Path, tmp_path: Path, started: list[str]
) -> None:
    app = _chosen(_write(tmp_path, "messages.csv", CSV))
    first = [type(part).__name__ for part in app.main.children.values()]
    again = [type(part).__name__ for part in app.run().main.children.values()]
    assert first == again
