"""What each check finds, needs and can be set to: for a terminal, for machines, and as docs/checks.md."""

import inspect
import json
import re
from collections.abc import Sequence
from typing import Any

from analysis.checks import Check
from analysis.report.lines import pairs, paragraph
from analysis.scan.run import SIGNAL_SETTINGS
from analysis.scan.settings import typed

_SETTING = re.compile(r"^(\w+) {2,}(\S.*(?:\n +\S.*)*)$", re.MULTILINE)
_SUBJECTS = {"example": "examples", "slice": "parts of the data", "annotator": "annotators"}
_NEEDS = {
    "labels": "labels",
    "splits": "a split column",
    "annotations": "labels by more than one annotator",
    "vectors": "vectors of the texts",
    "neighbours": "at least two examples with text",
    "probabilities": "model predictions",
}
_PREFACE = """\
# Checks

What each check of a scan finds, what it needs, and what can be set. This page is printed by
`python -m analysis checks --markdown`: change the docstrings of the check, not the page.

Every check gives each subject that it judges a severity from 0 to 1, where 1 is most suspicious. Severities rank within
one check; those of two checks cannot be compared. A check whose needs are missing is skipped and says why. A setting is
given as `python -m analysis scan NAME --set CHECK.ARG=VALUE`.
"""
_SIGNALS = """\
## Signals

What the checks look at is made once for all of them, and can be set like a check.

| setting | unless set |
|---|---|"""


def checks_object(checks: Sequence[Check]) -> list[dict[str, Any]]:
    """Each check as plain values."""
    return [
        {
            "name": check.name,
            "title": check.title,
            "subject": check.subject,
            "needs": list(check.needs),
            "help": check.help,
            "settings": [
                {"name": name, "default": _plain(default), "help": settings_in_words(check).get(name, "")}
                for name, default in check.settings.items()
            ],
        }
        for check in checks
    ]


def checks_lines(checks: Sequence[Check], width: int) -> list[str]:
    """Each check with its help and settings."""
    lines: list[str] = []
    for check in checks:
        lines += [f"{check.name} – {check.title}", *paragraph(" ".join(check.help.split()), width, 2)]
        lines += pairs([("judges", _SUBJECTS[check.subject]), ("needs", needs_in_words(check))], width)
        meanings = settings_in_words(check)
        for name, default in check.settings.items():
            lines.append(f"  --set {check.name}.{name}={typed(default)}")
            if name in meanings:
                lines += paragraph(meanings[name], width, 6)
        lines.append("")
    return lines


def checks_markdown(checks: Sequence[Check]) -> list[str]:
    """The page docs/checks.md."""
    lines = _PREFACE.splitlines()
    for check in checks:
        about = f"`{check.name}` · judges {_SUBJECTS[check.subject]} · needs {needs_in_words(check)}"
        lines += ["", f"## {check.title}", "", about, "", *check.help.splitlines()]
        method = re.sub(r"\n{3,}", "\n\n", _SETTING.sub("", _described(check))).strip()
        if method:
            lines += ["", *method.splitlines()]
        if check.settings:
            meanings = settings_in_words(check)
            lines += ["", "| setting | unless set | what it is |", "|---|---|---|"]
            lines += [
                f"| `{check.name}.{name}` | `{typed(default)}` | {meanings.get(name, '')} |"
                for name, default in check.settings.items()
            ]
    lines += ["", *_SIGNALS.splitlines()]
    return [*lines, *(f"| `signals.{name}` | `{typed(default)}` |" for name, default in SIGNAL_SETTINGS.items())]


def needs_in_words(check: Check) -> str:
    """What a dataset must have, joined to a phrase; "nothing" where any dataset will do."""
    words = [_NEEDS[need] for need in check.needs]
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]])) or "nothing"


def settings_in_words(check: Check) -> dict[str, str]:
    """What the settings are, from the docstring of the check's function: lines of a name, two spaces and words."""
    found = _SETTING.findall(_described(check))
    return {name: " ".join(words.split()) for name, words in found if name in check.settings}


def _described(check: Check) -> str:
    """The function's docstring: where the method comes from and what the settings are."""
    return inspect.cleandoc(check.function.__doc__ or "")


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value, default=str))
