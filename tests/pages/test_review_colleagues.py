"""Review: a colleague is asked, answers, and the request is taken back."""

from pathlib import Path
from typing import Any

import pytest

from analysis.errors import NotSaved
from analysis.queries import asked
from analysis.review.ask import ask, take_back
from analysis.review.decide import decide
from analysis.store import Store
from tests.pages.app import opened
from tests.pages.reviewing import HOSTILE, click, press, progress, review, store, text
from ui import review_ask

pytestmark = pytest.mark.usefixtures("quick_hands")


def test_nobody_is_no_colleague(scanned: Path) -> None:
    app = click(press(review(), "Q"), "ask_save_b")
    assert "nobody is named to be asked" in app.error[0].value
    assert app.query_params["example"] == "b"
    assert store().journal.path.read_text() == ""


def test_a_colleague_is_asked_and_finds_it(scanned: Path) -> None:
    with Store(scanned) as opened_store:
        decide(opened_store, ["c"], "unsure", reviewer="Grace")
    app = press(review(), "Q")
    app.selectbox(key="ask_whom_b").select("Grace")
    app.text_area(key="ask_question_b").set_value(f"y or z? {HOSTILE}")
    click(app, "ask_save_b")
    app.run()
    assert app.query_params["example"] == "b"
    assert f"You ask Grace to decide: y or z? {HOSTILE}" in text(app)
    assert "Asked Grace." in text(app)
    assert store().value("SELECT assignment_id FROM assignments") == app.session_state["ask_id"]
    app = review("Grace")
    assert app.button(key="review_asked").label == "Asked of you: 1"
    app.button(key="review_asked").click().run()
    assert app.query_params["asked"] == "me"
    assert "0 of 1" in progress(app)
    assert "Ada asks you to decide" in text(app)
    press(app, "K")
    assert "Everything here is decided" in text(app)
    assert asked.count_open(store(), "Grace") == 0
    app = review("Ada", example="b")
    assert "You ask Grace to decide" in text(app)
    assert "(answered)" in text(app)
    assert not [b for b in app.button if b.key and b.key.startswith("ask_back_")]


def test_a_request_is_taken_back(scanned: Path) -> None:
    with Store(scanned) as opened_store:
        ask(opened_store, "b", "Grace", asked_by="Ada")
    app = review("Ben")
    assert "Ada asks Grace to decide" in text(app)
    assert not [b for b in app.button if b.key and b.key.startswith("ask_back_")]
    app = click(review("ADA"), "ask_back_")
    assert "Taken back: Grace is not asked any more." in text(app)
    assert "to decide" not in text(app)
    assert asked.count_open(store(), "Grace") == 0


def test_a_request_that_does_not_count_any_more_is_not_taken_back_in_silence(scanned: Path) -> None:
    with Store(scanned) as opened_store:
        ask(opened_store, "b", "Grace", asked_by="Ada", assignment_id="one")
    app = review("Ada")
    take_back(store(), "b", "one", asked_by="Ada")
    assert "Nothing was taken back: this request does not count any more." in text(click(app, "ask_back_"))


def test_a_request_that_cannot_be_saved_says_why(scanned: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise NotSaved("Not saved: the disk is full.", "Free some disk space, then ask again.")

    with Store(scanned) as opened_store:
        decide(opened_store, ["c"], "unsure", reviewer="Grace")
    monkeypatch.setattr(review_ask, "ask", full)
    app = press(review(), "Q")
    app.selectbox(key="ask_whom_b").select("Grace")
    click(app, "ask_save_b")
    assert "the disk is full" in app.error[0].value
    app.run()
    assert not app.error
    assert "Nobody was asked about b." in text(app)


def test_asked_of_me_without_a_name_asks_for_it(scanned: Path) -> None:
    app = opened("review", asked="me")
    assert "Give your name in the sidebar to see what you were asked" in text(app)
    assert "0 of 2" in progress(app)


def test_blind_says_what_one_is_asked_but_not_by_whom(scanned: Path) -> None:
    with Store(scanned) as opened_store:
        ask(opened_store, "b", "Grace", asked_by="Kim", question="surely z?")
    app = review("Grace", blind="yes", asked="me")
    assert "You are asked to decide: surely z?" in text(app)
    assert "Kim" not in text(app)
    assert "You ask Grace to decide: surely z?" in text(review("Kim", blind="yes"))


def test_who_decides_blind_stays_blind_where_colleagues_ask(scanned: Path) -> None:
    with Store(scanned) as opened_store:
        ask(opened_store, "b", "Grace", asked_by="Kim")
    app = review("Grace", blind="yes", state="all")
    app.button(key="review_asked").click().run()
    assert (app.query_params["asked"], app.query_params["blind"]) == ("me", "yes")
    assert "state" not in app.query_params


def test_what_was_asked_is_told_beside_its_example_and_to_who_asked_alone(scanned: Path) -> None:
    with Store(scanned) as opened_store:
        decide(opened_store, ["c"], "unsure", reviewer="Grace")
    app = press(review(), "Q")
    assert "not by mail" in text(app)
    app.selectbox(key="ask_whom_b").select("Grace")
    app = click(app, "ask_save_b").run()
    assert "Asked Grace. It is about b." in text(app)
    app.query_params["example"] = "a"
    assert "Asked Grace." not in text(app.run())
    app.query_params["example"] = "b"
    assert "Asked Grace." in text(app.run())
    app.session_state["reviewer"] = "Grace"
    assert "Asked Grace." not in text(app.run())


def test_conflicts_come_first_to_those_who_did_not_label_them(scanned: Path) -> None:
    with Store(scanned) as opened_store, opened_store.transaction() as transaction:
        for example, who, label in (("b", "ada", "x"), ("b", "Lee", "y"), ("c", "Kim", "y"), ("c", "Lee", "x")):
            transaction.execute("INSERT INTO annotations VALUES (?, ?, ?, NULL, NULL)", [example, who, label])
    assert review("Grace", conflicts="yes").query_params["example"] == "b"
    app = review("Ada", conflicts="yes")
    assert app.query_params["example"] == "c"
    assert "What you labelled yourself comes last" in text(app)
    assert "You labelled this example yourself" not in text(app)
    press(app, "S")
    assert app.query_params["example"] == "b"
    assert "You labelled this example yourself. Somebody who did not should decide: ask a colleague." in text(app)
