"""The real app without a browser, on a workspace of the test's own."""

import functools
import tempfile
from pathlib import Path

import streamlit as st
from streamlit.testing.v1 import AppTest

from analysis.store import Store
from tests.conftest import fill

APP = Path(__file__).parents[2] / "app.py"


def opened(page: str = "", **parameters: str) -> AppTest:
    """The app as a link to one page opens it; PLUMBLINE_WORKSPACE says on what."""
    app = AppTest.from_file(str(APP), default_timeout=60)
    for name, value in parameters.items():
        app.query_params[name] = value
    if page:
        app.switch_page(f"pages/{page}.py")
    return app.run()


def forget_open_datasets() -> None:
    """Close what earlier runs have opened, as a restart of the server would."""
    st.cache_resource.clear()
    st.cache_data.clear()


def make(folder: Path) -> Path:
    """A closed dataset with three examples."""
    folder.mkdir(parents=True, mode=0o700)
    for name, data in _made().items():
        (folder / name).write_bytes(data)
    return folder


@functools.cache
def _made() -> dict[str, bytes]:
    """The files of that dataset: making it once and copying it is ten times as fast."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "made"
        with Store(folder) as store:
            fill(store)
        return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def said(app: AppTest) -> str:
    """Everything that stands on the page as text."""
    parts = [*app.header, *app.subheader, *app.markdown, *app.caption, *app.text, *app.error, *app.info, *app.warning]
    return "\n".join(str(part.value) for part in parts)
