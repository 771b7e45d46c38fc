"""Which column plays which role: guessed from names and contents, chosen by name, checked before anything is stored."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.errors import BadRoles
from analysis.load.guess import guess_roles
from analysis.load.options import ReadFile
from analysis.schema import Column, Roles

__all__ = ["RoleNames", "check_roles", "guess_roles", "roles_from_names"]

NONE = "-"
_SINGLE = ("id", "label", "split", "annotator", "timestamp", "guideline")


@dataclass(frozen=True, slots=True)
class RoleNames:
    """Roles as a person names them; None (or no names) means "guess", "-" means that no column plays the role.

    A name is a column's name, or `#3` for the third column where names repeat or are empty.
    """

    text: tuple[str, ...] = ()
    id: str | None = None
    label: str | None = None
    split: str | None = None
    annotator: str | None = None
    annotators: tuple[str, ...] = ()
    timestamp: str | None = None
    guideline: str | None = None


def roles_from_names(columns: Sequence[Column], names: RoleNames, guessed: Roles) -> Roles:
    """Names → positions; roles that were not named come from `guessed`, less the columns that were.

    Raises BadRoles for a name that no column, or more than one, bears.
    """
    named: dict[str, int | None] = {}
    for role in _SINGLE:
        name: str | None = getattr(names, role)
        if name is not None:
            named[role] = None if name == NONE else column_position(columns, name)
    text = tuple(column_position(columns, name) for name in _split_names(columns, names.text))
    annotators = tuple(column_position(columns, name) for name in _split_names(columns, names.annotators))
    taken = {*text, *annotators, *(position for position in named.values() if position is not None)}
    free = {role: None if getattr(guessed, role) in taken else getattr(guessed, role) for role in _SINGLE}
    left = tuple(position for position in guessed.annotators if position not in taken)
    if annotators:
        free["annotator"] = None
    if named.get("annotator") is not None or names.annotators or len(left) < 2:
        left = ()
    return Roles(
        text=text or tuple(position for position in guessed.text if position not in taken),
        annotators=annotators or left,
        **{**free, **named},
    )


def column_position(columns: Sequence[Column], name: str) -> int:
    """The column of this name, or the third one for `#3`. Raises BadRoles with the nearest name there is."""
    found = [column.position for column in columns if column.name == name]
    if len(found) == 1:
        return found[0]
    if found:
        places = " or ".join(f"#{position + 1}" for position in found[:5])
        raise BadRoles(f"{len(found)} columns are called {name[:80]!r}.", f"Say which one: {places}.")
    if name.startswith("#") and name[1:].isdecimal() and 1 <= int(name[1:]) <= len(columns):
        return int(name[1:]) - 1
    known = [column.name for column in columns if column.name]
    folded = {title.casefold(): title for title in reversed(known)}
    close = difflib.get_close_matches(name.casefold(), folded, n=1)
    listed = ", ".join(repr(title[:40]) for title in known[:20]) or "none with a name"
    meant = f"Did you mean {folded[close[0]][:80]!r}? " if close else ""
    raise BadRoles(f"There is no column {name[:80]!r}.", f"{meant}The columns are {listed}; #1 is the first one.")


def check_roles(roles: Roles, found: ReadFile) -> None:
    """Refuse roles that cannot be played. Raises BadRoles with the column and the value seen."""
    columns = found.columns
    _check_places(roles, columns)
    if not roles.text:
        raise BadRoles("No text column is chosen, so there is nothing to judge.", "Choose the column with the text.")
    if roles.annotator is not None and roles.annotators:
        raise BadRoles(
            "Annotators are named both by a column and by several columns.",
            "Choose the one column that names who gave each label, or the columns that each hold a person's labels.",
        )
    if len(roles.annotators) == 1:
        title = columns[roles.annotators[0]].title
        raise BadRoles(
            f"Only {title[:80]!r} holds an annotator's labels.",
            "Choose two or more, or make it the label.",
        )
    if roles.annotator is not None and roles.label is None:
        title = columns[roles.annotator].title
        raise BadRoles(f"{title[:80]!r} says who labelled, but no label is chosen.", "Choose the label column too.")
    if all(_is_blank(found, position) for position in roles.text):
        titles = ", ".join(repr(columns[position].title[:80]) for position in roles.text)
        raise BadRoles(f"There is no text in {titles}: every cell is empty.", "Choose a column with text.")


def _check_places(roles: Roles, columns: Sequence[Column]) -> None:
    played: dict[int, str] = {}
    for role, value in roles.as_dict().items():
        for position in value if isinstance(value, tuple) else [value]:
            if position is None:
                continue
            if not 0 <= position < len(columns):
                raise BadRoles(f"There is no column {position + 1}; the file has {len(columns)}.", "Choose another.")
            if position in played:
                both = f"{played[position]} and as {role}" if role != played[position] else f"{role} twice"
                raise BadRoles(
                    f"{columns[position].title[:80]!r} is chosen as {both}.", "Give each column one role at most."
                )
            played[position] = role


def _is_blank(found: ReadFile, position: int) -> bool:
    import pyarrow.compute as pc

    column = found.cells.column(position)
    return not pc.any(pc.match_substring_regex(column, r'^[^"]|^".+"|^"$')).as_py()


def _split_names(columns: Sequence[Column], names: Sequence[str]) -> list[str]:
    """Names that stand together with commas between them, unless a column bears the whole as its name."""
    known = {column.name for column in columns}
    return [part for name in names for part in ([name] if name in known else name.split(","))]
