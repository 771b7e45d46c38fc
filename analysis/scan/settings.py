"""Settings as a person types them: CHECK.ARG=VALUE, read by the type of what the setting is otherwise."""

import math
from collections.abc import Sequence
from typing import Any

from analysis.checks import all_checks
from analysis.errors import UserError
from analysis.scan.run import SIGNAL_SETTINGS, choose

_TRUTH = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
_WORDS = {bool: "true or false", int: "a whole number", float: "a number"}


def parse_settings(typed: Sequence[str]) -> dict[str, dict[str, Any]]:
    """`["near_duplicate.max_distance=0.1"]` → `{"near_duplicate": {"max_distance": 0.1}}`; "signals" is allowed too.

    Lists are typed with commas between. Raises UserError for a setting that does not exist or a value of another type.
    """
    settings: dict[str, dict[str, Any]] = {}
    for text in typed:
        target, equals, value = text.partition("=")
        check, dot, setting = target.strip().partition(".")
        if not (equals and dot and check and setting):
            raise UserError(f"{text[:80]!r} sets nothing.", "Write CHECK.ARG=VALUE, such as signals.map=false.")
        choose(None, {check: {setting: value}})
        settings.setdefault(check, {})[setting] = _value(f"{check}.{setting}", value.strip(), _default(check, setting))
    return settings


def typed(value: Any) -> str:
    """A setting's value as a person types it."""
    if isinstance(value, tuple | list):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _default(check: str, setting: str) -> Any:
    if check == "signals":
        return SIGNAL_SETTINGS[setting]
    return next(each.settings[setting] for each in all_checks() if each.name == check)


def _value(name: str, text: str, default: Any) -> Any:
    if isinstance(default, tuple | list):
        return tuple(part for part in (piece.strip() for piece in text.split(",")) if part)
    kind = type(default)
    if kind is bool and text.lower() in _TRUTH:
        return _TRUTH[text.lower()]
    if kind in (int, float):
        try:
            number = kind(text)
        except ValueError:
            number = math.nan
        if math.isfinite(number):
            return number
    elif kind is not bool:
        return text
    raise UserError(
        f"{name} is {_WORDS[kind]}, not {text[:80]!r}.",
        f"Unless you set it, it is {typed(default)}.",
    )
