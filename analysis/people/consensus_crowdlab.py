"""CROWDLAB: the votes and a model's opinion of the text, weighed against each other.

H. W. Goh, U. Tkachenko, J. Mueller, "CROWDLAB: Supervised learning to infer consensus labels and quality scores for
data with multiple annotators", 2022. The weights come from cleanlab; the soft labels are the paper's weighted mean,
and the likeliest class is the consensus that cleanlab calls best_quality.
"""

import warnings

import numpy as np

from analysis.errors import NotReady, UserError
from analysis.people import Labels
from analysis.people.consensus_votes import Fit, count_votes, frequencies, one_coin_emission

MOST_CELLS = 20_000_000  # examples times annotators: cleanlab wants them as one table


def crowdlab(labels: Labels, probabilities: np.ndarray) -> Fit:
    """The consensus of votes and class probabilities.

    `probabilities` float (E, K), out of sample, in the order of the examples and classes of `labels`; rows of NaN
    take the frequencies of the classes. Raises NotReady without two classes or two labels on one example, UserError
    when the table of examples by annotators would be too large.
    """
    people, classes = len(labels.annotators), len(labels.classes)
    if len(labels.examples) * people > MOST_CELLS:
        raise UserError(
            f"{len(labels.examples):,} examples times {people:,} annotators are too many for CROWDLAB.",
            "Choose another method, or let the method be chosen.",
        )
    votes = count_votes(labels)
    number = votes.sum(axis=1)
    if classes < 2 or number.max(initial=0) < 2:
        raise NotReady("CROWDLAB needs two classes and two labels on some example.", "Choose majority.")
    opinion = np.where(np.isnan(probabilities), frequencies(votes), probabilities).astype(float)
    model, trust = _weights(labels, opinion, number > 0)
    usual = float((votes.max(axis=1) / np.maximum(number, 1))[number > 1].mean())
    other, heard = (1 - usual) / (classes - 1), trust[labels.annotator]
    posterior = model * opinion + count_votes(labels, heard * (usual - other))
    posterior += other * np.bincount(labels.example, heard, minlength=len(number))[:, None]
    posterior /= posterior.sum(axis=1, keepdims=True)
    right = np.bincount(labels.annotator, posterior[labels.example, labels.label], minlength=people)
    given = np.bincount(labels.annotator, minlength=people)
    accuracy = (right + 1) / (given + 2)

    def emission(annotator: np.ndarray, label: np.ndarray) -> np.ndarray:
        return one_coin_emission(accuracy[annotator], label, classes)

    return Fit(posterior, emission, float("nan"))


def _weights(labels: Labels, opinion: np.ndarray, labelled: np.ndarray) -> tuple[float, np.ndarray]:
    """cleanlab's weight of the model, and of each annotator (A,); 0 for annotators without a label."""
    from cleanlab.multiannotator import get_label_quality_multiannotator

    used = np.unique(labels.annotator)
    table = np.full((len(labelled), len(labels.annotators)), np.nan)
    table[labels.example, labels.annotator] = labels.label
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Annotators do not agree on any example")
        found = get_label_quality_multiannotator(
            table[np.ix_(labelled, used)],
            opinion[labelled],
            consensus_method="majority_vote",
            return_detailed_quality=False,
            return_annotator_stats=False,
            return_weights=True,
            verbose=False,
        )
    trust = np.zeros(len(labels.annotators))
    trust[used] = found["annotator_weight"]
    return float(found["model_weight"]), trust
