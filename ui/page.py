"""The frame around one page: its title, what it needs before it can show anything, and how errors are told."""

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Literal

import streamlit as st

from analysis.errors import UserError
from analysis.queries import overview
from analysis.store import Store
from ui import frame, safe, scanning, session

Needs = Literal["dataset", "scan"]


@contextlib.contextmanager
def opened(
    title: str, needs: Needs = "dataset", *, shows: str = "", beside: Callable[[Store], None] | None = None
) -> Iterator[Store]:
    """A page about the chosen dataset. Where nothing is loaded or scanned yet, the page ends with the way there.

    `shows` is a sentence about what will be here; `beside` draws what stands on the title's line. A UserError becomes
    a message with the next step; anything else is a defect and stays one.
    """
    frame.require()
    with _told():
        store = session.store()
        _title(title, functools.partial(beside, store) if store is not None and beside is not None else None)
        if store is None:
            _nothing_loaded(shows)
            st.stop()
        if needs == "scan" and not overview.is_scanned(store):
            _not_scanned(store, shows)
            st.stop()
        yield store


@contextlib.contextmanager
def titled(title: str, *, beside: Callable[[], None] | None = None) -> Iterator[None]:
    """A page that needs no dataset."""
    frame.require()
    with _told():
        _title(title, beside)
        yield


def _title(title: str, beside: Callable[[], None] | None) -> None:
    if beside is None:
        st.header(title, anchor=False)
        return
    left, right = st.columns([1, 3], vertical_alignment="center")
    left.header(title, anchor=False)
    with right:
        beside()


def tell(error: UserError) -> None:
    """What went wrong and the next step."""
    st.error(f"{safe.markdown(error.message, 600)}  \n{safe.markdown(error.hint, 600)}")


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except UserError as error:
        tell(error)
        st.stop()
    finally:
        scanning.watch()


def _nothing_loaded(shows: str) -> None:
    st.write(shows or "Here you will see a dataset once one is loaded.")
    if st.button("Load a file or a sample", type="primary", key="to_load"):
        session.go("load")


def _not_scanned(store: Store, shows: str) -> None:
    st.write(shows or "Here you will see what a scan has found.")
    if scanning.is_running(store):
        scanning.progress(store)
        return
    scanning.ended_badly(store)
    st.write("This dataset has not been scanned yet.")
    scanning.buttons(store, primary=True, scanned=False)
