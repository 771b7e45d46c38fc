"""Versions are acts of the journal: written once, replayed, never lost; and what the dataset knows by them."""

import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest

from analysis.errors import NotReady, NotSaved
from analysis.people.guideline_effect import clearest
from analysis.people.guidelines import BEFORE, clauses
from analysis.queries import guidelines, people
from analysis.review.decide import decide
from analysis.review.guide import LONGEST, MOST_LINES, write_version
from analysis.scan.material import load_material, read_material, write_material
from analysis.schema import content_hash
from analysis.store import Store
from tests.conftest import MakeDecision, fill
from tests.loading import loaded

SAMPLE = Path(__file__).parents[2] / "sample_data" / "support-messages"
RULES = "## 1 First\n`a` and `b`\n## 2 Second\n`c`, not `d`"


def annotate(store: Store, *rows: tuple[str, str, str], at: str | None = None, version: str | None = None) -> None:
    """Annotations: example, annotator, label."""
    given = pd.DataFrame(rows, columns=["example_id", "annotator", "label"])
    with store.transaction() as transaction:
        transaction.insert("annotations", given.assign(annotated_at=at, guideline_version=version))


@pytest.fixture
def crowd(tmp_path: Path) -> Iterator[Store]:
    """Six examples labelled by two people: a against b on e1 to e3, a against c on e4, agreed on e5 and e6."""
    labels = ["a", "b", "a", "c", "a", "b"]
    rows = pd.DataFrame({"example_id": [f"e{i}" for i in range(1, 7)], "row_number": range(1, 7)}).assign(
        text=[f"text {i}" for i in range(1, 7)], label=labels, split=None
    )
    rows["content_hash"] = [content_hash(text, label) for text, label in zip(rows["text"], labels, strict=True)]
    with Store(tmp_path / "crowd") as store:
        with store.transaction() as transaction:
            transaction.insert("examples", rows)
        for example, (one, other) in zip(rows["example_id"], ["ab", "ba", "ab", "ac", "aa", "bb"], strict=True):
            annotate(store, (example, "p", one), (example, "q", other))
        yield store


def test_a_version_is_recorded_with_who_when_and_why(store: Store) -> None:
    first = write_version(store, RULES + "\r\n\x07", version=" v1 ", author=" Ada  L. ", note="")
    second = write_version(store, RULES + "!", version="v2", author="Ben", note="people were split\non b")
    assert (first.name, first.text, first.author, first.note) == ("v1", RULES, "Ada L.", "")
    assert second.note == "people were split\non b"
    assert guidelines.versions(store) == (first, second)
    assert guidelines.latest(store) == second
    assert first.created_at <= second.created_at


def test_asking_twice_writes_once(store: Store) -> None:
    for text in (RULES, RULES + " changed"):
        write_version(store, text, version="v1", author="Ada", note="", guideline_id="one")
    assert [version.text for version in guidelines.versions(store)] == [RULES]
    assert len(list(store.journal.lines())) == 1


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"text": " \n\x00"}, "empty"),
        ({"text": "x" * (LONGEST + 1)}, "100,001 characters"),
        ({"text": "x\n" * MOST_LINES + "x"}, "3,001 lines"),
        ({"text": RULES + "\n"}, "says the same"),
        ({"version": " "}, "no name"),
        ({"version": "x" * 41}, "too long"),
        ({"version": "v1"}, "a version v1 already"),
        ({"author": "\u0000 "}, "nobody is named"),
        ({"note": " "}, "why the guideline changes"),
    ],
)
def test_a_version_that_makes_no_sense_is_refused_and_leaves_nothing(
    store: Store, given: dict[str, str], says: str
) -> None:
    write_version(store, RULES, version="v1", author="Ada", note="")
    asked = {"text": RULES + "?", "version": "v2", "author": "Ada", "note": "why"} | given
    with pytest.raises(NotSaved, match=says) as error:
        write_version(store, asked.pop("text"), **asked)
    assert error.value.hint
    assert len(guidelines.versions(store)) == 1
    assert len(list(store.journal.lines())) == 1


def test_a_lost_database_gets_its_versions_back_between_the_decisions(
    tmp_path: Path, make_decision: MakeDecision
) -> None:
    with Store(tmp_path / "lost") as store:
        fill(store)
        store.record([make_decision()])
        write_version(store, RULES, version="v1", author="Ada", note="")
        store.record([make_decision()])
        write_version(store, RULES + "!", version="v2", author="Ada", note="why")
        before = guidelines.versions(store)
    (tmp_path / "lost" / "data.duckdb").unlink()
    with Store(tmp_path / "lost") as store:
        assert guidelines.versions(store) == before
        assert store.rows("SELECT sequence FROM guidelines ORDER BY sequence") == [(2,), (4,)]
        assert store.rows("SELECT sequence FROM decisions ORDER BY sequence") == [(1,), (3,)]
        assert (store.unreadable_lines, store.unknown_lines) == ([], [])


def test_acts_of_a_later_plumbline_stay_in_the_journal_and_are_reported(tmp_path: Path) -> None:
    folder = tmp_path / "later"
    Store(folder).close()
    later = json.dumps({"kind": "of tomorrow", "of_tomorrow_id": "x"}) + "\n"
    (folder / "journal.jsonl").write_text(later + '{"kind": ["no"]}\n{"kind": "guideline"}\n')
    with Store(folder) as store:
        assert (store.unknown_lines, store.unreadable_lines) == ([1], [2, 3])
        write_version(store, RULES, version="v1", author="Ada", note="")
    assert (folder / "journal.jsonl").read_text().startswith(later)
    with Store(folder) as store:
        assert (store.unknown_lines, store.unreadable_lines) == ([1], [2, 3])
        assert [version.name for version in guidelines.versions(store)] == ["v1"]


def test_a_dataset_of_an_earlier_plumbline_opens_with_its_decisions(
    tmp_path: Path, make_decision: MakeDecision
) -> None:
    folder = tmp_path / "earlier"
    with Store(folder) as store:
        fill(store)
        store.record([make_decision()])
        with store.transaction() as transaction:  # as the tables were before versions could be written
            transaction.execute("DELETE FROM migrations WHERE name IN ('m003_guideline_acts', 'm007_in_force_since')")
            transaction.execute("DROP TABLE guidelines")
            transaction.execute("CREATE TABLE guidelines (version VARCHAR PRIMARY KEY, text VARCHAR NOT NULL)")
    with Store(folder) as store:
        assert store.value("SELECT count(*) FROM verdicts") == 1
        write_version(store, RULES, version="v1", author="Ada", note="")
        assert guidelines.latest(store) is not None


def test_of_two_versions_of_one_name_in_joined_journals_the_later_holds(store: Store) -> None:
    lines = []
    for number, text in enumerate(("old", "new")):
        act = {"kind": "guideline", "guideline_id": str(number), "version": "v1", "text": text, "note": ""}
        lines.append({**act, "author": "Ada", "created_at": f"2026-01-0{number + 1}T00:00:00+00:00"})
    folder = store.folder
    store.journal.append(lines)
    store.close()
    with Store(folder) as opened:
        assert [version.text for version in guidelines.versions(opened)] == ["new"]


def test_each_clause_shows_what_annotators_are_split_on_and_who_cites_it(crowd: Store) -> None:
    version = write_version(crowd, RULES, version="v1", author="Ada", note="")
    decide(crowd, ["e1"], "keep", reviewer="Ada", clause="1 (v1)")
    decide(crowd, ["e2"], "keep", reviewer="Ada", clause="none (v1)")
    first, second = guidelines.clause_rows(crowd, version, people.crowd(crowd))
    assert (first.rules, first.unknown) == (("a", "b"), ())
    assert first.split is not None
    assert (first.split.split, first.split.involved) == (3, 6)
    assert first.split.share == pytest.approx(3 / 4)
    assert first.worst == ("a", "b", 3)
    assert (second.rules, second.unknown) == (("c",), ("d",))
    assert second.split is not None
    assert (second.split.split, second.split.involved, second.worst) == (1, 1, ("a", "c", 1))
    assert guidelines.cited(crowd, version) == {"1": 1}
    assert (first.every, second.every) == (False, False)


def test_what_was_cited_counts_on_while_the_clause_stands_word_for_word(crowd: Store) -> None:
    write_version(crowd, RULES, version="v1", author="Ada", note="")
    decide(crowd, ["e1"], "keep", reviewer="Ada", clause="1 (v1)")
    decide(crowd, ["e2"], "keep", reviewer="Ada", clause="2 (v1)")
    decide(crowd, ["e3"], "keep", reviewer="Ada", clause="none (v1)")
    second = next(clause for clause in clauses(RULES) if clause.number == "2")
    changed = RULES.replace(second.text, second.text + " and more")
    later = write_version(crowd, changed, version="v2", author="Ada", note="more")
    assert guidelines.cited(crowd, later) == {"1": 1}
    assert guidelines.unruled(crowd) == ("e3",)


def test_a_clause_that_names_every_label_is_known_as_such(crowd: Store) -> None:
    version = write_version(crowd, "## 1\n`a` `b` `c`\n## 2\n`a` `b`", version="v1", author="Ada", note="")
    rows = guidelines.clause_rows(crowd, version, people.crowd(crowd))
    assert [row.every for row in rows] == [True, False]


def test_gaps_are_the_pairs_that_no_clause_in_force_names(crowd: Store) -> None:
    known = people.crowd(crowd)
    assert [(gap.first, gap.second, gap.split) for gap in guidelines.gaps(crowd, known)] == [
        ("a", "b", 3),
        ("a", "c", 1),
    ]
    write_version(crowd, RULES, version="v1", author="Ada", note="")
    assert [(gap.first, gap.second) for gap in guidelines.gaps(crowd, known)] == [("a", "c")]
    write_version(crowd, RULES + "\n## 3\n`c` `a`", version="v2", author="Ada", note="a gap")
    assert guidelines.gaps(crowd, known) == []


def test_a_draft_quotes_what_was_decided_on_the_two_labels(crowd: Store) -> None:
    decide(crowd, ["e1"], "keep", reviewer="Ada", note="clear")
    decide(crowd, ["e2"], "relabel", new_label="a", reviewer="Ada")
    decide(crowd, ["e3"], "drop", reviewer="Ada")
    decide(crowd, ["e4"], "keep", reviewer="Ada")  # a against c
    decide(crowd, ["e5"], "keep", reviewer="Ada")  # nobody is split on it
    assert guidelines.adjudicated(crowd, "b", "a") == [("a", "text 2", "e2", ""), ("a", "text 1", "e1", "clear")]
    text = guidelines.draft_for(crowd, "b", "a")
    assert text.startswith("## 1 `b` or `a`\n")
    assert "- `a`: “text 1” (e1) – clear" in text


def test_a_draft_says_where_both_labels_were_said_to_be_right(crowd: Store) -> None:
    decide(crowd, ["e1"], "keep", reviewer="Ada")
    decide(crowd, ["e2"], "several", labels=("a", "b"), reviewer="Ada", note="nobody can know")
    decide(crowd, ["e3"], "several", labels=("a", "c"), reviewer="Ada")
    assert [row[:3] for row in guidelines.adjudicated(crowd, "a", "b")] == [("a", "text 1", "e1"), ("", "text 2", "e2")]
    assert "- both: “text 2” (e2) – nobody can know" in guidelines.draft_for(crowd, "a", "b")


def test_the_next_name_follows_the_labels_first_and_the_versions_then(crowd: Store) -> None:
    assert guidelines.next_name(crowd) == "v1"
    annotate(crowd, ("e1", "r", "a"), version="v2")
    annotate(crowd, ("e1", "s", "a"), version="v10")
    assert guidelines.next_name(crowd) == "v10"
    write_version(crowd, RULES, version="v10", author="Ada", note="")
    assert guidelines.next_name(crowd) == "v11"
    write_version(crowd, RULES + "!", version="summer", author="Ada", note="why")
    assert guidelines.next_name(crowd) == "v11"


def test_labels_without_a_version_in_a_column_are_dated_by_those_written_here(store: Store) -> None:
    write_version(store, RULES, version="v1", author="Ada", note="")
    annotate(store, ("a", "p", "x"), ("a", "q", "y"), at="2020-01-01")
    annotate(store, ("b", "p", "x"), ("b", "q", "x"), at="2999-01-01")
    annotate(store, ("c", "p", "x"))
    found = guidelines.effect_of_versions(store, people.crowd(store))
    assert found.order == (BEFORE, "v1")
    assert [measured.doubled for measured in found.measured] == [1, 1]
    assert (found.unwritten, found.undated) == ((), 1)


def test_labels_without_a_version_in_a_column_are_dated_by_when_each_came_into_force(store: Store) -> None:
    """Two days apart, written in the wrong order, long after the labels were given."""
    write_version(store, RULES, version="v2", author="Ada", note="", since=date(2025, 12, 1))
    write_version(store, "## 1\n`a`", version="v1", author="Ada", note="as it was", since=date(2025, 9, 1))
    annotate(store, ("a", "p", "x"), ("a", "q", "y"), at="2025-08-31T23:59:59+00:00")
    annotate(store, ("b", "p", "x"), at="2025-09-01")
    annotate(store, ("b", "q", "x"), at="2025-11-30")
    annotate(store, ("c", "p", "x"), ("c", "q", "y"), at="2025-12-01")
    found = guidelines.effect_of_versions(store, people.crowd(store))
    assert found.order == (BEFORE, "v1", "v2")
    assert [(measured.labels, measured.doubled) for measured in found.measured] == [(2, 1)] * 3
    in_force = guidelines.latest(store)
    assert in_force is not None
    assert in_force.name == "v2"
    assert read_material(store).guideline == RULES


def test_when_a_version_came_into_force_outlives_the_database(tmp_path: Path) -> None:
    with Store(tmp_path / "kept") as store:
        written = write_version(store, RULES, version="v1", author="Ada", note="", since=date(2025, 9, 1))
    (tmp_path / "kept" / "data.duckdb").unlink()
    with Store(tmp_path / "kept") as store:
        assert guidelines.versions(store) == (written,)
    assert written.since == datetime(2025, 9, 1)


def test_a_day_that_lies_ahead_or_is_taken_is_refused(store: Store) -> None:
    write_version(store, RULES, version="v1", author="Ada", note="", since=date(2025, 9, 1))
    for day, said in ((date(2999, 1, 1), "lies ahead"), (date(2025, 9, 1), "in force since 2025-09-01 too")):
        with pytest.raises(NotSaved, match=said):
            write_version(store, RULES + "!", version="v2", author="Ada", note="why", since=day)
    assert len(guidelines.versions(store)) == 1


def test_a_version_that_only_the_labels_name_is_measured_and_said_to_be_unwritten(crowd: Store) -> None:
    with crowd.transaction() as transaction:
        transaction.execute("UPDATE annotations SET guideline_version = 'pilot'")
    write_version(crowd, RULES, version="v1", author="Ada", note="")
    found = guidelines.effect_of_versions(crowd, people.crowd(crowd))
    assert (found.order, found.unwritten, found.changes) == (("pilot",), ("pilot",), ())


def test_without_annotations_nothing_is_measured(store: Store) -> None:
    assert guidelines.overlap(store) == 0
    version = write_version(store, "## 1\n`x` `y`", version="v1", author="Ada", note="")
    (row,) = guidelines.clause_rows(store, version)
    assert (row.rules, row.split, row.worst) == (("x", "y"), None, None)
    with pytest.raises(NotReady):
        people.crowd(store)


def test_the_planted_disagreement_under_the_first_version_is_found(tmp_path: Path) -> None:
    truth = pd.read_csv(SAMPLE / "truth.csv")
    ((first, planted),) = truth.loc[truth["kind"] == "guideline", ["id", "detail"]].values.tolist()
    with Store(loaded(SAMPLE / "support_messages.csv", tmp_path / "workspace")) as store:
        found = guidelines.effect_of_versions(store, people.crowd(store))
        worst = guidelines.gaps(store, people.crowd(store))[0]
    best = clearest(found.changes)
    assert best is not None
    assert best.before.version == first == "v1"
    assert all(label in planted for label in best.subject)
    assert set(best.subject) == {worst.first, worst.second} == {"card_declined", "payment_failed"}
    assert best.low > 0.3
    others = [effect for effect in found.changes if effect.subject and effect is not best]
    assert not [effect for effect in others if effect.is_clear]


def test_a_scan_reads_the_version_in_force(crowd: Store, tmp_path: Path) -> None:
    assert read_material(crowd).guideline == ""
    write_version(crowd, RULES, version="v1", author="Ada", note="")
    write_version(crowd, RULES + "\n退款", version="v2", author="Ada", note="why")
    write_material(read_material(crowd), tmp_path / "in")
    assert load_material(tmp_path / "in").guideline == RULES + "\n退款"
    (tmp_path / "in" / "guideline.md").unlink()  # a scan that an earlier Plumbline began
    assert load_material(tmp_path / "in").guideline == ""
