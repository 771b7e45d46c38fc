import pytest

from analysis.checks.label_variant import label_variant
from tests.checks.made import flagged, made, suggestions


@pytest.mark.parametrize(
    ("rare", "usual", "difference"),
    [
        ("Refund", "refund", "capitals"),
        ("refund ", "refund", "spaces"),
        ("top up", "top  up", "spaces"),
        ("refund\u200b", "refund", "an invisible character"),
        ("cafe\u0301", "caf\u00e9", "the way accents are stored"),
        ("ｒｅｆｕｎｄ", "refund", "wide or joined letter forms"),
        ("top up", "top_up", "spacing, signs or capitals"),
        ("Top-Up", "top_up", "spacing, signs or capitals"),
        ("topup", "top up", "spaces"),
        ("refund.", "refund", "spacing, signs or capitals"),
        ("退款 ", "退款", "spaces"),
    ],
)
def test_the_rarer_spelling_is_flagged_and_the_usual_one_suggested(rare: str, usual: str, difference: str) -> None:
    found = label_variant(made(["t"] * 4, labels=[usual, rare, usual, usual]))
    assert suggestions(found) == {"r2": usual}
    written = rare.replace("\u200b", "⟨U+200B⟩")
    assert flagged(found) == {
        "r2": f"Labelled “{written}” once, but “{usual}” 3 times: the spellings differ by {difference}."
    }
    assert list(found["severity"]) == [0, 0.75, 0, 0]


@pytest.mark.parametrize(
    "labels",
    [
        ["1", "-1"],
        ["1.5", "15"],
        ["2-1", "21"],
        ["A", "A-", "A+"],
        ["C", "C++", "C#"],
        ["👍", "👎"],
        ["refund", "refunds"],
        ["+", "-", "?", ""],
        ["double_charge", "single_charge"],
    ],
)
def test_labels_that_mean_different_things_are_left_alone(labels: list[str | None]) -> None:
    assert flagged(label_variant(made(["t"] * len(labels), labels=labels))) == {}


def test_equally_frequent_spellings_keep_the_one_that_sorts_first_and_unlabelled_ones_are_not_judged() -> None:
    found = label_variant(made(["t"] * 3, labels=["a", "A", None]))
    assert suggestions(found) == {"r1": "A"}
    assert list(found["subject_id"]) == ["r1", "r2"]
