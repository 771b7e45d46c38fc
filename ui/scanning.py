"""Starting, watching and stopping a scan from a page."""

from collections.abc import Callable
from contextvars import ContextVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.errors import StreamlitInvalidLayoutContextError

from analysis.scan import job
from analysis.store import Store
from ui import safe, words

_EVERY = 1.0  # seconds between two looks at a running scan
# Of this run of a page: two looks at different moments would name two stages, so whoever looks writes here too.
_reserved: ContextVar[tuple[Store, DeltaGenerator] | None] = ContextVar("the scan's place in the sidebar", default=None)


def buttons(store: Store, *, primary: bool, scanned: bool) -> None:
    """Scan, or scan again; and go on with a scan that was broken off."""
    state = job.status(store).state
    unfinished = state in ("cancelled", "interrupted", "failed")
    if unfinished:
        _button("Resume the scan", "scan_resume", job.resume, store, primary=primary)
    label = "Scan again" if scanned or unfinished else "Scan"
    _button(label, "scan_new", job.start, store, primary=primary and not unfinished)


def _button(label: str, key: str, act: Callable[[Store], None], store: Store, *, primary: bool) -> None:
    if st.button(label, type="primary" if primary else "secondary", key=key):
        act(store)
        st.rerun()


def ended_badly(store: Store) -> None:
    """Say so when the last scan was stopped or failed."""
    status = job.status(store)
    if status.state == "cancelled":
        st.info("The last scan was cancelled. What it had finished is shown; resume it to get the rest.")
    elif status.state in ("failed", "interrupted"):
        st.warning(
            "The last scan stopped before it was finished. What it had finished is shown; resume it to get the rest."
        )
        if status.message.startswith("Traceback"):
            with st.expander("Details"):
                st.code(status.message, language=None)
        elif status.message:
            st.text(status.message)


def is_running(store: Store) -> bool:
    """Whether a scan of this dataset is under way."""
    return job.status(store).state == "running"


def reserve(store: Store) -> None:
    """The running scan's place in the sidebar, with the way to stop it; nothing where none is running."""
    if not is_running(store):
        _reserved.set(None)
        return
    _reserved.set((store, st.empty()))
    st.button("Cancel the scan", key="scan_cancel_small", type="tertiary", on_click=job.cancel, args=(store,))


def progress(store: Store) -> None:
    """Every stage of the running scan with its share, the time left and Cancel, on the page and in the sidebar at once.

    The page is drawn anew at the end.
    """
    _, sidebar = _reserved.get() or (None, None)
    _reserved.set(None)
    st.fragment(_progress, run_every=_EVERY)(store, sidebar)


def watch() -> None:
    """Tell of the running scan in the sidebar alone, where the page has not told of it."""
    reserved = _reserved.get()
    _reserved.set(None)
    if reserved is not None:
        st.fragment(_small_progress, run_every=_EVERY)(*reserved)


def _progress(store: Store, sidebar: DeltaGenerator | None) -> None:
    status = job.status(store)
    if status.state != "running":
        st.rerun()
    if sidebar is not None:
        _small(status, sidebar)
    left = f" · about {words.duration(status.seconds_left)} left" if status.seconds_left else ""
    st.progress(status.fraction, f"Scanning: {status.fraction:.0%}{left}".replace("%", " %"))
    stages = [
        f"{safe.markdown(title)}: {'under way' if title == status.stage and not done else _share(done)}"
        for title, done in status.stages
    ]
    st.caption(" · ".join(stages))
    st.button("Cancel", key="scan_cancel", on_click=job.cancel, args=(store,))


def _small_progress(store: Store, sidebar: DeltaGenerator) -> None:
    status = job.status(store)
    if status.state != "running":
        st.rerun()
    _small(status, sidebar)


def _small(status: job.JobStatus, sidebar: DeltaGenerator) -> None:
    try:
        sidebar.progress(status.fraction, f"{safe.markdown(status.stage)} · {status.fraction:.0%}".replace("%", " %"))
    except StreamlitInvalidLayoutContextError:  # a run of the page was broken off before it had reserved the place
        st.rerun()


def _share(done: float) -> str:
    return "done" if done >= 1 else f"{done:.0%}".replace("%", " %") if done else "waiting"
