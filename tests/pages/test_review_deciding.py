"""Review: what is shown is what is decided, once, and can be taken back."""

import time
from pathlib import Path
from typing import Any

import pytest

from analysis.errors import NotSaved
from analysis.review.decide import decide
from analysis.store import Store
from tests.pages.reviewing import (
    HOSTILE,
    button,
    click,
    press,
    progress,
    review,
    rows,
    shown,
    store,
    submit,
    text,
)
from ui import review_record

pytestmark = pytest.mark.usefixtures("quick_hands")


@pytest.mark.parametrize(
    ("key", "action", "label"),
    [("K", "keep", None), ("A", "relabel", "z"), ("D", "drop", None), ("U", "unsure", None), ("1", "relabel", "x")],
)
def test_a_press_saves_one_decision_on_what_was_shown_and_goes_on(
    scanned: Path, key: str, action: str, label: str | None
) -> None:
    app = press(review(), key)
    assert rows() == [("b", action, label, "wrong", "Ada", "")]
    assert shown(app) == "a"
    assert "Saved: b " in text(app)


def test_another_label_is_chosen_from_the_list(scanned: Path) -> None:
    app = review()
    app.selectbox(key="other_b").select("x").run()
    assert rows() == [("b", "relabel", "x", "wrong", "Ada", "")]
    assert shown(app) == "a"


def test_the_decision_names_the_check_that_is_followed(scanned: Path) -> None:
    press(review(check="odd"), "K")
    assert rows() == [("b", "keep", None, "odd", "Ada", "")]


def test_two_presses_on_one_view_are_one_decision(scanned: Path) -> None:
    app = review()

    def twice(*arguments: Any, **how: Any) -> Any:
        decide(*arguments, **how)
        return decide(*arguments, **how)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(review_record, "decide", twice)
        press(app, "K")
    assert [row[0] for row in rows()] == ["b"]


def test_the_second_half_of_a_double_press_does_not_decide_the_next_example(
    scanned: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review_record, "_DOUBLE_PRESS", 1000.0)
    app = press(review(), "K")
    app.query_params["example"] = "b"  # the browser has not heard of the first half yet
    app = press(app, "K")
    assert [row[0] for row in rows()] == ["b"]
    assert shown(app) == "a"
    assert "Too fast, not taken: the last press." in text(app)


def test_a_press_on_a_view_that_has_taken_its_decision_is_told_and_changes_nothing(scanned: Path) -> None:
    app = review()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(review_record.uuid, "uuid4", lambda: "11111111-1111-4111-8111-111111111111")  # of both views
        press(press(app.run(), "K"), "U")
    assert [row[:2] for row in rows()] == [("b", "keep")]
    assert "Too fast, not taken: the last press." in text(app)


def test_undo_takes_the_latest_back_and_shows_it_again(scanned: Path) -> None:
    app = press(press(review(), "K"), "Z")
    assert shown(app) == "b"
    assert "Taken back: 1 decision. b is open again." in text(app)
    assert button(app, "Z").disabled
    with_undo = rows()
    assert len(with_undo) == 1
    assert "0 of 2" in progress(app)


def test_undo_of_a_batch_says_how_many(scanned: Path) -> None:
    with Store(scanned) as store:
        decide(store, ["a", "b"], "drop", reviewer="Ada")
    app = review(example="c")
    assert button(app, "Z").label == "Undo 2"
    press(app, "Z")
    assert "Taken back: 2 decisions" in text(app)


def test_skip_and_previous_decide_nothing(scanned: Path) -> None:
    app = press(review(), "S")
    assert shown(app) == "a"
    press(app, "J")
    assert shown(app) == "b"
    assert button(app, "J").disabled
    assert rows() == []


def test_what_is_said_of_an_act_names_its_example_and_goes_with_the_next(scanned: Path) -> None:
    app = press(review(), "U")
    assert "Saved: b unsure." in text(app)
    press(app, "S")
    assert "Saved: b" not in text(app)
    assert "Skipped: a stays open." in text(app)
    press(app, "J")
    assert "Skipped" not in text(app)
    assert "Saved last: b unsure." in text(app)


def test_skip_goes_round(scanned: Path) -> None:
    app = press(review(example="a"), "S")
    assert shown(app) == "b"


def test_a_note_is_saved_with_the_decision(scanned: Path) -> None:
    app = review()
    app.text_area(key="note_b").set_value(f"see clause 4.2\n{HOSTILE}").run()
    press(app, "U")
    assert rows()[0][-1] == f"see clause 4.2\n{HOSTILE}"
    assert "Saved: b unsure, with a note." in text(app)
    app = press(app, "J")
    assert "Decided by Ada (you): unsure – see clause 4.2" in text(app)


def test_undo_puts_the_note_back(scanned: Path) -> None:
    app = review()
    app.text_area(key="note_b").set_value("see clause 4.2").run()
    app = press(press(app, "U"), "Z")
    assert shown(app) == "b"
    assert app.text_area(key="note_b").value == "see clause 4.2"
    press(app, "K")
    assert rows()[-1][-1] == "see clause 4.2"


def test_what_was_said_gives_way_to_what_was_done_elsewhere_and_to_time(
    scanned: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = press(review(), "U")
    assert "Saved: b unsure." in text(app)
    decide(store(), ["a", "c"], "drop", reviewer="Ada")  # as the map does
    app.run()
    assert "Saved: b unsure." not in text(app)
    assert "Saved last: 2 examples dropped." in text(app)
    app = press(app, "Z")
    assert "Taken back: 2 decisions." in text(app)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 600)
    app.run()
    assert "Taken back" not in text(app)
    assert "Saved last: b unsure." in text(app)


def test_the_first_decision_asks_for_the_name_and_is_then_taken(scanned: Path) -> None:
    app = review(reviewer=None)
    assert "the first one asks for your name" in text(app)
    press(press(app, "S"), "J")
    assert "Saved" not in text(app)
    press(app, "A")
    assert rows() == []
    assert shown(app) == "b"
    assert not [b for b in app.main.button if b.proto.shortcut], "no key decides behind the question"
    app.text_input(key="review_name").set_value(f" Ada {HOSTILE}")
    submit(app)
    assert rows() == [("b", "relabel", "z", "wrong", f"Ada {HOSTILE}", "")]
    assert shown(app) == "a"
    press(app, "K")
    assert [row[0] for row in rows()] == ["b", "a"], "it is asked once"


def test_without_a_name_typed_nothing_is_saved_and_the_question_can_be_left(scanned: Path) -> None:
    app = press(review(reviewer=None), "K")
    submit(app)
    assert rows() == []
    assert not app.text_input
    assert shown(app) == "b"
    assert button(press(app, "S"), "K").label == "Keep **x**"
    assert rows() == []


def test_another_label_chosen_without_a_name_waits_for_it(scanned: Path) -> None:
    app = review(reviewer=None)
    app.selectbox(key="other_b").select("x").run()
    assert rows() == []
    assert app.selectbox(key="other_b").value is None
    app.text_input(key="review_name").set_value("Ada")
    submit(app)
    assert rows() == [("b", "relabel", "x", "wrong", "Ada", "")]


def test_a_name_that_is_known_here_is_one_press(scanned: Path) -> None:
    with Store(scanned) as opened_store:
        decide(opened_store, ["c"], "unsure", reviewer="Grace")
    app = press(review(reviewer=None), "U")
    app = click(app, "review_name_0")
    assert rows()[1] == ("b", "unsure", None, "wrong", "Grace", "")


@pytest.mark.parametrize(("key", "what"), [("M", "several_b"), ("Q", "ask_whom_b")])
def test_a_dialog_that_needs_a_name_opens_once_it_is_given(scanned: Path, key: str, what: str) -> None:
    app = press(review(reviewer=None), key)
    assert what not in [box.key for box in (*app.multiselect, *app.selectbox)]
    app.text_input(key="review_name").set_value("Ada")
    submit(app)
    assert what in [box.key for box in (*app.multiselect, *app.selectbox)]
    assert rows() == []


def test_the_name_can_be_given_in_the_sidebar_too(scanned: Path) -> None:
    with Store(scanned) as opened_store:
        decide(opened_store, ["c"], "unsure", reviewer="Ada")
    app = review(reviewer=None)
    assert [box.label for box in app.selectbox].count("Reviewer") == 1
    app.selectbox(key="reviewer_sidebar_0_").select_index(0).run()
    assert not app.exception
    press(app, "K")
    assert rows()[1] == ("b", "keep", None, "wrong", "Ada", "")


def test_a_failed_save_stays_on_the_example_and_says_why(scanned: Path) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise NotSaved("Not saved: the disk is full.", "Free some disk space, then decide again.")

    app = review()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(review_record, "decide", full)
        press(app, "K")
    assert shown(app) == "b"
    assert "the disk is full" in app.error[0].value
    assert not [b for b in app.main.button if b.proto.shortcut], "no key decides behind the message"
    assert rows() == []
    app.run()  # the message is closed
    assert not app.error
    assert "Not saved: b is as it was." in text(app)
    press(app, "K")
    assert "Saved: b kept." in text(app)
    assert len(rows()) == 1


def test_an_example_without_a_label_cannot_be_kept(scanned: Path) -> None:
    app = review(example="c")
    assert button(app, "K").disabled
    assert "Keep – it has no label" in button(app, "K").label
    press(app, "2")
    assert rows() == [("c", "relabel", "y", None, "Ada", "")]
