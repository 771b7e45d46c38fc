"""Overview: what the last scan found, told in numbers that lead to their examples."""

from pathlib import Path

import pytest
from streamlit.errors import StreamlitInvalidLayoutContextError

from analysis.scan import job
from analysis.signals.trust import Count, Trust
from analysis.store import Store
from tests.pages.app import make, opened, said
from tests.scanned import scan_by_hand
from ui import scanning


@pytest.fixture
def scanned(workspace: Path) -> Path:
    with Store(make(workspace / "tiny")) as store:
        scan_by_hand(store)
    return workspace


def test_an_unscanned_dataset_offers_the_scan(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    monkeypatch.setattr(job, "start", lambda store: started.append(store.name))
    make(workspace / "tiny")
    app = opened("overview")
    assert not app.exception
    assert [metric.value for metric in app.metric] == ["3"]
    app.button(key="scan_new").click().run()
    assert started == ["tiny"]


def test_the_numbers_say_what_they_are_out_of(scanned: Path) -> None:
    app = opened("overview")
    assert not app.exception
    assert [(metric.label, metric.value, metric.delta) for metric in app.metric] == [
        ("Examples", "3", "2 labels, 1 unlabelled"),
        ("Flagged", "2", "67 % of the examples"),
        ("New label suggested", "2", "of 2 judged"),
        ("Decided", "0", "of 2 flagged"),
        ("Time left", "≈ 24 s", "at 12 s each, assumed"),
    ]


def test_every_check_is_listed_with_its_reason_and_failure(scanned: Path) -> None:
    text = said(opened("overview"))
    for part in ("Wrong", "Odd", "Skipped. Needs a split column", "Failed.** ValueError", "thin says x"):
        assert part in text.replace("\\", "")


def test_what_was_found_about_parts_of_the_data_leads_to_coverage(scanned: Path) -> None:
    links = [link.proto for link in opened("overview").main.get("page_link")]
    assert [link.label for link in links if link.page == "coverage"] == ["**1** ›"]


def test_the_one_main_action_leads_to_review(scanned: Path) -> None:
    app = opened("overview")
    assert [button.label for button in app.main.button if button.proto.type == "primary"] == [
        "Review the flagged examples"
    ]
    app.button(key="to_review").click().run()
    assert [title.value for title in app.header] == ["Review"]


def test_the_labels_have_a_table(scanned: Path) -> None:
    app = opened("overview")
    app.toggle(key="balance_table").set_value(True).run()
    table = app.dataframe[0].value
    assert table["label"].tolist() == ["x", "y", "(no label)"]
    assert table["flagged"].tolist() == [1, 1, 0]


def test_a_label_that_is_markdown_stays_text(scanned: Path) -> None:
    with Store(scanned / "tiny") as store, store.transaction() as transaction:
        transaction.execute(
            "UPDATE examples SET label = '![x](http://x)', text = '[x](http://x)' WHERE example_id = 'b'"
        )
    app = opened("overview")
    assert not app.exception
    live = [*app.markdown, *app.caption, *app.metric, *app.header, *app.subheader]
    assert not [part for part in live if "](http" in str(part.value)]


def test_a_scan_that_broke_off_can_be_resumed(scanned: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    resumed: list[str] = []
    monkeypatch.setattr(job, "status", lambda store: job.JobStatus("interrupted", message="killed"))
    monkeypatch.setattr(job, "resume", lambda store: resumed.append(store.name))
    app = opened("overview")
    assert "stopped before it was finished" in said(app)
    app.button(key="scan_resume").click().run()
    assert resumed == ["tiny"]


def test_a_running_scan_shows_every_stage_and_can_be_cancelled(scanned: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stages = (("Reading the texts", 1.0), ("Training the models", 0.5))
    running = job.JobStatus("running", "Training the models", 0.4, 12.0, stages)
    cancelled: list[str] = []
    monkeypatch.setattr(job, "status", lambda store: running)
    monkeypatch.setattr(job, "cancel", lambda store: cancelled.append(store.name))
    app = opened("overview")
    assert "Reading the texts: done" in said(app)
    assert "Training the models: 50 %" in said(app)
    app.button(key="scan_cancel").click().run()
    assert cancelled == ["tiny"]


def test_page_and_sidebar_tell_of_the_same_moment_of_a_scan(scanned: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []

    def later(store: Store) -> job.JobStatus:
        looks.append(len(looks) + 1)
        return job.JobStatus("running", f"Stage {len(looks)}", len(looks) / 100, None, ((f"Stage {len(looks)}", 0.0),))

    monkeypatch.setattr(job, "status", later)
    app = opened("overview")
    assert not app.exception
    page, beside = [str(bar.proto.text) for bar in app.get("progress")]
    assert beside == f"Stage {looks[-1]} · {looks[-1]} %"
    assert page == f"Scanning: {looks[-1]} %"
    assert f"Stage {looks[-1]}: under way" in said(app)


def test_where_a_run_was_broken_off_before_the_sidebar_had_its_place_the_page_is_drawn_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Gone:
        def progress(self, *_: object) -> None:
            raise StreamlitInvalidLayoutContextError("no place is reserved")

    reruns: list[str] = []
    monkeypatch.setattr(scanning.st, "rerun", lambda: reruns.append("all"))
    running = job.JobStatus("running", "Training the models", 0.4, 12.0, (("Training the models", 0.5),))
    monkeypatch.setattr(job, "status", lambda store: running)
    scanning._small_progress(None, Gone())  # type: ignore[arg-type]
    assert reruns == ["all"]


def test_a_page_of_another_job_leaves_the_scan_to_the_sidebar(scanned: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    running = job.JobStatus("running", "Training the models", 0.4, 12.0, (("Training the models", 0.5),))
    monkeypatch.setattr(job, "status", lambda store: running)
    for page in ("load", "review"):
        (bar, *_) = opened(page).sidebar.get("progress")
        assert bar.proto.text == "Training the models · 40 %"


def test_how_many_flags_to_trust_is_told_with_its_basis(scanned: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "label flags" not in said(opened("overview"))
    found = Trust(91, 60, Count(58, 47, 69), Count(12, 4, 25), Count(70, 55, 90))
    monkeypatch.setattr("analysis.queries.trust.trust_in_flags", lambda store: found)
    text = said(opened("overview"))
    assert "Of 91 label flags about 58 (47–69) are real; about 12 (4–25) wrong labels are not flagged." in text
    assert "With 95 % intervals, from 60 decided flags (those left unsure tell nothing) and the models." in text
