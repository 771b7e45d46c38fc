"""Coverage: what changed since the data were replaced, told text by text, with the way to the examples."""

from pathlib import Path

import pandas as pd
import pytest

from analysis.load.save import load_file
from analysis.queries import coverage_apart, coverage_drift, coverage_reference
from analysis.queries.coverage_parts import members
from analysis.signals.embed import embed
from analysis.store import Store
from tests.pages.app import opened, said
from tests.scanned import ran

pytestmark = pytest.mark.slow

HOSTILE = "![x](http://x) **come**"


@pytest.fixture
def replaced(workspace: Path) -> Path:
    """Of 40 examples 30 stayed, two of them with another label; ten came, one of them hostile, and ten went."""
    before = pd.DataFrame({"message": [f"parcel number {i}" for i in range(40)], "label": "x"})
    came = [HOSTILE, *(f"refund number {i}" for i in range(9))]
    now = pd.DataFrame({"message": [*before["message"][:30], *came], "label": ["y", "y", *["x"] * 38]})
    splits = ["train", "test"] * 20
    for frame in (before, now):
        path = workspace.parent / "tickets.csv"
        frame.assign(split=splits).to_csv(path, index=False)
        load_file(workspace, path, name="tickets", replace=True)
    with Store(workspace / "tickets") as store:
        ran(store, "odd", flagged=0, judged=40)
        rows = store.frame("SELECT example_id, text FROM examples ORDER BY row_number")
        made = embed(rows["text"].tolist())
        with store.transaction() as transaction:
            transaction.insert("vectors", rows[["example_id"]].assign(vector=list(made.values), x=0.0, y=0.0))
            transaction.set_meta("signal.vectors.detail", f'{{"model": "{made.model}"}}')
    return workspace / "tickets"


def test_what_came_went_and_was_relabelled_is_counted_and_leads_to_its_examples(replaced: Path) -> None:
    with Store(replaced) as store:
        (version,) = coverage_reference.versions(store)
        found = coverage_drift.shift(store, version.key)
        assert found.exchange == coverage_apart.Exchange(stayed=30, relabelled=2, came=10, went=10)
        assert members(store, found.new.part) == tuple(f"r{i}" for i in range(31, 41))
        assert members(store, found.relabelled.part) == ("r1", "r2")
        assert found.gone.part == "", "what went is in the dataset no more"
        assert found.gone.texts[0] == "parcel number 30"
        words = found.changes[found.changes["kind"] == "word"].set_index("name")["change"]
        assert words["refund"] == "new"


def test_a_sample_is_not_compared_text_by_text(replaced: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where only a part of a version was kept, a text that is not in it may have been there."""
    read = coverage_reference.sets.read
    monkeypatch.setattr(
        coverage_reference.sets,
        "read",
        lambda folder, name: coverage_reference.Kept((one := read(folder, name)).texts, one.labels, one.of + 1),
    )
    with Store(replaced) as store:
        (version,) = coverage_reference.versions(store)
        found = coverage_drift.shift(store, version.key)
    assert found.exchange is None
    assert found.difference is not None


def test_the_page_offers_the_version_before_and_says_what_changed(replaced: Path) -> None:
    app = opened("coverage")
    assert not app.exception
    (offer,) = [one for one in app.main.button if one.label.replace("\\", "").startswith("Compare with the version of")]
    offer.click().run()
    assert not app.exception
    text = said(app)
    assert app.query_params["reference"].startswith("kept=version-")
    assert "Text by text: of the 40 examples as they are now, 30 are in the version of" in text
    assert "too, 2 of them with another label; 10 are new, and 10 of its 40 are gone." in text
    for title in ("**New: 10 texts**", "**Gone: 10 texts**", "**With another label: 2 texts**"):
        assert title in text
    assert "](http" not in text
    assert not [one for one in app.main.button if one.label.startswith("Compare with the version")]


def test_without_an_earlier_version_the_page_says_how_there_comes_to_be_one(workspace: Path) -> None:
    path = workspace.parent / "tickets.csv"
    path.write_text("message,label\n" + "".join(f"parcel {i},x\n" for i in range(30)), encoding="utf-8")
    load_file(workspace, path, name="tickets")
    with Store(workspace / "tickets") as store:
        ran(store, "odd", flagged=0, judged=30)
    app = opened("coverage")
    assert not app.exception
    assert "When the data of this dataset are replaced" in said(app)
