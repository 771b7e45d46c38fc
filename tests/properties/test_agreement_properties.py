"""What holds for any labels: ranges, names that do not matter, and numbers that follow from one another."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analysis.errors import NotReady
from analysis.people import code_labels
from analysis.people.agreement import measure
from analysis.people.agreement_pairs import agreement_by_pair
from analysis.people.consensus import METHODS, consensus

pytestmark = pytest.mark.slow

LABELS = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 4), st.integers(0, 3)),
    min_size=1,
    max_size=60,
    unique_by=lambda r: r[:2],
)
SCALES = st.sampled_from(["nominal", "ordinal", "interval"])


def frame(rows: list[tuple[int, int, int]], classes: str = "0123") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "example_id": [f"e{example}" for example, _, _ in rows],
            "annotator": [f"p{person}" for _, person, _ in rows],
            "label": [classes[label] for _, _, label in rows],
        }
    )


def values(rows: pd.DataFrame, scale: str, classes: str) -> dict[str, float]:
    try:
        found = measure(code_labels(rows, list(classes)), scale=scale, resamples=0)  # type: ignore[arg-type]
    except NotReady:
        assume(False)
        raise
    return {name: statistic.value for name, statistic in found.statistics.items()}


@given(LABELS, SCALES)
@settings(deadline=None, max_examples=60)
def test_every_statistic_is_at_most_one_and_percent_is_a_share(rows: list[tuple[int, int, int]], scale: str) -> None:
    found = values(frame(rows), scale, "0123")
    assert 0 <= found["percent"] <= 1 + 1e-12
    assert all(value <= 1 + 1e-9 or value != value for value in found.values())


@given(LABELS, SCALES, st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=60)
def test_the_order_of_rows_and_the_names_of_annotators_do_not_matter(
    rows: list[tuple[int, int, int]], scale: str, random: object
) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    renamed = [(example, 4 - person, label) for example, person, label in shuffled]
    first, second = values(frame(rows), scale, "0123"), values(frame(renamed), scale, "0123")
    assert first == pytest.approx(second, nan_ok=True)


@given(LABELS)
@settings(deadline=None, max_examples=60)
def test_names_of_classes_do_not_matter_on_a_nominal_scale(rows: list[tuple[int, int, int]]) -> None:
    first, second = values(frame(rows), "nominal", "0123"), values(frame(rows, "zbya"), "nominal", "abyz")
    assert first == pytest.approx(second, nan_ok=True)


@given(LABELS, st.integers(2, 4))
@settings(deadline=None, max_examples=40)
def test_seeing_every_example_several_times_changes_no_percent(rows: list[tuple[int, int, int]], times: int) -> None:
    repeated = [(example + 8 * k, person, label) for k in range(times) for example, person, label in rows]
    first, second = values(frame(rows), "nominal", "0123"), values(frame(repeated), "nominal", "0123")
    for name in ("percent", "fleiss", "gwet"):
        assert first[name] == pytest.approx(second[name], nan_ok=True)


@given(LABELS, SCALES)
@settings(deadline=None, max_examples=40)
def test_pairs_are_symmetric_and_never_agree_with_more_than_they_share(
    rows: list[tuple[int, int, int]], scale: str
) -> None:
    pairs = agreement_by_pair(code_labels(frame(rows), list("0123")), scale)  # type: ignore[arg-type]
    for matrix in (pairs.shared, pairs.percent, pairs.kappa):
        np.testing.assert_allclose(matrix, matrix.T, atol=1e-12)
    assert (pairs.shared <= np.minimum.outer(np.diag(pairs.shared), np.diag(pairs.shared))).all()
    assert np.nanmax(pairs.percent) <= 1 + 1e-12


@given(LABELS, st.sampled_from([None, *(name for name in METHODS if name != "crowdlab")]))
@settings(deadline=None, max_examples=60)
def test_any_labels_have_a_consensus_that_is_a_distribution(
    rows: list[tuple[int, int, int]], method: str | None
) -> None:
    found = consensus(code_labels(frame(rows)), method=method)
    assert len(found.label) == len({example for example, _, _ in rows})
    assert ((found.posterior >= 0) & (found.posterior <= 1)).all()
    np.testing.assert_allclose(found.posterior.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(found.confidence, found.posterior.max(axis=1), rtol=1e-5)
    people = found.annotators
    assert people["reliability"].isna().equals(people["judged"] == 0)
    known = people[people["judged"] > 0]
    assert (known["low"] <= known["reliability"]).all()
    assert (known["reliability"] <= known["high"]).all()
    assert people["labels"].sum() == len(rows)
