"""What three annotators say of each message: one of them is sloppy, and the first guideline leaves two classes open."""

import random
from collections.abc import Mapping, Sequence

from sample_data.writing.example import Example

NAMES = ("annotator_1", "annotator_2", "annotator_3")
SLOPPY = "annotator_2"
SECOND_VERSION = "2025-12-01"  # the day from which annotators worked with guideline v2
OPEN_PAIR = ("card_declined", "payment_failed")  # hard to tell apart under v1
_ERROR = {"annotator_1": 0.03, "annotator_2": 0.2, "annotator_3": 0.03}
_ERROR_ON_OPEN_PAIR = 0.33
# the share of the wrong labels that two annotators chose; the others are slips made when labels were put together
_OUTVOTED = 0.67


def annotate(
    examples: Sequence[Example], classes: Sequence[str], partner: Mapping[str, str], rng: random.Random
) -> None:
    """Add each annotator's label and the guideline's version to every example.

    No right label is outvoted by two who agree on a wrong one.
    """
    for example in examples:
        version = "v2" if example.at.date().isoformat() >= SECOND_VERSION else "v1"
        votes = {name: _vote(name, example, version, classes, partner, rng) for name in NAMES}
        wrong = example.given if example.given in classes else example.true
        if wrong != example.true and rng.random() < _OUTVOTED:
            for name in (SLOPPY, rng.choice([name for name in NAMES if name != SLOPPY])):
                votes[name] = wrong
        else:
            _break_agreement(votes, example.true)
        example.more |= {**votes, "guideline_version": version}


def _vote(
    name: str, example: Example, version: str, classes: Sequence[str], partner: Mapping[str, str], rng: random.Random
) -> str:
    open_case = version == "v1" and example.true in OPEN_PAIR
    if example.true not in partner or rng.random() >= max(_ERROR[name], _ERROR_ON_OPEN_PAIR if open_case else 0):
        return example.true
    if open_case or rng.random() < (0.55 if name == SLOPPY else 0.85):
        return partner[example.true]
    return rng.choice([label for label in classes if label != example.true])


def _break_agreement(votes: dict[str, str], true: str) -> None:
    """Where two are wrong in the same way, the more careful of them is right after all."""
    for name in (name for name in NAMES if name != SLOPPY):
        if votes[name] != true and list(votes.values()).count(votes[name]) > 1:
            votes[name] = true
