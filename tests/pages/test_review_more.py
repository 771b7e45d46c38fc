"""Review beyond one label: several right ones, a colleague, the grid, when to stop, and acts that do not count."""

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from analysis.errors import NotSaved
from analysis.queries import asked
from analysis.review.ask import ask, take_back
from analysis.review.decide import decide
from analysis.schema import content_hash
from analysis.store import Store
from tests.pages.app import forget_open_datasets, make, opened
from tests.pages.reviewing import button, press, text
from tests.scanned import found, scan_by_hand
from tests.unit.test_trust_queries import flagged
from ui import review_ask, review_grid, review_record, session

HOSTILE = "![x](http://x) **bold** :material/delete:"


@pytest.fixture
def scanned(workspace: Path) -> Path:
    """Examples b (label y) and a (label x), flagged in this order, z suggested; c has no label and no flag."""
    with Store(make(workspace / "tiny")) as store:
        scan_by_hand(store)
    return workspace / "tiny"


@pytest.fixture(autouse=True)
def _quick_hands(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test presses faster than any person."""
    monkeypatch.setattr(review_record, "_DOUBLE_PRESS", 0.0)


def review(reviewer: str = "Ada", **parameters: str) -> AppTest:
    app = opened("review")
    app.session_state["reviewer"] = reviewer
    if parameters:
        app.query_params.pop("example", None)
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def click(app: AppTest, key: str) -> AppTest:
    """Click the button whose key begins like this."""
    (one,) = [b for b in app.button if b.key and b.key.startswith(key)]
    app = one.click().run()
    assert not app.exception
    return app


def store() -> Store:
    return session.store_of("tiny")


def decisions() -> list[tuple[Any, ...]]:
    return store().rows("SELECT example_id, action, new_label, reviewer FROM decisions ORDER BY sequence")


def alike(folder: Path, count: int = 14) -> None:
    """So many examples labelled p, for which q is suggested, after b and a."""
    with Store(folder) as opened_store:
        with opened_store.transaction() as transaction:
            for number in range(count):
                transaction.execute(
                    "INSERT INTO examples (example_id, row_number, text, label, content_hash) VALUES (?, ?, ?, 'p', ?)",
                    [f"n{number}", 10 + number, f"text {number}", content_hash(f"text {number}", "p")],
                )
        for number in range(count):
            found(opened_store, f"c{number:02}", [f"n{number}"], suggested="q")


def with_source(of: Store) -> None:
    """The file that the examples came from."""
    with of.transaction() as transaction:
        transaction.execute(
            "CREATE TABLE source AS SELECT row_number, example_id, text AS c0, label AS c1 FROM examples"
        )
        transaction.execute("INSERT INTO columns VALUES (0, 'text', 'text'), (1, 'label', 'text')")
        transaction.set_meta("roles", '{"text": [0], "label": 1}')


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
    assert "Saved: b 2 labels are right, y · z." in text(app)
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


def test_nobody_is_no_colleague(scanned: Path) -> None:
    app = click(press(review(), "Q"), "ask_save_b")
    assert "nobody is named to be asked" in app.error[0].value
    assert app.query_params["example"] == "b"
    assert store().journal.path.read_text() == ""


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


def test_blind_says_that_one_is_asked_but_not_by_whom_or_what(scanned: Path) -> None:
    with Store(scanned) as opened_store:
        ask(opened_store, "b", "Grace", asked_by="Kim", question="surely z?")
    app = review("Grace", blind="yes", asked="me")
    assert "You were asked to decide about it." in text(app)
    assert "Kim" not in text(app)
    assert "surely z?" not in text(app)
    assert "You ask Grace to decide: surely z?" in text(review("Kim", blind="yes"))


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


def test_without_a_name_a_grid_saves_nothing(scanned: Path) -> None:
    app = opened("review", view="grid")
    assert "give your name in the sidebar" in text(app)
    app.pills(key="grid_b").set_value("keep").run()
    assert all(b.disabled for b in app.button if b.key.startswith("grid_save_"))


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


def test_when_to_stop_is_said_where_it_can_be(scanned: Path) -> None:
    assert "label flags" not in text(review())
    forget_open_datasets()
    with Store(scanned) as opened_store:
        flagged(opened_store)
    app = review()
    (line,) = [part for part in app.caption if "label flags" in str(part.value) or "When to stop" in str(part.value)]
    assert "the models" in line.help


def test_review_and_overview_give_the_same_time_left(scanned: Path) -> None:
    with Store(scanned) as opened_store:
        for _ in range(10):
            decide(opened_store, ["c"], "unsure", reviewer="Grace", seconds=30)
    app = opened("overview")
    (left,) = [metric for metric in app.metric if metric.label == "Time left"]
    assert (left.value, left.delta) == ("≈ 1 min", "at 30 s each so far")
    assert "≈ 1 min at 30 s each so far" in progress(review())
    assert "≈ 1 min at your 30 s each" in progress(review("Grace"))


def test_lines_of_the_journal_that_do_not_count_are_told_with_the_next_step(scanned: Path) -> None:
    with Store(scanned) as opened_store:
        with_source(opened_store)
    lines = '{"kind": "of tomorrow"}\n{"kind": "of tomorrow"}\nnonsense\n'
    (scanned / "journal.jsonl").write_text(lines)
    assert "Some lines of the journal do not count here. The Export page says which" in text(review())
    app = opened("export")
    warnings = [part.value for part in app.warning]
    assert "2 lines of the journal that a newer Plumbline wrote (lines 1, 2). Export with that version." in warnings[0]
    assert "1 line of the journal that cannot be read (line 3). Look at journal.jsonl" in warnings[1]


def test_the_export_page_says_that_several_labels_are_right(scanned: Path) -> None:
    with Store(scanned) as opened_store:
        with_source(opened_store)
        decide(opened_store, ["a"], "several", labels=["x", "y"], reviewer="Ada")
    app = opened("export")
    assert not app.exception
    assert "Several labels are right for 1 example" in text(app)
    assert "Nothing changes yet" not in text(app)
    assert "0 of 3 labels change, no row is dropped." in text(app)
    forget_open_datasets()
    with Store(scanned) as opened_store:
        decide(opened_store, ["b"], "several", labels=["x", "z"], reviewer="Ada")
    assert "1 of 3 labels changes, no row is dropped." in text(opened("export"))


def progress(app: AppTest) -> str:
    (bar,) = app.get("progress")
    return str(bar.proto.text)
