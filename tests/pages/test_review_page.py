"""Review: what is shown is what is decided, once, and every way on leads somewhere."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from analysis.errors import NotSaved
from analysis.review.decide import decide
from analysis.review.selections import remove_selection, save_selection
from analysis.store import Store
from tests.pages.app import make, opened, said
from tests.pages.reviewing import button, press, text
from tests.scanned import found, scan_by_hand
from ui import review_record

HOSTILE = "![x](http://x) [y](http://y) **bold** :material/delete: $x$ <b>"


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


def review(reviewer: str | None = "Ada", **parameters: str) -> AppTest:
    """Review on the screen, with a reviewer."""
    app = opened("review", **parameters)
    assert not app.exception
    return named(app, reviewer) if reviewer else app


def named(app: AppTest, reviewer: str) -> AppTest:
    app.session_state["reviewer"] = reviewer
    return app.run()


def shown(app: AppTest) -> str:
    return app.query_params["example"]


def rows(app: AppTest) -> list[tuple[Any, ...]]:
    """Every decision, as the open dataset of the app has it."""
    from ui import session

    store = session.store_of("tiny")
    return store.rows(
        "SELECT example_id, action, new_label, check_name, reviewer, note FROM decisions ORDER BY sequence"
    )


def test_the_first_of_the_queue_opens_and_is_in_the_url(scanned: Path) -> None:
    app = review()
    assert shown(app) == "b"
    assert "Wrong: wrong says b" in text(app)
    assert "Odd: odd says b" in text(app)
    assert "two" in text(app)


def test_the_url_opens_an_example(scanned: Path) -> None:
    app = review(example="a")
    assert shown(app) == "a"
    assert "Wrong: wrong says a" in text(app)


@pytest.mark.parametrize(
    ("key", "action", "label"),
    [("K", "keep", None), ("A", "relabel", "z"), ("D", "drop", None), ("U", "unsure", None), ("1", "relabel", "x")],
)
def test_a_press_saves_one_decision_on_what_was_shown_and_goes_on(
    scanned: Path, key: str, action: str, label: str | None
) -> None:
    app = press(review(), key)
    assert rows(app) == [("b", action, label, "wrong", "Ada", "")]
    assert shown(app) == "a"
    assert "Saved: b " in text(app)


def test_another_label_is_chosen_from_the_list(scanned: Path) -> None:
    app = review()
    app.selectbox(key="other_b").select("x").run()
    assert rows(app) == [("b", "relabel", "x", "wrong", "Ada", "")]
    assert shown(app) == "a"


def test_the_decision_names_the_check_that_is_followed(scanned: Path) -> None:
    app = press(review(check="odd"), "K")
    assert rows(app) == [("b", "keep", None, "odd", "Ada", "")]


def test_two_presses_on_one_view_are_one_decision(scanned: Path) -> None:
    app = review()

    def twice(*arguments: Any, **how: Any) -> Any:
        decide(*arguments, **how)
        return decide(*arguments, **how)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(review_record, "decide", twice)
        press(app, "K")
    assert [row[0] for row in rows(app)] == ["b"]


def test_the_second_half_of_a_double_press_does_not_decide_the_next_example(
    scanned: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review_record, "_DOUBLE_PRESS", 1000.0)
    app = press(review(), "K")
    app.query_params["example"] = "b"  # the browser has not heard of the first half yet
    app = press(app, "K")
    assert [row[0] for row in rows(app)] == ["b"]
    assert shown(app) == "a"
    assert "Too fast, not taken: the last press." in text(app)


def test_a_press_on_a_view_that_has_taken_its_decision_is_told_and_changes_nothing(scanned: Path) -> None:
    app = review()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(review_record.uuid, "uuid4", lambda: "11111111-1111-4111-8111-111111111111")  # of both views
        press(press(app.run(), "K"), "U")
    assert [row[:2] for row in rows(app)] == [("b", "keep")]
    assert "Too fast, not taken: the last press." in text(app)


def test_undo_takes_the_latest_back_and_shows_it_again(scanned: Path) -> None:
    app = press(press(review(), "K"), "Z")
    assert shown(app) == "b"
    assert "Taken back: 1 decision. b is open again." in text(app)
    assert button(app, "Z").disabled
    with_undo = rows(app)
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
    assert rows(app) == []


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
    assert rows(app)[0][-1] == f"see clause 4.2\n{HOSTILE}"
    app = press(app, "J")
    assert "Decided by Ada (you): unsure – see clause 4.2" in text(app)


def test_without_a_name_nothing_can_be_decided_and_the_name_is_asked(scanned: Path) -> None:
    with Store(scanned) as store:
        decide(store, ["c"], "unsure", reviewer="Ada")
    app = review(reviewer=None)
    for key in ("K", "A", "D", "U", "Z", "1", "2"):
        assert button(app, key).disabled
    assert not button(app, "S").disabled
    assert app.selectbox(key="other_b").disabled
    assert "give your name in the sidebar" in text(app)
    assert [box.label for box in app.selectbox].count("Reviewer") == 1
    app.selectbox(key="reviewer_sidebar_0_").select_index(0).run()
    assert not app.exception
    assert app.session_state["reviewer"] == "Ada"
    assert not button(app, "K").disabled


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
    assert rows(app) == []
    app.run()  # the message is closed
    assert not app.error
    assert "Not saved: b is as it was." in text(app)
    press(app, "K")
    assert "Saved: b kept." in text(app)
    assert len(rows(app)) == 1


def test_an_example_without_a_label_cannot_be_kept(scanned: Path) -> None:
    app = review(example="c")
    assert button(app, "K").disabled
    assert "Keep – it has no label" in button(app, "K").label
    press(app, "2")
    assert rows(app) == [("c", "relabel", "y", None, "Ada", "")]


def test_an_example_outside_the_queue_is_shown_and_said_to_be(scanned: Path) -> None:
    app = review(example="c")
    assert shown(app) == "c"
    assert "No check has flagged it" in text(app)
    assert "not in the queue" in text(app)
    press(app, "S")
    assert shown(app) == "b"
    assert "not in the queue" not in text(app)


@pytest.mark.parametrize("example", ["nowhere", HOSTILE, "\u202e", "x" * 5000])
def test_an_example_that_does_not_exist_falls_back_with_a_note(scanned: Path, example: str) -> None:
    app = review(example=example)
    assert shown(app) == "b"
    app = review(reviewer=None, example=example)
    assert "showing the first of the queue" in text(app)
    assert "](http" not in said(app)


@pytest.mark.parametrize("name", ["check", "label", "split", "state", "slice"])
def test_filters_that_mean_nothing_here_count_as_none_with_a_note(scanned: Path, name: str) -> None:
    app = review(**{name: HOSTILE})
    assert shown(app) == "b"
    assert f"There is no {name} “" in text(app)
    assert "](http" not in said(app)
    assert "0 of 2" in progress(app)


@pytest.mark.parametrize("region", ["1,2", "a,b;c,d;e,f", "nan,0;1,1;2,2", HOSTILE])
def test_a_region_that_is_none_counts_as_no_filter_with_a_note(scanned: Path, region: str) -> None:
    app = review(region=region)
    assert "not one that the map can read" in text(app)
    assert "0 of 2" in progress(app)


def test_a_filter_has_a_chip_that_takes_it_off(scanned: Path) -> None:
    app = review(label="x", check="wrong")
    assert shown(app) == "a"
    assert [app.button(key=f"chip_{name}").label for name in ("check", "label")] == ["Wrong ×", "label x ×"]
    app.button(key="chip_label").click().run()
    assert "label" not in app.query_params
    assert shown(app) == "b"
    app.button(key="chip_check").click().run()
    assert "check" not in app.query_params
    assert "0 of 2" in progress(app)


def test_a_check_is_chosen_in_the_header(scanned: Path) -> None:
    app = review(example="a")
    app.selectbox(key="filter_check_None").select("odd").run()
    assert not app.exception
    assert app.query_params["check"] == "odd"
    assert shown(app) == "b"
    assert "0 of 1" in progress(app)


def test_the_filter_is_chosen_in_a_dialog(scanned: Path) -> None:
    app = press(review(), "F")
    app.selectbox(key="filter_state").select("all")
    app.selectbox(key="filter_label").select("")
    app.button(key="filter_apply").click().run()
    assert not app.exception
    assert (app.query_params["state"], app.query_params["unlabelled"]) == ("all", "yes")
    assert "No example fits these filters" in text(app)


def test_a_part_of_the_data_is_worked_through(scanned: Path) -> None:
    app = review(slice="x", check="thin")
    assert app.button(key="chip_slice").label.replace("\\", "") == "a part of the data, 2 examples ×"
    assert "0 of 2" in progress(app)


def test_a_region_of_the_map_is_worked_through(scanned: Path) -> None:
    with Store(scanned) as store, store.transaction() as transaction:
        transaction.execute("INSERT INTO vectors VALUES ('a', [1.0], 0.5, 0.5), ('c', [1.0], 0.6, 0.5)")
    app = review(region="0,0;1,0;1,1;0,1")
    assert app.button(key="chip_region").label.replace("\\", "") == "a region of the map, 2 examples ×"
    assert shown(app) == "a"
    app = review(region="0,0;1,0;1,1;0,1", only="flagged")
    assert "0 of 1" in progress(app)


def test_a_saved_selection_is_chosen_in_the_filter_named_and_taken_off(scanned: Path) -> None:
    with Store(scanned) as store:
        with store.transaction() as transaction:
            transaction.execute("INSERT INTO vectors VALUES ('a', [1.0], 0.5, 0.5), ('c', [1.0], 0.6, 0.5)")
        save_selection(store, "Corner", {"region": "0,0;1,0;1,1;0,1", "show": "flagged"}, by="Grace")
        save_selection(store, f"Wide {HOSTILE}", {"window": "0,1,0,1", "label": "x"}, by="Grace")
        save_selection(store, "Gone", {"check": "odd"}, by="Grace")
        remove_selection(store, "Gone", by="Grace")
    app = press(review(), "F")
    assert app.selectbox(key="filter_selection").options == ["None", "Corner", f"Wide {HOSTILE}"]
    assert app.selectbox(key="filter_selection").value == ""
    app.selectbox(key="filter_selection").select("Corner")
    app.button(key="filter_apply").click().run()
    assert (app.query_params["region"], app.query_params["only"]) == ("0,0;1,0;1,1;0,1", "flagged")
    assert app.button(key="chip_region").label.replace("\\", "") == "selection Corner, 2 examples ×"
    assert "0 of 1" in progress(app)
    app = press(app, "F")
    assert app.selectbox(key="filter_selection").value == "Corner"
    app.selectbox(key="filter_selection").select(f"Wide {HOSTILE}")
    app.button(key="filter_apply").click().run()
    assert "only" not in app.query_params
    assert app.query_params["label"] == "x"
    assert "](http" not in app.button(key="chip_region").label
    assert "0 of 1" in progress(app)
    app = press(app, "F")
    app.selectbox(key="filter_selection").select_index(0)
    app.button(key="filter_apply").click().run()
    assert not {"region", "only"} & set(app.query_params)
    assert app.query_params["label"] == "x"


def test_without_a_saved_selection_none_is_offered(scanned: Path) -> None:
    app = press(review(), "F")
    assert "filter_selection" not in [box.key for box in app.selectbox]


def test_nothing_flagged_says_so_and_leads_to_the_overview(workspace: Path) -> None:
    with Store(make(workspace / "tiny")) as store:
        scan_by_hand(store)
        with store.transaction() as transaction:
            transaction.execute("DELETE FROM findings")
    app = review()
    assert "The last scan flagged no example" in text(app)
    assert "example" not in app.query_params


def test_everything_decided_leads_to_the_export(scanned: Path) -> None:
    app = press(press(review(), "K"), "K")
    assert "Everything here is decided" in text(app)
    assert "example" not in app.query_params
    app.button(key="review_export").click().run()
    assert [title.value for title in app.header] == ["Export"]


def test_a_part_that_is_decided_leads_on_to_the_rest(scanned: Path) -> None:
    app = press(review(check="odd"), "K")
    assert "Everything here is decided" in text(app)
    assert "1 more" in text(app)
    app.button(key="review_everything").click().run()
    assert not app.exception
    assert shown(app) == "a"
    assert "check" not in app.query_params


def test_an_example_that_is_decided_already_shows_what_was_decided(scanned: Path) -> None:
    with Store(scanned) as store:
        decide(store, ["b"], "relabel", new_label="x", reviewer="Grace", note="clearly")
    app = review(example="b")
    assert "Decided by Grace: relabel to x – clearly" in text(app)


def test_labels_come_with_the_probability_that_models_give_them(scanned: Path) -> None:
    with Store(scanned) as store, store.transaction() as transaction:
        transaction.execute(
            "INSERT INTO predictions (example_id, predicted, confidence, probabilities)"
            " VALUES ('b', 'x', 0.994, [0.994, 0.006])"
        )
        transaction.set_meta("signal.predictions.detail", '{"classes": ["x", "y"]}')
        transaction.execute("UPDATE findings SET suggested_label = 'x'")
    app = review()
    assert [button(app, key).label.replace("\\", "") for key in ("A", "1", "2")] == [
        "Relabel to **x** · 99 %",
        "x · 99 %",
        "y",
    ]


def test_neighbours_and_what_a_check_compares_with_are_beside_it(scanned: Path) -> None:
    with Store(scanned) as store, store.transaction() as transaction:
        transaction.execute("INSERT INTO neighbours VALUES ('b', ['c', 'a'], [0.91, 0.52])")
    app = review()
    assert "What it is compared with" in text(app)  # a is a member of the finding
    assert "0.52 ▮▮▮ · **x**" in text(app)
    assert "Nearest examples" in text(app)
    assert "0.91 ▮▮▮▮▮ · (no label)" in text(app)


def test_nothing_from_the_file_is_live(scanned: Path) -> None:
    with Store(scanned) as store, store.transaction() as transaction:
        for table, column in (("examples", "text"), ("examples", "label"), ("findings", "message")):
            transaction.execute(f"UPDATE {table} SET {column} = ?", [HOSTILE])
        transaction.execute("UPDATE findings SET suggested_label = ?", [f"{HOSTILE}!"])
        transaction.execute("INSERT INTO annotations VALUES ('b', ?, ?, NULL, NULL)", [HOSTILE, HOSTILE])
        transaction.execute("INSERT INTO neighbours VALUES ('b', ['c', 'a'], [0.9, 0.5])")
    app = review(reviewer=HOSTILE)
    press(app, "U")
    press(app, "J")
    live = [*app.markdown, *app.caption, *app.header, *app.subheader, *app.error, *app.warning]
    texts = [str(part.value) for part in live] + [b.label for b in app.main.button] + [b.help for b in app.main.button]
    assert len([t for t in texts if "http" in t]) > 5
    for part in texts:
        assert "](http" not in part
        assert "**bold**" not in part
        assert ":material/delete" not in part
        assert "<b>" not in part.replace("\\<", "")


@pytest.mark.parametrize("labels", [2, 9, 10, 77])
def test_every_key_is_on_one_button(scanned: Path, labels: int) -> None:
    with Store(scanned) as store, store.transaction() as transaction:
        for number in range(labels):
            transaction.execute(
                "INSERT INTO examples (example_id, row_number, text, label, content_hash) VALUES (?, ?, 't', ?, '')",
                [f"n{number}", 10 + number, f"label {number:02}"],
            )
    app = review()
    keys = Counter(b.proto.shortcut.lower() for b in app.button if b.proto.shortcut)
    assert max(keys.values()) == 1
    assert {"k", "a", "d", "u", "m", "z", "s", "j", "f", "g", "h", "q"} <= set(keys)
    numbers = sorted(key for key in keys if key.isdecimal())
    assert numbers == [str(n + 1) for n in range({2: 4, 9: 9, 10: 9, 77: 9}[labels])]


def test_a_label_keeps_its_number_on_every_example_where_labels_are_few(scanned: Path) -> None:
    app = review()
    before = [button(app, n).label for n in "12"]
    assert button(app, "2").disabled  # y is the label of b: that is what Keep is for
    press(app, "S")
    assert [button(app, n).label for n in "12"] == before
    assert button(app, "1").disabled


def test_the_list_of_keys_has_every_key(scanned: Path) -> None:
    app = review()
    keys = {b.proto.shortcut.upper() for b in app.main.button if b.proto.shortcut}
    listed = {part.value for part in press(app, "H").text}
    assert {key for key in keys if not key.isdecimal()} <= listed
    assert "1–9" in listed


@pytest.mark.parametrize("key", ["H", "F"])
def test_no_key_decides_while_a_dialog_lies_over_the_page(scanned: Path, key: str) -> None:
    app = press(review(), key)
    assert not [b.label for b in app.main.button if b.proto.shortcut]
    app.run()
    assert button(app, "K").label == "Keep **y**"


def test_there_is_one_main_action(scanned: Path) -> None:
    app = review()
    assert [b.proto.shortcut.upper() for b in app.main.button if b.proto.type == "primary"] == ["A"]
    app = review(example="c")
    assert [b.proto.shortcut.upper() for b in app.main.button if b.proto.type == "primary"] == ["K"]


def test_findings_of_checks_that_are_gone_are_shown_under_their_name(scanned: Path) -> None:
    with Store(scanned) as store:
        found(store, "a_check_of_yesterday", ["a"])
    assert "A check of yesterday: a_check_of_yesterday says a" in text(review(example="a"))


def progress(app: AppTest) -> str:
    (bar,) = app.get("progress")
    return str(bar.proto.text)
