"""Review: the grid of examples alike, each with its own decision, saved together."""

from pathlib import Path
from typing import Any

import pytest

from analysis.errors import NotSaved
from analysis.review.decide import decide
from analysis.store import Store
from tests.pages.app import make, opened
from tests.pages.reviewing import HOSTILE, alike, button, click, decisions, press, review, store, submit, text
from tests.scanned import scan_by_hand
from ui import review_grid

pytestmark = pytest.mark.usefixtures("quick_hands")


def test_the_grid_decides_each_and_all_as_one_batch(scanned: Path) -> None:
    alike(scanned)
    app = press(review(example="n0"), "G")
    assert app.query_params["view"] == "grid"
    assert "12 examples with **p**, suggested **q**" in text(app)
    assert [b.label for b in app.button if b.key.startswith("grid_save_")] == ["Decide these 12"]
    assert all(b.disabled for b in app.button if b.key.startswith("grid_save_"))
    app.pills(key="grid_n1").set_value("keep").run()
    assert [b.label for b in app.button if b.key.startswith("grid_save_")] == ["Decide 1 of these 12"]
    click(app, "grid_all_relabel_")
    app.pills(key="grid_n2").set_value("drop").run()
    assert "Chosen: 11 relabelled, 1 dropped. Nothing is saved yet." in text(app)
    assert decisions() == []
    click(app, "grid_save_")
    made = decisions()
    assert len(made) == 12
    assert made[:3] == [("n0", "relabel", "q", "Ada"), ("n1", "relabel", "q", "Ada"), ("n2", "drop", None, "Ada")]
    assert store().value("SELECT count(DISTINCT batch_id) FROM decisions") == 1
    assert store().rows("SELECT check_name FROM decisions WHERE example_id = 'n3'") == [("c03",)]
    assert "Saved: 11 relabelled, 1 dropped." in text(app)
    assert button(app, "Z").label == "Undo 12"
    press(app, "Z")
    assert store().rows("SELECT * FROM verdicts") == []
    assert "Taken back: 12 decisions." in text(app)
    press(app, "G")
    assert "view" not in app.query_params
    assert button(app, "K")


def test_where_all_are_shown_the_grid_goes_on_to_what_is_open(scanned: Path) -> None:
    alike(scanned)
    with Store(scanned) as opened_store:
        decide(opened_store, ["b"], "keep", reviewer="Grace")
    app = review(view="grid", state="all", example="n0")
    click(app, "grid_all_keep_")
    click(app, "grid_save_")
    assert len(decisions()) == 13
    assert app.query_params["example"] == "n12"  # b comes before it, and is decided
    assert app.pills(key="grid_n12")


def test_the_grid_is_not_offered_for_what_it_cannot_show_and_says_why(scanned: Path) -> None:
    with Store(scanned) as opened_store:
        decide(opened_store, ["b"], "keep", reviewer="Grace")
    assert not button(review(state="all", example="a"), "G").disabled
    for example in ("b", "c"):
        grid = button(review(state="all", example=example), "G")
        assert grid.disabled
        assert "decided, or not in the queue" in grid.help


def test_what_the_grid_saved_is_not_said_after_another_decision_nor_in_another_dataset(
    scanned: Path, workspace: Path
) -> None:
    with Store(make(workspace / "other")) as opened_store:
        scan_by_hand(opened_store)
    app = review(view="grid", dataset="tiny", state="all")
    app.pills(key="grid_b").set_value("keep").run()
    click(app, "grid_save_")
    assert "Saved: 1 kept." in text(app)
    app.query_params["dataset"] = "other"
    app.query_params.pop("example", None)
    app.run()
    assert "Saved: 1 kept." not in text(app)
    app.query_params["dataset"] = "tiny"
    app.query_params.pop("example", None)
    app.run()
    assert "Saved: 1 kept." in text(app)
    press(press(app, "G"), "U")
    assert "Saved: 1 kept." not in text(app)
    assert "Saved: a unsure." in text(app)


def test_a_grid_that_cannot_be_saved_keeps_what_was_chosen(scanned: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise NotSaved("Not saved: the disk is full.", "Free some disk space, then decide again.")

    monkeypatch.setattr(review_grid, "decide_each", full)
    app = review(view="grid")
    app.pills(key="grid_b").set_value("keep").run()
    click(app, "grid_save_")
    assert "the disk is full" in app.error[0].value
    assert app.pills(key="grid_b").value == "keep"


def test_two_presses_on_one_grid_are_one_batch(scanned: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    once = review_grid.decide_each

    def twice(*arguments: Any, **how: Any) -> Any:
        once(*arguments, **how)
        return once(*arguments, **how)

    monkeypatch.setattr(review_grid, "decide_each", twice)
    app = review(view="grid")
    app.pills(key="grid_b").set_value("keep").run()
    click(app, "grid_save_")
    assert decisions() == [("b", "keep", None, "Ada")]


def test_without_a_name_a_grid_asks_for_it_and_is_then_saved(scanned: Path) -> None:
    app = opened("review", view="grid")
    app.pills(key="grid_b").set_value("keep").run()
    click(app, "grid_save_")
    assert decisions() == []
    app.text_input(key="review_name").set_value("Ada")
    submit(app)
    assert decisions() == [("b", "keep", None, "Ada")]
    assert "Saved: 1 kept." in text(app)


def test_one_example_alone_says_that_no_other_is_like_it(scanned: Path) -> None:
    assert "1 example with **y**, suggested **z**. No other open one is like it" in text(review(view="grid"))


def test_there_is_no_grid_in_blind_mode_nor_for_what_is_decided(scanned: Path) -> None:
    app = review(view="grid", blind="yes")
    assert not app.pills
    assert not [b for b in app.main.button if b.proto.shortcut.lower() == "g"]
    with_c = review(view="grid", example="c")
    assert not with_c.pills
    assert button(with_c, "G")


def test_nothing_hostile_is_live_in_the_grid(scanned: Path) -> None:
    with Store(scanned) as opened_store, opened_store.transaction() as transaction:
        for table, column in (("examples", "text"), ("examples", "label"), ("findings", "message")):
            transaction.execute(f"UPDATE {table} SET {column} = ?", [HOSTILE])
        transaction.execute("UPDATE findings SET suggested_label = ?", [f"{HOSTILE}!"])
    app = review(view="grid")
    live = [str(part.value) for part in [*app.markdown, *app.caption]] + [str(part.help) for part in app.caption]
    assert len([part for part in live if "http" in part]) >= 2
    assert not [part for part in live if "](http" in part or "**bold**" in part]
