"""Which splits are trained on and which are tested on, by their names."""

import re

import numpy as np
import pandas as pd

from analysis.errors import NotReady

_TRAINING = {"train", "training", "trn"}
_EVALUATION = {"test", "testing", "tst", "val", "valid", "validation", "dev", "development", "eval", "evaluation"}
_EVALUATION |= {"holdout", "heldout", "held", "hold"}


def sides(splits: pd.Series) -> tuple[np.ndarray, np.ndarray, str | None]:
    """Which examples are trained on (bool), which are tested on (bool), and the split whose part was a guess, if any.

    The splits called train are the training splits; test, val, dev, eval and holdout, however written, are tested on.
    Where no name is known, the largest split, ties by name, is taken as training. Raises NotReady with a single split.
    """
    sizes = splits.value_counts()
    if len(sizes) < 2:
        known = "There is only one split." if len(sizes) else "There are no splits."
        raise NotReady(known, "This needs a training split and one to test on.")
    training = [name for name in sizes.index if _words(name) & _TRAINING]
    evaluation = [name for name in sizes.index if _words(name) & _EVALUATION and name not in training]
    guess = None
    if not training:
        others = sizes.drop(evaluation) if len(evaluation) < len(sizes) else sizes
        guess = min(name for name in others.index if others[name] == others.max())
        training = [guess]
        evaluation = [name for name in evaluation if name != guess]
    evaluation = evaluation or [name for name in sizes.index if name not in training]
    if not evaluation:
        raise NotReady("Every split is a training split.", "This needs a split to test on, such as test.")
    return splits.isin(training).to_numpy(), splits.isin(evaluation).to_numpy(), guess


def _words(split: str) -> set[str]:
    return set(re.split(r"[^a-z]+", split.casefold()))
