"""Whatever stands in a journal, in whatever order and however often: every version is in the tables once."""

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.people.guidelines import clauses, difference, named
from analysis.schema import Guideline
from analysis.store import Store

pytestmark = pytest.mark.slow

WORDS = st.text(st.characters(codec="utf-8"), max_size=30)
VERSIONS = st.builds(
    Guideline,
    guideline_id=st.sampled_from([f"id {n}" for n in range(6)]),
    version=WORDS,
    text=WORDS,
    author=WORDS,
    created_at=st.datetimes().map(lambda moment: moment.isoformat()),
    note=WORDS,
)
OTHERS = st.sampled_from(['{"kind": "of tomorrow"}', "[1]", '{"kind": "guideline", "gui', "", "nonsense", "{}"])
MARKDOWN = st.text(st.sampled_from(list("#`1.2) \n\tab-~\\é")), max_size=200)


def line(act: Guideline) -> str:
    return json.dumps({name: getattr(act, name) for name in act.__slots__})


def kept(store: Store) -> list[tuple[object, ...]]:
    return store.rows("SELECT * FROM guidelines ORDER BY sequence")


@settings(max_examples=10, deadline=None)
@given(st.lists(VERSIONS | OTHERS, max_size=8))
def test_replay_keeps_the_first_line_of_every_act_and_nothing_twice(lines: list[Guideline | str]) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "replayed"
        folder.mkdir()
        written = [entry if isinstance(entry, str) else line(entry) for entry in lines]
        (folder / "journal.jsonl").write_text("".join(f"{entry}\n" for entry in written), encoding="utf-8")
        first: dict[str, tuple[int, Guideline]] = {}
        for number, entry in enumerate(lines, start=1):
            if isinstance(entry, Guideline):
                first.setdefault(entry.guideline_id, (number, entry))
        with Store(folder) as store:
            before = kept(store)
            assert [(row[0], row[1], row[2], row[3]) for row in before] == [
                (act.guideline_id, number, act.version, act.text) for number, act in first.values()
            ]
            assert len(store.unknown_lines) == written.count('{"kind": "of tomorrow"}')
            assert len(store.unknown_lines) + len(store.unreadable_lines) == sum(isinstance(x, str) for x in lines)
        with Store(folder) as store:
            assert kept(store) == before
        (folder / "data.duckdb").unlink()
        with Store(folder) as store:
            assert kept(store) == before


@settings(max_examples=200, deadline=None)
@given(MARKDOWN, MARKDOWN)
def test_any_text_has_clauses_with_numbers_of_their_own_and_a_diff_that_rebuilds_it(one: str, other: str) -> None:
    found = clauses(one)
    assert len({clause.number for clause in found}) == len(found)
    assert bool(found) or not one.strip() or all(not part.strip() for part in one.splitlines())
    for clause in found:
        assert clause.text.strip("\n") in "\n".join(one.splitlines())
        assert set(clause.named) <= set(named(one))
    lines = difference(one, other, around=1_000)
    assert [x.text for x in lines if x.change in ("same", "removed")] == (one.splitlines() if lines else [])
    assert [x.text for x in lines if x.change in ("same", "added")] == (other.splitlines() if lines else [])
    assert bool(lines) == (one.splitlines() != other.splitlines())
