"""Review: narrowing the queue by address, header, dialog, map and saved selection, and taking it off again."""

from pathlib import Path

import pytest

from analysis.review.selections import remove_selection, save_selection
from analysis.store import Store
from tests.pages.app import said
from tests.pages.reviewing import HOSTILE, press, progress, review, shown, text

pytestmark = pytest.mark.usefixtures("quick_hands")


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


def test_a_part_that_is_decided_leads_on_to_the_rest(scanned: Path) -> None:
    app = press(review(check="odd"), "K")
    assert "Everything here is decided" in text(app)
    assert "1 more" in text(app)
    app.button(key="review_everything").click().run()
    assert not app.exception
    assert shown(app) == "a"
    assert "check" not in app.query_params
