"""Data map: what is drawn, what a region selects, and one decision for all of it that can be taken back."""

import base64
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from analysis.coverage import outlines
from analysis.errors import NotSaved
from analysis.queries import map_layers, points
from analysis.queries.points import Drawn
from analysis.scan import job
from analysis.store import Store
from tests.pages.app import forget_open_datasets, make, opened, said
from tests.scanned import scan_by_hand
from ui import map_chart, map_figure, map_overlay, palette

SQUARE = "0,0;2,0;2,2;0,2"  # a and c
EVERYTHING = "-9,-9;9,-9;9,9;-9,9"
HOSTILE = "<a href='http://x'>y</a> ![x](http://x) %{customdata} {{x}} $x$"


@pytest.fixture
def mapped(workspace: Path) -> Path:
    """a and b are flagged; a and c lie in the square, b lies outside."""
    with Store(make(workspace / "tiny")) as store:
        scan_by_hand(store)
        _place(store, [1.0, 3.0, 0.5], [1.0, 1.0, 0.5])
    return workspace / "tiny"


def _place(store: Store, x: list[float], y: list[float]) -> None:
    with store.transaction() as transaction:
        transaction.execute("DELETE FROM vectors")
        table = {"example_id": ["a", "b", "c"], "vector": [[0.0]] * 3, "x": x, "y": y}
        transaction.insert("vectors", pa.table(table))


def _figure(app: AppTest) -> dict[str, Any]:
    (chart,) = app.get("plotly_chart")
    spec: dict[str, Any] = json.loads(chart.proto.spec)
    return spec


def _drawn(app: AppTest) -> set[str]:
    return {example for trace in _figure(app)["data"] for example in trace.get("customdata", [])}


def _verdicts(folder: Path) -> dict[str, tuple[str, str | None, str]]:
    forget_open_datasets()
    with Store(folder) as store:
        rows = store.rows("SELECT example_id, action, new_label, note FROM verdicts")
    return {example: (action, label, note) for example, action, label, note in rows}


def _named(**parameters: str) -> AppTest:
    app = opened("data_map")
    app.session_state["reviewer"] = "Ada"
    for name, value in parameters.items():
        app.query_params[name] = value
    return app.run()


def _button(app: AppTest, label: str) -> Any:
    return next(button for button in app.main.button if button.label == label)


def test_every_example_is_drawn_and_flagged_ones_have_a_ring(mapped: Path) -> None:
    app = opened("data_map")
    assert not app.exception
    assert not app.error
    assert _drawn(app) == {"a", "b", "c"}
    (rings,) = [trace for trace in _figure(app)["data"] if trace["name"] == "flagged"]
    assert rings["marker"]["symbol"] == "circle-open"
    assert len(base64.b64decode(rings["x"]["bdata"])) == 2 * 4  # two points as float32
    assert "3 examples shown" in said(app)
    assert "2 flagged (67 %), 0 decided" in said(app)


def test_a_region_from_the_address_selects_the_same_examples(mapped: Path) -> None:
    app = opened("data_map", region=SQUARE)
    assert not app.exception
    assert "2 examples selected" in said(app)
    assert app.dataframe[0].value["example_id"].tolist() == ["a", "c"]
    (selection,) = _figure(app)["layout"]["selections"]
    assert selection["path"] == "M0.0,0.0L2.0,0.0L2.0,2.0L0.0,2.0Z"
    app.button(key="map_off_region").click().run()
    assert "region" not in app.query_params
    assert "3 examples shown" in said(app)
    assert "selections" not in _figure(app)["layout"]


def test_the_chart_stays_the_same_while_its_own_region_is_looked_at(mapped: Path) -> None:
    """A chart that is mounted anew loses its zoom: only a region from elsewhere may change the figure."""
    app = opened("data_map", region=SQUARE)
    (before,) = app.get("plotly_chart")
    app.run()
    app.session_state["reviewer"] = "Ada"
    app.run()
    _button(app, "Drop 2").click().run()
    (after,) = app.get("plotly_chart")
    assert after.proto.id == before.proto.id
    app.query_params["region"] = EVERYTHING
    app.run()
    (other,) = app.get("plotly_chart")
    assert other.proto.id != before.proto.id


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
    assert _drawn(app) == {"a", "b", "c"}
    assert said(app).count("for the map of this dataset") == 3
    assert "](http" not in said(app)


def test_the_filter_chooses_what_is_drawn_and_what_is_selected(mapped: Path) -> None:
    app = opened("data_map", region=EVERYTHING, check="odd")
    assert _drawn(app) == {"b"}
    assert "1 example selected" in said(app)
    (show,) = [box for box in app.selectbox if box.label == "Show"]
    show.select("flagged").run()
    assert not app.exception
    assert app.query_params["show"] == "flagged"
    assert "check" not in app.query_params
    assert _drawn(app) == {"a", "b"}
    assert "2 examples selected" in said(app)


@pytest.mark.parametrize("colour", ["label", "issue", "verdict"])
def test_every_colouring_draws_every_example_once(mapped: Path, colour: str) -> None:
    app = opened("data_map", colour=colour)
    assert not app.exception
    ids = [example for trace in _figure(app)["data"] for example in trace.get("customdata", [])]
    assert sorted(ids) == ["a", "b", "c"]


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


def test_nobody_decides_without_a_name(mapped: Path) -> None:
    app = opened("data_map", region=SQUARE)
    deciding = [button for button in app.main.button if button.label.startswith(("Relabel", "Keep", "Drop", "Unsure"))]
    assert len(deciding) == 4
    assert all(button.disabled for button in deciding)


def test_one_decision_for_a_region_is_one_batch_and_undo_takes_it_back(mapped: Path) -> None:
    app = _named(region=EVERYTHING)
    (label,) = [box for box in app.selectbox if box.label == "New label"]
    label.select("y").run()
    app.text_area[0].set_value("same thing").run()
    _button(app, "Relabel 3 examples to y").click().run()
    assert not app.exception
    assert "Saved: 2 examples relabelled to y, 1 example kept." in said(app)
    assert "3 decided" in said(app)
    assert _verdicts(mapped) == {
        "a": ("relabel", "y", "same thing"),
        "b": ("keep", None, "same thing"),
        "c": ("relabel", "y", "same thing"),
    }
    with Store(mapped) as store:
        assert store.value("SELECT count(DISTINCT batch_id) FROM decisions") == 1
    app.run()
    _button(app, "Undo 3").click().run()
    assert not app.exception
    assert "Taken back: 3 decisions." in said(app)
    assert _verdicts(mapped) == {}


def test_examples_without_a_label_are_not_kept(mapped: Path) -> None:
    app = _named(region=EVERYTHING)
    assert "1 example has no label" in said(app)
    _button(app, "Keep 2").click().run()
    assert {example: action for example, (action, _, _) in _verdicts(mapped).items()} == {"a": "keep", "b": "keep"}


def test_undo_is_offered_also_when_nothing_is_left_to_show(mapped: Path) -> None:
    app = _named(region=EVERYTHING, show="open")
    _button(app, "Drop 2").click().run()
    assert not app.exception
    assert "Saved: 2 examples dropped." in said(app)
    _button(app, "Undo 2").click().run()
    assert "2 examples selected" in said(app)


def test_a_decision_that_cannot_be_saved_says_why(mapped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = _named(region=SQUARE)
    with monkeypatch.context() as patch:
        patch.setattr(Store, "record", _full_disk)
        _button(app, "Drop 2").click().run()
    assert not app.exception
    assert "Not saved" in app.error[0].value
    assert _verdicts(mapped) == {}


def _full_disk(*_: object) -> None:
    raise NotSaved("Not saved: the disk is full.", "Free some space.")


def test_the_map_has_a_table(mapped: Path) -> None:
    app = opened("data_map")
    app.toggle(key="map_table").set_value(True).run()
    assert not app.exception
    assert not app.get("plotly_chart")
    table = app.dataframe[0].value
    assert table["name"].tolist() == ["x", "y", "no label"]
    assert table["flagged"].tolist() == [1, 1, 0]
    app.toggle(key="map_table").set_value(False).run()
    assert _drawn(app) == {"a", "b", "c"}


def test_without_places_the_page_says_what_to_do(mapped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store(mapped) as store:
        _place(store, [float("nan")] * 3, [1.0] * 3)
    app = opened("data_map")
    assert not app.exception
    assert "has drawn no map" in said(app)
    assert [button.label for button in app.main.button] == ["Scan again"]
    monkeypatch.setattr(job, "status", lambda store: job.JobStatus("running", "Drawing the map", 0.9, 3.0, ()))
    assert "The map is being drawn" in said(opened("data_map"))


@pytest.mark.parametrize(
    ("x", "y", "drawn"),
    [
        ([1.0, 1.0, 1.0], [2.0, 2.0, 2.0], {"a", "b", "c"}),
        ([1.0, float("nan"), float("nan")], [1.0, 1.0, 1.0], {"a"}),
        ([1.0, 2.0, 3.0], [0.0, 0.0, 0.0], {"a", "b", "c"}),
    ],
    ids=["all in one place", "a single point", "on a line"],
)
def test_few_points_are_still_a_map(mapped: Path, x: list[float], y: list[float], drawn: set[str]) -> None:
    with Store(mapped) as store:
        _place(store, x, y)
    app = opened("data_map")
    assert not app.exception
    assert _drawn(app) == drawn
    layout = _figure(app)["layout"]
    for axis in (layout["xaxis"], layout["yaxis"]):
        assert axis["range"][0] < axis["range"][1]


def test_hostile_text_stays_inert_on_the_map(mapped: Path) -> None:
    with Store(mapped) as store, store.transaction() as transaction:
        transaction.execute("UPDATE examples SET label = ?, text = ? WHERE example_id = 'a'", [HOSTILE, HOSTILE])
        transaction.execute("UPDATE findings SET message = ?", [HOSTILE])
    app = opened("data_map", region=EVERYTHING)
    assert not app.exception
    spec = app.get("plotly_chart")[0].proto.spec
    assert "<a " not in spec.replace("\\u003c", "<")
    assert "hovertemplate" not in json.dumps(_figure(app)["data"])
    assert "](http" not in said(app)
    assert all("](http" not in button.label for button in app.main.button)


def test_hover_text_is_cut_into_escaped_lines() -> None:
    rows = pd.DataFrame({"example_id": ["a"], "x": [0.0], "y": [0.0], "text": ["& " * 80], "label": ["<b>"]}).assign(
        reasons=1, reason="because", category="<b>"
    )
    made = map_figure.build(Drawn(rows, 1, 1), palette.styles(["<b>"], "light"), "label", (0.0, 0.0, 0.0, 0.0), "light")
    (hover,) = made["data"][0]["hovertext"]
    lines = hover.split("<br>")
    assert lines[-2:] == ["<b>Label: &lt;b&gt;</b>", "Flagged: because"]
    assert all(set(line.replace("&amp;", "")) <= {" "} for line in lines[:-2])
    assert made["data"][0]["name"] == "&lt;b&gt;"


def test_many_classes_share_one_muted_style_and_keep_their_order() -> None:
    classes = [f"class {i}" for i in range(20)]
    rows = pd.DataFrame({"example_id": classes, "x": 0.0, "y": 0.0, "text": "t", "label": classes}).assign(
        reasons=0, reason=None, category=classes
    )
    made = map_figure.build(Drawn(rows, 20, 0), palette.styles(classes, "dark"), "label", (0.0, 1.0, 0.0, 1.0), "dark")
    traces = sorted(made["data"], key=lambda trace: trace["legendrank"])
    assert [trace["name"] for trace in traces] == [*classes[:14], "other"]
    looks = {(trace["marker"]["color"], trace["marker"]["symbol"]) for trace in traces}
    assert len(looks) == 15
    assert len(traces[-1]["customdata"]) == 6
    assert palette.styles(classes, "light")["class 3"] == palette.styles(classes[:5], "light")["class 3"]


def test_a_box_and_a_lasso_become_one_region() -> None:
    event = {
        "selection": {"lasso": [{"x": [0, 1, 1], "y": [0, 0, 1]}], "box": [{"x": [2, 3], "y": [5, 4]}], "points": []}
    }
    assert outlines.written(map_chart.drawn_in(event)) == "0,0;1,0;1,1|2,5;3,5;3,4;2,4"


def test_a_large_map_says_what_it_draws(mapped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = points.drawn
    monkeypatch.setattr(points, "drawn", lambda store, wanted, colour: whole(store, wanted, colour, most=2))
    app = opened("data_map", region=EVERYTHING)
    assert not app.exception
    assert _figure(app)["data"][0]["type"] == "heatmap"
    assert len(_drawn(app)) == 2
    assert "2 of 3 points are drawn" in said(app)
    assert "3 examples selected" in said(app)


def test_many_flagged_points_have_a_shape_of_their_own_instead_of_rings() -> None:
    number = 1600
    rows = pd.DataFrame({"example_id": [f"e{i}" for i in range(number)], "x": 0.0, "y": 0.0, "text": "t"}).assign(
        label="x", reasons=[0, *[1] * (number - 1)], reason="odd", category="x"
    )
    made = map_figure.build(
        Drawn(rows, number, number - 1), palette.styles(["x"], "light"), "label", (0.0, 1.0, 0.0, 1.0), "light"
    )
    shapes = made["data"][0]["marker"]["symbol"]
    assert shapes[:2] == ["circle", "diamond"]
    assert [trace["name"] for trace in made["data"]] == ["x", "flagged (diamond, star)"]


def test_zooming_to_a_selection_draws_that_part_and_leads_back(mapped: Path) -> None:
    app = opened("data_map", region=SQUARE)
    app.button(key="map_zoom").click().run()
    assert not app.exception
    assert app.query_params["window"] == "-0.08,2.08,-0.08,2.08"
    assert _drawn(app) == {"a", "c"}
    assert _figure(app)["layout"]["xaxis"]["range"] == [-0.08, 2.08]
    assert app.button(key="map_zoom").disabled
    (colour,) = [box for box in app.selectbox if box.label == "Colour by"]
    colour.select("verdict").run()
    assert app.query_params["window"] == "-0.08,2.08,-0.08,2.08"
    assert _drawn(app) == {"a", "c"}
    app.button(key="map_whole").click().run()
    assert "window" not in app.query_params
    assert _drawn(app) == {"a", "b", "c"}


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
    assert _drawn(app) == {"a", "b", "c"}


def test_a_window_without_examples_says_so(mapped: Path) -> None:
    app = opened("data_map", window="50,51,50,51")
    assert not app.exception
    assert not app.get("plotly_chart")
    assert "0 examples shown" in said(app)
    app.button(key="map_off_window").click().run()
    assert _drawn(app) == {"a", "b", "c"}


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
    assert _drawn(app) == {"b"}
    for name in ("window", "check", "show", "label", "region"):
        app.button(key=f"map_off_{name}").click().run()
        assert not app.exception
        assert name not in app.query_params
    assert _drawn(app) == {"a", "b", "c"}
    assert "The whole map, all examples." in said(app)


def test_a_label_is_a_filter_also_the_missing_one(mapped: Path) -> None:
    app = opened("data_map")
    (label,) = [box for box in app.selectbox if box.label == "Label"]
    label.select("label x").run()
    assert (app.query_params["label"], _drawn(app)) == ("x", {"a"})
    (label,) = [box for box in app.selectbox if box.label == "Label"]
    label.select("label ").run()
    assert not app.exception
    assert "label" not in app.query_params
    assert _drawn(app) == {"c"}
    (label,) = [box for box in app.selectbox if box.label == "Label"]
    label.select("").run()
    assert _drawn(app) == {"a", "b", "c"}


def test_the_flagged_examples_are_reviewed_first(mapped: Path) -> None:
    app = _named(region=EVERYTHING)
    first = [button.label for button in app.main.button if button.label.startswith("Review")]
    assert first == ["Review the 2 flagged", "Review all 3"]
    _button(app, "Drop 3").click().run()
    assert [button.label for button in app.main.button if button.label.startswith("Review")] == ["Review all 3"]
    app.button(key="map_review").click().run()
    assert app.query_params["state"] == "all"


def test_a_saved_selection_outlives_the_tab_and_opens_on_the_map_and_in_review(mapped: Path) -> None:
    app = _named(region=SQUARE, check="wrong")
    app.text_input(key="map_selection_name_0").set_value("double *charges*").run()
    app.button(key="map_selection_save").click().run()
    assert not app.exception
    forget_open_datasets()
    again = _named()
    again.selectbox(key="map_selection_chosen").select("double *charges*").run()
    again.button(key="map_selection_show").click().run()
    assert not again.exception
    assert (again.query_params["region"], again.query_params["check"]) == (SQUARE, "wrong")
    assert "1 example selected" in said(again)
    third = _named(show="open")
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
    app = _named(region=SQUARE)
    app.button(key="map_selection_save").click().run()
    assert not app.exception
    assert "no name" in app.error[0].value.replace("\\", "")


def test_what_is_laid_over_the_map_is_in_the_address(mapped: Path) -> None:
    app = opened("data_map")
    app.toggle(key="map_lies_False").set_value(True).run()
    assert not app.exception
    assert app.query_params["lies"] == "yes"
    assert "nothing can be said about how far this picture is right" in said(app)
    assert _drawn(app) == {"a", "b", "c"}
    app.toggle(key="map_names_True").set_value(False).run()
    assert app.query_params["names"] == "no"
    assert "annotations" not in _figure(app)["layout"]


def test_the_picture_is_shaded_where_it_lies(workspace: Path) -> None:
    """Each example's real neighbours are in the other group."""
    with Store(make(workspace / "tiny")) as store:
        _crowd(store)
        members = [[f"m{(i + 30 + j) % 60}" for j in range(3)] for i in range(60)]
        table = {"example_id": [f"m{i}" for i in range(60)], "members": members, "similarity": [[0.5] * 3] * 60}
        with store.transaction() as transaction:
            transaction.insert("neighbours", pa.table(table))
    app = opened("data_map", lies="yes")
    assert not app.exception
    assert "0 % are among its 6 nearest here" in said(app)
    shade, *_ = _figure(app)["data"]
    assert {value for line in shade["z"] for value in line if value is not None} == {1.0}
    assert _figure(app)["data"][-1]["name"] == "neighbours elsewhere"


def test_names_stand_on_the_map_and_do_not_cover_each_other(workspace: Path) -> None:
    with Store(make(workspace / "tiny")) as store:
        _crowd(store)
    app = opened("data_map")
    assert not app.exception
    found = [note["text"] for note in _figure(app)["layout"]["annotations"]]
    assert sorted(found) == ["parcel", "refund"]
    names = [map_layers.Name((word,), 0.5, 0.5) for word in ("first", "second")]
    made = map_overlay.with_names({"layout": {}}, names, (0.0, 1.0, 0.0, 1.0), "light")
    assert [note["text"] for note in made["layout"]["annotations"]] == ["first"]


def test_hot_spots_of_disagreement_are_listed_and_select_their_examples(workspace: Path) -> None:
    with Store(make(workspace / "tiny")) as store:
        _crowd(store)
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
    ids = [example for trace in _figure(app)["data"] for example in trace.get("customdata", [])]
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
        _place(store, x, y)
        with store.transaction() as transaction:
            table = {"example_id": ["a", "b"], "members": [["b"], ["a"]], "similarity": [[0.5], [0.5]]}
            transaction.insert("neighbours", pa.table(table))
    for colour in ("label", "issue", "verdict", "severity:odd"):
        app = opened("data_map", lies="yes", colour=colour, region=EVERYTHING)
        assert not app.exception
        assert "a" in _drawn(app)
    app.button(key="map_zoom").click().run()
    assert not app.exception
    assert "a" in _drawn(app)


def _crowd(store: Store) -> None:
    """Scanned examples m0 … m59 in two groups far apart: parcels on the left, refunds on the right."""
    scan_by_hand(store)
    ids = [f"m{i}" for i in range(60)]
    texts = [f"the {'parcel' if i < 30 else 'refund'} again" for i in range(60)]
    rows = pd.DataFrame({"example_id": ids, "row_number": range(10, 70), "text": texts}).assign(
        label=HOSTILE, split=None, content_hash="0"
    )
    table = {
        "example_id": ids,
        "vector": [[0.0]] * 60,
        "x": [(0.0 if i < 30 else 90.0) + i % 6 for i in range(60)],
        "y": [float(i % 5) for i in range(60)],
    }
    with store.transaction() as transaction:
        transaction.execute("DELETE FROM vectors")
        transaction.insert("examples", rows)
        transaction.insert("vectors", pa.table(table))


@pytest.mark.parametrize(
    ("fitted", "kept", "said"),
    [
        (3, 0, ""),
        (2, 0, "The map was fitted on 2 of 3 examples; the others were placed among them."),
        (2, 2, "2 of 3 examples kept their place from the last version; the others were placed among them."),
        (3, 3, "3 of 3 examples kept their place from the last version."),
    ],
)
def test_the_line_below_the_map_says_what_it_rests_on(mapped: Path, fitted: int, kept: int, said: str) -> None:
    with Store(mapped) as store, store.transaction() as transaction:
        transaction.set_meta("signal.map.detail", json.dumps({"placed": 3, "fitted": fitted, "kept": kept}))
    app = opened("data_map")
    (line,) = [str(part.value) for part in app.caption if "Close together means similar" in str(part.value)]
    assert line.endswith(said or "Draw around points to select them.")
