"""One example's life: as lines for people, and as one object for machines."""

from dataclasses import asdict
from typing import Any

from analysis.queries.life import Cell, Finding, Life, LifeAct, Row
from analysis.report.lines import count, pairs, paragraph, table
from analysis.report.visible import one_line

_MOST = 2_000  # characters of a cell
_SHOWN_MEMBERS = 5
_CHANGED, _SAME = "* ", "  "


def life_lines(life: Life, width: int) -> list[str]:
    """Everything, from the row as it came to the row as it will be exported."""
    sections = [
        (f"{one_line(life.example_id)} in {life.dataset}", _rows_as_they_came(life, width)),
        ("Roles", pairs([(role, ", ".join(titles)) for role, titles in life.roles.items()], width)),
        ("Labels", _labels(life, width)),
        ("Nearest examples", _nearest(life, width)),
        ("Model probabilities", _probabilities(life, width)),
        ("Checks", pairs([(finding.title, _opinion(finding)) for finding in life.findings], width)),
        ("History", pairs([(act.at.replace("T", " ")[:19], _act(act)) for act in life.acts], width)),
        ("Verdict", paragraph(_verdict(life.verdict), width, 2)),
        ("Exported", [line for row in life.rows for line in _exported(row, width)]),
    ]
    lines = []
    for title, content in sections:
        lines += [title, *(content or ["  None."]), ""]
    return lines


def life_object(life: Life) -> dict[str, Any]:
    """The same as plain values: `changed` with every cell, `verdict` beside the acts."""
    told = asdict(life)
    for row, told_row in zip(life.rows, told["rows"], strict=True):
        for cell, told_cell in zip(row.cells, told_row["cells"], strict=True):
            told_cell["changed"] = cell.changed
    told["probabilities"] = [{"label": label, "probability": p} for label, p in life.probabilities]
    told["verdict"] = None if life.verdict is None else asdict(life.verdict)
    return told


def _rows_as_they_came(life: Life, width: int) -> list[str]:
    lines = []
    for row in life.rows:
        lines.append(f"  Row {row.row_number:,} of the file")
        lines += pairs([(cell.column, _said(cell.before)) for cell in row.cells if not cell.added], width, 4, _MOST)
    return lines


def _labels(life: Life, width: int) -> list[str]:
    rows = [("label", life.label if life.label is not None else "(no label)")]
    for given in life.annotations:
        when = "".join(f", {part}" for part in (given.annotated_at, given.guideline_version) if part)
        rows.append((given.annotator, given.label + when))
    return pairs(rows, width)


def _nearest(life: Life, width: int) -> list[str]:
    if life.place is None:
        return []
    place = f", at {life.place.x:.2f}, {life.place.y:.2f} on the map" if life.place.x is not None else ""
    said = f"A vector of {count(life.place.dimensions, 'number')} ({life.place.model or 'unknown model'}){place}."
    rows = [(other.example_id, other.similarity, other.label, other.text[:200]) for other in life.nearest]
    listed = table(("example", "similarity", "label", "text"), rows, width - 2, right=[1]) if rows else []
    return [*paragraph(said, width, 2), *("  " + line for line in listed)]


def _probabilities(life: Life, width: int) -> list[str]:
    rows = [(label, f"{p:.3f}", "the label it has" if label == life.label else "") for label, p in life.probabilities]
    return ["  " + line for line in table(("label", "probability", ""), rows, width - 2, right=[1])] if rows else []


def _opinion(finding: Finding) -> str:
    if finding.severity is None:
        state = f"{finding.status}: " if finding.status in ("skipped", "failed") else ""
        return f"{state}{finding.message}"
    suggestion = f" Suggests {finding.suggested_label}." if finding.suggested_label is not None else ""
    part = f" (part {finding.subject_id})" if finding.subject != "example" else ""
    members = ", ".join(finding.members[:_SHOWN_MEMBERS]) if finding.subject == "example" else ""
    more = f" and {len(finding.members) - _SHOWN_MEMBERS:,} more" if len(finding.members) > _SHOWN_MEMBERS else ""
    see = f" See {members}{more}." if members else ""
    state = "flagged" if finding.flagged else "not flagged"
    return f"{state}, {finding.severity:.2f}{part}: {finding.message}{suggestion}{see}"


def _act(act: LifeAct) -> str:
    what = _what(act)
    if act.act == "undo":
        return f"{act.reviewer} took back: {what}"
    noted = "question" if act.asked else "note"
    remarks = [f"{noted}: {act.note}" if act.note else "", f"by clause {act.clause}" if act.clause else ""]
    if act.undone:
        remarks.append("taken back")
    elif not act.fits:
        remarks.append("no longer counts, because the text or the label has changed since")
    elif act.in_force:
        remarks.append("in force")
    return " · ".join([f"{act.reviewer}: {what}", *filter(None, remarks)])


def _verdict(verdict: LifeAct | None) -> str:
    if verdict is None:
        return "Open: nobody has decided, or the decision was taken back."
    return f"{_what(verdict)}, by {verdict.reviewer}."


def _what(act: LifeAct) -> str:
    if act.action is None:
        return f"asks {act.asked} to decide"
    if act.action == "several":
        return f"several labels are right: {', '.join(act.labels)}"
    return act.action if act.new_label is None else f"{act.action} to {act.new_label}"


def _exported(row: Row, width: int) -> list[str]:
    if row.dropped:
        return [f"  Row {row.row_number:,} is dropped: it will not be in the file."]
    changed = sum(cell.changed for cell in row.cells)
    if not changed:
        return [f"  Row {row.row_number:,}, exactly as it came."]
    head = f"  Row {row.row_number:,}, {count(changed, 'changed cell')} (marked *)"
    return [head, *pairs([(_marked(cell), _after(cell)) for cell in row.cells], width, 2, _MOST)]


def _marked(cell: Cell) -> str:
    return (_CHANGED if cell.changed else _SAME) + cell.column


def _after(cell: Cell) -> str:
    if not cell.changed:
        return _said(cell.after)
    return f"{_said(cell.after)}   (was {'no column' if cell.added else _said(cell.before)})"


def _said(cell: str | None) -> str:
    return "(absent)" if cell is None else cell or "(empty)"
