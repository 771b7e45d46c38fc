"""Those who label: how well they agree, how far each can be relied on, and what the checks say about them.

What rests on the labels of annotators alone is asked of a `Crowd`, which is made once for the labels that a dataset
holds. People are judged by people: predictions of models have no say here.
"""

import functools
import json
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis.errors import NotReady
from analysis.people import Labels, class_values, code_labels
from analysis.people.agreement import Agreement, measure
from analysis.people.agreement_counts import Scale
from analysis.people.agreement_meaning import Meaning, meaning
from analysis.people.agreement_pairs import agreement_by_pair
from analysis.people.ambiguity import Ambiguity, find_ambiguous
from analysis.people.consensus import Consensus, aligned, consensus
from analysis.people.consensus_over_time import over_time
from analysis.people.disagreement import Splits
from analysis.people.repeating import Repeating, repeating
from analysis.people.speed import speed
from analysis.people.standing import others, standing
from analysis.signals.intervals import wilson
from analysis.store import Store

RESAMPLES = 1000
MOST_SHOWN = 25  # annotators in the matrix
_FEWEST = 3  # annotators who share examples, below which nobody can say who of them is right


@dataclass(frozen=True)
class Crowd:
    """The labels of all annotators: `annotations` as loaded, each column a categorical, and `labels` as codes.

    `labels.row` are rows of `annotations`.
    """

    annotations: pd.DataFrame
    labels: Labels
    _measured: dict[Scale, Agreement | NotReady] = field(default_factory=dict, repr=False)

    def agreement(self, scale: Scale = "nominal") -> Agreement | NotReady:
        """How well they agree, with intervals from 1,000 resamples; the reason where that cannot be measured."""
        if scale not in self._measured:
            self._measured[scale] = _measure(self.labels, scale)
        return self._measured[scale]

    def is_measured(self, scale: Scale = "nominal") -> bool:
        """Whether `agreement` is known already; else it takes seconds on a million labels."""
        return scale in self._measured

    @functools.cached_property
    def consensus(self) -> Consensus:
        """What is likely true, by the method that suits these annotators."""
        return consensus(self.labels)

    @functools.cached_property
    def ambiguity(self) -> Ambiguity:
        """Where annotators differ: whether several labels are valid, or somebody slipped."""
        return find_ambiguous(self.labels)

    @functools.cached_property
    def splits(self) -> Splits:
        """What annotators are split on."""
        return Splits(self.labels)

    @functools.cached_property
    def is_judged(self) -> bool:
        """Whether the labels can say who is right: three annotators or more have examples in common."""
        return len(np.unique(self.labels.annotator[self.shared[self.labels.example]])) >= _FEWEST

    @functools.cached_property
    def shared(self) -> np.ndarray:
        """Which examples have labels by two annotators or more, bool (E,)."""
        return np.bincount(self.labels.example, minlength=len(self.labels.examples)) >= 2

    @functools.cached_property
    def annotators(self) -> pd.DataFrame:
        """One row per annotator, by name: see `reliability`, `over_time` and `speed`; NaN where nobody can say.

        others: the mean reliability of all others; stands: see `standing`.
        """
        time = over_time(self.labels, self.consensus.posterior, self.annotations["annotated_at"])
        rows = self.consensus.annotators.merge(time, on="annotator", suffixes=("", "_change"))
        rows = rows.merge(speed(self.labels, self.annotations["annotated_at"]), on="annotator")
        if not self.is_judged:
            rows = rows.assign(reliability=np.nan, low=np.nan, high=np.nan, leans_to="", lean=np.nan, p=np.nan)
        return rows.assign(others=others(rows), stands=standing(rows))

    @functools.cached_property
    def repeating(self) -> list[Repeating]:
        """Annotators who repeat each other, pair by pair."""
        return repeating(self.labels, self.consensus)

    @functools.cached_property
    def labels_each(self) -> float:
        """How many labels an example with two labels or more has, on average; NaN without any."""
        given = np.bincount(self.labels.example, minlength=len(self.labels.examples))[self.shared]
        return float(given.mean()) if len(given) else float("nan")

    def meaning(self, found: Agreement) -> Meaning | None:
        """What the fitting statistic means for the labels; None where it is not defined."""
        one = found.statistic
        return None if np.isnan(one.value) else meaning(one.value, one.low, one.high, self.labels_each)

    @property
    def is_numeric(self) -> bool:
        """Whether every label is a number, so that labels can be near to each other."""
        numbers = pd.to_numeric(pd.Series(self.labels.classes), errors="coerce").to_numpy(float)
        return bool(len(numbers) > 2 and np.isfinite(numbers).all() and len(class_values(self.labels.classes)) > 2)


@dataclass(frozen=True)
class Matrix:
    """Pairs of the annotators with the most labels, by name; `left_out` counts the others. Arrays are (A, A).

    shared  int64: examples that both labelled, on the diagonal the annotator's own
    same    float64: share of those with the same label, with its 95 % interval low, high; NaN without any
    kappa   float64: Cohen's κ, weighted unless labels are names; NaN where not defined
    """

    names: tuple[str, ...]
    shared: np.ndarray
    same: np.ndarray
    low: np.ndarray
    high: np.ndarray
    kappa: np.ndarray
    left_out: int

    def frame(self) -> pd.DataFrame:
        """One row per pair with examples in common: first, second, shared, same, low, high, kappa; by name."""
        first, second = np.nonzero(np.triu(self.shared, 1))
        cells = {name: getattr(self, name)[first, second] for name in ("shared", "same", "low", "high", "kappa")}
        names = np.array(self.names, dtype=object)
        return pd.DataFrame({"first": names[first], "second": names[second], **cells})


@dataclass(frozen=True, slots=True)
class Remark:
    """What a check says about one annotator, and how many examples it shows."""

    check_name: str
    annotator: str
    message: str
    members: int


def fingerprint(store: Store) -> str:
    """A text that changes when the labels of annotators do; "" without any."""
    found = store.value(
        "SELECT count(*) || '.' || bit_xor(hash(example_id, annotator, label, annotated_at, guideline_version))"
        " FROM annotations"
    )
    return found or ""


def crowd(store: Store) -> Crowd:
    """The annotators of a dataset. Raises NotReady where no label has an annotator."""
    table = store.table(
        "SELECT a.example_id, a.annotator, a.label, a.annotated_at, a.guideline_version"
        " FROM annotations a JOIN examples e USING (example_id) ORDER BY e.row_number, a.annotator, a.rowid"
    )
    if not table.num_rows:
        raise NotReady(
            "This dataset does not say who gave which label.",
            "Load the file with the column that names the annotator, or with one column of labels for each annotator.",
        )
    annotations = table.to_pandas(strings_to_categorical=True)  # a million texts are a few thousand different ones
    return Crowd(annotations, code_labels(annotations))


def consensus_with_models(store: Store, known: Crowd, method: str | None = None) -> Consensus:
    """What is likely true, with the predictions of the last scan as further evidence where they know the same labels.

    Raises UserError for an unknown method, NotReady for one that needs predictions that are not there.
    """
    detail = json.loads(store.meta("signal.predictions.detail") or "{}")
    given = store.table("SELECT example_id, probabilities FROM predictions")
    probabilities = None
    if detail.get("classes") and given.num_rows:
        flat = given["probabilities"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
        values = np.asarray(flat, dtype=np.float64).reshape(given.num_rows, -1)
        probabilities = aligned(known.labels, values, given["example_id"].to_pylist(), detail["classes"])
    return consensus(known.labels, method=method, probabilities=probabilities)


def matrix(known: Crowd, scale: Scale = "nominal", most: int = MOST_SHOWN) -> Matrix:
    """Who agrees with whom, and on how many examples."""
    pairs = agreement_by_pair(known.labels, scale, most)
    exact = pairs if scale == "nominal" else agreement_by_pair(known.labels, "nominal", most)
    low, high = wilson(np.nan_to_num(exact.percent) * exact.shared, exact.shared)
    none = exact.shared == 0
    return Matrix(
        tuple(str(name) for name in known.labels.annotators[pairs.annotators]),
        exact.shared,
        exact.percent,
        np.where(none, np.nan, low),
        np.where(none, np.nan, high),
        pairs.kappa,
        len(known.annotators) - len(pairs.annotators),
    )


def remarks(store: Store, annotator: str | None = None) -> list[Remark]:
    """What the checks flag about annotators, or about one of them, most suspicious first."""
    found = store.rows(
        "SELECT check_name, subject_id, message, len(members) FROM issues WHERE subject = 'annotator'"
        " AND (?::VARCHAR IS NULL OR subject_id = ?) ORDER BY severity DESC, check_name, subject_id",
        [annotator, annotator],
    )
    return [Remark(*row) for row in found]


def _measure(labels: Labels, scale: Scale) -> Agreement | NotReady:
    try:
        return measure(labels, scale=scale, resamples=RESAMPLES)
    except NotReady as reason:
        return reason
