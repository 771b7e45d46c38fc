"""Who is less reliable than the others, and who only seems so; and pairs who are wrong together."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.people import code_labels
from analysis.people.consensus import Consensus
from analysis.people.repeating import repeating, wrong_together
from analysis.people.standing import ALIKE, BELOW, PERHAPS, UNKNOWN, others, standing


def people(*rows: tuple[int, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["judged", "reliability", "high"])


def test_the_others_are_weighed_by_their_labels() -> None:
    found = others(people((10, 0.5, 0.7), (30, 0.9, 0.95), (60, 0.8, 0.9)))
    assert found.tolist() == pytest.approx([(27 + 48) / 90, (5 + 48) / 70, (5 + 27) / 40])


def test_only_an_interval_that_ends_below_the_others_is_certain() -> None:
    crowd = people(
        (100, 0.5, 0.6),  # clearly below
        (30, 0.5, 0.85),  # too wide
        (10, 0.2, 0.4),  # clear, but of ten labels
        (500, 0.9, 0.92),
        (400, 0.9, 0.93),
        (0, np.nan, 1.0),
    )
    assert standing(crowd).tolist() == [BELOW, PERHAPS, PERHAPS, ALIKE, ALIKE, UNKNOWN]


def consensus_of(labels: object, truth: str, families: tuple[tuple[str, ...], ...]) -> Consensus:
    codes = np.array([int(np.flatnonzero(labels.classes == one)[0]) for one in truth])  # type: ignore[attr-defined]
    nothing = pd.DataFrame()
    posterior = np.eye(len(labels.classes), dtype=np.float32)[codes]  # type: ignore[attr-defined]
    tied = np.zeros(len(truth), dtype=bool)
    return Consensus("majority", "", labels.examples, labels.classes, posterior, codes, tied, nothing, families, nothing, ())  # type: ignore[attr-defined]  # fmt: skip  # noqa: E501


def test_a_pair_that_is_wrong_together_is_counted_beside_chance() -> None:
    """Ten examples are x; A and B both say y on the first four, and each says y once more alone: five of ten each.

    By chance 10 * 0.5 * 0.5 = 2.5 common mistakes.
    """
    said = {"A": "yyyyyxxxxx", "B": "yyyyxyxxxx", "C": "xxxxxxxxxx"}
    rows = [(f"e{n}", who, label) for n in range(10) for who, labels in said.items() for label in labels[n]]
    labels = code_labels(pd.DataFrame(rows, columns=["example_id", "annotator", "label"]))
    found = consensus_of(labels, "x" * 10, (("A", "B"),))
    (pair,) = repeating(labels, found)
    assert (pair.first, pair.second, pair.shared, pair.same, pair.mistakes) == ("A", "B", 10, 8, 4)
    assert pair.expected == pytest.approx(2.5)
    assert pair.chance == pytest.approx(1 - stats.poisson(2.5).cdf(3))
    assert np.flatnonzero(wrong_together(labels, found, "A", "B")).tolist() == [0, 1, 2, 3]
    assert not wrong_together(labels, found, "A", "nobody").any()
