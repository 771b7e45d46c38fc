"""Where each annotator stands beside the others: clearly less reliable, perhaps, or not."""

import numpy as np
import pandas as pd

MIN_GAP = 0.1  # how far the interval must lie below the others for certainty
MIN_LABELS = 20  # that must be judged
BELOW, PERHAPS, ALIKE, UNKNOWN = "below", "perhaps", "alike", ""


def others(people: pd.DataFrame) -> np.ndarray:
    """The mean reliability of all the others over their judged labels, float64 (A,) in [0, 1]; 0 without any.

    `people` as of `reliability`.
    """
    judged = people["judged"].to_numpy(dtype=float)
    right = judged * np.nan_to_num(people["reliability"].to_numpy(dtype=float))
    return np.asarray((right.sum() - right) / np.maximum(judged.sum() - judged, 1))


def standing(people: pd.DataFrame, *, min_gap: float = MIN_GAP, min_labels: int = MIN_LABELS) -> np.ndarray:
    """Where each stands, object (A,).

    BELOW    the upper end of the interval lies more than `min_gap` below the others, on `min_labels` labels or more
    PERHAPS  the reliability itself lies so far below, but the interval does not, or the labels are too few
    ALIKE    neither
    UNKNOWN  no label can be judged, or nobody else's
    """
    beside = others(people)
    reliability, high = people["reliability"].to_numpy(dtype=float), people["high"].to_numpy(dtype=float)
    judged = people["judged"].to_numpy()
    found = np.full(len(people), ALIKE, dtype=object)
    found[reliability < beside - min_gap] = PERHAPS
    found[(high < beside - min_gap) & (judged >= min_labels)] = BELOW
    found[(judged == 0) | (beside == 0) | np.isnan(reliability)] = UNKNOWN
    return found
