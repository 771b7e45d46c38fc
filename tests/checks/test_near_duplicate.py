import numpy as np

from analysis.checks.near_duplicate import near_duplicate
from tests.checks.made import flagged, made, members

CHARGED = ["I was charged 20 € twice for one order", "I was charged 30 € twice for one order"]


def test_a_sentence_with_another_number_is_flagged_with_the_reason() -> None:
    found = near_duplicate(made([*CHARGED, "Where is my new card"], labels=["double_charge", "refund", "card"]))
    (message,) = flagged(found).values()
    assert message.startswith("Says almost the same as r1 (similarity 0.9")
    assert message.endswith("which is labelled double_charge.")
    assert members(found) == {"r2": ["r1"]}
    assert list(found["subject_id"]) == ["r1", "r2", "r3"]


def test_texts_with_near_vectors_but_other_letters_are_not_flagged() -> None:
    vectors = np.array([[1, 0], [1, 0.01], [1, 0.02]]) / 1.0
    assert flagged(near_duplicate(made(["refund please", "give it back", "return money"], vectors=vectors))) == {}


def test_texts_with_like_letters_but_far_vectors_are_not_flagged() -> None:
    assert flagged(near_duplicate(made(CHARGED, vectors=np.eye(2)))) == {}


def test_other_capitals_and_quotation_marks_are_found_wherever_the_vectors_lie() -> None:
    found = near_duplicate(made(["Where’s my Refund", "other words", "where's my refund"], vectors=np.eye(3)))
    assert flagged(found) == {"r3": "Says almost the same as r1 (similarity 1.00), which has no label."}


def test_exact_copies_are_left_to_their_own_check() -> None:
    assert flagged(near_duplicate(made(["Where is my refund now"] * 5))) == {}
    found = near_duplicate(made([CHARGED[0], CHARGED[1], CHARGED[1]]))
    assert list(flagged(found)) == ["r2"]


def test_dropping_what_is_flagged_leaves_one_of_each_chain() -> None:
    chain = [f"please send the invoice number {i} to my office again" for i in (11, 12, 13)]
    assert list(flagged(near_duplicate(made(chain)))) == ["r2", "r3"]


def test_the_settings_widen_and_narrow_what_counts() -> None:
    inputs = made(["I was charged a fee for cash today", "I was charged a fee for cash", "unlike both of them"])
    assert list(flagged(near_duplicate(inputs, min_overlap=0.7))) == ["r2"]
    assert flagged(near_duplicate(inputs, min_overlap=0.99)) == {}
    assert flagged(near_duplicate(inputs, max_distance=0.0, min_overlap=0.7)) == {}
