"""Labels that are probably wrong. Models that have not seen the example expect another label, one that is mistaken for
this one elsewhere too. Read the text, then accept the suggested label or keep the one it has."""

import warnings

import numpy as np
import pandas as pd

from analysis.checks import Inputs, check, findings, shown
from analysis.errors import NotReady
from analysis.signals.noise import likeliest_mistake, mistake_rates

_NEAREST = 5  # neighbours that a reason counts


@check(title="Likely label errors", subject="example", needs=("labels", "neighbours", "probabilities"))
def label_error(inputs: Inputs, *, threshold: float = 0.5) -> pd.DataFrame:
    """Labels that the models, and the pattern of mistakes in this dataset, speak against.

    threshold  probability of a mistake from which an example is flagged, 0 to 1; 0.6 of it is enough where
               confident learning (cleanlab: Northcutt, Jiang & Chuang 2021) finds the label wrong as well

    severity: the probability that the most probable other label was mistaken for the example's own. Flagged are
    only examples whose other label is the more probable one by itself; it is suggested. Judged is every example
    that the models could judge.
    """
    probabilities = inputs.need("probabilities")
    codes = pd.Index(inputs.classes).get_indexer(pd.Index(inputs.examples["label"].to_numpy(dtype=object)))
    judged = np.flatnonzero(np.isfinite(probabilities).all(axis=1) & (codes >= 0))
    p, given = probabilities[judged].astype(np.float64), codes[judged]
    _refuse_what_is_no_probability(p)
    best, mistaken = likeliest_mistake(p, given, mistake_rates(p, given))
    rows = np.arange(len(judged))
    own, other = p[rows, given], p[rows, best]
    flagged = (other > own) & (mistaken >= np.where(_confidently_wrong(given, p), 0.6 * threshold, threshold))
    evidence = _Evidence(inputs, codes)
    names = inputs.classes
    message = np.full(len(judged), "The label is what the models expect.", dtype=object)
    suggested = np.full(len(judged), None, dtype=object)
    members: list[list[str]] = [[]] * len(judged)
    for i in np.flatnonzero(flagged):
        message[i] = (
            f"{evidence.models(judged[i], best[i])} {shown(names[best[i]])} ({other[i]:.2f}) rather than "
            f"{shown(names[given[i]])} ({own[i]:.2f}); {evidence.words(judged[i], best[i], given[i])}."
        )
        suggested[i] = names[best[i]]
        members[i] = evidence.members(judged[i], best[i])
    return findings(
        subject_id=inputs.examples.index[judged],
        severity=mistaken,
        flagged=flagged,
        message=message,
        suggested_label=suggested,
        members=members,
    )


def _refuse_what_is_no_probability(p: np.ndarray) -> None:
    """cleanlab finds no issue in such rows, without a word."""
    wrong = np.flatnonzero(np.abs(p.sum(axis=1) - 1) > 1e-3)
    if len(wrong):
        raise NotReady(
            f"The probabilities of {len(wrong):,} examples do not sum to 1 (one sums to {p[wrong[0]].sum():.3f}).",
            "Scan again, or correct the probabilities that came with the data.",
        )


def _confidently_wrong(given: np.ndarray, p: np.ndarray) -> np.ndarray:
    """What cleanlab prunes by noise rate; labels that nobody bears are left out, because it wants each to be there."""
    from cleanlab.filter import find_label_issues

    present = np.unique(given)
    if len(present) < 2:
        return np.zeros(len(given), dtype=bool)
    narrowed = p[:, present] / np.maximum(p[:, present].sum(axis=1, keepdims=True), 1e-12)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "May not flag all label issues", UserWarning)  # it never empties a label
        found = find_label_issues(np.searchsorted(present, given), narrowed, filter_by="prune_by_noise_rate", n_jobs=1)
    return np.asarray(found, dtype=bool)


class _Evidence:
    """What lies around an example, for a person to check."""

    def __init__(self, inputs: Inputs, codes: np.ndarray) -> None:
        assert inputs.neighbours is not None, "declared as a need"
        self._near = inputs.neighbours.position[:, :_NEAREST]
        self._codes, self._ids, self._names = codes, inputs.examples.index, inputs.classes
        self._opinions = inputs.opinions

    def models(self, row: int, best: int) -> str:
        """How many of the models expect this label by themselves."""
        if self._opinions is None or not self._opinions.shape[1]:
            return "The models expect"
        agree, models = int((self._opinions[row] == best).sum()), self._opinions.shape[1]
        if not agree:
            return "The models together expect"
        if agree == models:
            return f"All {models} models expect"
        return f"{agree} of {models} models {'expects' if agree == 1 else 'expect'}"

    def words(self, row: int, best: int, given: int) -> str:
        """How many of the nearest examples bear which of the two labels."""
        near = self._codes[self._near[row]]
        expected, same = int((near == best).sum()), int((near == given).sum())
        count = len(near)
        label = shown(self._names[best])
        if not expected and not same:
            return f"none of its {count} nearest examples has either label"
        if expected == count:
            return f"all {count} nearest examples are labelled {label}"
        if not same:
            return f"{expected} of the {count} nearest examples are labelled {label}, none has its own label"
        return f"of the {count} nearest examples {expected} are labelled {label} and {same} like it"

    def members(self, row: int, best: int) -> list[str]:
        """The nearest examples that bear the expected label."""
        near = self._near[row]
        return list(self._ids[near[self._codes[near] == best]])
