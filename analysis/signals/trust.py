"""How many flagged labels are really wrong, and how many wrong labels nobody flagged: estimates with their intervals.

Nobody knows from labels alone. What is known: how the models' probabilities would spread if a share of the labels were
slips (`chances`), how far such a reading was off on data with planted slips (`_Prior`), and what reviewers have found.
`trust` puts the three together by Bayes' rule; the more decisions there are, the less the first two weigh.
"""

from dataclasses import dataclass

import numpy as np

FEWEST = 5  # flags below which a share of them says nothing
_FLATTER = 0.5  # power of the models' probabilities by which slips choose their label
_PULL, _USUAL = 20.0, -2.75  # how many examples' worth the usual share of slips, 6 %, weighs (as a logit)
_DISCOUNT = 0.4  # of a decision: the first flags that are decided speak for the others only in part
_DRAWS = 4_000
_MIDDLE, _LOW, _HIGH = 50, 2.5, 97.5  # percentiles
ONE_IN_FIVE = 0.2
_LOOKED_AT = 500  # flags
_COUNTS = 1e-6  # of the greatest weight: points of the grid below it change nothing


@dataclass(frozen=True)
class Count:
    """An estimated number with its 95 % interval: whole numbers, low ≤ about ≤ high."""

    about: int
    low: int
    high: int


@dataclass(frozen=True)
class Trust:
    """Of `flags` flagged examples, `decided` of them known, `real` are wrong; of others `missed`; `wrong` is both."""

    flags: int
    decided: int
    real: Count
    missed: Count
    wrong: Count


@dataclass(frozen=True)
class _Prior:
    """How far `chances` was off where 3, 8 and 15 % of slips were planted in two ways (`benchmarks/planted.py`): in
    both samples, in hatecheck by three of its columns and in mmlu_redux by subject; rounded up.

    A flag with chance q is real with probability sigmoid(m + shift + slope · (logit q - m)), m the mean logit of the
    flags; the missed are exp(more) times the sum of q over what is not flagged. Each normal; `together` is the
    correlation of shift and more.
    """

    shift: tuple[float, float]
    slope: tuple[float, float]
    more: tuple[float, float]
    together: float


_PRIOR = _Prior(shift=(0.5, 1.5), slope=(0.8, 0.6), more=(0.45, 1.0), together=0.5)


def chances(probabilities: np.ndarray, given: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """float64 (n,): the chance that each given label is a slip, as far as the models alone can tell.

    probabilities float (n, K), out of sample, rows sum to 1, K ≥ 2; given int (n,) in 0 … K-1; weight float (n,): how
    many examples each row stands for. The given label is the true one, drawn from the probabilities sharpened by a
    power, or with a probability of its own a slip, drawn among the other labels by the square root of the
    probabilities. Power and share of slips are the most likely ones (label noise as in Bootkrajang & Kabán 2012), the
    share held near its usual 6 % by a weak prior. Ties and zeros are safe.
    """
    from scipy.optimize import minimize

    p = np.clip(probabilities.astype(np.float64), 1e-9, 1)
    rows, logs = np.arange(len(p)), np.log(p)
    slips = p**_FLATTER
    slips += 0.02 * slips.sum(axis=1, keepdims=True) / p.shape[1]
    per_other = 1 / np.maximum(slips.sum(axis=1, keepdims=True) - slips, 1e-12)
    of_given = slips[rows, given]

    def likelihoods(logit: float, power: float) -> tuple[np.ndarray, np.ndarray]:
        """Of the given label, if it is right and if it is a slip."""
        share = 1 / (1 + np.exp(-logit))
        true = np.exp(power * (logs - logs.max(axis=1, keepdims=True)))
        true /= true.sum(axis=1, keepdims=True)
        others = (true * per_other).sum(axis=1) - true[rows, given] * per_other[rows, given]
        return (1 - share) * np.maximum(true[rows, given], 1e-12), share * of_given * np.maximum(others, 1e-12)

    def loss(x: np.ndarray) -> float:
        right, wrong = likelihoods(float(x[0]), float(np.exp(x[1])))
        unusual = _PULL * (float(x[0]) - _USUAL) ** 2 / 2
        return float((-np.log(right + wrong) * weight).sum() + unusual) / float(weight.sum())

    best = minimize(loss, [_USUAL, 0.2], method="Nelder-Mead", options={"maxiter": 120, "xatol": 1e-2, "fatol": 1e-5})
    right, wrong = likelihoods(float(best.x[0]), float(np.exp(best.x[1])))
    chance: np.ndarray = wrong / (right + wrong)
    return chance


def trust(
    chance: np.ndarray, outcome: np.ndarray, expected: float, unflagged: int, found: int, prior: _Prior = _PRIOR
) -> Trust:
    """The estimates and their intervals, by Bayes' rule over a grid; the same inputs give the same answer.

    chance    float (f,): `chances` of the flagged examples; NaN where it was not computed, which then is as of the rest
    outcome   float (f,): 1 where a reviewer found the label wrong, 0 right, NaN undecided
    expected  the sum of `chances` over the `unflagged` examples that nobody has decided about, at most `unflagged`
    found     wrong labels that reviewers found among those not flagged
    Raises ValueError without a flag whose chance is known.
    """
    if not np.isfinite(chance).any():
        raise ValueError("no flag has a chance")
    dice = np.random.default_rng(0)
    open_, known = np.isnan(outcome), np.isfinite(chance)
    logit = _logit(np.where(known, chance, np.nanmedian(chance)))
    shift, slope, weight = _posterior(logit, outcome, known, prior)
    drawn = dice.choice(len(weight), size=_DRAWS, p=weight)
    already = int(np.nansum(outcome))
    real = already + _real_among_open(logit, open_, shift, slope, dice, drawn)
    spread = (shift[drawn] - prior.shift[0]) / prior.shift[1]
    more = prior.more[0] + prior.more[1] * (
        prior.together * spread + np.sqrt(1 - prior.together**2) * dice.standard_normal(_DRAWS)
    )
    missed = found + np.minimum(dice.poisson(np.minimum((expected + 0.5) * np.exp(more), unflagged)), unflagged)
    return Trust(len(chance), int((~open_).sum()), _count(real), _count(missed), _count(real + missed))


def stops(
    chance: np.ndarray, outcome: np.ndarray, order: np.ndarray, level: float = ONE_IN_FIVE, prior: _Prior = _PRIOR
) -> Count:
    """After how many more flags the share of real ones among those left falls under `level`; len(order): never.

    chance and outcome float (f,) as for `trust`; order int (m,): the undecided flags, m ≥ 1, as they will be decided.
    The share is an expectation, so the interval says how well the models are known, not how the dice will fall. Beyond
    the first 500 flags every second, third … one is looked at. Raises ValueError where no flag has a known chance.
    """
    if not np.isfinite(chance).any():
        raise ValueError("no flag has a chance")
    known = np.isfinite(chance)
    logit = _logit(np.where(known, chance, np.nanmedian(chance)))
    shift, slope, weight = _posterior(logit, outcome, known, prior)
    heavy = weight > weight.max() * _COUNTS
    shift, slope, weight = shift[heavy], slope[heavy], weight[heavy] / weight[heavy].sum()
    step = -(-len(order) // _LOOKED_AT)
    ahead, middle = logit[order[::step]], logit.mean()
    p = 1 / (1 + np.exp(-(middle + shift[:, None] + slope[:, None] * (ahead - middle))))
    left = np.cumsum(p[:, ::-1], axis=1)[:, ::-1] / np.arange(len(ahead), 0, -1)
    low = left < level
    after = np.where(low.any(axis=1), low.argmax(axis=1) * step, len(order))
    rank = np.argsort(after, kind="stable")
    found = np.searchsorted(np.cumsum(weight[rank]), np.array([_LOW, _MIDDLE, _HIGH]) / 100)
    at_low, about, high = (int(after[rank[min(place, len(rank) - 1)]]) for place in found)
    return Count(about, at_low, high)


def _posterior(
    logit: np.ndarray, outcome: np.ndarray, known: np.ndarray, prior: _Prior
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """shift, slope and probability of every point of a grid, given the decisions."""
    shifts = prior.shift[0] + prior.shift[1] * np.linspace(-4, 4, 65)
    slopes = prior.slope[0] + prior.slope[1] * np.linspace(-3, 3, 19)
    shift, slope = (axis.ravel() for axis in np.meshgrid(shifts, slopes, indexing="ij"))
    fit = -(((shift - prior.shift[0]) / prior.shift[1]) ** 2 + ((slope - prior.slope[0]) / prior.slope[1]) ** 2) / 2
    middle = logit.mean()
    for wrong in (1, 0):
        some = logit[known & (outcome == wrong)]
        signed = (middle + shift[:, None] + slope[:, None] * (some - middle)) * (1 if wrong else -1)
        fit -= _DISCOUNT * np.logaddexp(0, -signed).sum(axis=1)
    weight = np.exp(fit - fit.max())
    return shift, slope, weight / weight.sum()


def _real_among_open(
    logit: np.ndarray,
    open_: np.ndarray,
    shift: np.ndarray,
    slope: np.ndarray,
    dice: np.random.Generator,
    drawn: np.ndarray,
) -> np.ndarray:
    """How many undecided flags are real, once for each draw; a sum of independent chances is nearly normal."""
    middle = logit.mean()
    points, at = np.unique(drawn, return_inverse=True)
    p = 1 / (1 + np.exp(-(middle + shift[points, None] + slope[points, None] * (logit[open_] - middle))))
    mean, variance = p.sum(axis=1)[at], (p * (1 - p)).sum(axis=1)[at]
    count = np.rint(mean + np.sqrt(variance) * dice.standard_normal(_DRAWS))
    real: np.ndarray = np.clip(count, 0, int(open_.sum()))
    return real


def _count(draws: np.ndarray) -> Count:
    low, about, high = (round(value) for value in np.percentile(draws, (_LOW, _MIDDLE, _HIGH)))
    return Count(about, low, high)


def _logit(chance: np.ndarray) -> np.ndarray:
    """Held to ±3.5: the models are never surer of a slip than 97 %."""
    p = np.clip(chance, 1e-9, 1 - 1e-9)
    logit: np.ndarray = np.clip(np.log(p / (1 - p)), -3.5, 3.5)
    return logit
