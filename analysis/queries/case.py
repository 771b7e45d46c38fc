"""One example with everything that helps to decide about it."""

import json
from dataclasses import dataclass
from datetime import datetime

from analysis.errors import NoSuchThing
from analysis.queries.asked import Request, requests
from analysis.schema import Action
from analysis.store import Store

NEAREST = 8  # neighbours that a reviewer is shown
_TEXT = 2_000  # characters of another example


@dataclass(frozen=True, slots=True)
class Reason:
    """One check's finding on the example, in words; `members` are other examples that the finding is about."""

    check_name: str
    severity: float
    message: str
    suggested_label: str | None
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Other:
    """Another example beside this one; `similarity` in [-1, 1], 1 = the same, None where nobody measured it."""

    example_id: str
    similarity: float | None
    label: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one annotator or one reviewer says about the example: a label, or a decision that still counts.

    `labels` are those that the reviewer calls all right, `clause` the citation of the guideline, "" without one.
    """

    who: str
    label: str | None
    action: Action | None = None
    note: str = ""
    at: datetime | None = None
    labels: tuple[str, ...] = ()
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One example as a reviewer needs it.

    fields: title and cell of every column that is neither text, label nor id. classes: each with its out-of-sample
    probability, most probable first; () where the example was not judged. reasons: those that suggest a label first.
    members: the examples that the reasons are about. opinions: the latest decision of every reviewer, latest first.
    requests: whom somebody asked to decide, latest first.
    """

    example_id: str
    row_number: int
    text: str
    label: str | None
    split: str | None
    happened_at: str | None
    fields: tuple[tuple[str, str], ...]
    annotations: tuple[Opinion, ...]
    classes: tuple[tuple[str, float], ...]
    reasons: tuple[Reason, ...]
    members: tuple[Other, ...]
    nearest: tuple[Other, ...]
    opinions: tuple[Opinion, ...]
    requests: tuple[Request, ...] = ()

    @property
    def suggestion(self) -> str | None:
        """The label that a check suggests; for an unlabelled example else the most probable one."""
        suggested = next((r.suggested_label for r in self.reasons if r.suggested_label not in (None, self.label)), None)
        if suggested is None and self.label is None and self.classes:
            return self.classes[0][0]
        return suggested

    @property
    def is_split(self) -> bool:
        """Whether two annotators or more labelled it and the label in use has no more than half of them."""
        agree = sum(said.label == self.label for said in self.annotations)
        return len(self.annotations) >= 2 and 2 * agree <= len(self.annotations)

    def is_labelled_by(self, name: str) -> bool:
        """Whether this person is one of the annotators, capitals and outer space aside."""
        return bool(name.strip()) and name.strip().casefold() in {
            said.who.strip().casefold() for said in self.annotations
        }

    def probability(self, label: str | None) -> float | None:
        """The out-of-sample probability of a label."""
        return dict(self.classes).get(label) if label is not None else None


def case(store: Store, example_id: str) -> Case:
    """Everything about one example. Raises NoSuchThing when the dataset has no such example."""
    found = store.rows(
        "SELECT row_number, text, label, split, happened_at FROM examples WHERE example_id = ?",
        [example_id],
    )
    if not found:
        raise NoSuchThing(f"There is no example {example_id!r} in {store.name!r}.", "Go on with the queue.")
    row_number, text, label, split, happened_at = found[0]
    reasons = _reasons(store, example_id)
    nearest = _nearest(store, example_id)
    return Case(
        example_id=example_id,
        row_number=row_number,
        text=text,
        label=label,
        split=split,
        happened_at=happened_at,
        fields=_fields(store, row_number),
        annotations=tuple(
            Opinion(who, label)
            for who, label in store.rows(
                "SELECT annotator, label FROM annotations WHERE example_id = ? ORDER BY annotator, label", [example_id]
            )
        ),
        classes=_classes(store, example_id),
        reasons=reasons,
        members=_members(store, example_id, reasons, nearest),
        nearest=nearest,
        opinions=_opinions(store, example_id),
        requests=requests(store, example_id),
    )


def common_length(store: Store) -> int:
    """Characters that nine of ten texts do not exceed; 0 without texts."""
    return round(store.value("SELECT quantile_cont(length(text), 0.9) FROM examples") or 0)


def common_labels_length(store: Store) -> int:
    """Characters of the names of an example's annotators and their labels; nine of ten have no more; 0 without."""
    found = store.value(
        "SELECT quantile_cont(n, 0.9) FROM"
        " (SELECT sum(length(annotator) + 2) + count(DISTINCT label) * (max(length(label)) + 9) AS n"
        " FROM annotations GROUP BY example_id)"
    )
    return round(found or 0)


def _fields(store: Store, row_number: int) -> tuple[tuple[str, str], ...]:
    roles = store.roles()
    shown_elsewhere = {*roles.text, roles.label, roles.id}
    columns = [column for column in store.columns() if column.position not in shown_elsewhere]
    if not columns:
        return ()
    names = ", ".join(f"c{column.position}" for column in columns)
    cells = store.rows(f"SELECT {names} FROM source WHERE row_number = ?", [row_number])
    return tuple((c.title, cell) for c, cell in zip(columns, cells[0], strict=True) if cell) if cells else ()


def _classes(store: Store, example_id: str) -> tuple[tuple[str, float], ...]:
    probabilities = store.value("SELECT probabilities FROM predictions WHERE example_id = ?", [example_id])
    names: list[str] = json.loads(store.meta("signal.predictions.detail") or "{}").get("classes", [])
    if probabilities is None or len(names) != len(probabilities):
        return ()
    return tuple(sorted(zip(names, probabilities, strict=True), key=lambda pair: (-pair[1], pair[0])))


def _reasons(store: Store, example_id: str) -> tuple[Reason, ...]:
    rows = store.rows(
        "SELECT check_name, severity, message, suggested_label, members FROM issues"
        " WHERE subject = 'example' AND subject_id = ?"
        " ORDER BY suggested_label IS NULL, check_name",
        [example_id],
    )
    return tuple(
        Reason(name, severity, message, label, tuple(members)) for name, severity, message, label, members in rows
    )


def _nearest(store: Store, example_id: str) -> tuple[Other, ...]:
    rows = store.rows(
        f"""
        SELECT e.example_id, n.similarity, e.label, left(e.text, {_TEXT})
        FROM (SELECT unnest(members[:{NEAREST}]) AS example_id, unnest(similarity[:{NEAREST}]) AS similarity,
                     generate_subscripts(members[:{NEAREST}], 1) AS place
              FROM neighbours WHERE example_id = ?) n
        JOIN examples e USING (example_id) ORDER BY n.place
        """,
        [example_id],
    )
    return tuple(Other(*row) for row in rows)


def _members(
    store: Store, example_id: str, reasons: tuple[Reason, ...], nearest: tuple[Other, ...]
) -> tuple[Other, ...]:
    """The examples that checks point at, with their similarity where they are among the nearest."""
    wanted = list(dict.fromkeys(m for reason in reasons for m in reason.members if m != example_id))[:NEAREST]
    if not wanted:
        return ()
    rows = store.rows(
        f"SELECT example_id, label, left(text, {_TEXT}) FROM examples WHERE example_id = ANY(?)", [wanted]
    )
    similarity = {other.example_id: other.similarity for other in nearest}
    others = {name: Other(name, similarity.get(name), label, text) for name, label, text in rows}
    return tuple(others[name] for name in wanted if name in others)


def _opinions(store: Store, example_id: str) -> tuple[Opinion, ...]:
    rows = store.rows(
        """
        SELECT reviewer, new_label, action, note, decided_at, coalesce(clause, ''), coalesce(labels, []) FROM (
            SELECT d.*, row_number() OVER (PARTITION BY reviewer ORDER BY sequence DESC) AS latest
            FROM decisions d JOIN examples e USING (example_id, content_hash)
            WHERE d.example_id = ? AND NOT EXISTS (SELECT 1 FROM undos u WHERE u.decision_id = d.decision_id))
        WHERE latest = 1 ORDER BY sequence DESC
        """,
        [example_id],
    )
    return tuple(
        Opinion(who, label, action, note, at, tuple(labels), clause)
        for who, label, action, note, at, clause, labels in rows
    )
