"""How many flags to trust: against numbers worked out by hand, and against slips that a dice has planted."""

from itertools import pairwise

import numpy as np
import pytest

from analysis.signals.trust import _Prior, chances, stops, trust

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


def test_where_the_flags_left_fall_under_one_in_five() -> None:
    """Taken at their word, 10 flags at 0.9 and then 10 at 0.1: with k at 0.9 left, (0.9 k + 1) / (k + 10) < 0.2
    for k ≤ 1, so after 9 of them.
    """
    chance = np.repeat([0.9, 0.1], 10)
    open_ = np.full(20, np.nan)
    found = stops(chance, open_, np.arange(20), prior=SURE)
    assert (found.low, found.about, found.high) == (9, 9, 9)
    found = stops(chance, open_, np.arange(10, 20), prior=SURE)  # what is left is under it from the start
    assert found.about == 0
    found = stops(chance, open_, np.arange(10), prior=SURE)  # and here to the last
    assert found.about == 10
    found = stops(chance, open_, np.arange(20)[::-1], prior=SURE)  # the unlikely ones first: it never falls
    assert found.about == 20


def test_decisions_move_the_stop_and_its_interval_holds_it() -> None:
    chance = np.linspace(0.9, 0.1, 200)
    empty, full = np.full(200, np.nan), np.full(200, np.nan)
    empty[:40], full[:40] = 0, 1
    rest = np.arange(40, 200)
    after_empty, after_full = stops(chance, empty, rest), stops(chance, full, rest)
    assert after_empty.about < after_full.about
    for found in (after_empty, after_full):
        assert 0 <= found.low <= found.about <= found.high <= 160


def test_many_flags_are_looked_at_in_steps() -> None:
    chance = np.concatenate([np.full(3_000, 0.9), np.full(3_000, 0.1)])
    found = stops(chance, np.full(6_000, np.nan), np.arange(6_000), prior=SURE)
    assert found.about == pytest.approx(2_572, abs=12)  # (0.9 k + 300) / (k + 3,000) < 0.2 for k ≤ 428


def test_without_any_chance_there_is_no_stop() -> None:
    with pytest.raises(ValueError, match="no flag has a chance"):
        stops(np.full(3, np.nan), np.full(3, np.nan), np.arange(3))
