"""Review: several labels are right."""

from pathlib import Path
from typing import Any

import pytest

from analysis.errors import NotSaved
from analysis.review.decide import decide
from analysis.store import Store
from tests.pages.reviewing import (
    click,
    press,
    review,
    store,
    text,
)
from ui import review_record

pytestmark = pytest.mark.usefixtures("quick_hands")


def test_several_right_labels_are_chosen_saved_shown_and_taken_back(scanned: Path) -> None:
    app = press(review(), "M")
    box = app.multiselect(key="several_b")
    assert box.options == ["y", "z", "x"]  # those at hand first
    box.select("y").select("z")  # a run of the page would close the dialog
    click(app, "several_save_b")
    assert store().rows("SELECT example_id, action, labels, check_name FROM decisions") == [
        ("b", "several", ["y", "z"], "wrong")
    ]
    assert app.query_params["example"] == "a"
    app.run()
    assert "Saved: b has 2 right labels, y · z." in text(app)
    app.query_params["example"] = "b"
    app.run()
    assert "Decided by Ada (you): several labels are right: y, z" in text(app)
    press(app, "Z")
    assert store().rows("SELECT action FROM verdicts") == []


def test_several_right_labels_that_cannot_be_saved_stay_on_the_example(scanned: Path) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise NotSaved("Not saved: the disk is full.", "Free some disk space, then decide again.")

    app = press(review(), "M")
    app.multiselect(key="several_b").select("y").select("z")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(review_record, "decide", full)
        click(app, "several_save_b")
    assert "the disk is full" in app.error[0].value
    assert app.query_params["example"] == "b"


def test_the_likely_labels_are_preset(scanned: Path) -> None:
    app = press(review(), "M")
    assert app.multiselect(key="several_b").value == ["y", "z"], "the label it has and the suggested one"
    assert not app.button(key="several_save_b").disabled


def test_blind_offers_the_given_labels_first_and_no_suggestion(scanned: Path) -> None:
    with Store(scanned) as opened_store, opened_store.transaction() as transaction:
        transaction.execute("INSERT INTO annotations VALUES ('b', 'Kim', 'x', NULL, NULL)")
    app = press(review(blind="yes"), "M")
    assert app.multiselect(key="several_b").options == ["x", "y"]
    assert app.multiselect(key="several_b").value == []
    assert app.button(key="several_save_b").disabled, "one label is not several"


def test_several_right_labels_can_be_filtered_by(scanned: Path) -> None:
    with Store(scanned) as opened_store:
        decide(opened_store, ["a"], "several", labels=["x", "y"], reviewer="Grace")
    app = review(state="several")
    assert app.query_params["example"] == "a"
