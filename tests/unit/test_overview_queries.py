"""What the Overview says, on three examples counted by hand."""

import pandas as pd
import pytest

from analysis.queries import overview
from analysis.store import Store
from tests.conftest import MakeDecision
from tests.scanned import AT, ran, scan_by_hand


@pytest.fixture
def scanned(store: Store) -> Store:
    """Three examples; a and b flagged by `wrong`, b by `odd` too."""
    scan_by_hand(store)
    return store


def _by_name(store: Store) -> dict[str, overview.CheckRow]:
    return {row.name: row for row in overview.checks(store)}


def test_an_unscanned_dataset_has_no_scan(store: Store) -> None:
    assert not overview.is_scanned(store)
    assert overview.last_scan(store) is None
    totals = overview.totals(store)
    assert (totals.examples, totals.labelled, totals.classes) == (3, 2, 2)
    assert (totals.flagged, totals.decided, totals.relabelling, totals.judged) == (0, 0, 0, 0)


def test_totals_count_examples_once(scanned: Store) -> None:
    totals = overview.totals(scanned)
    assert totals.flagged == 2  # a and b; b twice; c was not flagged
    assert totals.relabelling == 2
    assert totals.judged == 2
    assert overview.last_scan(scanned) == AT.replace(minute=1)


def test_decided_counts_flagged_examples_with_a_verdict(scanned: Store, make_decision: MakeDecision) -> None:
    scanned.record([make_decision("a"), make_decision("c")])
    assert overview.totals(scanned).decided == 1
    rows = _by_name(scanned)
    assert rows["wrong"].decided == 1
    assert rows["odd"].decided == 0
    scanned.record([make_decision("a", "reopen")])
    assert overview.totals(scanned).decided == 0


def test_each_check_says_what_it_found_or_why_not(scanned: Store) -> None:
    rows = _by_name(scanned)
    assert (rows["wrong"].flagged, rows["wrong"].judged, rows["wrong"].worst) == (2, 2, "two")
    assert rows["thin"].worst == "thin says x"
    assert (rows["leak"].status, rows["leak"].reason) == ("skipped", "Needs a split column.")
    assert (rows["broken"].status, rows["broken"].reason) == ("failed", "ValueError: too few")
    assert rows["broken"].trace.startswith("Traceback")
    ran = [row.name for row in overview.checks(scanned) if row.status == "ok"]
    assert ran == ["wrong", "odd", "thin"]


def test_only_the_latest_run_of_a_check_counts(scanned: Store) -> None:
    ran(scanned, "odd", run="2", status="skipped", detail="Needs labels.")
    row = _by_name(scanned)["odd"]
    assert (row.status, row.reason) == ("skipped", "Needs labels.")


def test_class_balance_has_the_unlabelled(scanned: Store) -> None:
    balance = overview.class_balance(scanned)
    rows = [(None if pd.isna(r.label) else r.label, r.examples, r.flagged) for r in balance.itertuples()]
    assert rows == [("x", 1, 1), ("y", 1, 1), (None, 1, 0)]


def test_slices_are_listed_with_their_members(scanned: Store) -> None:
    assert overview.slices(scanned) == [overview.SliceRow("thin", "x", "thin says x", 2)]


def test_reviewers_are_those_who_decided(scanned: Store, make_decision: MakeDecision) -> None:
    assert overview.reviewers(scanned) == []
    scanned.record([make_decision("a"), make_decision("b")])
    assert overview.reviewers(scanned) == ["Ada"]
