"""What a file holds where several people labelled, told before it is loaded; counted by hand."""

import pytest

from analysis.load.layout import Counted, counted, rows_of_example
from analysis.schema import Roles
from tests.tables import read_table

LONG = [
    ["i1", "one", "ada", "x"],
    ["i2", "two", "ada", "x"],
    ["i1", "one", "ben", "y"],
    ["i1", "one", "cem", ""],
    ["i3", "one", "", "x"],
    ["i1", "one", "cem", "x"],
]


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        (Roles(text=(1,), id=0, label=3, annotator=2), Counted(2, 3, 1, 3)),  # nobody gave i3 its label
        (Roles(text=(1,), label=3, annotator=2), Counted(2, 3, 1, 3)),
        (Roles(text=(1,), id=0, annotator=2), None),
        (Roles(text=(), label=3, annotator=2), None),
        (Roles(text=(1,), id=0, label=3), None),
    ],
)
def test_a_row_per_label(roles: Roles, expected: Counted | None) -> None:
    assert counted(read_table(["id", "text", "who", "label"], LONG), roles) == expected


def test_a_column_per_person() -> None:
    rows = [["one", "x", "y", ""], ["two", "x", "", ""], ["three", "", "", ""]]
    read = read_table(["text", "ada", "ben", "cem"], rows)
    assert counted(read, Roles(text=(0,), annotators=(1, 2, 3))) == Counted(2, 2, 1, 2)
    nobody = read_table(["text", "ada"], [["one", ""]])
    assert counted(nobody, Roles(text=(0,), annotators=(1,))) is None


def test_the_rows_of_an_example_have_its_id_else_its_text() -> None:
    read = read_table(["id", "text", "who", "label"], LONG)
    assert rows_of_example(read, Roles(text=(1,), id=0, label=3, annotator=2), 0) == [0, 2, 3, 5]
    assert rows_of_example(read, Roles(text=(1,), label=3, annotator=2), 0) == [0, 2, 3, 4, 5]
