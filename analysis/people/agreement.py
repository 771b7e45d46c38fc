"""How well annotators agree: the statistic that fits the design, why it does, and what would mislead."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import NotReady
from analysis.people import Labels
from analysis.people.agreement_bootstrap import Statistics, bootstrap, bootstrap_cohen, coefficients, interval
from analysis.people.agreement_coefficients import class_agreement, class_alpha, cohen
from analysis.people.agreement_counts import Patterns, Scale, Totals, agreement_weights, patterns, totals
from analysis.people.agreement_design import Design, choose, design_of, warnings_about
from analysis.people.agreement_pairs import joint_table

_HINT = "Have some examples labelled by two people, then load the labels with the annotators' names."


@dataclass(frozen=True)
class Statistic:
    """One coefficient: `value` ≤ 1 and its 95 % bootstrap interval; NaN where not defined, and `note` says why."""

    name: str
    title: str
    value: float
    low: float
    high: float
    note: str


@dataclass(frozen=True)
class Agreement:
    """What is known about the agreement in a set of labels.

    chosen      name of the statistic that fits, and `why` in one sentence; `beside` is to be read with it, or ""
    statistics  by name: percent, cohen, fleiss, alpha, gwet
    classes     frame: label, labels, share (of all labels), agreement (specific), alpha, low, high; in class order
    draws       the resampled values of every statistic, each (B,)
    warnings    what misleads, in sentences
    notes       rows that did not count
    """

    scale: Scale
    design: Design
    chosen: str
    why: str
    beside: str
    statistics: dict[str, Statistic]
    classes: pd.DataFrame
    draws: Statistics
    warnings: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def statistic(self) -> Statistic:
        """The chosen one."""
        return self.statistics[self.chosen]


def measure(labels: Labels, *, scale: Scale = "nominal", resamples: int = 1000, seed: int = 0) -> Agreement:
    """Every statistic of agreement, with percentile intervals from `resamples` bootstrap samples of examples.

    `resamples=0` leaves the intervals NaN, and so does one example alone. Raises NotReady when fewer than two
    annotators share an example.
    """
    design = _comparable(labels)
    found = patterns(labels, scale)
    sums = totals(found, found.weight)
    values = coefficients(found, sums)
    draws, class_draws = bootstrap(found, resamples, seed)
    values["cohen"], draws["cohen"] = _cohen(labels, found, resamples, seed)
    if design.doubled < 2:  # one example drawn again and again is always itself, which says nothing about others
        draws = {name: np.full_like(drawn, np.nan) for name, drawn in draws.items()}
        class_draws = np.full_like(class_draws, np.nan)
    chosen, why = choose(design, scale)
    warnings, beside = warnings_about(design, values, chosen, labels.classes, sums)
    statistics = {
        name: Statistic(name, title, float(values[name]), *interval(draws[name]), _note(name, values[name], design))
        for name, title in _titles(scale).items()
    }
    classes = _by_class(labels, sums, class_draws)
    return Agreement(scale, design, chosen, why, beside, statistics, classes, draws, warnings, labels.notes)


def agreement_by_group(
    labels: Labels, groups: np.ndarray, *, scale: Scale = "nominal", resamples: int = 1000, seed: int = 0
) -> dict[str, Agreement | NotReady]:
    """The agreement within each group of labels, sorted by the group's name.

    `groups` (text, one for each row of the frame that was coded; None belongs nowhere) may split examples (a slice)
    or labels (a guideline version, a month): labels are compared within a group only. A group that cannot be measured
    holds the reason instead.
    """
    code, names = pd.factorize(pd.Series(groups, dtype=object).iloc[labels.row], sort=True)
    measured: dict[str, Agreement | NotReady] = {}
    for place, name in enumerate(names):
        try:
            measured[str(name)] = measure(labels.where(code == place), scale=scale, resamples=resamples, seed=seed)
        except NotReady as reason:
            measured[str(name)] = reason
    return measured


def change(before: Agreement, after: Agreement, name: str = "alpha") -> tuple[float, float, float]:
    """How much a statistic rose from one set of labels to another, with its 95 % interval.

    The two sets are taken as independent samples of examples; where they hold the same examples the interval is
    wider than it need be.
    """
    difference = after.statistics[name].value - before.statistics[name].value
    shuffled = np.random.default_rng(0).permutation(before.draws[name])
    return difference, *interval(after.draws[name] - shuffled)


def _comparable(labels: Labels) -> Design:
    if not len(labels):
        raise NotReady("There are no labels to compare.", _HINT)
    design = design_of(labels)
    if design.annotators < 2:
        raise NotReady("All labels are by one annotator, so there is nothing to compare.", _HINT)
    if not design.doubled:
        raise NotReady(f"None of the {design.examples:,} labelled examples has labels by two annotators.", _HINT)
    return design


def _cohen(labels: Labels, found: Patterns, resamples: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Cohen's κ and its resampled values; NaN unless there are exactly two annotators."""
    people = np.unique(labels.annotator)
    if len(people) != 2:
        return np.array(np.nan), np.full(resamples, np.nan)
    joint = joint_table(labels, int(people[0]), int(people[1]))
    value = cohen(joint, agreement_weights(found.scale, found.values))
    return value, bootstrap_cohen(joint, found, resamples, seed)


def _titles(scale: Scale) -> dict[str, str]:
    kind = {"nominal": "", "ordinal": ", linear weights", "interval": ", quadratic weights"}[scale]
    return {
        "percent": "Percent agreement" + kind,
        "cohen": "Cohen's κ" + kind,
        "fleiss": "Fleiss' κ" + kind,
        "alpha": f"Krippendorff's α, {scale}",
        "gwet": "Gwet's AC1" if scale == "nominal" else "Gwet's AC2" + kind,
    }


def _note(name: str, value: np.ndarray, design: Design) -> str:
    if name == "cohen" and design.annotators != 2:
        return f"For two annotators; here are {design.annotators:,}. See the pairs."
    if name == "fleiss" and not design.per_example:
        return "The examples have unequally many labels: the form for missing labels is shown."
    return "" if np.isfinite(value) else "Not defined: all labels that can be compared are of one class."


def _by_class(labels: Labels, sums: Totals, draws: np.ndarray) -> pd.DataFrame:
    number = np.bincount(labels.label, minlength=len(labels.classes))
    bounds = np.array([interval(column) for column in draws.T])
    return pd.DataFrame(
        {
            "label": labels.classes,
            "labels": number,
            "share": number / len(labels),
            "agreement": class_agreement(sums),
            "alpha": class_alpha(sums),
            "low": bounds[:, 0],
            "high": bounds[:, 1],
        }
    )
