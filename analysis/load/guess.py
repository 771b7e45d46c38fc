"""A first guess at the roles, from the columns' names and a sample of their cells. The person may change all of it."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from analysis.load.cells import plain
from analysis.load.options import ReadFile
from analysis.schema import Column, Roles

_PIECES, _PIECE = 20, 100  # the sample: so many stretches of so many rows, spread over the file
_WHO = {"annotator", "worker", "rater", "coder", "labeler", "labeller", "judge", "reviewer", "expert", "ann"}
_QUESTIONS = {
    "q",
    "question",
    "item",
    "criterion",
    "aspect",
    "feature",
    "option",
    "choice",
    "answer",
    "level",
    "column",
}
_ENOUGH_ALIKE = 3  # numbered columns that share their values: fewer may be anything
_SPLITS = {"train", "training", "test", "testing", "val", "valid", "validation", "dev", "eval", "holdout", "unlabelled"}
_IDS = {"id", "ids", "uid", "uuid", "guid"}
_TIMES = {"date", "time", "timestamp", "datetime", "day", "when", "at", "on", "created", "updated"}
_TIME = re.compile(r"\d{4}-\d\d-\d\d.*|\d{1,2}[./]\d{1,2}[./]\d{2,4}.*|\d{10}|\d{13}", re.DOTALL)
_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?")
_TEXT_GROUPS = (
    ("premise", "hypothesis"), ("sentence 1", "sentence 2"), ("question 1", "question 2"), ("text 1", "text 2"),
    ("text a", "text b"), ("sentence a", "sentence b"), ("instruction", "input", "response 1", "response 2"),
    ("instruction", "input"), ("prompt", "response"), ("question", "context"), ("question", "passage"),
    ("title", "text"), ("title", "body"), ("subject", "body"), ("subject", "message"),
)  # fmt: skip
_TEXT_NAMES = (
    "text", "message", "utterance", "note", "sentence", "tweet", "post", "review", "body", "content", "document",
    "question", "query", "prompt", "instruction", "transcript", "comment", "title", "headline", "description",
    "context", "passage", "input", "summary", "abstract",
)  # fmt: skip
_LABEL_NAMES = (
    "label", "intent", "class", "category", "target", "sentiment", "topic", "tag", "emotion", "annotation",
    "verdict",
)  # fmt: skip
_SECOND_HAND = {"true", "gold", "correct", "predicted", "pred", "guessed", "final", "old", "original", "error", "id",
                "prob", "probs", "score", "confidence", "count", "votes"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Seen:
    """One column as the guess sees it: the words of its name and the filled cells of the sample."""

    column: Column
    words: tuple[str, ...]
    values: list[str]

    @property
    def position(self) -> int:
        return self.column.position

    @property
    def distinct(self) -> int:
        return len(set(self.values))

    @property
    def length(self) -> float:
        return sum(map(len, self.values)) / max(len(self.values), 1)

    @property
    def is_number(self) -> bool:
        return bool(self.values) and all(_NUMBER.fullmatch(value) for value in self.values[:200])

    @property
    def is_flag(self) -> bool:
        return {value.casefold() for value in self.values} <= {"true", "false", "0", "1"}

    @property
    def is_numbered(self) -> bool:
        """Whether its name is a word and a number, as of one of several people, and not of one of several questions."""
        return len(self.words) == 2 and self.words[1].isdecimal() and self.words[0] not in _QUESTIONS

    @property
    def is_yes_or_no(self) -> bool:
        return self.is_flag or {value.casefold() for value in self.values} <= {"yes", "no", "y", "n"}

    @property
    def repeats(self) -> bool:
        """Whether the values come back as labels do."""
        return 0 < self.distinct <= max(2, len(self.values) // 2)


def guess_roles(found: ReadFile) -> Roles:
    """The likeliest roles; every file gets a text column. Ties go to the column further left."""
    columns = _sample(found)
    free = {seen.position: seen for seen in columns}

    def take(seen: _Seen | None) -> int | None:
        if seen is not None:
            free.pop(seen.position, None)
        return None if seen is None else seen.position

    wide = _wide(columns)
    for seen in wide:
        take(seen)
    who = None if wide else _first(free.values(), _names_people)
    annotator = take(who)
    split = take(_split(list(free.values())))
    guideline = take(_first(free.values(), lambda s: bool({"guideline", "guidelines"} & set(s.words))))
    timestamp = take(_first(free.values(), _is_time))
    text = _text(list(free.values()))
    for seen in text:
        take(seen)
    label = take(_label(list(free.values()), by_contents=not wide and len(text) > 0))
    identity = take(_identity(list(free.values()), found, unique=annotator is None))
    if not text:
        text = [_longest(list(free.values())) or _last_resort(columns, identity, label)]
        used = text[0].position
        identity, label, annotator = (None if role == used else role for role in (identity, label, annotator))
        split, timestamp, guideline = (None if role == used else role for role in (split, timestamp, guideline))
    return Roles(
        text=tuple(seen.position for seen in text),
        id=identity,
        label=label,
        split=split,
        annotator=annotator if label is not None else None,
        annotators=tuple(seen.position for seen in wide if seen not in text),
        timestamp=timestamp,
        guideline=guideline,
    )


def _sample(found: ReadFile) -> list[_Seen]:
    rows = found.cells.num_rows
    starts = sorted({max(0, (rows - _PIECE) * i // (_PIECES - 1)) for i in range(_PIECES)})
    cells = pa.concat_tables([found.cells.slice(start, _PIECE) for start in starts]) if rows > _PIECE else found.cells
    columns = []
    for column in found.columns:
        values = (plain(cell, column.kind) for cell in cells.column(column.position).to_pylist())
        columns.append(_Seen(column, _words(column.name), [value for value in values if value]))
    return columns


def _words(name: str) -> tuple[str, ...]:
    """The words of a name: `givenLabel_asym05` → given, label, asym, 05."""
    return tuple(part.lower() for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+", name))


def _first(columns: Iterable[_Seen], test: Callable[[_Seen], bool]) -> _Seen | None:
    return next((seen for seen in columns if test(seen)), None)


def _names_people(seen: _Seen) -> bool:
    """`annotator`, `worker_id`: names that come back, one of them in every row."""
    is_name = bool(seen.words) and seen.words[0] in _WHO and set(seen.words[1:]) <= {"id", "name"}
    return is_name and seen.length < 80 and (seen.repeats or len(seen.values) < 10)


def _wide(columns: Sequence[_Seen]) -> list[_Seen]:
    """Columns such as annotator_1, label_ada, rater_b that share one set of values; empty when there are none.

    Three and more that are numbered, as W000 to W163, count too where their values are neither numbers nor yes/no.
    """
    groups: dict[str, list[_Seen]] = {}
    numbered: dict[str, list[_Seen]] = {}
    for seen in columns:
        if len(seen.words) > 1 and seen.words[0] in _WHO | {"label"} and seen.words[-1] not in _SECOND_HAND | {"name"}:
            groups.setdefault(seen.words[0], []).append(seen)
        elif seen.is_numbered and not (seen.is_number or seen.is_yes_or_no):
            numbered.setdefault(seen.words[0], []).append(seen)
    groups |= {start: group for start, group in numbered.items() if len(group) >= _ENOUGH_ALIKE}
    for start, group in groups.items():
        group = [seen for seen in group if seen.repeats or 0 < len(seen.values) < 10]
        values = [set(seen.values) for seen in group]
        shared = all(len(one & values[0]) * 2 >= min(len(one), len(values[0])) for one in values)
        if len(group) > 1 and shared and not (start == "label" and all(seen.is_flag for seen in group)):
            return group
    return []


def _split(columns: Sequence[_Seen]) -> _Seen | None:
    by_values = _first(columns, lambda s: bool(s.values) and {v.casefold() for v in s.values} <= _SPLITS)
    return by_values or _first(columns, lambda s: s.words in (("split",), ("fold",), ("partition",)) and s.repeats)


def _is_time(seen: _Seen) -> bool:
    if seen.column.kind.startswith(("arrow:timestamp", "arrow:date")):
        return True
    return bool(_TIMES & set(seen.words)) and bool(seen.values) and all(_TIME.fullmatch(v) for v in seen.values[:200])


def _text(columns: Sequence[_Seen]) -> list[_Seen]:
    """By name where a name says so and the cells are not numbers; else the longest free text."""
    wordy = [s for s in columns if s.values and not (s.is_number or _is_time(s) or _IDS & set(s.words))]
    named = {" ".join(seen.words): seen for seen in reversed(wordy)}
    for group in _TEXT_GROUPS:
        if all(name in named for name in group):
            return [named[name] for name in group]
    for name in _TEXT_NAMES:
        matching = [seen for seen in wordy if name in seen.words or f"{name}s" in seen.words]
        if matching:
            return [max(matching, key=lambda seen: (seen.words == (name,), seen.length))]
    free = [seen for seen in wordy if not seen.repeats and not _label_name(seen) and seen.length >= 15]
    return [max(free, key=lambda seen: seen.length)] if free else []


def _longest(columns: Sequence[_Seen]) -> _Seen | None:
    wordy = [seen for seen in columns if seen.values and not (seen.is_number or seen.repeats or _is_time(seen))]
    return max(wordy, key=lambda seen: seen.length, default=None)


def _last_resort(columns: Sequence[_Seen], *taken: int | None) -> _Seen:
    """What tells the rows apart: the id if there is one, else the first column that is not taken, else the first."""
    ranked = [seen for seen in columns if seen.position == taken[0]]
    ranked += [seen for seen in columns if seen.position not in taken and seen.words[:1] != ("annotator",)]
    return [*ranked, *columns][0]


def _label_name(seen: _Seen) -> str | None:
    return next((name for name in _LABEL_NAMES for word in seen.words if word in (name, f"{name}s", f"{name}es")), None)


def _label(columns: Sequence[_Seen], *, by_contents: bool) -> _Seen | None:
    """By name: `label`, then `given_label…`, then intent, class …, then `true_label`; else few values that repeat."""
    named = [s for s in columns if _label_name(s) and s.values and s.words[0] not in ("is", "has", "n", "num")]
    named = [s for s in named if s.repeats or s.distinct <= 20 or _label_name(s) == s.words[-1]]

    def rank(seen: _Seen) -> tuple[int, bool, int]:
        name = _label_name(seen) or ""
        alone, doubtful = seen.words in ((name,), (f"{name}s",)), bool(_SECOND_HAND & set(seen.words))
        tier = (0 if alone else 1) if name == "label" and not doubtful else 2 if alone else 3 if name == "label" else 4
        return tier, seen.words[0] != "given", _LABEL_NAMES.index(name)

    if named:
        return min(named, key=rank)
    few = [s for s in columns if by_contents and s.repeats and 2 <= s.distinct <= 50 and len(s.values) >= 10]
    few = [s for s in few if not (s.is_number or s.is_flag or _is_time(s)) and s.length < 50]
    return few[-1] if few else None


def _identity(columns: Sequence[_Seen], found: ReadFile, *, unique: bool) -> _Seen | None:
    """A column called id, or ending so, whose values are all there and – one row an example – all different."""
    named = [s for s in columns if s.words and (s.words[-1] in _IDS or s.words in (("key",), ("index",)))]
    for seen in sorted(named, key=lambda s: (len(s.words), s.position)):
        cells = found.cells.column(seen.position)
        if not cells.null_count and (not unique or pc.count_distinct(cells).as_py() == len(cells)):
            return seen
    return None
