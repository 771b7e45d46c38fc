"""What goes beside an exported file: every decision in order, and a manifest that says how the file came about."""

import json
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from analysis import __version__
from analysis.queries.corrected import Preview, overwrites_labels
from analysis.store import Store

_MOMENT = "'%Y-%m-%dT%H:%M:%S.%fZ'"


def every_act(store: Store) -> pd.DataFrame:
    """All acts in the order of the journal, undone ones included.

    sequence, act (decision, assignment or undo), decision_id, example_id, row_number and label as the file has them
    now, action, new_label, labels (as JSON, where several are right), check_name, reviewer, note, clause, moment,
    seconds, batch_id, asked (whom an assignment asks; its question is the note); for decisions: undone, fits (the
    example says what it said when it was decided), in_force (this is the verdict that the export applies).
    """
    frame = store.frame(
        f"""
        SELECT d.sequence, 'decision' AS act, d.decision_id, d.example_id, e.row_number, e.label, d.action, d.new_label,
            CASE d.action WHEN 'several' THEN to_json(d.labels)::VARCHAR END AS labels, d.check_name, d.reviewer,
            d.note, d.clause, strftime(d.decided_at, {_MOMENT}) AS moment, d.seconds, d.batch_id,
            NULL::VARCHAR AS asked, EXISTS (SELECT 1 FROM undos u WHERE u.decision_id = d.decision_id) AS undone,
            coalesce(e.content_hash = d.content_hash, false) AS fits, v.decision_id IS NOT NULL AS in_force
        FROM decisions d LEFT JOIN examples e ON e.example_id = d.example_id
            LEFT JOIN verdicts v ON v.decision_id = d.decision_id
        UNION ALL BY NAME
        SELECT a.sequence, 'assignment' AS act, a.assignment_id AS decision_id, a.example_id, e.row_number, e.label,
            a.asked_by AS reviewer, a.question AS note, strftime(a.asked_at, {_MOMENT}) AS moment, a.asked,
            EXISTS (SELECT 1 FROM undos u WHERE u.decision_id = a.assignment_id) AS undone
        FROM assignments a LEFT JOIN examples e ON e.example_id = a.example_id
        UNION ALL BY NAME
        SELECT u.sequence, 'undo' AS act, u.decision_id, coalesce(d.example_id, a.example_id) AS example_id,
            e.row_number, e.label, u.reviewer, '' AS note,
            strftime(u.undone_at, {_MOMENT}) AS moment
        FROM undos u LEFT JOIN decisions d ON d.decision_id = u.decision_id
            LEFT JOIN assignments a ON a.assignment_id = u.decision_id
            LEFT JOIN examples e ON e.example_id = coalesce(d.example_id, a.example_id)
        ORDER BY sequence
        """
    )
    frame["row_number"] = frame["row_number"].astype("Int64")
    return frame


def as_json_lines(acts: pd.DataFrame) -> bytes:
    """One object a line; what an act does not have is left out."""
    records = acts.astype(object).where(acts.notna(), None).to_dict("records")
    for record in records:
        if record["labels"] is not None:
            record["labels"] = json.loads(record["labels"])
    return b"".join(
        (json.dumps({str(k): v for k, v in record.items() if v is not None}, ensure_ascii=False) + "\n").encode()
        for record in records
    )


def manifest(store: Store, seen: Preview, output: dict[str, Any], *, spreadsheet_safe: bool) -> dict[str, Any]:
    """How an exported file came about; `output` says its name, format, rows, bytes and sha256."""
    undone = store.value("SELECT count(*) FROM decisions WHERE decision_id IN (SELECT decision_id FROM undos)")
    soft = f"a last column holds them all as JSON, with equal shares; {seen.column!r} has one of them"
    titles = [column.title for column in store.columns()]
    return {
        "dataset": store.name,
        "exported_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "tool": f"Plumbline {__version__}",
        "source": {
            "name": store.meta("source_name"),
            "sha256": store.meta("source_sha256"),
            "format": store.meta("format"),
            "loaded_at": store.meta("loaded_at"),
            "rows": seen.rows_in,
            "rows_set_aside": store.value("SELECT count(*) FROM rejected"),
        },
        "roles": {
            role: [titles[p] for p in value] if isinstance(value, tuple) else titles[value]
            for role, value in store.roles().as_dict().items()
            if value not in (None, ())
        },
        "output": {**output, "spreadsheet_safe": spreadsheet_safe},
        "relabels": "change the label cell" if overwrites_labels(store) else "are in a column of their own",
        **(
            {"decided": {"column": seen.column, "examples": seen.settled, "rows": seen.settled_rows}}
            if seen.settled
            else {}
        ),
        **({"several_right_labels": soft} if seen.several else {}),
        "decisions": {
            "recorded": store.value("SELECT count(*) FROM decisions"),
            "undone": undone,
            "in_force": {
                "keep": seen.kept,
                "relabel": seen.relabelled,
                "drop": seen.dropped,
                "unsure": seen.unsure,
                "several": seen.several,
            },
            "applied": seen.relabelled + seen.dropped + seen.several,
            "unmatched": seen.unmatched,
            "rows_removed": seen.rows_in - seen.rows_out,
        },
        "conflicts": {
            "rule": "the latest decision on an example counts",
            "examples": list(seen.conflicts),
        },
        "journal_lines_that_do_not_count": {
            "of_a_newer_version": list(seen.unknown_lines),
            "unreadable": list(seen.unreadable_lines),
        },
    }
