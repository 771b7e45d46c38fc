"""A dataset's next version is drawn into the map of the earlier one."""

from pathlib import Path

import numpy as np
import pytest

from analysis.load.roles import RoleNames
from analysis.queries.map_made import MapMade, map_made
from analysis.scan import scan_store
from analysis.scan.drawing import earlier_places, text_keys
from analysis.scan.material import Signal, read_material
from analysis.scan.save import save
from analysis.store import Store
from tests.loading import loaded
from tests.tables import write

pytestmark = pytest.mark.slow

ROLES = RoleNames(text=("text",), label="label")


def _places(store: Store) -> dict[str, tuple[float, float]]:
    rows = store.rows("SELECT e.text, v.x, v.y FROM examples e JOIN vectors v USING (example_id)")
    return {text: (x, y) for text, x, y in rows}


def test_equal_texts_lie_where_their_like_lay_in_order() -> None:
    known = text_keys(["a", "b", "a"])
    points = np.array([[1, 1], [2, 2], [3, 3]], dtype=np.float32)
    places = earlier_places(text_keys(["c", "a", "a", "a", "b"]), known, points)
    assert np.isnan(places[[0, 3]]).all()
    assert places[[1, 2, 4]].tolist() == [[1, 1], [3, 3], [2, 2]]


def test_half_a_character_is_a_text_too() -> None:
    assert len(set(text_keys(["\ud800", "", "a", "A", "a "]).tolist())) == 5


def test_the_map_outlives_the_data_that_it_was_drawn_from(tmp_path: Path) -> None:
    before, after = (write(tmp_path / name, text) for name, text in (
        ("before.csv", "text,label\none,x\ntwo,y\n"), ("after.csv", "text,label\ntwo,y\nthree,x\none,x\n")
    ))  # fmt: skip
    folder = loaded(before, tmp_path / "ws", ROLES)
    points = np.array([[1, 2], [3, 4]], dtype=np.float32)
    arrays = {"points": points, "texts": text_keys(["one", "two"]), "model": np.array("static")}
    with Store(folder) as store:
        assert map_made(store) is None
        save(store, Signal("vectors", "v", {"values": np.eye(2, dtype=np.float32), "model": np.array("static")}))
        save(store, Signal("map", "m", {**arrays, "kept": np.array(0), "fitted": np.array(2)}))
        assert _places(store) == {"one": (1, 2), "two": (3, 4)}
        assert map_made(store) == MapMade(placed=2, fitted=2, kept=0)
    loaded(after, tmp_path / "ws", ROLES, replace=True)
    with Store(folder) as store:
        material = read_material(store)
        earlier = material.saved["earlier map"]
        assert map_made(store) is None
        found = earlier_places(text_keys(material.examples["text"]), earlier.arrays["texts"], earlier.arrays["points"])
    assert found[[0, 2]].tolist() == [[3, 4], [1, 2]]
    assert np.isnan(found[1]).all()


def test_after_a_replacement_people_find_their_places_again(tmp_path: Path) -> None:
    lines = [f"{word} {number} {thing}" for word in ("lost", "late", "broken") for number in range(8) for thing in
             ("parcel", "letter")]  # fmt: skip
    before = write(tmp_path / "before.csv", "text,label\n" + "".join(f"{line},x\n" for line in lines[:-4]))
    after = write(tmp_path / "after.csv", "text,label\n" + "".join(f"{line},x\n" for line in reversed(lines)))
    folder = loaded(before, tmp_path / "ws", ROLES)
    told: list[float] = []
    with Store(folder) as store:
        scan_store(store, only=[], progress=lambda what, share: told.append(share) if what == "map" else None)
        first = _places(store)
        assert map_made(store) == MapMade(placed=44, fitted=44, kept=0)
    assert told[-1] == 1
    assert told == sorted(told)
    loaded(after, tmp_path / "ws", ROLES, replace=True)
    with Store(folder) as store:
        scan_store(store, only=[])
        second = _places(store)
        assert map_made(store) == MapMade(placed=48, fitted=44, kept=44)
    assert {text: second[text] for text in first} == first
    assert np.isfinite(list(second.values())).all()
