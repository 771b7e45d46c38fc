"""Feedback for one annotator: where their labels differ from the outcome, by the clause of the guideline that rules."""

from dataclasses import dataclass

import pandas as pd

from analysis.people.guidelines import Clause, citation, clauses, no_clause
from analysis.queries.guidelines import versions
from analysis.store import Store

_ROW = ["cited", "example_id", "text", "theirs", "outcome", "by", "confidence", "reviewer", "note"]
NOT_RULED = ""  # the number of what no clause rules


@dataclass(frozen=True)
class ClauseFeedback:
    """What one clause says about the labels of one annotator.

    version, clause  the clause of that version; None where no clause rules these labels
    rows       as of `differences`, with cited (bool): whether the decision cites this clause; else the clause is the
               first in force that names both labels
    decided    how many of the rows rest on a decision; the others rest on the consensus
    """

    version: str
    clause: Clause | None
    rows: pd.DataFrame

    @property
    def number(self) -> str:
        """The clause's number, "" where no clause rules."""
        return self.clause.number if self.clause else NOT_RULED

    @property
    def decided(self) -> int:
        """How many of the rows rest on a decision."""
        return int(self.rows["by"].eq("verdict").sum())


@dataclass(frozen=True)
class Feedback:
    """All that one annotator is told.

    labels, judged  how many labels they gave, and how many are on examples with an outcome
    clauses   most decisions first, then most rows, then by number; what no clause rules last
    """

    annotator: str
    labels: int
    judged: int
    clauses: tuple[ClauseFeedback, ...]

    @property
    def differing(self) -> int:
        """How many labels are not the outcome."""
        return sum(len(one.rows) for one in self.clauses)

    @property
    def decided(self) -> int:
        """How many of these differ from a decision."""
        return sum(one.decided for one in self.clauses)

    def frame(self) -> pd.DataFrame:
        """All rows, by clause, with its number and version before them."""
        columns = ["guideline_clause", "guideline_version", *_ROW]
        parts = [one.rows.assign(guideline_version=one.version, guideline_clause=one.number) for one in self.clauses]
        return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def feedback(store: Store, annotator: str, rows: pd.DataFrame, *, labels: int, judged: int) -> Feedback:
    """The rows of `differences` by clause.

    A decision that cites a clause counts for that clause of the version it names, and one that says that no clause fits
    for none; anything else counts for the first clause of the version in force that names both labels.
    """
    written = versions(store)
    cited = {citation(one.name, clause.number): (one.name, clause) for one in written for clause in clauses(one.text)}
    unruled = {no_clause(one.name) for one in written}
    in_force = [(written[-1].name, clause) for clause in clauses(written[-1].text)] if written else []

    def ruled_by(said: str, theirs: str, outcome: str) -> tuple[str, Clause] | None:
        if said in cited or said in unruled:
            return cited.get(said)
        return next((found for found in in_force if found[1].rules((theirs, outcome))), None)

    columns = (rows["clause"], rows["theirs"], rows["outcome"])
    held = [ruled_by(*values) for values in zip(*columns, strict=True)]
    rows = rows.assign(cited=[said in cited for said in rows["clause"]])
    places: dict[tuple[str, str], list[int]] = {}
    for place, found in enumerate(held):
        places.setdefault((found[0], found[1].number) if found else ("", NOT_RULED), []).append(place)
    parts = []
    for chosen in places.values():
        version, clause = held[chosen[0]] or ("", None)
        parts.append(ClauseFeedback(version, clause, rows.iloc[chosen].reset_index(drop=True)))
    parts.sort(key=lambda one: (one.clause is None, -one.decided, -len(one.rows), one.number, one.version))
    return Feedback(annotator, labels, judged, tuple(parts))
