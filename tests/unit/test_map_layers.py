"""What is laid over the map: clumps, hot spots, and where the picture lies."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from analysis.coverage.clumps import clumps
from analysis.coverage.faithful import kept, nearby
from analysis.coverage.hot_spots import hot_spots
from analysis.coverage.outlines import around
from analysis.queries import map_layers
from analysis.schema import content_hash
from analysis.store import Store


def blobs(*sizes: int, apart: float = 10.0, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x, y and the blob of each point; the blobs stand in a row."""
    random = np.random.default_rng(seed)
    blob = np.repeat(np.arange(len(sizes)), sizes)
    return random.normal(0, 1, len(blob)) + apart * blob, random.normal(0, 1, len(blob)), blob


def fill(store: Store, x: np.ndarray, y: np.ndarray, texts: list[str]) -> list[str]:
    """Examples e0, e1 … at these places, without anything else."""
    ids = [f"e{i}" for i in range(len(x))]
    rows = pd.DataFrame({"example_id": ids, "row_number": np.arange(len(ids)) + 1, "text": texts}).assign(
        label="x", split=None, content_hash=content_hash("t", "x")
    )
    with store.transaction() as transaction:
        transaction.execute("DELETE FROM examples")
        transaction.insert("examples", rows)
        table = {"example_id": ids, "vector": [[0.0]] * len(ids), "x": x.astype("f4"), "y": y.astype("f4")}
        transaction.insert("vectors", pa.table(table))
    return ids


def test_points_that_lie_together_are_one_clump_and_the_largest_comes_first() -> None:
    x, y, blob = blobs(40, 90)
    group, middles = clumps(x, y, most=2)
    assert (group == 1 - blob).all()
    assert middles[0] == pytest.approx([np.median(x[blob == 1]), np.median(y[blob == 1])], abs=0.5)
    assert all(((x == at_x) & (y == at_y)).any() for at_x, at_y in middles), "a middle is one of the points"
    assert len(middles) == 2


@pytest.mark.parametrize(
    ("x", "groups"),
    [([0.0], 1), ([1.0] * 50, 1), ([0.0] * 30 + [9.0] * 30, 2), ([0.0, 5.0, 9.0], 1)],
    ids=["one point", "one place", "two places", "three points"],
)
def test_few_places_have_few_clumps(x: list[float], groups: int) -> None:
    group, middles = clumps(np.array(x), np.zeros(len(x)), most=12)
    assert (len(middles), len(group)) == (groups, len(x))


def test_the_share_of_real_neighbours_that_are_near_on_the_map() -> None:
    """On a line at 0, 1, 2 and 10: the nearest of 0 is 1; the two nearest of 10 are 2 and 1."""
    places = np.array([[0.0, 0], [1, 0], [2, 0], [10, 0]])
    position = np.array([[1, 3], [0, -1], [-1, -1]])
    assert kept(places, np.array([0, 3, 2]), position, 1).tolist()[0] == 0.5
    assert kept(places, np.array([0, 3, 2]), position, 2)[1] == 0.0
    assert kept(places, np.array([0, 3, 2]), position, 3)[1] == 1.0
    assert np.isnan(kept(places, np.array([0, 3, 2]), position, 2)[2])


def test_where_all_lie_in_one_place_everything_is_near() -> None:
    places = np.zeros((60, 2))
    assert kept(places, np.arange(60), np.roll(np.arange(60), 7)[:, None], 3).tolist() == [1.0] * 60


@pytest.mark.parametrize(("examples", "near"), [(100_000, 45), (200, 20), (30, 15), (2, 1), (1, 1)])
def test_how_many_count_as_nearby(examples: int, near: int) -> None:
    assert nearby(examples, 15) == near


def test_a_place_with_more_marked_points_than_chance_is_a_hot_spot() -> None:
    x, y, blob = blobs(300, 300, 60)
    marked = (np.random.default_rng(1).random(660) < 0.05) | (blob == 2)
    (found,) = hot_spots(x, y, marked)
    assert (blob[found] == 2).mean() > 0.9
    assert (blob[found] == 2).sum() > 40


def test_marks_by_chance_make_no_hot_spots() -> None:
    x, y, _ = blobs(300, 300)
    spots = [hot_spots(x, y, np.random.default_rng(seed).random(600) < 0.2) for seed in range(40)]
    assert sum(map(len, spots)) <= 4, "about one run in twenty may have one"


@pytest.mark.parametrize("marked", [np.zeros(50, dtype=bool), np.ones(50, dtype=bool)])
def test_without_a_difference_there_is_no_hot_spot(marked: np.ndarray) -> None:
    assert hot_spots(np.zeros(50), np.zeros(50), marked) == []


def test_where_annotators_are_split(store: Store) -> None:
    x, y, blob = blobs(200, 40)
    ids = fill(store, x, y, ["t"] * 240)
    first = pd.DataFrame({"example_id": ids, "annotator": "Ada", "label": "x"})
    second = first.assign(annotator="Bo", label=np.where(blob == 1, "y", "x"))
    with store.transaction() as transaction:
        transaction.insert("annotations", pd.concat([first, second]))
    (spot,) = map_layers.spots(store)
    assert spot.pair == ("x", "y")
    assert spot.split == spot.judged
    assert 30 <= spot.split <= 40
    x0, x1, _, _ = around(spot.region)
    assert 5 < x0 < 10 < x1


def test_a_hot_spot_counts_only_the_squares_that_were_tested(store: Store) -> None:
    """30 by 30 examples are cut into 8 by 8 squares; a ring of eight is split, the square in its middle is not."""
    x, y = (part.ravel().astype(float) for part in np.meshgrid(np.arange(30), np.arange(30)))
    column, row = ((part / 29 * 8).astype(int) for part in (x, y))
    ring = (abs(column - 3) <= 1) & (abs(row - 3) <= 1) & ((column != 3) | (row != 3))
    ids = fill(store, x, y, ["t"] * 900)
    first = pd.DataFrame({"example_id": ids, "annotator": "Ada", "label": "x"})
    second = first.assign(annotator="Bo", label=np.where(ring, "y", "x"))
    with store.transaction() as transaction:
        transaction.insert("annotations", pd.concat([first, second]))
    (spot,) = map_layers.spots(store)
    assert (spot.split, spot.judged) == (ring.sum(), ring.sum())


def test_without_two_annotators_there_is_no_hot_spot(store: Store) -> None:
    assert map_layers.spots(store) == []


def test_what_the_map_keeps_of_the_real_neighbours(store: Store) -> None:
    """Neighbours of the left blob are on the left; those of the right blob are said to be on the left, too."""
    x, y, blob = blobs(100, 100)
    ids = fill(store, x, y, ["t"] * 200)
    left = np.flatnonzero(blob == 0)
    distance = np.hypot(x[:, None] - x[left], y[:, None] - y[left])
    near = left[np.argsort(distance, axis=1)[:, 1:4]]
    members = pa.array([[ids[other] for other in row] for row in near])
    with store.transaction() as transaction:
        table = {"example_id": ids, "members": members, "similarity": [[0.5] * 3] * 200}
        transaction.insert("neighbours", pa.table(table))
    found = map_layers.faithful(store, None)
    assert (found.real, found.near) == (3, 9)
    assert found.whole == pytest.approx(0.5)
    assert np.nanmin(found.share[:, :12]) == 1.0
    assert np.nanmax(found.share[:, 16:]) == 0.0
    assert map_layers.faithful(store, (-5.0, 5.0, -5.0, 5.0)).whole == 1.0


def test_without_neighbours_nothing_is_known_about_the_picture(store: Store) -> None:
    fill(store, np.array([1.0]), np.array([1.0]), ["t"])
    found = map_layers.faithful(store, None)
    assert np.isnan(found.whole)
    assert np.isnan(found.share).all()
