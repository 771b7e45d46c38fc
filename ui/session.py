"""What this browser tab is looking at, and what the server keeps open: the only user of state, URL and caches.

The URL says what is looked at (dataset, check, example …), so that a link opens the same view. Session state holds
half-typed input only. Whatever must outlive the tab is in the dataset.
"""

import argparse
import atexit
import functools
import json
import os
import sys
import weakref
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, NoReturn, TypeVar, cast

import streamlit as st

from analysis.store import DATABASE, Store, dataset_names
from ui import safe

Result = TypeVar("Result")
Scalar = str | int | float | bool | None
PROJECT = Path(__file__).parents[1]
_LOCAL = ("127.0.0.1", "localhost", "::1")
_NAME_LENGTH = 80
_open_stores: "weakref.WeakSet[Store]" = weakref.WeakSet()


@functools.cache
def _arguments() -> argparse.Namespace:
    """What stands after `--` in `streamlit run app.py -- …`; nothing when the app runs in a test."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--workspace", type=Path)
    parser.add_argument("file", type=Path, nargs="?")
    is_app = Path(sys.argv[0]).name == "app.py"
    return parser.parse_args(sys.argv[1:] if is_app else [])


def workspace() -> Path:
    """The folder that holds the datasets: `--workspace`, else PLUMBLINE_WORKSPACE, else `workspace/` beside app.py."""
    given: Path | None = _arguments().workspace
    return given or Path(os.environ.get("PLUMBLINE_WORKSPACE") or PROJECT / "workspace")


def start_file() -> Path | None:
    """The file that was named when the app was started."""
    given: Path | None = _arguments().file
    return given


def is_local() -> bool:
    """Whether only this machine can reach the app."""
    return st.get_option("server.address") in _LOCAL


def dataset() -> str | None:
    """The dataset that this tab looks at: the URL's, else the one looked at before, else the latest; None if none."""
    names = datasets()
    chosen = parameter("dataset", names) or recall("dataset")
    if chosen not in names:
        chosen = max(names, key=lambda name: (workspace() / name / DATABASE).stat().st_mtime, default=None)
    remember("dataset", chosen)
    if chosen is not None:
        set_parameters(dataset=chosen)
    return chosen


def datasets() -> list[str]:
    """The datasets there are, sorted."""
    return dataset_names(workspace())


def store() -> Store | None:
    """The open dataset of this tab, None where the workspace is empty. Raises DatasetBusy."""
    name = dataset()
    return None if name is None else _open(str((workspace() / name).resolve()))


def store_of(name: str) -> Store:
    """The open dataset of that name; made where there is none. Raises DatasetBusy."""
    return _open(str((workspace() / name).resolve()))


def close(name: str) -> None:
    """Close the dataset of that name, so that its data can be replaced."""
    _open.clear(str((workspace() / name).resolve()))


def parameter(name: str, allowed: Collection[str] | None = None) -> str | None:
    """A value from the URL; None when it is missing, empty or not among those allowed."""
    value: str | None = st.query_params.get(name)
    if not value or "\x00" in value or (allowed is not None and value not in allowed):
        return None
    return value


def set_parameters(**values: str | None) -> None:
    """Write values into the URL of this page; None takes one out. Unchanged values cause no new history entry."""
    for name, value in values.items():
        if value is None:
            if name in st.query_params:
                del st.query_params[name]
        elif st.query_params.get(name) != value:
            st.query_params[name] = value


def note_asked(page: str) -> None:
    """Remember in this tab what the URL asks of a page (its file stem) for this dataset."""
    asked = st.query_params.to_dict()
    remember(f"asked of {page} for {asked.pop('dataset', None)}", json.dumps(asked))


def last_asked(page: str) -> dict[str, str]:
    """What this tab asked of a page last, for this dataset; nothing where it was not there yet."""
    asked: dict[str, str] = json.loads(recall(f"asked of {page} for {recall('dataset')}", "{}"))
    return asked


def is_new_view(page: str) -> bool:
    """Whether this tab shows the page under this address for the first time, or after another one of the same page."""
    key, seen = f"view_of_{page}", str(sorted(st.query_params.to_dict().items()))
    is_new = bool(recall(key) != seen)
    remember(key, seen)
    return is_new


def go(page: str, /, **parameters: str | None) -> NoReturn:
    """Open another page (its file stem), with this dataset and these values in its URL."""
    st.switch_page(f"pages/{page}.py", query_params=_with_dataset(parameters))


def link(label: str, page: str, /, **parameters: str | None) -> None:
    """A link to another page (its file stem). The label is Markdown: data in it goes through `safe.markdown`."""
    st.page_link(f"pages/{page}.py", label=label, icon="", query_params=_with_dataset(parameters))


def _with_dataset(parameters: dict[str, str | None]) -> dict[str, str]:
    given = {"dataset": recall("dataset"), **parameters}
    return {name: str(value) for name, value in given.items() if value is not None}


def recall(key: str, default: Scalar = None) -> Any:
    """A small value that this tab remembers."""
    return st.session_state.get(key, default)


def remember(key: str, value: Scalar) -> None:
    """Remember a small value in this tab; lost with the tab."""
    st.session_state[key] = value


def forget(key: str) -> None:
    """Drop a remembered value, if there is one."""
    st.session_state.pop(key, None)


def reviewer() -> str:
    """Who decides in this tab; "" until they have said so. Not in the URL: a shared link must not carry a name."""
    name: str = recall("reviewer", "")
    return name


def set_reviewer(name: str | None) -> None:
    """Remember who decides in this tab: one line, hidden characters shown, at most 80 characters."""
    remember("reviewer", safe.one_line(name or "", _NAME_LENGTH))


def cached(question: Callable[..., Result], store: Store, *arguments: Any) -> Result:
    """The answer of a slow, pure question to the dataset; asked again once anything was written to it."""
    return cached_for(store.version, question, store, *arguments)


def cached_for(state: str, question: Callable[..., Result], store: Store, *arguments: Any) -> Result:
    """The answer of a slow question that depends on a part of the dataset alone, of which `state` tells the state."""
    key = (question.__module__, question.__qualname__, str(store.folder), state)
    return cast(Result, _answer(question, store, key, arguments))


@st.cache_data(max_entries=64, show_spinner=False)
def _answer(
    _question: Callable[..., object], _store: Store, key: tuple[str, ...], arguments: tuple[Any, ...]
) -> object:
    return _question(_store, *arguments)


def kept(key: str, make: Callable[[], Result]) -> Result:
    """Something large that is made once for this key. The server keeps the two latest, for all tabs."""
    place = _place(key)
    if not place:
        place.append(make())  # an error leaves the place empty, so the next run tries again
    return cast(Result, place[0])


@st.cache_resource(max_entries=2, show_spinner=False)
def _place(key: str) -> list[Any]:
    return []


def _release(opened: Store) -> None:
    """Close a dataset when nothing is being written to it."""
    with opened.collecting:
        opened.close()


@st.cache_resource(max_entries=4, show_spinner=False, validate=lambda opened: opened.is_open, on_release=_release)
def _open(folder: str) -> Store:
    opened = Store(Path(folder))
    _open_stores.add(opened)
    return opened


@atexit.register
def _close_all() -> None:
    """A database that is closed in order opens at once the next time."""
    for opened in list(_open_stores):
        if opened.is_open:
            opened.checkpoint()
            _release(opened)
