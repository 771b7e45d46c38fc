"""Data map: what it is narrowed to, by the address, by chips and by saved selections, and the way into Review."""

from pathlib import Path

import pytest

from tests.pages.app import forget_open_datasets, opened, said
from tests.pages.mapping import EVERYTHING, SQUARE, button, drawn, figure, make_mapped, named


@pytest.fixture
def mapped(workspace: Path) -> Path:
    """The small dataset."""
    return make_mapped(workspace / "tiny")


def test_a_region_from_the_address_selects_the_same_examples(mapped: Path) -> None:
    app = opened("data_map", region=SQUARE)
    assert not app.exception
    assert "2 examples selected" in said(app)
    assert app.dataframe[0].value["example_id"].tolist() == ["a", "c"]
    (selection,) = figure(app)["layout"]["selections"]
    assert selection["path"] == "M0.0,0.0L2.0,0.0L2.0,2.0L0.0,2.0Z"
    app.button(key="map_off_region").click().run()
    assert "region" not in app.query_params
    assert "3 examples shown" in said(app)
    assert "selections" not in figure(app)["layout"]


@pytest.mark.parametrize("region", ["1,2;3", "![x](http://x)", "nan,1;2,3;4,5"])
def test_a_region_that_cannot_be_read_shows_everything_and_says_so(mapped: Path, region: str) -> None:
    app = opened("data_map", region=region)
    assert not app.exception
    assert "not one that the map can read" in said(app)
    assert "3 examples shown" in said(app)
    assert "](http" not in said(app)


def test_an_unknown_colour_or_filter_falls_back_and_says_so(mapped: Path) -> None:
    app = opened("data_map", colour="c99", check="![x](http://x)", show="no")
    assert not app.exception
    assert drawn(app) == {"a", "b", "c"}
    assert said(app).count("for the map of this dataset") == 3
    assert "](http" not in said(app)


def test_the_filter_chooses_what_is_drawn_and_what_is_selected(mapped: Path) -> None:
    app = opened("data_map", region=EVERYTHING, check="odd")
    assert drawn(app) == {"b"}
    assert "1 example selected" in said(app)
    (show,) = [box for box in app.selectbox if box.label == "Show"]
    show.select("flagged").run()
    assert not app.exception
    assert app.query_params["show"] == "flagged"
    assert "check" not in app.query_params
    assert drawn(app) == {"a", "b"}
    assert "2 examples selected" in said(app)


def test_review_opens_on_the_same_examples(mapped: Path) -> None:
    app = opened("data_map", region=SQUARE)
    app.button(key="map_review").click().run()
    assert [title.value for title in app.header] == ["Review"]
    assert app.query_params["region"] == SQUARE
    assert any("region of the map, 2 examples" in button.label.replace("\\", "") for button in app.main.button)
    app = opened("data_map", region=SQUARE)
    app.button(key="map_review_flagged").click().run()
    assert [title.value for title in app.header] == ["Review"]
    assert (app.query_params["region"], app.query_params["only"]) == (SQUARE, "flagged")


def test_zooming_to_a_selection_draws_that_part_and_leads_back(mapped: Path) -> None:
    app = opened("data_map", region=SQUARE)
    app.button(key="map_zoom").click().run()
    assert not app.exception
    assert app.query_params["window"] == "-0.08,2.08,-0.08,2.08"
    assert drawn(app) == {"a", "c"}
    assert figure(app)["layout"]["xaxis"]["range"] == [-0.08, 2.08]
    assert app.button(key="map_zoom").disabled
    (colour,) = [box for box in app.selectbox if box.label == "Colour by"]
    colour.select("verdict").run()
    assert app.query_params["window"] == "-0.08,2.08,-0.08,2.08"
    assert drawn(app) == {"a", "c"}
    app.button(key="map_whole").click().run()
    assert "window" not in app.query_params
    assert drawn(app) == {"a", "b", "c"}


def test_what_is_looked_at_closely_is_a_region_in_review(mapped: Path) -> None:
    app = opened("data_map", window="0,2,0,2")
    assert "2 examples shown" in said(app)
    app.button(key="map_review").click().run()
    assert [title.value for title in app.header] == ["Review"]
    assert app.query_params["region"] == "0,0;2,0;2,2;0,2"


@pytest.mark.parametrize("window", ["1,2,3", "2,0,0,2", "![x](http://x)"])
def test_a_window_that_cannot_be_read_shows_the_whole_map_and_says_so(mapped: Path, window: str) -> None:
    app = opened("data_map", window=window)
    assert not app.exception
    assert "showing all" in said(app)
    assert drawn(app) == {"a", "b", "c"}


def test_a_window_without_examples_says_so(mapped: Path) -> None:
    app = opened("data_map", window="50,51,50,51")
    assert not app.exception
    assert not app.get("plotly_chart")
    assert "0 examples shown" in said(app)
    app.button(key="map_off_window").click().run()
    assert drawn(app) == {"a", "b", "c"}


def test_every_filter_is_a_chip_that_takes_it_off(mapped: Path) -> None:
    app = opened("data_map", region=EVERYTHING, window="-9,9,-9,9", check="wrong", label="y", show="flagged")
    chips = [button for button in app.main.button if button.label.endswith(" ×")]
    assert [chip.label.replace("\\", "") for chip in chips] == [
        "zoomed in ×",
        "Wrong ×",
        "flagged ×",
        "label y ×",
        "region ×",
    ]
    assert drawn(app) == {"b"}
    for name in ("window", "check", "show", "label", "region"):
        app.button(key=f"map_off_{name}").click().run()
        assert not app.exception
        assert name not in app.query_params
    assert drawn(app) == {"a", "b", "c"}
    assert "The whole map, all examples." in said(app)


def test_a_label_is_a_filter_also_the_missing_one(mapped: Path) -> None:
    app = opened("data_map")
    (label,) = [box for box in app.selectbox if box.label == "Label"]
    label.select("label x").run()
    assert (app.query_params["label"], drawn(app)) == ("x", {"a"})
    (label,) = [box for box in app.selectbox if box.label == "Label"]
    label.select("label ").run()
    assert not app.exception
    assert "label" not in app.query_params
    assert drawn(app) == {"c"}
    (label,) = [box for box in app.selectbox if box.label == "Label"]
    label.select("").run()
    assert drawn(app) == {"a", "b", "c"}


def test_the_flagged_examples_are_reviewed_first(mapped: Path) -> None:
    app = named(region=EVERYTHING)
    first = [button.label for button in app.main.button if button.label.startswith("Review")]
    assert first == ["Review the 2 flagged", "Review all 3"]
    button(app, "Drop 3").click().run()
    assert [button.label for button in app.main.button if button.label.startswith("Review")] == ["Review all 3"]
    app.button(key="map_review").click().run()
    assert app.query_params["state"] == "all"


def test_a_saved_selection_outlives_the_tab_and_opens_on_the_map_and_in_review(mapped: Path) -> None:
    app = named(region=SQUARE, check="wrong")
    app.text_input(key="map_selection_name_0").set_value("double *charges*").run()
    app.button(key="map_selection_save").click().run()
    assert not app.exception
    forget_open_datasets()
    again = named()
    again.selectbox(key="map_selection_chosen").select("double *charges*").run()
    again.button(key="map_selection_show").click().run()
    assert not again.exception
    assert (again.query_params["region"], again.query_params["check"]) == (SQUARE, "wrong")
    assert "1 example selected" in said(again)
    third = named(show="open")
    third.selectbox(key="map_selection_chosen").select("double *charges*").run()
    third.button(key="map_selection_review").click().run()
    assert not third.exception
    assert [title.value for title in third.header] == ["Review"]
    assert (third.query_params["region"], third.query_params["check"]) == (SQUARE, "wrong")
    again.selectbox(key="map_selection_chosen").select("double *charges*").run()
    again.button(key="map_selection_remove").click().run()
    assert not again.exception
    assert not [box for box in again.selectbox if box.label == "Saved selections"]


def test_a_selection_without_a_name_is_not_saved_and_says_why(mapped: Path) -> None:
    app = named(region=SQUARE)
    app.button(key="map_selection_save").click().run()
    assert not app.exception
    assert "no name" in app.error[0].value.replace("\\", "")
