import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.checks.drifting_annotator import drifting_annotator
from analysis.errors import NotReady
from analysis.people import code_labels
from analysis.people.consensus_over_time import over_time
from tests.checks.made import flagged, made, members

Vote = tuple[str, str, str, str | None]
DAYS = 100  # one example a day, from 1 January 2026


def day(number: int) -> str:
    return str(np.datetime64("2026-01-01") + np.timedelta64(number, "D"))


def four(wrong: dict[str, range], dated: bool = True) -> list[Vote]:
    """Ada, Ben, Cem and Dan label one example a day; each says the other label on every second day of `wrong`."""
    votes: list[Vote] = []
    for number in range(DAYS):
        right, other = ("x", "y") if number % 4 < 2 else ("y", "x")
        for name in ("Ada", "Ben", "Cem", "Dan"):
            slips = number in wrong.get(name, ()) and number % 2 == 0
            votes.append((f"r{number + 1}", name, other if slips else right, day(number) if dated else None))
    return votes


def test_one_who_gets_worse_is_flagged_from_the_day_on_with_the_later_examples() -> None:
    found = drifting_annotator(made(["t"] * DAYS, annotations=four({"Dan": range(60, DAYS)})))
    assert list(flagged(found)) == ["Dan"]
    # day 60 is 2 March; Dan is wrong on every second of 40 days
    message = flagged(found)["Dan"]
    assert message.startswith("Dan became worse from 2026-03-02 on: right in about 100 % before and 50 % since")
    assert message.endswith("over 100 labels; the others changed by +0.") or message.endswith("changed by -0.")
    assert set(members(found)["Dan"]) == {f"r{number + 1}" for number in range(60, DAYS, 2)}


def test_one_who_gets_better_is_flagged_with_the_earlier_examples() -> None:
    found = drifting_annotator(made(["t"] * DAYS, annotations=four({"Dan": range(40)})))
    assert flagged(found)["Dan"].startswith("Dan became better from ")
    assert set(members(found)["Dan"]) <= {f"r{number + 1}" for number in range(0, 40, 2)}


def test_one_who_is_always_as_often_wrong_is_not_flagged() -> None:
    found = drifting_annotator(made(["t"] * DAYS, annotations=four({"Dan": range(DAYS)})))
    assert found["subject_id"].tolist() == ["Ada", "Ben", "Cem", "Dan"]
    assert not flagged(found)


def test_a_change_in_everybody_is_nobodys_drift() -> None:
    votes = four({})
    # from day 50 on one of the four, in turn, says something else: the examples got harder
    names = ("Ada", "Ben", "Cem", "Dan")
    votes = [
        (e, who, {"x": "y", "y": "x"}[label] if i // 4 >= 50 and names[(i // 4) % 4] == who else label, at)
        for i, (e, who, label, at) in enumerate(votes)
    ]
    assert not flagged(drifting_annotator(made(["t"] * DAYS, annotations=votes)))


def test_settings_say_how_large_and_how_certain() -> None:
    inputs = made(["t"] * DAYS, annotations=four({"Dan": range(60, DAYS)}))
    assert not flagged(drifting_annotator(inputs, min_change=0.6))
    assert not flagged(drifting_annotator(inputs, significance=1e-9))


def test_without_dates_or_a_third_person_it_cannot_judge() -> None:
    with pytest.raises(NotReady, match="date"):
        drifting_annotator(made(["t"] * DAYS, annotations=four({}, dated=False)))
    two = [vote for vote in four({}) if vote[1] in ("Ada", "Dan")]
    with pytest.raises(NotReady, match="three"):
        drifting_annotator(made(["t"] * DAYS, annotations=two))
    same_day = [(example, who, label, "2026-01-01") for example, who, label, _ in four({})]
    with pytest.raises(NotReady, match="different dates"):
        drifting_annotator(made(["t"] * DAYS, annotations=same_day))


def test_the_test_statistic_is_the_largest_departure_from_a_straight_line() -> None:
    """100 labels, the first 50 right and the last 50 wrong: the sum departs by 25, over half of √100."""
    frame = pd.DataFrame(four({"Dan": range(50, DAYS)}), columns=["example_id", "annotator", "label", "annotated_at"])
    frame = frame[frame["annotator"].isin(["Ada", "Dan"])].reset_index(drop=True)
    labels = code_labels(frame)
    posterior = np.zeros((DAYS, 2))
    dan = labels.annotator == 1
    right = labels.example[dan] < 50
    posterior[labels.example[dan], labels.label[dan]] = right
    row = over_time(labels, posterior, frame["annotated_at"]).set_index("annotator").loc["Dan"]
    assert row["p"] == pytest.approx(stats.kstwobign.sf(25 / (0.5 * 10)))
    assert (row["before"], row["after"], row["change"]) == (1, 0, -1)
    assert row["since"] == pd.Timestamp("2026-02-20", tz="UTC")  # 50 days after 1 January


@pytest.mark.slow
def test_false_alarms_are_as_rare_as_they_say() -> None:
    """Labels of three who are right nine times in ten, whatever the day: about one p in twenty below 0.05."""
    dice = np.random.default_rng(0)
    below = 0
    for _ in range(60):
        slips = dice.random((DAYS, 3)) < 0.1
        rows = [
            (f"r{d}", f"p{person}", "y" if slips[d, person] else "x", day(d))
            for d in range(DAYS)
            for person in range(3)
        ]
        frame = pd.DataFrame(rows, columns=["example_id", "annotator", "label", "annotated_at"])
        labels = code_labels(frame)
        truth = np.zeros((DAYS, 2))
        truth[:, 0] = 1
        below += int((over_time(labels, truth, frame["annotated_at"])["p"] < 0.05).sum())
    assert below <= 16  # of 180, 9 expected; 17 or more has probability 0.01
