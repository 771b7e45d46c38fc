"""Hand-written phrasings: reading them from their files, filling them in, and telling how alike two texts are."""

import random
import re
from collections.abc import Callable
from pathlib import Path

FOLDER = Path(__file__).parent / "phrasings"
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{(\w+)\}")


def sections(path: Path) -> dict[str, list[str]]:
    """The lines of each `## section` of a file of phrasings; lines before the first section go to ""."""
    found: dict[str, list[str]] = {"": []}
    title = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            title = line[3:].strip()
            found[title] = []
        elif line.strip():
            found[title].append(line.strip())
    return found


def filled(phrasing: str, rng: random.Random, slot: Callable[[str], str]) -> str:
    """One way to say it: `[a|b]` becomes a or b, `{name}` becomes what `slot` gives for it."""
    chosen = _CHOICE.sub(lambda match: rng.choice(match[1].split("|")), phrasing)
    return _SLOT.sub(lambda match: slot(match[1]), chosen)


def trigrams(text: str) -> frozenset[str]:
    """The runs of three characters of a text, in lower case with single spaces."""
    plain = " ".join(text.lower().split())
    return frozenset(plain[i : i + 3] for i in range(len(plain) - 2))


class Likeness:
    """How alike texts are: the Jaccard index of their trigrams, 0 to 1; texts too short to have any are not alike (0).

    Trigrams become bits of a number, so that a thousand texts are compared with each other in a few seconds.
    """

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    def bits(self, text: str) -> int:
        """The trigrams of a text as one number."""
        return sum(1 << self._places.setdefault(gram, len(self._places)) for gram in sorted(trigrams(text)))

    def __call__(self, one: int, other: int) -> float:
        union = (one | other).bit_count()
        return (one & other).bit_count() / union if union else 0.0


class Distinct:
    """Texts written so far; takes a new one only when it is less alike than `limit` to each of them."""

    def __init__(self, limit: float) -> None:
        self._limit, self._likeness = limit, Likeness()
        self._seen: list[tuple[int, int]] = []

    def take(self, text: str) -> bool:
        """Whether the text was new enough; if so it counts from now on."""
        bits = self._likeness.bits(text)
        size = bits.bit_count()
        near = (seen for seen, other in self._seen if min(size, other) >= self._limit * max(size, other))
        if any(self._likeness(bits, seen) >= self._limit for seen in near):
            return False
        self._seen.append((bits, size))
        return True
