"""What every check promises, whatever the dataset looks like."""

import copy
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from analysis.checks import COLUMNS, Check, Inputs, all_checks, findings, shown
from analysis.errors import NotReady
from tests.checks.made import made, only_needed, reordered

CHECKS = pytest.mark.parametrize("check", all_checks(), ids=lambda check: check.name)


def labelled(
    texts: list[str], labels: list[str | None], *, nan_rows: slice = slice(0, 0), votes: int = 2, split_at: float = 0.7
) -> Inputs:
    """Everything that a scan would have of such data, drawn by a fixed dice.

    Probabilities as `predict` gives them: of classes with five examples with text, and only with two such classes.
    """
    dice = np.random.default_rng(len(texts))
    n, given = len(texts), sorted({label for label in labels if label is not None}) or ["a"]
    usable = [label if text.strip() else None for text, label in zip(texts, labels, strict=True)]
    classes = tuple(label for label in given if usable.count(label) >= 5)
    probabilities = None
    if len(classes) >= 2:
        probabilities = dice.dirichlet(np.ones(len(classes)), size=n).astype(np.float32)
        probabilities[[label not in classes for label in usable]] = np.nan
        probabilities[nan_rows] = np.nan
    return made(
        texts,
        labels=labels,
        splits=["train" if i < split_at * n else "test" for i in range(n)],
        classes=classes if probabilities is not None else (),
        probabilities=probabilities,
        annotations=[
            (f"r{i + 1}", f"annotator {j}", given[dice.integers(len(given))], None)
            for i in range(n)
            for j in range(votes)
        ],
    )


WORDS = [
    "the",
    "card",
    "was",
    "charged",
    "twice",
    "and",
    "my",
    "refund",
    "is",
    "late",
    "where",
    "can",
    "I",
    "top",
    "up",
]


def sentences(n: int) -> list[str]:
    dice = np.random.default_rng(7)
    return [" ".join(dice.choice(WORDS, size=dice.integers(3, 9))) for _ in range(n)]


def two(n: int) -> list[str | None]:
    return ["double charge" if i % 2 else "refund" for i in range(n)]


SHAPES: dict[str, Callable[[], Inputs]] = {
    "no example": lambda: labelled([], []),
    "one example": lambda: labelled(["one text"], ["a"]),
    "two examples": lambda: labelled(["one text", "another text"], ["a", "b"]),
    "three examples": lambda: labelled(["one text", "another text", "one text!"], ["a", "b", "a"]),
    "sixty examples": lambda: labelled(sentences(60), two(60)),
    "one class": lambda: labelled(sentences(40), ["only"] * 40),
    "classes of one": lambda: labelled(sentences(40), [f"class {i}" for i in range(40)]),
    "NaN probabilities": lambda: labelled(sentences(40), two(40), nan_rows=slice(0, 20)),
    "empty texts": lambda: labelled(["", " ", "\u200b", "\n"] * 10 + sentences(40), two(80)),
    "only empty texts": lambda: labelled([""] * 40, two(40)),
    "other scripts": lambda: labelled(
        [
            "退款还没有到账",
            "我的卡被扣了两次",
            "تم خصم المبلغ مرتين",
            "أين أموالي",
            "👩‍⚕️🩺",
            "👍👍👍",
            "naïve café",
            "cafe\u0301",
        ]
        * 6,
        ["退款", "重复扣款", "مكرر", "مكرر", "👍", None, "Ünïcode", "U\u0308nïcode"] * 6,
    ),
    "no labels": lambda: labelled(sentences(40), [None] * 40),
    "some labels": lambda: labelled(sentences(60), [None, "a", "b"] * 20),
    "labels with odd signs": lambda: labelled(
        sentences(40), ["", " ", "a\u200b", "a", "<b>x</b>", "=1+1", "\x00", "…"] * 5
    ),
    "a text of a million letters": lambda: labelled(["ab cd " * 170_000, *sentences(39)], two(40)),
    "identical rows": lambda: labelled(["the same text"] * 60, two(60)),
    "identical rows of one class": lambda: labelled(["the same text"] * 40, ["only"] * 40),
    "one annotator": lambda: labelled(sentences(40), two(40), votes=1),
    "three annotators": lambda: labelled(sentences(60), two(60), votes=3),
    "one split": lambda: labelled(sentences(40), two(40), split_at=1),
}
SHAPE = pytest.mark.parametrize("shape", SHAPES)


def judged(check: Check, inputs: Inputs) -> pd.DataFrame:
    """The findings; none where a scan would skip the check, or where it says that it cannot judge."""
    nothing = findings(subject_id=[], severity=[], flagged=[], message=[])
    if "probabilities" in check.needs and inputs.probabilities is None:
        return nothing
    try:
        return check(inputs)
    except NotReady as reason:
        assert reason.message.endswith("."), reason.message
        return nothing


def comparable(found: pd.DataFrame) -> list[tuple[object, ...]]:
    rows = found.assign(severity=found["severity"].round(5), members=found["members"].map(sorted).map(tuple))
    return sorted(rows.itertuples(index=False, name=None), key=lambda row: row[0])


@CHECKS
@SHAPE
def test_findings_have_one_shape_and_speak_of_what_is_there(check: Check, shape: str) -> None:
    inputs = SHAPES[shape]()
    found = judged(check, only_needed(inputs, check))
    assert list(found.columns) == COLUMNS
    assert found["severity"].between(0, 1).all()
    assert found["flagged"].dtype == bool
    assert not found["subject_id"].duplicated().any()
    for message in found["message"]:
        assert isinstance(message, str)
        assert message.endswith("."), message
        assert not any(character in message for character in "\n\r\t\x00"), message
    assert all(label is None or isinstance(label, str) for label in found["suggested_label"])
    known = set(inputs.examples.index)
    assert {member for several in found["members"] for member in several} <= known
    if check.subject == "example":
        assert set(found["subject_id"]) <= known
        assert not [row for row in found.itertuples() if row.subject_id in row.members]


@CHECKS
@SHAPE
def test_the_same_inputs_give_the_same_findings_and_stay_as_they_are(check: Check, shape: str) -> None:
    inputs = SHAPES[shape]()
    before = copy.deepcopy(inputs)
    first, second = judged(check, inputs), judged(check, SHAPES[shape]())
    pd.testing.assert_frame_equal(first, second)
    pd.testing.assert_frame_equal(inputs.examples, before.examples)
    np.testing.assert_array_equal(inputs.need("vectors"), before.need("vectors"))
    if before.probabilities is not None:
        np.testing.assert_array_equal(inputs.need("probabilities"), before.probabilities)
    assert inputs.neighbours is not None
    assert before.neighbours is not None
    np.testing.assert_array_equal(inputs.neighbours.position, before.neighbours.position)
    np.testing.assert_array_equal(inputs.neighbours.distance, before.neighbours.distance)
    assert inputs.annotations is not None
    pd.testing.assert_frame_equal(inputs.annotations, before.annotations)


@CHECKS
@SHAPE
def test_the_order_of_the_examples_does_not_matter(check: Check, shape: str) -> None:
    inputs = SHAPES[shape]()
    order = np.random.default_rng(3).permutation(len(inputs.examples))
    assert comparable(judged(check, reordered(inputs, order))) == comparable(judged(check, inputs))


@CHECKS
def test_a_check_says_what_it_is(check: Check) -> None:
    assert check.help
    assert check.help.rstrip()[-1] == "."
    assert check.title[0].isupper()
    assert check.function.__doc__
    for setting, default in check.settings.items():
        assert setting in (check.function.__doc__ or ""), f"{setting} is not explained"
        assert isinstance(default, int | float | str | bool)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("refund", "refund"),
        (None, "(no label)"),
        ("a\u200bb", "a⟨U+200B⟩b"),
        ("a\nb", "a b"),
        ("x" * 60, "x" * 60),
        ("x" * 61, "x" * 59 + "…"),
    ],
)
def test_a_text_in_a_message_is_short_and_hides_nothing(text: str | None, expected: str) -> None:
    assert shown(text) == expected
