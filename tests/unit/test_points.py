"""The map's questions: what is drawn, by which colour, and what lies in a region."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from analysis.coverage.bands import bands, date_bands, even_bands
from analysis.queries import map_colours, points
from analysis.queries.points import MapFilter
from analysis.queries.queue import UNLABELLED
from analysis.review.decide import decide
from analysis.schema import content_hash
from analysis.store import Store
from tests.scanned import scan_by_hand

SQUARE = ((0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0))


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


def test_a_region_holds_examples_that_are_not_drawn(mapped: Store) -> None:
    assert len(points.drawn(mapped, MapFilter(), "label", most=1).rows) == 1
    assert points.inside(mapped, (SQUARE,)) == ("a", "c")


def test_a_region_is_described(mapped: Store) -> None:
    decide(mapped, ["a"], "relabel", new_label="y", reviewer="Ada")
    found = points.selected(mapped, MapFilter(), (SQUARE,))
    assert (found.example_ids.to_pylist(), found.labelled.to_pylist()) == (["a", "c"], ["a"])
    assert (found.examples, found.flagged, found.decided) == (2, 1, 1)
    assert found.labels["examples"].tolist() == [1, 1]
    assert found.table["example_id"].tolist() == ["a", "c"]
    assert found.table[["decision", "new_label"]].iloc[0].tolist() == ["relabel", "y"]


def test_what_the_map_does_not_show_is_not_selected(mapped: Store) -> None:
    everywhere = (((-9.0, -9.0), (9.0, -9.0), (9.0, 9.0), (-9.0, 9.0)),)

    def ids(wanted: MapFilter) -> tuple[str, ...]:
        return tuple(points.selected(mapped, wanted, everywhere).example_ids.to_pylist())

    assert ids(MapFilter()) == ("a", "b", "c")
    assert ids(MapFilter("flagged")) == ("a", "b")
    assert ids(MapFilter(check="odd")) == ("b",)
    decide(mapped, ["b"], "drop", reviewer="Ada")
    assert ids(MapFilter("open")) == ("a",)


def test_without_a_region_all_that_is_shown_is_described(mapped: Store) -> None:
    found = points.selected(mapped, MapFilter("flagged"), None)
    assert (len(found.example_ids), found.examples, found.flagged) == (0, 2, 2)
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
    assert rows["category"].fillna("none").to_dict() == {"a": "wrong", "b": map_colours.SEVERAL, "c": "none"}


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
    assert map_colours.colourings(store) == [
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


def test_shares_are_cut_into_fifths_that_mean_the_same_everywhere() -> None:
    cells = pd.DataFrame({"category": ["0.97", "0", "1.0", "0.2", None], "examples": 1})
    found = even_bands(cells)
    assert found == {"0": "0 to 0.2", "0.2": "0.2 to 0.4", "0.97": "0.8 to 1", "1.0": "0.8 to 1"}
    assert list(dict.fromkeys(found.values())) == ["0 to 0.2", "0.2 to 0.4", "0.8 to 1"]


def test_bands_of_large_numbers_keep_their_names_apart() -> None:
    cells = [str(1_700_000_000_000 + i) for i in range(20)]
    found = bands(pd.DataFrame({"category": cells, "examples": 1}), most=14)
    assert found is not None
    assert found[cells[0]] == "1700000000000 to 1700000000003"
    assert len(set(found.values())) == 5
    odd = [repr(0.1 + i * 2**-56) for i in range(20)]  # each another number, the same to 15 digits
    found = bands(pd.DataFrame({"category": odd, "examples": 1}), most=14)
    assert found is not None
    assert len(set(found.values())) == 5


def test_the_same_number_written_twice_lies_in_one_band() -> None:
    cells = pd.DataFrame({"category": ["1", "1.0", *map(str, range(2, 20)), None], "examples": [90, 1, *[1] * 18, 500]})
    found = bands(cells, most=14)
    assert found is not None
    assert found["1"] == found["1.0"] == "1"


@pytest.mark.parametrize(
    "cells",
    [["mail"] * 20, [str(i) for i in range(14)], [str(i) for i in range(18)] + ["a", "b"], ["nan", "inf"] * 10, []],
)
def test_other_columns_have_no_bands(cells: list[str]) -> None:
    assert bands(pd.DataFrame({"category": cells, "examples": [1] * len(cells)}, dtype=object), most=14) is None


def test_dates_are_cut_into_bands_of_about_as_many_examples() -> None:
    days = pd.DataFrame({"category": [f"2026-01-{day:02}" for day in range(1, 11)] + [None], "examples": 2})
    found = date_bands(days.iloc[::-1])
    assert list(dict.fromkeys(found.values())) == [
        "2026-01-01 to 2026-01-02",
        "2026-01-03 to 2026-01-04",
        "2026-01-05 to 2026-01-06",
        "2026-01-07 to 2026-01-08",
        "2026-01-09 to 2026-01-10",
    ]
    assert len(found) == 10


def test_a_label_and_a_window_narrow_what_is_shown(mapped: Store) -> None:
    def ids(wanted: MapFilter) -> list[str]:
        return list(points.drawn(mapped, wanted, "label").rows["example_id"])

    assert ids(MapFilter(label="x")) == ["a"]
    assert ids(MapFilter(label=UNLABELLED)) == ["c"]
    assert ids(MapFilter(label="![x](http://x)")) == []
    assert ids(MapFilter(window=(0.0, 2.0, 0.0, 2.0))) == ["a", "c"]
    assert ids(MapFilter("flagged", label="x", window=(0.0, 2.0, 0.0, 2.0))) == ["a"]
    assert points.selected(mapped, MapFilter(label="x"), (SQUARE,)).example_ids.to_pylist() == ["a"]
    assert points.selected(mapped, MapFilter(window=(0.0, 2.0, 0.0, 2.0)), None).examples == 2


def test_a_region_is_not_cut_off_by_the_window_that_it_was_drawn_in(mapped: Store) -> None:
    assert points.selected(mapped, MapFilter(window=(0.9, 2.0, 0.9, 2.0)), (SQUARE,)).example_ids.to_pylist() == [
        "a",
        "c",
    ]


def test_a_window_is_drawn_with_more_of_its_points_and_a_finer_density(store: Store) -> None:
    many(store, 100)
    whole = points.drawn(store, MapFilter(), "label", most=20)
    window = (-0.5, 29.5, -1.0, 1.0)
    part = points.drawn(store, MapFilter(window=window), "label", most=20)
    assert (len(part.rows), part.total) == (20, 30)
    seen = {name for name in whole.rows["example_id"] if int(name[1:]) < 30}
    assert len(seen) < 20
    assert seen <= set(part.rows["example_id"]), "what was seen before stays"
    grid = points.density(store, MapFilter(window=window))
    assert grid.sum() == 30
    assert grid.max() == 1


def test_what_is_flagged_and_still_open_is_counted(mapped: Store) -> None:
    decide(mapped, ["b"], "drop", reviewer="Ada")
    whole = points.selected(mapped, MapFilter(), None)
    assert (whole.flagged, whole.decided, whole.open) == (2, 1, 1)
    region = points.selected(mapped, MapFilter(), (((-9.0, -9.0), (9.0, -9.0), (9.0, 9.0), (-9.0, 9.0)),))
    assert (region.flagged, region.decided, region.open) == (2, 1, 1)
    pd.testing.assert_frame_equal(whole.labels, region.labels, check_dtype=False)


def test_points_are_coloured_by_how_suspicious_a_check_finds_them(mapped: Store) -> None:
    """ "odd" gave b 0.9; of c it had an opinion, too, without flagging it; of a it had none."""
    rows = points.drawn(mapped, MapFilter(), "severity:odd").rows
    assert rows.set_index("example_id")["category"].fillna("none").to_dict() == {"a": "none", "b": "0.9", "c": "0.9"}
    assert points.drawn(mapped, MapFilter(), "severity:' OR true --").rows["category"].isna().all()


def test_points_are_coloured_by_disagreement_among_neighbours(mapped: Store) -> None:
    """a is evenly split (1 bit), b agreed (0 bits), c has one label: with neighbours, (1 + 0)/2, (0 + 1)/2 and 1/1."""
    assert "disagreement" not in dict(map_colours.colourings(mapped))
    annotate(mapped, [("a", "Ada", "x"), ("a", "Bo", "y"), ("b", "Ada", "y"), ("b", "Bo", "y"), ("c", "Ada", "x")])
    with mapped.transaction() as transaction:
        members = pa.array([["b"], ["a", "c"], ["a"]])
        table = {"example_id": ["a", "b", "c"], "members": members, "similarity": [[0.5], [0.5, 0.5], [0.5]]}
        transaction.insert("neighbours", pa.table(table))
    assert "disagreement" in dict(map_colours.colourings(mapped))
    rows = points.drawn(mapped, MapFilter(), "disagreement").rows
    assert rows.set_index("example_id")["category"].to_dict() == {"a": "0.5", "b": "0.5", "c": "1.0"}
    found = points.categories(mapped, "disagreement")
    assert found["examples"].tolist() == [2, 1]


def test_of_two_labels_by_one_annotator_the_later_counts(mapped: Store) -> None:
    annotate(mapped, [("a", "Ada", "y"), ("a", "Ada", "x"), ("a", "Bo", "x")])
    assert points.drawn(mapped, MapFilter(), "disagreement").rows["category"].fillna("none").tolist() == [
        "0.0",
        "none",
        "none",
    ]


@pytest.mark.parametrize(
    ("written", "days"),
    [
        (["2026-03-14T10:00", "2026-03-15", "2026-03-15 11:00:00"], ["2026-03-14", "2026-03-15", "2026-03-15"]),
        (["2026-03-14", "2026-03-15T25:99", "soon"], ["2026-03-14", "2026-03-15", "none"]),
    ],
)
def test_points_are_coloured_by_day(mapped: Store, written: list[str], days: list[str]) -> None:
    assert "date" not in dict(map_colours.colourings(mapped))
    with mapped.transaction() as transaction:
        for example_id, moment in zip("abc", written, strict=True):
            transaction.execute("UPDATE examples SET happened_at = ? WHERE example_id = ?", [moment, example_id])
    assert "date" in dict(map_colours.colourings(mapped))
    assert points.drawn(mapped, MapFilter(), "date").rows["category"].fillna("none").tolist() == days


def annotate(store: Store, given: Sequence[tuple[str, str, str]]) -> None:
    frame = pd.DataFrame(given, columns=["example_id", "annotator", "label"])
    with store.transaction() as transaction:
        transaction.insert("annotations", frame)
