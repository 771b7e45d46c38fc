"""A file of one's own, dropped into the browser: read as it is, roles confirmed, loaded, and given back unchanged."""

import csv
import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import PROJECT, browser, server, settle, visit, widget

pytestmark = pytest.mark.e2e

WORDS = ["Schlüssel", "Größe", "Rückgabe", "Gebühr", "Stoß", "Übergabe", "Maß", "Öffnung"]
LABELS = ["Neu", "Rückläufer"]
ROWS = ["Nummer;Nachricht;Anliegen"]
ROWS += [f"00{n};{WORDS[n % 8]} Nr. {n}, „bitte“ prüfen – {WORDS[n % 7]};{LABELS[n % 2]}" for n in range(40)]
WINDOWS_FILE = "".join(f"{row}\r\n" for row in ROWS).encode("cp1252")


def test_a_dropped_file_is_loaded_as_it_is_and_comes_back_unchanged(tmp_path: Path) -> None:
    """Semicolons, Windows-1252, leading zeros: what a German Excel saves as CSV, so its encoding is asked for."""
    workspace, file = tmp_path / "workspace", tmp_path / "Anfragen März.csv"
    file.write_bytes(WINDOWS_FILE)
    with server(workspace) as url, browser() as window:
        page = visit(window, url)
        page.get_by_test_id("stFileUploader").locator("input[type=file]").set_input_files(file)
        settle(page)
        expect(page.get_by_text("The file is not UTF-8")).to_be_visible()
        widget(page, "load_answer").locator("button").click()
        settle(page)
        expect(page.get_by_text("cp1252 · separated by semicolon · 40 rows · 3 columns")).to_be_visible()
        expect(page.get_by_text("What the columns are")).to_be_visible()
        expect(widget(page, "role_text_")).to_contain_text("Nachricht")
        expect(widget(page, "role_label_").locator("input")).to_have_value(re.compile("Anliegen"))
        widget(page, "role_id_").locator("input").click()
        page.get_by_role("option", name="Nummer").click()
        settle(page)
        widget(page, "load_and_scan").locator("button").click()
        expect(page.get_by_text("2 labels").first).to_be_visible()
        expect(page.get_by_text("40", exact=True).first).to_be_visible()
    back = tmp_path / "back.csv"
    (dataset,) = [folder.name for folder in workspace.iterdir() if (folder / "data.duckdb").exists()]
    command = [sys.executable, "-m", "analysis", "export", dataset, "-o", str(back), "--workspace", str(workspace)]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)
    with back.open(encoding="utf-8", newline="") as exported:
        assert list(csv.reader(exported, delimiter=";")) == [row.split(";") for row in ROWS]
