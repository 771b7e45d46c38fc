"""Starting, watching and stopping a scan from a page."""

from collections.abc import Callable

import streamlit as st

from analysis.scan import job
from analysis.store import Store
from ui import safe, words

_EVERY = 1.0  # seconds between two looks at a running scan


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


def progress(store: Store) -> None:
    """Every stage of the running scan with its share, the time left and Cancel; the page is drawn anew at the end."""
    st.fragment(_progress, run_every=_EVERY)(store)


def _progress(store: Store) -> None:
    status = job.status(store)
    if status.state != "running":
        st.rerun()
    left = f" · about {words.duration(status.seconds_left)} left" if status.seconds_left else ""
    st.progress(status.fraction, f"Scanning: {status.fraction:.0%}{left}".replace("%", " %"))
    stages = [
        f"{safe.markdown(title)}: {'under way' if title == status.stage and not done else _share(done)}"
        for title, done in status.stages
    ]
    st.caption(" · ".join(stages))
    st.button("Cancel", key="scan_cancel", on_click=job.cancel, args=(store,))


def _share(done: float) -> str:
    return "done" if done >= 1 else f"{done:.0%}".replace("%", " %") if done else "waiting"


def small_progress(store: Store) -> None:
    """The running scan in two lines, for the sidebar; nothing when none is running."""
    every = _EVERY if is_running(store) else None
    st.fragment(_small_progress, run_every=every)(store, every is not None)


def _small_progress(store: Store, was_running: bool) -> None:
    status = job.status(store)
    if status.state != "running":
        if was_running:
            st.rerun()
        return
    st.progress(status.fraction, f"{safe.markdown(status.stage)} · {status.fraction:.0%}".replace("%", " %"))
    st.button("Cancel the scan", key="scan_cancel_small", type="tertiary", on_click=job.cancel, args=(store,))
