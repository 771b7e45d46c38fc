"""Intervals of agreement statistics, by resampling examples through the weights of their patterns (Efron 1979)."""

import numpy as np

from analysis.people.agreement_coefficients import class_alpha, cohen, fleiss, gwet, krippendorff, percent
from analysis.people.agreement_counts import Patterns, Totals, agreement_weights, resampled, totals

LEVEL = 0.95
_CHUNK = 8_000_000  # numbers held at once, 64 MB

Statistics = dict[str, np.ndarray]


def coefficients(found: Patterns, sums: Totals) -> Statistics:
    """The statistics that count patterns, by name."""
    return {
        "percent": percent(sums),
        "fleiss": fleiss(found, sums),
        "alpha": krippendorff(found, sums),
        "gwet": gwet(found, sums),
    }


def bootstrap(found: Patterns, resamples: int, seed: int) -> tuple[Statistics, np.ndarray]:
    """Resampled values of every coefficient (B,), and of α of each class (B, K)."""
    parts: list[Statistics] = []
    classes: list[np.ndarray] = []
    for weights in resampled(found, resamples, seed):
        sums = totals(found, weights)
        parts.append(coefficients(found, sums))
        classes.append(class_alpha(sums))
    names = ("percent", "fleiss", "alpha", "gwet")
    joined = {name: np.concatenate([part[name] for part in parts]) if parts else np.empty(0) for name in names}
    return joined, np.concatenate(classes) if classes else np.empty((0, found.counts.shape[1]))


def bootstrap_cohen(joint: np.ndarray, found: Patterns, resamples: int, seed: int) -> np.ndarray:
    """Resampled Cohen's κ (B,) from the table (K, K) of two annotators: its cells redrawn as a multinomial."""
    generator = np.random.default_rng(seed)
    weights = agreement_weights(found.scale, found.values)
    cells = np.flatnonzero(joint)
    number, share = int(joint.sum()), joint.ravel()[cells] / joint.sum()
    step = max(1, _CHUNK // joint.size)
    drawn = []
    for start in range(0, resamples, step):
        tables = np.zeros((min(step, resamples - start), joint.size))
        tables[:, cells] = generator.multinomial(number, share, size=len(tables))
        drawn.append(cohen(tables.reshape(-1, *joint.shape), weights))
    return np.concatenate(drawn) if drawn else np.empty(0)


def interval(draws: np.ndarray) -> tuple[float, float]:
    """The 95 % percentile interval of resampled values; NaN where fewer than half of them are defined."""
    defined = draws[np.isfinite(draws)]
    if not len(draws) or len(defined) * 2 < len(draws):
        return float("nan"), float("nan")
    low, high = np.quantile(defined, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
