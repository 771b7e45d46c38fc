"""The review queue: one ranked list of examples over all checks, and where a reviewer stands in it.

The order. Severities of two checks cannot be compared, so checks take turns: the most suspicious finding of each check,
then the second of each, and so on. Findings that suggest another label come before all others, because a decision on
them changes what a model learns. An example found several times stands once, at its earliest place, with its other
reasons beside it. Within a turn, what more checks have flagged comes first; then the row number decides. The order
knows nothing of decisions, so that nobody's place moves under them.
"""

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from analysis.queries import asked, conflicts
from analysis.store import Store

State = Literal["open", "decided", "unsure", "several", "all"]
UNLABELLED = ""  # as a label to look for: the examples that have none
_ROW = "SELECT row_number FROM examples WHERE example_id = ?"
_ID = "SELECT example_id FROM examples WHERE row_number = ?"
_LATER = 1_000_000_000_000  # behind every finding that suggests a label
_LAST = 2 * _LATER  # behind every finding
ASSUMED = 10  # decisions at the usual pace that are counted with those that were timed, so that no single one sways it
USUAL_SECONDS = 12.0  # a decision, as long as no pace is known
LONGEST = 600.0  # seconds: whatever took longer counts as this much, because of the rest the reviewer was elsewhere

_IN_STATE = {
    "open": "action IS NULL",
    "decided": "action IS NOT NULL",
    "unsure": "action = 'unsure'",
    "several": "action = 'several'",
    "all": "true",
}


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which examples: those that a check flagged, or `examples`, flagged or not; narrowed by check, label and split.

    `flagged` takes only the flagged ones of `examples`. `state` chooses by verdict; it never moves an example to
    another position. `conflicts` takes the examples whose annotators do not settle the label, flagged or not, `between`
    those that somebody gave the one label and somebody else the other; `not_by` leaves out what this person labelled,
    `own_last` puts it last. `asked` takes what this person was asked about, flagged or not, and what is decided is then
    what they have answered.
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
    own_last: str | None = None
    asked: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where one example stands: `position` from 1 (None: not in this queue) among `total`, of which `decided`.

    `following` is the next example of the wanted state, `first` the first of them, `previous` the one just before,
    whatever its state; `left` counts those of the wanted state. `is_open`: the example is in this queue, not decided.
    """

    position: int | None
    total: int
    decided: int
    left: int
    previous: str | None
    following: str | None
    first: str | None
    is_open: bool


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds a decision takes: the mean of the middle half of `decisions`, of the reviewer's `own` or of everybody's.

    Ten that take `assumed` seconds are counted with them: everybody's pace for one's own, the usual one for
    everybody's. Short ones count as they are, those over 10 min as 10 min. With 0 of them it is the usual pace.
    """

    seconds: float
    decisions: int
    own: bool
    assumed: float = USUAL_SECONDS

    def of(self, count: int) -> float:
        """The seconds that so many decisions take."""
        return count * self.seconds


def review_queue(store: Store, wanted: QueueFilter, limit: int | None = None) -> pd.DataFrame:
    """The head of the queue, one row an example in order.

    example_id, position (from 1, before narrowing by state), row_number, text, label, split, check_name, severity,
    message, suggested_label (of the finding that gave the place; NULL for an example that nothing flagged), reasons
    (how many checks flagged it), action (of its verdict, NULL while open).
    """
    queue, params = queue_sql(wanted)
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


def undecided_rows(store: Store, wanted: QueueFilter) -> np.ndarray:
    """int32: the row numbers of the examples of the queue that nobody has decided, in order."""
    order = _order(store, wanted)
    undecided: np.ndarray = order.rows[_fitting("open", len(order.rows), *_answered(store, wanted, order))]
    return undecided


def place(store: Store, wanted: QueueFilter, example_id: str | None) -> Place:
    """Where the example stands in the queue; without an example, the counts and the first."""
    order = _order(store, wanted)
    total = len(order.rows)
    at, actions = _answered(store, wanted, order)
    fitting = _fitting(wanted.state, total, at, actions)
    here = None if example_id is None else order.of(store.value(_ROW, [example_id]))
    after = fitting if here is None else fitting[np.searchsorted(fitting, here, side="right") :]
    previous = None if not here else here - 1
    following, first = (int(some[0]) if len(some) else None for some in (after, fitting))
    return Place(
        position=None if here is None else here + 1,
        total=total,
        decided=len(at),
        left=len(fitting),
        previous=_id_at(store, order, previous),
        following=_id_at(store, order, following),
        first=_id_at(store, order, first),
        is_open=here is not None and here not in at,
    )


def slice_members(store: Store, check: str, slice_id: str) -> tuple[str, ...]:
    """The examples that a finding about a part of the data, or an annotator, shows; () where there is none."""
    members = store.value(
        "SELECT members FROM issues WHERE check_name = ? AND subject_id = ? AND subject <> 'example' LIMIT 1",
        [check, slice_id],
    )
    return tuple(members or ())


def pace(store: Store, reviewer: str) -> Pace:
    """How long one decision takes: this reviewer's pace once one was timed, else everybody's, else the usual one.

    Decisions about many examples at once say nothing about one, and those that were taken back do not count.
    """

    def make() -> Pace:
        timed = store.table(
            "SELECT least(seconds, ?) AS seconds, reviewer = ? AS own FROM decisions d"
            " WHERE batch_id IS NULL AND seconds IS NOT NULL"
            " AND NOT EXISTS (SELECT 1 FROM undos u WHERE u.decision_id = d.decision_id)",
            [LONGEST, reviewer],
        )
        seconds, own = timed["seconds"].to_numpy(), timed["own"].to_numpy()
        mine, others = seconds[own], seconds[~own]
        everybody = _middle(others, USUAL_SECONDS)
        if len(mine):
            return Pace(_middle(mine, everybody), len(mine), own=True, assumed=everybody)
        return Pace(everybody, len(others), own=False)

    return store.derived(store.version, ("pace", reviewer), make)


def _middle(seconds: np.ndarray, assumed: float) -> float:
    """The interquartile mean of so many seconds and ten assumed ones; values astride a quartile count in part."""
    values = np.sort(np.concatenate([seconds, np.full(ASSUMED, assumed)]))
    place, quarter = np.arange(len(values)), len(values) / 4
    inside = np.minimum(place + 1, 3 * quarter) - np.maximum(place, quarter)
    return float(np.average(values, weights=np.clip(inside, 0, 1)))


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


@dataclass(frozen=True, slots=True)
class _Order:
    """The rows of a queue in order, and where each row of the data stands in it (-1 outside): both int32."""

    rows: np.ndarray
    position: np.ndarray

    def of(self, row: int | None) -> int | None:
        """The position of a row of the data, from 0; None outside."""
        found = -1 if row is None or row >= len(self.position) else int(self.position[row])
        return None if found < 0 else found


def _order(store: Store, wanted: QueueFilter) -> _Order:
    """The queue, sorted once: only a scan or new data changes it, and whom one was asked about."""

    def make() -> _Order:
        queue, params = queue_sql(wanted)
        sql = f"{queue} SELECT e.row_number FROM queue q JOIN examples e USING (example_id) ORDER BY q.position"
        rows = store.table(sql, params)["row_number"].to_numpy().astype(np.int32)
        position = np.full(rows.max(initial=-1) + 1, -1, dtype=np.int32)
        position[rows] = np.arange(len(rows), dtype=np.int32)
        return _Order(rows, position)

    state = store.data_version if wanted.asked is None else store.version
    return store.derived(state, ("order", replace(wanted, state="all")), make)


def _answered(store: Store, wanted: QueueFilter, order: _Order) -> tuple[np.ndarray, np.ndarray]:
    """Where in the queue what is decided stands, and by which action."""

    def make() -> tuple[np.ndarray, np.ndarray]:
        verdicts, params = _verdicts(wanted)
        sql = f"SELECT e.row_number, v.action FROM ({verdicts}) v JOIN examples e USING (example_id)"
        found = store.table(f"{sql} WHERE v.action IS NOT NULL AND e.row_number < ?", [*params, len(order.position)])
        at = order.position[found["row_number"].to_numpy()]
        return at[at >= 0], found["action"].to_numpy()[at >= 0]

    return store.derived(store.version, ("answered", replace(wanted, state="all")), make)


def _fitting(state: State, total: int, at: np.ndarray, actions: np.ndarray) -> np.ndarray:
    """The positions in the wanted state, ascending."""
    if state in ("open", "all"):
        return np.delete(np.arange(total), at if state == "open" else at[:0])
    return np.sort(at if state == "decided" else at[actions == state])


def _id_at(store: Store, order: _Order, position: int | None) -> str | None:
    if position is None:
        return None
    found: str | None = store.value(_ID, [int(order.rows[position])])
    return found


def _verdicts(wanted: QueueFilter) -> tuple[str, list[Any]]:
    """SQL for example_id and action of what counts as decided, and its parameters."""
    if wanted.asked is not None:
        return asked.answers(wanted.asked)
    return "SELECT example_id, action FROM verdicts", []


def queue_sql(wanted: QueueFilter) -> tuple[str, list[Any]]:
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
    if wanted.asked is not None:
        condition, more = asked.narrowed(wanted.asked)
        narrowed.append(condition)
        params += more
    verdicts, more = _verdicts(wanted)
    params += more
    last = "false"
    if wanted.own_last is not None:
        condition, more = conflicts.labelled_by(wanted.own_last)
        last = f"any_value(r.example_id) IN ({condition})"
        params += more
    chosen = any(value is not None for value in (wanted.examples, wanted.between, wanted.asked)) or wanted.conflicts
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
        answered AS ({verdicts}),
        queue AS (
            SELECT r.example_id, arg_min(r.check_name, (r.turn, r.check_name)) AS check_name,
                   count(DISTINCT r.check_name) AS reasons, any_value(v.action) AS action,
                   row_number() OVER (ORDER BY {last}, min(r.turn), count(DISTINCT r.check_name) DESC,
                                      any_value(r.row_number)) AS position
            FROM ranked r LEFT JOIN answered v USING (example_id) GROUP BY r.example_id)
        """,
        params,
    )
