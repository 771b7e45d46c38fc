"""Annotators whose labels have become clearly worse, or better, from some day on, while those of others have not.
Somebody got tired, learnt the rules, or reads them differently now: look at the examples shown, from the worse
of the two times, and have them decided again.

It takes dates of labelling and three annotators or more who label the same examples. The day is where the change is
largest; it may have come slowly."""

import numpy as np
import pandas as pd

from analysis.checks import Inputs, check, findings, shown
from analysis.errors import NotReady
from analysis.people import Labels, code_labels
from analysis.people.consensus import Consensus, consensus
from analysis.people.consensus_over_time import FEWEST, over_time

_MEMBERS = 200


@check(title="Annotators who drift", subject="annotator", needs=("annotations",))
def drifting_annotator(inputs: Inputs, *, min_change: float = 0.1, significance: float = 0.05) -> pd.DataFrame:
    """One row per annotator with 40 dated labels or more on examples that others labelled too.

    min_change    how much the share of right labels must have changed beyond that of the others; 0 to 1
    significance  how probable a false alarm about anybody may be; 0 to 1, divided by the number of annotators

    Right is what one-coin Dawid–Skene makes of all labels; the change is found by the CUSUM test, see `over_time`.
    severity: the size of the change beyond that of the others. members: examples of the worse time where the label is
    not the consensus, surest first, at most 200. Raises NotReady without dates, or for fewer than three annotators with
    examples in common.
    """
    given = inputs.annotations
    assert given is not None, "declared as a need"
    known = given[given["example_id"].isin(inputs.examples.index)]
    if known["annotated_at"].isna().all():
        raise NotReady("No label has a date.", "Choose a timestamp column when you load the file.")
    labels = code_labels(known)
    found = consensus(labels, method="one_coin")
    people = over_time(labels, found.posterior, known["annotated_at"])
    if np.count_nonzero(people["dated"]) < 3:
        raise NotReady(
            "Fewer than three annotators have dated labels on the same examples.",
            "Have some examples labelled by three people, with the dates of their labels.",
        )
    people = people[people["p"].notna()]
    if people.empty:
        raise NotReady(
            f"No annotator has {FEWEST} labels on different dates.",
            "Load more labels, with the column that says when they were given.",
        )
    beyond = (people["change"] - people["others"].fillna(0)).to_numpy(dtype=float)
    same_way = np.sign(beyond) == np.sign(people["change"].to_numpy(dtype=float))
    flagged = (people["p"].to_numpy() < significance / len(people)) & (np.abs(beyond) >= min_change) & same_way
    message = np.full(len(people), "No change beyond what chance, or a change in everybody, could do.", dtype=object)
    members: list[list[str]] = [[]] * len(people)
    dates = pd.to_datetime(known["annotated_at"], errors="coerce", utc=True, format="mixed")
    for i in np.flatnonzero(flagged):
        person = people.iloc[i]
        members[i] = _worse(labels, found, dates, person)
        message[i] = _said(person)
    return findings(
        subject_id=people["annotator"].tolist(),
        severity=np.clip(np.abs(beyond), 0, 1),
        flagged=flagged,
        message=message,
        members=members,
    )


def _said(person: pd.Series) -> str:
    way = "worse" if person["change"] < 0 else "better"
    return (
        f"{shown(str(person['annotator']))} became {way} from {person['since']:%Y-%m-%d} on: right in about "
        f"{100 * person['before']:.0f} % before and {100 * person['after']:.0f} % since, "
        f"a change of {100 * person['change']:+.0f} points "
        f"({100 * person['low']:+.0f} to {100 * person['high']:+.0f}) over {int(person['dated']):,} labels; "
        f"the others changed by {100 * person['others']:+.0f}."
    )


def _worse(labels: Labels, found: Consensus, dates: pd.Series, person: pd.Series) -> list[str]:
    """Examples of the worse time where the annotator's label is not the consensus, surest first, ties by id."""
    (code,) = np.flatnonzero(labels.annotators == person["annotator"])
    time = dates.to_numpy(dtype="datetime64[ns]")[labels.row]
    since = person["since"].to_datetime64()
    worse = time >= since if person["change"] < 0 else time < since
    rows = np.flatnonzero((labels.annotator == code) & worse & (found.label[labels.example] != labels.label))
    ids = found.examples[labels.example[rows]].astype(str)
    return [str(name) for name in ids[np.lexsort((ids, -found.confidence[labels.example[rows]]))][:_MEMBERS]]
