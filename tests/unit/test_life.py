"""One example's life, and the lists of issues and findings, against three examples whose every fact is known."""

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from analysis.errors import NoSuchThing, NotReady
from analysis.load.roles import RoleNames
from analysis.load.save import load_file
from analysis.queries.findings import all_findings, failed_checks, open_issues
from analysis.queries.life import Cell, GivenLabel, Place, life
from analysis.report.life import life_lines, life_object
from analysis.review.ask import ask, take_back
from analysis.review.decide import decide, undo_last
from analysis.store import Store
from tests.scanned import ran, scan_by_hand
from tests.tables import write

CSV = "name,message,intent,amount\na,one,x,007\nb,two,y,\nc,three,,9\n"
LONG = "name,message,intent,who,when\na,one,x,ada,2026-01-01\na,one,y,ben,2026-01-02\nb,two,y,ada,2026-01-01\n"


def _loaded(folder: Path, text: str, **roles: str) -> Store:
    path = write(folder / "tickets.csv", text)
    return Store(load_file(folder / "ws", path, roles=RoleNames(text=("message",), label="intent", **roles)).folder)


@pytest.fixture
def loaded(tmp_path: Path) -> Iterator[Store]:
    with _loaded(tmp_path, CSV, id="name") as store:
        yield store


def _add_signals(store: Store) -> None:
    lists = {"example_id": ["a"], "members": [["c", "b"]], "similarity": [[0.75, 0.5]]}
    with store.transaction() as transaction:
        transaction.insert("vectors", pa.table({"example_id": ["a"], "vector": [[0.6, 0.8]], "x": [1.5], "y": [-2.0]}))
        transaction.insert("neighbours", pa.table(lists))
        transaction.execute(
            "INSERT INTO predictions (example_id, predicted, confidence, probabilities)"
            " VALUES ('a', 'y', 0.7, [0.3, 0.7])"
        )
        transaction.set_meta("signal.predictions.detail", json.dumps({"classes": ["x", "y"]}))
        transaction.set_meta("signal.vectors.detail", json.dumps({"model": "static"}))


def _text(store: Store, example: str, width: int = 80) -> str:
    return "\n".join(life_lines(life(store, example), width))


def test_an_untouched_example_leaves_as_it_came(loaded: Store) -> None:
    found = life(loaded, "a")
    assert found.roles == {"text": ("message",), "id": ("name",), "label": ("intent",)}
    (row,) = found.rows
    assert (row.row_number, row.dropped) == (1, False)
    assert row.cells == tuple(
        Cell(column, cell, cell)
        for column, cell in [("name", "a"), ("message", "one"), ("intent", "x"), ("amount", "007")]
    )
    assert not any(cell.changed for cell in row.cells)
    assert (found.acts, found.verdict, found.place, found.nearest, found.probabilities) == ((), None, None, (), ())
    assert "Row 1, exactly as it came." in _text(loaded, "a")


def test_a_relabel_changes_one_cell_and_every_act_is_told_in_order(loaded: Store) -> None:
    decide(loaded, ["a"], "drop", reviewer="Ada")
    undo_last(loaded, "Ada")
    decide(loaded, ["a"], "relabel", new_label="y", reviewer="Ben", note="clear")
    found = life(loaded, "a")
    told = [(act.act, act.action, act.new_label, act.reviewer, act.undone, act.in_force) for act in found.acts]
    assert told == [
        ("decision", "drop", None, "Ada", True, False),
        ("undo", "drop", None, "Ada", False, False),
        ("decision", "relabel", "y", "Ben", False, True),
    ]
    assert found.verdict == found.acts[2]
    assert [cell for cell in found.rows[0].cells if cell.changed] == [Cell("intent", "x", "y")]
    text = _text(loaded, "a")
    assert "* intent  y   (was x)" in text
    assert "Ada: drop · taken back" in text
    assert "Ada took back: drop" in text
    assert "Ben: relabel to y · note: clear · in force" in text
    assert "relabel to y, by Ben." in text


def test_a_dropped_row_does_not_leave(loaded: Store) -> None:
    decide(loaded, ["b"], "drop", reviewer="Ada")
    assert life(loaded, "b").rows[0].dropped
    assert "Row 2 is dropped" in _text(loaded, "b")


def test_a_decision_about_what_the_example_said_before_no_longer_counts(tmp_path: Path) -> None:
    with _loaded(tmp_path, CSV, id="name") as store:
        decide(store, ["a"], "drop", reviewer="Ada")
    path = write(tmp_path / "tickets.csv", CSV.replace("one", "uno"))
    roles = RoleNames(text=("message",), label="intent", id="name")
    with Store(load_file(tmp_path / "ws", path, roles=roles, replace=True).folder) as store:
        found = life(store, "a")
        assert [(act.fits, act.in_force) for act in found.acts] == [(False, False)]
        assert found.verdict is None
        assert not found.rows[0].dropped
        assert "no longer counts" in " ".join(_text(store, "a").split())


def test_annotators_rows_and_the_added_column_are_told(tmp_path: Path) -> None:
    with _loaded(tmp_path, LONG, id="name", annotator="who", timestamp="when") as store:
        decide(store, ["a"], "relabel", new_label="z", reviewer="Ada")
        found = life(store, "a")
        assert found.annotations == (
            GivenLabel("ada", "x", "2026-01-01", None),
            GivenLabel("ben", "y", "2026-01-02", None),
        )
        assert [row.row_number for row in found.rows] == [1, 2]
        assert [[c for c in row.cells if c.changed] for row in found.rows] == [
            [Cell("corrected_label", None, "z", added=True)]
        ] * 2
        assert "(was no column)" in _text(store, "a")


def test_a_request_to_a_colleague_is_told_and_that_it_was_taken_back(loaded: Store) -> None:
    ask(loaded, "a", "Ben", asked_by="Ada", question="Is this x?", assignment_id="one")
    (act,) = life(loaded, "a").acts
    assert (act.act, act.action, act.asked, act.reviewer, act.note) == ("assignment", None, "Ben", "Ada", "Is this x?")
    assert "Ada: asks Ben to decide · question: Is this x?" in " ".join(_text(loaded, "a").split())
    take_back(loaded, "a", "one", asked_by="Ada")
    assert [act.act for act in life(loaded, "a").acts] == ["assignment", "undo"]
    assert "Ada took back: asks Ben to decide" in " ".join(_text(loaded, "a").split())


def test_vector_neighbours_and_probabilities_are_told(loaded: Store) -> None:
    _add_signals(loaded)
    found = life(loaded, "a")
    assert found.place == Place(2, "static", 1.5, -2.0)
    assert [(o.example_id, o.similarity, o.label, o.text) for o in found.nearest] == [
        ("c", 0.75, None, "three"),
        ("b", 0.5, "y", "two"),
    ]
    assert [(label, round(p, 6)) for label, p in found.probabilities] == [("y", 0.7), ("x", 0.3)]
    assert "0.300  the label it has" in _text(loaded, "a")


def test_every_check_is_told_flagged_or_not_or_why_it_is_silent(loaded: Store) -> None:
    scan_by_hand(loaded)
    told = {finding.check_name: finding for finding in life(loaded, "c").findings}
    assert (told["odd"].flagged, told["odd"].message, told["odd"].suggested_label) == (False, "odd says c", "z")
    assert (told["wrong"].severity, told["wrong"].message) == (None, "Has no opinion on this example.")
    assert (told["leak"].status, told["leak"].message) == ("skipped", "Needs a split column.")
    assert (told["broken"].status, told["broken"].message) == ("failed", "ValueError: too few")
    assert "thin" not in told  # about a part of the data that c is not in
    flagged = [(f.check_name, f.subject_id) for f in life(loaded, "b").findings if f.flagged]
    assert flagged == [("odd", "b"), ("wrong", "b"), ("thin", "x")]


def test_the_object_says_the_same_and_is_json(loaded: Store) -> None:
    _add_signals(loaded)
    scan_by_hand(loaded)
    decide(loaded, ["a"], "relabel", new_label="y", reviewer="Ada")
    told = json.loads(json.dumps(life_object(life(loaded, "a"))))
    assert [c["column"] for c in told["rows"][0]["cells"] if c["changed"]] == ["intent"]
    assert told["verdict"]["new_label"] == "y"
    assert [p["label"] for p in told["probabilities"]] == ["y", "x"]
    assert [o["example_id"] for o in told["nearest"]] == ["c", "b"]


@pytest.mark.parametrize(("asked", "meant"), [("A", None), ("Order-12", "order-12"), ("", None), ("\udcff", None)])
def test_an_unknown_example_is_refused_with_the_nearest_id(tmp_path: Path, asked: str, meant: str | None) -> None:
    with _loaded(tmp_path, CSV.replace("\na,", "\norder-12,"), id="name") as store:
        with pytest.raises(NoSuchThing) as refused:
            life(store, asked)
        assert repr(asked) in refused.value.message
        assert (f"Did you mean {meant!r}?" in refused.value.hint) is (meant is not None)


def test_issues_are_what_is_flagged_and_not_settled(loaded: Store) -> None:
    scan_by_hand(loaded)
    assert [(i.subject, i.subject_id, i.check_name, i.reasons) for i in open_issues(loaded)] == [
        ("example", "b", "wrong", 2),
        ("example", "a", "wrong", 1),
        ("slice", "x", "thin", 1),
    ]
    decide(loaded, ["a"], "unsure", reviewer="Ada")
    decide(loaded, ["b"], "keep", reviewer="Ada")
    assert [(i.subject_id, i.unsure) for i in open_issues(loaded)] == [("a", True), ("x", False)]
    assert [i.subject_id for i in open_issues(loaded, "thin")] == ["x"]
    assert [row.name for row in failed_checks(loaded)] == ["broken"]


def test_findings_are_every_opinion(loaded: Store) -> None:
    scan_by_hand(loaded)
    rows = all_findings(loaded).to_pylist()
    assert [(r["check_name"], r["subject_id"], r["flagged"]) for r in rows] == [
        ("odd", "b", True),
        ("odd", "c", False),
        ("thin", "x", True),
        ("wrong", "a", True),
        ("wrong", "b", True),
    ]
    assert rows[0]["members"] == ["a", "b"]
    assert all_findings(loaded, "thin").num_rows == 1


def test_lists_need_a_scan_and_a_check_that_exists(loaded: Store) -> None:
    with pytest.raises(NotReady, match="has not been scanned"):
        open_issues(loaded)
    ran(loaded, "wrong")
    with pytest.raises(NoSuchThing, match="'wrnog'") as refused:
        all_findings(loaded, "wrnog")
    assert refused.value.hint.startswith("Did you mean 'wrong'?")
