"""Labels that have a key: the most frequent ones under 1–9, always the same, and an example's own beside A."""

from collections.abc import Sequence

from analysis.queries.case import Case
from ui import review_blind

DIGITS = "123456789"
LETTERS = "VW"
_PROBABLE = 0.01


def numbered(labels: Sequence[str]) -> list[tuple[str, str]]:
    """Key and label, in the order of the keys; `labels` are all of the dataset, most frequent first.

    It depends on nothing else, so that hands can learn it.
    """
    return list(zip(DIGITS, labels, strict=False))


def has_letters(labels: Sequence[str]) -> bool:
    """Whether some of them have no number."""
    return len(labels) > len(DIGITS)


def lettered(case: Case, labels: Sequence[str], *, hidden: bool) -> list[tuple[str, str]]:
    """Key and label of what this example may be about, most probable first; [] where every label has a number.

    Its label and the suggestion have keys of their own. `hidden`: what models say must not be seen, so instead the
    labels that anybody gave and that have no number, A to Z.
    """
    if not has_letters(labels):
        return []
    if hidden:
        frequent = labels[: len(DIGITS)]
        coming = [label for label in review_blind.candidates(case) if label not in frequent]
    else:
        coming = [label for label, p in case.classes if p >= _PROBABLE and label not in (case.label, case.suggestion)]
    return list(zip(LETTERS, coming, strict=False))
