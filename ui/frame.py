"""What surrounds every page: the sidebar with dataset, job, pages and reviewer."""

import streamlit as st
from streamlit.navigation.page import Page

from analysis.errors import UserError
from analysis.queries import overview
from analysis.store import Store
from ui import asked, safe, scanning, session, words

_TAKEN_UP = ("data_map", "coverage")  # whoever comes back to these finds the filters and choices that they left


def draw(pages: dict[str, list[Page]]) -> None:
    """The sidebar, and a warning above the page where others can reach the app."""
    session.remember("framed", True)
    with st.sidebar:
        store = _dataset()
        for group, members in pages.items():
            with st.container(gap="xxsmall"):
                if group:
                    st.caption(group)
                for member in members:
                    asked_there = session.last_asked(member.url_path) if member.url_path in _TAKEN_UP else {}
                    session.link(member.title, member.url_path, **asked_there)
        ask_reviewer(store, "sidebar")
        asked.sidebar(store)
        st.caption("Only this machine can open this app." if session.is_local() else "Open to the network.")
    if not session.is_local():
        st.warning(
            "Other machines on the network can open this app. There is no sign-in, names are typed by whoever decides, "
            "and the connection is not encrypted. Start it without --server.address to keep it to this machine."
        )


def require() -> None:
    """Start over through app.py where Streamlit has run a page without it.

    It does so for the first page that a fresh server is asked for, because the folder is called `pages`.
    """
    if not session.recall("framed"):
        pages = [st.Page(file) for file in sorted(session.PROJECT.glob("pages/*.py"))]
        # Without a start of its own the first page is the default, which has no address: a link to it finds no page.
        st.navigation([st.Page(_nothing, title="Start", default=True), *pages], position="hidden")
        st.rerun()
    session.forget("framed")


def _nothing() -> None:
    """The start, in a list of pages of which none is run."""


def ask_reviewer(store: Store | None, where: str) -> str:
    """Who decides? One input with the names known here, free for new ones; `where` keeps two on a page apart."""
    known = overview.reviewers(store) if store else []
    current = session.reviewer()
    options = sorted({*known, current} - {""})
    key = f"reviewer_{where}_{len(current)}_{current}"  # a name given elsewhere on the page shows here too
    st.selectbox(
        "Reviewer",
        options,
        index=options.index(current) if current else None,
        placeholder="Your name",
        accept_new_options=True,
        key=key,
        on_change=lambda: session.set_reviewer(session.recall(key)),
    )
    return current


def _dataset() -> Store | None:
    """The picker, how fresh the scan is, and the running job."""
    names, current = session.datasets(), session.dataset()
    if current is None:
        st.caption("No dataset yet")
        return None
    key = f"dataset_{current}"
    st.selectbox(
        "Dataset",
        names,
        index=names.index(current),
        key=key,
        on_change=lambda: session.set_parameters(dataset=session.recall(key)),
    )
    try:
        store = session.store()
    except UserError as error:
        st.caption(safe.markdown(error.message, 200))
        return None
    if store is not None:
        st.caption(_freshness(store))
        scanning.reserve(store)
    return store


def _freshness(store: Store) -> str:
    last = overview.last_scan(store)
    if last is None:
        return "Not scanned yet"
    return f"Scanned {words.ago(last)}"
