"""Scanning from the command line: what failed, what was stopped, and how settings get there."""

import json
from pathlib import Path
from typing import Any

import pytest

import analysis.scan
from analysis.schema import Run
from analysis.store import Store


def _fail(*_: object) -> list[Run]:
    trace = "Traceback (most recent call last):\n  File\nValueError: too \x1b[31mfew\n"
    run = ("example", "{}", 0, 0, 0.1, "2026-03-14T10:00:00")
    subject, *rest = run
    return [
        Run("1.outlier", "outlier", subject, "failed", trace, *rest),
        Run("1.split_leak", "split_leak", subject, "skipped", "Needs a split column.", *rest),
        Run("1.rare_class", "rare_class", "slice", "ok", "", "{}", 1234, 12, 0.25, "2026-03-14T10:00:00"),
    ]


def test_a_failed_check_is_exit_code_1_and_says_where_to_look(tickets: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis.scan, "scan_store", _fail)
    code, shown, _ = tickets("scan", "tickets")
    assert code == 1
    assert "failed: ValueError: too ⟨U+001B⟩[31mfew" in shown
    assert "skipped: Needs a split column." in shown
    assert "12 found  1,234 judged     0.2 s" in shown
    assert "python -m analysis scan tickets --only outlier --json" in shown
    code, shown, _ = tickets("scan", "tickets", "--json")
    assert code == 1
    runs = json.loads(shown)["runs"]
    assert runs[0]["reason"] == "ValueError: too \x1b[31mfew"
    assert runs[0]["detail"].startswith("Traceback")


def test_a_stopped_command_says_so(tickets: Any, monkeypatch: pytest.MonkeyPatch, workspace: Path) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(analysis.scan, "scan_store", stop)
    code, shown, error = tickets("scan", "tickets")
    assert (code, shown) == (130, "")
    assert "Stopped." in error
    Store(workspace / "tickets").close()  # nothing holds it any more


def test_settings_reach_the_scan_as_what_they_are(tickets: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(
        analysis.scan, "scan_store", lambda store, only, settings, progress: seen.extend((only, settings)) or []
    )
    words = ("--set", "near_duplicate.max_distance=1", "--set", "broken_text.min_repeats=7", "--set", "signals.map=no")
    tickets("scan", "tickets", "--only", "near_duplicate, outlier", *words, "--set", "signals.model=column:a=b")
    assert seen == [
        ["near_duplicate", "outlier"],
        {
            "near_duplicate": {"max_distance": 1.0},
            "broken_text": {"min_repeats": 7},
            "signals": {"map": False, "model": "column:a=b"},
        },
    ]
    assert isinstance(seen[1]["near_duplicate"]["max_distance"], float)
