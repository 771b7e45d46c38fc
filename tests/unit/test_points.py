"""The map's questions: what is drawn, what lies in a region, and how a region is written."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.coverage.bands import bands
from analysis.queries import points
from analysis.queries.points import MapFilter
from analysis.review.decide import decide
from analysis.schema import content_hash
from analysis.store import Store
from tests.scanned import scan_by_hand

SQUARE = ((0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0))
ARROW = ((0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (2.0, 1.0), (0.0, 4.0))  # a notch from above, down to (2, 1)


def place(store: Store, places: dict[str, tuple[float | None, float | None]]) -> None:
    x, y = zip(*places.values(), strict=True)
    with store.transaction() as transaction:
        transaction.insert(
            "vectors",
            pa.table(
                {
                    "example_id": list(places),
                    "vector": [[0.0]] * len(places),
                    "x": pa.array(x, pa.float32()),
                    "y": pa.array(y, pa.float32()),
                }
            ),
        )


@pytest.fixture
def mapped(store: Store) -> Store:
    """a and b are flagged, b by two checks; a and c lie in the square, b lies outside."""
    scan_by_hand(store)
    place(store, {"a": (1.0, 1.0), "b": (3.0, 1.0), "c": (0.5, 0.5)})
    return store


def many(store: Store, number: int, flagged: Sequence[int] = ()) -> None:
    """Examples m0, m1 … on a line, some of them flagged."""
    ids = [f"m{i}" for i in range(number)]
    examples = pd.DataFrame({"example_id": ids, "row_number": range(10, 10 + number), "text": "t", "label": "x"})
    findings = pd.DataFrame({"subject_id": [f"m{i}" for i in flagged]}).assign(
        check_name="odd", subject="example", severity=0.5, flagged=True, message="is odd", run_id="1.odd"
    )
    with store.transaction() as transaction:
        transaction.insert("examples", examples.assign(content_hash=content_hash("t", "x")))
        if len(findings):
            table = pa.Table.from_pandas(findings, preserve_index=False)
            transaction.insert("findings", table.append_column("members", pa.array([[]] * len(findings))))
    place(store, {example_id: (float(i), 0.0) for i, example_id in enumerate(ids)})


@pytest.mark.parametrize(
    ("region", "inside"),
    [
        ((SQUARE,), [True, False, True, False]),
        ((ARROW,), [True, True, False, False]),  # (2, 2) lies in the notch of the arrow
        ((SQUARE, ((5.0, 5.0), (7.0, 5.0), (6.0, 7.0))), [True, False, True, True]),
        (((tuple(reversed(SQUARE))),), [True, False, True, False]),
        # A figure of eight: both loops are inside, what lies below the crossing is not.
        ((((0.0, 0.0), (2.0, 2.0), (2.0, 0.0), (0.0, 2.0)),), [False, False, True, False]),
        ((((1.0, 1.0), (1.0, 1.0), (1.0, 1.0)),), [False, False, False, False]),
    ],
    ids=["square", "concave", "two outlines", "drawn the other way", "crossing itself", "a single place"],
)
def test_which_points_lie_in_a_region(region: points.Region, inside: list[bool]) -> None:
    x, y = np.array([1.0, 3.5, 1.9, 6.0]), np.array([0.5, 1.0, 1.0, 5.5])
    if region[0] is ARROW:
        x, y = np.array([1.0, 3.5, 2.0, 6.0]), np.array([0.5, 1.0, 2.0, 5.5])
    assert points.within(x, y, region).tolist() == inside


def test_an_outline_that_lies_on_another_does_not_take_points_out() -> None:
    assert points.within(np.array([1.0]), np.array([1.0]), (SQUARE, SQUARE)).tolist() == [True]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1,2",
        "1,2;3,4",
        "1,2;3,4;5",
        "1,2,3;4,5,6;7,8,9",
        "a,b;c,d;e,f",
        "nan,0;1,0;1,1",
        "inf,0;1,0;1,1",
        "0,0;1,0;1,1|",
        ";".join(["0,0"] * 81),
        "|".join(["0,0;1,0;1,1"] * 21),
        "![x](http://x)",
    ],
)
def test_text_that_is_no_region_is_none(text: str) -> None:
    assert points.parse(text) is None


def test_a_region_is_read_back_as_it_was_written() -> None:
    region = (SQUARE, ((-1.5, 0.25), (3.0, 0.0), (1e-05, 123456.0)))
    assert points.parse(points.written(region)) == region
    assert points.written([SQUARE, ((0.0, 0.0), (1.0, 1.0))]) == "0,0;2,0;2,2;0,2"


@given(st.lists(st.tuples(*[st.floats(-1e6, 1e6)] * 2), min_size=3, max_size=200))
def test_whatever_is_drawn_can_be_read_back(outline: list[points.Corner]) -> None:
    written = points.written([outline])
    region = points.parse(written)
    assert region is not None
    assert points.written(region) == written


def test_a_long_outline_keeps_its_shape() -> None:
    """A square of 400 corners needs four of them: hardly an area changes."""
    side = np.linspace(0, 2, 100, endpoint=False)
    zero, two = np.zeros(100), np.full(100, 2.0)
    drawn = [
        *zip(side, zero, strict=True),
        *zip(two, side, strict=True),
        *zip(2 - side, two, strict=True),
        *zip(zero, 2 - side, strict=True),
    ]
    region = points.parse(points.written([[(float(x), float(y)) for x, y in drawn]]))
    assert region is not None
    assert len(region[0]) == points.MOST_CORNERS
    assert set(SQUARE) <= set(region[0])


def test_a_region_holds_examples_that_are_not_drawn(mapped: Store) -> None:
    assert len(points.drawn(mapped, MapFilter(), "label", most=1).rows) == 1
    assert points.inside(mapped, (SQUARE,)) == ("a", "c")


def test_a_region_is_described(mapped: Store) -> None:
    decide(mapped, ["a"], "relabel", new_label="y", reviewer="Ada")
    found = points.selected(mapped, MapFilter(), (SQUARE,))
    assert (found.example_ids, found.labelled) == (("a", "c"), ("a",))
    assert (found.examples, found.flagged, found.decided) == (2, 1, 1)
    assert found.labels["examples"].tolist() == [1, 1]
    assert found.table["example_id"].tolist() == ["a", "c"]
    assert found.table[["action", "new_label"]].iloc[0].tolist() == ["relabel", "y"]


def test_what_the_map_does_not_show_is_not_selected(mapped: Store) -> None:
    everywhere = (((-9.0, -9.0), (9.0, -9.0), (9.0, 9.0), (-9.0, 9.0)),)

    def ids(wanted: MapFilter) -> tuple[str, ...]:
        return points.selected(mapped, wanted, everywhere).example_ids

    assert ids(MapFilter()) == ("a", "b", "c")
    assert ids(MapFilter("flagged")) == ("a", "b")
    assert ids(MapFilter(check="odd")) == ("b",)
    decide(mapped, ["b"], "drop", reviewer="Ada")
    assert ids(MapFilter("open")) == ("a",)


def test_without_a_region_all_that_is_shown_is_described(mapped: Store) -> None:
    found = points.selected(mapped, MapFilter("flagged"), None)
    assert (found.example_ids, found.examples, found.flagged) == ((), 2, 2)
    assert found.table.empty


def test_examples_without_a_place_are_left_out(store: Store) -> None:
    place(store, {"a": (1.0, 1.0), "b": (float("nan"), 1.0), "c": (None, None)})
    assert points.has_map(store)
    assert points.drawn(store, MapFilter(), "label").rows["example_id"].tolist() == ["a"]
    assert points.extent(store) == (1.0, 1.0, 1.0, 1.0)
    assert points.inside(store, (SQUARE,)) == ("a",)


def test_without_places_there_is_no_map(store: Store) -> None:
    assert not points.has_map(store)
    place(store, {"a": (float("nan"), float("nan"))})
    assert not points.has_map(store)


def test_a_point_says_why_it_is_flagged(mapped: Store) -> None:
    drawn = points.drawn(mapped, MapFilter(), "issue")
    assert (drawn.total, drawn.flagged) == (3, 2)
    rows = drawn.rows.set_index("example_id")
    assert rows["reasons"].to_dict() == {"a": 1, "b": 2, "c": 0}
    assert rows.loc["b", "reason"] == "odd says b"  # the first check by name
    assert rows["category"].fillna("none").to_dict() == {"a": "wrong", "b": points.SEVERAL, "c": "none"}


def test_a_sample_keeps_every_flagged_point_and_is_the_same_each_time(store: Store) -> None:
    flagged = [3, 50, 99]
    many(store, 100, flagged)
    first = points.drawn(store, MapFilter(), "label", most=20)
    assert (len(first.rows), first.total, first.flagged) == (20, 100, 3)
    assert set(first.rows.loc[first.rows["reasons"] > 0, "example_id"]) == {"m3", "m50", "m99"}
    again = points.drawn(store, MapFilter(), "split", most=20)
    assert again.rows["example_id"].tolist() == first.rows["example_id"].tolist()


def test_too_many_flagged_points_leave_room_for_others(store: Store) -> None:
    many(store, 100, range(60))
    drawn = points.drawn(store, MapFilter(), "label", most=20)
    assert (drawn.rows["reasons"] > 0).sum() == 12
    assert len(drawn.rows) == 20


def test_the_density_counts_every_shown_example(store: Store) -> None:
    many(store, 100, [99])
    grid = points.density(store, MapFilter())
    assert grid.sum() == 100
    assert points.density(store, MapFilter("flagged")).nonzero() == (np.array([0]), np.array([99]))


def test_categories_come_in_the_order_of_every_page(mapped: Store) -> None:
    many(mapped, 4)
    found = points.categories(mapped, "label")
    assert found["category"].fillna("none").tolist() == ["x", "y", "none"]
    assert found["examples"].tolist() == [5, 1, 1]
    assert found["flagged"].sum() == 2


def test_points_are_coloured_by_a_column_of_the_file(store: Store) -> None:
    with store.transaction() as transaction:
        transaction.execute("CREATE TABLE source (row_number BIGINT, example_id VARCHAR, c0 VARCHAR, c1 VARCHAR)")
        transaction.execute(
            "INSERT INTO source VALUES (1, 'a', 'one', '\"mail\"'), (2, 'b', 'two', '7'), (3, 'c', 'three', '')"
        )
        transaction.execute("INSERT INTO columns VALUES (0, 'text', 'text'), (1, 'channel', 'json')")
        transaction.set_meta("roles", '{"text": [0]}')
    place(store, {"a": (1.0, 1.0), "b": (3.0, 1.0), "c": (0.5, 0.5)})
    assert points.colourings(store) == [
        ("label", "label"),
        ("issue", "issue"),
        ("verdict", "decision"),
        ("c1", "channel"),
    ]
    drawn = points.drawn(store, MapFilter(), "c1")
    assert drawn.rows["category"].fillna("none").tolist() == ["mail", "7", "none"]


def test_numbers_are_cut_into_bands_of_about_as_many_examples() -> None:
    cells = pd.DataFrame({"category": [str(i) for i in range(1, 21)], "examples": 1})
    found = bands(cells.iloc[::-1], most=14)
    assert found is not None
    assert list(dict.fromkeys(found.values())) == ["1 to 4", "5 to 8", "9 to 12", "13 to 16", "17 to 20"]
    assert (found["4"], found["5"]) == ("1 to 4", "5 to 8")


def test_the_same_number_written_twice_lies_in_one_band() -> None:
    cells = pd.DataFrame({"category": ["1", "1.0", *map(str, range(2, 20)), None], "examples": [90, 1, *[1] * 18, 500]})
    found = bands(cells, most=14)
    assert found is not None
    assert found["1"] == found["1.0"] == "1 to 1"


@pytest.mark.parametrize(
    "cells",
    [["mail"] * 20, [str(i) for i in range(14)], [str(i) for i in range(18)] + ["a", "b"], ["nan", "inf"] * 10, []],
)
def test_other_columns_have_no_bands(cells: list[str]) -> None:
    assert bands(pd.DataFrame({"category": cells, "examples": [1] * len(cells)}, dtype=object), most=14) is None
