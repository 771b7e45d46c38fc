"""How long an annotator takes for a label, where labels carry the time of day."""

import numpy as np
import pandas as pd

from analysis.people import Labels

FEWEST = 20  # steps from one label to the next
_PAUSE = 30 * 60  # seconds: a longer step is a break
_OWN = 0.5  # share of examples on which labels must have times of their own


def speed(labels: Labels, dates: pd.Series) -> pd.DataFrame:
    """One row per annotator with a label, in the order of `labels.annotators`.

    dates  when each row of the frame that was coded was labelled: text or times

    annotator; steps: from one label to the next of theirs, above 0 s and up to 30 min; seconds: their median, with the
    quartiles quick and slow; NaN with fewer than 20 steps. Where labels of one example share their time, as in a file
    with one row per example, the times are not those of labelling, and there are no steps.
    """
    given = pd.to_datetime(dates.astype(object), errors="coerce", utc=True, format="mixed")
    time = given.to_numpy(dtype="datetime64[ms]")[labels.row]
    dated = ~np.isnat(time)
    annotator, at = labels.annotator[dated], time[dated].astype(np.int64) / 1000
    if not _are_of_labels(labels.example[dated], at):
        annotator, at = annotator[:0], at[:0]
    order = np.lexsort((at, annotator))
    annotator, step = annotator[order], np.diff(at[order])
    kept = (annotator[1:] == annotator[:-1]) & (step > 0) & (step <= _PAUSE)
    steps = pd.Series(step[kept]).groupby(annotator[1:][kept])
    found = steps.quantile(np.array([0.25, 0.5, 0.75])).unstack().reindex(columns=[0.25, 0.5, 0.75])
    present = np.unique(labels.annotator)
    number = steps.size().reindex(present, fill_value=0).to_numpy()
    values = np.where(number[:, None] >= FEWEST, found.reindex(present).to_numpy(dtype=float), np.nan)
    frame = pd.DataFrame({"annotator": labels.annotators[present], "steps": number})
    return frame.assign(quick=values[:, 0], seconds=values[:, 1], slow=values[:, 2])


def _are_of_labels(example: np.ndarray, at: np.ndarray) -> bool:
    """Whether most examples with two dated labels or more have different times on them."""
    times = pd.Series(at).groupby(example).agg(["size", "min", "max"])
    shared = times[times["size"] >= 2]
    return not len(shared) or bool((shared["min"] < shared["max"]).mean() > _OWN)
