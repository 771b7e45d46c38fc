"""The coefficients: percent agreement, Cohen, Fleiss, Krippendorff, Gwet. Formulas on sums, nothing else.

Every function takes sums for one dataset or, with one leading axis, for many resamples, and returns as many numbers.
The papers: J. Cohen, Educational and Psychological Measurement 20 (1960) and Psychological Bulletin 70 (1968);
J. Fleiss, Psychological Bulletin 76 (1971); K. Krippendorff, "Computing Krippendorff's alpha-reliability" (2011);
K. Gwet, British Journal of Mathematical and Statistical Psychology 61 (2008), and "Handbook of inter-rater
reliability", 4th edition (2014).
A coefficient that is not defined – nobody labelled twice, or chance alone explains everything – is NaN.
"""

import numpy as np

from analysis.people.agreement_counts import Patterns, Totals, agreement_weights, scale_points


def percent(sums: Totals) -> np.ndarray:
    """Observed agreement: the mean over doubled examples of the (weighted) share of agreeing pairs, in [0, 1]."""
    return _ratio(sums.agreement, sums.doubled)


def fleiss(found: Patterns, sums: Totals) -> np.ndarray:
    """Fleiss' κ (Fleiss 1971), in the form for unequal numbers of labels and for weights.

    κ = (p_a - p_e) / (1 - p_e), p_e = Σ_kl w_kl π_k π_l with π_k the mean over examples of the share of class k
    (Gwet 2014, chapter 5). With equal numbers of labels and no weights it is Fleiss' own.
    """
    chance = _expected(_prevalence(sums), _prevalence(sums), agreement_weights(found.scale, found.values))
    return _corrected(percent(sums), chance)


def gwet(found: Patterns, sums: Totals) -> np.ndarray:
    """Gwet's AC1, and AC2 with weights (Gwet 2008; Gwet 2014, chapter 5).

    p_e = T_w / (K (K - 1)) Σ_k π_k (1 - π_k), T_w the sum of the weights, K the number of classes.
    """
    prevalence = _prevalence(sums)
    classes = prevalence.shape[-1]
    if classes < 2:
        return np.full(np.shape(sums.doubled), np.nan)
    weights = agreement_weights(found.scale, found.values)
    total = float(classes if weights is None else weights.sum())
    chance = total / (classes * (classes - 1)) * (prevalence * (1 - prevalence)).sum(axis=-1)
    return _corrected(percent(sums), chance)


def krippendorff(found: Patterns, sums: Totals) -> np.ndarray:
    """Krippendorff's α = 1 - D_o / D_e, with missing values (Krippendorff 2011, sections C and D).

    D_o = Σ o_ck δ²_ck / n and D_e = Σ n_c n_k δ²_ck / (n (n - 1)), over labels of doubled examples only.
    """
    number = sums.pairable.sum(axis=-1)
    if found.scale == "nominal":
        expected = number**2 - (sums.pairable**2).sum(axis=-1)
    else:
        points = scale_points(found, sums.pairable)
        mean = _ratio((sums.pairable * points).sum(axis=-1), number)
        expected = 2 * number * (sums.pairable * (points - mean[..., None]) ** 2).sum(axis=-1)
    return 1 - _ratio((number - 1) * sums.disagreement, expected)


def cohen(joint: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Cohen's κ (1960, eq. 1; weighted 1968) from tables (…, K, K): one annotator's class by the other's."""
    share = joint / np.maximum(joint.sum(axis=(-2, -1), keepdims=True), 1)
    agreeing = np.eye(joint.shape[-1]) if weights is None else weights
    observed = (share * agreeing).sum(axis=(-2, -1))
    kappa = _corrected(observed, _expected(share.sum(axis=-1), share.sum(axis=-2), weights))
    return np.where(joint.sum(axis=(-2, -1)) > 0, kappa, np.nan)


def class_alpha(sums: Totals) -> np.ndarray:
    """Krippendorff's nominal α of each class against the rest (…, K): 1 - (n - 1)(n_c - o_cc) / (n_c (n - n_c))."""
    number = sums.pairable.sum(axis=-1, keepdims=True)
    return 1 - _ratio((number - 1) * (sums.pairable - sums.coinciding), sums.pairable * (number - sums.pairable))


def class_agreement(sums: Totals) -> np.ndarray:
    """Specific agreement of each class (…, K) in [0, 1]: of the pairs in which one says c, the share in which both do.

    o_cc / n_c; with two annotators 2a / (2a + b + c) (Cicchetti and Feinstein 1990).
    """
    return _ratio(sums.coinciding, sums.pairable)


def _prevalence(sums: Totals) -> np.ndarray:
    return _ratio(sums.shares, np.asarray(sums.rated)[..., None])


def _expected(first: np.ndarray, second: np.ndarray, weights: np.ndarray | None) -> np.ndarray:
    other = second if weights is None else second @ weights.T
    return np.asarray((first * other).sum(axis=-1))


def _corrected(observed: np.ndarray, chance: np.ndarray) -> np.ndarray:
    return _ratio(observed - chance, 1 - chance)


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """NaN instead of a division by nothing; a denominator of rounding noise is nothing."""
    defined = np.abs(below) > 1e-12 * np.maximum(1.0, np.abs(above))
    return np.where(defined, above / np.where(defined, below, 1.0), np.nan)
