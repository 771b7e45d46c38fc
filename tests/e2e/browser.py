"""The system's Chromium, driven by playwright, and a Plumbline server on a port of its own."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, TimeoutError, expect, sync_playwright

PROJECT = Path(__file__).parents[2]
_PATIENCE = 30_000  # milliseconds for anything to appear: the machine may be busy with other tests
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
]
expect.set_options(timeout=_PATIENCE)


def chromium() -> str | None:
    """Where the browser is, None where there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    """A fresh browser without a page."""
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=chromium(), args=_FLAGS)
        yield started
        started.close()


def visit(where: Browser, url: str, *, width: int = 1440, height: int = 900, dark: bool = False) -> Page:
    """A new window at an address, which shares nothing with the others."""
    page = where.new_page(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        accept_downloads=True,
    )
    page.set_default_timeout(_PATIENCE)
    page.goto(url)
    settle(page)
    return page


@contextlib.contextmanager
def opened(url: str, *, width: int = 1440, height: int = 900, dark: bool = False) -> Iterator[Page]:
    """A page of a fresh browser."""
    with browser() as started:
        yield visit(started, url, width=width, height=height, dark=dark)


def widget(page: Page, key: str) -> Locator:
    """What has this key, or one that starts with it where it ends in an underscore."""
    name = "st-key-" + re.sub(r"[^A-Za-z0-9_-]", "-", key)
    return page.locator(f'[class*="{name}"]' if key.endswith("_") else f".{name}").first


def choose_new(page: Page, key: str, text: str) -> None:
    """Type something new into a selectbox."""
    field = widget(page, key).locator("input")
    field.click()
    field.fill(text)
    field.press("Enter")
    settle(page)


def open_options(page: Page, key: str) -> None:
    """Open a selectbox's list, again where the page was drawn anew at that moment and so closed it."""
    field, first = widget(page, key).locator("input"), page.get_by_role("option").first
    for _ in range(5):
        settle(page)
        field.click()
        with contextlib.suppress(TimeoutError):
            first.wait_for(timeout=_PATIENCE / 5)
            return
    expect(first).to_be_visible()


def lasso(page: Page, radius: int = 150) -> None:
    """Draw a square round the middle of the map, by mouse."""
    plot = page.locator(".js-plotly-plot .nsewdrag").first
    plot.wait_for()
    settle(page)
    box = plot.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - radius, y - radius)
    page.mouse.down()
    for right, down in ((1, -1), (1, 1), (-1, 1), (-1, -1)):
        page.mouse.move(x + right * radius, y + down * radius, steps=8)
    page.mouse.up()


def settle(page: Page) -> None:
    """Wait until Streamlit has finished its run, twice in a row, because one run may start another."""
    for _ in range(2):
        page.wait_for_selector('[data-test-script-state="notRunning"]', state="attached", timeout=60_000)
        page.wait_for_timeout(250)


@contextlib.contextmanager
def server(workspace: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """The real app on a free port; yields its address."""
    port = _free_port()
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        "app.py",
        "--server.headless=true",
        f"--server.port={port}",
    ]
    with (workspace.parent / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, *arguments],
            cwd=PROJECT,
            env={**os.environ, "PLUMBLINE_WORKSPACE": str(workspace), **(environment or {})},
            stdout=log,
            stderr=log,
        )
    try:
        _wait_until_up(f"http://127.0.0.1:{port}/_stcore/health", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_up(url: str, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(240):
        if process.poll() is not None:
            raise RuntimeError(f"the app ended with {process.returncode}")
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=1):
            return
        time.sleep(0.25)
    raise RuntimeError("the app did not come up in a minute")
