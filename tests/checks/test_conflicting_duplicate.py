from analysis.checks.conflicting_duplicate import conflicting_duplicate
from tests.checks.made import flagged, made, members, suggestions


def test_all_copies_are_flagged_and_the_odd_one_gets_the_majority() -> None:
    found = conflicting_duplicate(made(["Top up"] * 3 + ["Lost card"], labels=["fees", "limits", "fees", "lost"]))
    assert flagged(found) == {
        "r1": "r2 has the same text but is labelled limits. 2 of these 3 are labelled fees.",
        "r2": "r1 has the same text but is labelled fees. 2 of these 3 are labelled fees.",
        "r3": "r2 has the same text but is labelled limits. 2 of these 3 are labelled fees.",
    }
    assert suggestions(found) == {"r2": "fees"}
    assert members(found) == {"r1": ["r2"], "r2": ["r1", "r3"], "r3": ["r2"]}
    assert list(found["severity"]) == [0.5, 1, 0.5, 0]


def test_two_against_each_other_give_no_suggestion() -> None:
    found = conflicting_duplicate(made(["Top up", "Top up"], labels=["fees", "limits"]))
    assert list(flagged(found)) == ["r1", "r2"]
    assert suggestions(found) == {}


def test_a_tie_gives_no_suggestion() -> None:
    assert suggestions(conflicting_duplicate(made(["Top up"] * 4, labels=["a", "a", "b", "b"]))) == {}


def test_near_copies_under_other_labels_are_flagged_and_rank_below_exact_ones() -> None:
    found = conflicting_duplicate(
        made(
            ["the reason my top-up is still pending", "the reason my top-up is still pending?", "same", "same"],
            labels=["pending", "failed", "a", "b"],
        )
    )
    said = flagged(found)
    assert list(said) == ["r1", "r2", "r3", "r4"]
    assert said["r1"].startswith("Says almost the same as r2 (similarity 0.9")
    assert said["r1"].endswith("which is labelled failed.")
    severity = found.set_index("subject_id")["severity"]
    assert severity["r1"] < severity["r3"] == 1


def test_agreeing_unlabelled_and_empty_copies_are_fine() -> None:
    inputs = made(["same", "same", "same", "", ""], labels=["a", "a", None, "a", "b"])
    found = conflicting_duplicate(inputs)
    assert flagged(found) == {}
    assert list(found["subject_id"]) == ["r1", "r2"]


def test_a_text_with_many_labels_lists_few_examples() -> None:
    found = conflicting_duplicate(made(["ok"] * 300, labels=[f"label {i % 100}" for i in range(300)]))
    assert len(flagged(found)) == 300
    assert max(map(len, found["members"])) == 10
