"""Labels that have a number: all of them, always the same, where there are nine or fewer; else the likely ones."""

from collections.abc import Iterator, Sequence

from analysis.queries.case import Case
from ui import review_blind

DIGITS = "123456789"
LIKELY = 6  # labels on the short list of an example, always as many, so that nothing below them moves
_PROBABLE = 0.01


def are_few(labels: Sequence[str]) -> bool:
    """Whether every label of the dataset has a number of its own, which hands can learn."""
    return len(labels) <= len(DIGITS)


def numbered(case: Case, labels: Sequence[str], *, hidden: bool) -> list[tuple[str, str]]:
    """Key and label, in the order of the keys; `labels` are all of the dataset, most frequent first.

    Of many labels those that this example may have, likeliest first: what people gave it, what checks suggest, what
    models find probable, what its neighbours have, and then any other, until the list is full. Its own label and the
    suggestion are left out: they have keys of their own. `hidden`: what models and neighbours say must not be seen, so
    it is the labels that anybody gave, A to Z, and then the most frequent ones.
    """
    if are_few(labels):
        return list(zip(DIGITS, labels, strict=False))
    taken = set() if hidden else {case.label, case.suggestion}
    coming = dict.fromkeys([*review_blind.candidates(case), *(() if hidden else _likely(case)), *labels])
    return list(zip(DIGITS[:LIKELY], (label for label in coming if label not in taken), strict=False))


def _likely(case: Case) -> Iterator[str]:
    """Labels from closest evidence to weakest; one may come several times."""
    yield from (reason.suggested_label for reason in case.reasons if reason.suggested_label is not None)
    yield from (label for label, probability in case.classes if probability >= _PROBABLE)
    yield from (other.label for other in (*case.nearest, *case.members) if other.label is not None)
    yield from (label for label, _ in case.classes)
