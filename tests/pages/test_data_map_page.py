"""Data map: what is drawn, how it is coloured, and what the page says where there is little to draw."""

import base64
import json
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from analysis.queries import points
from analysis.scan import job
from analysis.store import Store
from tests.pages.app import opened, said
from tests.pages.mapping import EVERYTHING, HOSTILE, SQUARE, button, drawn, figure, make_mapped, place


@pytest.fixture
def mapped(workspace: Path) -> Path:
    """The small dataset."""
    return make_mapped(workspace / "tiny")


def test_every_example_is_drawn_and_flagged_ones_have_a_ring(mapped: Path) -> None:
    app = opened("data_map")
    assert not app.exception
    assert not app.error
    assert drawn(app) == {"a", "b", "c"}
    (rings,) = [trace for trace in figure(app)["data"] if trace["name"] == "flagged"]
    assert rings["marker"]["symbol"] == "circle-open"
    assert len(base64.b64decode(rings["x"]["bdata"])) == 2 * 4  # two points as float32
    assert "3 examples shown" in said(app)
    assert "2 flagged (67 %), 0 decided" in said(app)


def test_the_chart_stays_the_same_while_its_own_region_is_looked_at(mapped: Path) -> None:
    """A chart that is mounted anew loses its zoom: only a region from elsewhere may change the figure."""
    app = opened("data_map", region=SQUARE)
    (before,) = app.get("plotly_chart")
    app.run()
    app.session_state["reviewer"] = "Ada"
    app.run()
    button(app, "Drop 2").click().run()
    (after,) = app.get("plotly_chart")
    assert after.proto.id == before.proto.id
    app.query_params["region"] = EVERYTHING
    app.run()
    (other,) = app.get("plotly_chart")
    assert other.proto.id != before.proto.id


@pytest.mark.parametrize("colour", ["label", "issue", "verdict"])
def test_every_colouring_draws_every_example_once(mapped: Path, colour: str) -> None:
    app = opened("data_map", colour=colour)
    assert not app.exception
    ids = [example for trace in figure(app)["data"] for example in trace.get("customdata", [])]
    assert sorted(ids) == ["a", "b", "c"]


def test_the_map_has_a_table(mapped: Path) -> None:
    app = opened("data_map")
    app.toggle(key="map_table").set_value(True).run()
    assert not app.exception
    assert not app.get("plotly_chart")
    table = app.dataframe[0].value
    assert table["name"].tolist() == ["x", "y", "no label"]
    assert table["flagged"].tolist() == [1, 1, 0]
    app.toggle(key="map_table").set_value(False).run()
    assert drawn(app) == {"a", "b", "c"}


def test_without_places_the_page_says_what_to_do(mapped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store(mapped) as store:
        place(store, [float("nan")] * 3, [1.0] * 3)
    app = opened("data_map")
    assert not app.exception
    assert "has drawn no map" in said(app)
    assert [button.label for button in app.main.button] == ["Scan again"]
    monkeypatch.setattr(job, "status", lambda store: job.JobStatus("running", "Drawing the map", 0.9, 3.0, ()))
    assert "The map is being drawn" in said(opened("data_map"))


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [
        ([1.0, 1.0, 1.0], [2.0, 2.0, 2.0], {"a", "b", "c"}),
        ([1.0, float("nan"), float("nan")], [1.0, 1.0, 1.0], {"a"}),
        ([1.0, 2.0, 3.0], [0.0, 0.0, 0.0], {"a", "b", "c"}),
    ],
    ids=["all in one place", "a single point", "on a line"],
)
def test_few_points_are_still_a_map(mapped: Path, x: list[float], y: list[float], expected: set[str]) -> None:
    with Store(mapped) as store:
        place(store, x, y)
    app = opened("data_map")
    assert not app.exception
    assert drawn(app) == expected
    layout = figure(app)["layout"]
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
    assert "hovertemplate" not in json.dumps(figure(app)["data"])
    assert "](http" not in said(app)
    assert all("](http" not in button.label for button in app.main.button)


def test_a_large_map_says_what_it_draws(mapped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = points.drawn
    monkeypatch.setattr(points, "drawn", lambda store, wanted, colour: whole(store, wanted, colour, most=2))
    app = opened("data_map", region=EVERYTHING)
    assert not app.exception
    (shade,) = figure(app)["layout"]["images"]
    assert shade["source"].startswith("data:image/png;base64,")
    assert len(drawn(app)) == 2
    assert "2 of 3 points are drawn, 1 of 2 flagged ones and 1 others from every part; the shade shows" in said(app)
    assert "3 examples selected" in said(app)
    whole_map = opened("data_map")
    above = (
        "The whole map: 2 of 3 points drawn, 1 of the 2 flagged among them, so 67\N{NO-BREAK SPACE}% looks like more."
    )
    assert above in said(whole_map)


def test_no_shade_of_all_is_promised_where_another_shade_lies(mapped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = points.drawn
    monkeypatch.setattr(points, "drawn", lambda store, wanted, colour: whole(store, wanted, colour, most=2))
    app = opened("data_map", lies="yes")
    assert not app.exception
    assert "images" not in figure(app)["layout"]
    assert "2 of 3 points are drawn" in said(app)
    assert "where all lie" not in said(app)


def test_no_chart_needs_a_graphics_card(mapped: Path) -> None:
    app = opened("data_map", lies="yes")
    assert {trace["type"] for trace in figure(app)["data"]} == {"heatmap", "scatter"}


@pytest.mark.parametrize(("labels", "colour"), [(28, "label"), (29, "issue")])
def test_where_most_labels_would_share_a_colour_the_first_one_says_why(mapped: Path, labels: int, colour: str) -> None:
    ids = [f"m{i}" for i in range(labels)]
    rows = pd.DataFrame({"example_id": ids, "row_number": range(10, 10 + labels), "text": "t", "split": None})
    with Store(mapped) as store, store.transaction() as transaction:
        transaction.execute("UPDATE examples SET label = 'l0'")
        transaction.insert("examples", rows.assign(label=[f"l{i}" for i in range(labels)], content_hash="0"))
    app = opened("data_map")
    assert not app.exception
    (chosen,) = [box for box in app.selectbox if box.label == "Colour by"]
    assert chosen.value == colour


def test_the_file_has_the_order_and_the_columns_of_the_table_and_the_empty_ones(mapped: Path) -> None:
    with Store(mapped) as store:
        table = points.in_full(store, pa.array(["a", "b", "c"]))
    shown = opened("data_map", region=EVERYTHING).dataframe[0].value
    filled = [name for name in table.column_names if table[name].null_count < table.num_rows]
    assert shown.columns.tolist() == filled
    assert "split" not in filled
    assert shown["example_id"].tolist() == table["example_id"].to_pylist() == ["a", "b", "c"]
    assert shown["label"].tolist() == [label or "" for label in table["label"].to_pylist()]


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
    assert line.endswith(said or "distances between groups mean little.")
