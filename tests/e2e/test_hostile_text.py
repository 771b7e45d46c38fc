"""A dataset that is hostile in every place, seen on every page: nothing is fetched, run, linked or rendered."""

import csv
import http.server
import subprocess
import sys
import threading
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import PROJECT, browser, choose_new, lasso, open_options, server, settle, visit, widget

pytestmark = pytest.mark.e2e

PAGES = sorted(path.stem for path in PROJECT.glob("pages/*.py"))
# Put before all else in every Python process of the app: whom does it want to reach?
WATCH = """\
import sys
def note(event, given):
    if event in ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"):
        whom = given[1] if event in ("socket.connect", "socket.sendto") else given[0]
        if isinstance(whom, tuple):
            whom = whom[0]
        with open(NOTED, "a") as file:
            file.write(f"{whom!r}\\n")
with open(NOTED, "a") as file:
    file.write("watching\\n")
sys.addaudithook(note)
"""
# Where on the screen a trace of the map has its first point.
POINT = """(plot, number) => {
    const box = plot.getBoundingClientRect(), layout = plot._fullLayout, {x, y} = plot._fullData[number];
    return [box.left + layout._size.l + layout.xaxis.l2p(x[0]), box.top + layout._size.t + layout.yaxis.l2p(y[0])];
}"""
HERE = {"watching", "'127.0.0.1'", "'localhost'", "'::1'", "None"}


@pytest.fixture
def canary() -> Iterator[tuple[str, list[str]]]:
    """A server on this machine that nobody has a reason to ask: its address without a scheme, and what was asked."""
    asked: list[str] = []

    class Canary(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    served = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Canary)
    thread = threading.Thread(target=served.serve_forever)
    thread.start()
    yield f"127.0.0.1:{served.server_port}", asked
    served.shutdown()
    thread.join()
    served.server_close()


def hostile(where: str, host: str) -> list[str]:
    """Everything that some renderer might fetch, follow, run or replace; `where` says in the address who leaked it."""
    leak = f"http://{host}/{where}"
    return [
        f"![{where}]({leak}-image)",
        f"[{where}]({leak}-link) <{leak}-auto> {leak}-bare www.{host}/{where} me@{host}",
        f"[{where}](javascript:alert('{where}')) [up](/elsewhere)",
        f'<img src="{leak}-img" onerror="alert(1)"> <svg onload="fetch(\'{leak}-svg\')"></svg>',
        f'<script>fetch("{leak}-script")</script><iframe src="{leak}-frame"></iframe>',
        f'<style>@import url("{leak}-style");</style><a href="{leak}-anchor">{where}</a>',
        f"$\\href{{{leak}-latex}}{{x}}$ $$\\includegraphics{{{leak}-graphic}}$$",
        f"%{{customdata}} %{{x}} %{{text}} <extra><a href='{leak}-plot'>x</a></extra>",
        ":material/delete: :red[red] :smile: `code` **bold** # title",
        '=HYPERLINK("' + leak + '-formula") \x1b[31m\u202e\u200b',
    ]


def test_nothing_of_a_hostile_dataset_comes_alive(tmp_path: Path, canary: tuple[str, list[str]]) -> None:
    host, asked = canary
    with urllib.request.urlopen(f"http://{host}/alive"):
        assert asked == ["/alive"]
    workspace = tmp_path / "workspace"
    file = _file(tmp_path, host)
    _load_scan_decide(file, workspace, host)
    watch, noted = _watch(tmp_path)
    outside: list[str] = []
    dialogs: list[str] = []
    with server(workspace, environment={"PYTHONPATH": str(watch)}) as url, browser() as window:
        assert _listening(int(url.rpartition(":")[2])) == ["0100007F"]  # 127.0.0.1, lowest byte first
        page = visit(window, url)
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: outside.append(request.url) if not _is_own(request.url, url) else None)
        for stem in PAGES:
            _visit_inert(page, url, stem)
        for example in ("r1", "r5", "r8", "r10"):
            _visit_inert(page, url, "review", example=example)
        _decide(page, url, host)
        for colour in ("issue", "verdict", "split", "c4"):
            _visit_inert(page, url, "data_map", colour=colour)
        _hover_and_select(page, url)
        _load(page, url, file)
    assert asked == ["/alive"]
    assert dialogs == []
    assert outside == []
    reached = set(noted.read_text().splitlines())
    assert "watching" in reached
    assert reached <= HERE


def _file(folder: Path, host: str) -> Path:
    """100 rows; every column's name, text, label, split and field is hostile, and so is the file's name."""
    texts, labels = hostile("text", host), hostile("label", host)[:5]
    names = ["id", *(f"{payload} {number}" for number, payload in enumerate(hostile("column", host)[:4]))]
    path = folder / "<img src=x onerror=alert(1)> ![f](x.png) $x^2$ [y](javascript:alert(1)).csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        for number in range(100):
            kind = number % 5
            text = f"{texts[kind]} {texts[kind + 5]} {number if number % 10 else ''}"
            label = labels[kind if number % 7 else (kind + 1) % 5]
            split = hostile("split", host)[number % 2]
            writer.writerow([f"r{number}", text, label, split, hostile("field", host)[number % 10]])
    return path


def _load_scan_decide(file: Path, workspace: Path, host: str) -> None:
    def run(*words: str) -> None:
        command = [sys.executable, "-m", "analysis", *words, "--workspace", str(workspace)]
        subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)

    run("load", str(file), "--name", "hostile", "--id", "#1", "--text", "#2", "--label", "#3", "--split", "#4")
    run("scan", "hostile")
    for number, (reviewer, note) in enumerate(zip(hostile("who", host)[:4], hostile("note", host)[:4], strict=True)):
        to = ["--to", hostile("new", host)[number]]
        run("decide", "hostile", f"r{number + 5}", "relabel", *to, "--reviewer", reviewer[:80], "--note", note)


def _watch(folder: Path) -> tuple[Path, Path]:
    """The folder to put before all others, and the file in which it notes."""
    watch, noted = folder / "watch", folder / "noted"
    watch.mkdir()
    (watch / "sitecustomize.py").write_text(f"NOTED = {str(noted)!r}\n{WATCH}")
    return watch, noted


def _listening(port: int) -> list[str]:
    """The addresses, as the kernel writes them, on which anybody listens on this port."""
    found = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            local, state = line.split()[1], line.split()[3]
            if state == "0A" and int(local.rpartition(":")[2], 16) == port:
                found.append(local.rpartition(":")[0])
    return found


def _is_own(address: str, url: str) -> bool:
    return address.startswith((f"{url}/", url.replace("http:", "ws:") + "/", "data:", "blob:"))


def _visit_inert(page: Page, url: str, stem: str, **parameters: str) -> None:
    query = urllib.parse.urlencode({"dataset": "hostile", **parameters})
    page.goto(f"{url}/{stem}?{query}")
    settle(page)
    assert page.get_by_test_id("stException").count() == 0
    _unfold(page)
    _is_inert(page, url)


def _unfold(page: Page) -> None:
    page.locator("details:not([open]) > summary").evaluate_all("folded => folded.forEach(one => one.click())")
    settle(page)


def _is_inert(page: Page, url: str) -> None:
    """Links lead to pages of the app alone; there is no image, frame, formula or script from the data."""
    links = page.locator("a[href]").evaluate_all("links => links.map(link => link.href)")
    assert {link.split("?")[0].removeprefix(url).strip("/") for link in links} <= set(PAGES)
    assert (
        page.locator("main img, main iframe:not([src*='/component/ui.']), .katex, .js-plotly-plot svg a").count() == 0
    )
    assert page.evaluate("[...document.scripts].filter(script => script.text.includes('-script')).length") == 0


def _decide(page: Page, url: str, host: str) -> None:
    """By a hostile reviewer, with a hostile note, in full view."""
    _visit_inert(page, url, "review", example="r11")
    choose_new(page, "reviewer_sidebar_", f"![me](http://{host}/me) <img src=x onerror=alert(1)>")
    widget(page, "note_r11").locator("textarea").fill("\n".join(hostile("typed", host)))
    widget(page, "decide_K_r11").locator("button").click()
    expect(page.get_by_text("Saved: r11 kept, with a note.")).to_be_visible()
    settle(page)
    _is_inert(page, url)
    expect(widget(page, "note_r11")).to_have_count(0)
    open_options(page, "other_")
    _is_inert(page, url)
    page.keyboard.press("Escape")
    _visit_inert(page, url, "review", example="r11")
    _visit_inert(page, url, "export")


def _hover_and_select(page: Page, url: str) -> None:
    """The mouse on a point shows its text; a lasso shows the table and the form."""
    _visit_inert(page, url, "data_map")
    for trace in range(3):
        x, y = page.locator(".js-plotly-plot").first.evaluate(POINT, trace)
        page.mouse.move(x - 1, y - 1)
        page.mouse.move(x, y)
        expect(page.locator(".hoverlayer .hovertext").first).to_be_visible()
        _is_inert(page, url)
    lasso(page, 250)
    expect(widget(page, "map_examples")).to_be_visible()
    for tab in page.get_by_role("tab").all():
        tab.click()
        settle(page)
        _is_inert(page, url)


def _load(page: Page, url: str, file: Path) -> None:
    """The same file again, by the browser: names and cells in the roles, the card and the preview."""
    page.goto(f"{url}/load?dataset=hostile")
    settle(page)
    page.get_by_test_id("stFileUploader").locator("input[type=file]").set_input_files(file)
    expect(page.get_by_text("What the columns are")).to_be_visible()
    settle(page)
    _unfold(page)
    open_options(page, "role_label_")
    _is_inert(page, url)
