"""Learning curves and the plan: known curves are found again, and examples go where errors are averted."""

import numpy as np
import pytest
from scipy.optimize import nnls

from analysis.coverage.curves import STEPS, Outcomes, outcomes
from analysis.coverage.plan import fit, fitted, plan
from analysis.errors import NotReady


def drawn(sizes: list[int], errors: list[list[float]], each: int = 400) -> Outcomes:
    """`each` judged examples a region; of them errors[region][step] are wrong, to the nearest example."""
    wrong = [np.arange(each) < round(each * error) for region in errors for error in region]
    stacked = np.array(wrong).reshape(len(sizes), len(STEPS), each).transpose(0, 2, 1).reshape(-1, len(STEPS))
    group = np.repeat(np.arange(len(sizes)), each)
    seen = np.round(np.outer(np.array(sizes)[group], STEPS)).astype(int)
    return Outcomes(np.arange(len(group)), group, seen, stacked)


def law(n: float, factor: float = 1.0) -> float:
    return factor * (0.05 + 0.6 * (n + 1) ** -0.5)


SIZES = [80, 80, 400, 400]
EMPTY = Outcomes(np.empty(0, int), np.empty(0, int), np.empty((0, 5), int), np.empty((0, 5), bool))
FLAT = drawn(SIZES, [[law(size * step) for step in STEPS] for size in SIZES])


KNOWN = fitted(FLAT, 4, draws=50)


def test_a_power_law_is_found_again() -> None:
    curve = fit(FLAT, 4)
    assert curve.error(np.array([3, 24, 99, 399])) == pytest.approx([law(3), law(24), law(99), law(399)], abs=0.02)
    assert curve.factor == pytest.approx([1, 1, 1, 1], abs=0.05)


def test_a_region_that_errs_more_has_a_factor_of_its_own() -> None:
    found = drawn(SIZES, [[law(size * step, 1.5 if i == 1 else 1) for step in STEPS] for i, size in enumerate(SIZES)])
    curve = fit(found, 4)
    assert curve.factor[1] / curve.factor[0] == pytest.approx(1.5, abs=0.15)


def test_each_draw_has_the_curve_that_another_solver_finds() -> None:
    """Non-negative least squares of SciPy, exponent by exponent, in turns with the factors of the regions."""
    dice = np.random.default_rng(7)
    size, regions = 240, 3
    group = np.arange(size) % regions
    seen = np.outer(np.array([20, 60, 200])[group], STEPS).astype(int)
    wrong = dice.random((size, len(STEPS))) < 0.1 + 0.5 * (seen + 1.0) ** -0.4
    first = fitted(Outcomes(np.arange(size), group, seen, wrong), regions, draws=1).drawn[0]
    rows = np.random.default_rng(0).integers(size, size=size)  # the same draw with replacement
    tries = np.bincount(group[rows], minlength=regions)
    errors = np.stack([wrong[rows][group[rows] == region].mean(axis=0) for region in range(regions)])
    known = np.stack([seen[region] for region in range(regions)]) + 1.0
    weight, factor = np.repeat(np.sqrt(tries), len(STEPS)), np.ones(regions)
    for _ in range(4):
        found = []
        for exponent in np.linspace(0.1, 1.5, 8):
            columns = np.stack([np.ones(known.size), known.ravel() ** -exponent], axis=1)
            columns *= (weight * np.repeat(factor, len(STEPS)))[:, None]
            parts, loss = nnls(columns, weight * errors.ravel())
            found.append((loss, *parts, exponent))
        _, floor, height, exponent = min(found)
        common = floor + height * known**-exponent
        factor = (tries * errors.mean(axis=1) + 5) / (tries * common.mean(axis=1) + 5)
    assert (first.floor, first.height, first.exponent) == pytest.approx((floor, height, exponent), abs=1e-6)
    assert first.factor == pytest.approx(factor, abs=1e-6)


def test_examples_go_where_there_are_few_and_the_reference_often_lands() -> None:
    have, even = np.array([80, 80, 400, 400]), np.ones(4)
    made = plan(KNOWN, have, even, 400)
    assert made.collect.sum() == 400
    assert made.collect[:2].sum() == 400, "the small regions first"
    assert made.total[0] <= made.total[1] <= made.total[2]
    assert made.total[1] > made.proportional, "spread evenly helps less"
    visited = plan(KNOWN, have, np.array([1.0, 9.0, 1.0, 1.0]), 100)
    assert visited.collect.argmax() == 1
    assert visited.collect[0] < visited.collect[1]


def test_an_empty_region_comes_first() -> None:
    made = plan(KNOWN, np.array([80, 0, 400, 400]), np.ones(4), 20)
    assert made.collect.tolist() == [0, 20, 0, 0]


def test_nothing_is_collected_where_the_reference_never_lands() -> None:
    made = plan(KNOWN, np.array(SIZES), np.array([0.0, 1.0, 1.0, 1.0]), 60)
    assert made.collect[0] == 0
    assert made.collect.sum() == 60


def test_flat_curves_still_give_a_plan() -> None:
    made = plan(fitted(drawn(SIZES, [[0.0] * 5] * 4), 4, draws=10), np.array(SIZES), np.ones(4), 50)
    assert made.collect.sum() == 50
    assert made.total[1] == pytest.approx(0, abs=1e-6)


def test_fewer_judged_examples_leave_a_wider_interval() -> None:
    errors = [[law(size * step) for step in STEPS] for size in SIZES]
    wide, narrow = (
        plan(fitted(drawn(SIZES, errors, each), 4, draws=100), np.array(SIZES), np.ones(4), 100).total
        for each in (40, 4_000)
    )
    assert wide[2] - wide[0] > 2 * (narrow[2] - narrow[0])
    for low, gain, high in (wide, narrow):
        assert low <= gain <= high


@pytest.mark.parametrize(("visits", "budget"), [(np.ones(4), 0), (np.zeros(4), 20)], ids=["budget 0", "no visits"])
def test_what_cannot_be_planned_is_said_in_a_sentence(visits: np.ndarray, budget: int) -> None:
    with pytest.raises(NotReady, match=r"\.$"):
        plan(KNOWN, np.array(SIZES), visits, budget)


def test_curves_of_nothing_are_said_in_a_sentence() -> None:
    with pytest.raises(NotReady, match=r"\.$"):
        fitted(EMPTY, 4)


def test_a_model_that_has_seen_none_of_a_region_errs_there_and_learns_it() -> None:
    dice = np.random.default_rng(4)
    labels = np.repeat(np.arange(4), 60)
    vectors = np.eye(8, dtype=np.float32)[labels] + dice.normal(0, 0.1, (240, 8)).astype(np.float32)
    found = outcomes(vectors, labels, labels)
    assert found.wrong[:, 0].all(), "each region is a label: without its examples it cannot be predicted"
    assert not found.wrong[:, -1].any()
    assert (found.seen[:, 0] == 0).all()
    assert (found.seen[:, -1] == 45).all(), "three folds of four"
    assert (np.diff(found.seen, axis=1) >= 0).all()


@pytest.mark.parametrize(
    ("labels", "count"), [(np.zeros(100, int), 100), (np.full(100, -1), 100), (np.arange(10) % 2, 10)]
)
def test_too_few_labels_are_said_in_a_sentence(labels: np.ndarray, count: int) -> None:
    vectors = np.random.default_rng(0).normal(size=(count, 4)).astype(np.float32)
    with pytest.raises(NotReady, match=r"\.$"):
        outcomes(vectors, labels, np.zeros(count, dtype=int))
