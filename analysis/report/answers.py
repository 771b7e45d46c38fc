"""What the library's results are in words, command by command; `show` and `checks` have modules of their own."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from analysis.export import ExportReport
from analysis.load.save import LoadReport
from analysis.queries.findings import Issue
from analysis.queries.overview import CheckRow
from analysis.queries.trust import said
from analysis.report.lines import count, pairs, paragraph, table
from analysis.report.visible import one_line
from analysis.schema import Decision, Run
from analysis.signals.trust import Trust

_MOST_COLUMNS = 10  # of one role, named in the terminal
RoleTitles = Mapping[str, Sequence[str]]


def load_lines(report: LoadReport, roles: RoleTitles, width: int) -> list[str]:
    """What was loaded, which column plays which role, and what its owner should know."""
    annotations = f", {count(report.annotations, 'label')} by annotators" if report.annotations else ""
    lines = [f"Loaded {report.name}: {count(report.rows, 'row')}, {count(report.examples, 'example')}{annotations}."]
    lines += pairs([*((r, _several(t)) for r, t in roles.items()), *_unplayed(roles)], width)
    notices = list(report.notices)
    if report.rejected:
        notices.append(f"{count(report.rejected, 'row was', 'rows were')} set aside, because they could not be read.")
    if report.matching:
        notices.append(f"{count(report.matching, 'earlier decision still counts', 'earlier decisions still count')}.")
    if report.unmatched:
        notices.append(
            f"{count(report.unmatched, 'example was', 'examples were')} decided when text or label was another; "
            "those decisions do not count."
        )
    for question in report.questions:
        choices = " or ".join(repr(choice) for choice in question.choices[:5])
        notices.append(f"Please confirm ({question.option.replace('_', ' ')}, {choices}): {question.message}")
    return [*lines, *(line for notice in notices for line in paragraph(notice, width))]


def _several(titles: Sequence[str]) -> str:
    """The columns of a role; of a crowd the first and how many more."""
    if len(titles) <= _MOST_COLUMNS:
        return ", ".join(titles)
    return f"{', '.join(titles[: _MOST_COLUMNS - 1])} and {len(titles) - _MOST_COLUMNS + 1:,} more"


def load_object(report: LoadReport, roles: RoleTitles) -> dict[str, Any]:
    """The report as plain values, with the roles by column title."""
    return {**asdict(report), "folder": str(report.folder), "roles": dict(roles)}


def scan_lines(runs: Sequence[Run], titles: Mapping[str, str], width: int) -> list[str]:
    """A line per check: found, judged and seconds, or why there is nothing."""
    found, judged = (max((len(f"{getattr(run, name):,}") for run in runs), default=1) for name in ("flagged", "judged"))
    rows = []
    for run in runs:
        if run.status == "ok":
            note = f"  {run.detail}" if run.detail else ""
            said = f"{run.flagged:>{found},} found  {run.judged:>{judged},} judged  {run.seconds:6.1f} s{note}"
        else:
            said = f"{run.status}: {reason(run)}"
        rows.append((titles[run.check_name], said))
    return pairs(rows, width, 0)


def scan_object(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """One object per check; `reason` is the last line of `detail`, which holds a failure's whole traceback."""
    return [{**asdict(run), "settings": json.loads(run.settings), "reason": reason(run)} for run in runs]


def reason(run: Run) -> str:
    """Why a check has nothing to say, in a line; of a failure the last line of its traceback."""
    return next((line for line in reversed(run.detail.splitlines()) if line.strip()), "")


def issue_lines(issues: Sequence[Issue], total: int, titles: Mapping[str, str], width: int) -> list[str]:
    """The open issues as a table: examples first, then parts of the data and annotators with the reason."""
    if not total:
        return ["No open issues."]
    shown = f", the first {len(issues):,} of them" if len(issues) < total else ""
    lines = [f"{count(total, 'open issue')}{shown}:"]
    examples = [issue for issue in issues if issue.subject == "example"]
    others = [issue for issue in issues if issue.subject != "example"]
    if examples:
        heads = ["example", "check", "severity", "label", "suggested", "text"]
        rows = [
            [i.subject_id, _with_others(i, titles), i.severity, _label(i), i.suggested_label, (i.text or "")[:500]]
            for i in examples
        ]
        if not any(issue.suggested_label for issue in examples):
            heads, rows = heads[:4] + heads[5:], [row[:4] + row[5:] for row in rows]
        lines += ["", *table(heads, rows, width, right=[2])]
    if others:
        about = [(titles[i.check_name], i.severity, f"{i.subject_id}: {i.message}") for i in others]
        lines += ["", *table(("check", "severity", "part of the data, or annotator"), about, width, right=[1])]
    return lines


def issue_objects(issues: Sequence[Issue]) -> list[dict[str, Any]]:
    """The issues as plain values."""
    return [asdict(issue) for issue in issues]


def trust_lines(found: Trust | None, width: int) -> list[str]:
    """How many label flags are real and how many wrong labels nobody flagged; nothing where that is not known."""
    return [] if found is None else ["", *paragraph(" ".join(said(found)), width)]


def trust_object(found: Trust | None) -> dict[str, Any] | None:
    """The same as plain values, with the sentence."""
    return None if found is None else {**asdict(found), "said": " ".join(said(found))}


def failed_lines(failed: Sequence[CheckRow], width: int) -> list[str]:
    """That the issues of some checks are missing."""
    names = ", ".join(row.title for row in failed)
    return paragraph(f"Failed in the last scan, so that its issues are not known: {names}.", width) if failed else []


def decision_line(decision: Decision, before: str | None) -> str:
    """What stands in the journal now."""
    had = "it had no label" if before is None else f"it has {before!r} in the file"
    what = decision.action if decision.new_label is None else f"relabel to {decision.new_label!r}"
    if decision.action == "several":
        what = f"several labels are right: {', '.join(map(repr, decision.labels))}"
    return one_line(f"Saved: {decision.example_id}: {what}, by {decision.reviewer} ({had}).")


def export_lines(report: ExportReport, width: int) -> list[str]:
    """What was written and what was changed in it."""
    seen = report.preview
    lines = paragraph(
        f"Wrote {report.path}: {count(report.rows, 'row')}, {count(seen.new_labels, 'label')} changed, "
        f"{count(seen.rows_in - seen.rows_out, 'row')} dropped.",
        width,
    )
    lines += pairs([("decisions", str(report.decisions)), ("manifest", str(report.manifest))], width)
    notices = list(report.notices)
    if seen.settled:
        notices.append(
            f"The column {seen.column!r} says what was decided about {count(seen.settled, 'example')}, on "
            f"{count(seen.settled_rows, 'row')}."
        )
    if seen.several:
        notices.append(f"Several labels are right: {count(seen.several, 'example')}, all in a last column.")
    if seen.unknown_lines:
        notices.append(
            f"Of a newer Plumbline, so not counted: {count(len(seen.unknown_lines), 'line')} of the journal. "
            "Export with that version."
        )
    if seen.unreadable_lines:
        notices.append(
            f"Damaged, so not counted: {count(len(seen.unreadable_lines), 'line')} of the journal "
            f"(line {seen.unreadable_lines[0]:,} first). Look at it in an editor; what it says may be decided again."
        )
    if seen.unmatched:
        notices.append(f"Not applied, because text or label have changed since: {count(seen.unmatched, 'decision')}.")
    if seen.conflicts:
        named = ", ".join(seen.conflicts[:5]) + (" …" if len(seen.conflicts) > 5 else "")
        notices.append(
            f"Reviewers disagree on {count(len(seen.conflicts), 'example')} ({named}); the latest decision counts."
        )
    return [*lines, *(line for notice in notices for line in paragraph(notice, width))]


def export_object(report: ExportReport) -> dict[str, Any]:
    """The report as plain values, every change included."""
    seen = {name: getattr(report.preview, name) for name in report.preview.__dataclass_fields__ if name != "changes"}
    return {
        "path": str(report.path),
        "decisions": str(report.decisions),
        "manifest": str(report.manifest),
        "format": report.format,
        "rows": report.rows,
        "sha256": report.sha256,
        "notices": list(report.notices),
        **seen,
        "changes": json.loads(report.preview.changes.to_json(orient="records")),
    }


def dataset_lines(datasets: Sequence[Mapping[str, Any]], width: int) -> list[str]:
    """The datasets of a workspace."""
    heads = ("dataset", "examples", "flagged", "of them decided", "last scan (UTC)")
    rows = [
        (d["name"], d["examples"], d["flagged"], d["flagged_decided"], d["note"] or _minute(d["scanned_at"]))
        for d in datasets
    ]
    return table(heads, rows, width, right=[1, 2, 3])


def _minute(moment: str | None) -> str:
    return "not yet" if moment is None else moment.replace("T", " ")[:16]


def _unplayed(roles: RoleTitles) -> list[tuple[str, str]]:
    if "label" in roles or "annotators" in roles:
        return []
    return [("label", "(none; name the column with --label to find label errors)")]


def _with_others(issue: Issue, titles: Mapping[str, str]) -> str:
    more = f" +{issue.reasons - 1}" if issue.reasons > 1 else ""
    return f"{titles[issue.check_name]}{more}{' (unsure)' if issue.unsure else ''}"


def _label(issue: Issue) -> str:
    return "(none)" if issue.label is None else issue.label
