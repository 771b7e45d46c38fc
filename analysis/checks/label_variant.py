"""One label spelt in more than one way, such as "refund" and "Refund ". Counts and models take them for different
classes: use one spelling for all; the most frequent one is suggested.

Spellings differ by capitals, spacing, underscores, hyphens, invisible characters or the way accents are stored."""

import re
import unicodedata
from collections import Counter, defaultdict

import pandas as pd

from analysis.checks import Inputs, check, findings, shown

_INVISIBLE = re.compile(r"[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
# A sign goes only between letters or after one, so that -1, 1.5, A- and C++ stay what they are.
_SPACING = re.compile(r"[\s_]+")
_JOINT = re.compile(r"(?<=[^\W\d_])[-‐‑–—./:]+(?=[^\W_])|(?<=\w)[.:;,]+$")


@check(title="Labels spelt in several ways", subject="example", needs=("labels",))
def label_variant(inputs: Inputs) -> pd.DataFrame:
    """Examples whose label is a rarer spelling of another label; it has no settings.

    severity: share of the class that is spelt in other ways, 0 for the most frequent spelling (of equally frequent
    ones, the one that sorts first). Judged is every labelled example.
    """
    labels = inputs.examples["label"].dropna()
    counts = Counter(labels.tolist())
    spellings: dict[str, list[str]] = defaultdict(list)
    for label in sorted(counts, key=lambda label: (-counts[label], label)):
        spellings[_key(label)].append(label)
    usual = {label: several[0] for several in spellings.values() for label in several}
    severity = {
        label: 1 - counts[label] / sum(counts[one] for one in several)
        for several in spellings.values()
        for label in several[1:]
    }
    message = {
        label: f"Labelled “{shown(label)}” {_times(counts[label])}, but “{shown(usual[label])}”"
        f" {_times(counts[usual[label]])}: the spellings differ by {_difference(label, usual[label])}."
        for label in severity
    }
    given = labels.tolist()
    return findings(
        subject_id=labels.index,
        severity=[severity.get(label, 0.0) for label in given],
        flagged=[label in severity for label in given],
        message=[message.get(label, "The usual spelling of this label.") for label in given],
        suggested_label=[usual[label] if label in severity else None for label in given],
    )


def _key(label: str) -> str:
    """What all spellings of a label have in common."""
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", label)).casefold()
    plain = _JOINT.sub("", _SPACING.sub(" ", plain).strip())
    return re.sub(r"(?<=[^\W\d_]) +| +(?=[^\W\d_])", "", plain) or label


def _difference(label: str, usual: str) -> str:
    """The first thing that tells two spellings apart."""
    one, other = unicodedata.normalize("NFC", label), unicodedata.normalize("NFC", usual)
    if one == other:
        return "the way accents are stored"
    one, other = _INVISIBLE.sub("", one), _INVISIBLE.sub("", other)
    if one == other:
        return "an invisible character"
    if one.casefold() == other.casefold():
        return "capitals"
    if "".join(one.split()) == "".join(other.split()):
        return "spaces"
    if unicodedata.normalize("NFKC", one) == unicodedata.normalize("NFKC", other):
        return "wide or joined letter forms"
    return "spacing, signs or capitals"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"
