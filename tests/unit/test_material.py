"""What a scan made is read again as it was made."""

from pathlib import Path

import numpy as np
import pytest

from analysis.load.roles import RoleNames
from analysis.scan.material import EARLIER_MAP, Signal, read_material
from analysis.scan.save import save
from analysis.store import Store
from tests.loading import loaded
from tests.tables import write

ROLES = RoleNames(text=("text",), label="label")


def _predictions(opinions: np.ndarray) -> Signal:
    arrays = {
        "classes": np.array(["x", "y"], dtype=object),
        "probabilities": np.array([[0.25, 0.75], [np.nan, np.nan], [0.5, 0.5]], dtype=np.float32),
        "left_out": np.array("1 example has no text."),
        "opinions": opinions,
    }
    return Signal("predictions", "made from this", arrays)


def _read_again(tmp_path: Path, signal: Signal) -> Signal:
    source = write(tmp_path / "three.csv", "text,label\none,x\ntwo,y\nthree,x\n")
    with Store(loaded(source, tmp_path / "ws", ROLES)) as store:
        save(store, signal)
        return read_material(store).saved["predictions"]


def test_predictions_with_the_opinion_of_each_model(tmp_path: Path) -> None:
    made = _predictions(np.array([[1, 0, 1], [0, 0, 0], [0, 1, 1]], dtype=np.int16))
    again = _read_again(tmp_path, made)
    assert again.made_from == made.made_from
    assert again.arrays["classes"].tolist() == ["x", "y"]
    assert np.array_equal(again.arrays["probabilities"], made.arrays["probabilities"], equal_nan=True)
    assert again.arrays["opinions"].tolist() == [[1, 0, 1], [-1, -1, -1], [0, 1, 1]]


def test_probabilities_that_came_with_the_data_have_no_opinions(tmp_path: Path) -> None:
    assert _read_again(tmp_path, _predictions(np.empty((3, 0)))).arrays["opinions"].shape == (3, 0)


@pytest.mark.parametrize("damage", [b"", b"PK", b"PK\x03\x04 cut off", b"nonsense"])
def test_a_damaged_earlier_map_is_as_good_as_none(tmp_path: Path, damage: bytes) -> None:
    source = write(tmp_path / "one.csv", "text,label\none,x\n")
    folder = loaded(source, tmp_path / "ws", ROLES)
    (folder / EARLIER_MAP).write_bytes(damage)
    with Store(folder) as store:
        assert "earlier map" not in read_material(store).saved
