"""Labels that only a few examples bear. A model cannot learn such a class, and no test can tell how well it does:
collect more examples of it, merge it with another class, or check that it is not a slip."""

import numpy as np
import pandas as pd

from analysis.checks import Inputs, check, findings, shown


@check(title="Rare classes", subject="slice", needs=("labels",))
def rare_class(inputs: Inputs, *, min_examples: int = 5) -> pd.DataFrame:
    """One row per label; flagged are those that fewer than min_examples examples bear.

    min_examples  examples that a class should have, 1 or more

    severity: 1 - (examples - 1) / min_examples for rare classes, 0 for the others. members are the examples of a rare
    class, in the order of the data.
    """
    labels = inputs.examples["label"].dropna()
    sizes = labels.value_counts().sort_index()
    count, names = sizes.to_numpy(), sizes.index.tolist()
    rare = count < min_examples
    members = labels[labels.isin(sizes.index[rare])].groupby(labels).groups
    message = np.full(len(sizes), "Has enough examples.", dtype=object)
    for i in np.flatnonzero(rare):
        found = "Only 1 example is" if count[i] == 1 else f"Only {count[i]} examples are"
        message[i] = f"{found} labelled {shown(names[i])}; a class needs {min_examples} or more."
    return findings(
        subject_id=sizes.index,
        severity=np.where(rare, 1 - (count - 1) / max(min_examples, 1), 0),
        flagged=rare,
        message=message,
        members=[list(members.get(label, [])) for label in names],
    )
