"""Saved selections: they survive the database, the latest of a name holds, and a name can be taken away."""

import json
from pathlib import Path

import pytest

from analysis.errors import NotSaved
from analysis.queries.selections import saved
from analysis.review.selections import remove_selection, save_selection
from analysis.store import DATABASE, JOURNAL, Store


def test_a_selection_is_kept_and_comes_back_from_the_journal_alone(tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    with Store(folder) as store:
        save_selection(store, "  odd\n corner ", {"region": "0,0;1,0;1,1", "check": "odd"}, by="Ada")
    line = json.loads((folder / JOURNAL).read_text())
    assert (line["kind"], line["name"], line["saved_by"]) == ("selection", "odd corner", "Ada")
    (folder / DATABASE).unlink()
    with Store(folder) as store:
        (found,) = saved(store)
    assert found.name == "odd corner"
    assert found.parameters == (("check", "odd"), ("region", "0,0;1,0;1,1"))
    assert found.saved_by == "Ada"


def test_the_latest_of_a_name_holds_and_a_name_can_be_taken_away(store: Store) -> None:
    save_selection(store, "b", {"check": "odd"}, by="Ada")
    save_selection(store, "a", {"show": "open"}, by="Ada")
    save_selection(store, "b", {"show": "flagged"}, by="Bo")
    assert [(one.name, one.parameters, one.saved_by) for one in saved(store)] == [
        ("a", (("show", "open"),), "Ada"),
        ("b", (("show", "flagged"),), "Bo"),
    ]
    remove_selection(store, "b", by="Ada")
    assert [one.name for one in saved(store)] == ["a"]
    save_selection(store, "b", {"show": "all"}, by="Ada")
    assert [one.name for one in saved(store)] == ["a", "b"]


@pytest.mark.parametrize(
    ("name", "parameters", "by", "said"),
    [
        (" \u0007", {"show": "open"}, "Ada", "no name"),
        ("a", {"show": "open"}, " ", "nobody is named"),
        ("a", {}, "Ada", "nothing is selected"),
    ],
)
def test_what_makes_no_sense_is_not_saved(
    store: Store, name: str, parameters: dict[str, str], by: str, said: str
) -> None:
    with pytest.raises(NotSaved, match=said):
        save_selection(store, name, parameters, by=by)
    assert saved(store) == []
    assert list(store.journal.lines()) == []


@pytest.mark.parametrize("text", ["", "[1]", "null", '{"region": 5, "show": ""}', "{"])
def test_a_filter_that_another_program_wrote_may_hold_anything(store: Store, text: str) -> None:
    with store.transaction() as transaction:
        transaction.execute("INSERT INTO selections VALUES ('1', 1, 'a', ?, 'Ada', '2026-03-14')", [text])
    assert saved(store) == []
