"""What is likely true where several people labelled: a class and a soft label each, and whom to rely on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import NotReady, UserError
from analysis.people import Labels
from analysis.people.consensus_correlated import Correlated, find_correlated
from analysis.people.consensus_crowdlab import crowdlab
from analysis.people.consensus_dawid_skene import SHARED, VOTE, dawid_skene, one_coin
from analysis.people.consensus_mace import mace
from analysis.people.consensus_pick import TITLES, Pick, pick
from analysis.people.consensus_reliability import reliability
from analysis.people.consensus_votes import count_votes, decide, shares

METHODS = tuple(TITLES)
_NAME = 60  # characters of a name in a sentence


@dataclass(frozen=True)
class Consensus:
    """The consensus of a crowd. Row i is the i-th of `examples`; column k the k-th of `classes`.

    method, why    the method and, in one sentence, why it was taken
    posterior      float32 (E, K): the soft labels; rows sum to 1
    label          int64 (E,): the likeliest class; `tied` bool (E,): it shared that place with another, and the class
                   that is more common among all labels was taken
    annotators     frame: see `reliability`; in the order of names
    families       names of annotators who agree on errors, two or more in each
    evidence       frame method, held_out, error: what the choice rests on; empty when the method was given
    notes          sentences about labels that do not count, and about families
    """

    method: str
    why: str
    examples: np.ndarray
    classes: np.ndarray
    posterior: np.ndarray
    label: np.ndarray
    tied: np.ndarray
    annotators: pd.DataFrame
    families: tuple[tuple[str, ...], ...]
    evidence: pd.DataFrame
    notes: tuple[str, ...]

    @property
    def confidence(self) -> np.ndarray:
        """The probability of the chosen class, float32 (E,)."""
        return np.asarray(self.posterior[np.arange(len(self.label)), self.label])

    def frame(self) -> pd.DataFrame:
        """One row per example: example_id, label, confidence, tied, method, soft_labels (list, in class order)."""
        return pd.DataFrame(
            {
                "example_id": self.examples,
                "label": self.classes[self.label],
                "confidence": self.confidence,
                "tied": self.tied,
                "method": self.method,
                "soft_labels": list(self.posterior),
            }
        )


def consensus(
    labels: Labels, *, method: str | None = None, probabilities: np.ndarray | None = None, seed: int = 0
) -> Consensus:
    """The consensus by `method` (one of `METHODS`), or by the method that suits the crowd.

    `probabilities` float (E, K), out of sample, rows and columns in the order of `labels.examples` and
    `labels.classes` (see `aligned`), NaN where unknown, are needed for "crowdlab" and considered in the choice. When
    the method is chosen here, annotators who repeat each other are down-weighted; a method that is asked for is
    applied as published, and families are only named.
    Raises NotReady without labels, or for CROWDLAB without probabilities; UserError for an unknown method.
    """
    if not len(labels):
        raise NotReady("There are no labels to form a consensus from.", "Load labels with the annotators' names.")
    if method is not None and method not in METHODS:
        raise UserError(f"There is no consensus method {method!r}.", f"Choose one of {', '.join(METHODS)}.")
    correlated = find_correlated(labels)
    if method is None:
        chosen = pick(labels, correlated, probabilities, seed)
        weights = None if correlated.unclear else correlated.weights(labels)
    else:
        chosen, weights = Pick(method, "It was asked for.", pd.DataFrame()), None
    posterior = _posterior(labels, chosen.method, weights, probabilities, seed)
    # Shares of votes are no probabilities: people are judged by what equally good annotators would make of the votes.
    belief = one_coin(labels, weights, VOTE).posterior if chosen.method == "majority" else posterior
    label, tied = decide(posterior, np.bincount(labels.label, minlength=len(labels.classes)))
    return Consensus(
        method=chosen.method,
        why=chosen.why,
        examples=labels.examples,
        classes=labels.classes,
        posterior=posterior.astype(np.float32),
        label=label,
        tied=tied,
        annotators=reliability(labels, belief),
        families=tuple(tuple(str(name) for name in labels.annotators[list(f)]) for f in correlated.families),
        evidence=chosen.evidence,
        notes=(*labels.notes, *_notes(labels, correlated, weights is not None)),
    )


def aligned(
    labels: Labels, probabilities: np.ndarray, example_ids: Sequence[str], classes: Sequence[str]
) -> np.ndarray | None:
    """Probabilities (n, K') of `example_ids` and `classes`, in the order of `labels`: float64 (E, K).

    Examples without any are NaN. None where they speak of other classes than the labels do.
    """
    column = pd.Index(list(classes)).get_indexer(pd.Index(labels.classes))
    if len(classes) != len(labels.classes) or (column < 0).any():
        return None
    row = pd.Index(list(example_ids)).get_indexer(pd.Index(labels.examples))
    return np.where((row >= 0)[:, None], probabilities[row][:, column], np.nan)


def _posterior(
    labels: Labels, method: str, weights: np.ndarray | None, probabilities: np.ndarray | None, seed: int
) -> np.ndarray:
    if method == "majority":
        return shares(count_votes(labels, weights))
    if method == "shared_coin":
        return one_coin(labels, weights, SHARED).posterior
    if method == "one_coin":
        return one_coin(labels, weights).posterior
    if method == "mace":
        return mace(labels, weights, seed).posterior
    if method == "dawid_skene":
        return dawid_skene(labels, weights).posterior
    if probabilities is None:
        raise NotReady("CROWDLAB needs class probabilities for the examples.", "Scan the dataset first.")
    return crowdlab(labels, probabilities).posterior


def _notes(labels: Labels, correlated: Correlated, weighed: bool) -> list[str]:
    notes = []
    for family in correlated.families[:10]:
        listed = (" ".join(str(name)[:_NAME].split()) or "(blank)" for name in labels.annotators[list(family)][:10])
        names = ", ".join(listed)
        count = " Each counts for less where several are present." if weighed else ""
        notes.append(f"These annotators agree on errors more than their accuracy explains: {names}.{count}")
    if correlated.unclear:
        notes.append("So many labels are theirs that copying and being right look the same: nobody counts for less.")
    return notes
