"""What the check for thin regions found is what Coverage says of a dataset that is compared with nothing."""

from dataclasses import replace

import pytest

from analysis.queries.coverage_checks import ThinHere, other_parts, thin_here
from analysis.queries.overview import SliceRow
from analysis.report.coverage_thin_here import thin_here_sentence, thin_here_title
from analysis.store import Store
from tests.scanned import found, ran, scan_by_hand


def test_thin_parts_are_those_of_the_last_run_and_the_rest_stands_apart(store: Store) -> None:
    scan_by_hand(store)
    assert thin_here(store) == ThinHere(None, "", ())
    ran(store, "thin_region", judged=9)
    found(store, "thin_region", ["around a", "around b"])
    with store.transaction() as transaction:
        transaction.execute("UPDATE findings SET subject = 'slice' WHERE check_name = 'thin_region'")
    here = thin_here(store)
    assert here.judged == 9
    assert [(row.slice_id, row.members) for row in here.regions] == [("around a", 2), ("around b", 2)]
    assert [row.check_name for row in other_parts(store)] == ["thin"]
    ran(store, "thin_region", run="2", status="skipped", detail="Only 3 examples have text.", judged=0)
    assert thin_here(store) == ThinHere(None, "Only 3 examples have text.", ())
    ran(store, "thin_region", run="3", status="failed", detail="Traceback", judged=0)
    assert "Traceback" not in thin_here(store).reason


@pytest.mark.parametrize(
    ("judged", "thin", "sentence", "title"),
    [
        (None, 0, "The last scan has not looked for thin parts. Why.", "not known"),
        (0, 0, "so no part is thin", "0 of 0 parts"),
        (70, 0, "None of 70 parts, ", "0 of 70 parts"),
        (70, 1, "1 of 70 parts, small groups of texts that lie apart, is thin", "1 of 70 parts"),
        (70, 2, "2 of 70 parts, small groups of texts that lie apart, are thin", "2 of 70 parts"),
    ],
)
def test_how_many_are_thin_is_said(judged: int | None, thin: int, sentence: str, title: str) -> None:
    row = SliceRow("thin", "x", "Only 7 examples are about elk", 7)
    here = ThinHere(judged, "" if judged is not None else "Why.", (row,) * thin)
    assert sentence in thin_here_sentence(here)
    assert thin_here_title(here).endswith(title)
    assert "None" not in thin_here_sentence(replace(here, judged=None, reason=""))
