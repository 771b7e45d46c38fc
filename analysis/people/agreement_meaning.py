"""What a measured agreement means: how good it is, and how reliable several labels together are.

K. Krippendorff, "Content Analysis" (4th edition, 2018), chapter 12: rely on variables of 0.80 or more; draw tentative
conclusions from 0.667 on. J. R. Landis, G. G. Koch, "The measurement of observer agreement for categorical data",
Biometrics 33 (1977) name steps of κ. C. Spearman and W. Brown, British Journal of Psychology 3 (1910): if one label has
the reliability r, the mean of k labels by independent people has k r / (1 + (k - 1) r).
"""

import math
from dataclasses import dataclass
from typing import Literal

FIRM, TENTATIVE = 0.8, 0.667
Level = Literal["firm", "tentative", "low"]
_STEPS = ((0.0, "poor"), (0.2, "slight"), (0.4, "fair"), (0.6, "moderate"), (0.8, "substantial"))
_MOST_NEEDED = 50  # labels on an example, beyond which nobody would ask for more


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one coefficient of agreement means.

    level     firm from 0.80 on, tentative from 0.667 on, else low; `lowest` and `highest` of its 95 % interval
    step      the word of Landis and Koch for a κ of this size
    together, together_low, together_high  reliability of `labels` labels taken together, in [0, 1]; NaN for fewer than
              two, or where nothing repeats
    needed    labels on each example from which together they are firm; 0 where more than 50, or nobody can say
    """

    level: Level
    lowest: Level
    highest: Level
    step: str
    labels: float
    together: float
    together_low: float
    together_high: float
    needed: int


def meaning(value: float, low: float, high: float, labels: float) -> Meaning:
    """What a coefficient with its interval means where an example has `labels` labels (mean)."""
    low, high = (value if math.isnan(end) else end for end in (low, high))
    together, least, most = (_together(one, labels) for one in (value, low, high))
    step = next((word for top, word in _STEPS if value <= top), "almost perfect")
    return Meaning(level(value), level(low), level(high), step, labels, together, least, most, _needed(value))


def level(value: float) -> Level:
    """Krippendorff's three levels."""
    return "firm" if value >= FIRM else "tentative" if value >= TENTATIVE else "low"


def _together(value: float, labels: float) -> float:
    if labels < 2 or not value > 0:
        return math.nan
    return labels * value / (1 + (labels - 1) * value)


def _needed(value: float) -> int:
    """k with k r / (1 + (k - 1) r) = 0.80, rounded up."""
    if not 0 < value < 1:
        return 0
    number = math.ceil(round(FIRM * (1 - value) / (value * (1 - FIRM)), 9))
    return max(number, 1) if number <= _MOST_NEEDED else 0
