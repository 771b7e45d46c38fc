"""Examples whose annotators do not agree, or whose label is not what most of them said. The text is hard, the rules do
not cover it, or somebody slipped: decide which label holds, and write down why. Where several labels seem valid it is
the rule that needs work; where somebody seems to have slipped, it is the label.

Where somebody labelled an example twice, the later label counts."""

from collections import Counter

import numpy as np
import pandas as pd

from analysis.checks import Inputs, check, findings, shown
from analysis.errors import NotReady
from analysis.people import code_labels
from analysis.people.ambiguity import evidence, find_ambiguous

_NEAR, _NAMED = 3, 3  # neighbours that it takes, and how many of their labels are named
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


@check(title="Annotators disagree", subject="example", needs=("annotations",))
def annotator_disagreement(inputs: Inputs) -> pd.DataFrame:
    """Examples without a clear majority, or with a label against it; it has no settings.

    A majority is clear above half of the annotators. The later label of one annotator is the one with the greater
    annotated_at, compared as text, or else the lower line. severity: (1 - 1 / annotators) times the greater of two
    shares: the entropy of the labels over the logarithm of the most labels on one example, and, where the label is
    not the majority's, the share of annotators who say something else. suggested_label: the clear majority where the
    label is another. The message says whether several labels seem valid or somebody slipped (see
    `people.ambiguity`), and what the nearest examples with a label are labelled where neighbours are known. Judged is
    every example with two annotators or more; raises NotReady where there is none.
    """
    examples = inputs.examples
    votes = _votes(inputs)
    total = votes.groupby("row")["count"].sum()
    judged = total.index[total >= 2]
    if not len(judged):
        raise NotReady(
            "No example has labels by two annotators.", "Have some examples labelled by more than one person."
        )
    votes = votes[votes["row"].isin(judged)]
    of, rows = total.loc[judged].to_numpy(), judged.tolist()
    top = votes.drop_duplicates("row")
    majority, most = top["label"].to_numpy(dtype=object), top["count"].to_numpy()
    given = examples["label"].iloc[judged].to_numpy(dtype=object)
    has_label = pd.notna(given)
    clear = 2 * most > of
    against = clear & has_label & (majority != given)
    flagged = against | ~clear

    message = np.full(len(judged), "Most of its annotators agree, and the label is theirs.", dtype=object)
    message[clear & ~has_label] = "Most of its annotators agree."
    why = _evidence(inputs, judged[flagged])
    near = None if inputs.neighbours is None else inputs.neighbours.position
    label_of = examples["label"].to_numpy(dtype=object)
    by_row, label, count = votes.groupby("row").indices, votes["label"].tolist(), votes["count"].tolist()
    for i in np.flatnonzero(flagged):
        said = [(label[vote], count[vote]) for vote in by_row[rows[i]]]
        split = _against(of[i], *said[0], given[i]) if against[i] else _split(of[i], said, given[i])
        nearest = "" if near is None or len(said) == 1 else _nearest(label_of[near[rows[i]]].tolist(), set(dict(said)))
        message[i] = " ".join(part for part in (split, why.get(rows[i], ""), nearest) if part)
    return findings(
        subject_id=examples.index[judged],
        severity=_severity(votes, of, given),
        flagged=flagged,
        message=message,
        suggested_label=pd.Series(majority, dtype=object).where(against, None),
    )


def _evidence(inputs: Inputs, rows: pd.Index) -> dict[int, str]:
    """A sentence for each of these rows of the examples on which annotators differ."""
    given = inputs.annotations
    assert given is not None, "declared as a need"
    labels = code_labels(given[given["example_id"].isin(inputs.examples.index)])
    found = find_ambiguous(labels)
    row = inputs.examples.index.get_indexer(pd.Index(labels.examples))
    chosen = np.flatnonzero((found.kind != "") & np.isin(row, rows))
    held = evidence(labels, found, chosen)
    return {int(row[code]): one.said(shown) for code, one in zip(chosen, held, strict=True)}


def _nearest(near: list[str | None], said: set[str]) -> str:
    """How the nearest examples are labelled, of the labels that annotators gave; "" where none of these is."""
    if len(near) < _NEAR:
        return ""
    counted = sorted(Counter(label for label in near if label in said).items(), key=lambda one: (-one[1], str(one[0])))
    if not counted:
        return ""
    listed = [f"{_number(number)} {'is' if number == 1 else 'are'} {shown(label)}" for label, number in counted]
    return f"Of the {len(near):,} nearest examples, {', '.join(listed[:_NAMED])}."


def _votes(inputs: Inputs) -> pd.DataFrame:
    """row, label, count: how many annotators gave each label, by row, most frequent first, then by label."""
    given = inputs.annotations
    assert given is not None, "declared as a need"
    latest = given.assign(at=given["annotated_at"].fillna("")).sort_values("at", kind="stable")
    latest = latest.drop_duplicates(["example_id", "annotator"], keep="last")
    latest = latest.assign(row=inputs.examples.index.get_indexer(pd.Index(latest["example_id"])))
    votes = latest[latest["row"] >= 0].groupby(["row", "label"]).size().rename("count").reset_index()
    return votes.sort_values(["row", "count", "label"], ascending=[True, False, True])


def _severity(votes: pd.DataFrame, of: np.ndarray, given: np.ndarray) -> np.ndarray:
    """See the check; `of` and `given` are per judged example, in the order of `votes`."""
    at = pd.factorize(votes["row"])[0]
    count = votes["count"].to_numpy()
    share = count / of[at]
    entropy = np.bincount(at, weights=-share * np.log(share), minlength=len(of))
    most_labels = np.bincount(at).max()
    spread = entropy / np.log(most_labels) if most_labels > 1 else entropy
    same = votes["label"].to_numpy(dtype=object) == given[at]
    agree = np.bincount(at, weights=share * same, minlength=len(of))
    doubt = np.where(pd.notna(given) & (agree <= 0.5), 1 - agree, 0)
    return np.clip(np.maximum(spread, doubt) * (1 - 1 / of), 0, 1)


def _against(total: int, label: str, count: int, given: str) -> str:
    who = f"All {_number(total)}" if count == total else f"{_number(count).capitalize()} of {_number(total)}"
    who = "Both" if count == total == 2 else who
    return f"{who} annotators say {shown(label)}; the label is {shown(given)}."


def _split(total: int, said: list[tuple[str, int]], given: str | None) -> str:
    listed = ", ".join(f"{shown(label)} ({_number(count)})" for label, count in said[:4])
    more = f" and {len(said) - 4} more" if len(said) > 4 else ""
    rest = "it has no label yet" if given is None else f"the label is {shown(given)}"
    return f"No label has more than half of its {_number(total)} annotators: {listed}{more}; {rest}."


def _number(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else f"{count:,}"
