"""The labels under the keys 1–9: the same label on the same key on every example, so that hands can learn them."""

from collections.abc import Sequence

from analysis.queries.case import Case
from ui import review_blind

KEYS = 9
_CANDIDATES = 5  # labels that an example may bring with it
_PROBABLE = 0.01


def numbered(case: Case, labels: Sequence[str], *, hidden: bool) -> list[tuple[int, str]]:
    """key and label, in the order of the keys; as many for every example of a dataset.

    `labels` are all of them, most frequent first. Where they are nine or fewer, each has its key. Else the nine most
    frequent ones have theirs, and what else is probable for this example takes the key of one of them: always the same
    key for a label, or the next one where that is taken by a more probable label. `hidden`: what models say must not
    be seen, so instead the labels that anybody gave come in.
    """
    keys = list(labels[:KEYS])
    if len(labels) <= KEYS:
        return list(enumerate(keys, start=1))
    coming = _coming(case, hidden=hidden)
    taken = {keys.index(label) for label in (*coming, case.label) if label in keys}
    for label in coming:
        if label in keys or len(taken) == KEYS:
            continue
        place = _own_key(label, labels)
        while place in taken:
            place = (place + 1) % KEYS
        taken.add(place)
        keys[place] = label
    return list(enumerate(keys, start=1))


def _coming(case: Case, *, hidden: bool) -> list[str]:
    """What this example is probably about; its label and the suggestion have keys of their own."""
    if hidden:
        return review_blind.candidates(case)[:KEYS]
    probable = [label for label, p in case.classes if p >= _PROBABLE]
    return [label for label in probable if label not in (case.label, case.suggestion)][:_CANDIDATES]


def _own_key(label: str, labels: Sequence[str]) -> int:
    """The key that a less frequent label goes to: by its rank, so that neighbours in rank do not meet."""
    return labels.index(label) % KEYS if label in labels else 0
