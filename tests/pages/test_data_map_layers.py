"""Data map: what is laid over it: names, where it lies, where annotators are split, and measures."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from analysis.queries import points
from analysis.store import Store
from tests.pages.app import make, opened, said
from tests.pages.mapping import EVERYTHING, HOSTILE, crowd, drawn, figure, live, make_mapped, place


@pytest.fixture
def mapped(workspace: Path) -> Path:
    """The small dataset."""
    return make_mapped(workspace / "tiny")


def test_what_is_laid_over_the_map_is_in_the_address(mapped: Path) -> None:
    app = opened("data_map")
    app.toggle(key="map_lies_False").set_value(True).run()
    assert not app.exception
    assert app.query_params["lies"] == "yes"
    assert "nothing can be said about how far this picture is right" in said(app)
    assert drawn(app) == {"a", "b", "c"}
    app.toggle(key="map_names_True").set_value(False).run()
    assert app.query_params["names"] == "no"
    assert live(app)["names"] == []


def test_the_picture_is_shaded_where_it_lies(workspace: Path) -> None:
    """Each example's real neighbours are in the other group."""
    with Store(make(workspace / "tiny")) as store:
        crowd(store)
        members = [[f"m{(i + 30 + j) % 60}" for j in range(3)] for i in range(60)]
        table = {"example_id": [f"m{i}" for i in range(60)], "members": members, "similarity": [[0.5] * 3] * 60}
        with store.transaction() as transaction:
            transaction.insert("neighbours", pa.table(table))
    app = opened("data_map", lies="yes")
    assert not app.exception
    assert "0 % are among its 6 nearest here" in said(app)
    shade, *_ = figure(app)["data"]
    assert {value for line in shade["z"] for value in line if value is not None} == {1.0}
    assert figure(app)["data"][-1]["name"] == "neighbours elsewhere"


def test_names_go_to_the_browser_with_their_places_and_as_plain_text(workspace: Path) -> None:
    """The browser shows them as text; where they cover each other it leaves some out."""
    with Store(make(workspace / "tiny")) as store:
        crowd(store)
        with store.transaction() as transaction:
            transaction.execute("UPDATE examples SET label = 'other' WHERE row_number >= 40")
    app = opened("data_map")
    assert not app.exception
    given = live(app)
    coarse = [name for name in given["names"] if name["level"] == 0]
    (left, *_, right), (x0, x1, y0, y1) = sorted(coarse, key=lambda name: name["x"]), given["whole"]
    assert (left["words"], right["words"]) == ("parcel", "refund")
    assert left["mostly"] == f"mostly {HOSTILE}"[: len(left["mostly"]) - 1] + "…"
    assert (left["x"] < 6, right["x"] > 89, x0 < 0 < 95 < x1, y0 < 0 < 4 < y1) == (True,) * 4


def test_the_part_that_the_wheel_zoomed_to_goes_into_the_next_figure(workspace: Path) -> None:
    with Store(make(workspace / "tiny")) as store:
        crowd(store)
    app = opened("data_map")
    whole = figure(app)["layout"]["xaxis"]["range"]
    app.session_state["map_part"] = f"{live(app)['of']}|1,9,0,4"
    app.run()
    assert figure(app)["layout"]["xaxis"]["range"] == whole, "the chart has that part already, so it stays"
    assert "Zoomed in." in said(app)
    (colour,) = [box for box in app.selectbox if box.label == "Colour by"]
    colour.select("verdict").run()
    assert (figure(app)["layout"]["xaxis"]["range"], figure(app)["layout"]["yaxis"]["range"]) == ([1, 9], [0, 4])
    app.button(key="map_zoomed_out").click().run()
    assert not app.exception
    assert figure(app)["layout"]["xaxis"]["range"] == whole


@pytest.mark.parametrize("told", ["elsewhere|1,9,0,4", "{of}|9,1,0,4", "{of}|![x](http://x)", "{of}|", "1"])
def test_a_part_of_another_map_or_of_none_is_not_looked_at(workspace: Path, told: str) -> None:
    with Store(make(workspace / "tiny")) as store:
        crowd(store)
    app = opened("data_map")
    whole = figure(app)["layout"]["xaxis"]["range"]
    app.session_state["map_part"] = told.format(of=live(app)["of"])
    app.query_params["colour"] = "verdict"
    app.run()
    assert not app.exception
    assert figure(app)["layout"]["xaxis"]["range"] == whole
    assert "Zoomed in." not in said(app)


def test_what_the_wheel_zoomed_to_can_be_drawn_with_more_points(mapped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    all_of_it = points.drawn
    monkeypatch.setattr(points, "drawn", lambda store, wanted, colour: all_of_it(store, wanted, colour, most=2))
    app = opened("data_map")
    app.session_state["map_part"] = f"{live(app)['of']}|0,2,0,2"
    app.run()
    app.button(key="map_closer").click().run()
    assert not app.exception
    assert app.query_params["window"] == "0,2,0,2"
    assert figure(app)["layout"]["xaxis"]["range"] == [0, 2]
    assert "Zoomed in." not in said(app)


def test_hot_spots_of_disagreement_are_listed_and_select_their_examples(workspace: Path) -> None:
    with Store(make(workspace / "tiny")) as store:
        crowd(store)
        ids = [f"m{i}" for i in range(60)]
        first = pd.DataFrame({"example_id": ids, "annotator": "Ada", "label": HOSTILE})
        second = first.assign(annotator="Bo", label=[HOSTILE if i < 30 else "y" for i in range(60)])
        with store.transaction() as transaction:
            transaction.insert("annotations", pd.concat([first, second]))
    app = opened("data_map", colour="disagreement")
    assert not app.exception
    spots = [button for button in app.main.button if button.label.endswith(" split")]
    assert spots
    assert "](http" not in spots[0].label
    spots[0].click().run()
    assert not app.exception
    chosen = app.dataframe[0].value["example_id"].tolist()
    assert chosen
    assert all(int(name[1:]) >= 30 for name in chosen)


@pytest.mark.parametrize("colour", ["severity:odd", "disagreement", "date"])
def test_layers_of_measures_draw_every_example_once(mapped: Path, colour: str) -> None:
    with Store(mapped) as store, store.transaction() as transaction:
        transaction.execute("UPDATE examples SET happened_at = '2026-03-0' || row_number WHERE example_id <> 'c'")
        given = [(example_id, who, who) for example_id in "abc" for who in ("p", "q")]
        transaction.insert("annotations", pd.DataFrame(given, columns=["example_id", "annotator", "label"]))
    app = opened("data_map", colour=colour)
    assert not app.exception
    assert "for the map of this dataset" not in said(app)
    ids = [example for trace in figure(app)["data"] for example in trace.get("customdata", [])]
    assert sorted(ids) == ["a", "b", "c"]
    app.toggle(key="map_table").set_value(True).run()
    assert not app.exception
    assert app.dataframe[0].value["examples"].sum() == 3


@pytest.mark.parametrize(
    ("x", "y"),
    [([1.0] * 3, [2.0] * 3), ([1.0, float("nan"), float("nan")], [1.0] * 3), ([1.0, 2.0, float("nan")], [0.0] * 3)],
    ids=["all in one place", "a single point", "two points"],
)
def test_few_points_bear_every_layer(mapped: Path, x: list[float], y: list[float]) -> None:
    with Store(mapped) as store:
        place(store, x, y)
        with store.transaction() as transaction:
            table = {"example_id": ["a", "b"], "members": [["b"], ["a"]], "similarity": [[0.5], [0.5]]}
            transaction.insert("neighbours", pa.table(table))
    for colour in ("label", "issue", "verdict", "severity:odd"):
        app = opened("data_map", lies="yes", colour=colour, region=EVERYTHING)
        assert not app.exception
        assert "a" in drawn(app)
    app.button(key="map_zoom").click().run()
    assert not app.exception
    assert "a" in drawn(app)
