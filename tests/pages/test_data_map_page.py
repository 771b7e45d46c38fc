"""Data map: what is drawn, what a region selects, and one decision for all of it that can be taken back."""

import base64
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from analysis.errors import NotSaved
from analysis.queries import points
from analysis.queries.points import Drawn
from analysis.scan import job
from analysis.store import Store
from tests.pages.app import forget_open_datasets, make, opened, said
from tests.scanned import scan_by_hand
from ui import map_chart, map_figure, palette

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
    app.button(key="map_clear").click().run()
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
    assert points.written(map_chart.outlines(event)) == "0,0;1,0;1,1|2,5;3,5;3,4;2,4"


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
