"""Review: which example is shown, with what beside it, and where it leads when nothing is left."""

from pathlib import Path

import pytest

from analysis.review.decide import decide
from analysis.store import Store
from tests.pages.app import make, said
from tests.pages.reviewing import HOSTILE, button, press, review, shown, text
from tests.scanned import found, scan_by_hand

pytestmark = pytest.mark.usefixtures("quick_hands")


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
    assert "Side by side with the example that the reason names" in text(app)  # a is the one member of the finding
    assert "The other · 0.52 ▮▮▮ · **x**" in text(app)
    assert "Other similar examples" in text(app)
    assert "0.91 ▮▮▮▮▮ · (no label)" in text(app)


def test_of_several_that_a_check_compares_with_each_stands_once_in_one_list_nearest_first(scanned: Path) -> None:
    with Store(scanned) as store, store.transaction() as transaction:
        transaction.execute("INSERT INTO neighbours VALUES ('b', ['c', 'a'], [0.91, 0.52])")
        transaction.execute("UPDATE findings SET members = ['b', 'a', 'c'] WHERE check_name = 'wrong'")
    said_of_others = [line for line in text(review()).splitlines() if "▮" in line]
    assert said_of_others == ["0.91 ▮▮▮▮▮ · (no label)", "0.52 ▮▮▮ · **x**"]
    assert "Side by side" not in text(review())
    assert [part.value for part in review().subheader] == ["Why this example", "Similar examples"]


def test_similarities_that_read_the_same_have_as_many_bars(scanned: Path) -> None:
    with Store(scanned) as store, store.transaction() as transaction:
        transaction.execute("INSERT INTO neighbours VALUES ('b', ['c', 'a'], [0.704, 0.697])")
        transaction.execute("UPDATE findings SET members = ['b', 'a', 'c'] WHERE check_name = 'wrong'")
    bars = [line.split(" · ")[0] for line in text(review()).splitlines() if "▮" in line]
    assert bars == ["0.70 ▮▮▮▮"] * 2


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


def test_findings_of_checks_that_are_gone_are_shown_under_their_name(scanned: Path) -> None:
    with Store(scanned) as store:
        found(store, "a_check_of_yesterday", ["a"])
    assert "A check of yesterday: a_check_of_yesterday says a" in text(review(example="a"))
