"""What the Coverage page compares with: a part of the dataset, or a reference set that is added here."""

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import streamlit as st

from analysis.errors import UserError
from analysis.load.options import ReadFile
from analysis.load.read import read_file
from analysis.queries import coverage_reference as references
from analysis.queries import overview
from analysis.queries.coverage_reference import DATES, KEPT, NONE, Reference
from analysis.store import Store
from ui import choosing, page, reading, safe, session, words

Result = TypeVar("Result")
_ASKED = "coverage_remove_asked"  # the reference set whose removal waits for a second click
_SELECT = 360  # pixels
_FORMATS = "A file with a text column: CSV, TSV, JSON Lines, JSON, Parquet or Excel (.xlsx)"


def chosen(store: Store) -> Reference:
    """What is compared with now: what the address names, else the first that there is, else nothing."""
    return references.described(_chosen(store))


def cached(question: Callable[[Store, str], Result], store: Store, against: Reference) -> Result:
    """The answer of a slow question about the data and the reference; asked again once one of them is another."""
    return session.cached_for(references.state(store, against.key), question, store, against.key)


def header(store: Store) -> None:
    """The choice, on the line of the title."""
    if not overview.is_scanned(store):
        return
    choices, current = _choices(store), _chosen(store)
    key = f"coverage_reference_{current}"
    titles = {choice: f"Compare with {_title(choice)}" for choice in choices}
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        if choices != [NONE]:
            st.selectbox(
                "Compare with",
                choices,
                index=choices.index(current),
                format_func=titles.__getitem__,
                label_visibility="collapsed",
                width=_SELECT,
                key=key,
                on_change=lambda: session.set_parameters(reference=session.recall(key)),
            )
        once = f"coverage_add_{len(choices)}_{choices.index(current)}"  # another choice closes it
        with st.popover("Compare with other texts", icon=":material/add:", width="content", key=once), _told():
            _add(store, current)


def _add(store: Store, current: str) -> None:
    st.caption(
        "Texts that this data should be like: what comes in every day, a set to test on, last year's data. Coverage"
        " shows what they have and this data lacks. Only a text column is needed; the texts stay with this dataset."
    )
    with st.container(border=True):
        _from_file(store)
    others = [name for name in session.datasets() if name != store.name]
    if others:
        with st.container(border=True):
            _from_dataset(store, others)
    periods = session.cached_for(store.data_version, references.periods, store)
    if len(periods) > 1:
        with st.container(border=True):
            _from_period(periods)
    if current.startswith(KEPT):
        _remove(store, current.removeprefix(KEPT))


def _from_file(store: Store) -> None:
    dropped = st.file_uploader(_FORMATS, key="coverage_file")
    if dropped is None:
        return
    found = session.kept(f"reference|{dropped.file_id}", lambda: _read(dropped.name, dropped.getvalue()))
    names = reading.titles(found)
    columns = st.multiselect(
        "Text",
        range(len(names)),
        default=references.text_columns(store, found),
        format_func=[safe.one_line(name, 60) for name in names].__getitem__,
        placeholder="choose a column",
        help="What is compared. Several columns are joined, one under the other.",
        key=f"coverage_text_{dropped.file_id}",
    )
    if st.button(f"Compare with {words.count(found.cells.num_rows, 'row')}", key="coverage_use_file"):
        _use(references.keep_file(store, Path(dropped.name).stem, found, tuple(columns)))


def _read(name: str, data: bytes) -> ReadFile:
    with tempfile.TemporaryDirectory(prefix="plumbline-", ignore_cleanup_errors=True) as scratch:
        path = Path(scratch) / choosing.file_name(name)
        path.write_bytes(data)
        return read_file(path)


def _from_dataset(store: Store, others: list[str]) -> None:
    name = st.selectbox("Another dataset, as it is now", others, index=None, key="coverage_dataset")
    if st.button("Compare with it", disabled=name is None, key="coverage_use_dataset") and name is not None:
        _use(references.keep_dataset(store, session.store_of(name)))


def _from_period(periods: tuple[str, ...]) -> None:
    first, last = st.select_slider(
        "A period of this dataset, against all other dates",
        periods,
        value=(periods[-1], periods[-1]),
        key="coverage_period",
    )
    if st.button("Compare with this period", key="coverage_use_period"):
        _use(f"{DATES}{first}..{last}")


def _remove(store: Store, name: str) -> None:
    """Asked here and not in a dialog, over which this popover would lie."""
    if session.recall(_ASKED) != name:
        ask = "Remove the texts compared with now"
        st.button(ask, key="coverage_remove", on_click=session.remember, args=(_ASKED, name))
        return
    st.text(
        f"Remove {safe.one_line(name, 80)}? Its texts are kept here alone: to compare with them again, add them again."
    )
    with st.container(horizontal=True):
        if st.button("Remove", type="primary", key="coverage_remove_now"):
            session.forget(_ASKED)
            references.remove(store, name)
            session.set_parameters(reference=None)
            st.rerun()
        st.button("Keep it", key="coverage_keep", on_click=session.forget, args=(_ASKED,))


def _use(key: str) -> None:
    session.set_parameters(reference=key)
    st.rerun()


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """A reference that cannot be had is said where it was asked for; the page stays."""
    try:
        yield
    except UserError as error:
        page.tell(error)


def _choices(store: Store) -> list[str]:
    """What there is, and a period that the address names."""
    found = [one.key for one in session.cached(references.references, store)]
    asked = session.parameter("reference") or ""
    if asked.startswith(DATES) and references.is_period(asked):
        found.append(asked)
    return found or [NONE]


def _chosen(store: Store) -> str:
    choices = _choices(store)
    return session.parameter("reference", choices) or choices[0]


def _title(key: str) -> str:
    return safe.one_line(references.described(key).title, 80)
