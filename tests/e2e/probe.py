"""Does a running app render? `python tests/e2e/probe.py URL` exits 0 when the welcome page is on the screen."""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from playwright.sync_api import Error

from tests.e2e.browser import opened

PATIENCE = 300  # seconds: the app may still be installing


def main(url: str) -> int:
    """Try until the page renders or patience ends."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            with opened(url) as page:
                page.get_by_text("Load", exact=True).first.wait_for()
                return 0
        except Error:
            time.sleep(2)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
