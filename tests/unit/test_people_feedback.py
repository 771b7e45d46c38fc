"""Feedback for one annotator: which clause each difference belongs to, and files in which nothing is alive."""

import io
import re

import pandas as pd
import pytest

from analysis.export.people import feedback_csv
from analysis.export.people_markdown import feedback_markdown
from analysis.queries import people, people_differences
from analysis.queries.people_feedback import Feedback, feedback
from analysis.review.guide import write_version
from analysis.schema import Decision, content_hash
from analysis.store import Store
from tests.unit.test_people_queries import LABELS, NAMES, Fill, decided, filled, write

__all__ = ["filled"]

FIRST = "## 1 First\n`x` is what was promised."
SECOND = "## 1 First\n`x` and `y`: `y` if both.\n\n## 2 Second\n`z` is anything else."


def of(store: Store, annotator: str) -> Feedback:
    crowd = people.crowd(store)
    held = people_differences.outcomes(store, crowd)
    rows = people_differences.differences(store, crowd, annotator, held)
    judged = people_differences.judged_labels(crowd, annotator, held)
    return feedback(store, annotator, rows, labels=20, judged=judged)


def verdict(example: str, new_label: str, clause: str | None, note: str = "") -> Decision:
    return Decision(
        decision_id=f"v-{example}",
        example_id=example,
        content_hash=content_hash("=1+1", "x"),
        action="relabel",
        new_label=new_label,
        reviewer="Eve",
        decided_at="2026-05-02T00:00:00+00:00",
        note=note,
        clause=clause,
    )


def test_each_difference_belongs_to_the_clause_cited_else_to_the_first_that_names_both(filled: Fill) -> None:
    store = filled()
    write_version(store, FIRST, version="v1", author="Eve", note="")
    write_version(store, SECOND, version="v2", author="Eve", note="both named")
    store.record(
        [
            verdict("e4", "y", "1 (v1)"),  # Ada said x
            verdict("e5", "z", "2 (v2)"),
            verdict("e6", "y", "none (v2)"),
            verdict("e7", "z", None),  # no clause names x and z
            verdict("e8", "y", None),  # clause 1 of v2 names both
            verdict("e9", "y", "9 (v7)"),  # a clause that nobody knows: as if none was cited
        ]
    )
    found = of(store, "Ada")
    by_clause = {(one.version, one.number): one.rows["example_id"].tolist() for one in found.clauses}
    consensus = [name for name in by_clause[("v2", "1")] if name not in ("e8", "e9")]
    assert by_clause[("v1", "1")] == ["e4"]
    assert by_clause[("v2", "2")] == ["e5"]
    assert sorted(by_clause[("", "")]) == ["e6", "e7"]
    assert {"e8", "e9"} <= set(by_clause[("v2", "1")])
    assert set(consensus) <= {"e18", "e19"}  # where Ada differs from the others
    assert found.clauses[-1].clause is None
    assert (found.decided, found.differing) == (6, 6 + len(consensus))
    cited = found.frame().set_index("example_id")["cited"]
    assert cited[["e4", "e5"]].all()
    assert not cited[["e6", "e7", "e8", "e9"]].any()


def test_most_decisions_come_first_and_what_no_clause_rules_last(filled: Fill) -> None:
    store = filled()
    write_version(store, SECOND, version="v2", author="Eve", note="")
    store.record(
        [verdict("e4", "z", None), verdict("e5", "z", None), verdict("e6", "z", None), verdict("e7", "y", "2 (v2)")]
    )
    assert [one.number for one in of(store, "Ada").clauses][-1] == ""
    assert of(store, "Ada").clauses[0].number in ("1", "2")


def test_without_differences_there_is_nothing_to_tell(filled: Fill) -> None:
    store = filled([("x", "x", "x")] * 5)
    found = of(store, "Ada")
    assert (found.differing, found.clauses, len(found.frame())) == (0, (), 0)
    assert "0 differ from it" in feedback_markdown(found).decode()
    assert feedback_csv(found).decode("utf-8-sig").startswith("guideline_clause,")


def test_several_right_labels_hold_nobodys_label_to_be_a_mistake(filled: Fill) -> None:
    store = filled()
    store.record(
        [
            Decision(
                decision_id="s",
                example_id="e0",
                content_hash=content_hash("=1+1", "x"),
                action="several",
                new_label=None,
                labels=("x", "y"),
                reviewer="Eve",
                decided_at="2026-05-02T00:00:00+00:00",
            )
        ]
    )
    assert "e0" not in of(store, "Cem").frame()["example_id"].tolist()


def test_the_spreadsheet_runs_nothing(filled: Fill) -> None:
    store = filled()
    store.record([decided("e4", "y")])
    found = of(store, "Cem")
    read = pd.read_csv(io.BytesIO(feedback_csv(found)), encoding="utf-8-sig", dtype=str, keep_default_na=False)
    assert read["text"].tolist() == ["'=1+1"] * found.differing
    assert read["theirs"].tolist() == found.frame()["theirs"].tolist()
    assert read.set_index("example_id").loc["e4", ["outcome", "by", "reviewer", "cited"]].tolist() == [
        "y", "verdict", "Eve", "no",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "hostile",
    [
        "![x](http://x)",
        "<img src=x>",
        "](http://x)",
        "# title",
        "a\n\n# title",
        "`code`",
        "*b* _i_ ~s~",
    ],
)
def test_nothing_that_people_wrote_is_live_in_the_markdown(store: Store, hostile: str) -> None:
    names = [f"{hostile}{name}" for name in NAMES]
    write(store, [(f"{hostile}1", f"{hostile}1", f"{hostile}2")] * 10 + LABELS, names)
    write_version(store, f"## 1 {hostile}\n`x` `y` {hostile}", version="v1", author=hostile, note="")
    store.record([verdict("e4", f"{hostile}3", "1 (v1)", note=hostile)])
    found = of(store, names[0])
    text = feedback_markdown(found).decode()
    assert found.differing
    bare = re.sub(r"\\[!-/:-@\[-`{-~]", "", text)  # what Markdown takes as written
    assert not re.search(r"[<\[\]`*_~!]", bare)
    assert len(re.findall(r"^#", text, re.MULTILINE)) == 1 + len(found.clauses)


def test_the_markdown_says_what_a_difference_rests_on(filled: Fill) -> None:
    store = filled()
    write_version(store, SECOND, version="v2", author="Eve", note="")
    store.record([verdict("e4", "y", "1 (v2)", note="it was promised")])
    text = feedback_markdown(of(store, "Cem")).decode().replace("\\", "")
    assert "# Feedback for Cem" in text
    assert "## Clause 1 First (v2)" in text
    assert "> `x` and `y`: `y` if both." in text
    assert "- e4: “=1+1”; given x, decided y by Eve, by this clause. Note: it was promised" in text
    assert re.search(r"- e0: “=1\+1”; given y, consensus x, \d+ % sure, not decided", text)
