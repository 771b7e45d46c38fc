"""Which consensus method suits a crowd, judged by labels that were hidden from it. Gold is never looked at.

Some labels are hidden, every candidate is fitted to the rest, and each says how probable the hidden labels were:
Σ_k P(class k | the other labels) P(label | class k, annotator), the held-out likelihood. A method that misjudges the
crowd – too rigid, or with more numbers than the labels can carry – finds them improbable.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.people import Labels
from analysis.people.consensus_correlated import Correlated
from analysis.people.consensus_crowdlab import MOST_CELLS, crowdlab
from analysis.people.consensus_dawid_skene import COIN, FULL, SHARED, VOTE, dawid_skene, one_coin
from analysis.people.consensus_mace import mace
from analysis.people.consensus_votes import Fit

Method = Callable[[Labels, np.ndarray | None], Fit]

TITLES = {
    "majority": "majority",
    "shared_coin": "majority with class frequencies",
    "one_coin": "one-coin Dawid–Skene",
    "mace": "MACE",
    "dawid_skene": "Dawid–Skene",
    "crowdlab": "CROWDLAB",
}
_MOST_LABELS = 100_000  # for judging; the chosen method is fitted to all
_MOST_CELLS = 4_000_000  # numbers in the confusion matrices
_ROUNDS = 3
_FEWEST = 10  # examples with two labels
_FEWEST_CROWDLAB = 40  # so that hiding labels leaves some
_MANY = 4  # labels per example from which hiding one on every example leaves the crowd as it is


@dataclass(frozen=True)
class Pick:
    """The chosen method, why in one sentence, and the evidence: frame method, held_out (mean log-likelihood), error."""

    method: str
    why: str
    evidence: pd.DataFrame


def methods(labels: Labels, probabilities: np.ndarray | None) -> dict[str, Method]:
    """The candidates that this crowd allows, simplest first."""
    found: dict[str, Method] = {
        # As a model: all annotators are equally good, all classes equally common.
        "majority": lambda labels, weights: one_coin(labels, weights, VOTE),
        "shared_coin": lambda labels, weights: one_coin(labels, weights, SHARED),
        "one_coin": lambda labels, weights: one_coin(labels, weights, COIN),
        "mace": mace,
    }
    if len(labels.annotators) * len(labels.classes) ** 2 <= _MOST_CELLS:
        found["dawid_skene"] = lambda labels, weights: dawid_skene(labels, weights, FULL)
    small = len(labels.examples) * len(labels.annotators) <= MOST_CELLS
    if probabilities is not None and small and len(labels.examples) >= _FEWEST_CROWDLAB:
        found["crowdlab"] = lambda labels, _: crowdlab(labels, probabilities)
    return found


def pick(labels: Labels, correlated: Correlated, probabilities: np.ndarray | None = None, seed: int = 0) -> Pick:
    """Choose by the mean held-out log-likelihood; by design alone where nothing can be hidden."""
    nothing = pd.DataFrame({"method": [], "held_out": [], "error": []})
    number = np.bincount(labels.example, minlength=len(labels.examples))
    if len(labels.classes) < 2:
        return Pick("majority", "There is only one class.", nothing)
    if len(np.unique(labels.annotator)) < 2:
        return Pick("majority", "There is one annotator, so there is nothing to weigh.", nothing)
    if not (number >= 2).any():
        return Pick("majority", "No example has labels by two annotators, so nobody can be judged by others.", nothing)
    if (number >= 2).sum() < _FEWEST:
        why = "Fewer than 10 examples have two labels or more: too few to judge annotators by."
        return Pick("majority", why, nothing)
    if correlated.unclear:
        return Pick(
            "majority",
            "Many annotators repeat each other, and the labels do not say who is right.",
            nothing,
        )
    scores, weight = _held_out(labels, correlated, probabilities, seed)
    evidence = _evidence(scores, weight)
    best = str(evidence["method"].iloc[evidence["held_out"].argmax()])
    return Pick(best, _why(best, evidence, len(weight), correlated), evidence)


def _held_out(
    labels: Labels, correlated: Correlated, probabilities: np.ndarray | None, seed: int
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Log-probability of every hidden label under each candidate, and how much each label counts."""
    generator = np.random.default_rng(seed)
    labels, kept = _sample(labels, generator)
    weights = correlated.weights(labels)
    candidates = methods(labels, None if probabilities is None else probabilities[kept])
    scores: dict[str, list[np.ndarray]] = {name: [] for name in candidates}
    counted = []
    for _ in range(_ROUNDS):
        hidden = _hide(labels, generator)
        rest = labels.where(~hidden)
        for name, method in candidates.items():
            fit = method(rest, None if weights is None else weights[~hidden])
            likely = fit.emission(labels.annotator[hidden], labels.label[hidden])
            chance = (fit.posterior[labels.example[hidden]] * likely).sum(axis=1)
            scores[name].append(np.log(np.maximum(chance, 1e-12)))
        counted.append(np.ones(int(hidden.sum())) if weights is None else weights[hidden])
    return {name: np.concatenate(parts) for name, parts in scores.items()}, np.concatenate(counted)


def _sample(labels: Labels, generator: np.random.Generator) -> tuple[Labels, np.ndarray]:
    """Examples with two labels or more, as many as judge a crowd well: renumbered, and which they are (bool (E,))."""
    number = np.bincount(labels.example, minlength=len(labels.examples))
    kept = number >= 2
    if number[kept].sum() > _MOST_LABELS:
        kept &= generator.random(len(number)) < _MOST_LABELS / number[kept].sum()
    chosen = labels.where(kept[labels.example])
    place = np.cumsum(kept) - 1
    return replace(chosen, example=place[chosen.example].astype(np.int32), examples=labels.examples[kept]), kept


def _hide(labels: Labels, generator: np.random.Generator) -> np.ndarray:
    """One label (bool (n,)) of every example with two or more; of every other such example where labels are few."""
    number = np.bincount(labels.example, minlength=len(labels.examples))
    start = np.cumsum(number) - number
    chosen = start + (generator.random(len(number)) * number).astype(np.int64)
    several = number >= 2
    if number[several].mean() < _MANY:
        half = several & (generator.random(len(number)) < 0.5)
        several = half if half.any() else several
    hidden = np.zeros(len(labels), dtype=bool)
    hidden[chosen[several]] = True
    return hidden


def _evidence(scores: dict[str, np.ndarray], weight: np.ndarray) -> pd.DataFrame:
    """Mean held-out log-likelihood of each method, and the standard error of its distance to the best."""
    means = {name: float(np.average(values, weights=weight)) for name, values in scores.items()}
    best = scores[max(means, key=means.__getitem__)]
    errors = [
        float(np.std((best - values) * weight / weight.mean()) / np.sqrt(len(weight))) for values in scores.values()
    ]
    return pd.DataFrame({"method": list(means), "held_out": list(means.values()), "error": errors})


def _why(best: str, evidence: pd.DataFrame, hidden: int, correlated: Correlated) -> str:
    ranked = evidence.sort_values("held_out", ascending=False, kind="stable")
    second = ranked.iloc[1]
    ahead = float(ranked["held_out"].iloc[0] - second["held_out"])
    lead = "ahead of" if ahead > 2 * float(second["error"]) else "hardly ahead of"
    why = (
        f"Of {len(evidence)} methods, {TITLES[best]} was best at predicting {hidden:,} labels hidden from it, "
        f"{lead} {TITLES[str(second['method'])]}"
    )
    repeating = sum(len(family) for family in correlated.families)
    return why + (f"; {repeating} annotators who repeat each other count for less." if repeating else ".")
