"""Review: every key is on one button and in the list of keys, and none decides behind a dialog."""

from collections import Counter
from pathlib import Path

import pytest

from analysis.store import Store
from tests.pages.reviewing import (
    button,
    press,
    review,
)

pytestmark = pytest.mark.usefixtures("quick_hands")


@pytest.mark.parametrize("labels", [2, 7, 8, 9, 77])
def test_every_key_is_on_one_button(scanned: Path, labels: int) -> None:
    with Store(scanned) as store, store.transaction() as transaction:
        for number in range(labels):
            transaction.execute(
                "INSERT INTO examples (example_id, row_number, text, label, content_hash) VALUES (?, ?, 't', ?, '')",
                [f"n{number}", 10 + number, f"label {number:02}"],
            )
    app = review()
    keys = Counter(b.proto.shortcut.lower() for b in app.button if b.proto.shortcut)
    assert max(keys.values()) == 1
    assert {"k", "a", "d", "u", "m", "z", "s", "j", "f", "g", "h", "q"} <= set(keys)
    numbers = sorted(key for key in keys if key.isdecimal())
    assert numbers == [str(n + 1) for n in range({2: 4, 7: 9}.get(labels, 6))]


def test_a_label_keeps_its_number_on_every_example_where_labels_are_few(scanned: Path) -> None:
    app = review()
    before = [button(app, n).label for n in "12"]
    assert button(app, "2").disabled  # y is the label of b: that is what Keep is for
    press(app, "S")
    assert [button(app, n).label for n in "12"] == before
    assert button(app, "1").disabled


def test_the_list_of_keys_has_every_key(scanned: Path) -> None:
    app = review()
    keys = {b.proto.shortcut.upper() for b in app.main.button if b.proto.shortcut}
    listed = {part.value for part in press(app, "H").text}
    assert {key for key in keys if not key.isdecimal()} <= listed
    assert "1–9" in listed


@pytest.mark.parametrize("key", ["H", "F"])
def test_no_key_decides_while_a_dialog_lies_over_the_page(scanned: Path, key: str) -> None:
    app = press(review(), key)
    assert not [b.label for b in app.main.button if b.proto.shortcut]
    app.run()
    assert button(app, "K").label == "Keep **y**"


def test_there_is_one_main_action(scanned: Path) -> None:
    app = review()
    assert [b.proto.shortcut.upper() for b in app.main.button if b.proto.type == "primary"] == ["A"]
    app = review(example="c")
    assert [b.proto.shortcut.upper() for b in app.main.button if b.proto.type == "primary"] == ["K"]
