"""The main job as a person does it: a click, a scan, a decision, undo, a map, a corrected file."""

import csv
import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from analysis.checks import all_checks
from tests.e2e.browser import PROJECT, browser, choose_new, lasso, server, settle, visit, widget

pytestmark = pytest.mark.e2e

SAMPLE = PROJECT / "sample_data" / "support-messages" / "support_messages.csv"
PATIENCE = 120  # seconds that a scan of a sample may take on a busy machine


def test_from_one_click_to_a_file_with_one_cell_corrected(tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    with server(workspace) as url, browser() as window:
        _load_the_sample_and_close_the_tab(window, url)
        _wait_for_the_scan(workspace / "support-messages")
        page = visit(window, url)
        link = _open_an_issue(page, window)
        example, label = _decide_undo_decide(link)
        _somebody_else_sees_it(visit(window, link.url), label)
        _select_on_the_map_and_go_back(link, url)
        corrected, decisions = _export(link, url, tmp_path)
    before, after = _cells(SAMPLE), _cells(corrected)
    changed = [
        (row, column) for row in range(len(before)) for column in before[0] if before[row][column] != after[row][column]
    ]
    assert len(after) == len(before)
    assert [(before[row]["id"], column) for row, column in changed] == [(example, "intent")]
    assert after[changed[0][0]]["intent"] == label
    acts = _cells(decisions)
    assert [act["act"] for act in acts] == ["decision", "undo", "decision"]
    assert {act["reviewer"] for act in acts} == {"Grace Hopper"}
    told = _told(workspace, "show", "support-messages", example, "--json")
    assert (told["verdict"]["new_label"], told["verdict"]["reviewer"]) == (label, "Grace Hopper")
    cells = {cell["column"]: cell for row in told["rows"] for cell in row["cells"]}
    assert (cells["intent"]["before"], cells["intent"]["after"]) == (before[changed[0][0]]["intent"], label)


def _load_the_sample_and_close_the_tab(window: Browser, url: str) -> None:
    page = visit(window, url)
    widget(page, "sample_support-messages").locator("button").click()
    expect(page.get_by_text("Scanning:").first).to_be_visible()
    expect(widget(page, "scan_cancel")).to_be_visible()
    page.close()


def _wait_for_the_scan(dataset: Path) -> None:
    """No tab is open: the worker alone goes on, and the server saves what it leaves."""
    end = dataset / "scan" / "end.json"
    assert not end.exists(), "the scan was over before the tab was closed"
    deadline = time.monotonic() + PATIENCE
    while not end.exists():
        assert time.monotonic() < deadline, "the scan has not ended"
        time.sleep(0.5)
    assert json.loads(end.read_text())["state"] == "done"


def _open_an_issue(page: Page, window: Browser) -> Page:
    """From the Overview to the most suspicious label; then its address, in another window."""
    for check in all_checks():
        expect(page.get_by_text(check.title, exact=True).first).to_be_visible()
    expect(page.get_by_text("Failed.")).to_have_count(0)
    page.locator('a[href*="check=label_error"]').first.click()
    expect(page.get_by_text("Why this example")).to_be_visible()
    settle(page)
    asked = _asked(page)
    assert set(asked) == {"dataset", "check", "example"}
    linked = visit(window, page.url)
    expect(linked.get_by_text("Why this example")).to_be_visible()
    assert _asked(linked) == asked
    page.close()
    return linked


def _decide_undo_decide(page: Page) -> tuple[str, str]:
    """Everything by keyboard; the example and its new label."""
    choose_new(page, "reviewer_sidebar_", "Grace Hopper")
    example = _asked(page)["example"]
    label = widget(page, f"decide_A_{example}").locator("button strong").inner_text()
    page.keyboard.press("a")
    expect(page.get_by_text(f"Saved: {example} relabelled to {label}.")).to_be_visible()
    assert _asked(page)["example"] != example
    settle(page)
    page.keyboard.press("z")
    expect(page.get_by_text("Taken back: 1 decision.")).to_be_visible()
    settle(page)
    assert _asked(page)["example"] == example
    page.keyboard.press("a")
    expect(page.get_by_text(f"Saved: {example} relabelled to {label}.")).to_be_visible()
    settle(page)
    page.go_back()
    expect(widget(page, f"decide_A_{example}")).to_be_visible()
    assert _asked(page)["example"] == example
    return example, label


def _somebody_else_sees_it(page: Page, label: str) -> None:
    expect(page.get_by_text(f"Decided by Grace Hopper: relabel to {label}")).to_be_visible()
    page.close()


def _select_on_the_map_and_go_back(page: Page, url: str) -> None:
    page.goto(f"{url}/data_map?dataset=support-messages")
    shown = page.get_by_text(re.compile(r"^[\d,]+ examples shown$"))
    selected = page.get_by_text(re.compile(r"^[\d,]+ examples? selected$"))
    expect(shown).to_be_visible()
    lasso(page)
    expect(selected).to_be_visible()
    expect(widget(page, "map_examples").get_by_test_id("stDataFrame")).to_be_visible()
    assert set(_asked(page)) == {"dataset", "region"}
    page.go_back()
    expect(shown).to_be_visible()
    assert set(_asked(page)) == {"dataset"}


def _export(page: Page, url: str, folder: Path) -> tuple[Path, Path]:
    page.goto(f"{url}/export?dataset=support-messages")
    settle(page)
    expect(page.get_by_text("1 of 1,205 labels changes, no row is dropped.")).to_be_visible()
    return _download(page, "Corrected file", folder), _download(page, "Decisions", folder)


def _download(page: Page, what: str, folder: Path) -> Path:
    with page.expect_download() as started:
        widget(page, f"download_{what}").locator("button").click()
    path = folder / started.value.suggested_filename
    started.value.save_as(path)
    return path


def _asked(page: Page) -> dict[str, str]:
    return {name: value for name, (value,) in parse_qs(urlsplit(page.url).query).items()}


def _cells(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _told(workspace: Path, *words: str) -> Any:
    """What the command line says once the server has stopped."""
    command = [sys.executable, "-m", "analysis", *words, "--workspace", str(workspace)]
    return json.loads(subprocess.run(command, cwd=PROJECT, check=True, capture_output=True).stdout)
