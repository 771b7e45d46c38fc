"""Wrong labels planted into clean ones, so that every estimate of their number can be held against the truth."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.checks import Inputs
from analysis.signals.duplicates import find_duplicates, near_groups
from analysis.signals.embed import embed
from analysis.signals.neighbours import Neighbours, nearest
from analysis.signals.predict import predict

KINDS = ("by class", "by example")
_TARGETS = 5  # labels that a label is mistaken for


class Texts:
    """Texts with clean labels (their numbers in `truth`), and what models make of them under any labels."""

    def __init__(self, texts: Sequence[str], labels: Sequence[str]) -> None:
        self.texts = list(texts)
        self.classes = sorted(set(labels))
        self.truth = np.searchsorted(self.classes, list(labels))
        self._vectors = embed(self.texts).values
        self._neighbours: Neighbours = nearest(self._vectors)
        self._ids = [str(i) for i in range(len(self.texts))]
        self._groups = near_groups(find_duplicates(self.texts, pd.Index(self._ids), self._neighbours))

    def inputs(self, given: np.ndarray) -> Inputs:
        """What a check sees of the texts under the labels `given` (their numbers)."""
        labels = [self.classes[code] for code in given]
        made = predict(self.texts, self._vectors, self._neighbours, labels, self._groups)
        columns = {"text": self.texts, "label": labels, "split": None, "happened_at": None}
        return Inputs(
            examples=pd.DataFrame(columns, index=pd.Index(self._ids, name="example_id"), dtype=object),
            classes=made.classes,
            vectors=self._vectors,
            neighbours=self._neighbours,
            probabilities=made.probabilities,
        )


def outsider(texts: Sequence[str], truth: np.ndarray) -> np.ndarray:
    """float (n, K): what logistic regression on TF-IDF thinks, out of sample, so that no judge plants its own noise."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    words = TfidfVectorizer(sublinear_tf=True, min_df=2, ngram_range=(1, 2)).fit_transform(texts)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    made: np.ndarray = cross_val_predict(
        LogisticRegression(C=10, max_iter=100), words, truth, cv=folds, method="predict_proba"
    )
    return made


def plant(truth: np.ndarray, clean: np.ndarray, kind: str, share: float, dice: np.random.Generator) -> np.ndarray:
    """The labels with about `share` of them wrong.

    clean float (n, K): another model's out-of-sample probabilities under the true labels. "by class": a label is
    mistaken for the five that its examples most resemble, by their mean probability to the power 1.5, more often where
    the class is hard.
    "by example": hard examples are mistaken more often, (1 - p(true))², for a label drawn from their own probabilities.
    """
    known = np.flatnonzero(np.isfinite(clean).all(axis=1))
    p = np.clip(clean, 1e-6, None)
    hard = 1 - p[np.arange(len(truth)), truth]
    if kind == "by class":
        of = [known[truth[known] == k] for k in range(p.shape[1])]
        mean = np.array([p[rows].mean(axis=0) if len(rows) else np.ones(p.shape[1]) for rows in of])
        np.fill_diagonal(mean, 0)
        least = np.sort(mean, axis=1)[:, -min(_TARGETS, p.shape[1])]
        weight = np.array([hard[rows].mean() + 0.02 if len(rows) else 0 for rows in of])[truth[known]]
        target = (np.where(mean >= least[:, None], mean, 0) ** 1.5)[truth[known]]
    else:
        weight = hard[known] ** 2 + 1e-4
        target = p[known].copy()
        target[np.arange(len(known)), truth[known]] = 0
    count = round(share * len(known))
    chosen = dice.choice(len(known), size=count, replace=False, p=weight / weight.sum())
    given = truth.copy()
    for at in chosen:
        given[known[at]] = dice.choice(p.shape[1], p=target[at] / target[at].sum())
    return given
