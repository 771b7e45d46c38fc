"""Label Studio's JSON export, as one row per annotation: who labelled what, as which, and when."""

import json
from typing import Any

from analysis.load.json_text import Member, ObjectReader
from analysis.load.object_table import ObjectTable
from analysis.load.options import Findings
from analysis.load.table import TableWriter

_OWN = ("annotator", "label", "annotated_at")
_KEPT = ("id", "data", "annotations", "completions")


def is_label_studio(members: list[Member]) -> bool:
    """Whether an object looks like a task of Label Studio: its data and a list of annotations."""
    values = {member.key: member.verbatim[:1] for member in members}
    return values.get("data") == "{" and "[" in (values.get("annotations"), values.get("completions"))


class LabelStudioTable:
    """Tasks → rows: `id`, the task's data, `annotator`, `label`, `annotated_at`, then any further control by its name.

    A task without annotations gives one row without a label; so does an annotation that was cancelled or left empty.
    A data key that bears one of these names is called `data.<key>`.
    """

    def __init__(self, writer: TableWriter) -> None:
        self._table = ObjectTable(writer)
        self._reader = ObjectReader(writer.limits.depth)
        self._writer = writer
        self._control: str | None = None  # the one whose choices are the label
        self._left_out: set[str] = set()
        self._without_label = 0
        self._tasks = 0

    def add(self, line: int, members: list[Member], size: int) -> None:
        """The rows of one task; a task of another shape is set aside."""
        task = {member.key: member for member in members}
        self._left_out.update(task.keys() - set(_KEPT))
        annotations = self._annotations(task)
        if annotations is None or "data" not in task or not task["data"].verbatim.startswith("{"):
            raw = ", ".join(f"{member.key}: {member.text or member.verbatim}" for member in members)
            self._writer.reject(line, "not a Label Studio task: data or annotations are missing", raw)
            return
        self._tasks += 1
        shared = [task["id"]] if "id" in task else []
        for key, text, verbatim in self._reader.read(task["data"].verbatim).members:
            shared.append(
                Member(_free(f"data.{key}" if key in (*_OWN, "id") else key, "data.", shared), text, verbatim)
            )
        for annotation in annotations or [{}]:
            row = [*shared, *self._annotation(annotation, shared)]
            if _is_text(row):
                self._table.add(line, row, size)
            else:
                self._writer.reject(line, "holds half of a character pair (a lone surrogate)", repr(annotation))

    def finish(self, findings: Findings) -> None:
        """Write what is left and say what was not kept."""
        self._table.finish(findings)
        if self._without_label:
            rows = f"{self._without_label:,} of {self._writer.rows:,} rows"
            findings.notices.append(f"{rows} have no label: not annotated, cancelled or empty.")
        if self._left_out:
            names = ", ".join(sorted(self._left_out))[:200]
            findings.notices.append(f"Read as a Label Studio export. Of each task, this was left out: {names}.")

    def _annotations(self, task: dict[str, Member]) -> list[dict[str, Any]] | None:
        member = task.get("annotations") or task.get("completions")
        if member is None or not member.verbatim.startswith("["):
            return None
        values = json.loads(member.verbatim, parse_int=_Digits, parse_float=_Digits, parse_constant=_Digits)
        return values if all(isinstance(value, dict) for value in values) else None

    def _annotation(self, annotation: dict[str, Any], shared: list[Member]) -> list[Member]:
        members: list[Member] = []
        if annotator := _person(annotation.get("completed_by")):
            members.append(Member("annotator", annotator, ""))
        values = {} if annotation.get("was_cancelled") else self._values(annotation.get("result"))
        label = values.pop(self._control, None) if self._control is not None else None
        if label is None:
            self._without_label += 1
        else:
            members.append(_member("label", label))
        if isinstance(at := annotation.get("created_at"), str):
            members.append(Member("annotated_at", at, ""))
        for name, value in values.items():
            name = f"result.{name}" if name in (*_OWN, "id") else name
            members.append(_member(_free(name, "result.", [*shared, *members]), value))
        return members

    def _values(self, result: Any) -> dict[str, Any]:
        """What each control of the labelling screen says; the first one with choices becomes the label."""
        values: dict[str, list[Any]] = {}
        for region in result if isinstance(result, list) else []:
            if not isinstance(region, dict) or not isinstance(value := region.get("value"), dict):
                continue
            control = str(region.get("from_name", "result"))
            if "choices" in value and self._control is None:
                self._control = control
            said = value.get(str(region.get("type"))) if len(value) == 1 else value
            values.setdefault(control, []).append(said if said is not None else value)
        return {control: _single(said) for control, said in values.items()}


class _Digits(str):
    """A number as it is written."""


def _free(name: str, prefix: str, members: list[Member]) -> str:
    """The name, prefixed until no member bears it."""
    taken = {member.key for member in members}
    while name in taken:
        name = prefix + name
    return name


def _is_text(members: list[Member]) -> bool:
    try:
        "".join(member.key + (member.text or member.verbatim) for member in members).encode()
    except UnicodeEncodeError:
        return False
    return True


def _person(completed_by: Any) -> str:
    if isinstance(completed_by, dict):
        completed_by = completed_by.get("email") or completed_by.get("username") or completed_by.get("id")
    return completed_by if isinstance(completed_by, str) else ""


def _single(said: list[Any]) -> Any:
    """One choice is that choice; several stay a list."""
    while isinstance(said, list) and len(said) == 1:
        said = said[0]
    return said


def _member(name: str, value: Any) -> Member:
    if isinstance(value, str) and not isinstance(value, _Digits):
        return Member(name, value, "")
    return Member(name, None, _written(value))


def _written(value: Any) -> str:
    """A value as JSON, its digits as they came."""
    if isinstance(value, _Digits):
        return str(value)
    if isinstance(value, dict):
        return (
            "{" + ", ".join(f"{json.dumps(key, ensure_ascii=False)}: {_written(v)}" for key, v in value.items()) + "}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(map(_written, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
