"""Ambiguous or a slip: on crowds whose truth is known, and on a mixture worked out by hand."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest

from analysis.people import Labels, ambiguity_model, code_labels
from analysis.people.ambiguity import OPEN, SEVERAL, SLIP, by_pair, evidence, find_ambiguous, leaning, slips_of
from tests.crowds import crowd, tasteful


def labels_of(rows: dict[str, str]) -> Labels:
    """One letter an annotator, A, B, C …; a dot where one gave no label."""
    given = [(example, chr(65 + place), label) for example, said in rows.items() for place, label in enumerate(said)]
    frame = pd.DataFrame(given, columns=["example_id", "annotator", "label"])
    return code_labels(frame[frame["label"] != "."])


def of(labels: Labels, example: str) -> int:
    return int(np.flatnonzero(labels.examples == example)[0])


def everyday(examples: int, people: int, classes: str = "xyz") -> dict[str, str]:
    """Examples on which all agree, so that everybody is known to be good."""
    return {f"same{n}": classes[n % len(classes)] * people for n in range(examples)}


def slips(people: int) -> dict[str, str]:
    """Fifteen examples that are z to all but one, by turns; that one says x or y, by turns."""
    return {f"slip{n}": "z" * (n % people) + "xy"[n % 2] + "z" * (people - n % people - 1) for n in range(15)}


def test_a_lone_dissenter_slipped_and_an_even_split_that_comes_again_is_taste() -> None:
    pairs = [*itertools.combinations(range(5), 2)] * 2  # everybody is on either side equally often
    even = {f"even{n}": "".join("xy"[(place in pair) ^ (n < 10)] for place in range(5)) for n, pair in enumerate(pairs)}
    labels = labels_of({**everyday(100, 5), **even, **slips(5)})
    found = find_ambiguous(labels)
    assert {found.kind[of(labels, name)] for name in slips(5)} == {SLIP}
    assert labels.classes[found.single[of(labels, "slip4")]] == "z"
    assert found.kind[of(labels, "same0")] == ""
    assert {found.kind[of(labels, name)] for name in even} == {SEVERAL}
    assert (found.first[of(labels, "even0")], found.second[of(labels, "even0")]) == (0, 1)
    assert np.isnan(found.several[of(labels, "same0")])


def test_two_labels_never_tell_and_three_never_show_that_two_are_valid() -> None:
    rows = {f"two{n}": "xy." for n in range(30)} | {f"three{n}": "xxy" if n % 2 else "yxx" for n in range(30)}
    labels = labels_of({**everyday(60, 3), **rows})
    found = find_ambiguous(labels)
    assert {found.kind[of(labels, f"two{n}")] for n in range(30)} == {OPEN}
    assert SEVERAL not in found.kind


def test_who_differs_tells_a_slip_from_what_nobody_can_tell() -> None:
    """C is wrong in every second label, A and B hardly ever."""
    rows = {f"careless{n}": "xxy" if n % 2 else "yyx" for n in range(60)} | {"other": "xyx"}
    labels = labels_of({**everyday(60, 3, "xy"), **rows})
    found = find_ambiguous(labels)
    assert found.slip[of(labels, "careless0")] > found.slip[of(labels, "other")]
    assert found.accuracy[2] < 0.7 < 0.9 < found.accuracy[0]
    pair = by_pair(labels, found).iloc[0]
    assert (pair["annotator"], pair["most"]) == (2, 60)


def test_the_chances_are_those_of_the_mixture() -> None:
    """Three of x and one of y by people of one accuracy, worked out from the formulas in the docstring."""
    labels = labels_of({"e": "xxxy"})
    votes = ambiguity_model._count(labels)
    fitted = ambiguity_model.Fitted(
        errors=np.full(4, 0.1), harder=np.ones(2), one=np.array([0.5, 0.3]), two=np.array([0.2]), slips=np.ones((2, 1))
    )
    found = ambiguity_model._chances(labels, votes, fitted)
    x, y, both = 0.5 * 0.9**3 * 0.1, 0.3 * 0.1**3 * 0.9, 0.2 * math.factorial(3) / math.factorial(5)
    assert found.single.tolist() == pytest.approx([x / (x + y + both), y / (x + y + both)])
    assert found.double.tolist() == pytest.approx([both / (x + y + both)])
    assert found.likelihood == pytest.approx(math.log(x + y + both))


@pytest.mark.parametrize("close", [0.0, 0.8], ids=["slips go anywhere", "slips go to the label that is like it"])
def test_what_is_said_holds_on_crowds_whose_truth_is_known(close: float) -> None:
    slips, several = [], []
    for seed in range(4):
        made, valid = tasteful(seed, close=close)
        labels = code_labels(made)
        found = find_ambiguous(labels)
        truth = valid[labels.examples].to_numpy()
        slips.append(truth[found.kind == SLIP] == 1)
        several.append(truth[found.kind == SEVERAL] == 2)
    assert np.concatenate(slips).mean() >= 0.8
    assert np.concatenate(several).mean() >= (0.75 if close == 0 else 0.5)  # with five labels a hint: see `Ambiguity`
    assert len(np.concatenate(slips)) > 500


@pytest.mark.slow
@pytest.mark.parametrize("close", [0.0, 0.8], ids=["slips go anywhere", "slips go to the label that is like it"])
@pytest.mark.parametrize("per_example", [3, 4, 5])
def test_four_of_five_slips_are_slips_where_three_of_ten_examples_have_two_valid_labels(
    per_example: int, close: float
) -> None:
    right = []
    for seed in range(10):
        made, valid = tasteful(seed, share=0.3, close=close, per_example=per_example)
        labels = code_labels(made)
        right.append(valid[labels.examples].to_numpy()[find_ambiguous(labels).kind == SLIP] == 1)
    assert np.concatenate(right).mean() >= 0.795


@pytest.mark.slow
def test_four_of_five_pairs_of_valid_labels_are_right_from_ten_labels_on() -> None:
    right = []
    for seed in range(4):
        made, valid = tasteful(seed, close=0.8, per_example=10)
        labels = code_labels(made)
        right.append(valid[labels.examples].to_numpy()[find_ambiguous(labels).kind == SEVERAL] == 2)
    assert np.concatenate(right).mean() >= 0.8
    assert len(np.concatenate(right)) > 50


def test_confusable_labels_alone_are_no_taste() -> None:
    made, valid = tasteful(3, share=0.0, close=0.8)
    labels = code_labels(made)
    found = find_ambiguous(labels)
    assert valid.max() == 1
    assert (found.kind == SLIP).sum() > 20 * (found.kind == SEVERAL).sum()


def test_pairs_of_labels_count_every_example_that_got_both_once() -> None:
    labels = labels_of({**everyday(50, 4), "a": "xxxy", "b": "xxyz", "c": "xyzz", "d": "zzzx"})
    found = find_ambiguous(labels)
    rows = by_pair(labels, found)
    names = [(labels.classes[a], labels.classes[b]) for a, b in zip(rows["first"], rows["second"], strict=True)]
    total = dict(zip(names, rows[["several", "slip", "open"]].sum(axis=1), strict=True))
    assert total == {("x", "y"): 3, ("x", "z"): 3, ("y", "z"): 2}
    assert rows["slips"].sum() == slips_of(labels, found).sum()


def test_the_evidence_names_who_slipped_and_how_good_they_are() -> None:
    labels = labels_of({**everyday(100, 5), **slips(5)})
    found = find_ambiguous(labels)
    (one,) = evidence(labels, found, np.array([of(labels, "slip4")]))
    assert (one.kind, one.valid, one.slipped) == (SLIP, ("z",), (("E", "x"),))
    said = one.said(str.upper)
    assert said.startswith("Z seems right (")
    assert "a slip by E (X)" in said
    (two,) = evidence(*_pair_of_two())
    assert two.said(str) == "Two labels do not tell a slip from two valid labels."


def test_nobody_slipped_where_only_who_said_it_speaks_for_a_label() -> None:
    """D, E and F guess; A, B and C are always of one mind. Three against three is no slip, five against one is."""
    guessed = {f"guess{n}": "xxx" + "".join("xy"[n >> place & 1] for place in range(3)) for n in range(8)} | {
        f"other{n}": "yyy" + "".join("xy"[n >> place & 1] for place in range(3)) for n in range(8)
    }
    rows = {f"{name}-{again}": said for name, said in guessed.items() for again in range(10)}
    labels = labels_of(rows)
    found = find_ambiguous(labels)
    even = of(labels, "guess7-0")  # xxxyyy
    assert found.slip[even] > 0.9
    assert labels.classes[found.single[even]] == "x"
    assert found.kind[even] == OPEN
    assert leaning(labels, found)[even]
    assert found.kind[of(labels, "guess1-0")] == SLIP  # xxxyxx
    assert not leaning(labels, found)[of(labels, "guess1-0")]
    (one,) = evidence(labels, found, np.array([even]))
    assert (one.valid, one.votes, one.leans) == (("x", "y"), (3, 3), True)
    assert one.sides[0] > one.sides[1]
    said = one.said(str)
    assert said.startswith("3 of 6 say x, 3 say y. Only who says so speaks for x: ")
    assert said.endswith("That is too little to call it a slip.")


def _pair_of_two() -> tuple[Labels, object, np.ndarray]:
    labels = labels_of({"same": "xx", "e": "xy"})
    return labels, find_ambiguous(labels), np.array([of(labels, "e")])  # type: ignore[return-value]


@pytest.mark.parametrize(
    "rows",
    [{"e": "x"}, {"e": "xx"}, {"e": "x", "f": ".y"}, {"e": "xy"}, {"e": "xyzw"}, {"e": "xxxx", "f": "xxxx"}],
    ids=["one annotator", "agreed", "no overlap", "two", "all differ", "one class"],
)
def test_small_and_odd_crowds_have_an_answer(rows: dict[str, str]) -> None:
    labels = labels_of(rows)
    found = find_ambiguous(labels)
    differ = {example for example, said in rows.items() if len(set(said) - {"."}) > 1}
    assert {str(labels.examples[place]) for place in np.flatnonzero(found.kind != "")} == differ
    assert set(found.kind) <= {"", OPEN}
    assert len(by_pair(labels, found)) == (0 if not differ else 1 if rows["e"] == "xy" else 6)


def test_many_labels_are_fitted_on_a_part_of_them_and_told_on_all(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = code_labels(crowd(0, examples=2_000, classes=5, accuracy=(0.8, 0.95)).annotations)
    whole = find_ambiguous(labels)
    monkeypatch.setattr(ambiguity_model, "_MOST_LABELS", 5_000)
    part = find_ambiguous(labels)
    assert (part.kind != "").tolist() == (whole.kind != "").tolist()
    assert (part.kind == whole.kind).mean() > 0.9
