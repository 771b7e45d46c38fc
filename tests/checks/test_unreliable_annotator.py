import csv
from pathlib import Path

import pandas as pd
import pytest

from analysis.checks import Inputs
from analysis.checks.unreliable_annotator import unreliable_annotator
from analysis.errors import NotReady
from tests.checks.made import flagged, made, members
from tests.crowds import crowd

SAMPLE = Path(__file__).parents[2] / "sample_data" / "support-messages"
Vote = tuple[str, str, str, str | None]


def four(slips: int, examples: int = 60) -> list[Vote]:
    """Ada, Ben and Cem always agree; Dan says y instead of x on the first `slips` examples."""
    votes: list[Vote] = []
    for number in range(1, examples + 1):
        right = "x" if number <= slips or number % 2 else "y"
        votes += [(f"r{number}", name, right, None) for name in ("Ada", "Ben", "Cem")]
        votes.append((f"r{number}", "Dan", "y" if number <= slips else right, None))
    return votes


def test_one_who_is_wrong_in_a_third_is_flagged_with_the_examples_that_show_it() -> None:
    found = unreliable_annotator(made(["t"] * 60, annotations=four(20)))
    (message,) = flagged(found).values()
    assert message.startswith("Dan is right in about 66 % (")  # (40 + 1/2) / (60 + 1), as Jeffreys has it
    assert "of 60 labels on examples that others labelled too, the others in 99 %." in message
    assert message.endswith("Most often they say y where x is right (20 times).")
    assert sorted(members(found)["Dan"]) == sorted(f"r{number}" for number in range(1, 21))
    assert found.set_index("subject_id")["severity"].idxmax() == "Dan"


def test_a_few_slips_are_judged_and_not_flagged() -> None:
    found = unreliable_annotator(made(["t"] * 60, annotations=four(3)))
    assert found["subject_id"].tolist() == ["Ada", "Ben", "Cem", "Dan"]
    assert not flagged(found)


def test_settings_say_how_far_off_and_on_how_many_labels() -> None:
    inputs = made(["t"] * 60, annotations=four(20))
    assert not flagged(unreliable_annotator(inputs, min_gap=0.5))
    assert unreliable_annotator(inputs, min_labels=61).empty


def test_the_sample_has_exactly_its_planted_annotator_flagged() -> None:
    with (SAMPLE / "truth.csv").open(encoding="utf-8", newline="") as file:
        planted = [row["id"] for row in csv.DictReader(file) if row["kind"] == "annotator"]
    data = pd.read_csv(SAMPLE / "support_messages.csv", dtype=str, keep_default_na=False)
    names = [name for name in data.columns if name.startswith("annotator_")]
    annotations = data.melt("id", names, "annotator", "label").rename(columns={"id": "example_id"})
    examples = data.set_index("id")[["message", "intent"]].set_axis(["text", "label"], axis=1)
    found = unreliable_annotator(Inputs(examples=examples, annotations=annotations.assign(annotated_at=None)))
    assert list(flagged(found)) == planted == ["annotator_2"]


def test_a_crowd_of_equals_has_nobody_flagged() -> None:
    for seed in range(5):
        drawn = crowd(seed, examples=300, annotators=12, accuracy=(0.85, 0.85)).annotations
        examples = pd.DataFrame({"text": "t"}, index=pd.Index(drawn["example_id"].unique()))
        found = unreliable_annotator(Inputs(examples=examples, annotations=drawn.assign(annotated_at=None)))
        assert len(found) == 12
        assert not flagged(found)


def test_labels_of_examples_that_are_gone_do_not_count() -> None:
    votes = [*four(0), *[(f"gone{number}", "Dan", "y", None) for number in range(100)]]
    assert unreliable_annotator(made(["t"] * 60, annotations=votes))["subject_id"].tolist()[-1] == "Dan"


def test_a_name_with_hidden_signs_is_spelt_out() -> None:
    votes = [(example, who.replace("Dan", "Dan\u202e"), label, at) for example, who, label, at in four(20)]
    (message,) = flagged(unreliable_annotator(made(["t"] * 60, annotations=votes))).values()
    assert message.startswith("Dan⟨U+202E⟩ is right")


@pytest.mark.parametrize(("names", "said"), [(["Ada"], "two annotators"), (["Ada", "Dan"], "which of them is right")])
def test_fewer_than_three_cannot_be_judged(names: list[str], said: str) -> None:
    votes = [vote for vote in four(20) if vote[1] in names]
    with pytest.raises(NotReady, match=said):
        unreliable_annotator(made(["t"] * 60, annotations=votes))
