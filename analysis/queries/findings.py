"""Issues and findings as lists: what is still open, and every opinion of every check."""

import difflib
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from analysis.errors import NoSuchThing, NotReady
from analysis.queries.overview import CheckRow, checks, is_scanned
from analysis.queries.queue import QueueFilter, review_queue
from analysis.schema import Subject
from analysis.store import Store


@dataclass(frozen=True, slots=True)
class Issue:
    """A flagged subject that is still open; `severity` in [0, 1] ranks within its check alone.

    text, label and `reasons` (how many checks flagged it) are an example's; a slice and an annotator have none.
    `unsure`: somebody looked and could not tell.
    """

    subject: Subject
    subject_id: str
    check_name: str
    severity: float
    message: str
    suggested_label: str | None
    label: str | None = None
    text: str | None = None
    reasons: int = 1
    unsure: bool = False


def open_issues(store: Store, check: str | None = None) -> list[Issue]:
    """What is flagged and not settled, each example once: examples in review order, then slices, then annotators.

    An example is settled by keep, relabel or drop; "unsure" leaves it open. Raises NotReady before the first scan, and
    NoSuchThing for a check that does not exist.
    """
    must_be_scanned(store)
    must_be_check(store, check)
    queue = review_queue(store, QueueFilter(check=check, state="all"))
    records: list[dict[Any, Any]] = queue.astype(object).where(queue.notna(), None).to_dict("records")
    examples = [
        Issue(
            subject="example",
            subject_id=row["example_id"],
            check_name=row["check_name"],
            severity=row["severity"],
            message=row["message"],
            suggested_label=row["suggested_label"],
            label=row["label"],
            text=row["text"],
            reasons=row["reasons"],
            unsure=row["action"] == "unsure",
        )
        for row in records
        if row["action"] in (None, "unsure")
    ]
    others = store.rows(
        "SELECT subject, subject_id, check_name, severity, message, suggested_label FROM issues"
        " WHERE subject <> 'example' AND ($1 IS NULL OR check_name = $1)"
        " ORDER BY subject DESC, severity DESC, check_name, subject_id",
        [check],
    )
    return [*examples, *(Issue(*row) for row in others)]


def failed_checks(store: Store, check: str | None = None) -> list[CheckRow]:
    """The checks whose last run failed, so that their issues are not known."""
    return [row for row in checks(store) if row.status == "failed" and check in (None, row.name)]


def all_findings(store: Store, check: str | None = None) -> pa.Table:
    """Every opinion, flagged or not, in the order of the file within a check.

    check_name, subject, subject_id, severity (double in [0, 1]), flagged, suggested_label (null where none), message,
    members (list of example ids). Raises like `open_issues`.
    """
    must_be_scanned(store)
    must_be_check(store, check)
    return store.table(
        """
        SELECT f.check_name, f.subject, f.subject_id, f.severity, f.flagged, f.suggested_label, f.message, f.members
        FROM findings f LEFT JOIN examples e ON f.subject = 'example' AND e.example_id = f.subject_id
        WHERE $1 IS NULL OR f.check_name = $1
        ORDER BY f.check_name, e.row_number, f.subject_id
        """,
        [check],
    )


def must_be_scanned(store: Store) -> None:
    """Raises NotReady where no check has run: nothing found is not the same as nothing looked for."""
    if not is_scanned(store):
        raise NotReady(
            f"{store.name!r} has not been scanned.", f"Run `scan {store.name}`, or press Scan on the Overview."
        )


def must_be_check(store: Store, name: str | None) -> None:
    """Raises NoSuchThing, with the nearest name, for a check that neither exists nor has run here."""
    names = sorted(row.name for row in checks(store))
    if name is None or name in names:
        return
    close = difflib.get_close_matches(name, names, n=1)
    meant = f"Did you mean {close[0]!r}? " if close else ""
    raise NoSuchThing(f"There is no check {name[:80]!r}.", f"{meant}The checks are {', '.join(names)}.")
