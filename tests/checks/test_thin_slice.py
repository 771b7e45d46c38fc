import pytest

from analysis.checks.thin_slice import thin_slice
from analysis.errors import NotReady
from tests.checks.made import flagged, made, members
from tests.unit.test_sample_data import data


def test_the_coverage_hole_of_the_triage_notes_is_found_and_nothing_else() -> None:
    rows = data("triage-notes")
    inputs = made(
        rows["text"].tolist(),
        labels=rows["label"].tolist(),
        splits=rows["split"].tolist(),
        ids=rows.index.tolist(),
    )
    inputs.examples["fields.site"] = rows["site"].tolist()
    inputs.examples["happened_at"] = rows["arrived_at"].tolist()
    found = thin_slice(inputs)
    assert list(flagged(found)) == ["label = neurology, site = Harbour"]
    hole = rows[(rows["label"] == "neurology") & (rows["site"] == "Harbour")]
    assert set(members(found)["label = neurology, site = Harbour"]) == set(hole.index)
    assert flagged(found)["label = neurology, site = Harbour"].startswith(
        "label = neurology, site = Harbour: no example in training and 8 to be tested on;"
    )


def test_the_support_messages_have_no_such_hole() -> None:
    rows = data("support-messages")
    inputs = made(
        rows["text"].tolist(), labels=rows["label"].tolist(), splits=rows["split"].tolist(), ids=rows.index.tolist()
    )
    inputs.examples["fields.channel"] = rows["channel"].tolist()
    inputs.examples["fields.region"] = rows["region"].tolist()
    assert flagged(thin_slice(inputs)) == {}


def test_a_single_split_is_not_judged() -> None:
    with pytest.raises(NotReady, match="only one split"):
        thin_slice(made(["a", "b"], labels=["x", "y"], splits=["train", "train"]))
