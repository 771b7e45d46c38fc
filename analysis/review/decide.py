"""Deciding about examples, and taking the latest decision back. Both return only after the journal holds the act."""

import math
import threading
import unicodedata
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from analysis.errors import NoSuchThing, NotSaved
from analysis.schema import ACTIONS, Action, Decision, Undo
from analysis.store import Store

_SHOWN = 3  # examples that an error names
_ONE_AT_A_TIME = threading.Lock()  # two presses of one button may arrive in two threads at once
_UNSEEN = ("Cc", "Cs")  # control characters and halves of characters
_NAMES = [field.name for field in fields(Decision) if field.init]


@dataclass(frozen=True, slots=True)
class Choice:
    """What is chosen for one example, and the check that led to it.

    `new_label` goes with "relabel", `labels` (two or more) with "several".
    """

    example_id: str
    action: Action
    new_label: str | None = None
    labels: tuple[str, ...] = ()
    check_name: str | None = None


def decide(  # noqa: PLR0913 – one keyword for each thing that the journal keeps about a decision
    store: Store,
    example_ids: Sequence[str],
    action: Action,
    *,
    reviewer: str,
    new_label: str | None = None,
    labels: Sequence[str] = (),
    note: str = "",
    check_name: str | None = None,
    clause: str | None = None,
    seconds: float | None = None,
    decision_ids: Sequence[str] | None = None,
) -> list[Decision]:
    """Record one act on one or several examples, all of them or none, and return what now stands in the journal.

    Several examples share a batch id, so that one undo takes all of them back. To relabel an example to the label that
    it has is to keep it; of several right labels the one that it has comes first. `seconds` is the time the reviewer
    took; `decision_ids`, one per example, are made by whoever asks: an id that is known already stays what it is, so
    that asking twice changes nothing.
    Raises NoSuchThing for an unknown example, and NotSaved when the act makes no sense or the disk refuses.
    """
    ids = list(dict.fromkeys(example_ids))
    return decide_each(
        store,
        [Choice(example_id, action, new_label, tuple(labels), check_name) for example_id in ids],
        reviewer=reviewer,
        note=note,
        clause=clause,
        seconds=seconds,
        decision_ids=decision_ids,
    )


def decide_each(
    store: Store,
    choices: Sequence[Choice],
    *,
    reviewer: str,
    note: str = "",
    clause: str | None = None,
    seconds: float | None = None,
    decision_ids: Sequence[str] | None = None,
) -> list[Decision]:
    """Record a choice of its own for each of different examples, together: as `decide` in all else."""
    name = _name(reviewer)
    meant = {asked: _labels(store, *asked) for asked in {(c.action, c.new_label, c.labels) for c in choices}}
    known = _examples(store, [choice.example_id for choice in choices])
    unlabelled = [c.example_id for c in choices if c.action == "keep" and known[c.example_id][1] is None]
    if unlabelled:
        raise NotSaved(
            f"Not saved: {_listed(unlabelled)} has no label to keep.", "Give it a label, drop it, or say unsure."
        )
    acts = _act_ids(decision_ids, len(choices))
    batch_id = acts[0] if len(choices) > 1 else None
    now, said, cited, took = datetime.now(UTC).isoformat(), clean(note), clean(clause or "") or None, _seconds(seconds)
    decisions = []
    for act_id, choice in zip(acts, choices, strict=True):
        content, given = known[choice.example_id]
        labels = meant[choice.action, choice.new_label, choice.labels]
        several = choice.action == "several"
        decisions.append(
            Decision(
                decision_id=act_id,
                example_id=choice.example_id,
                content_hash=content,
                action="keep" if labels and given in labels and not several else choice.action,
                new_label=None if given in labels else next(iter(labels), None),
                reviewer=name,
                decided_at=now,
                check_name=choice.check_name,
                note=said,
                clause=cited,
                seconds=took,
                batch_id=batch_id,
                labels=tuple(sorted(labels, key=lambda label: label != given)) if several else (),
            )
        )
    with _ONE_AT_A_TIME:
        earlier = _recorded(store, acts) if decision_ids else {}
        new = [decision for decision in decisions if decision.decision_id not in earlier]
        if new:
            store.record(new)
    return [earlier.get(decision.decision_id, decision) for decision in decisions]


def undo_last(store: Store, reviewer: str, *, expected: str | None = None) -> list[Undo]:
    """Take back this reviewer's latest decision that still counts, the whole batch if it was one; [] if there is none.

    `expected` is the decision that the reviewer was shown as the latest: when it is not the latest any more (a second
    click, another tab), nothing happens.
    """
    name = _name(reviewer)
    with _ONE_AT_A_TIME:
        latest = latest_decision(store, name)
        if latest is None or (expected is not None and latest.decision_id != expected):
            return []
        together = store.rows(
            "SELECT decision_id FROM decisions d WHERE reviewer = ? AND (decision_id = ? OR batch_id = ?)"
            " AND NOT EXISTS (SELECT 1 FROM undos u WHERE u.decision_id = d.decision_id) ORDER BY sequence",
            [name, latest.decision_id, latest.batch_id],
        )
        now = datetime.now(UTC).isoformat()
        undos = [Undo(str(uuid.uuid4()), decision_id, name, now) for (decision_id,) in together]
        store.record(undos)
    return undos


def latest_decision(store: Store, reviewer: str) -> Decision | None:
    """The decision that `undo_last` would take back, with the rest of its batch."""
    found = store.rows(
        f"SELECT {_columns()} FROM decisions d WHERE reviewer = ? AND NOT EXISTS"
        " (SELECT 1 FROM undos u WHERE u.decision_id = d.decision_id) ORDER BY sequence DESC LIMIT 1",
        [reviewer],
    )
    return _as_decision(found[0]) if found else None


def decided_together(store: Store, decision: Decision) -> int:
    """How many decisions one undo of this one takes back."""
    if decision.batch_id is None:
        return 1
    count: int = store.value(
        "SELECT count(*) FROM decisions d WHERE batch_id = ? AND NOT EXISTS"
        " (SELECT 1 FROM undos u WHERE u.decision_id = d.decision_id)",
        [decision.batch_id],
    )
    return count


def clean(text: str) -> str:
    """What a person typed, without control characters, halves of characters and outer space; line breaks stay."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in _UNSEEN).strip()


def _name(reviewer: str) -> str:
    name = " ".join(clean(reviewer).split())
    if not name:
        raise NotSaved("Not saved: nobody is named as the reviewer.", "Give your name (--reviewer, or in the sidebar).")
    return name


def _labels(store: Store, action: Action, new_label: str | None, labels: tuple[str, ...]) -> tuple[str, ...]:
    """The labels that the act gives, each once: one to relabel, two or more for several, else none."""
    if action not in ACTIONS:
        raise NotSaved(f"Not saved: there is no action {action!r}.", f"Choose one of {', '.join(ACTIONS)}.")
    given = labels if new_label is None else (new_label, *labels)
    if action == "several":
        found = tuple(dict.fromkeys(_label(store, label, action) for label in given))
        if len(found) < 2:
            raise NotSaved(
                f"Not saved: several needs two different labels or more, got {len(found)}.",
                "Name each of them (--to A --to B, or choose them on the page), or relabel to the one.",
            )
        return found
    if action == "relabel":
        if len(given) > 1:
            raise NotSaved(
                f"Not saved: relabel takes one label, got {len(given)}.", "Where all of them are right, say several."
            )
        return (_label(store, given[0] if given else None, action),)
    if given:
        raise NotSaved(f"Not saved: {action} takes no label, got {given[0]!r}.", "Use relabel to change a label.")
    return ()


def _label(store: Store, new_label: str | None, action: Action) -> str:
    """A label to give: one of the dataset's exactly as it is, else a new one cleaned."""
    if new_label is None or not clean(new_label):
        raise NotSaved(f"Not saved: {action} needs a label.", "Name the label (--to LABEL, or choose one on the page).")
    if any("\ud800" <= character <= "\udfff" for character in new_label):
        raise NotSaved(f"Not saved: the label {new_label!r} holds half a character.", "Type the label again.")
    if store.value("SELECT 1 FROM examples WHERE label = ? LIMIT 1", [new_label]):
        return new_label
    return " ".join(clean(new_label).split())


def _examples(store: Store, ids: Sequence[str]) -> dict[str, tuple[str, str | None]]:
    """Content hash and label of each example."""
    if not ids:
        raise NotSaved("Not saved: no example was chosen.", "Choose at least one example.")
    asked = [example_id for example_id in ids if not any("\ud800" <= c <= "\udfff" for c in example_id)]
    rows = store.rows("SELECT example_id, content_hash, label FROM examples WHERE example_id = ANY(?)", [asked])
    known = {example_id: (content, label) for example_id, content, label in rows}
    missing = [example_id for example_id in ids if example_id not in known]
    if missing:
        raise NoSuchThing(
            f"There is no example {_listed(missing)} in {store.name!r}.",
            "Example ids are in the id column of the file, else r1, r2, … by row.",
        )
    return known


def _listed(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - _SHOWN:,} more" if len(ids) > _SHOWN else ""
    return ", ".join(repr(example_id) for example_id in ids[:_SHOWN]) + more


def _act_ids(given: Sequence[str] | None, count: int) -> list[str]:
    if given is None:
        return [str(uuid.uuid4()) for _ in range(count)]
    if len(set(given)) != count:
        raise ValueError(f"{count} examples need {count} different decision ids, got {len(set(given))}")
    return list(given)


def _seconds(seconds: float | None) -> float | None:
    """A clock that was set back says nothing about the reviewer."""
    return seconds if seconds is not None and math.isfinite(seconds) and seconds >= 0 else None


def _recorded(store: Store, ids: Sequence[str]) -> dict[str, Decision]:
    rows = store.rows(f"SELECT {_columns()} FROM decisions WHERE decision_id = ANY(?)", [list(ids)])
    return {row[0]: _as_decision(row) for row in rows}


def _as_decision(row: Sequence[Any]) -> Decision:
    values = dict(zip(_NAMES, row, strict=True))
    return Decision(**{**values, "labels": tuple(values["labels"] or ())})


def _columns() -> str:
    """The columns of a decision in the order of the dataclass; the moment as text, as the journal has it."""
    return ", ".join(
        "strftime(decided_at, '%Y-%m-%dT%H:%M:%S.%f+00:00') AS decided_at" if name == "decided_at" else name
        for name in _NAMES
    )
