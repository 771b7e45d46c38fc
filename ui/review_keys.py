"""The keys of Review: one press, one effect, on the example that the person sees; one that came too early is told.

Streamlit presses the buttons that bear a key; a frame stands before it and lets a press through once the page has
answered the one before, and once the example is drawn. On the same line it says why a key can do nothing just now.
"""

from collections.abc import Mapping
from pathlib import Path

from streamlit.components.v1 import declare_component

LATE = "Too fast, not taken: KEY."
ACTS = "review_acts"  # the container of the buttons that the frame watches
_keys = declare_component("review_keys", path=Path(__file__).parent / "keys")


def listen(*, view: str, example_id: str, one: bool, quiet: bool, why: Mapping[str, str]) -> None:
    """Draw the line on which a press that came too early is told; drawn last in the run, once all buttons are there.

    `view` is another one for each run; `one` says that the buttons are about this one example; `quiet` turns keys off;
    `why` says of keys that can do nothing now why that is.
    """
    _keys(
        view=view,
        example=example_id,
        one=one,
        off=quiet,
        late=LATE,
        why=dict(why),
        key="review_keys",
        default=None,
        tab_index=-1,
    )
