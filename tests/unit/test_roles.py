from collections.abc import Sequence
from typing import Any

import pytest

from analysis.errors import BadRoles
from analysis.load.roles import RoleNames, check_roles, guess_roles, roles_from_names
from analysis.schema import Column, Roles
from tests.tables import read_table

WORDS = ["my card was stolen yesterday", "how do I get my money back", "the app closes when I log in", "thanks a lot"]


def guessed(names: Sequence[str], *columns: Sequence[str | None], kinds: Sequence[str] = ()) -> dict[str, Any]:
    """The guess for these columns, as names, without the roles that nobody plays."""
    found = read_table(names, list(zip(*columns, strict=True)), kinds=kinds)
    roles = guess_roles(found)
    check_roles(roles, found)
    named = {
        role: [names[p] for p in value] if isinstance(value, tuple) else value if value is None else names[value]
        for role, value in roles.as_dict().items()
    }
    return {role: value for role, value in named.items() if value}


def test_names_say_it() -> None:
    ids = [str(i) for i in range(40)]
    found = guessed(
        ["Ticket ID", "messageText", "given_label_a", "true_label", "part", "created_at", "guideline version"],
        ids, WORDS * 10, ["a", "b"] * 20, ["a", "b"] * 20, ["train"] * 39 + ["test"], ["2026-01-05"] * 40, ["v1"] * 40,
    )  # fmt: skip
    assert found == {
        "id": "Ticket ID",
        "text": ["messageText"],
        "label": "given_label_a",
        "split": "part",
        "timestamp": "created_at",
        "guideline": "guideline version",
    }


def test_contents_say_it_where_names_do_not() -> None:
    kinds = [f"kind {i % 3}" for i in range(30)]
    assert guessed(["a", "b"], [f"sentence number {i} about things" for i in range(30)], kinds) == {
        "text": ["a"],
        "label": "b",
    }


def test_numbered_columns_that_share_their_values_are_people() -> None:
    ids = [f"r{i}" for i in range(40)]
    people = [[("a" if (i + k) % 2 else "b") if i % 3 == k else None for i in range(40)] for k in range(3)]
    assert guessed(["item_id", "W000", "W001", "W012", "text", "kind"], ids, *people, WORDS * 10, ["x", "y"] * 20) == {
        "id": "item_id",
        "text": ["text"],
        "annotators": ["W000", "W001", "W012"],
    }


@pytest.mark.parametrize(
    ("names", "values"),
    [
        (["q1", "q2", "q3"], ["good", "bad"]),  # questions
        (["a1", "a2", "a3"], ["yes", "no"]),
        (["a1", "a2", "a3"], ["1", "2"]),
        (["a1", "a2"], ["good", "bad"]),  # too few
    ],
)
def test_other_numbered_columns_are_not(names: list[str], values: list[str]) -> None:
    found = guessed(["text", *names], WORDS * 10, *[values * 20] * len(names))
    assert "annotators" not in found


def test_two_texts_belong_together() -> None:
    assert guessed(["hypothesis", "premise", "label"], WORDS, WORDS[::-1], ["yes", "no", "yes", "no"]) == {
        "text": ["premise", "hypothesis"],
        "label": "label",
    }


def test_an_annotator_column_means_long_and_the_id_may_repeat() -> None:
    items, texts = ["i1", "i1", "i2", "i2"] * 3, [WORDS[0], WORDS[0], WORDS[1], WORDS[1]] * 3
    assert guessed(["item_id", "text", "worker_id", "label"], items, texts, ["W1", "W2"] * 6, ["a", "b"] * 6) == {
        "id": "item_id",
        "text": ["text"],
        "annotator": "worker_id",
        "label": "label",
    }


@pytest.mark.parametrize("names", [["annotator_1", "annotator_2"], ["label_ada", "label_ben"], ["rater a", "rater b"]])
def test_columns_of_people_with_one_set_of_values_mean_wide(names: list[str]) -> None:
    found = guessed(["text", *names], WORDS * 3, ["x", "y", "z"] * 4, ["x", "x", "y"] * 4)
    assert found == {"text": ["text"], "annotators": names}


def test_indicator_columns_are_not_people() -> None:
    found = guessed(["text", "label_toxic", "label_insult"], WORDS * 3, ["0", "1", "0"] * 4, ["1", "0", "0"] * 4)
    assert "annotators" not in found


def test_a_repeated_or_missing_id_is_no_id() -> None:
    assert "id" not in guessed(["id", "text"], ["1", "1", "2", "3"], WORDS)
    assert "id" not in guessed(["id", "text"], ["1", None, "2", "3"], WORDS)


@pytest.mark.parametrize(
    ("names", "columns"),
    [
        (["only"], [["1", "2", "3"]]),
        ([""], [[None, None, "x"]]),
        (["id"], [["7", "8"]]),
        (["label"], [["a", "b", "a"]]),
        (["annotator", "label"], [["ann", "ben", "ann"], ["x", "y", "x"]]),
        (["item_id", "annotator_id", "label"], [["1", "1", "2"], ["a", "b", "a"], ["x", "y", "x"]]),
        (["is_error"], [["true", "false"]]),
    ],
)
def test_every_file_gets_a_text(names: list[str], columns: list[list[str | None]]) -> None:
    assert guessed(names, *columns)["text"]


def test_json_strings_are_read_as_text() -> None:
    assert guessed(
        ["text", "label"], [f'"{word}"' for word in WORDS], ["1", '"x"', "1", "null"], kinds=["json"] * 2
    ) == {
        "text": ["text"],
        "label": "label",
    }


COLUMNS = tuple(Column(i, name) for i, name in enumerate(["id", "body", "label", "x", "x", "", "a,b"]))


def test_named_roles_win_over_the_guess_and_free_its_columns() -> None:
    guess = Roles(text=(1,), id=0, label=2, annotators=(3, 4))
    chosen = roles_from_names(COLUMNS, RoleNames(text=("label",), label="#5", id="-", split="#6"), guess)
    assert chosen == Roles(text=(2,), id=None, label=4, split=5, annotators=())
    assert roles_from_names(COLUMNS, RoleNames(), guess) == guess


def test_names_with_commas() -> None:
    assert roles_from_names(COLUMNS, RoleNames(text=("a,b",)), Roles(text=(1,))).text == (6,)
    assert roles_from_names(COLUMNS, RoleNames(text=("id,body",)), Roles(text=(1,))).text == (0, 1)


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        ("Labl", "no column 'Labl'", "Did you mean 'label'"),
        ("x", "2 columns are called 'x'", "#4 or #5"),
        ("#8", "no column '#8'", "#1 is the first"),
    ],
)
def test_a_name_that_is_not_one_column(name: str, message: str, hint: str) -> None:
    with pytest.raises(BadRoles) as refused:
        roles_from_names(COLUMNS, RoleNames(label=name), Roles(text=(1,)))
    assert message in refused.value.message
    assert hint in refused.value.hint


@pytest.mark.parametrize(
    ("roles", "message"),
    [
        (Roles(text=()), "No text column"),
        (Roles(text=(0,), label=0), "'text' is chosen as text and as label"),
        (Roles(text=(0, 0)), "'text' is chosen as text twice"),
        (Roles(text=(9,)), "no column 10; the file has 4"),
        (Roles(text=(0,), annotator=2, annotators=(1, 3), label=None), "both"),
        (Roles(text=(0,), annotators=(1,)), "Only 'label'"),
        (Roles(text=(0,), annotator=2), "no label is chosen"),
        (Roles(text=(3,)), "no text in '(column 4)'"),
    ],
)
def test_roles_that_cannot_be_played(roles: Roles, message: str) -> None:
    found = read_table(["text", "label", "who", ""], [["hello", "a", "ann", ""], ["you", "b", "ben", None]])
    with pytest.raises(BadRoles, match=message.replace("(", r"\(").replace(")", r"\)")):
        check_roles(roles, found)
