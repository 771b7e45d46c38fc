"""Who was asked to decide about what, and what they have answered.

Of several requests to one person about one example the latest counts; one that was taken back does not. Whoever was
asked answers by a decision of their own after the request; their latest counts, while the example says what it said
then, and to open it again is no answer. Names are the same where they differ in capitals and outer space alone.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

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


@dataclass(frozen=True, slots=True)
class Request:
    """What one person was asked by another; `answered` once the one who was asked has decided."""

    assignment_id: str
    asked: str
    asked_by: str
    question: str
    asked_at: datetime
    answered: bool


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
    rows = store.rows(
        f"""
        SELECT assignment_id, asked, asked_by, question, asked_at, (
            SELECT {_ANSWER} FROM {_DECIDED}
            WHERE d.example_id = a.example_id AND lower(trim(d.reviewer)) = lower(trim(a.asked))
                AND d.sequence > a.sequence AND {_STANDS}) IS NOT NULL
        FROM assignments a WHERE example_id = ? AND {_HOLDS}
        QUALIFY row_number() OVER (PARTITION BY lower(trim(asked)) ORDER BY sequence DESC) = 1
        ORDER BY sequence DESC
        """,
        [example_id],
    )
    return tuple(Request(*row) for row in rows)


def people(store: Store) -> list[str]:
    """Everybody who has decided, labelled or been asked here, sorted: whom one may ask."""
    return [
        name
        for (name,) in store.rows(
            "SELECT reviewer AS name FROM decisions UNION SELECT annotator FROM annotations"
            " UNION SELECT asked FROM assignments ORDER BY name"
        )
    ]
