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
        self._latest: list[tuple[str, Any]] = []  # the pairs of the object that ended last
        decoder = json.JSONDecoder(
            object_pairs_hook=self._pairs, parse_int=_Digits, parse_float=_Digits, parse_constant=_Digits
        )
        self._scan = decoder.scan_once  # type: ignore[attr-defined]

    def read(self, text: str, start: int = 0) -> Row:
        """The value that begins at `start` (after any white space).

        Raises json.JSONDecodeError if it is cut off or not JSON, TooDeep beyond the limit.
        """
        self._repeated.clear()
        at = skip_space(text, start)
        value, end = self._value(text, at)
        if not isinstance(value, dict):
            return Row([], end, f"not an object but {text[at:end][:40]}")
        pairs = self._latest if value else []
        if any(isinstance(item, dict | list) for _, item in pairs):
            members = self._members(text, at + 1)
        else:
            members = [Member(key, *_scalar(item)) for key, item in pairs]
        return Row(members, end, self._problem(members))

    def _value(self, text: str, at: int) -> tuple[Any, int]:
        try:
            value, end = self._scan(text, at)
        except StopIteration as stop:
            raise json.JSONDecodeError("a value is missing", text, stop.value) from None
        except RecursionError:
            raise TooDeep from None
        openings = text.count("[", at, end) + text.count("{", at, end)
        if openings > self._depth and levels(value) > self._depth:
            raise TooDeep
        return value, end

    def _members(self, text: str, at: int) -> list[Member]:
        """The members of an object that is known to be whole, with lists and objects as they are written."""
        members: list[Member] = []
        while text[at] != "}":
            key, at = scanstring(text, skip_space(text, at) + 1, True)
            begin = skip_space(text, skip_space(text, at) + 1)
            value, end = self._scan(text, begin)
            if isinstance(value, dict | list):
                members.append(Member(key, None, _one_line(text[begin:end])))
            else:
                members.append(Member(key, *_scalar(value)))
            at = skip_space(text, end)
            if text[at] == ",":
                at = skip_space(text, at + 1)
        return members

    def _pairs(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        self._latest = pairs
        members = dict(pairs)
        if len(members) != len(pairs):
            self._repeated.append(_first_repeated([key for key, _ in pairs]))
        return members

    def _problem(self, members: list[Member]) -> str:
        if self._repeated:
            return f"the key {self._repeated[0][:80]!r} appears twice in one object"
        try:
            "".join([key + (text or verbatim) for key, text, verbatim in members]).encode()
        except UnicodeEncodeError:
            return "holds half of a character pair (a lone surrogate)"
        return ""


class _Digits(str):
    """A number as it is written."""


def _scalar(value: Any) -> tuple[str | None, str]:
    """A string's text, or how any other single value is written."""
    if isinstance(value, _Digits):
        return None, str(value)
    if isinstance(value, str):
        return value, ""
    return None, "null" if value is None else "true" if value else "false"


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
