"""What the parts of the map are called: words that tell them apart, and the label that most of a part has.

Names follow from the scan alone: decisions change nothing here.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.coverage.chance import LEVEL, adjusted, at_least
from analysis.coverage.clumps import clumps
from analysis.coverage.outlines import Window
from analysis.coverage.words import of_words, words_of
from analysis.store import Store

MOST = (16, 48, 144)  # parts at each level, the coarsest first
_READ_EVERYWHERE = 8_000  # texts that a single part is told from
_READ_HERE = 8_000  # texts of what is looked at
_EACH = 50  # examples for each coarse part of a small map; a third for finer ones, and a third of that
_WORDS = 2
_WELL_ABOVE = 1.5  # times the share that is flagged elsewhere
_FLAGGED = "SELECT subject_id FROM issues WHERE subject = 'example'"
_MOSTLY = 0.5  # of the labelled examples of a part must have a label that goes into its name


@dataclass(frozen=True, slots=True)
class Name:
    """What a part of the map is called, and where: at one of its examples.

    words  that tell the part from the rest, the most telling first; may be () where there is a label
    label, share  the label of at least half of its labelled examples, and of how many; None and 0.0 where none is
    flagged  which share of its examples is flagged, where that is well above the rest of what is looked at; else 0.0
    level  0 for the coarsest parts; finer ones are for those who look more closely
    """

    words: tuple[str, ...]
    label: str | None
    share: float
    x: float
    y: float
    level: int
    flagged: float = 0.0


def names(store: Store, window: Window | None, most: tuple[int, ...] = MOST) -> list[Name]:
    """What the parts of the map, or of a window of it, are called: coarse ones first, of one level the largest first.

    Few examples have few parts. A part without a word and without a label that most have has no name; several may have
    the same. The words tell the parts from each other; a single part is told from the rest of the dataset. Where all
    labelled examples have one label, it is in no name. Read from at most 8,000 texts of what is looked at, and as many
    of the whole, the same ones each time.
    """
    rows = store.frame(
        f"""
        WITH placed AS (
            SELECT e.text, e.label, e.example_id IN ({_FLAGGED}) AS flagged, v.x, v.y,
                   {_in(window)} AS here, md5(e.example_id) AS turn
            FROM vectors v JOIN examples e USING (example_id) WHERE isfinite(v.x) AND isfinite(v.y))
        SELECT text, label, flagged, x, y, here FROM placed
        QUALIFY row_number() OVER (ORDER BY turn) <= {_READ_EVERYWHERE}
            OR (here AND row_number() OVER (PARTITION BY here ORDER BY turn) <= {_READ_HERE})
        ORDER BY turn
        """
    )
    here = rows["here"].to_numpy(dtype=bool)
    if not here.any():
        return []
    x, y = (rows[axis][here].to_numpy() for axis in ("x", "y"))
    texts = [words_of(text) for text in rows["text"]]
    flagged = rows["flagged"].to_numpy(dtype=bool)
    label, labels = pd.factorize(rows["label"], sort=True)
    found = []
    coarse = None
    for level, parts in enumerate(most):
        group = np.full(len(rows), -1)
        group[here], middles = clumps(x, y, min(parts, -(-int(here.sum()) * 3**level // _EACH)))
        against = here if len(middles) > 1 else np.ones(len(rows), dtype=bool)
        told = of_words(
            [words for words, is_read in zip(texts, against, strict=True) if is_read],
            group[against],
            len(middles),
            _WORDS,
            coarse,
        )
        above = _above(flagged[here], group[here], len(middles))
        coarse = group[against] if coarse is None and len(middles) > 1 else coarse
        for number, (words, (at_x, at_y)) in enumerate(zip(told, middles, strict=True)):
            mostly, share = _mostly(label[group == number], labels) if len(labels) > 1 else (None, 0.0)
            if words or mostly:
                found.append(Name(words, mostly, share, float(at_x), float(at_y), level, above[number]))
    return found


def _mostly(label: np.ndarray, labels: pd.Index) -> tuple[str | None, float]:
    """The label of at least half of these codes that are not -1, and its share."""
    given = np.bincount(label[label >= 0], minlength=1)
    share = float(given.max() / max(given.sum(), 1))
    return (str(labels[int(given.argmax())]), share) if share >= _MOSTLY else (None, 0.0)


def _above(flagged: np.ndarray, group: np.ndarray, parts: int) -> list[float]:
    """For each part the share that is flagged, where it is well above that of all others beyond chance; else 0.0.

    flagged bool (n,) and group (n,) of what is looked at; at most 5 % false finds over the parts.
    """
    drawn = np.bincount(group, minlength=parts)
    found = np.bincount(group[flagged], minlength=parts)
    share, others = found / drawn, (flagged.sum() - found) / np.maximum(len(group) - drawn, 1)
    q = adjusted(at_least(found, drawn, int(flagged.sum()), len(group)))
    return np.where((q <= LEVEL) & (share >= _WELL_ABOVE * others), share, 0.0).tolist()  # type: ignore[no-any-return]


def _in(window: Window | None) -> str:
    if window is None:
        return "true"
    x0, x1, y0, y1 = window
    return f"v.x BETWEEN {x0!r} AND {x1!r} AND v.y BETWEEN {y0!r} AND {y1!r}"
