"""Who was asked to decide about what, and what they have answered.

Of several requests to one person about one example the latest counts; one that was taken back does not. Whoever was
asked answers by a decision of their own after the request; their latest counts, while the example says what it said
then, and to open it again is no answer. Names are the same where they differ in capitals and outer space alone.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from analysis.schema import Action
from analysis.store import Store

_HOLDS = "NOT EXISTS (SELECT 1 FROM undos u WHERE u.decision_id = a.assignment_id)"
_OF = f"""
    SELECT example_id, max(sequence) AS sequence FROM assignments a
    WHERE lower(trim(asked)) = lower(trim(?)) AND {_HOLDS} GROUP BY example_id
"""
_ANSWER = "nullif(arg_max(d.action, d.sequence), 'reopen')"
_DECIDED = "decisions d JOIN examples e ON e.example_id = d.example_id AND e.content_hash = d.content_hash"
_STANDS = "NOT EXISTS (SELECT 1 FROM undos u WHERE u.decision_id = d.decision_id)"
_ANSWERS = f"""
    SELECT d.example_id, {_ANSWER} AS action
    FROM {_DECIDED} JOIN ({_OF}) r ON r.example_id = d.example_id AND d.sequence > r.sequence
    WHERE lower(trim(d.reviewer)) = lower(trim(?)) AND {_STANDS}
    GROUP BY d.example_id
"""


_REQUESTS = f"""
    WITH counted AS (
        SELECT * FROM assignments a WHERE {_HOLDS}
        QUALIFY row_number() OVER (PARTITION BY example_id, lower(trim(asked)) ORDER BY sequence DESC) = 1),
    answered AS (
        SELECT a.assignment_id, arg_max(d, d.sequence) AS act FROM counted a
        JOIN (SELECT d.* FROM {_DECIDED}) d ON d.example_id = a.example_id
            AND lower(trim(d.reviewer)) = lower(trim(a.asked)) AND d.sequence > a.sequence AND {_STANDS}
        GROUP BY a.assignment_id)
    SELECT a.assignment_id, a.example_id, a.asked, a.asked_by, a.question, a.asked_at,
        nullif(act.action, 'reopen') AS action,
        CASE act.action WHEN 'keep' THEN CASE WHEN e.label IS NULL THEN [] ELSE [e.label] END
            WHEN 'relabel' THEN [act.new_label] WHEN 'several' THEN act.labels ELSE [] END,
        CASE WHEN action IS NULL THEN NULL ELSE act.decided_at END, coalesce(act.note, '')
    FROM counted a JOIN examples e USING (example_id) LEFT JOIN answered USING (assignment_id)
"""
_ACTIONS = {"drop": "drop it", "unsure": "unsure"}


@dataclass(frozen=True, slots=True)
class Request:
    """What one person was asked by another, and what they answered: `action` is None until then.

    labels       those that the answer holds right: one of keep (none if the example has none) and relabel, two or more
                 of several, else none
    answered_at  when, in UTC; `note` is why
    """

    assignment_id: str
    example_id: str
    asked: str
    asked_by: str
    question: str
    asked_at: datetime
    action: Action | None
    labels: tuple[str, ...]
    answered_at: datetime | None
    note: str

    @property
    def answered(self) -> bool:
        """Whether the one who was asked has decided."""
        return self.action is not None

    @property
    def answer(self) -> str:
        """The answer in words, labels as they are: "keep card_declined", "drop it"; "" without one."""
        if self.action is None:
            return ""
        if self.action == "several":
            return f"several are right: {', '.join(self.labels)}"
        labelled = f"{'relabel to' if self.action == 'relabel' else 'keep'} {''.join(self.labels)}".rstrip()
        return _ACTIONS.get(self.action, labelled)


def narrowed(person: str) -> tuple[str, list[Any]]:
    """A condition on `e.example_id`: this person was asked about it; and its parameters in order."""
    return f"e.example_id IN (SELECT example_id FROM ({_OF}))", [person]


def answers(person: str) -> tuple[str, list[Any]]:
    """SQL for example_id and action of what this person has answered, and its parameters in order."""
    return _ANSWERS, [person, person]


def count_open(store: Store, person: str) -> int:
    """How many examples this person was asked about and has not answered."""
    number: int = store.value(
        f"SELECT count(*) FROM ({_OF}) r JOIN examples e USING (example_id)"
        f" LEFT JOIN ({_ANSWERS}) v USING (example_id) WHERE v.action IS NULL",
        [person, person, person],
    )
    return number


def requests(store: Store, example_id: str) -> tuple[Request, ...]:
    """The requests about an example that count, latest first."""
    return _requests(store, "WHERE a.example_id = ? ORDER BY a.sequence DESC", [example_id])


def requests_of(store: Store, person: str | None = None) -> tuple[Request, ...]:
    """The requests that count about any example, to or by this person or anybody: open ones first, then the latest."""
    order = "ORDER BY action IS NOT NULL, a.sequence DESC"
    if person is None:
        return _requests(store, order, [])
    is_theirs = "lower(trim(?)) IN (lower(trim(asked)), lower(trim(asked_by)))"
    return _requests(store, f"WHERE {is_theirs} {order}", [person])


def is_same(one: str, other: str) -> bool:
    """Whether two names are of one person."""
    return one.strip().lower() == other.strip().lower()


def people(store: Store) -> list[str]:
    """Whom one may ask: first who has decided here or was asked to, then who labelled, each sorted."""
    return [
        name
        for (name,) in store.rows(
            "SELECT name FROM (SELECT reviewer AS name, 0 AS turn FROM decisions UNION ALL"
            " SELECT asked, 0 FROM assignments UNION ALL SELECT DISTINCT annotator, 1 FROM annotations)"
            " GROUP BY name ORDER BY min(turn), name"
        )
    ]


def _requests(store: Store, which: str, params: list[Any]) -> tuple[Request, ...]:
    rows = store.rows(_REQUESTS + which, params)
    names = [field.name for field in fields(Request)]
    named = (dict(zip(names, row, strict=True)) for row in rows)
    return tuple(Request(**{**row, "labels": tuple(row["labels"])}) for row in named)
