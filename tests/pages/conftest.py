"""A workspace for each test of the pages."""

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.pages_manager import PagesManager

from analysis.store import Store
from tests.pages.app import forget_open_datasets, make
from tests.scanned import scan_by_hand
from ui import review_record

_components = functools.cache(manifest_scanner.scan_component_manifests)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty workspace that the app uses; closed afterwards."""
    folder = tmp_path / "workspace"
    monkeypatch.setenv("PLUMBLINE_WORKSPACE", str(folder))
    yield folder
    forget_open_datasets()


@pytest.fixture
def scanned(workspace: Path) -> Path:
    """Examples b (label y) and a (label x), flagged in this order, z suggested; c has no label and no flag."""
    with Store(make(workspace / "tiny")) as store:
        scan_by_hand(store)
    return workspace / "tiny"


@pytest.fixture
def quick_hands(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test presses faster than any person."""
    monkeypatch.setattr(review_record, "_DOUBLE_PRESS", 0.0)


@pytest.fixture(autouse=True)
def _warm_server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each run of AppTest is a fresh server's first, which starts over and loses a click; a server has that once."""
    if "fresh_server" in request.fixturenames:
        return
    initialise = PagesManager.__init__

    def warm(self: PagesManager, *arguments: Any, **named: Any) -> None:
        initialise(self, *arguments, **named)
        PagesManager.uses_pages_directory = False

    monkeypatch.setattr(PagesManager, "__init__", warm)


@pytest.fixture(autouse=True)
def _components_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each AppTest looks through all installed packages for components, for a third of its time; once is enough."""
    monkeypatch.setattr(manifest_scanner, "scan_component_manifests", _components)


@pytest.fixture
def fresh_server() -> None:
    """The first page that this server is asked for."""
