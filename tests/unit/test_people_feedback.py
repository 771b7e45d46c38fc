"""Feedback for one annotator: which clause each difference belongs to, and files in which nothing is alive."""

import io
import re
import zipfile
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from analysis.export.people import feedback_csv, feedback_zip
from analysis.export.people_markdown import feedback_markdown
from analysis.load.save import save
from analysis.queries import people, people_differences
from analysis.queries.people_feedback import Feedback, all_feedback, feedback
from analysis.review.guide import write_version
from analysis.schema import Decision, Roles, content_hash
from analysis.store import Store
from tests.tables import read_table
from tests.tables import write as write_file
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


def dates(store: Store, **given: str) -> None:
    """Labels that say when they were given and name no version."""
    with store.transaction() as transaction:
        transaction.execute("UPDATE annotations SET guideline_version = NULL, annotated_at = NULL")
        for example, at in given.items():
            transaction.execute("UPDATE annotations SET annotated_at = ? WHERE example_id = ?", [at, example])


def test_each_difference_belongs_to_the_clause_cited_else_to_those_in_force_then(filled: Fill) -> None:
    store = filled()  # e0 to e9 were labelled under v1, the others under v2
    write_version(store, FIRST, version="v1", author="Eve", note="")
    write_version(store, SECOND, version="v2", author="Eve", note="both named")
    store.record(
        [
            verdict("e4", "y", "1 (v1)"),  # Ada said x
            verdict("e5", "z", "2 (v2)"),
            verdict("e6", "y", "none (v2)"),
            verdict("e7", "z", None),  # no clause of v1 names x and z
            verdict("e8", "y", None),  # clause 1 of v2 names both, but that came later
            verdict("e10", "x", "9 (v7)"),  # a clause that nobody knows: as if none was cited
        ]
    )
    found = of(store, "Ada")
    by_clause = {(one.ground, one.version, one.number): one.rows["example_id"].tolist() for one in found.parts}
    assert by_clause[("clause", "v1", "1")] == ["e4"]
    assert by_clause[("clause", "v2", "2")] == ["e5"]
    assert sorted(by_clause[("none", "", "")]) == ["e6", "e7", "e8"]
    assert "e10" in by_clause[("clause", "v2", "1")]
    assert set(by_clause[("clause", "v2", "1")]) <= {"e10", "e18", "e19"}  # Ada differs from the others on the latter
    assert found.parts[-1].ground == "none"
    rows = pd.concat([one.rows for one in found.parts]).set_index("example_id")
    assert rows["cited"][["e4", "e5"]].all()
    assert not rows["cited"][["e6", "e7", "e8", "e10"]].any()
    assert rows["younger"][["e4", "e5"]].tolist() == [False, True]  # clause 2 came with v2, the label is of v1


def test_a_clause_is_not_blamed_for_labels_that_are_older(filled: Fill) -> None:
    store = filled()
    dates(store, e0="2026-01-01", e1="2026-03-01")
    write_version(store, SECOND, version="v1", author="Eve", note="", since=date(2026, 2, 1))
    found = {one.ground: one for one in of(store, "Cem").parts}
    assert found["before"].rows["example_id"].tolist() == ["e0"]
    assert (found["before"].clauses, found["before"].version) == ((), "")
    assert found["clause"].rows["example_id"].tolist() == ["e1"]
    assert {"e2", "e3"} <= set(found["unknown"].rows["example_id"])
    text = feedback_markdown(of(store, "Cem")).decode()
    assert "## No guideline then: these labels are older than its first version" in text
    assert "## Not known under which guideline" in text


def test_of_several_clauses_that_name_both_labels_none_is_blamed_alone(filled: Fill) -> None:
    store = filled()
    both = "## 1 One\n`x` `y`\n## 2 Two\n`z`\n## 3 Three\n`y` `x`"
    write_version(store, both, version="v1", author="Eve", note="")
    write_version(store, both + "\n## 4 Four", version="v2", author="Eve", note="more")
    (part,) = of(store, "Cem").parts  # the clauses stand in v2 as in v1, so that v1 and v2 are not told apart
    assert (part.version, part.number) == ("v2", "1, 3")
    assert "Each of these clauses names both labels" in feedback_markdown(of(store, "Cem")).decode()


def test_without_a_guideline_no_clause_is_missed(filled: Fill) -> None:
    (part,) = of(filled(), "Cem").parts
    assert part.ground == "unwritten"


def test_the_whole_texts_stand_under_the_names_of_their_columns(tmp_path: Path) -> None:
    long = "word " * 200 + "end"
    rows = [[f"e{n}", who, "x" if who != "c" else "y", f"{long} {n}", f"claim {n}"] for n in range(12) for who in "abc"]
    found = read_table(["id", "who", "label", "premise", "outcome"], rows)
    save(tmp_path, found, write_file(tmp_path / "f.csv", "x"), "pairs", Roles(id=0, annotator=1, label=2, text=(3, 4)))
    with Store(tmp_path / "pairs") as store:
        told = of(store, "c")
        read = pd.read_csv(io.BytesIO(feedback_csv(told)), encoding="utf-8-sig", dtype=str, keep_default_na=False)
        text = feedback_markdown(told).decode()
    assert read["premise"].tolist()[0] == f"{long} {read['example_id'].tolist()[0].removeprefix('e')}"
    assert read["outcome (2)"].str.startswith("claim ").all()  # "outcome" is the label that holds
    assert f"`premise`:\n\n```\n{long} 0\n```" in text
    assert "`outcome`:\n\n```\nclaim 0\n```" in text


def test_all_feedback_is_one_file_with_safe_names(store: Store) -> None:
    names = ["../a b", "..\\A b", "\u00e9l\u00e8ve", "?"]
    write(store, [("x", "x", "x", "y"), ("y", "y", "y", "x"), ("x", "y", "x", "x"), ("y", "x", "y", "y")] * 10, names)
    held = list(all_feedback(store, people.crowd(store)))
    with zipfile.ZipFile(io.BytesIO(feedback_zip(held))) as together:
        files = together.namelist()
        first = together.read(files[0]).decode()
    stems = {name.removeprefix("feedback-").rsplit(".", 1)[0] for name in files}
    assert len(files) == 2 * len(held) == len(set(map(str.casefold, files)))
    assert all(re.fullmatch(r"[\w-]+", stem) for stem in stems)
    assert first.startswith("# Feedback for")
    assert "unnamed" in stems


def test_without_differences_there_is_nothing_to_tell(filled: Fill) -> None:
    store = filled([("x", "x", "x")] * 5)
    found = of(store, "Ada")
    assert (found.differing, found.parts, len(found.frame())) == (0, (), 0)
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
        "y", "decision", "Eve", "no",
    ]  # fmt: skip


def without_code(text: str) -> str:
    """What is left of Markdown without fenced blocks and code spans (CommonMark 0.31, sections 4.5 and 6.1)."""
    fence, lines = "", []
    for line in text.split("\n"):
        if not fence and re.fullmatch("`{3,}", line):
            fence = line
        elif fence:
            fence = "" if line.startswith(fence) and not line.strip("`") else fence
        else:
            lines.append(re.sub(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", "", line))
    assert not fence
    return "\n".join(lines)


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
        "```\n# title\n````",
        "` `` ` x",
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
    bare = without_code(text)
    assert not re.search(r"[<\[\]`*_~!]", bare)
    assert len(re.findall(r"^#", bare, re.MULTILINE)) == 1 + len(found.parts) + found.differing


def test_the_markdown_says_what_a_difference_rests_on(filled: Fill) -> None:
    store = filled()
    write_version(store, SECOND, version="v1", author="Eve", note="")
    write_version(store, SECOND + "\n\n## 3 Third", version="v2", author="Eve", note="more")
    store.record([verdict("e4", "y", "1 (v1)", note="it was promised")])
    text = feedback_markdown(of(store, "Cem")).decode()
    assert "# Feedback for `Cem`" in text
    assert "## Clause `1` of `v2`" in text  # word for word that of v1
    assert "\n## 1 First\n`x` and `y`: `y` if both.\n" in text
    assert "### `e4`\n\nGiven `x`; decided `y` by `Eve`, who cites this clause. Note: `it was promised`" in text
    assert re.search(r"### `e0`\n\nGiven `y`; consensus `x`, (over 99|\d\d) % sure, not decided\.", text)
    assert "100 % sure" not in text
