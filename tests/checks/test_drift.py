import pytest

from analysis.checks import Inputs
from analysis.checks.drift import drift
from analysis.errors import NotReady
from tests.checks.made import flagged, made, members

OLD = "my card was refused at the shop counter number {}"
NEW = "walrus walrus {}"


def messages(later: list[str]) -> Inputs:
    """Forty messages in January, forty in February; `later` are the labels of the latter."""
    texts = [OLD.format(i) for i in range(40)]
    texts += [(NEW if label == "walrus" else OLD).format(i) for i, label in enumerate(later)]
    inputs = made(texts, labels=["card"] * 40 + later)
    inputs.examples["happened_at"] = ["2026-01-10"] * 40 + ["2026-02-10"] * 40
    return inputs


def test_a_label_that_is_new_is_named_with_its_examples() -> None:
    found = drift(messages(["card"] * 20 + ["walrus"] * 20))
    said = flagged(found)
    assert said["label walrus"] == "The label walrus: new since 2026-02-10, 20 of 40 examples."
    assert set(members(found)["label walrus"]) == {f"r{i}" for i in range(61, 81)}
    assert any(subject.startswith("region") and "walrus" in message for subject, message in said.items())


def test_a_steady_dataset_has_no_drift() -> None:
    assert flagged(drift(messages(["card"] * 40))) == {}


def test_data_without_dates_is_not_judged() -> None:
    with pytest.raises(NotReady, match="date"):
        drift(made([OLD.format(i) for i in range(80)], labels=["card"] * 80))
