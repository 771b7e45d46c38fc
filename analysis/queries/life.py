"""One example's whole life: the row as it came, what everybody and every check said, and the row as it will leave."""

import json
from dataclasses import dataclass
from typing import Any

from analysis.errors import NoSuchThing
from analysis.queries.case import Other, case
from analysis.queries.corrected import corrected
from analysis.queries.overview import checks
from analysis.schema import Action, Status, Subject
from analysis.store import Store

_NEAREST = 5
_CLASSES = 5
_MOMENT = "'%Y-%m-%dT%H:%M:%S.%fZ'"
_COUNTS_AS_CLOSE = 0.7  # Jaro-Winkler similarity from which an id is worth suggesting


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: as it came and as it will leave; None where it is absent. `added` columns are not in the file."""

    column: str
    before: str | None
    after: str | None
    added: bool = False

    @property
    def changed(self) -> bool:
        """Whether the export writes something else than what came."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the file that speaks of the example; a dropped row will not leave, and all its `after` are None."""

    row_number: int
    dropped: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class GivenLabel:
    """The label that one annotator gave."""

    annotator: str
    label: str
    annotated_at: str | None
    guideline_version: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where the example lies: its vector's length, the model that made it, the point on the map (None: not drawn)."""

    dimensions: int
    model: str
    x: float | None
    y: float | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's opinion on the example, or (subject "slice") on a part of the data that the example is in.

    A check without an opinion has severity None and says why: it was skipped, failed, or did not judge this example.
    """

    check_name: str
    title: str
    status: Status | None
    subject: Subject
    subject_id: str | None
    severity: float | None
    flagged: bool
    message: str
    suggested_label: str | None
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LifeAct:
    """A decision on the example, an assignment (its question is the note), or an undo of either; `at` as ISO 8601, UTC.

    `fits`: the example still says what it said when it was decided. `in_force`: this is the verdict. `asked`: whom the
    assignment asks, "" otherwise; it has no action, and its id is the decision_id.
    """

    act: str
    decision_id: str
    action: Action | None
    new_label: str | None
    reviewer: str
    at: str
    note: str
    clause: str | None
    check_name: str | None
    seconds: float | None
    batch_id: str | None
    undone: bool
    fits: bool
    in_force: bool
    labels: tuple[str, ...] = ()
    asked: str = ""


@dataclass(frozen=True, slots=True)
class Life:
    """Everything that is known about one example.

    roles: role → titles of its columns. rows: those of the file, in order. nearest and probabilities: the first five,
    best first. findings: flagged ones first, then the others, then checks without an opinion. acts: in their order.
    """

    dataset: str
    example_id: str
    text: str
    label: str | None
    split: str | None
    happened_at: str | None
    roles: dict[str, tuple[str, ...]]
    rows: tuple[Row, ...]
    annotations: tuple[GivenLabel, ...]
    place: Place | None
    nearest: tuple[Other, ...]
    probabilities: tuple[tuple[str, float], ...]
    findings: tuple[Finding, ...]
    acts: tuple[LifeAct, ...]

    @property
    def verdict(self) -> LifeAct | None:
        """The decision in force, None while the example is open."""
        return next((act for act in self.acts if act.in_force), None)


def life(store: Store, example_id: str) -> Life:
    """One example from source row to exported row. Raises NoSuchThing, with the nearest id, when there is none."""
    given_label(store, example_id)
    found = case(store, example_id)
    return Life(
        dataset=store.name,
        example_id=example_id,
        text=found.text,
        label=found.label,
        split=found.split,
        happened_at=found.happened_at,
        roles=role_titles(store),
        rows=_rows(store, example_id),
        annotations=_annotations(store, example_id),
        place=_place(store, example_id),
        nearest=found.nearest[:_NEAREST],
        probabilities=found.classes[:_CLASSES],
        findings=_findings(store, example_id),
        acts=_acts(store, example_id),
    )


def given_label(store: Store, example_id: str) -> str | None:
    """The label that an example has in the file.

    Raises NoSuchThing, with the nearest id that there is, for an example that does not exist.
    """
    typed = example_id.encode(errors="replace").decode()  # what a terminal could not decode is no id
    found = store.rows("SELECT label FROM examples WHERE example_id = ?", [typed])
    if found:
        label: str | None = found[0][0]
        return label
    close = store.value(
        "SELECT example_id FROM examples WHERE jaro_winkler_similarity(example_id, ?) >= ?"
        " ORDER BY jaro_winkler_similarity(example_id, ?) DESC, row_number LIMIT 1",
        [typed, _COUNTS_AS_CLOSE, typed],
    )
    raise NoSuchThing(
        f"There is no example {example_id[:100]!r} in {store.name!r}.",
        (f"Did you mean {close[:100]!r}? " if close else "")
        + "Example ids are in the id column of the file, else r1, r2, … by row.",
    )


def decided(store: Store, decision_id: str) -> tuple[str, Action]:
    """The example and the action of a decision that is recorded."""
    (found,) = store.rows("SELECT example_id, action FROM decisions WHERE decision_id = ?", [decision_id])
    return found[0], found[1]


def role_titles(store: Store) -> dict[str, tuple[str, ...]]:
    """role → the titles of the columns that play it; roles that no column plays are left out."""
    titles = [column.title for column in store.columns()]
    named = {}
    for role, value in store.roles().as_dict().items():
        positions = value if isinstance(value, tuple) else () if value is None else (value,)
        if positions:
            named[role] = tuple(titles[position] for position in positions)
    return named


def _rows(store: Store, example_id: str) -> tuple[Row, ...]:
    columns = store.columns()
    leaving = corrected(store, example_id)
    after = dict(zip(leaving.row_numbers.to_pylist(), leaving.cells.to_pylist(), strict=True))
    added = leaving.columns[len(columns) :]
    names = "".join(f", c{column.position}" for column in columns)
    rows = []
    for number, *before in store.rows(
        f"SELECT row_number{names} FROM source WHERE example_id = ? ORDER BY row_number", [example_id]
    ):
        left = after.get(number, {})
        cells = [Cell(c.title, cell, left.get(f"c{c.position}")) for c, cell in zip(columns, before, strict=True)] + [
            Cell(c.title, None, left.get(f"c{c.position}"), added=True) for c in added
        ]
        rows.append(Row(number, number not in after, tuple(cells)))
    return tuple(rows)


def _annotations(store: Store, example_id: str) -> tuple[GivenLabel, ...]:
    rows = store.rows(
        "SELECT annotator, label, annotated_at, guideline_version FROM annotations WHERE example_id = ?"
        " ORDER BY annotator, annotated_at, label",
        [example_id],
    )
    return tuple(GivenLabel(*row) for row in rows)


def _place(store: Store, example_id: str) -> Place | None:
    rows = store.rows("SELECT len(vector), x, y FROM vectors WHERE example_id = ?", [example_id])
    if not rows:
        return None
    model = json.loads(store.meta("signal.vectors.detail") or "{}").get("model", "")
    dimensions, x, y = rows[0]
    return Place(dimensions, model, x, y)


def _findings(store: Store, example_id: str) -> tuple[Finding, ...]:
    known = {row.name: row for row in checks(store)}
    said = []
    for name, subject, about, severity, flagged, message, label, members in store.rows(
        """
        SELECT check_name, subject, subject_id, severity, flagged, message, suggested_label, members FROM findings
        WHERE (subject = 'example' AND subject_id = $1) OR (subject = 'slice' AND list_contains(members, $1))
        ORDER BY NOT flagged, subject, check_name, subject_id
        """,
        [example_id],
    ):
        title, status = known[name].title, known[name].status
        said.append(
            Finding(name, title, status, subject, about, severity, flagged, message, label, tuple(members)),
        )
    silent = []
    for row in known.values():
        if row.subject == "example" and row.name not in {finding.check_name for finding in said}:
            why = row.reason or ("Has not run yet." if row.status is None else "Has no opinion on this example.")
            silent.append(Finding(row.name, row.title, row.status, "example", None, None, False, why, None, ()))
    return (*said, *silent)


def _acts(store: Store, example_id: str) -> tuple[LifeAct, ...]:
    rows: list[tuple[Any, ...]] = store.rows(
        f"""
        SELECT * EXCLUDE (sequence) FROM (
            SELECT d.sequence, 'decision' AS act, d.decision_id, d.action, d.new_label, d.reviewer,
                strftime(d.decided_at, {_MOMENT}), d.note, d.clause, d.check_name, d.seconds, d.batch_id,
                EXISTS (SELECT 1 FROM undos u WHERE u.decision_id = d.decision_id),
                e.content_hash = d.content_hash, v.decision_id IS NOT NULL, '' AS asked,
                coalesce(d.labels, []) AS labels
            FROM decisions d JOIN examples e USING (example_id) LEFT JOIN verdicts v ON v.decision_id = d.decision_id
            WHERE d.example_id = $1
            UNION ALL
            SELECT u.sequence, 'undo', u.decision_id, d.action, d.new_label, u.reviewer,
                strftime(u.undone_at, {_MOMENT}), '', NULL, NULL, NULL, NULL, false,
                e.content_hash = d.content_hash, false, '', coalesce(d.labels, [])
            FROM undos u JOIN decisions d USING (decision_id) JOIN examples e USING (example_id)
            WHERE d.example_id = $1
            UNION ALL
            SELECT a.sequence, 'assignment', a.assignment_id, NULL, NULL, a.asked_by,
                strftime(a.asked_at, {_MOMENT}), a.question, NULL, NULL, NULL, NULL,
                EXISTS (SELECT 1 FROM undos u WHERE u.decision_id = a.assignment_id), true, false, a.asked, []
            FROM assignments a WHERE a.example_id = $1
            UNION ALL
            SELECT u.sequence, 'undo', u.decision_id, NULL, NULL, u.reviewer,
                strftime(u.undone_at, {_MOMENT}), '', NULL, NULL, NULL, NULL, false, true, false, a.asked, []
            FROM undos u JOIN assignments a ON a.assignment_id = u.decision_id WHERE a.example_id = $1)
        ORDER BY sequence
        """,
        [example_id],
    )
    acts: list[tuple[Any, ...]] = [(*row, tuple(labels), asked) for *row, asked, labels in rows]
    return tuple(LifeAct(*act) for act in acts)
