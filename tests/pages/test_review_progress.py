"""Review: how far deciding has come, when to stop, and acts that do not count."""

from pathlib import Path

import pytest

from analysis.review.decide import decide
from analysis.store import Store
from tests.pages.app import forget_open_datasets, opened
from tests.pages.reviewing import progress, review, text, with_source
from tests.unit.test_trust_queries import flagged

pytestmark = pytest.mark.usefixtures("quick_hands")


def test_when_to_stop_is_said_where_it_can_be(scanned: Path) -> None:
    assert "label flags" not in text(review())
    forget_open_datasets()
    with Store(scanned) as opened_store:
        flagged(opened_store)
    app = review()
    (line,) = [part for part in app.caption if "label flags" in str(part.value)]
    assert "the models" in line.help


def test_review_and_overview_give_the_same_time_left(scanned: Path) -> None:
    with Store(scanned) as opened_store:
        for _ in range(30):
            decide(opened_store, ["c"], "unsure", reviewer="Grace", seconds=30)
    app = opened("overview")
    (left,) = [metric for metric in app.metric if metric.label == "Time left"]
    assert (left.value, left.delta) == ("≈ 1 min", "at 30 s each so far")
    assert "≈ 1 min At 30 s each so far. The average of everybody's 30 timed decisions" in progress(review())
    assert "≈ 1 min At your 30 s each. The average of your 30 timed decisions" in progress(review("Grace"))


def test_lines_of_the_journal_that_do_not_count_are_told_with_the_next_step(scanned: Path) -> None:
    with Store(scanned) as opened_store:
        with_source(opened_store)
    lines = '{"kind": "of tomorrow"}\n{"kind": "of tomorrow"}\nnonsense\n'
    (scanned / "journal.jsonl").write_text(lines)
    assert "Some lines of the journal do not count here. The Export page says which" in text(review())
    app = opened("export")
    warnings = [part.value for part in app.warning]
    assert "2 lines of the journal that a newer Plumbline wrote (lines 1, 2). Export with that version." in warnings[0]
    assert "1 line of the journal that cannot be read (line 3). Look at journal.jsonl" in warnings[1]


def test_the_export_page_says_that_several_labels_are_right(scanned: Path) -> None:
    with Store(scanned) as opened_store:
        with_source(opened_store)
        decide(opened_store, ["a"], "several", labels=["x", "y"], reviewer="Ada")
    app = opened("export")
    assert not app.exception
    assert "Several labels are right for 1 example" in text(app)
    assert "Nothing changes yet" not in text(app)
    assert "0 of 3 labels change, no row is dropped." in text(app)
    forget_open_datasets()
    with Store(scanned) as opened_store:
        decide(opened_store, ["b"], "several", labels=["x", "z"], reviewer="Ada")
    assert "1 of 3 labels changes, no row is dropped." in text(opened("export"))
