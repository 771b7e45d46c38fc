import pandas as pd

from analysis.checks.rare_class import rare_class
from tests.checks.made import flagged, made, members


def labels(**counts: int) -> list[str | None]:
    return [label for label, count in counts.items() for _ in range(count)]


def of(given: list[str | None], **settings: int) -> pd.DataFrame:
    return rare_class(made([f"text {i}" for i in range(len(given))], labels=given), **settings)


def test_classes_below_five_are_flagged_with_their_examples() -> None:
    found = of([*labels(many=6, few=2, one=1), None])
    assert flagged(found) == {
        "few": "Only 2 examples are labelled few; a class needs 5 or more.",
        "one": "Only 1 example is labelled one; a class needs 5 or more.",
    }
    assert members(found) == {"few": ["r7", "r8"], "one": ["r9"]}
    assert dict(zip(found["subject_id"], found["severity"], strict=True)) == {"few": 0.8, "many": 0, "one": 1}


def test_five_are_enough_unless_more_are_asked_for() -> None:
    assert flagged(of(labels(a=5, b=50))) == {}
    assert list(flagged(of(labels(a=5, b=50), min_examples=6))) == ["a"]
