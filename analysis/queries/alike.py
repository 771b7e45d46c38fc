"""Examples of the review queue that can be decided together, because the same is suspected of them."""

from dataclasses import dataclass

from analysis.queries.queue import QueueFilter, queue_sql
from analysis.store import Store

MOST = 12
_TEXT = 1_000  # characters of an example in a grid


@dataclass(frozen=True, slots=True)
class Alike:
    """One of them: its label, the other one that is suggested, and the finding that gave it its place."""

    example_id: str
    text: str
    label: str | None
    suggestion: str | None
    check_name: str | None
    message: str


def alike(store: Store, wanted: QueueFilter, example_id: str) -> tuple[Alike, ...]:
    """This example, then those with the same label and the same suggestion in the order of the queue, twelve at most.

    Where no other label is suggested, those of the same check. () when the example is decided or not in this queue.
    """
    queue, params = queue_sql(wanted)
    rows = store.rows(
        f"""
        {queue},
        open AS (
            SELECT q.example_id, q.position, left(e.text, {_TEXT}) AS text, e.label,
                   nullif(f.suggested_label, e.label) AS suggestion, q.check_name, coalesce(f.message, '') AS message
            FROM queue q JOIN examples e USING (example_id)
            LEFT JOIN issues f ON f.subject = 'example' AND f.subject_id = q.example_id AND f.check_name = q.check_name
            WHERE q.action IS NULL),
        here AS (SELECT * FROM open WHERE example_id = ?)
        SELECT o.example_id, o.text, o.label, o.suggestion, o.check_name, o.message FROM open o, here h
        WHERE o.label IS NOT DISTINCT FROM h.label AND o.suggestion IS NOT DISTINCT FROM h.suggestion
            AND (h.suggestion IS NOT NULL OR o.check_name IS NOT DISTINCT FROM h.check_name)
        ORDER BY o.example_id <> h.example_id, o.position LIMIT {MOST}
        """,
        [*params, example_id],
    )
    return tuple(Alike(*row) for row in rows)
