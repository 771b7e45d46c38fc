"""What a check is. A check is one file in this folder: its name, its function's name and the check's name agree.

A check gets frozen `Inputs` and returns one row per subject it has an opinion on, made by `findings`. What it needs
is declared in the decorator; its keyword-only arguments are its settings; its module's docstring is its help.
A check that cannot judge this dataset raises NotReady with a plain sentence, which becomes a `skipped` run.
"""

import functools
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from analysis.schema import Subject
from analysis.signals.duplicates import Duplicates, find_duplicates
from analysis.signals.neighbours import Neighbours

Need = Literal["labels", "splits", "vectors", "neighbours", "probabilities", "annotations"]

COLUMNS = ["subject_id", "severity", "flagged", "message", "suggested_label", "members"]


@dataclass(frozen=True)
class Inputs:
    """What checks look at. Row i of every array is the i-th example of `examples`.

    examples       index `example_id` (unique text), columns text (str, may be empty), label and split (str or
                   None), happened_at (str or None), and `fields.<title>` for every other column of the file
    classes        the labels that probabilities speak of, sorted; () without probabilities
    vectors        float32 (n, d), rows of length 1; all zeros where there is no usable text
    neighbours     the nearest other examples
    probabilities  float32 (n, K), out-of-sample, rows sum to 1; NaN rows were not judged
    opinions       int (n, models), the class that each model finds likeliest by itself, -1 where it has none; without
                   columns where the probabilities came with the data
    left_out       why rows were not judged, for the run's detail; "" when all were
    annotations    example_id, annotator, label, annotated_at – one row per label given
    guideline      the text of the labelling rules in force; "" while none are written
    """

    examples: pd.DataFrame
    classes: tuple[str, ...] = ()
    vectors: np.ndarray | None = None
    neighbours: Neighbours | None = None
    probabilities: np.ndarray | None = None
    opinions: np.ndarray | None = None
    left_out: str = ""
    annotations: pd.DataFrame | None = None
    guideline: str = ""
    found_duplicates: Duplicates | None = None

    @functools.cached_property
    def duplicates(self) -> Duplicates:
        """Same and almost the same texts, found when a check first asks; without neighbours only the same ones."""
        if self.found_duplicates is not None:
            return self.found_duplicates
        return find_duplicates(self.examples["text"].tolist(), self.examples.index, self.neighbours)

    def need(self, what: Literal["vectors", "probabilities"]) -> np.ndarray:
        """An array that the check has declared a need for."""
        array: np.ndarray | None = getattr(self, what)
        if array is None:
            raise KeyError(f"a check used {what!r} without declaring the need")
        return array


CheckFunction = Callable[..., pd.DataFrame]


@dataclass(frozen=True)
class Check:
    """A decorated check: callable like the function, with its needs, settings and help attached."""

    name: str
    title: str
    subject: Subject
    needs: tuple[Need, ...]
    function: CheckFunction

    def __call__(self, inputs: Inputs, **settings: Any) -> pd.DataFrame:
        return self.function(inputs, **settings)

    @property
    def settings(self) -> dict[str, Any]:
        """The keyword-only arguments and their defaults."""
        parameters = inspect.signature(self.function).parameters.values()
        return {p.name: p.default for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY}

    @property
    def help(self) -> str:
        """The module's docstring: what it means and what to do."""
        return inspect.cleandoc(inspect.getmodule(self.function).__doc__ or "")


def check(*, title: str, subject: Subject, needs: Sequence[Need] = ()) -> Callable[[CheckFunction], Check]:
    """Turn a function into a check. Registers nothing: the folder is the list."""

    def decorate(function: CheckFunction) -> Check:
        return Check(function.__name__, title, subject, tuple(needs), function)

    return decorate


def findings(
    *,
    subject_id: Sequence[str] | pd.Index,
    severity: Any,
    flagged: Any,
    message: Any,
    suggested_label: Any = None,
    members: Sequence[Sequence[str]] | None = None,
) -> pd.DataFrame:
    """One row per subject: `COLUMNS`, in the order given.

    severity in [0, 1], 1 = most suspicious, comparable within this check only. members are the example ids to
    show with the subject. Scalars are repeated. Raises ValueError when a severity is not a number in [0, 1].
    """
    n = len(subject_id)
    severities = np.broadcast_to(np.asarray(severity, dtype=float), n)
    if n and not ((severities >= 0) & (severities <= 1)).all():
        raise ValueError("severity must lie in [0, 1]")
    frame = pd.DataFrame(
        {
            "subject_id": np.asarray(subject_id, dtype=object),
            "severity": severities,
            "flagged": np.broadcast_to(np.asarray(flagged, dtype=bool), n),
            "message": np.broadcast_to(np.asarray(message, dtype=object), n),
            "suggested_label": pd.Series(np.broadcast_to(np.asarray(suggested_label, dtype=object), n), dtype=object),
        }
    )
    frame["members"] = pd.Series([list(m) for m in members] if members is not None else [[]] * n, dtype=object)
    return frame[COLUMNS]


def shown(text: str | None, longest: int = 60) -> str:
    """A text or label for a message: at most `longest` characters, invisible ones spelt out as ⟨U+200B⟩."""
    if text is None:
        return "(no label)"
    cut = text if len(text) <= longest else text[: longest - 1] + "…"
    if cut.isprintable():
        return cut
    return "".join(c if c.isprintable() else " " if c in "\t\n\r" else f"⟨U+{ord(c):04X}⟩" for c in cut)


@functools.cache
def all_checks() -> tuple[Check, ...]:
    """Every check in this folder, sorted by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(getattr(importlib.import_module(f"{__name__}.{name}"), name) for name in names)
