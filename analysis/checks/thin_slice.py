"""Parts of the data that are tested on but hardly trained on: values of one or two columns, with or without a label,
that the test split has and the training split lacks. Collect such examples for training, or models will guess."""

import pandas as pd

from analysis.checks import Inputs, check, findings, shown
from analysis.coverage.chance import LEVEL
from analysis.coverage.columns import categories, columns_of
from analysis.coverage.slices import Slice, thinnest
from analysis.coverage.splits import sides

_MEMBERS = 200


@check(title="Slices missing from training", subject="slice", needs=("labels", "splits"))
def thin_slice(inputs: Inputs, *, level: float = LEVEL) -> pd.DataFrame:
    """One row per label and per slice that is thinner in training than in the split that is tested on.

    level  the share of false finds among the flagged that is let through, 0 to 1

    A slice is one label, or one value of a column, or two of these, or two values and a label; numbers and dates are
    cut into bands. Flagged is what training has less than half as often as the test split, beyond what chance does
    (hypergeometric test, Benjamini–Hochberg over all slices), unless another flagged slice explains it. severity:
    1 - q for flagged slices, 0 for labels that are not. members are the test examples of the slice, then the
    training examples, at most 200. Raises NotReady with a single split.
    """
    training, testing, _ = sides(inputs.examples["split"])
    table = categories(columns_of(inputs.examples, without=("split",)))
    found = thinnest(table, training, testing, level=level)
    ids = inputs.examples.index
    names = [", ".join(f"{title} = {value}" for title, value in one.conditions) for one in found]
    rest = [name for name in _labels(inputs) if name not in names]
    members = []
    for one in found:
        rows = [*one.rows[testing[one.rows]], *one.rows[training[one.rows]]]
        members.append([ids[row] for row in rows[:_MEMBERS]])
    return findings(
        subject_id=[*names, *rest],
        severity=[*(1 - one.q for one in found), *([0.0] * len(rest))],
        flagged=[True] * len(found) + [False] * len(rest),
        message=[*(_said(one) for one in found), *(["Is trained on about as often as it is tested on."] * len(rest))],
        members=[*members, *([[]] * len(rest))],
    )


def _labels(inputs: Inputs) -> list[str]:
    return [f"label = {label}" for label in sorted(inputs.examples["label"].dropna().unique())]


def _said(one: Slice) -> str:
    where = ", ".join(f"{shown(title, 40)} = {shown(value, 40)}" for title, value in one.conditions)
    tested = one.of - one.found
    have = f"{one.found:,} examples" if one.found != 1 else "1 example"
    return (
        f"{where}: {have if one.found else 'no example'} in training and {tested:,} to be tested on; as often as"
        f" elsewhere it would be about {one.expected:.0f} in training."
    )
