"""Which column plays which role, and an example as Review will show it."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from analysis.load.cells import plain
from analysis.load.layout import Counted, counted, rows_of_example
from analysis.load.options import ReadFile
from analysis.load.roles import guess_roles
from analysis.schema import Roles
from ui import reading, safe, session, words

_NONE = -1
_SAMPLE = 40  # characters of a cell shown beside its column
_GIVEN = 12  # labels of one example
_LAYOUTS = {
    "none": "Nobody is named",
    "long": "One row per label, a column names who gave it",
    "wide": "One column per person, each with their labels",
}


def choose(found: ReadFile) -> Roles:
    """Every role with its guess and sample values; what is chosen."""
    guess = guess_roles(found)
    columns, names = list(range(len(found.columns))), _with_samples(found)

    def one(role: str, label: str, guessed: int | None, help_text: str) -> int | None:
        chosen = st.selectbox(
            label,
            [_NONE, *columns],
            index=0 if guessed is None else guessed + 1,
            format_func=[*names, "none"].__getitem__,  # position -1 is the last one
            help=help_text,
            key=f"role_{role}_{_key(found)}",
        )
        return None if chosen == _NONE else chosen

    text = st.multiselect(
        "Text",
        columns,
        default=guess.text,
        format_func=reading.titles(found).__getitem__,  # with samples two of them are too wide to be read
        placeholder="choose a column",
        help="What is to be labelled. Several columns are joined, one under the other.",
        key=f"role_text_{_key(found)}",
    )
    label = one("label", "Label", guess.label, "The label to check. Without one, only the texts are checked.")
    left, right = st.columns(2)
    with left:
        identity = one("id", "Id", guess.id, "Names each example; without one, rows are numbered.")
        moment = one("timestamp", "Date or time", guess.timestamp, "When the example happened or was labelled.")
    with right:
        split = one("split", "Split", guess.split, "train, test …")
        guideline = one(
            "guideline", "Guideline version", guess.guideline, "The version of the rules it was labelled by."
        )
    roles = Roles(text=tuple(text), label=label, id=identity, split=split, timestamp=moment, guideline=guideline)
    return _annotators(roles, guess, names, reading.titles(found), _key(found))


def _annotators(roles: Roles, guess: Roles, names: Sequence[str], titles: Sequence[str], key: str) -> Roles:
    guessed = "long" if guess.annotator is not None else "wide" if guess.annotators else "none"
    layout = st.selectbox(
        "Who gave the labels",
        list(_LAYOUTS),
        index=list(_LAYOUTS).index(guessed),
        format_func=_LAYOUTS.__getitem__,
        key=f"role_layout_{key}",
    )
    columns = list(range(len(names)))
    if layout == "long":
        annotator = st.selectbox(
            "Annotator",
            columns,
            index=guess.annotator,
            format_func=names.__getitem__,
            placeholder="choose a column",
            key=f"role_annotator_{key}",
        )
        return replace(roles, annotator=annotator)
    if layout == "wide":
        annotators = st.multiselect(
            "Annotators' columns",
            columns,
            default=guess.annotators,
            format_func=titles.__getitem__,
            key=f"role_annotators_{key}",
        )
        return replace(roles, annotators=tuple(annotators))
    return roles


def card(found: ReadFile, roles: Roles) -> None:
    """How many labels by whom, where several people labelled; the first example with a text, as Review will show it."""
    of_people = session.kept(f"counted {_key(found)} {roles}", lambda: counted(found, roles))
    if of_people is not None:
        st.markdown(f"**{_said(of_people)}**")
    st.caption("As Review will show it")
    with st.container(border=True, height=330):
        row = next((row for row in range(min(found.cells.num_rows, 100)) if _text(found, roles, row)), None)
        if row is None:
            st.caption("Choose a text column to see an example here.")
            return
        meta = [_cell(found, role, row) for role in (roles.id, roles.split, roles.timestamp)]
        st.text(safe.one_line(" · ".join(value for value in meta if value) or f"row {row + 1}", 120))
        st.text(safe.visible(_text(found, roles, row)[:2000]))
        labels = _labels(found, roles, row)
        st.text("\n".join(f"{safe.one_line(title, 40)}:  {safe.one_line(label, 80)}" for title, label in labels))
        used = {*roles.text, *roles.annotators, roles.id, roles.label, roles.split, roles.timestamp}
        used |= {roles.annotator, roles.guideline}
        fields = [c for c in range(len(found.columns)) if c not in used]
        if fields:
            with st.expander("Other columns"):
                for column in fields[:30]:
                    value = safe.one_line(_cell(found, column, row) or "", 120)
                    st.text(f"{safe.one_line(found.columns[column].title, 40)}:  {value}")


def _said(of_people: Counted) -> str:
    """ "800 examples, 164 annotators, 10 labels each"."""
    fewest, most = of_people.fewest, of_people.most
    each = f"{most:,}" if fewest == most else f"{fewest:,} to {most:,}"
    who = f"{words.count(of_people.examples, 'example')}, {words.count(of_people.annotators, 'annotator')}"
    return f"{who}, {each} {'label' if most == 1 else 'labels'} each"


def _labels(found: ReadFile, roles: Roles, row: int) -> list[tuple[str, str]]:
    """Who gave which label to the example of this row, where somebody is named; else its label."""
    if roles.annotator is not None and roles.label is not None:
        same = rows_of_example(found, roles, row)
        said = [
            (_cell(found, roles.annotator, at) or "(nobody)", _cell(found, roles.label, at)) for at in same[:_GIVEN]
        ]
        more = [("and", f"{len(same) - _GIVEN:,} more")] if len(same) > _GIVEN else []
        return [(who, label or "(none)") for who, label in said] + more
    columns = [("label", roles.label), *((found.columns[c].title, c) for c in roles.annotators)]
    return [(title, _cell(found, column, row) or "(none)") for title, column in columns if column is not None]


def _text(found: ReadFile, roles: Roles, row: int) -> str:
    return "\n".join(filter(None, (_cell(found, column, row) for column in roles.text)))


def _cell(found: ReadFile, column: int | None, row: int) -> str | None:
    return None if column is None else plain(found.cells.column(column)[row].as_py(), found.columns[column].kind)


def _with_samples(found: ReadFile) -> list[str]:
    """Each column's title with a value, so that columns can be told apart."""
    rows = found.cells.slice(0, 20)
    shown = []
    for column, title in zip(found.columns, reading.titles(found), strict=True):
        values = (plain(cell, column.kind) for cell in rows.column(column.position).to_pylist())
        sample = next((safe.one_line(value, _SAMPLE) for value in values if value and value.strip()), "empty")
        shown.append(f"{safe.one_line(title, 60)}   e.g. {sample}")
    return shown


def _key(found: ReadFile) -> str:
    """A short name for this reading of this file: another one starts with guesses of its own."""
    read = f"{found.sha256} {found.options} {session.recall('load_round', 0)}"
    return hashlib.blake2b(read.encode(errors="replace"), digest_size=6).hexdigest()
