"""What the last scan of a dataset found, how far deciding has come, and how the labels are spread."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from analysis.checks import all_checks
from analysis.schema import Status, Subject
from analysis.store import Store

MOST_MEMBERS = 200  # examples that a check lists for a part of the data or a person; there may be more
_WORST = 300  # characters of an example shown in a list
_LATEST = """
    SELECT * EXCLUDE (latest) FROM (
        SELECT *, row_number() OVER (PARTITION BY check_name ORDER BY started_at DESC, run_id DESC) AS latest FROM runs)
    WHERE latest = 1
"""
_FLAGGED = "SELECT DISTINCT subject_id AS example_id FROM issues WHERE subject = 'example'"


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts of a dataset: `flagged` and `decided` are examples, `decided` among the flagged ones.

    relabelling are examples for which some check suggests another label, out of `judged`.
    """

    examples: int
    labelled: int
    classes: int
    flagged: int
    decided: int
    relabelling: int
    judged: int
    set_aside: int


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One check and what its last run came to; `status` is None when it has not run yet.

    `worst` is the text of the most suspicious example, or the message about the most suspicious slice or annotator.
    `reason` says in words why it was skipped, why it failed, or what it left out; `trace` is the failure in full.
    """

    name: str
    title: str
    help: str
    subject: Subject
    status: Status | None
    reason: str
    trace: str
    judged: int
    flagged: int
    decided: int
    worst: str


@dataclass(frozen=True, slots=True)
class SliceRow:
    """A finding about a part of the data; `members` counts the examples that it lists, at most `MOST_MEMBERS`."""

    check_name: str
    slice_id: str
    message: str
    members: int


def is_scanned(store: Store) -> bool:
    """Whether any check has run."""
    return bool(store.value("SELECT count(*) FROM runs"))


def last_scan(store: Store) -> datetime | None:
    """When the last check ran, in UTC."""
    moment: datetime | None = store.value("SELECT max(started_at) FROM runs")
    return moment


def reviewers(store: Store) -> list[str]:
    """Everybody who has decided something here or was asked to, sorted."""
    names = "SELECT reviewer AS name FROM decisions UNION SELECT asked FROM assignments ORDER BY name"
    return [name for (name,) in store.rows(names)]


def totals(store: Store) -> Totals:
    """The counts at the top of the Overview."""
    examples, labelled, classes = store.rows("SELECT count(*), count(label), count(DISTINCT label) FROM examples")[0]
    flagged, decided = store.rows(
        f"SELECT count(*), count(v.example_id) FROM ({_FLAGGED}) f LEFT JOIN verdicts v USING (example_id)"
    )[0]
    relabelling = store.value(
        "SELECT count(DISTINCT subject_id) FROM issues WHERE subject = 'example' AND suggested_label IS NOT NULL"
    )
    judged = store.value(
        f"SELECT max(judged) FROM ({_LATEST}) WHERE check_name IN"
        " (SELECT check_name FROM issues WHERE subject = 'example' AND suggested_label IS NOT NULL)"
    )
    return Totals(
        examples=examples,
        labelled=labelled,
        classes=classes,
        flagged=flagged,
        decided=decided,
        relabelling=relabelling,
        judged=judged or 0,
        set_aside=store.value("SELECT count(*) FROM rejected"),
    )


def checks(store: Store) -> list[CheckRow]:
    """Every check with its last run: most found first, then the skipped, failed and not yet run ones by title.

    A check that is gone from Plumbline but has left findings here is still listed, under its name.
    """
    runs: dict[str, tuple[Subject, Any]] = {
        name: (subject, run)
        for name, subject, *run in store.rows(
            f"SELECT check_name, subject, status, detail, judged, flagged FROM ({_LATEST})"
        )
    }
    worst, decided = dict(store.rows(_WORST_SQL)), dict(store.rows(_DECIDED_SQL))
    known = {check.name: check for check in all_checks()}
    rows = []
    for name in {*runs, *known}:
        check = known.get(name)
        subject, (status, detail, judged, flagged) = runs.get(name, ("example", (None, "", 0, 0)))
        rows.append(
            CheckRow(
                name=name,
                title=check.title if check else name.replace("_", " ").capitalize(),
                help=check.help if check else "",
                subject=check.subject if check else subject,
                status=status,
                reason=_last_line(detail) if status == "failed" else detail,
                trace=detail if status == "failed" else "",
                judged=judged,
                flagged=flagged,
                decided=decided.get(name, 0),
                worst=worst.get(name, ""),
            )
        )
    return sorted(rows, key=lambda row: (row.status != "ok", -row.flagged, row.title))


_WORST_SQL = f"""
    SELECT f.check_name, arg_max(left(coalesce(e.text, f.message), {_WORST}), (f.severity, -coalesce(e.row_number, 0)))
    FROM issues f LEFT JOIN examples e ON f.subject = 'example' AND e.example_id = f.subject_id
    WHERE NOT EXISTS (SELECT 1 FROM verdicts v WHERE v.example_id = e.example_id)
    GROUP BY f.check_name
"""
_DECIDED_SQL = """
    SELECT f.check_name, count(DISTINCT v.example_id)
    FROM issues f JOIN verdicts v ON f.subject = 'example' AND v.example_id = f.subject_id
    GROUP BY f.check_name
"""


def class_balance(store: Store) -> pd.DataFrame:
    """label (NULL = unlabelled), examples, flagged – most examples first, ties by label."""
    return store.frame(
        f"""
        SELECT e.label, count(*) AS examples, count(f.example_id) AS flagged
        FROM examples e LEFT JOIN ({_FLAGGED}) f USING (example_id)
        GROUP BY e.label ORDER BY examples DESC, e.label NULLS LAST
        """
    )


def slices(store: Store, limit: int = 20) -> list[SliceRow]:
    """Flagged findings about parts of the data, most suspicious first."""
    found = store.rows(
        "SELECT check_name, subject_id, message, len(members) FROM issues WHERE subject = 'slice'"
        " ORDER BY severity DESC, check_name, subject_id LIMIT ?",
        [limit],
    )
    return [SliceRow(*row) for row in found]


def _last_line(trace: str) -> str:
    return next((line for line in reversed(trace.splitlines()) if line.strip()), "")
