"""Numbers and times as people say them."""

from datetime import datetime

import pytest

from ui import words

NOW = datetime(2026, 3, 14, 12, 0, 0)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.04, "0.0 s"),
        (3.14, "3.1 s"),
        (9.97, "10 s"),
        (42.4, "42 s"),
        (59.7, "1 min"),
        (61, "1 min"),
        (600, "10 min"),
        (3599, "1 h"),
        (7800, "2 h 10 min"),
        (7200, "2 h"),
    ],
)
def test_duration(seconds: float, said: str) -> None:
    assert words.duration(seconds) == said


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (datetime(2026, 3, 14, 11, 59, 30), "just now"),
        (datetime(2026, 3, 14, 11, 56), "4 min ago"),
        (datetime(2026, 3, 14, 9, 30), "2 h ago"),
        (datetime(2026, 3, 13, 9, 30), "on 2026-03-13"),
        (datetime(2026, 3, 14, 12, 0, 5), "just now"),  # a clock that was set back
    ],
)
def test_ago(moment: datetime, said: str) -> None:
    assert words.ago(moment, NOW) == said


@pytest.mark.parametrize(
    ("part", "whole", "said"), [(0, 5, "0 %"), (5, 5, "100 %"), (1, 8, "12 %"), (1, 250, "0.4 %"), (1, 0, "0 %")]
)
def test_share(part: int, whole: int, said: str) -> None:
    assert words.share(part, whole) == said


def test_count() -> None:
    assert words.count(1, "row") == "1 row"
    assert words.count(1204, "row") == "1,204 rows"
    assert words.count(2, "class", "classes") == "2 classes"


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, "1 byte"),
        (812, "812 bytes"),
        (3_400_000, "3.4 MB"),
        (56_100, "56 kB"),
        (999_900, "1.0 MB"),
        (5e12, "5,000 GB"),
    ],
)
def test_size(number: float, said: str) -> None:
    assert words.size(int(number)) == said


def test_time_left_comes_with_the_pace_behind_it() -> None:
    assert words.time_left(1080.0, 12.0, 0, own=False, assumed=12.0)[:2] == ("≈ 18 min", "at 12 s each, assumed")
    assert words.time_left(42.0, 8.4, 10, own=True, assumed=12.0)[:2] == ("≈ 42 s", "at your 8.4 s each")


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (3540, "≈ 59 min"),
        (3580, "≈ 1 h"),
        (4000, "≈ 1 h 10"),
        (8340, "≈ 2 h 20"),
        (7260, "≈ 2 h"),
        (35_000, "≈ 9 h 40"),
        (35_900, "≈ 10 h"),
        (38_500, "≈ 11 h"),
    ],
)
def test_hours_left_come_with_tens_of_minutes(seconds: float, said: str) -> None:
    assert words.time_left(seconds, 12.0, 0, own=False, assumed=12.0)[0] == said


def test_a_pace_says_what_it_rests_on() -> None:
    assert words.pace_basis(0, own=False, assumed=12.0) == (
        "Assumed: 12 s a decision, until decisions have been timed."
    )
    assert words.time_left(42.0, 8.4, 10, own=True, assumed=12.0)[2] == (
        "The average of your 10 timed decisions and ten assumed ones of 12 s, without the quickest and the slowest "
        "quarter. Those taken back and those about many at once are left out."
    )
    assert words.pace_basis(1, own=False, assumed=12.0).startswith("The average of everybody's 1 timed decision and")


def test_a_pace_says_how_it_is_known() -> None:
    assert words.pace(12.0, 0, own=False) == "at 12 s each, assumed"
    assert words.pace(8.4, 9, own=True) == words.pace(8.4, 9, own=False) == "at about 8.4 s each"
    assert words.pace(8.4, 10, own=False) == "at 8.4 s each so far"
    assert words.pace(8.4, 10, own=True) == "at your 8.4 s each"
