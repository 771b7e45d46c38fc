"""A selection of the map as a file."""

import csv
import io

import pyarrow as pa

from analysis.export.selection import selection_csv
from analysis.review.decide import decide
from analysis.store import Store
from tests.scanned import scan_by_hand


def cells(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_each_example_comes_with_its_checks_and_its_decision(store: Store) -> None:
    scan_by_hand(store)
    decide(store, ["b"], "relabel", new_label="z", reviewer="Ada", note="clear")
    first, second = cells(selection_csv(store, pa.array(["b", "a"])))
    texts = dict(store.rows("SELECT example_id, text FROM examples"))
    assert (first["example_id"], first["text"], first["checks"], first["decision"]) == ("a", texts["a"], "wrong", "")
    assert (second["example_id"], second["checks"].splitlines()) == ("b", ["odd", "wrong"])
    assert (second["decision"], second["new_label"], second["reviewer"], second["note"]) == (
        "relabel",
        "z",
        "Ada",
        "clear",
    )


def test_flagged_ones_come_first_and_what_is_missing_is_empty(store: Store) -> None:
    scan_by_hand(store)
    with store.transaction() as transaction:
        transaction.execute("DELETE FROM findings WHERE subject_id = 'a'")
    decide(store, ["a"], "keep", reviewer="Ada", note="")
    data = selection_csv(store, pa.array(["a", "b"]))
    assert [(row["example_id"], row["flagged"]) for row in cells(data)] == [("b", "yes"), ("a", "")]
    assert b'""' not in data
    assert data.decode("utf-8-sig").splitlines()[-1].endswith(",,Ada,")


def test_no_cell_runs_as_a_formula(store: Store) -> None:
    with store.transaction() as transaction:
        transaction.execute("UPDATE examples SET text = '=1+1', label = '@x' WHERE example_id = 'a'")
    (row,) = cells(selection_csv(store, pa.array(["a"])))
    assert (row["text"], row["label"]) == ("'=1+1", "'@x")


def test_an_empty_selection_has_a_header_alone(store: Store) -> None:
    assert cells(selection_csv(store, pa.array([], pa.string()))) == []
