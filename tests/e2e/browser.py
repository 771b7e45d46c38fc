"""The system's Chromium, driven by playwright, and a Plumbline server on a port of its own."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

PROJECT = Path(__file__).parents[2]
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
]


def chromium() -> str | None:
    """Where the browser is, None where there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextlib.contextmanager
def opened(url: str, *, width: int = 1440, height: int = 900, dark: bool = False) -> Iterator[Page]:
    """A page of a fresh browser."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=_FLAGS)
        page = browser.new_page(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            accept_downloads=True,
        )
        page.set_default_timeout(30_000)
        page.goto(url)
        settle(page)
        yield page
        browser.close()


def settle(page: Page) -> None:
    """Wait until Streamlit has finished its run, twice in a row, because one run may start another."""
    for _ in range(2):
        page.wait_for_selector('[data-test-script-state="notRunning"]', state="attached", timeout=60_000)
        page.wait_for_timeout(250)


@contextlib.contextmanager
def server(workspace: Path, *arguments: str) -> Iterator[str]:
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
            env={**os.environ, "PLUMBLINE_WORKSPACE": str(workspace)},
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
