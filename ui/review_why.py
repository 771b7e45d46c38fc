"""Why a key of Review does nothing just now, in words that fit where presses are told."""

from collections.abc import Sequence

from analysis.queries import guidelines
from analysis.queries.case import Case
from analysis.queries.queue import Place
from analysis.review.decide import latest_decision
from analysis.store import Store
from ui import session
from ui.review_short_list import DIGITS

_NOTHING_SUGGESTED = "Relabel: no label is suggested."
_NO_LABEL = "Keep: it has no label."
_ONE_AT_A_TIME = {"S": "Skip", "J": "Previous", "M": "Several", "Q": "Ask", "N": "Note", "L": "Another label"}
_ONE_AT_A_TIME["C"] = "Cite"


def of_one(
    store: Store, case: Case, place: Place, numbered: Sequence[tuple[str, str]], *, hidden: bool
) -> dict[str, str]:
    """Key and sentence for each key that would find its button missing or off, one example on the page."""
    why = _undo(store)
    if hidden:
        why["K"] = why["A"] = "Blind: give a label of your own first."
    else:
        why |= {"K": _NO_LABEL} if case.label is None else {}
        why |= {"A": _NOTHING_SUGGESTED} if case.suggestion is None else {}
    if place.previous is None:
        why["J"] = "Previous: this is the first." if place.position else "Previous: this one is not in the queue."
    if (place.following or place.first) is None:
        why["S"] = "Skip: no other example is left."
    if session.parameter("blind") == "yes":
        why["G"] = "Grid: there is none while you decide blind."
    elif not place.is_open:
        why["G"] = "Grid: it holds only what is open in this queue."
    if guidelines.latest(store) is None:
        why["C"] = "Cite: no guideline is written yet."
    taken = dict(numbered)
    for digit in DIGITS:
        if digit not in taken:
            why[digit] = f"{digit}: no label has this number."
        elif taken[digit] == case.label and not hidden:
            why[digit] = f"{digit}: that is its label. K keeps it."
    return why


def of_grid(store: Store, keys: str, *, relabel: bool, keep: bool, chosen: bool) -> dict[str, str]:
    """The same in the grid: `keys` are those of its cards; whether examples can be relabelled, kept, and saved."""
    why = _undo(store) | {
        key: f"{said}: one at a time only. G leaves the grid." for key, said in _ONE_AT_A_TIME.items()
    }
    why |= {key: f"{key}: no card has this key." for key in "1234567890VW" if key not in keys}
    why |= {} if relabel else {"A": _NOTHING_SUGGESTED}
    why |= {} if keep else {"K": _NO_LABEL}
    return why | ({} if chosen else {"ENTER": "Nothing is chosen yet."})


def _undo(store: Store) -> dict[str, str]:
    mine = session.reviewer()
    return {} if mine and latest_decision(store, mine) else {"Z": "Undo: nothing to undo yet."}
