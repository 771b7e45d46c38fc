"""Data map: one decision for all of a region, which can be taken back."""

from pathlib import Path

import pytest

from analysis.errors import NotSaved
from analysis.store import Store
from tests.pages.app import forget_open_datasets, opened, said
from tests.pages.mapping import EVERYTHING, SQUARE, button, make_mapped, named


@pytest.fixture
def mapped(workspace: Path) -> Path:
    """The small dataset."""
    return make_mapped(workspace / "tiny")


def _verdicts(folder: Path) -> dict[str, tuple[str, str | None, str]]:
    forget_open_datasets()
    with Store(folder) as store:
        rows = store.rows("SELECT example_id, action, new_label, note FROM verdicts")
    return {example: (action, label, note) for example, action, label, note in rows}


def test_nobody_decides_without_a_name(mapped: Path) -> None:
    app = opened("data_map", region=SQUARE)
    deciding = [button for button in app.main.button if button.label.startswith(("Relabel", "Keep", "Drop", "Unsure"))]
    assert len(deciding) == 5
    assert all(button.disabled for button in deciding)


def test_one_decision_for_a_region_is_one_batch_and_undo_takes_it_back(mapped: Path) -> None:
    app = named(region=EVERYTHING)
    (label,) = [box for box in app.selectbox if box.label == "New label"]
    label.select("y").run()
    app.text_area[0].set_value("same thing").run()
    button(app, "Relabel 3 examples to y").click().run()
    assert not app.exception
    assert "Saved: 2 examples relabelled to y, 1 example kept." in said(app)
    assert "3 decided" in said(app)
    assert _verdicts(mapped) == {
        "a": ("relabel", "y", "same thing"),
        "b": ("keep", None, "same thing"),
        "c": ("relabel", "y", "same thing"),
    }
    with Store(mapped) as store:
        assert store.value("SELECT count(DISTINCT batch_id) FROM decisions") == 1
    app.run()
    button(app, "Undo 3").click().run()
    assert not app.exception
    assert "Taken back: 3 decisions." in said(app)
    assert _verdicts(mapped) == {}


def test_examples_without_a_label_are_not_kept(mapped: Path) -> None:
    app = named(region=EVERYTHING)
    assert "1 example has no label" in said(app)
    button(app, "Keep 2").click().run()
    assert {example: action for example, (action, _, _) in _verdicts(mapped).items()} == {"a": "keep", "b": "keep"}


def test_undo_is_offered_also_when_nothing_is_left_to_show(mapped: Path) -> None:
    app = named(region=EVERYTHING, show="open")
    button(app, "Drop 2").click().run()
    assert not app.exception
    assert [one.value for one in app.success] == ["Saved: 2 examples dropped."]
    assert "They no longer match “Flagged, not decided”" in said(app)
    assert "Nothing that the map shows" not in said(app)
    button(app, "Undo 2").click().run()
    assert "2 examples selected" in said(app)
    assert "Taken back: 2 decisions." in said(app)
    assert app.get("tab_container")[0].proto.tab_container.default_tab_index == 2, "Decide, where it was taken"


def test_what_was_done_to_one_region_is_not_said_of_another(mapped: Path) -> None:
    app = named(region=SQUARE, show="open")
    button(app, "Drop 1").click().run()
    assert app.success
    app.query_params["region"] = "8,8;9,8;9,9"
    app.run()
    assert not app.success
    assert "Nothing that the map shows lies in this region." in said(app)


def test_each_gets_the_label_that_is_suggested_for_it(mapped: Path) -> None:
    with Store(mapped) as store, store.transaction() as transaction:
        transaction.execute("UPDATE findings SET suggested_label = 'x' WHERE check_name = 'odd' AND subject_id = 'b'")
        transaction.execute("UPDATE examples SET label = 'y' WHERE example_id = 'b'")
    forget_open_datasets()
    app = named(region=EVERYTHING)
    assert app.dataframe[0].value.set_index("example_id")["suggested_label"].to_dict() == {"a": "z", "b": "x", "c": ""}
    button(app, "Relabel each to its suggestion (2 of 3 have one)").click().run()
    assert not app.exception
    assert "Saved: 1 example relabelled to z, 1 example relabelled to x." in said(app)
    assert _verdicts(mapped) == {"a": ("relabel", "z", ""), "b": ("relabel", "x", "")}
    app.run()
    button(app, "Undo 2").click().run()
    assert _verdicts(mapped) == {}


def test_nothing_is_offered_where_nothing_is_suggested(mapped: Path) -> None:
    with Store(mapped) as store, store.transaction() as transaction:
        transaction.execute("UPDATE findings SET suggested_label = NULL")
    forget_open_datasets()
    app = named(region=EVERYTHING)
    assert not [one for one in app.main.button if one.label.startswith("Relabel each")]
    shown = app.dataframe[0].value
    assert not [name for name in shown if (shown[name] == "").all()], "no column is empty throughout"


def test_a_decision_that_cannot_be_saved_says_why(mapped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = named(region=SQUARE)
    with monkeypatch.context() as patch:
        patch.setattr(Store, "record", _full_disk)
        button(app, "Drop 2").click().run()
    assert not app.exception
    assert "Not saved" in app.error[0].value
    assert _verdicts(mapped) == {}


def _full_disk(*_: object) -> None:
    raise NotSaved("Not saved: the disk is full.", "Free some space.")


def test_a_selection_can_be_taken_along_as_a_file(mapped: Path) -> None:
    app = opened("data_map", region=SQUARE)
    (download,) = [one for one in app.get("download_button") if one.key == "map_download"]
    assert download.label == "Download 2 examples as CSV"
