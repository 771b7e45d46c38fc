"""Labels that are probably wrong. Models that have not seen an example expect another label, and its neighbours mostly
agree with them. Read the text, then accept the suggested label or keep the one it has."""

import numpy as np
import pandas as pd

from analysis.checks import Inputs, check, findings, shown
from analysis.errors import NotReady

_NEAREST = 5  # neighbours that a reason counts


@check(title="Likely label errors", subject="example", needs=("labels", "neighbours", "probabilities"))
def label_error(inputs: Inputs) -> pd.DataFrame:
    """Labels that confident learning finds wrong; it has no settings.

    severity: p(best other label) / (p(best other label) + p(label)), out of sample, so 0.5 is a tie; flagged: what
    cleanlab prunes by noise rate (Northcutt, Jiang & Chuang 2021), where another label is more probable than the
    example's own, which is suggested. Judged is every example that the models could judge.
    """
    from cleanlab.filter import find_label_issues

    probabilities = inputs.need("probabilities")
    labels = inputs.examples["label"].to_numpy(dtype=object)
    codes = pd.Index(inputs.classes).get_indexer(pd.Index(labels))
    judged = np.flatnonzero(np.isfinite(probabilities).all(axis=1) & (codes >= 0))
    p, given = probabilities[judged].astype(np.float64), codes[judged]
    _check(p)
    rows = np.arange(len(judged))
    own = p[rows, given]
    others = p.copy()
    others[rows, given] = -1
    best = others.argmax(axis=1)
    other = others[rows, best]
    flagged = (other > own) & _pruned(find_label_issues, given, p, len(inputs.classes))
    evidence = _Evidence(inputs, codes)
    names = inputs.classes
    message = np.full(len(judged), "The label is what the models expect.", dtype=object)
    suggested = np.full(len(judged), None, dtype=object)
    members: list[list[str]] = [[]] * len(judged)
    for i in np.flatnonzero(flagged):
        message[i] = f"The models expect {shown(names[best[i]])} ({other[i]:.2f}) rather than {shown(names[given[i]])} "
        message[i] += f"({own[i]:.2f}); {evidence.words(judged[i], best[i], given[i])}."
        suggested[i] = names[best[i]]
        members[i] = evidence.members(judged[i], best[i])
    return findings(
        subject_id=inputs.examples.index[judged],
        severity=other / (other + own),
        flagged=flagged,
        message=message,
        suggested_label=suggested,
        members=members,
    )


def _check(p: np.ndarray) -> None:
    """cleanlab finds no issue in probabilities that are none, without a word."""
    wrong = np.flatnonzero(np.abs(p.sum(axis=1) - 1) > 1e-3)
    if len(wrong):
        raise NotReady(
            f"The probabilities of {len(wrong):,} examples do not sum to 1 (one sums to {p[wrong[0]].sum():.3f}).",
            "Scan again, or correct the probabilities that came with the data.",
        )


def _pruned(find_label_issues: object, given: np.ndarray, p: np.ndarray, classes: int) -> np.ndarray:
    """cleanlab's flags; classes that nobody bears any more are taken out, because it wants each to be there."""
    present = np.unique(given)
    if len(present) < 2:
        return np.zeros(len(given), dtype=bool)
    narrowed = p[:, present]
    narrowed = narrowed / np.maximum(narrowed.sum(axis=1, keepdims=True), 1e-12)
    flags = find_label_issues(np.searchsorted(present, given), narrowed, filter_by="prune_by_noise_rate", n_jobs=1)  # type: ignore[operator]
    return np.asarray(flags, dtype=bool)


class _Evidence:
    """What lies around an example, for a person to check."""

    def __init__(self, inputs: Inputs, codes: np.ndarray) -> None:
        assert inputs.neighbours is not None, "declared as a need"
        self._near = inputs.neighbours.position[:, :_NEAREST]
        self._codes, self._ids, self._names = codes, inputs.examples.index, inputs.classes

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
