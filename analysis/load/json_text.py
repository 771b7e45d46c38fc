"""JSON objects, one at a time and verbatim: what a value says, and the very characters that say it."""

import json
import re
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any, NamedTuple

_SPACE = re.compile(r"[ \t\n\r]*")
_BETWEEN = re.compile(r'("(?:[^"\\]|\\.)*")|[\t\n\r]+ *', re.DOTALL)


class Member(NamedTuple):
    """One key of an object. `text` is the string that it holds, or None where it holds anything else; then `verbatim`
    is the value as it is written, on one line."""

    key: str
    text: str | None
    verbatim: str


class Row(NamedTuple):
    """One value of the file: the members if it is an object, where it ends, and why it cannot be kept, if so."""

    members: list[Member]
    end: int
    problem: str = ""


class TooDeep(ValueError):
    """Nested deeper than the limit."""


class ObjectReader:
    """Reads objects out of a text. Digits stay text: a 6,000-digit number is neither parsed nor rounded."""

    def __init__(self, depth: int) -> None:
        self._depth = depth
        self._repeated: list[str] = []
        decoder = json.JSONDecoder(object_pairs_hook=self._pairs, parse_int=str, parse_float=str, parse_constant=str)
        self._scan = decoder.scan_once  # type: ignore[attr-defined]

    def read(self, text: str, start: int = 0) -> Row:
        """The value that begins at `start` (after any white space).

        Raises json.JSONDecodeError if it is cut off or not JSON, TooDeep beyond the limit.
        """
        self._repeated.clear()
        at = skip_space(text, start)
        if text[at : at + 1] != "{":
            _, end = self._value(text, at)
            return Row([], end, f"not an object but {text[at:end][:40]}")
        members, end = self._members(text, at + 1)
        return Row(members, end, self._problem(members))

    def _members(self, text: str, at: int) -> tuple[list[Member], int]:
        members: list[Member] = []
        at = skip_space(text, at)
        if text[at : at + 1] == "}":
            return members, at + 1
        while True:
            if text[at : at + 1] != '"':
                raise json.JSONDecodeError("a key in double quotes is missing", text, at)
            key, at = scanstring(text, at + 1, True)
            at = skip_space(text, at)
            if text[at : at + 1] != ":":
                raise json.JSONDecodeError("the colon after a key is missing", text, at)
            begin = skip_space(text, at + 1)
            value, at = self._value(text, begin)
            is_text = text[begin] == '"'
            members.append(Member(key, value if is_text else None, "" if is_text else _one_line(text[begin:at])))
            at = skip_space(text, at)
            sign = text[at : at + 1]
            if sign == "}":
                return members, at + 1
            if sign != ",":
                raise json.JSONDecodeError("a comma between two keys is missing", text, at)
            at = skip_space(text, at + 1)

    def _value(self, text: str, at: int) -> tuple[Any, int]:
        try:
            value, end = self._scan(text, at)
        except StopIteration as stop:
            raise json.JSONDecodeError("a value is missing", text, stop.value) from None
        except RecursionError:
            raise TooDeep from None
        if text[at] in "[{":
            openings = text.count("[", at, end) + text.count("{", at, end)
            if openings >= self._depth and 1 + levels(value) > self._depth:
                raise TooDeep
        return value, end

    def _pairs(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) != len(pairs):
            self._repeated.append(_first_repeated([key for key, _ in pairs]))
        return members

    def _problem(self, members: list[Member]) -> str:
        keys = [member.key for member in members]
        if len(set(keys)) != len(keys):
            self._repeated.append(_first_repeated(keys))
        if self._repeated:
            return f"the key {self._repeated[0][:80]!r} appears twice in one object"
        try:
            for key, text, verbatim in members:
                (key + (text or "") + verbatim).encode()
        except UnicodeEncodeError:
            return f"{key[:80]!r} holds half of a character pair (a lone surrogate)"
        return ""


def skip_space(text: str, at: int) -> int:
    """The first place from `at` on that is not JSON white space."""
    match = _SPACE.match(text, at)
    return match.end() if match else at


def levels(value: Any) -> int:
    """How many lists and objects lie inside each other, counted without recursion; 0 for a scalar."""
    deep = 0
    layer = [value]
    while containers := [inner for inner in layer if isinstance(inner, dict | list)]:
        deep += 1
        layer = [x for inner in containers for x in (inner.values() if isinstance(inner, dict) else inner)]
    return deep


def _first_repeated(keys: list[str]) -> str:
    return next(key for i, key in enumerate(keys) if key in keys[:i])


def _one_line(value: str) -> str:
    """Line breaks between the parts of a value carry no meaning, but would break a file of one object per line."""
    return _BETWEEN.sub(lambda match: match[1] or " ", value) if "\n" in value or "\r" in value else value
