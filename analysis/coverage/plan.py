"""A collection plan: how many examples to collect where, so that a given number of them helps most.

The errors of a region fall with the number n of its own examples as a power law, floor + height · (n + 1)^-b, the
same for all regions but for a factor of each (Hestness and others 2017; Figueroa and others 2012). The factors are
drawn towards 1 as far as a region's own counts leave them open. Examples go, step by step, to the region where the next
ones are expected to avert most errors, weighed by how often the reference visits it.
"""

from dataclasses import dataclass

import numpy as np

from analysis.coverage.curves import STEPS, Outcomes
from analysis.errors import NotReady

MOST_STEPS = 200  # in which a budget is handed out
DRAWS = 200  # behind an interval
_EXPONENTS = np.linspace(0.1, 1.5, 8)
_PRIOR = 5.0  # expected errors that the common curve is worth against a region's own
_SEED = 0


@dataclass(frozen=True)
class Curve:
    """floor + height · (n + 1)^-exponent, and the factor of each region."""

    floor: float
    height: float
    exponent: float
    factor: np.ndarray

    def error(self, seen: np.ndarray) -> np.ndarray:
        """The expected share of errors per region with `seen` examples (last axis: regions), in [0, 1]."""
        common = self.floor + self.height * (np.asarray(seen, dtype=float) + 1) ** -self.exponent
        return np.asarray(np.clip(common * self.factor, 0, 1))


@dataclass(frozen=True)
class Curves:
    """The curve that is gone by, and the curves that other draws of the same examples would have given."""

    best: Curve
    drawn: tuple[Curve, ...]


@dataclass(frozen=True)
class Plan:
    """How many examples to collect in each region (0 where none), and what that is expected to bring.

    collect  int (R,), sums up to the budget
    gain     float (R,): expected rise of the accuracy over the whole reference, in [0, 1], of the region's examples
    low, high    float (R,): the 95 % interval of gain
    total    low, gain and high of all together
    proportional   the expected gain of the same number collected as the reference falls, in [0, 1]
    accuracy       expected accuracy over the reference before and after, in [0, 1]
    """

    collect: np.ndarray
    gain: np.ndarray
    low: np.ndarray
    high: np.ndarray
    total: tuple[float, float, float]
    proportional: float
    accuracy: tuple[float, float]


def fit(found: Outcomes, regions: int, weights: np.ndarray | None = None) -> Curve:
    """The curve of all regions and their factors; weights float (m,): how often each judged example counts."""
    weights = np.ones(len(found.rows)) if weights is None else weights
    seen, tries, wrong = _counted(found, regions, weights)
    factor = np.ones(regions)
    best = (1.0, 0.0, 0.5)
    for _ in range(4):
        best = _power_law(seen, tries, wrong, factor)
        common = best[0] + best[1] * (seen + 1) ** -best[2]
        # All steps of an example are one example: their mean counts.
        expected = (tries * common).sum(axis=1) / len(STEPS)
        factor = (wrong.sum(axis=1) / len(STEPS) + _PRIOR) / (expected + _PRIOR)
    return Curve(*best, factor)


def fitted(found: Outcomes, regions: int, *, draws: int = DRAWS) -> Curves:
    """The curve of the judged examples, and of `draws` draws of them with replacement (Efron 1979).

    Raises NotReady where no example was judged.
    """
    if not len(found.rows):
        raise NotReady("No labelled example lies in a region.", "A learning curve needs labelled examples with text.")
    random = np.random.default_rng(_SEED)
    drawn = []
    for _ in range(draws):
        weights = np.bincount(random.integers(len(found.rows), size=len(found.rows)), minlength=len(found.rows))
        drawn.append(fit(found, regions, weights.astype(float)))
    return Curves(fit(found, regions), tuple(drawn))


def plan(curves: Curves, have: np.ndarray, visits: np.ndarray, budget: int) -> Plan:
    """Hand out `budget` examples over R regions.

    have    int (R,): labelled examples that each region has now
    visits  float (R,): how often the reference visits each region, 0 or more; any scale

    Examples go in equal steps to the largest expected gain per example: as curves flatten, no other way is better. The
    interval covers what the data leaves open about the curve, not whether a power law goes on to hold. Raises NotReady
    for a budget of 0, or a reference that visits no region.
    """
    if budget < 1:
        raise NotReady("Nothing is to be collected.", "Choose a number of examples to see where they help most.")
    if not visits.sum() > 0:
        raise NotReady("The reference lies in no region.", "Choose another reference, with texts.")
    share = visits / visits.sum()
    curve = curves.best
    collect = _greedy(curve, have, share, budget)
    gain = share * (curve.error(have) - curve.error(have + collect))
    drawn = np.stack([share * (other.error(have) - other.error(have + collect)) for other in curves.drawn])
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    total = np.quantile(drawn.sum(axis=1), [0.025, 0.975])
    before = float((share * curve.error(have)).sum())
    alike = (share * curve.error(have + share * budget)).sum()
    return Plan(
        collect=collect,
        gain=gain,
        low=np.minimum(low, gain),
        high=np.maximum(high, gain),
        total=(float(min(total[0], gain.sum())), float(gain.sum()), float(max(total[1], gain.sum()))),
        proportional=before - float(alike),
        accuracy=(1 - before, 1 - before + float(gain.sum())),
    )


def _greedy(curve: Curve, have: np.ndarray, share: np.ndarray, budget: int) -> np.ndarray:
    collect = np.zeros(len(have), dtype=np.int64)
    left = budget
    step = max(-(-budget // MOST_STEPS), 1)
    while left > 0:
        size = min(step, left)
        gain = share * (curve.error(have + collect) - curve.error(have + collect + size))
        # Where all curves are flat, go where the most is expected to be missing.
        best = int(np.argmax(gain)) if gain.max() > 0 else int(np.argmax(share / (have + collect + 1)))
        collect[best] += size
        left -= size
    return collect


def _counted(found: Outcomes, regions: int, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Per region and step: the mean number of examples seen, the judgements, and how many of them were wrong."""
    shape = (regions, len(STEPS))
    seen, tries, wrong = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for step in range(len(STEPS)):
        tries[:, step] = np.bincount(found.group, weights, minlength=regions)
        wrong[:, step] = np.bincount(found.group, weights * found.wrong[:, step], minlength=regions)
        sums = np.bincount(found.group, weights * found.seen[:, step], minlength=regions)
        seen[:, step] = sums / np.maximum(tries[:, step], 1)
    return seen, tries, wrong


def _power_law(
    seen: np.ndarray, tries: np.ndarray, wrong: np.ndarray, factor: np.ndarray
) -> tuple[float, float, float]:
    """Floor, height and exponent with the least squares, by judgements; floor and height 0 or more."""
    weight = tries.ravel()
    target = np.divide(wrong, tries, out=np.zeros_like(wrong), where=tries > 0).ravel()
    scale = np.repeat(factor, seen.shape[1])
    best, least = (float(target.mean()), 0.0, 0.5), np.inf
    for exponent in _EXPONENTS:
        falling = scale * (seen.ravel() + 1) ** -exponent
        for use_floor, use_height in ((True, True), (True, False), (False, True)):
            columns = np.stack([scale * use_floor, falling * use_height])
            normal = (columns * weight) @ columns.T + 1e-9 * np.eye(2)
            floor, height = np.linalg.solve(normal, (columns * weight) @ target)
            loss = float((weight * (target - floor * columns[0] - height * columns[1]) ** 2).sum())
            if floor >= -1e-12 and height >= -1e-12 and loss < least - 1e-12:
                best, least = (max(float(floor), 0.0), max(float(height), 0.0), float(exponent)), loss
    return best
