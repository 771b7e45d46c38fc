"""A small dataset on the Data map page, and how its tests read what is drawn."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from streamlit.testing.v1 import AppTest

from analysis.store import Store
from tests.pages.app import make, opened
from tests.scanned import scan_by_hand

SQUARE = "0,0;2,0;2,2;0,2"  # a and c
EVERYTHING = "-9,-9;9,-9;9,9;-9,9"
HOSTILE = "<a href='http://x'>y</a> ![x](http://x) %{customdata} {{x}} $x$"


def make_mapped(folder: Path) -> Path:
    """A scanned dataset: a and b are flagged; a and c lie in the square, b lies outside."""
    with Store(make(folder)) as store:
        scan_by_hand(store)
        place(store, [1.0, 3.0, 0.5], [1.0, 1.0, 0.5])
    return folder


def place(store: Store, x: list[float], y: list[float]) -> None:
    """Where a, b and c lie."""
    with store.transaction() as transaction:
        transaction.execute("DELETE FROM vectors")
        table = {"example_id": ["a", "b", "c"], "vector": [[0.0]] * 3, "x": x, "y": y}
        transaction.insert("vectors", pa.table(table))


def figure(app: AppTest) -> dict[str, Any]:
    """The chart as it is given to the browser."""
    (chart,) = app.get("plotly_chart")
    spec: dict[str, Any] = json.loads(chart.proto.spec)
    return spec


def live(app: AppTest) -> dict[str, Any]:
    """What the part of the map that runs in the browser is given."""
    (component,) = app.get("component_instance")
    given: dict[str, Any] = json.loads(component.proto.json_args)["given"]
    return given


def drawn(app: AppTest) -> set[str]:
    """The examples that are drawn."""
    return {example for trace in figure(app)["data"] for example in trace.get("customdata", [])}


def named(**parameters: str) -> AppTest:
    """The page as a reviewer who has given a name sees it."""
    app = opened("data_map")
    app.session_state["reviewer"] = "Ada"
    for name, value in parameters.items():
        app.query_params[name] = value
    return app.run()


def button(app: AppTest, label: str) -> Any:
    """The first button that says this."""
    return next(one for one in app.main.button if one.label == label)


def crowd(store: Store) -> None:
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
