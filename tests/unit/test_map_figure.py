"""The map as a figure, without a page: hover texts, classes, shapes, and what was drawn on it."""

import pandas as pd
import pyarrow as pa
import pytest

from analysis.coverage import outlines
from analysis.queries.points import Drawn
from analysis.store import Store
from tests.scanned import scan_by_hand
from ui import map_chart, map_figure, palette


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
    styles = palette.styles(classes, "dark")
    made = map_figure.build(Drawn(rows, 20, 0), styles, "label", (0.0, 1.0, 0.0, 1.0), "dark", others=6)
    traces = sorted(made["data"], key=lambda trace: trace["legendrank"])
    assert [trace["name"] for trace in traces] == [*classes[:14], "6 other labels"]
    looks = {(trace["marker"]["color"], trace["marker"]["symbol"]) for trace in traces}
    assert len(looks) == 15
    assert len(traces[-1]["customdata"]) == 6
    assert palette.styles(classes, "light")["class 3"] == palette.styles(classes[:5], "light")["class 3"]


def test_a_box_and_a_lasso_become_one_region() -> None:
    event = {
        "selection": {"lasso": [{"x": [0, 1, 1], "y": [0, 0, 1]}], "box": [{"x": [2, 3], "y": [5, 4]}], "points": []}
    }
    assert outlines.written(map_chart.drawn_in(event)) == "0,0;1,0;1,1|2,5;3,5;3,4;2,4"


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


@pytest.mark.parametrize(
    ("colour", "entry", "expected"),
    [
        ("label", "2", {"label": "x", "unlabelled": None}),
        ("label", "3", {"label": "y", "unlabelled": None}),
        ("label", "1", {"label": None, "unlabelled": "yes"}),
        ("label", "0", None),
        ("label", "4", None),
        ("issue", "2", {"check": "odd", "show": None}),
        ("verdict", "2", None),
        ("label", "flagged", {"show": "flagged", "check": None}),
        ("label", "![x](http://x)", None),
    ],
)
def test_an_entry_of_the_legend_is_a_filter_where_there_is_one(
    store: Store, colour: str, entry: str, expected: dict[str, str | None] | None
) -> None:
    scan_by_hand(store)
    table = {"example_id": ["a", "b", "c"], "vector": [[0.0]] * 3, "x": [0.0, 1.0, 2.0], "y": [0.0] * 3}
    with store.transaction() as transaction:
        transaction.execute("DELETE FROM vectors")
        transaction.insert("vectors", pa.table(table))
        transaction.execute("DELETE FROM findings WHERE check_name <> 'odd'")
    assert map_figure.narrowed(store, colour, entry) == expected


@pytest.mark.parametrize(("number", "first"), [(14, "l00"), (15, "l07")])
def test_where_not_all_labels_get_a_colour_the_most_flagged_ones_do(store: Store, number: int, first: str) -> None:
    """Each label has two examples, l00 three; of l07 both are flagged."""
    scan_by_hand(store)
    labels = [f"l{i:02}" for i in range(number)] * 2 + ["l00"]
    ids = [f"m{i}" for i in range(len(labels))]
    rows = pd.DataFrame({"example_id": ids, "row_number": range(10, 10 + len(ids)), "text": "t", "label": labels})
    table = {"example_id": ids, "vector": [[0.0]] * len(ids), "x": [float(i) for i in range(len(ids))]}
    with store.transaction() as transaction:
        transaction.execute("DELETE FROM examples")
        transaction.execute("DELETE FROM vectors")
        transaction.execute("DELETE FROM findings")
        transaction.insert("examples", rows.assign(split=None, content_hash="0"))
        transaction.insert("vectors", pa.table({**table, "y": [0.0] * len(ids)}))
        flagged = {"subject_id": ["m7", f"m{7 + number}"], "members": pa.array([[], []], pa.list_(pa.string()))}
        same = {"check_name": "odd", "subject": "example", "severity": 0.5, "flagged": True, "message": "is odd"}
        same["run_id"] = "1.odd"
        transaction.insert("findings", pa.table({**flagged, **{name: [value] * 2 for name, value in same.items()}}))
    names, _ = map_figure.order(store, "label")
    assert names[0] == first
    assert sorted(names) == sorted(set(labels))
