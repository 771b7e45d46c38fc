"""Examples unlike all the others. They may be in the wrong place – spam, another language, a slip of the file – or be
rare cases that the data needs more of: drop the first kind, keep the second."""

import numpy as np
import pandas as pd

from analysis.checks import Inputs, check, findings
from analysis.errors import NotReady

_FEWEST = 30  # examples, and examples of a class, from which on "usual" means something
_SCALE = 1.4826  # makes the median absolute deviation of normal values their standard deviation


@check(title="Outliers", subject="example", needs=("neighbours",))
def outlier(inputs: Inputs, *, threshold: float = 2.5, max_share: float = 0.02) -> pd.DataFrame:
    """Examples whose nearest examples lie unusually far away, for the dataset and for their own class.

    threshold  how unusual: distance from the median in robust standard deviations (modified z-score, Iglewicz and
               Hoaglin 1993) of the mean cosine distance to the nearest neighbours, above 0; not of its
               logarithm, whose long lower tail of near duplicates hides what is unusually far
    max_share  the largest share of examples to flag, the most unusual first, 0 to 1

    A class of 30 examples or more is its own yardstick as well; both must find the example unusual, and it must be less
    than half as similar to its neighbours as the median example, which dense data would else exceed. severity: the
    share of examples that are less unusual. Empty texts are not judged; raises NotReady below 30 examples with text.
    """
    neighbours = inputs.neighbours
    assert neighbours is not None, "declared as a need"
    has_text = inputs.examples["text"].str.strip().to_numpy() != ""
    rows = np.flatnonzero(has_text & np.isfinite(neighbours.distance).all(axis=1))
    if len(rows) < _FEWEST or not neighbours.distance.shape[1]:
        raise NotReady(
            f"Only {len(rows)} examples have text.", f"What is usual can be told from {_FEWEST} examples or more."
        )
    distance = neighbours.distance[rows].mean(axis=1, dtype=np.float64)
    unusual = _unusual(distance)
    labels = inputs.examples["label"].iloc[rows]
    for positions in labels.reset_index(drop=True).groupby(labels.to_numpy(dtype=object)).indices.values():
        if len(positions) >= _FEWEST:
            unusual[positions] = np.minimum(unusual[positions], _unusual(distance[positions]))

    limit = np.quantile(unusual, 1 - max_share) if max_share < 1 else -np.inf
    middle = 1 - np.median(distance)
    flagged = (unusual > threshold) & (unusual >= limit) & (1 - distance < middle / 2)
    k = neighbours.distance.shape[1]
    message = np.full(len(rows), "Has others like it.", dtype=object)
    message[flagged] = [
        f"Unlike everything else: its {k} nearest examples have a mean similarity of {1 - one:.2f};"
        f" for half of all examples it is above {middle:.2f}."
        for one in distance[flagged]
    ]
    return findings(
        subject_id=inputs.examples.index[rows],
        severity=np.searchsorted(np.sort(unusual), unusual) / len(rows),
        flagged=flagged,
        message=message,
        members=[
            list(inputs.examples.index[neighbours.position[row, :3]]) if one else []
            for row, one in zip(rows, flagged, strict=True)
        ],
    )


def _unusual(values: np.ndarray) -> np.ndarray:
    """Modified z-scores; 0 where the values do not vary."""
    middle = np.median(values)
    spread = _SCALE * np.median(np.abs(values - middle))
    return (values - middle) / spread if spread > 1e-6 else np.zeros(len(values))
