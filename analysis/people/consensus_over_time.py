"""Whether an annotator's labels have become better or worse, and since when.

Each annotator's labels are put in the order of their dates, each with the probability that it is right, and the largest
departure of the running sum from a straight line is looked for: the CUSUM test of a shift in the mean, whose largest
value follows the Kolmogorov distribution when nothing has changed (M. Csörgő and L. Horváth, "Limit Theorems in
Change-Point Analysis", 1997, chapter 2).
"""

import numpy as np
import pandas as pd
from scipy.special import kolmogorov

from analysis.people import Labels

FEWEST = 40  # dated labels of one annotator
_Z = 1.959963984540054


def over_time(labels: Labels, posterior: np.ndarray, dates: pd.Series) -> pd.DataFrame:
    """One row per annotator, in the order of `labels.annotators`, without those who have no label.

    posterior  float (E, K), as `Consensus.posterior`
    dates      when each row of the frame that was coded was labelled: text or times; what is no date does not count

    annotator; dated: labels with a date on examples that somebody else labelled too. Where these are 40 or more, on two
    dates or more: since (time in UTC of the first label after the change), before and after (share of labels that are
    right, in [0, 1]), change (after - before) with its 95 % interval low, high; others: the same change in the labels
    of everybody else; p: how probable so large a departure is when nothing has changed, in [0, 1]. Else NaN and NaT.
    The place of the change is chosen where it is largest, so the interval is somewhat too narrow; p allows for that.
    """
    several = np.bincount(labels.example, minlength=len(labels.examples)) >= 2
    given = pd.to_datetime(dates.astype(object), errors="coerce", utc=True, format="mixed")
    times = given.to_numpy(dtype="datetime64[ns]")[labels.row]
    judged = several[labels.example] & ~np.isnat(times)
    annotator, time = labels.annotator[judged], times[judged]
    right = posterior[labels.example[judged], labels.label[judged]].astype(float)
    order = np.argsort(time, kind="stable")
    annotator, time, right = annotator[order], time[order], right[order]
    total = np.r_[0.0, np.cumsum(right)]
    by_annotator = np.argsort(annotator, kind="stable")
    present = np.unique(labels.annotator)
    start, end = (np.searchsorted(annotator[by_annotator], present, side=side) for side in ("left", "right"))
    rows = []
    for code, first, last in zip(present, start, end, strict=True):
        own = by_annotator[first:last]
        found = {"annotator": labels.annotators[code], "dated": len(own)}
        if len(own) >= FEWEST and time[own[0]] < time[own[-1]]:
            found |= _shift(time[own], right[own])
            earlier = int((time[own] < found["since"]).sum())
            found["others"] = _of_others(total, right[own], earlier, int(np.searchsorted(time, found["since"])))
        rows.append(found)
    columns = ["annotator", "dated", "since", "before", "after", "change", "low", "high", "others", "p"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(since=pd.to_datetime(frame["since"], utc=True))


def _shift(time: np.ndarray, right: np.ndarray) -> dict[str, object]:
    """The likeliest change in the mean of `right`, between two different times."""
    n = len(right)
    ends = np.flatnonzero(time[1:] > time[:-1])
    spread = right.std()
    sums = np.abs(np.cumsum(right - right.mean())[ends]) / max(spread * np.sqrt(n), 1e-12)
    place = int(ends[sums.argmax()]) + 1
    later = np.arange(n) >= place
    change, error = _difference(right, later)
    return {
        "since": time[place],
        "before": right[~later].mean(),
        "after": right[later].mean(),
        "change": change,
        "low": change - _Z * error,
        "high": change + _Z * error,
        "p": float(kolmogorov(sums.max())) if spread > 1e-9 else 1.0,
    }


def _of_others(total: np.ndarray, own: np.ndarray, own_before: int, before: int) -> float:
    """How much the mean of everybody else rose after the first `before` labels, of which `own_before` are one's own.

    `total` are running totals of everybody, 0 first; NaN where one side is empty.
    """
    numbers = before - own_before, len(total) - 1 - before - (len(own) - own_before)
    sums = total[before] - own[:own_before].sum(), total[-1] - total[before] - own[own_before:].sum()
    return float(sums[1] / numbers[1] - sums[0] / numbers[0]) if all(numbers) else float("nan")


def _difference(right: np.ndarray, later: np.ndarray) -> tuple[float, float]:
    """How much the mean rose, and its standard error; NaN where one side is empty."""
    if later.all() or not later.any():
        return float("nan"), float("nan")
    parts = right[~later], right[later]
    error = np.sqrt(sum((part.var() + 0.25 / (len(part) + 1)) / len(part) for part in parts))
    return float(parts[1].mean() - parts[0].mean()), float(error)
