"""What was read from a file, and how to read it differently."""

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analysis.load.options import NeedsAnswer, Question, ReadFile, ReadOptions, answer
from analysis.load.parse import files_of
from analysis.load.read import read_file
from analysis.schema import Progress
from ui import safe, session, words

_PREVIEW = 5  # rows
_PATIENCE = 1.0  # seconds before progress is shown
_ENCODINGS = ("utf-8", "cp1252", "latin-1", "utf-16", "utf-16-le", "utf-16-be", "cp1251", "gb18030", "shift_jis")
_DELIMITERS = {",": "comma", "\t": "tab", ";": "semicolon", "|": "pipe"}
_TITLES = {
    "encoding": "Encoding",
    "delimiter": "Cells are separated by",
    "quoting": "Quote marks enclose cells",
    "header": "The first row names the columns",
    "skip_lines": "Lines before the header",
    "sheet": "Sheet",
    "member": "File in the zip",
}
_FORMATS = {"csv": "CSV", "tsv": "TSV", "jsonl": "JSON Lines", "json": "JSON", "xlsx": "Excel", "parquet": "Parquet"}
_FORMATS["labelstudio"] = "Label Studio JSON"


def read(path: Path) -> ReadFile | None:
    """The file as it is to be read now; None while a question has to be answered first. Raises BadFile."""
    options, place = _options(), st.empty()  # a place in every run: else what follows would move, and show twice
    stamp = max((file.stat().st_mtime_ns for file in files_of(path) if file.exists()), default=0)
    try:
        found = session.kept(f"{path}|{stamp}|{options}", lambda: _read(path, options, place))
    except NeedsAnswer as asked:
        _remember(asked.question)
        _must_answer(asked)
        return None
    for question in found.questions:
        _remember(question)
    return found


def _read(path: Path, options: ReadOptions, place: DeltaGenerator) -> ReadFile:
    try:
        return read_file(path, options, progress=shown_late(place.progress))
    finally:
        place.empty()


def summary(found: ReadFile) -> None:
    """What was read, in one line, with questions and what to change below it."""
    options, parts = found.options, [_FORMATS.get(found.format, found.format)]
    if options.encoding:
        parts.append(options.encoding)
    if found.format in ("csv", "tsv") and options.delimiter:
        parts.append(f"separated by {_DELIMITERS.get(options.delimiter, repr(options.delimiter))}")
    if options.sheet:
        parts.append(f"sheet {options.sheet}")
    if options.member:
        parts.append(options.member)
    parts += [words.count(found.cells.num_rows, "row"), words.count(len(found.columns), "column")]
    parts.append(words.size(found.size_bytes))
    st.text(" · ".join(safe.one_line(part, 80) for part in [found.name, *parts]))
    for notice in found.notices:
        st.caption(safe.markdown(notice, 300))
    _questions(found)
    left, right = st.columns(2, gap="medium")
    with left.expander("Read it differently"):
        _choices(found)
    if len(found.rejected):
        with right.expander(f"{words.count(len(found.rejected), 'row')} set aside, with the reason"):
            _set_aside(found.rejected)


def _questions(found: ReadFile) -> None:
    for option, (message, choices) in _asked().items():
        left, right = st.columns([3, 1], vertical_alignment="center")
        left.info(safe.markdown(message, 300))
        with right:
            _choose(option, choices, _said(found.options, option))


def _set_aside(rejected: pd.DataFrame) -> None:
    st.dataframe(
        rejected.head(1000),
        hide_index=True,
        height=min(300, 40 + 35 * len(rejected)),
        column_config={
            "line": st.column_config.NumberColumn("Line", width="small"),
            "reason": st.column_config.TextColumn("Why"),
            "raw": st.column_config.TextColumn("What is there"),
        },
    )


def _choices(found: ReadFile) -> None:
    options: dict[str, tuple[str, ...]] = {}
    if found.format in ("csv", "tsv"):
        options = {"encoding": _ENCODINGS, "delimiter": tuple(_DELIMITERS), "quoting": ("yes", "no")}
    if found.format in ("csv", "tsv", "xlsx"):
        options |= {"header": ("yes", "no"), "skip_lines": tuple(map(str, range(21)))}
    if found.format in ("json", "jsonl"):
        options = {"encoding": _ENCODINGS}
    options = {name: choices for name, choices in options.items() if name not in _asked()}
    if not options:
        st.caption("A file of this format can be read in one way only.")
        return
    for place, (option, choices) in zip(st.columns(len(options)), options.items(), strict=True):
        with place:
            _choose(option, choices, _said(found.options, option))


def _choose(option: str, choices: tuple[str, ...], current: str | None) -> None:
    shown = [*choices] if current is None or current in choices else [current, *choices]
    key = f"load_{option}_{session.recall('load_round', 0)}_{current}"
    st.selectbox(
        _TITLES[option],
        shown,
        index=shown.index(current) if current in shown else None,
        format_func={choice: _DELIMITERS.get(choice, choice) for choice in shown}.__getitem__,
        key=key,
        on_change=lambda: _answer(option, session.recall(key)),
    )


def _must_answer(asked: NeedsAnswer) -> None:
    """Nothing could be read yet: the choices, with what the file would say under each."""
    question = asked.question
    st.info(safe.markdown(question.message, 400))
    choice = st.selectbox(_TITLES[question.option], question.choices, key="load_must_answer")
    rows = asked.previews.get(choice, [])
    if rows:
        st.caption("The first rows would read:")
        st.dataframe(pd.DataFrame(rows).rename(columns=lambda number: f"Column {number + 1}"), hide_index=True)
    st.button("Read it like this", type="primary", key="load_answer", on_click=_answer, args=(question.option, choice))


def shown_late(show: Callable[[float, str], object]) -> Progress:
    """Progress that appears only when it takes more than a moment; `show` gets the share and what is being done."""
    started = time.monotonic()

    def progress(what: str, share: float) -> None:
        if time.monotonic() - started > _PATIENCE:
            show(share, what)

    return progress


def preview(found: ReadFile) -> None:
    """The first rows, cell by cell as they came."""
    rows = found.cells.slice(0, _PREVIEW).to_pandas()
    rows.columns = pd.Index(titles(found))
    st.dataframe(rows, hide_index=True)


def titles(found: ReadFile) -> list[str]:
    """The columns' names, each once: a repeated name gets its number."""
    seen: dict[str, int] = {}
    shown = []
    for column in found.columns:
        seen[column.title] = seen.get(column.title, 0) + 1
        number = seen[column.title]
        shown.append(column.title if number == 1 else f"{column.title} ({number})")
    return shown


def _options() -> ReadOptions:
    return ReadOptions(**json.loads(session.recall("load_options", "{}")))


def _answer(option: str, choice: str) -> None:
    session.remember("load_options", json.dumps(answer(_options(), option, choice).as_dict()))


def _asked() -> Mapping[str, tuple[str, tuple[str, ...]]]:
    """The questions asked about this file so far: they stay open to another answer."""
    stored: dict[str, list[str]] = json.loads(session.recall("load_asked", "{}"))
    return {option: (message, tuple(choices)) for option, (message, *choices) in stored.items()}


def _remember(question: Question) -> None:
    stored = {option: [message, *choices] for option, (message, choices) in _asked().items()}
    stored.setdefault(question.option, [question.message, *question.choices])
    session.remember("load_asked", json.dumps(stored))


def _said(options: ReadOptions, option: str) -> str | None:
    value = getattr(options, option)
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else None if value is None else str(value)
