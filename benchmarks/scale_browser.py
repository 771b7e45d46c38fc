"""What a person waits for in a browser, at any size: a change of page, the next example, a lasso; and plain Scattergl.

Chromium without a window follows the links of the sidebar, draws round most of the map with the mouse, and, for
comparison, round as many points that a page of its own draws with plotly's Scattergl, as Streamlit's manual shows.
"""

import contextlib
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

PROJECT = Path(__file__).parents[1]
PAGES = ("Overview", "Review", "Data map", "Coverage", "Annotators", "Guidelines", "Export")
_ROUNDS = 5
_PATIENCE = 180_000  # milliseconds; what takes longer is reported as not ended
_LOOK = 1.0  # seconds on each page
_PORT = 8599
_READY = """name => {
    const title = document.querySelector('h2'), app = document.querySelector('[data-test-script-state]');
    return title && title.textContent.trim().startsWith(name)
        && app.dataset.testScriptState === 'notRunning' && !document.querySelector('[data-stale="true"]')
        && (name !== 'Data map' || document.querySelector('.js-plotly-plot .main-svg'));
}"""
_SCATTER = """
import sys, numpy as np, plotly.graph_objects as go, streamlit as st
st.set_page_config(layout="wide")
x, y = np.load(sys.argv[1])
figure = go.Figure(go.Scattergl(x=x, y=y, mode="markers", marker={"size": 3}))
figure.update_layout(dragmode="lasso", height=700)
chosen = st.plotly_chart(figure, on_select="rerun", key="plain")
st.write(f"{len(chosen.selection.point_indices)} examples selected")
"""


def measure(folder: Path) -> Iterator[dict[str, Any]]:
    """One row a kind of wait, in seconds: the first time, then median and 95th percentile; `folder` is a workspace."""
    with _app(["app.py"], {"PLUMBLINE_WORKSPACE": str(folder)}) as (url, page):
        page.goto(url)
        page.wait_for_function("document.querySelector('h2')", timeout=_PATIENCE)
        waits: dict[str, list[float]] = {name: [] for name in PAGES}
        for _ in range(_ROUNDS + 1):
            for name in PAGES:
                waits[name].append(_change(page, name))
        for name, found in waits.items():
            yield _row(f"browser: to {name}", found)
        yield _row("browser: to any page", [wait for found in waits.values() for wait in found[1:]], first=False)
        _change(page, "Review")
        yield _row("browser: next example", [_next(page) for _ in range(_ROUNDS + 1)])
        _change(page, "Data map")
        yield _row("browser: lasso", [_lasso(page, ".nsewdrag") for _ in range(_ROUNDS + 1)])


def plain(points: np.ndarray, scratch: Path) -> Iterator[dict[str, Any]]:
    """The same of a page with one Scattergl of these points, float (n, 2)."""
    np.save(scratch / "points.npy", points[np.isfinite(points[:, 0])].T.astype(np.float32))
    (scratch / "plain.py").write_text(_SCATTER, encoding="utf-8")
    with _app([str(scratch / "plain.py"), "--", str(scratch / "points.npy")], {}) as (url, page):
        started = time.perf_counter()
        page.goto(url)
        page.wait_for_selector(".js-plotly-plot .gl-canvas", timeout=_PATIENCE)
        page.wait_for_function("document.querySelector('[data-test-script-state=notRunning]')", timeout=_PATIENCE)
        yield {"stage": "plain Scattergl: page", "seconds": time.perf_counter() - started}
        yield {"stage": "plain Scattergl: lasso", "seconds": _lasso(page, ".nsewdrag")}


def _change(page: Any, name: str) -> float:
    """Seconds from a click in the sidebar until the page stands still; a person has looked at the last one before."""
    time.sleep(_LOOK)
    link = page.get_by_test_id("stSidebar").get_by_role("link", name=name, exact=True)
    link.wait_for(timeout=_PATIENCE)
    started = time.perf_counter()
    link.click()
    page.wait_for_function(_READY, arg=name, timeout=_PATIENCE)
    return time.perf_counter() - started


def _next(page: Any) -> float:
    """Seconds from skipping an example until another one stands still."""
    time.sleep(_LOOK)  # a press right after the last would be told to be too early
    before = page.url
    started = time.perf_counter()
    page.get_by_role("button", name=re.compile("^Skip")).first.click()
    page.wait_for_function("before => location.href !== before", arg=before, timeout=_PATIENCE)
    page.wait_for_function(_READY, arg="Review", timeout=_PATIENCE)
    return time.perf_counter() - started


def _lasso(page: Any, area: str) -> float:
    """Seconds from the end of a lasso round most of the chart until the page says what is in it: another number, or
    the address of another region.
    """
    box = page.locator(f".js-plotly-plot {area}").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    time.sleep(_LOOK)
    dice = 0.7 + 0.2 * np.random.default_rng(time.time_ns()).random()  # no two alike, or nothing would change
    right, down = box["width"] / 2 * dice, box["height"] / 2 * dice
    before = page.evaluate(_ANSWER)
    page.mouse.move(x - right, y - down)
    page.mouse.down()
    for across, along in ((1, -1), (1, 1), (-1, 1), (-1, -0.9)):
        page.mouse.move(x + across * right, y + along * down, steps=8)
    started = time.perf_counter()
    page.mouse.up()
    page.wait_for_function(f"before => {_SELECTED} && {_ANSWER} !== before", arg=before, timeout=_PATIENCE)
    page.wait_for_function("document.querySelector('[data-test-script-state=notRunning]')", timeout=_PATIENCE)
    return time.perf_counter() - started


_SELECTED = "document.body.innerText.match(/[1-9][\\d,]* examples selected/)"
_ANSWER = f"String({_SELECTED}) + location.search"


def _row(stage: str, waits: list[float], *, first: bool = True) -> dict[str, Any]:
    """The 95th percentile is the slowest but one in twenty; of so few as here, the slowest."""
    later = waits[1:] if first else waits
    told = {"first": round(waits[0], 2)} if first else {}
    p95 = float(np.quantile(later, 0.95, method="higher"))
    return {"stage": stage, "seconds": p95, "median": round(statistics.median(later), 2), **told}


@contextlib.contextmanager
def _app(arguments: list[str], environment: dict[str, str]) -> Iterator[tuple[str, Any]]:
    """A Streamlit server with that script, and a window of Chromium."""
    from playwright.sync_api import sync_playwright

    script, *rest = arguments
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.headless=true"]
    command += [f"--server.port={_PORT}", *rest]
    log = subprocess.DEVNULL
    server = subprocess.Popen(command, cwd=PROJECT, env={**os.environ, **environment}, stdout=log, stderr=log)
    try:
        _wait_until_up(f"http://127.0.0.1:{_PORT}/_stcore/health")
        with sync_playwright() as driver:
            path = shutil.which("chromium") or shutil.which("google-chrome")
            window = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
            page = window.new_page(viewport={"width": 1440, "height": 900})
            page.set_default_timeout(_PATIENCE)
            yield f"http://127.0.0.1:{_PORT}", page
            window.close()
    finally:
        server.terminate()
        server.wait(20)


def _wait_until_up(url: str) -> None:
    for _ in range(240):
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=1):
            return
        time.sleep(0.25)
    raise SystemExit("The app did not come up in a minute.")
