"""Feedback for one annotator: where their labels differ from the outcome, by the clause of the guideline that ruled."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from analysis.load.cells import plain
from analysis.people.guidelines import BEFORE, Clause, citation, clauses, no_clause
from analysis.queries.guidelines import Version, versions
from analysis.queries.people import Crowd
from analysis.queries.people_differences import differences, judged_labels, outcomes
from analysis.store import Store

Ground = Literal["clause", "none", "before", "unknown", "unwritten"]
_LAST: tuple[Ground, ...] = ("clause", "none", "before", "unknown", "unwritten")
_ROW = ["cited", "example_id", "theirs", "outcome", "by", "confidence", "reviewer", "note"]


@dataclass(frozen=True)
class ClauseFeedback:
    """Labels of one annotator that are not the outcome, and the clause that ruled them.

    ground   clause: the `clauses` of `version` name both labels (one of them, where they differ in no more than which
             is asked), or a decision cites one; none: the guideline was there and no clause named both, or a decision
             says that none fits; before: the label is older than every version; unknown: it has neither a date nor a
             version that is written here; unwritten: there is no guideline
    rows     as of `differences`, with cited (bool): whether the decision cites this clause, and younger (bool): whether
             that clause, as it stands here, was not yet there when the label was given
    decided  how many of the rows rest on a decision; the others rest on the consensus
    """

    ground: Ground
    version: str
    clauses: tuple[Clause, ...]
    rows: pd.DataFrame

    @property
    def number(self) -> str:
        """ "1", "1, 3"; "" where no clause rules."""
        return ", ".join(clause.number for clause in self.clauses)

    @property
    def decided(self) -> int:
        """How many of the rows rest on a decision."""
        return int(self.rows["by"].eq("verdict").sum())


@dataclass(frozen=True)
class Feedback:
    """All that one annotator is told.

    labels, judged  how many labels they gave, and how many are on examples with an outcome
    parts     by clause: most decisions first, then most rows, then by number; then what no clause ruled
    texts     the columns of the file that hold what is judged, by their names
    whole     of each example that differs, its text in each of these columns
    """

    annotator: str
    labels: int
    judged: int
    parts: tuple[ClauseFeedback, ...]
    texts: tuple[str, ...]
    whole: dict[str, tuple[str, ...]]

    @property
    def differing(self) -> int:
        """How many labels are not the outcome."""
        return sum(len(one.rows) for one in self.parts)

    @property
    def decided(self) -> int:
        """How many of these differ from a decision."""
        return sum(one.decided for one in self.parts)

    def frame(self) -> pd.DataFrame:
        """All rows, by clause, with its number and version before them and the whole texts, by column, behind."""
        columns = ["guideline_clause", "guideline_version", *_ROW]
        parts = [one.rows.assign(guideline_version=one.version, guideline_clause=one.number) for one in self.parts]
        rows = pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)
        texts = [self.whole[example] for example in rows["example_id"]]
        beside = pd.DataFrame(texts, columns=range(len(self.texts)), index=rows.index)
        found = pd.concat([rows, beside], axis=1)
        return found.set_axis([*columns, *_apart(self.texts, columns)], axis=1)


def feedback(store: Store, annotator: str, rows: pd.DataFrame, *, labels: int, judged: int) -> Feedback:
    """The rows of `differences` by clause.

    A decision that cites a clause counts for that clause, and one that says that no clause fits for none. Anything else
    counts for the clauses that named both labels in the version that was in force when the label was given. A clause
    that stands in later versions word for word is one and the same.
    """
    written = versions(store)
    held = [_ruled(written, *values) for values in zip(*(rows[name] for name in _DECIDING), strict=True)]
    known = {citation(one.name, clause.number) for one in written for clause in clauses(one.text)}
    rows = rows.assign(cited=rows["clause"].isin(known))
    rows["younger"] = [
        bool(said and found[2] and not _was_there(written, found[2][0], given))
        for said, found, given in zip(rows["cited"], held, rows["given_under"], strict=True)
    ]
    places: dict[tuple[Ground, str, tuple[str, ...]], list[int]] = {}
    for place, (ground, version, found) in enumerate(held):
        places.setdefault((ground, version, tuple(clause.number for clause in found)), []).append(place)
    parts = [ClauseFeedback(*held[chosen[0]], rows.iloc[chosen].reset_index(drop=True)) for chosen in places.values()]
    parts.sort(key=lambda one: (_LAST.index(one.ground), -one.decided, -len(one.rows), one.number, one.version))
    names, whole = _texts(store, rows["example_id"].tolist())
    return Feedback(annotator, labels, judged, tuple(parts), names, whole)


def all_feedback(store: Store, known: Crowd) -> Iterator[Feedback]:
    """The feedback for every annotator of whom a label is not the outcome, by name."""
    held = outcomes(store, known)
    counts = known.consensus.annotators.set_index("annotator")["labels"]
    for annotator in map(str, counts.index):
        rows = differences(store, known, annotator, held)
        if len(rows):
            judged = judged_labels(known, annotator, held)
            yield feedback(store, annotator, rows, labels=int(counts[annotator]), judged=judged)


_DECIDING = ("clause", "given_under", "theirs", "outcome")


def _ruled(
    written: Sequence[Version], cited: str, given_under: str | None, theirs: str, outcome: str
) -> tuple[Ground, str, tuple[Clause, ...]]:
    """What ruled a label: see `feedback`."""
    for version in written:
        if cited == no_clause(version.name):
            return "none", "", ()
        for clause in clauses(version.text):
            if cited == citation(version.name, clause.number):
                return "clause", _latest(written, version, (clause,)), (clause,)
    if not written:
        return "unwritten", "", ()
    if given_under == BEFORE:
        return "before", "", ()
    then = next((version for version in written if version.name == given_under), None)
    if then is None:
        return "unknown", "", ()
    ruling = tuple(clause for clause in clauses(then.text) if clause.rules((theirs, outcome)))
    return ("clause", _latest(written, then, ruling), ruling) if ruling else ("none", "", ())


def _latest(written: Sequence[Version], since: Version, found: Sequence[Clause]) -> str:
    """The last version up to which these clauses stand word for word."""
    name = since.name
    place = [version.guideline_id for version in written].index(since.guideline_id)
    for version in written[place + 1 :]:
        if not all(_holds(version, clause) for clause in found):
            break
        name = version.name
    return name


def _was_there(written: Sequence[Version], clause: Clause, given_under: str | None) -> bool:
    """Whether the version that a label was given under holds this clause; where that is not known, it may have."""
    if given_under == BEFORE:
        return False
    then = next((version for version in written if version.name == given_under), None)
    return then is None or _holds(then, clause)


def _holds(version: Version, clause: Clause) -> bool:
    return any(one.number == clause.number and one.text.split() == clause.text.split() for one in clauses(version.text))


def _texts(store: Store, examples: list[str]) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """The names of the columns that hold the text, and each example's whole text in them."""
    columns = {column.position: column for column in store.columns()}
    chosen = [columns[position] for position in store.roles().text if position in columns]
    if not chosen:
        rows = store.rows("SELECT example_id, text FROM examples WHERE example_id IN (SELECT unnest(?))", [examples])
        return ("text",), {example: (text,) for example, text in rows}
    cells = ", ".join(f"s.c{column.position}" for column in chosen)
    rows = store.rows(
        f"SELECT e.example_id, {cells} FROM examples e JOIN source s USING (row_number)"
        " WHERE e.example_id IN (SELECT unnest(?))",
        [examples],
    )
    whole = {
        example: tuple(plain(cell, column.kind) or "" for cell, column in zip(cells, chosen, strict=True))
        for example, *cells in rows
    }
    return tuple(column.title for column in chosen), whole


def _apart(names: Sequence[str], taken: Sequence[str]) -> list[str]:
    """Names that are none of those taken, nor each other's."""
    found: list[str] = []
    for name in names:
        free, number = name, 2
        while free in (*taken, *found):
            free, number = f"{name} ({number})", number + 1
        found.append(free)
    return found


def file_name(annotator: str) -> str:
    """An annotator's name as a part of a file's name: letters, digits, - and _, at most 60; never empty."""
    return re.sub(r"[^\w-]+", "-", annotator).strip("-_")[:60] or "unnamed"
