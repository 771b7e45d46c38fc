"""Labelling guidelines: numbered clauses, what differs between two versions, and which version a label was given under.

A guideline is Markdown. A clause begins at a heading that starts with a number (`## 4.2 Refunds`); where no heading
does, at a line that starts with a number (`3. Refunds`), if these numbers differ; else at every heading, numbered in
order. A clause names the labels that it rules by writing them in backticks, exactly as they are in the data.
"""

import difflib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

_NUMBER = r"\d{1,4}(?:\.\d{1,4})*"
_HEADING = re.compile(r" {0,3}(#{1,6})()(?:[ \t]+(.*))?")
_NUMBERED_HEADING = re.compile(rf" {{0,3}}(#{{1,6}})[ \t]+({_NUMBER})(?:[.):]|(?=[ \t]|$))(.*)")
_NUMBERED_LINE = re.compile(rf"()({_NUMBER}(?=[.)][ \t])|\d{{1,4}}(?:\.\d{{1,4}})+(?=[ \t]))[.)]?[ \t]+(.*)")
_FENCE = re.compile(r" {0,3}(```|~~~)")

Style = Literal["numbered headings", "numbered lines", "headings", "none"]
BEFORE = ""  # the version of a label that is older than every version


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause: its number, unique in the guideline; its title, "" without one; what follows; the names in backticks.

    `text` is all of it as it was written, the line that it begins with included.
    """

    number: str
    title: str
    body: str
    text: str
    named: tuple[str, ...]

    def rules(self, labels: Iterable[str]) -> bool:
        """Whether all of these labels are named."""
        return set(labels) <= set(self.named)


@dataclass(frozen=True, slots=True)
class Difference:
    """One line of a diff: only in the earlier text, only in the later one, or in both; `skipped` lines are left out."""

    change: Literal["removed", "added", "same", "skipped"]
    text: str


@dataclass(frozen=True, slots=True)
class _Start:
    line: int
    depth: int
    number: str
    title: str


def clauses(text: str) -> tuple[Clause, ...]:
    """The clauses of a guideline, in order; what stands before the first is part of none.

    A text without headings and numbers is one clause, 1; an empty one has none. A number that comes again gets its
    count behind it: `4`, then `4 (2)`.
    """
    lines = text.splitlines()
    starts = _starts(lines)[1]
    if not starts:
        whole = text.strip("\n")
        return (Clause("1", "", whole, whole, named(text)),) if whole.strip() else ()
    seen: Counter[str] = Counter()
    found = []
    ends = [*(start.line for start in starts[1:]), len(lines)]
    for start, end in zip(starts, ends, strict=True):
        seen[start.number] += 1
        number = start.number if seen[start.number] == 1 else f"{start.number} ({seen[start.number]})"
        whole, body = ("\n".join(lines[at:end]).strip("\n") for at in (start.line, start.line + 1))
        found.append(Clause(number, start.title, body, whole, named(whole)))
    return tuple(found)


def style_of(text: str) -> Style:
    """What clauses of this text begin with."""
    return _starts(text.splitlines())[0]


def named(text: str) -> tuple[str, ...]:
    """What stands in backticks on one line, each once, in order.

    As in Markdown, a name ends at as many backticks as it began with, and one space at both ends is not part of it.
    """
    return tuple(dict.fromkeys(name for line in text.splitlines() for _, _, name in _spans(line)))


def quoted(text: str) -> str:
    """The text as it is read: what stands in backticks stands in quotation marks."""
    lines = []
    for line in text.splitlines():
        at, said = 0, ""
        for start, end, name in _spans(line):
            said, at = f"{said}{line[at:start]}“{name}”", end
        lines.append(said + line[at:])
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Unnamed:
    """A clause that names no label in backticks, and the labels that it `mentions` without them."""

    number: str
    mentions: tuple[str, ...]


def unnamed(text: str, labels: Collection[str]) -> tuple[Unnamed, ...]:
    """The clauses that name none of these labels in backticks, in order; what is mentioned stands as a word of its own,
    in these very letters."""
    found = []
    for clause in clauses(text):
        if set(clause.named) & set(labels):
            continue
        mentions = (label for label in labels if label.strip() and _mentions(clause.text, label))
        found.append(Unnamed(clause.number, tuple(mentions)))
    return tuple(found)


def in_backticks(label: str) -> str:
    """The label as a clause must name it, also where it holds backticks itself."""
    ticks = "`" * (max((len(run) for run in re.findall("`+", label)), default=0) + 1)
    room = " " if label[:1] in ("`", " ") or label[-1:] in ("`", " ") else ""
    return f"{ticks}{room}{label}{room}{ticks}"


def about(found: Sequence[Clause], labels: Collection[str]) -> tuple[Clause, ...]:
    """The clauses that name at least one of these labels: those that name most first, ties in order."""
    counted = [(len(set(clause.named) & set(labels)), clause) for clause in found]
    return tuple(clause for count, clause in sorted(counted, key=lambda pair: -pair[0]) if count)


def with_clause(text: str, title: str, body: str) -> str:
    """The text with one more clause at its end, which begins in the way the others do and has the next number."""
    style = style_of(text)
    if style == "headings":
        depth = min(start.depth for start in _starts(text.splitlines())[1])
        return f"{text.rstrip()}\n\n{'#' * depth} {title}\n{body}\n"
    if style == "none":
        start = f"## 1\n{text.strip()}\n\n" if text.strip() else ""
        return f"{start}## {2 if start else 1} {title}\n{body}\n"
    number = 1 + max(int(re.split(r"\D", clause.number)[0]) for clause in clauses(text))
    begin = f"{number}." if style == "numbered lines" else f"## {number}"
    return f"{text.rstrip()}\n\n{begin} {title}\n{body}\n"


def draft(text: str, first: str, second: str, decided: Sequence[tuple[str, str, str, str]]) -> str:
    """The text with a clause about two labels at its end: what is to be filled in, and what was `decided` already.

    `decided` are label ("" where both were said to be right), text, example id and note of adjudicated examples. The
    same input gives the same draft.
    """
    one, other = in_backticks(first), in_backticks(second)
    lines = [f"Give {one} when … . Give {other} when … . If both fit, give … ."]
    if decided:
        lines.append("Decided so far:")
    for label, said, example_id, note in decided:
        quoted, why = (" ".join(part.replace("`", "'").split()) for part in (said, note))
        source = " ".join(example_id.replace("`", "'").split())
        lines.append(f"- {in_backticks(label) if label else 'both'}: “{quoted}” ({source}){f' – {why}' if why else ''}")
    return with_clause(text, f"{one} or {other}", "\n".join(lines))


def citation(version: str, number: str) -> str:
    """What a decision says that cites a clause; numbers mean something within a version only."""
    return f"{number} ({version})"


def no_clause(version: str) -> str:
    """What a decision says for which the guideline has no clause: a gap."""
    return f"none ({version})"


def difference(before: str, after: str, around: int = 2) -> tuple[Difference, ...]:
    """What changed, line by line, with `around` unchanged lines beside each change; () for equal texts."""
    first, second = before.splitlines(), after.splitlines()
    found: list[Difference] = []
    for number, group in enumerate(difflib.SequenceMatcher(a=first, b=second).get_grouped_opcodes(around)):
        if number:
            found.append(Difference("skipped", ""))
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                found += [Difference("same", line) for line in first[i1:i2]]
            else:
                found += [Difference("removed", line) for line in first[i1:i2]]
                found += [Difference("added", line) for line in second[j1:j2]]
    return tuple(found)


def changed_clauses(before: str, after: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Numbers of the clauses that are new, gone and reworded, each in the order of its text; spacing does not count."""
    old = {clause.number: clause.text.split() for clause in clauses(before)}
    new = {clause.number: clause.text.split() for clause in clauses(after)}
    return (
        tuple(number for number in new if number not in old),
        tuple(number for number in old if number not in new),
        tuple(number for number, words in new.items() if number in old and old[number] != words),
    )


def in_force(annotations: pd.DataFrame, versions: Sequence[str], since: Sequence[str]) -> np.ndarray:
    """The version that each label was given under, object (n,): text, BEFORE or None.

    `annotations` has `annotated_at` and `guideline_version`, both text or missing; `versions` were in force from
    `since` (ISO moments, ascending) on. What the column says holds; else the latest version that existed when the label
    was given, BEFORE where none did, and None without a date, an intelligible one, or any version.
    """
    column = annotations["guideline_version"].astype(object)
    stated = column.where(column.notna() & column.ne(""), None).to_numpy(dtype=object, copy=True)
    missing = np.array([value is None for value in stated], dtype=bool)
    if not len(versions) or not missing.any():
        return stated
    at = pd.to_datetime(annotations["annotated_at"].astype(object), errors="coerce", utc=True, format="mixed")
    starts = pd.to_datetime(pd.Series(list(since), dtype=object), utc=True, format="ISO8601")
    known = at.notna().to_numpy() & missing
    place = np.searchsorted(_seconds(starts), _seconds(at)[known], side="right")
    stated[known] = np.array([BEFORE, *versions], dtype=object)[place]
    return stated


def in_order(found: Iterable[str], versions: Sequence[str]) -> list[str]:
    """Versions from early to late: BEFORE first; names as people count them (v2 before v10), those written here in
    the order of coming into force, as `versions` has them, wherever all are known."""
    names = set(found)
    known = {version: place for place, version in enumerate(versions)}
    if names - {BEFORE} <= set(known):
        return sorted(names, key=lambda name: known.get(name, -1))
    return sorted(names, key=_counted)


def _counted(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isascii() and part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]


def _seconds(moments: pd.Series) -> np.ndarray:
    return moments.to_numpy(dtype="datetime64[us]").astype(np.int64)


def _starts(lines: Sequence[str]) -> tuple[Style, list[_Start]]:
    """Where clauses begin, and by which of the three rules."""
    outside = list(_outside_fences(lines))
    numbered = _matching(_NUMBERED_HEADING, outside)
    if numbered:
        return "numbered headings", numbered
    listed = _matching(_NUMBERED_LINE, outside)
    if listed and len({start.number for start in listed}) == len(listed):
        return "numbered lines", listed
    headings = _matching(_HEADING, outside)
    return ("headings", _count(headings)) if headings else ("none", [])


def _matching(pattern: re.Pattern[str], lines: Iterable[tuple[int, str]]) -> list[_Start]:
    matches = ((number, pattern.fullmatch(line.rstrip())) for number, line in lines)
    return [_Start(number, len(match[1]), match[2], _title(match[3] or "")) for number, match in matches if match]


def _title(said: str) -> str:
    """A heading may end in number signs of its own; `C#` does not."""
    said = said.strip()
    bare = said.rstrip("#")
    return bare.rstrip() if bare[-1:] in ("", " ", "\t") else said


def _mentions(text: str, label: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(label)}(?!\w)", text) is not None


def _spans(line: str) -> Iterable[tuple[int, int, str]]:
    """Where each code span of one line begins and ends, and the name in it; in one pass, however many backticks."""
    runs = [match.span() for match in re.finditer("`+", line)]
    last = {end - start: number for number, (start, end) in enumerate(runs)}
    number = 0
    while number < len(runs):
        length = runs[number][1] - runs[number][0]
        if last[length] > number:
            closing = next(n for n in range(number + 1, len(runs)) if runs[n][1] - runs[n][0] == length)
            name = line[runs[number][1] : runs[closing][0]]
            inner = name[1:-1] if name[0] == name[-1] == " " and name.strip() else name
            yield runs[number][0], runs[closing][1], inner
            number = closing
        number += 1


def _outside_fences(lines: Sequence[str]) -> Iterable[tuple[int, str]]:
    """Lines that are not part of a fenced block, with their positions."""
    fence = ""
    for number, line in enumerate(lines):
        mark = _FENCE.match(line)
        if mark and fence in ("", mark[1]):
            fence = "" if fence else mark[1]
        elif not fence:
            yield number, line


def _count(headings: Sequence[_Start]) -> list[_Start]:
    """Headings with the numbers of an outline. One that stands alone above all the others is the title, no clause."""
    depths = Counter(start.depth for start in headings)
    top = min(depths)
    if len(headings) > 1 and headings[0].depth == top and depths[top] == 1:
        headings = headings[1:]
        top = min(start.depth for start in headings)
    counts: list[int] = []
    found = []
    for start in headings:
        level = start.depth - top
        counts = [*counts[: level + 1], *[0] * (level + 1 - len(counts))]
        counts = [*(max(count, 1) for count in counts[:level]), counts[level] + 1]
        number = ".".join(map(str, counts))
        found.append(_Start(start.line, start.depth, number, start.title))
    return found
