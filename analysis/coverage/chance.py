"""What chance alone would do: exact tests on counts, and the control of many tests at once."""

import numpy as np

LEVEL = 0.05  # the share of false finds that is let through


def at_least(found: np.ndarray, drawn: np.ndarray, marked: int, total: int) -> np.ndarray:
    """The chance of `found` or more marked among `drawn`, out of `marked` in `total` (hypergeometric, exact)."""
    from scipy.stats import hypergeom

    return np.asarray(hypergeom.sf(np.asarray(found) - 1, total, marked, drawn), dtype=float)


def at_most(found: np.ndarray, drawn: np.ndarray, marked: int, total: int) -> np.ndarray:
    """The chance of `found` or fewer marked among `drawn`, out of `marked` in `total` (hypergeometric, exact)."""
    from scipy.stats import hypergeom

    return np.asarray(hypergeom.cdf(np.asarray(found), total, marked, drawn), dtype=float)


def either_way(found: np.ndarray, drawn: np.ndarray, marked: int, total: int) -> np.ndarray:
    """Twice the smaller of `at_least` and `at_most`, at most 1."""
    tails = np.minimum(at_least(found, drawn, marked, total), at_most(found, drawn, marked, total))
    return np.asarray(np.minimum(2 * tails, 1.0))


def adjusted(p: np.ndarray) -> np.ndarray:
    """For each of many tests the smallest share of false finds at which it would be one (Benjamini, Hochberg 1995)."""
    p = np.asarray(p, dtype=float)
    order = np.argsort(p, kind="stable")
    scaled = p[order] * len(p) / np.arange(1, len(p) + 1)
    q = np.empty_like(p)
    q[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return q
