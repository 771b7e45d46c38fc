"""Examples that say almost the same as another one. They add little that is new and can make test results look better
than they are: keep the best one, and drop the others or check that they are meant to differ.

Of two such texts the one with the later id is flagged, so that dropping every flagged one leaves one of each."""

import numpy as np
import pandas as pd

from analysis.checks import Inputs, check, findings, shown
from analysis.signals.duplicates import NEAR_DISTANCE, NEAR_OVERLAP

_MEMBERS = 10


@check(title="Near duplicates", subject="example", needs=("neighbours",))
def near_duplicate(
    inputs: Inputs, *, max_distance: float = NEAR_DISTANCE, min_overlap: float = NEAR_OVERLAP
) -> pd.DataFrame:
    """Examples whose text is almost that of an example with an earlier id; exact copies are left to their own check.

    max_distance  cosine distance of the vectors up to which two neighbours count as near, 0 to 0.3
    min_overlap   share of three-letter pieces that the two texts must have in common, 0 to 1; letters as well as
                  meaning, because short texts about one matter have near vectors

    severity: for flagged ones 1/2 + overlap / 2, for the others half the largest overlap with a neighbour. Of several
    exact copies only the first is flagged. Empty texts are not judged.
    """
    found = inputs.duplicates
    ids, labels = inputs.examples.index.tolist(), inputs.examples["label"].tolist()
    partners = found.partners(max_distance=max_distance, min_overlap=min_overlap)
    later, entries = partners.best(partners.group < partners.source)
    flagged_group = np.zeros(len(found.first), dtype=bool)
    flagged_group[later] = True
    closest = found.closest()
    closest[later] = 1 + partners.overlap[entries]

    rows = np.flatnonzero(found.group >= 0)
    group = found.group[rows]
    first = found.first
    flagged = flagged_group[group] & (rows == first[group])
    place = np.empty(len(ids), dtype=np.int64)
    place[rows] = np.arange(len(rows))
    message = np.full(len(rows), "No earlier example says almost the same.", dtype=object)
    members: list[list[str]] = [[]] * len(rows)
    for one, entry in zip(later, entries, strict=True):
        i, other = place[first[one]], first[partners.group[entry]]
        label = labels[other]
        message[i] = (
            f"Says almost the same as {shown(ids[other])} (similarity {partners.similarity[entry]:.2f}), which "
            + ("has no label." if label is None else f"is labelled {shown(label)}.")
        )
        several = partners.group[partners.start[one] : partners.start[one + 1]][:_MEMBERS]
        members[i] = [ids[row] for row in first[several]]
    return findings(
        subject_id=inputs.examples.index[rows],
        severity=np.where(flagged | ~flagged_group[group], closest[group] / 2, 0),
        flagged=flagged,
        message=message,
        members=members,
    )
