"""The review queue: one ranked list of examples over all checks, and where a reviewer stands in it.

The order. Severities of two checks cannot be compared, so checks take turns: the most suspicious finding of each check,
then the second of each, and so on. Findings that suggest another label come before all others, because a decision on
them changes what a model learns. An example found several times stands once, at its earliest place, with its other
reasons beside it. Within a turn, what more checks have flagged comes first; then the row number decides. The order
knows nothing of decisions, so that nobody's place moves under them.
"""

from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from analysis.queries import conflicts
from analysis.store import Store

State = Literal["open", "decided", "unsure", "all"]
UNLABELLED = ""  # as a label to look for: the examples that have none
_LATER = 1_000_000_000_000  # behind every finding that suggests a label
_LAST = 2 * _LATER  # behind every finding
_TIMED = 5  # decisions before a reviewer's own pace counts
USUAL_SECONDS = 12.0  # a decision, as long as nobody's own pace is known

_IN_STATE = {
    "open": "action IS NULL",
    "decided": "action IS NOT NULL",
    "unsure": "action = 'unsure'",
    "all": "true",
}


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which examples: those that a check flagged, or `examples`, flagged or not; narrowed by check, label and split.

    `flagged` takes only the flagged ones of `examples`. `state` chooses by verdict; it never moves an example to
    another position. `conflicts` takes the examples whose annotators do not settle the label, flagged or not, `between`
    those that somebody gave the one label and somebody else the other; `not_by` leaves out what this person labelled.
    """

    check: str | None = None
    label: str | None = None
    split: str | None = None
    state: State = "open"
    examples: tuple[str, ...] | None = None
    flagged: bool = False
    conflicts: bool = False
    between: tuple[str, str] | None = None
    not_by: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where one example stands: `position` from 1 (None: not in this queue) among `total`, of which `decided`.

    `following` is the next example of the wanted state, `first` the first of them, `previous` the one just before,
    whatever its state; `left` counts those of the wanted state.
    """

    position: int | None
    total: int
    decided: int
    left: int
    previous: str | None
    following: str | None
    first: str | None


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds a decision takes: the reviewer's own median over `decisions`; with 0 of them, the usual pace."""

    seconds: float
    decisions: int


def review_queue(store: Store, wanted: QueueFilter, limit: int | None = None) -> pd.DataFrame:
    """The head of the queue, one row an example in order.

    example_id, position (from 1, before narrowing by state), row_number, text, label, split, check_name, severity,
    message, suggested_label (of the finding that gave the place; NULL for an example that nothing flagged), reasons
    (how many checks flagged it), action (of its verdict, NULL while open).
    """
    queue, params = _queue(wanted)
    return store.frame(
        f"""
        {queue}
        SELECT q.example_id, q.position, e.row_number, e.text, e.label, e.split,
               f.check_name, f.severity, f.message, f.suggested_label, q.reasons, q.action
        FROM queue q JOIN examples e USING (example_id)
        LEFT JOIN issues f ON f.subject = 'example' AND f.subject_id = q.example_id AND f.check_name = q.check_name
        WHERE {_IN_STATE[wanted.state]} ORDER BY q.position LIMIT {limit if limit is not None else "ALL"}
        """,
        params,
    )


def place(store: Store, wanted: QueueFilter, example_id: str | None) -> Place:
    """Where the example stands in the queue; without an example, the counts and the first."""
    queue, params = _queue(wanted)
    fits = _IN_STATE[wanted.state]
    (row,) = store.rows(
        f"""
        {queue},
        here AS (SELECT coalesce(max(position), 0) AS position FROM queue WHERE example_id = ?)
        SELECT nullif(any_value(here.position), 0), count(*), count(action), count(*) FILTER ({fits}),
               arg_max(example_id, queue.position) FILTER (queue.position < here.position),
               arg_min(example_id, queue.position) FILTER ({fits} AND queue.position > here.position),
               arg_min(example_id, queue.position) FILTER ({fits})
        FROM queue, here
        """,
        [*params, example_id],
    )
    return Place(*row)


def slice_members(store: Store, check: str, slice_id: str) -> tuple[str, ...]:
    """The examples that a finding about a part of the data, or an annotator, shows; () where there is none."""
    members = store.value(
        "SELECT members FROM issues WHERE check_name = ? AND subject_id = ? AND subject <> 'example' LIMIT 1",
        [check, slice_id],
    )
    return tuple(members or ())


def pace(store: Store, reviewer: str) -> Pace:
    """How long this reviewer takes for one decision."""
    count, median = store.rows(
        "SELECT count(seconds), median(seconds) FROM decisions WHERE reviewer = ? AND batch_id IS NULL", [reviewer]
    )[0]
    return Pace(median, count) if count >= _TIMED else Pace(USUAL_SECONDS, 0)


def checks_with_issues(store: Store) -> list[tuple[str, int]]:
    """Every check that flagged examples, with how many, most first."""
    found = store.rows(
        "SELECT check_name, count(DISTINCT subject_id) AS n FROM issues WHERE subject = 'example'"
        " GROUP BY check_name ORDER BY n DESC, check_name"
    )
    return [(name, count) for name, count in found]


def labels(store: Store) -> list[str]:
    """Every label, most frequent first, ties by name: the order of labels on every page."""
    found = store.rows(
        "SELECT label FROM examples WHERE label IS NOT NULL GROUP BY label ORDER BY count(*) DESC, label"
    )
    return [label for (label,) in found]


def splits(store: Store) -> list[str]:
    """Every split, sorted."""
    return [split for (split,) in store.rows("SELECT DISTINCT split FROM examples WHERE split <> '' ORDER BY split")]


def _queue(wanted: QueueFilter) -> tuple[str, list[Any]]:
    """The queue as common table expressions: queue(example_id, position, check_name, reasons, action)."""
    params: list[Any] = [] if wanted.check is None else [wanted.check]
    found = "" if wanted.check is None else "AND f.check_name = ?"
    narrowed = ["true"]
    if wanted.label == UNLABELLED:
        narrowed.append("e.label IS NULL")
    elif wanted.label is not None:
        narrowed.append("e.label = ?")
        params.append(wanted.label)
    if wanted.split is not None:
        narrowed.append("e.split = ?")
        params.append(wanted.split)
    if wanted.examples is not None:
        narrowed.append("e.example_id IN (SELECT unnest(?))")
        params.append(list(wanted.examples))
    by_annotators, more = conflicts.narrowed(wanted.conflicts, wanted.between, wanted.not_by)
    narrowed += by_annotators
    params += more
    chosen = wanted.examples is not None or wanted.conflicts or wanted.between is not None
    join = "LEFT JOIN" if chosen and not (wanted.flagged or wanted.check) else "JOIN"
    return (
        f"""
        WITH ranked AS (
            SELECT e.example_id, e.row_number, f.check_name, CASE
                WHEN f.check_name IS NULL THEN {_LAST}
                ELSE row_number() OVER (PARTITION BY f.check_name ORDER BY f.severity DESC, e.row_number)
                     + CASE WHEN f.suggested_label IS NULL THEN {_LATER} ELSE 0 END
                END AS turn
            FROM examples e {join} issues f ON f.subject = 'example' AND f.subject_id = e.example_id {found}
            WHERE {" AND ".join(narrowed)}),
        queue AS (
            SELECT r.example_id, arg_min(r.check_name, (r.turn, r.check_name)) AS check_name,
                   count(DISTINCT r.check_name) AS reasons, any_value(v.action) AS action,
                   row_number() OVER (ORDER BY min(r.turn), count(DISTINCT r.check_name) DESC,
                                      any_value(r.row_number)) AS position
            FROM ranked r LEFT JOIN verdicts v USING (example_id) GROUP BY r.example_id)
        """,
        params,
    )
