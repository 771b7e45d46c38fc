"""The picture under the points: what it shows, and where it lies."""

import base64
import io

import numpy as np
import PIL.Image

from ui import palette
from ui.map_shade import shade


def test_the_picture_is_darker_where_more_lie_and_stands_upright() -> None:
    """Nothing, one and seven examples: log 2 is a third of log 8. The first line of the grid is the lowest."""
    made = shade(np.array([[0, 1, 7], [0, 0, 0]]), (10.0, 13.0, -1.0, 1.0), "light")
    assert (made["x"], made["y"], made["sizex"], made["sizey"]) == (10.0, 1.0, 3.0, 2.0)
    kind, _, written = made["source"].partition(",")
    assert kind == "data:image/png;base64"
    picture = np.asarray(PIL.Image.open(io.BytesIO(base64.b64decode(written))))
    assert picture.shape == (2, 3, 4)
    assert picture[:, :, 3].tolist() == [[0, 0, 0], [0, 51, 153]]  # of 255: nothing, a fifth, three fifths
    assert "#{:02X}{:02X}{:02X}".format(*picture[1, 2, :3]) == palette.MUTED["light"]


def test_all_in_one_place_is_still_a_picture() -> None:
    made = shade(np.array([[3]]), (1.0, 1.0, 2.0, 2.0), "dark")
    assert made["sizex"] > 0
    assert made["sizey"] > 0
