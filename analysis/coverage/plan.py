"""A collection plan: how many examples to collect where, so that a given number of them helps most.

The errors of a region fall with the number n of its own examples as a power law, floor + height · (n + 1)^-b, the
same for all regions but for a factor of each (Hestness and others 2017; Figueroa and others 2012). The factors are
drawn towards 1 as far as a region's own counts leave them open. Examples go, step by step, to the region where the next
ones are expected to avert most errors, weighed by how often the reference visits it.
"""

from dataclasses import dataclass

import numpy as np

from analysis.coverage.curves import Outcomes
from analysis.errors import NotReady

MOST_STEPS = 200  # in which a budget is handed out
DRAWS = 200  # behind an interval
_EXPONENTS = np.linspace(0.1, 1.5, 8)
_SMALLEST = 1e-12
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
    proportional   the expected gain of the same number spread over the regions as the reference is, in [0, 1]
    accuracy       expected accuracy over the reference before and after, in [0, 1]
    """

    collect: np.ndarray
    gain: np.ndarray
    low: np.ndarray
    high: np.ndarray
    total: tuple[float, float, float]
    proportional: float
    accuracy: tuple[float, float]


def fit(found: Outcomes, regions: int) -> Curve:
    """The curve of all regions and their factors."""
    return _fits(found, regions, np.ones((1, len(found.rows))))[0]


def fitted(found: Outcomes, regions: int, *, draws: int = DRAWS) -> Curves:
    """The curve of the judged examples, and of `draws` draws of them with replacement (Efron 1979).

    Raises NotReady where no example was judged.
    """
    if not len(found.rows):
        raise NotReady("No labelled example lies in a region.", "A learning curve needs labelled examples with text.")
    random, size = np.random.default_rng(_SEED), len(found.rows)
    weights = np.ones((draws + 1, size), dtype=np.float32)
    for number in range(1, draws + 1):
        weights[number] = np.bincount(random.integers(size, size=size), minlength=size)
    best, *drawn = _fits(found, regions, weights)
    return Curves(best, tuple(drawn))


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


def _fits(found: Outcomes, regions: int, weights: np.ndarray) -> list[Curve]:
    """The curve of each draw; weights float (draws, m): how often each judged example counts in it."""
    seen, tries, wrong = _counted(found, regions, weights)
    factor = np.ones((len(weights), regions))
    floor = height = exponent = np.zeros(len(weights))
    for _ in range(4):
        floor, height, exponent = _power_laws(seen, tries, wrong, factor)
        common = floor[:, None, None] + height[:, None, None] * (seen + 1) ** -exponent[:, None, None]
        # All steps of an example are one example: their mean counts.
        expected = (tries[:, :, None] * common).mean(axis=2)
        factor = (wrong.mean(axis=2) + _PRIOR) / (expected + _PRIOR)
    laws = zip(floor.tolist(), height.tolist(), exponent.tolist(), factor, strict=True)
    return [Curve(*law) for law in laws]


def _counted(found: Outcomes, regions: int, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Per draw and region the judgements, and per step too the mean number of examples seen and how many were wrong."""
    from scipy.sparse import csr_matrix

    size = len(found.rows)
    lies_in = csr_matrix((np.ones(size), (found.group, np.arange(size))), shape=(regions, size))
    tries = (lies_in @ weights.T).T
    seen, wrong = (
        np.stack([(lies_in.multiply(given) @ weights.T).T for given in values.T.astype(float)], axis=2)
        for values in (found.seen, found.wrong)
    )
    return seen / np.maximum(tries, 1)[:, :, None], tries, wrong


def _power_laws(
    seen: np.ndarray, tries: np.ndarray, wrong: np.ndarray, factor: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Floor, height and exponent of each draw with the least squares, by judgements; floor and height 0 or more."""
    weight, scale = tries[:, :, None], factor[:, :, None]
    target = np.divide(wrong, weight, out=np.zeros_like(wrong), where=weight > 0)
    # The sums that the two unknowns hang on: of the floor's column a, the height's b and the target t.
    at, aa = ((weight * one).sum(axis=(1, 2)) for one in (scale * target, np.broadcast_to(scale**2, target.shape)))
    floor, height, exponent = target.mean(axis=(1, 2)), np.zeros(len(seen)), np.full(len(seen), 0.5)
    least = np.full(len(seen), np.inf)
    for tried in _EXPONENTS:
        falling = scale * (seen + 1) ** -tried
        ab, bb, bt = ((weight * falling * one).sum(axis=(1, 2)) for one in (scale, falling, target))
        apart = aa * bb - ab**2
        both = np.divide(at * bb - bt * ab, apart, out=np.full_like(apart, -1.0), where=apart > _SMALLEST * aa * bb)
        zero = np.zeros_like(apart)
        for low, high in (
            (both, np.where(both >= 0, (bt - both * ab) / np.maximum(bb, _SMALLEST), -1.0)),
            (at / np.maximum(aa, _SMALLEST), zero),
            (zero, bt / np.maximum(bb, _SMALLEST)),
        ):
            # The loss, but for the sum of squares of the target, which is the same for all.
            loss = low**2 * aa + 2 * low * high * ab + high**2 * bb - 2 * (low * at + high * bt)
            is_better = (low >= 0) & (high >= 0) & (loss < least - _SMALLEST)
            floor, height = np.where(is_better, low, floor), np.where(is_better, high, height)
            exponent, least = np.where(is_better, tried, exponent), np.where(is_better, loss, least)
    return floor, height, exponent
