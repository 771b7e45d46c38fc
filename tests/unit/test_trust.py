"""How many flags to trust: against numbers worked out by hand, and against slips that a dice has planted."""

from itertools import pairwise

import numpy as np
import pytest

from analysis.signals.trust import _Prior, chances, trust

SURE = _Prior(shift=(0, 1e-6), slope=(1, 1e-6), more=(0, 1e-6), together=0)  # the models are taken at their word
UNDECIDED = np.full(100, np.nan)
HALF = np.full(100, 0.5)


def test_models_taken_at_their_word_leave_the_spread_of_a_fair_coin() -> None:
    found = trust(HALF, UNDECIDED, expected=99.5, unflagged=5_000, found=0, prior=SURE)
    # 100 tosses: 50 ± 1.96 · 5; Poisson of 100: 100 ± 1.96 · 10; their sum: 150 ± 1.96 · √125
    assert (found.real.about, found.real.low, found.real.high) == pytest.approx((50, 40, 60), abs=1)
    assert (found.missed.about, found.missed.low, found.missed.high) == pytest.approx((100, 80, 120), abs=2)
    assert (found.wrong.about, found.wrong.low, found.wrong.high) == pytest.approx((150, 128, 172), abs=2)
    assert (found.flags, found.decided) == (100, 0)


def test_what_every_reviewer_has_decided_is_known() -> None:
    outcome = np.repeat([1.0, 0.0], [58, 42])
    found = trust(HALF, outcome, expected=0, unflagged=0, found=7)
    assert (found.real.low, found.real.about, found.real.high) == (58, 58, 58)
    assert (found.missed.low, found.missed.about, found.missed.high) == (7, 7, 7)
    assert found.wrong.about == 65
    assert found.decided == 100


def test_decisions_count_more_as_they_grow() -> None:
    widths = []
    for decided in (0, 10, 50, 200):
        outcome = np.full(400, np.nan)
        outcome[:decided] = np.arange(decided) % 10 == 0  # a tenth of them real, where the models expect half
        found = trust(np.full(400, 0.5), outcome, expected=10, unflagged=3_000, found=0)
        widths.append(found.real.high - found.real.low)
    assert all(later < earlier for earlier, later in pairwise(widths)), widths
    # 20 of 200 were real; a tenth of the other 200 would be 20 more
    assert found.real.low < 40 < found.real.high
    assert found.real.high < 70


def test_flags_found_empty_make_missed_labels_rarer_too() -> None:
    def missed(outcome: float) -> int:
        return trust(HALF, np.full(100, outcome), expected=50, unflagged=5_000, found=0).missed.about

    assert missed(0) < missed(np.nan) < missed(1)


def test_no_more_can_be_missed_than_there_is() -> None:
    found = trust(HALF, UNDECIDED, expected=20, unflagged=20, found=3)
    assert found.missed.high <= 23
    assert found.real.high <= 100


def test_a_flag_without_a_chance_counts_as_the_others_do() -> None:
    chance = HALF.copy()
    chance[50:] = np.nan
    assert trust(chance, UNDECIDED, 0, 0, 0, prior=SURE).real.about == pytest.approx(50, abs=1)
    with pytest.raises(ValueError, match="no flag"):
        trust(np.full(3, np.nan), np.full(3, np.nan), 0, 0, 0)


@pytest.mark.parametrize(("classes", "share"), [(2, 0.08), (6, 0.05), (6, 0.15)])
def test_chances_sum_to_the_slips_where_the_models_are_right(classes: int, share: float) -> None:
    dice = np.random.default_rng(3)
    n = 6_000
    logits = dice.normal(0, 3, (n, classes))
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    truth = np.array([dice.choice(classes, p=row) for row in p])
    slip = dice.random(n) < share
    flat = np.sqrt(p)
    flat[np.arange(n), truth] = 0
    given = np.where(slip, [dice.choice(classes, p=row / row.sum()) for row in flat], truth)
    chance = chances(p, given, np.ones(n))
    assert ((chance > 0) & (chance < 1)).all()
    assert chance.sum() == pytest.approx(slip.sum(), rel=0.2)
    assert chance[slip].mean() > 3 * chance[~slip].mean()


def test_rows_that_stand_for_many_count_as_many() -> None:
    p = np.array([[0.97, 0.03], [0.1, 0.9], [0.6, 0.4]])
    given = np.array([0, 0, 1])
    twice = np.repeat([0, 1, 2], [300, 20, 100])
    np.testing.assert_allclose(
        chances(p, given, np.array([300.0, 20, 100])),
        chances(p[twice], given[twice], np.ones(420))[[0, 300, 320]],
        rtol=1e-3,
    )
