"""The last step of loading: a file and its roles become a dataset, and the scan starts."""

from pathlib import Path
from typing import NoReturn

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analysis.load.options import ReadFile
from analysis.load.read import read_file
from analysis.load.roles import guess_roles
from analysis.load.save import check_name, dataset_name, save
from analysis.queries import overview
from analysis.scan import job
from analysis.schema import Roles
from ui import choosing, reading, session


def button(path: Path, found: ReadFile, roles: Roles) -> None:
    """The dataset's name, and the one main action. Raises UserError when the name or the roles cannot be."""
    line = st.container(horizontal=True, vertical_alignment="bottom")
    name = line.text_input("Name of the dataset", _free_name(path), max_chars=80, key=f"load_name_{found.sha256}")
    taken = name in session.datasets()
    replace = taken and st.toggle(
        "Replace its data",
        key="load_replace",
        help="There is a dataset of this name. Decisions stay wherever an example still says what it said then.",
    )
    pressed = line.button("Load and scan", type="primary", key="load_and_scan", disabled=taken and not replace)
    place = st.empty()
    if pressed:
        _store(path, found, roles, name, place, replace=replace)


def load_sample(sample: choosing.Sample) -> NoReturn:
    """A sample in one step: read, stored, scanned. One that is there already is opened."""
    if sample.name in session.datasets():
        _scan_and_show(sample.name)
    place = st.empty()
    found = read_file(sample.path, progress=reading.shown_late(place.progress))
    _store(sample.path, found, guess_roles(found), sample.name, place, replace=False)


def _store(path: Path, found: ReadFile, roles: Roles, name: str, place: DeltaGenerator, *, replace: bool) -> NoReturn:
    check_name(session.workspace(), name, replace=replace)
    if replace:
        session.close(name)
    save(session.workspace(), found, path, name, roles, replace=replace, progress=reading.shown_late(place.progress))
    choosing.end()
    _scan_and_show(name)


def _scan_and_show(name: str) -> NoReturn:
    store = session.store_of(name)
    if not overview.is_scanned(store) and job.status(store).state != "running":
        job.start(store)
    session.go("overview", dataset=name)


def _free_name(path: Path) -> str:
    """The file's name as a dataset's, with a number where it is taken."""
    taken, stem = session.datasets(), dataset_name(path)[:70]
    numbered = (f"{stem}-{number}" for number in range(2, len(taken) + 3))
    return stem if stem not in taken else next(name for name in numbered if name not in taken)
