"""Pairs of labels that annotators are split on and that no clause of the guideline tells apart. The rules are silent,
so people decide as they see fit: read the examples, decide them together, and write the clause on the Guidelines page.

A clause rules a pair when it names both labels in backticks. While no guideline is written, every pair is a gap."""

import numpy as np
import pandas as pd

from analysis.checks import Inputs, check, findings, shown
from analysis.errors import NotReady
from analysis.people import code_labels
from analysis.people.disagreement import Splits
from analysis.people.guidelines import clauses

_MEMBERS = 200


@check(title="Gaps in the guideline", subject="slice", needs=("annotations",))
def guideline_gap(inputs: Inputs, *, min_split: int = 3, min_share: float = 0.02) -> pd.DataFrame:
    """One row per pair of labels that at least one example got from two annotators.

    min_split  examples that annotators are split on, 1 or more
    min_share  share of the examples with one of the two labels that must be split for certain, the lower end of its
               95 % interval (Wilson 1927); 0 to 1

    severity: share of all disagreement that the pair causes (see `Splits.pairs`), 0 where a clause names both labels.
    Judged are examples with labels by two annotators or more; raises NotReady where there is none. members are the
    examples split on the pair, most evenly split first, at most 200.
    """
    given = inputs.annotations
    assert given is not None, "declared as a need"
    labels = code_labels(given[given["example_id"].isin(inputs.examples.index)])
    if not (np.bincount(labels.example) >= 2).any():
        raise NotReady(
            "No example has labels by two annotators.", "Have some examples labelled by more than one person."
        )
    splits, ruled = Splits(labels), clauses(inputs.guideline)
    pairs = splits.pairs()
    number = {
        (first, second): next((c.number for c in ruled if c.rules((first, second))), None)
        for first, second in zip(pairs["first"], pairs["second"], strict=True)
    }
    clause = np.array(list(number.values()), dtype=object)
    silent = np.array([found is None for found in clause], dtype=bool)
    often = (pairs["split"] >= min_split) & (pairs["low"] > min_share)
    flagged = silent & often.to_numpy(bool)
    message = np.full(len(pairs), "Too few examples to tell from a slip.", dtype=object)
    message[~silent] = [f"Clause {found} names both." for found in clause[~silent]]
    members: list[list[str]] = [[]] * len(pairs)
    for i in np.flatnonzero(flagged):
        row = pairs.iloc[i]
        message[i] = _message(row, is_written=bool(ruled))
        members[i] = splits.examples(row["first"], row["second"])[:_MEMBERS]
    return findings(
        subject_id=[_name(first, second) for first, second in number],
        severity=np.where(silent, np.clip(pairs["share"].to_numpy(float), 0, 1), 0),
        flagged=flagged,
        message=message,
        members=members,
    )


def _message(row: pd.Series, *, is_written: bool) -> str:
    missing = "no clause names both" if is_written else "no guideline is written yet"
    return (
        f"Annotators are split between {shown(row['first'])} and {shown(row['second'])} on {row['split']:,} of "
        f"{row['involved']:,} examples ({row['low']:.0%}–{row['high']:.0%}), which is {row['share']:.0%} of all "
        f"disagreement; {missing}."
    )


def _name(first: str, second: str) -> str:
    """One name a pair: an arrow inside a label is doubled, so that no two pairs share a name."""
    return " ↔ ".join(label.replace("↔", "↔↔") for label in (first, second))
