from analysis.checks.exact_duplicate import exact_duplicate
from tests.checks.made import flagged, made, members


def test_every_copy_but_the_one_with_the_first_id_is_flagged_and_named() -> None:
    found = exact_duplicate(
        made(
            ["Where is it", "hello", "Where  is it ", "Where is it\n"],
            labels=["a", "b", "c", None],
            ids=["r10", "r3", "r9", "r11"],
        )
    )
    assert flagged(found) == {
        "r10": "The same text as r9 (labelled c); 3 examples have it.",
        "r11": "The same text as r9 (labelled c); 3 examples have it.",
    }
    assert members(found) == {"r10": ["r9", "r11"], "r11": ["r9", "r10"]}
    assert dict(zip(found["subject_id"], found["severity"].round(3), strict=True)) == {
        "r10": 0.667, "r3": 0, "r9": 0, "r11": 0.667,
    }  # fmt: skip


def test_one_accent_stored_in_two_ways_is_the_same_text() -> None:
    assert list(flagged(exact_duplicate(made(["caf\u00e9", "cafe\u0301"])))) == ["r2"]


def test_other_capitals_other_texts_and_empty_texts_are_no_copies() -> None:
    found = exact_duplicate(made(["Refund", "refund", "refunds", "", "", "  "]))
    assert flagged(found) == {}
    assert list(found["subject_id"]) == ["r1", "r2", "r3"]


def test_no_more_than_ten_copies_are_listed() -> None:
    shown_with = members(exact_duplicate(made(["the same"] * 30)))
    assert len(shown_with) == 29
    assert {len(several) for several in shown_with.values()} == {10}
