"""The same text more than once. Copies make some cases count double: keep one, and drop the others unless they are
meant to be there.

Texts are the same when they agree letter for letter, apart from spacing and the way accents are stored; capitals count.
Of each set of copies the one with the first id is left alone."""

import numpy as np
import pandas as pd

from analysis.checks import Inputs, check, findings, shown

_MEMBERS = 10


@check(title="Exact duplicates", subject="example")
def exact_duplicate(inputs: Inputs) -> pd.DataFrame:
    """Examples whose text an example with an earlier id has too; it has no settings.

    severity: 1 - 1 / (examples with this text) for the copies, 0 for the others. Empty texts are not judged.
    """
    found = inputs.duplicates
    ids, labels = inputs.examples.index.tolist(), inputs.examples["label"].tolist()
    rows = np.flatnonzero(found.group >= 0)
    group = found.group[rows]
    size, first = found.size[group], found.first[group]
    flagged = rows != first
    message = np.full(len(rows), "No earlier example has this text.", dtype=object)
    members: list[list[str]] = [[]] * len(rows)
    for i in np.flatnonzero(flagged):
        original = first[i]
        message[i] = (
            f"The same text as {shown(ids[original])} ({_label(labels[original])}); {size[i]:,} examples have it."
        )
        copies = found.order[found.start[group[i]] :][: min(size[i], _MEMBERS + 1)]
        members[i] = [ids[row] for row in copies if row != rows[i]][:_MEMBERS]
    return findings(
        subject_id=inputs.examples.index[rows],
        severity=np.where(flagged, 1 - 1 / size, 0),
        flagged=flagged,
        message=message,
        members=members,
    )


def _label(label: str | None) -> str:
    return "without a label" if label is None else f"labelled {shown(label)}"
