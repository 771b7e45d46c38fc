"""Examples that their annotators do not settle: what adjudication is for.

An example is in conflict when two people or more labelled it and no label has more than half of them, or when more than
half say another label than the one in use. Of several labels by one annotator the later counts: the one with the
greater date, compared as text, or else the lower line.
"""

from typing import Any

from analysis.store import Store

_COUNTED = """
    SELECT * EXCLUDE (turn) FROM (
        SELECT example_id, annotator, label,
               row_number() OVER (PARTITION BY example_id, annotator
                                  ORDER BY coalesce(annotated_at, '') DESC, rowid DESC) AS turn
        FROM annotations)
    WHERE turn = 1
"""
_CONFLICTS = f"""
    SELECT v.example_id FROM (
        SELECT example_id, sum(n) AS annotators, max(n) AS most, arg_max(label, n) AS label
        FROM (SELECT example_id, label, count(*) AS n FROM ({_COUNTED}) GROUP BY ALL) GROUP BY example_id) v
    JOIN examples x USING (example_id)
    WHERE v.annotators >= 2 AND (2 * v.most <= v.annotators OR x.label <> v.label)
"""
_BETWEEN = f"""
    SELECT example_id FROM ({_COUNTED}) GROUP BY example_id HAVING bool_or(label = ?) AND bool_or(label = ?)
"""
_BY = "SELECT example_id FROM annotations WHERE lower(trim(annotator)) = lower(trim(?))"


def narrowed(in_conflict: bool, between: tuple[str, str] | None, not_by: str | None) -> tuple[list[str], list[Any]]:
    """Conditions on `e.example_id`, and their parameters in order."""
    conditions, params = [], list[Any]()
    if in_conflict:
        conditions.append(f"e.example_id IN ({_CONFLICTS})")
    if between is not None:
        conditions.append(f"e.example_id IN ({_BETWEEN})")
        params += between
    if not_by is not None:
        conditions.append(f"e.example_id NOT IN ({_BY})")
        params.append(not_by)
    return conditions, params


def labelled_by(annotator: str) -> tuple[str, list[Any]]:
    """SQL for the example_id of what this person labelled, capitals and outer space aside, and its parameters."""
    return _BY, [annotator]


def left(store: Store) -> int:
    """How many examples are in conflict and have no decision in force."""
    number: int = store.value(
        f"SELECT count(*) FROM ({_CONFLICTS}) c WHERE c.example_id NOT IN (SELECT example_id FROM verdicts)"
    )
    return number


def count_labelled_by(store: Store, annotator: str) -> int:
    """How many examples this person labelled, capitals and outer space aside."""
    number: int = store.value(f"SELECT count(DISTINCT example_id) FROM ({_BY})", [annotator])
    return number
