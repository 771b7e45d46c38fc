"""Parts of the data where models that have not seen the examples are wrong more often than elsewhere, beyond chance.
Either the labels there are bad, or the cases are hard or too few: review some, then collect more of the same kind."""

import numpy as np
import pandas as pd

from analysis.checks import Inputs, check, findings, shown
from analysis.coverage.chance import LEVEL
from analysis.coverage.columns import categories, columns_of
from analysis.coverage.slices import Slice, worst
from analysis.errors import NotReady

_FEWEST = 40  # judged examples below which nothing can be told
_MEMBERS = 200


@check(title="Slices that models get wrong", subject="slice", needs=("labels", "probabilities"))
def weak_slice(inputs: Inputs, *, level: float = LEVEL) -> pd.DataFrame:
    """One row per judged label and per slice in which held-out predictions differ from the labels more than elsewhere.

    level  the share of false finds among the flagged that is let through, 0 to 1

    A slice is one label, or one value of a column, or two of these, or two values and a label; numbers and dates are
    cut into bands. Flagged is what is wrong at least half as often again as the rest, beyond what chance does
    (hypergeometric test, Benjamini–Hochberg over all slices), unless another flagged slice explains it. severity: the
    lower end of the 95 % interval of the share that is wrong; 0 for labels that are not flagged. members are the
    examples that are wrong, most surely first, at most 200. Raises NotReady below 40 judged examples.
    """
    probabilities = inputs.need("probabilities")
    code = pd.Index(inputs.classes).get_indexer(pd.Index(inputs.examples["label"].to_numpy(dtype=object)))
    judged = np.isfinite(probabilities).all(axis=1) & (code >= 0)
    if judged.sum() < _FEWEST:
        raise NotReady(
            f"Only {int(judged.sum())} examples have a prediction and a label.",
            f"Label {_FEWEST} examples or more.",
        )
    wrong = judged & (np.argmax(np.where(np.isfinite(probabilities), probabilities, 0), axis=1) != code)
    given = np.where(judged, probabilities[np.arange(len(code)), np.maximum(code, 0)], 0)
    found = worst(categories(columns_of(inputs.examples)), wrong, judged, level=level)
    ids = inputs.examples.index
    names = [", ".join(f"{title} = {value}" for title, value in one.conditions) for one in found]
    rest = [name for name in (f"label = {inputs.classes[i]}" for i in np.unique(code[judged])) if name not in names]
    members = []
    for one in found:
        rows = one.rows[wrong[one.rows]]
        order = sorted(rows, key=lambda row: (float(given[row]), ids[row]))
        members.append([ids[row] for row in order[:_MEMBERS]])
    return findings(
        subject_id=[*names, *rest],
        severity=[*(one.share[0] for one in found), *([0.0] * len(rest))],
        flagged=[True] * len(found) + [False] * len(rest),
        message=[*(_said(one) for one in found), *(["Not wrong beyond what chance could do."] * len(rest))],
        members=[*members, *([[]] * len(rest))],
    )


def _said(one: Slice) -> str:
    where = ", ".join(f"{shown(title, 40)} = {shown(value, 40)}" for title, value in one.conditions)
    low, share, high = (round(100 * part) for part in one.share)
    return (
        f"{where}: {one.of:,} examples, the models are wrong about {share} % of them ({low} to {high} %);"
        f" elsewhere about {round(100 * one.elsewhere)} %."
    )
