"""Regions, thin regions and the words that name them, on points and texts placed by hand."""

import numpy as np
import pytest

from analysis.coverage import thin
from analysis.coverage.regions import find_regions
from analysis.coverage.thin import gaps, lonely_groups
from analysis.coverage.words import distinctive, words_of
from analysis.errors import NotReady
from analysis.signals.neighbours import nearest


def clouds(*sizes: int, width: int = 16, spread: float = 0.12) -> np.ndarray:
    """Points around the axes: sizes[i] of them around axis i, rows of length 1."""
    dice = np.random.default_rng(1)
    axes = np.repeat(np.arange(len(sizes)), sizes)
    points = np.eye(width, dtype=np.float32)[axes] + dice.normal(0, spread, (len(axes), width)).astype(np.float32)
    return points / np.linalg.norm(points, axis=1, keepdims=True)


def test_clouds_are_regions_numbered_by_size() -> None:
    points = clouds(30, 60, 10)
    found = find_regions(points, most=3)
    assert found.count == 3
    assert np.bincount(found.of).tolist() == [60, 30, 10]
    assert len(set(found.of[:30])) == len(set(found.of[30:90])) == len(set(found.of[90:])) == 1


def test_regions_do_not_depend_on_the_order_of_the_examples() -> None:
    points = clouds(30, 60, 10)
    ids = [f"r{i}" for i in range(100)]
    order = np.random.default_rng(5).permutation(100)
    one, other = find_regions(points, ids), find_regions(points[order], [ids[i] for i in order])
    assert (one.of[order] == other.of).all()


def test_vectors_that_say_nothing_belong_nowhere() -> None:
    points = clouds(20, 20)
    points[3], points[25] = 0, np.nan
    found = find_regions(points, most=2)
    assert np.flatnonzero(found.of < 0).tolist() == [3, 25]


@pytest.mark.parametrize(
    "points",
    [
        np.zeros((0, 4), np.float32),
        clouds(1),
        clouds(3),
        np.zeros((50, 4), np.float32),
        np.full((50, 4), np.nan, np.float32),
        np.ones((50, 4), np.float32) / 2,
    ],
    ids=["none", "one", "three", "all zero", "not a number", "all the same"],
)
def test_too_little_to_make_regions_from_is_said_in_a_sentence(points: np.ndarray) -> None:
    with pytest.raises(NotReady, match=r"\.$"):
        find_regions(points)


def test_a_region_that_only_the_reference_has_is_found_and_is_empty() -> None:
    points = clouds(200, 200, 60)
    ours = np.arange(460) % 2 == 0
    ours[400:] = False
    (gap,) = gaps(points, ours, ~ours)
    assert set(gap.rows) == set(range(400, 460))
    assert (gap.ours, gap.theirs, gap.our_total, gap.their_total) == (0, 60, 200, 260)
    assert gap.is_empty
    assert gap.their_share[1] == pytest.approx(60 / 260)
    assert gap.missing == 47, "60 / 260 of 200, rounded up"


def test_what_is_missing_is_told_of_all_examples_where_a_sample_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    points = clouds(200, 200, 60)
    ours = np.arange(460) % 2 == 0
    ours[400:] = False
    (gap,) = gaps(points, ours, ~ours, stands_for=3.0)
    assert (gap.our_total, gap.all_ours, gap.missing) == (200, 600, 139), "60 / 260 of 600, rounded up"
    monkeypatch.setattr(thin, "_MOST", 100)
    (gap,) = gaps(points, ours, ~ours)
    assert (gap.our_total, gap.their_total, gap.all_ours, gap.ours) == (100, 100, 200, 0)
    assert gap.missing == gap.expected == 2 * gap.theirs
    assert [len(rows) for rows in thin.compared(points, ours, ~ours)] == [100, 100]


def test_a_thinner_region_is_told_from_an_empty_one() -> None:
    points = clouds(200, 200, 72)
    ours = np.arange(472) % 2 == 0
    ours[400:] = np.arange(72) % 6 == 0
    (gap,) = gaps(points, ours, ~ours)
    assert (gap.ours, gap.theirs) == (12, 60)
    assert not gap.is_empty


def test_equal_sides_have_no_thin_region() -> None:
    points = clouds(200, 200, 60)
    named = 0
    for seed in range(20):
        ours = np.random.default_rng(seed).random(460) < 0.5
        named += len(gaps(points, ours, ~ours))
    assert named <= 2, "about one run in twenty may name one"


def test_a_side_without_vectors_is_said_in_a_sentence() -> None:
    with pytest.raises(NotReady, match="of the reference"):
        gaps(clouds(20), np.ones(20, dtype=bool), np.zeros(20, dtype=bool))


def test_lonely_examples_that_have_each_other_are_a_group() -> None:
    dense = clouds(60, 60, width=32, spread=0.05)
    lonely = np.zeros((4, 32), dtype=np.float32)
    lonely[:, 20] = 1
    lonely[np.arange(4), np.arange(21, 25)] = 1.2
    points = np.vstack([dense, lonely / np.linalg.norm(lonely, axis=1, keepdims=True)])
    near = nearest(points)
    groups, closeness = lonely_groups(near.position, near.distance, np.ones(124, bool), share=0.03, largest=20)
    assert [rows.tolist() for rows in groups] == [[120, 121, 122, 123]]
    assert closeness[120] == pytest.approx(1 / (1 + 1.2**2), abs=0.01)


def test_words_that_one_group_has_and_others_lack_name_it() -> None:
    texts = ["the burn on her hand", "a burn and the tea", "the burn again"] + ["the cough at night", "the cough"] * 5
    names = distinctive(texts, np.array([0] * 3 + [1] * 10), 2)
    assert names[0][0] == "burn"
    assert names[1][0] == "cough"
    assert "the" not in names[0]


def test_scripts_without_spaces_have_words_too() -> None:
    assert words_of("退款还没") == {"退款", "款还", "还没"}
    assert words_of("Don't re-do it, ÜB 12") == {"don't", "üb"}


def test_groups_without_words_have_no_name() -> None:
    assert distinctive(["", "!!"], np.array([0, -1]), 2) == [(), ()]
