"""How long a label takes: counted by hand."""

import numpy as np
import pandas as pd

from analysis.people import code_labels
from analysis.people.speed import speed


def of(rows: list[tuple[str, str, object]]) -> pd.DataFrame:
    frame = pd.DataFrame([(example, who, "x", at) for example, who, at in rows],
                         columns=["example_id", "annotator", "label", "annotated_at"])  # fmt: skip
    return speed(code_labels(frame), frame["annotated_at"]).set_index("annotator")


def at(second: int) -> str:
    return (pd.Timestamp("2026-03-14T10:00:00") + pd.Timedelta(seconds=second)).isoformat()


def test_the_median_step_and_its_quartiles_without_breaks_and_batches() -> None:
    """Ada: 20 steps of 10 s, 20 of 30 s; one break of an hour, two labels at one second. Ben: 3 steps."""
    moments = [10 * n for n in range(21)]
    moments += [moments[-1] + 30 * n for n in range(1, 21)]
    moments += [moments[-1] + 3600, moments[-1] + 3600]
    rows = [(f"e{n}", "Ada", at(second)) for n, second in enumerate(moments)]
    rows += [(f"e{n}", "Ben", at(5 + 7 * n)) for n in range(4)]
    found = of(rows[::-1])  # the order of the rows does not count
    assert found.loc["Ada", "steps"] == 40
    assert found.loc["Ada", ["quick", "seconds", "slow"]].tolist() == [10, 20, 30]
    assert found.loc["Ben", "steps"] == 3
    assert np.isnan(found.loc["Ben", "seconds"])


def test_times_that_the_labels_of_an_example_share_are_not_times_of_labelling() -> None:
    rows = [(f"e{n}", who, at(60 * n)) for n in range(40) for who in ("Ada", "Ben")]
    found = of(rows)
    assert found["steps"].tolist() == [0, 0]
    assert found["seconds"].isna().all()


def test_days_without_a_time_and_no_dates_give_no_steps() -> None:
    days = [(f"e{n}", who, f"2026-01-{1 + n % 28 + (who == 'Ben'):02}") for n in range(60) for who in ("Ada", "Ben")]
    assert of(days)["steps"].tolist() == [0, 0]
    nothing = [(f"e{n}", who, None) for n in range(30) for who in ("Ada", "Ben")]
    assert of(nothing)["steps"].tolist() == [0, 0]
