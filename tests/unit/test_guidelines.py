"""Clauses, names in backticks, drafts, diffs, and the version in force, on texts that can be read."""

import pandas as pd
import pytest

from analysis.people.guidelines import (
    BEFORE,
    about,
    changed_clauses,
    citation,
    clauses,
    difference,
    draft,
    in_backticks,
    in_force,
    in_order,
    named,
    no_clause,
    quoted,
    style_of,
    unnamed,
)

RULES = """# Rules

Read this first.

## 1 Refunds
`refund_status`: where is it?

## 2. Cards
`card_declined` or `payment_failed`

### 2.1: Prepaid cards ##
`card_declined`
"""


def test_clauses_begin_at_numbered_headings() -> None:
    assert [(c.number, c.title, c.named) for c in clauses(RULES)] == [
        ("1", "Refunds", ("refund_status",)),
        ("2", "Cards", ("card_declined", "payment_failed")),
        ("2.1", "Prepaid cards", ("card_declined",)),
    ]
    assert clauses(RULES)[0].text == "## 1 Refunds\n`refund_status`: where is it?"
    assert clauses(RULES)[0].body == "`refund_status`: where is it?"


@pytest.mark.parametrize(
    ("text", "style", "numbers"),
    [
        ("1. one\nmore\n2) two\n4.12 three\n2026 was a year", "numbered lines", ["1", "2", "4.12"]),
        ("# Title\n\n1. one\n2. two", "numbered lines", ["1", "2"]),
        ("## A\n1. x\n2. y\n## B\n1. z\n### C\n## D", "headings", ["1", "2", "2.1", "3"]),
        ("# Title\n## A\n## B", "headings", ["1", "2"]),
        ("# A\n# B", "headings", ["1", "2"]),
        ("# Only", "headings", ["1"]),
        ("### deep\n# top", "headings", ["1.1.1", "2"]),
        ("give `a`", "none", ["1"]),
        ("## 4 a\n## 4 b\n## 4 c", "numbered headings", ["4", "4 (2)", "4 (3)"]),
        ("```\n## 1 not this\n```\n## 7 this", "numbered headings", ["7"]),
        ("#tag\nno heading", "none", ["1"]),
        ("## 10", "numbered headings", ["10"]),
        ("", "none", []),
        (" \n\t", "none", []),
    ],
)
def test_numbers_come_from_the_text_or_from_the_order(text: str, style: str, numbers: list[str]) -> None:
    assert style_of(text) == style
    assert [clause.number for clause in clauses(text)] == numbers


def test_the_title_of_a_heading_keeps_a_number_sign_of_its_own() -> None:
    assert [clause.title for clause in clauses("## C#\n## D ##")] == ["C#", "D"]


def test_labels_are_what_stands_in_backticks() -> None:
    assert named("`a` and `b c`, `a` again; ``x`y`` and `` ` ``; a stray ` here\n`d") == ("a", "b c", "x`y", "`")


@pytest.mark.parametrize("label", ["a", "a`b", "`", "``a", " a", "a ", "退款", "a``b`"])
def test_a_label_in_backticks_is_read_back(label: str) -> None:
    assert named(f"give {in_backticks(label)} here") == (label,)


@pytest.mark.parametrize(
    "hostile", ["`" * 3 + " `` `" * 20_000, "# " + " " * 90_000 + "b", "#" * 90_000, "1. " * 30_000]
)
def test_hostile_text_is_read_in_one_pass(hostile: str) -> None:
    assert len(clauses(hostile)) == 1


def test_clauses_about_labels_come_with_those_that_name_most_first() -> None:
    found = clauses(RULES)
    assert [c.number for c in about(found, ["card_declined", "payment_failed"])] == ["2", "2.1"]
    assert [c.number for c in about(found, ["refund_status", "card_declined"])] == ["1", "2", "2.1"]
    assert about(found, ["login_problem"]) == ()


def test_a_clause_rules_labels_when_it_names_all_of_them() -> None:
    second = clauses(RULES)[1]
    assert second.rules(("card_declined", "payment_failed"))
    assert not second.rules(("card_declined", "refund_status"))


def test_a_draft_collects_what_was_decided() -> None:
    decided = [
        ("a", "Twice\n## 9 the `same` sum", "M1", "see `b`"),
        ("b", "never heard of them", "M2", ""),
    ]
    assert draft("## 1 Refunds\n`c`", "a", "b", decided) == (
        "## 1 Refunds\n`c`\n\n"
        "## 2 `a` or `b`\n"
        "Give `a` when … . Give `b` when … . If both fit, give … .\n"
        "Decided so far:\n"
        "- `a`: “Twice ## 9 the 'same' sum” (M1) – see 'b'\n"
        "- `b`: “never heard of them” (M2)\n"
    )


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", ["1"]),
        ("just `x`", ["1", "2"]),
        ("1. one\n2. two", ["1", "2", "3"]),
        ("## 4.2 one\n## 10 two", ["4.2", "10", "11"]),
        ("# T\n## one\n## two", ["1", "2", "3"]),
        ("# Only", ["1", "2"]),
    ],
)
def test_a_draft_keeps_the_clauses_there_are_and_adds_one(text: str, numbers: list[str]) -> None:
    found = clauses(draft(text, "a", "b", []))
    assert [clause.number for clause in found] == numbers
    assert found[-1].rules(("a", "b"))
    assert [c.named for c in found[:-1]] == [c.named for c in clauses(text)]


def test_a_diff_shows_what_changed_with_what_stands_around_it() -> None:
    before = "a\nb\nc\nd\ne\nf\ng\nh\ni"
    after = "a\nb\nC\nd\ne\nf\ng\nh\ni\nj"
    assert [(line.change, line.text) for line in difference(before, after, around=1)] == [
        ("same", "b"),
        ("removed", "c"),
        ("added", "C"),
        ("same", "d"),
        ("skipped", ""),
        ("same", "i"),
        ("added", "j"),
    ]
    assert difference(before, before) == ()


def test_clauses_are_new_gone_or_reworded_and_spacing_does_not_count() -> None:
    before = "## 1 A\nx  y\n## 2 B\n## 3 C"
    after = "## 1 A\nx y\n\n## 2 B!\n## 4 D"
    assert changed_clauses(before, after) == (("4",), ("3",), ("2",))


def test_citations_name_the_version() -> None:
    assert (citation("v2", "4.2"), no_clause("v2")) == ("4.2 (v2)", "none (v2)")


def annotations(*rows: tuple[str | None, str | None]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["annotated_at", "guideline_version"], dtype=object)


def test_the_version_in_force_is_what_the_column_says_else_what_was_written_last_then() -> None:
    found = in_force(
        annotations(
            ("2026-01-10", None),
            ("2026-02-01T00:00:00", None),
            ("2026-02-01T01:00:00+01:00", ""),
            ("2026-01-31T23:59:59", None),
            ("2025-12-31", None),
            ("long ago", None),
            (None, None),
            ("2025-12-31", "pilot"),
        ),
        ["v1", "v2"],
        ["2026-01-01T00:00:00", "2026-02-01T00:00:00"],
    )
    assert list(found) == ["v1", "v2", "v2", "v1", BEFORE, None, None, "pilot"]


def test_without_versions_only_the_column_speaks() -> None:
    assert list(in_force(annotations(("2026-01-10", None), (None, "v1")), [], [])) == [None, "v1"]
    assert list(in_force(annotations(), ["v1"], ["2026-01-01T00:00:00"])) == []


def test_versions_go_from_early_to_late() -> None:
    assert in_order(["v10", "v2", "v1"], []) == ["v1", "v2", "v10"]
    assert in_order(["spring", BEFORE, "autumn"], ["spring", "autumn"]) == [BEFORE, "spring", "autumn"]
    assert in_order(["v2", "v10", "v1"], ["v10", "v2"]) == ["v1", "v2", "v10"]
    assert in_order(["2", "a1", "", "²"], []) == ["", "2", "a1", "²"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Give `a` or ``b`c``.", "Give “a” or “b`c”."),
        ("`a`\n`b", "“a”\n`b"),
        ("` `` ` is left", "“``” is left"),
        ("no label", "no label"),
    ],
)
def test_backticks_are_read_as_quotation_marks(text: str, said: str) -> None:
    assert quoted(text) == said


def test_clauses_without_a_label_in_backticks_say_which_they_mention() -> None:
    text = "## 1\nGive refund here, not refunds.\n## 2\n`refund`\n## 3\nRead twice.\n## 4\n`other` C++ code"
    found = unnamed(text, ["refund", "C++", "fund"])
    assert [(one.number, one.mentions) for one in found] == [("1", ("refund",)), ("3", ()), ("4", ("C++",))]
