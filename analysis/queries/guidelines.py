"""The labelling rules: their versions, what annotators are split on, and what each version changed."""

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from analysis.people import Labels
from analysis.people.disagreement import Split, Splits
from analysis.people.guideline_effect import EVERYTHING, Effect, Measured, Subject, effects, under_each
from analysis.people.guidelines import (
    BEFORE,
    Clause,
    citation,
    clauses,
    draft,
    in_force,
    in_order,
    no_clause,
)
from analysis.queries.people import Crowd
from analysis.store import Store

_PAIRS = 8  # pairs of labels whose change is tested
_CLAUSES = 30  # clauses whose change is tested
_GAPS = 50
_DRAFTED = 5  # adjudicated examples of each label in a draft
_TEXT = 300  # characters of an example in a draft
_VERSION = "guideline_id, version, text, author, created_at, note, coalesce(since, created_at)"


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the guideline as it was written; in force from `since` on. Moments are in UTC."""

    guideline_id: str
    name: str
    text: str
    author: str
    created_at: datetime
    note: str
    since: datetime


@dataclass(frozen=True, slots=True)
class ClauseRow:
    """One clause and what happens under it.

    rules    the labels of the data that it names; `unknown` are names in backticks that are no label
    split    how far annotators are split on these labels, over all versions; None where nothing can be compared
    worst    the two labels that cause most of that, and on how many examples; None where nobody is split
    every    the clause names every label that annotators gave, so that its numbers are those of all the data
    """

    clause: Clause
    rules: tuple[str, ...]
    unknown: tuple[str, ...]
    split: Split | None
    worst: tuple[str, str, int] | None
    every: bool


@dataclass(frozen=True, slots=True)
class SplitPair:
    """Two labels that annotators are split on; the numbers are those of `Splits.pairs`."""

    first: str
    second: str
    split: int
    involved: int
    low: float
    high: float
    share: float


@dataclass(frozen=True, slots=True)
class Effects:
    """Agreement under each version, and what changed from each to the next.

    order     versions from early to late, `BEFORE` first; those that are not `written` here are known by name alone
    measured  agreement on all labels, one for each of `order`
    changes   see `guideline_effect.effects`: on all labels, on those of each clause in force that names several, then
              on the pairs that cause most disagreement
    clauses   subject → number of the clause that names exactly these labels
    undated   labels that belong to no version
    """

    order: tuple[str, ...]
    unwritten: tuple[str, ...]
    measured: tuple[Measured, ...]
    changes: tuple[Effect, ...]
    clauses: dict[Subject, str]
    undated: int


def versions(store: Store) -> tuple[Version, ...]:
    """Every version, in the order in which they came into force, then of writing.

    Where journals were joined and two have one name, the one that was written later holds.
    """
    found = store.rows(
        f"SELECT {_VERSION} FROM guidelines"
        " QUALIFY row_number() OVER (PARTITION BY version ORDER BY sequence DESC) = 1"
        " ORDER BY coalesce(since, created_at), sequence"
    )
    return tuple(Version(*row) for row in found)


def recorded(store: Store, guideline_id: str) -> Version | None:
    """The version that was written by this act."""
    found = store.rows(f"SELECT {_VERSION} FROM guidelines WHERE guideline_id = ?", [guideline_id])
    return Version(*found[0]) if found else None


def latest(store: Store) -> Version | None:
    """The version in force."""
    found = versions(store)
    return found[-1] if found else None


def next_name(store: Store) -> str:
    """A name for the next version. While none is written, the latest that labels were given under; else v1, v2, …"""
    column = [name for (name,) in store.rows("SELECT DISTINCT guideline_version FROM annotations") if name]
    written = [version.name for version in versions(store)]
    if column and not written:
        return in_order(column, [])[-1]
    numbers = [int(found[1]) for name in (*written, *column) if (found := re.fullmatch(r"v(\d{1,6})", name))]
    return f"v{max(numbers, default=0) + 1}"


def overlap(store: Store) -> int:
    """How many examples have labels by two annotators or more: without any, nothing below can be measured."""
    number: int = store.value(
        "SELECT count(*) FROM (SELECT 1 FROM annotations WHERE label <> '' GROUP BY example_id"
        " HAVING min(annotator) <> max(annotator))"
    )
    return number


def clause_rows(store: Store, version: Version, crowd: Crowd | None = None) -> list[ClauseRow]:
    """Every clause of a version, in order; decisions change nothing here. Without a crowd nothing is counted."""
    known = label_names(store)
    splits = crowd.splits if crowd is not None and crowd.shared.any() else None
    pairs = _pairs(splits) if splits else []
    rows = []
    for clause in clauses(version.text):
        rules = tuple(name for name in clause.named if name in known)
        rows.append(
            ClauseRow(
                clause=clause,
                rules=rules,
                unknown=tuple(name for name in clause.named if name not in known),
                split=splits.among(rules) if splits and rules else None,
                worst=_worst(pairs, rules),
                every=crowd is not None and set(map(str, crowd.labels.classes)) <= set(rules),
            )
        )
    return rows


def cited(store: Store, version: Version) -> dict[str, int]:
    """How many decisions in force cite each clause of a version, by number; a clause that another version has word
    for word under the same number is the same clause."""
    found = dict(store.rows("SELECT clause, count(*) FROM verdicts WHERE clause IS NOT NULL GROUP BY clause"))
    here = {clause.number: clause.text.split() for clause in clauses(version.text)}
    counted: Counter[str] = Counter()
    for other in versions(store):
        for clause in clauses(other.text):
            if here.get(clause.number) == clause.text.split():
                counted[clause.number] += found.get(citation(other.name, clause.number), 0)
    return {number: count for number, count in counted.items() if count}


def unruled(store: Store) -> tuple[str, ...]:
    """The examples whose decision in force says that no clause fits, of whichever version, in the order of the data."""
    none = [no_clause(version.name) for version in versions(store)]
    found = store.rows(
        "SELECT example_id FROM verdicts v JOIN examples e USING (example_id)"
        " WHERE v.clause IN (SELECT unnest(?)) ORDER BY e.row_number",
        [none],
    )
    return tuple(example for (example,) in found)


def gaps(store: Store, crowd: Crowd) -> list[SplitPair]:
    """What splits annotators and is not ruled by the version in force, most disagreement first, at most 50."""
    version = latest(store)
    ruled = clauses(version.text) if version else ()
    unruled = (
        gap for gap in _pairs(crowd.splits) if not any(clause.rules((gap.first, gap.second)) for clause in ruled)
    )
    return list(itertools.islice(unruled, _GAPS))


def effect_of_versions(store: Store, crowd: Crowd) -> Effects:
    """Agreement under each version."""
    labels = crowd.labels
    written = versions(store)
    names = [version.name for version in written]
    of = in_force(crowd.annotations, names, [version.since.isoformat() for version in written])
    present = {name for name in of[labels.row] if name is not None}
    order = in_order(present, names)
    pairs = crowd.splits.pairs().head(_PAIRS)
    by_clause = _subjects(labels, clauses(written[-1].text)) if written else {}
    subjects = list(dict.fromkeys([EVERYTHING, *by_clause, *zip(pairs["first"], pairs["second"], strict=True)]))
    changes = effects(labels, of, order, subjects)
    on_all = [effect for effect in changes if effect.subject == EVERYTHING]
    return Effects(
        order=tuple(order),
        unwritten=tuple(name for name in order if name != BEFORE and name not in names),
        measured=(on_all[0].before, *(effect.after for effect in on_all)) if on_all else under_each(labels, of, order),
        changes=tuple(changes),
        clauses=by_clause,
        undated=sum(name is None for name in of[labels.row]),
    )


def draft_for(store: Store, first: str, second: str) -> str:
    """The guideline with a clause about two labels at its end, with the adjudicated examples that speak of it."""
    version = latest(store)
    return draft(version.text if version else "", first, second, adjudicated(store, first, second))


def adjudicated(store: Store, first: str, second: str) -> list[tuple[str, str, str, str]]:
    """label, text, example id and note of examples split between two labels and decided for them, latest first.

    At most five of each label, then of those of which both were said to be right, whose label is "".
    """
    rows = store.rows(
        f"""
        WITH decided AS (
            SELECT CASE v.action WHEN 'several' THEN '' ELSE coalesce(v.new_label, e.label) END AS label,
                   left(e.text, {_TEXT}) AS text, example_id, v.note, v.sequence
            FROM verdicts v JOIN examples e USING (example_id)
            WHERE v.action IN ('keep', 'relabel') OR (v.action = 'several' AND list_has_all(v.labels, [$1, $2])))
        SELECT label, text, example_id, note FROM (
            SELECT *, row_number() OVER (PARTITION BY label ORDER BY sequence DESC) AS place FROM decided
            WHERE label IN ($1, $2, '')
                AND example_id IN (SELECT example_id FROM annotations WHERE label = $1)
                AND example_id IN (SELECT example_id FROM annotations WHERE label = $2))
        WHERE place <= {_DRAFTED} ORDER BY label = '', label = $2, place
        """,
        [first, second],
    )
    return [(label, text, example_id, note) for label, text, example_id, note in rows]


def annotated_labels(store: Store) -> list[str]:
    """Every label that an annotator gave, sorted."""
    return [label for (label,) in store.rows("SELECT DISTINCT label FROM annotations ORDER BY label")]


def _subjects(labels: Labels, found: Sequence[Clause]) -> dict[Subject, str]:
    """The labels of each of the first clauses that name two or more that annotators gave, in the order of classes."""
    subjects: dict[Subject, str] = {}
    for clause in found:
        given = tuple(str(name) for name in labels.classes if name in clause.named)
        if len(given) > 1 and len(subjects) < _CLAUSES:
            subjects.setdefault(given, clause.number)
    return subjects


def _pairs(splits: Splits) -> list[SplitPair]:
    return [SplitPair(*row) for row in splits.pairs().to_numpy(dtype=object).tolist()]


def _worst(pairs: Sequence[SplitPair], rules: tuple[str, ...]) -> tuple[str, str, int] | None:
    """The first pair with both labels among those that are ruled; of a single one, the first with it."""
    needed = min(len(rules), 2)
    for pair in pairs if needed else ():
        if len({pair.first, pair.second} & set(rules)) == needed:
            return pair.first, pair.second, pair.split
    return None


def label_names(store: Store) -> set[str]:
    """Every label of an example, or of an annotator."""
    found = store.rows("SELECT label FROM examples WHERE label IS NOT NULL UNION SELECT label FROM annotations")
    return {label for (label,) in found}
