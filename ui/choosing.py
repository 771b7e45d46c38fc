"""Choosing what to load: a sample, a file from the browser, or a path on this machine."""

import re
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from ui import session

_FORMATS = "Drop a file here: CSV, TSV, JSON Lines, JSON, Parquet or Excel (.xlsx), also gzipped or in a zip"
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")


@dataclass(frozen=True, slots=True)
class Sample:
    """A dataset that comes with Plumbline; `about` is the first paragraph of its README."""

    name: str
    title: str
    about: str
    path: Path


def samples() -> Iterator[Sample]:
    """The folders of `sample_data` that hold a data file called like the folder."""
    for folder in sorted((session.PROJECT / "sample_data").glob("*/")):
        stem = folder.name.replace("-", "_")
        files = [path for path in sorted(folder.glob(f"{stem}.*")) if path.suffix != ".md"]
        readme = folder / "README.md"
        if files and readme.exists():
            paragraphs = [part.strip() for part in readme.read_text(encoding="utf-8").split("\n\n")]
            about = next((part for part in paragraphs if not part.startswith("#")), "")
            yield Sample(folder.name, folder.name.replace("-", " ").capitalize(), " ".join(about.split()), files[0])


def sample_cards() -> Sample | None:
    """A card a sample; the one whose button was pressed."""
    st.write(
        "Plumbline finds what is wrong with a labelled dataset and helps you to correct it, one example at a time. "
        "Your file stays where Plumbline runs."
    )
    found = list(samples())
    if not found:
        return None
    st.subheader("Try a sample", anchor=False)
    pressed = None
    for number, (place, sample) in enumerate(zip(st.columns(max(len(found), 2)), found, strict=False)):
        with place.container(border=True, height="stretch"):
            st.markdown(f"**{sample.title}**")
            st.caption(sample.about)
            kind = "secondary" if number else "primary"
            if st.button("Load and scan", type=kind, key=f"sample_{sample.name}"):  # type: ignore[arg-type]
                pressed = sample
    return pressed


def own_file() -> None:
    """A drop zone and, where only this machine can reach the app, a path; remembers what was chosen."""
    st.subheader("Load a file of your own", anchor=False)
    number = session.recall("load_round", 0)  # widgets of the next round start empty
    dropped = st.file_uploader(_FORMATS, key=f"load_file_{number}")
    if dropped is not None:
        path = _incoming() / uuid.uuid4().hex / file_name(dropped.name)
        path.parent.mkdir(parents=True, mode=0o700)
        with path.open("wb") as file:
            shutil.copyfileobj(dropped, file)
        begin(path)
        st.rerun()
    if session.is_local():
        typed = st.text_input(
            "Or a path on this machine: a file, a folder of Parquet files, or a pattern such as parts/*.parquet",
            placeholder="/data/messages.csv",
            key=f"load_typed_{number}",
        )
        if typed and typed.strip():
            begin(Path(typed.strip()).expanduser())
            st.rerun()


def another() -> None:
    """The way back from a file that was chosen."""
    if chosen() is not None:
        with st.container(horizontal=True, horizontal_alignment="right"):
            st.button("Choose another file", key="load_again", on_click=end)


def begin(path: Path) -> None:
    """Start over with this file."""
    end()
    session.remember("load_path", str(path))


def end() -> None:
    """Forget the chosen file; a copy that came through the browser is removed."""
    chosen = session.recall("load_path")
    if chosen is not None and Path(chosen).is_relative_to(_incoming()):
        shutil.rmtree(Path(chosen).parent, ignore_errors=True)
    for key in ("load_path", "load_options", "load_asked"):
        session.forget(key)
    session.remember("load_round", session.recall("load_round", 0) + 1)


def chosen() -> Path | None:
    """The file to load: the one chosen in this tab, else the one named when the app was started."""
    path = session.recall("load_path")
    if path is None and session.recall("load_round") is None:
        return session.start_file()
    return None if path is None else Path(path)


def file_name(name: str) -> str:
    """A name that is safe on every system, from one that somebody else made up; the ending stays."""
    kept = re.sub(r"[^A-Za-z0-9._-]", "_", name)[-80:].lstrip("._-") or "file"
    return f"_{kept}" if _DEVICES.match(kept) else kept


def _incoming() -> Path:
    return session.workspace().resolve() / ".incoming"
