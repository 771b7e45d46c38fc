"""Review as adjudication: conflicts only, blind, not one's own, and by a clause of the guideline."""

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from analysis.review.decide import decide
from analysis.review.guide import write_version
from analysis.store import Store
from tests.pages.app import make, opened
from tests.pages.reviewing import button, press, progress, text
from tests.scanned import scan_by_hand
from ui import session

pytestmark = pytest.mark.usefixtures("quick_hands")

RULES = "## 1 First\n`x` and `y`\n## 2 Second\n`q`"


@pytest.fixture
def crowd(workspace: Path) -> Path:
    """Flagged: b (label y), then a (label x), z suggested. Annotators: x against y on b and on c; agreed on a."""
    with Store(make(workspace / "tiny")) as store:
        scan_by_hand(store)
        rows = [("b", "Kim", "x"), ("b", "Lee", "y"), ("c", "Ada", "y"), ("c", "Lee", "x"), ("a", "Kim", "x")]
        given = pd.DataFrame(rows, columns=["example_id", "annotator", "label"])
        with store.transaction() as transaction:
            transaction.insert("annotations", given)
            transaction.execute(
                "INSERT INTO predictions (example_id, predicted, confidence, probabilities)"
                " VALUES ('b', 'x', 0.9, [0.9, 0.1])"
            )
            transaction.set_meta("signal.predictions.detail", '{"classes": ["x", "y"]}')
            transaction.execute("INSERT INTO neighbours VALUES ('b', ['a'], [0.5])")
    return workspace / "tiny"


def review(reviewer: str = "Ada", **parameters: str) -> AppTest:
    app = opened("review")
    app.session_state["reviewer"] = reviewer
    for name, value in parameters.items():
        app.query_params[name] = value
    app.query_params.pop("example", None)
    for name in parameters:
        assert name in app.query_params
    app.run()
    assert not app.exception
    return app


def rows() -> list[tuple[Any, ...]]:
    from ui import session

    store = session.store_of("tiny")
    return store.rows("SELECT example_id, action, new_label, reviewer, clause FROM decisions ORDER BY sequence")


def test_conflicts_only_takes_what_annotators_do_not_settle_flagged_or_not(crowd: Path) -> None:
    app = review(conflicts="yes")
    assert app.query_params["example"] == "b"
    assert "0 of 2" in progress(app)
    press(app, "S")
    assert app.query_params["example"] == "c"
    app.button(key="chip_conflicts").click().run()
    assert "conflicts" not in app.query_params
    assert app.query_params["example"] == "b"


def test_when_all_conflicts_are_decided_the_way_on_takes_these_filters_off(crowd: Path) -> None:
    app = review("Grace", conflicts="yes", blind="yes")
    press(press(app, "1"), "1")
    assert "Everything here is decided" in text(app)
    app.button(key="review_everything").click().run()
    assert not app.exception
    assert not {"conflicts", "blind"} & set(app.query_params)
    assert app.query_params["example"] == "a"


def test_two_labels_that_people_are_split_on_are_worked_through(crowd: Path) -> None:
    app = review(between="y", against="x")
    assert app.button(key="chip_between").label == "split between y and x ×"
    assert "0 of 2" in progress(app)
    app = review(between="y", against="![x](http://x)")
    assert "not two that annotators gave" in text(app)


def test_the_filter_dialog_turns_both_on_and_off(crowd: Path) -> None:
    app = press(review(), "F")
    app.toggle(key="filter_conflicts").set_value(True)
    app.toggle(key="filter_blind").set_value(True)
    app.button(key="filter_apply").click().run()
    assert not app.exception
    assert (app.query_params["conflicts"], app.query_params["blind"]) == ("yes", "yes")
    app = press(app, "F")
    app.toggle(key="filter_conflicts").set_value(False)
    app.toggle(key="filter_blind").set_value(False)
    app.button(key="filter_apply").click().run()
    assert not {"conflicts", "blind"} & set(app.query_params)


def test_a_dataset_without_annotators_has_no_such_filters(workspace: Path) -> None:
    with Store(make(workspace / "tiny")) as store:
        scan_by_hand(store)
    app = press(review(), "F")
    assert [toggle.key for toggle in app.toggle] == ["filter_asked"]


def test_blind_hides_names_origin_and_opinions(crowd: Path) -> None:
    with Store(crowd) as store:
        decide(store, ["b"], "keep", reviewer="Grace", note="surely")
    app = review(conflicts="yes", blind="yes", state="all")
    assert app.query_params["example"] == "b"
    whole = text(app) + " ".join(f"{b.label} {b.help}" for b in app.main.button)
    for part in (
        "Kim",
        "Lee",
        "Grace",
        "surely",
        "90 %",
        "Label **y**",
        "Wrong: wrong says b",
        "Nearest",
        "Keep",
        "to **z**",
    ):
        assert part not in whole, part
    assert "Labels given, A to Z: **x** · **y**" in whole
    assert "two" in whole  # the text of the example
    assert button(app, "K").disabled
    assert button(app, "A").disabled
    assert not button(app, "1").disabled
    assert not button(app, "2").disabled
    assert app.selectbox(key="other_b").options == ["x", "y"]
    assert not [b for b in app.main.button if b.proto.type == "primary"]


def test_after_the_decision_the_example_shows_everything(crowd: Path) -> None:
    app = review(conflicts="yes", blind="yes", state="all")
    assert [button(app, n).label for n in "12"] == ["x", "y"]
    press(app, "2")  # the label in use, without knowing that it is
    assert rows() == [("b", "keep", None, "Ada", None)]
    app.query_params["example"] = "b"
    app.run()
    assert "Kim **x** · Lee **y**" in text(app)
    assert "Wrong: wrong says b" in text(app)
    assert button(app, "K").label == "Keep **y**"


def test_blind_names_nobody_in_the_chip_nor_in_the_dialog_that_asks_a_colleague(crowd: Path) -> None:
    address = {"apart": "people", "annotator": "Kim", "other": "Lee"}
    assert "Kim and Lee differ" in review("Grace", **address).button(key="chip_apart").label
    app = press(review("Grace", **address, blind="yes"), "Q")
    assert app.button(key="chip_apart").label.replace("\\", "") == "annotators differ, 1 example ×"
    assert app.selectbox(key="ask_whom_b").options == ["Ada", "Kim", "Lee"]
    assert "labelled it" not in text(app)
    app = press(review("Grace", **address), "Q")
    assert "Rather not who labelled it: Kim, Lee." in text(app)


def test_blind_leaves_out_what_the_reviewer_labelled(crowd: Path) -> None:
    app = review("ADA", conflicts="yes", blind="yes")
    assert "0 of 1" in progress(app)
    assert "What you labelled yourself is left out" in text(app)
    assert "0 of 2" in progress(review("Grace", conflicts="yes", blind="yes"))
    assert "No example fits" in text(review("Lee", conflicts="yes", blind="yes"))


def test_the_labels_of_annotators_are_not_among_the_fields(crowd: Path) -> None:
    with Store(crowd) as store, store.transaction() as transaction:
        transaction.execute("INSERT INTO columns VALUES (0, 'channel', 'text'), (1, 'Kim', 'text')")
        transaction.set_meta("roles", '{"text": [], "annotators": [1]}')
        transaction.execute(
            "CREATE TABLE source AS SELECT 2 AS row_number, 'b' AS example_id, 'chat' AS c0, 'x says Kim' AS c1"
        )
    assert "x says Kim" in text(review())
    app = review(blind="yes")
    assert "chat" in text(app)
    assert "x says Kim" not in text(app)


def test_of_many_labels_those_that_anybody_gave_come_first_and_then_the_most_frequent(crowd: Path) -> None:
    with Store(crowd) as store, store.transaction() as transaction:
        for number in range(20):
            transaction.execute(
                "INSERT INTO examples (example_id, row_number, text, label, content_hash) VALUES (?, ?, 't', ?, '')",
                [f"n{number}", 10 + number, f"label {number:02}"],
            )
    app = review("Grace", conflicts="yes", blind="yes")
    assert [button(app, key).label for key in "123456"] == ["x", "y", *(f"label {number:02}" for number in range(4))]
    press(app, "2")
    assert rows() == [("b", "keep", None, "Grace", None)]
    assert app.query_params["example"] == "c"
    assert [button(app, key).label for key in "126"] == ["x", "y", "label 03"]


def test_without_a_guideline_no_clause_is_asked_for(crowd: Path) -> None:
    assert "Clause that the decision cites" not in [box.label for box in review().selectbox]


def test_a_decision_cites_the_clause_that_is_chosen(crowd: Path) -> None:
    with Store(crowd) as store:
        write_version(store, RULES, version="v1", author="Grace", note="")
    app = review()
    box = app.selectbox(key="clause_b")
    assert box.options == ["1 First", "2 Second", "No clause fits"]
    assert box.value is None
    assert any(code.value == "## 1 First\n`x` and `y`" for code in app.code)
    box.select("1 (v1)").run()
    press(app, "K")
    assert rows() == [("b", "keep", None, "Ada", "1 (v1)")]
    assert app.selectbox(key="clause_a").value is None
    press(app, "K")
    assert rows()[1] == ("a", "keep", None, "Ada", None)


def test_the_guideline_says_since_when_it_is_in_force_and_not_when_it_was_written(crowd: Path) -> None:
    with Store(crowd) as store:
        write_version(store, RULES, version="v1", author="Grace", note="", since=date(2025, 9, 1))
    assert "Guideline v1, in force since 2025-09-01" in text(review())


def test_clauses_about_the_labels_at_hand_come_first_and_nothing_hostile_is_live(crowd: Path) -> None:
    hostile = "![x](http://x) **bold**"
    with Store(crowd) as store:
        write_version(store, f"## 1 {hostile}\n{hostile}\n## 2\n`y` {hostile}", version=hostile, author="A", note="")
    app = review()
    assert app.selectbox(key="clause_b").options[:2] == ["2", f"1 {hostile}"]
    texts = [str(part.value) for part in [*app.markdown, *app.caption]] + [b.label for b in app.main.button]
    assert not [part for part in texts if "](http" in part or "**bold**" in part]


def test_the_page_speaks_for_a_suggestion_else_for_the_label_but_where_annotators_are_split(crowd: Path) -> None:
    def main(example: str) -> list[str]:
        app = review("Grace", state="all")
        app.query_params["example"] = example
        return [b.proto.shortcut.upper() for b in app.run().main.button if b.proto.type == "primary"]

    assert main("b") == ["A"]  # z is suggested
    assert main("c") == []  # y against x, and no check suggests either
    with session.store_of("tiny").transaction() as transaction:
        transaction.execute("DELETE FROM annotations WHERE annotator = 'Lee'")
    assert main("c") == ["K"]


def test_a_queue_about_annotators_leads_to_the_blind_one_which_says_what_it_hides(crowd: Path) -> None:
    app = review("Grace", conflicts="yes")
    app.button(key="review_blind").click().run()
    assert (app.query_params["conflicts"], app.query_params["blind"]) == ("yes", "yes")
    assert "are hidden" in app.button(key="chip_blind").label
    assert not [b for b in app.button if b.key == "review_blind"]
    assert not [b for b in review("Grace").button if b.key == "review_blind"]


def test_the_clause_that_a_decision_cites_is_told_where_the_decision_is(crowd: Path) -> None:
    app = review("Grace")
    assert "To cite a clause, or a gap, write a guideline" in str([link.proto.label for link in app.get("page_link")])
    write_version(session.store_of("tiny"), RULES, version="v1", author="Ada", note="")
    app = review("Grace")
    app.selectbox(key="clause_b").select("1 (v1)")
    press(app, "K")
    assert "Saved: b kept, clause 1 (v1)." in text(app)
    app.selectbox(key="clause_a").select("none (v1)")
    press(app, "U")
    app = review("Grace", state="all")
    assert "Decided by Grace (you): keep, clause 1 (v1)" in text(app)
    press(app, "S")
    assert "Decided by Grace (you): unsure, no clause fits (v1)" in text(app)


def test_many_annotators_are_listed_by_label_the_most_frequent_first(crowd: Path) -> None:
    with Store(crowd) as store, store.transaction() as transaction:
        for who in ("Ada", "Ben", "Cem"):
            transaction.execute("INSERT INTO annotations VALUES ('b', ?, 'y', NULL, NULL)", [who])
    assert "Label **y** · **y** by 4: Ada, Ben, Cem, Lee · **x** by 1: Kim" in text(review("Grace"))
