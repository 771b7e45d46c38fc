"""Where annotators differ: between each other, and from what was decided or what most likely holds."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.people.ambiguity import OPEN, SEVERAL, SLIP, by_pair, evidence, leaning
from analysis.people.guidelines import in_force
from analysis.people.repeating import given_by, wrong_together
from analysis.queries.guidelines import unruled, versions
from analysis.queries.people import Crowd
from analysis.store import Store

Apart = Literal["any", "labels", "people", "together", "unruled", "outcome", "several", "slip", "open"]
KINDS: tuple[Apart, ...] = get_args(Apart)
_TEXT = 300  # characters of an example in a list
_DECIDED = "CASE v.action WHEN 'keep' THEN e.label WHEN 'relabel' THEN v.new_label END"  # the label that v holds right


@dataclass(frozen=True, slots=True)
class Differing:
    """Which examples: `kind` says what differs.

    any      annotators gave different labels
    labels   one of them gave `said`, another `other`
    people   `annotator` and `other` gave different labels
    together `annotator` and `other` gave the same label, and the consensus holds another
    unruled  the decision in force says that no clause of the guideline fits, whatever its version
    outcome  `annotator`'s label is not what the consensus or any decision holds; with `said` and `other`, theirs is
             `said` and that is `other`. No decision takes an example out, so nobody's place in a queue of them moves
    several, slip, open  see `Ambiguity.kind`
    """

    kind: Apart
    annotator: str | None = None
    said: str | None = None
    other: str | None = None


def mixed_up(known: Crowd) -> pd.DataFrame:
    """Pairs of labels that were given to the same example, most examples first, then by name.

    first, second, both: examples that got both; either: examples with two labels or more that got at least one of them;
    several, slip, open: of those with both, the examples on which both seem valid, on which one does and the other was
    a slip, and the others; slips: labels that were such slips; most, annotator: who gave most of these, and how many,
    "" without any.
    """
    labels = known.labels
    size = np.asarray(_given(known).sum(axis=0)).ravel()
    frame = by_pair(labels, known.ambiguity)
    first, second, annotator = (frame[name].to_numpy() for name in ("first", "second", "annotator"))
    both = frame[["several", "slip", "open"]].sum(axis=1)
    names = np.append(labels.annotators, "")
    frame = frame.assign(first=labels.classes[first], second=labels.classes[second], annotator=names[annotator])
    frame.insert(2, "both", both)
    frame.insert(3, "either", (size[first] + size[second]).astype(int) - both)
    return frame.sort_values(["both", "first", "second"], ascending=[False, True, True], ignore_index=True)


def outcomes(store: Store, known: Crowd) -> pd.DataFrame:
    """What holds for each example of the crowd, in its order: the verdict, else the consensus of several annotators.

    outcome (a label; missing where it was dropped, left unsure or has several right labels, where annotators are tied,
    or where nobody can say), by ("verdict", "consensus" or ""), confidence (of the consensus, in [0, 1]; NaN of a
    verdict), reviewer, note, clause (of the verdict, "" without one).
    """
    label = _likely(known)
    sure = pd.notna(label)
    frame = pd.DataFrame({"outcome": label, "by": np.where(sure, "consensus", "")}, dtype=object)
    frame["confidence"] = np.where(sure, known.consensus.confidence, np.nan)
    decided = store.frame(
        f"SELECT v.example_id, {_DECIDED} AS outcome, v.reviewer, v.note, coalesce(v.clause, '') AS clause"
        " FROM verdicts v JOIN examples e USING (example_id)"
    )
    place = pd.Index(known.labels.examples).get_indexer(pd.Index(decided["example_id"]))
    decided, place = decided[place >= 0], place[place >= 0]
    for name in ("reviewer", "note", "clause"):
        frame[name] = ""
        frame.loc[place, name] = decided[name].to_numpy(dtype=object)
    frame.loc[place, "outcome"] = decided["outcome"].astype(object).where(decided["outcome"].notna(), None).to_numpy()
    frame.loc[place, "by"], frame.loc[place, "confidence"] = "verdict", np.nan
    return frame


def differences(store: Store, known: Crowd, annotator: str, held: pd.DataFrame | None = None) -> pd.DataFrame:
    """Labels of one annotator that are not the outcome: verdicts first, then the surest consensus, then by example.

    `held` is what `outcomes` found, if that was asked already.

    example_id, text (its start), theirs, outcome, by, confidence, reviewer, note, clause: see `outcomes`; given_under:
    the version of the guideline that the label was given under, see `guidelines.in_force`.
    """
    labels = known.labels
    own = np.flatnonzero(labels.annotators[labels.annotator] == annotator)
    held = (outcomes(store, known) if held is None else held).iloc[labels.example[own]].reset_index(drop=True)
    written = versions(store)
    given = known.annotations.iloc[labels.row[own]]
    held["given_under"] = in_force(given, [one.name for one in written], [one.since.isoformat() for one in written])
    held.insert(0, "theirs", labels.classes[labels.label[own]])
    held.insert(0, "example_id", labels.examples[labels.example[own]])
    held = held[held["outcome"].notna() & (held["outcome"] != held["theirs"])]
    held = held.assign(order=held["by"].eq("consensus"))
    held = held.sort_values(["order", "confidence", "example_id"], ascending=[True, False, True])
    return _with_text(store, held.drop(columns="order"))


def judged_labels(known: Crowd, annotator: str, held: pd.DataFrame) -> int:
    """How many of an annotator's labels are on examples with an outcome; `held` is what `outcomes` found."""
    labels = known.labels
    own = labels.annotators[labels.annotator] == annotator
    return int(held["outcome"].notna().to_numpy()[labels.example[own]].sum())


def disagreements(store: Store, known: Crowd, kind: str, limit: int = 100) -> pd.DataFrame:
    """Examples on which annotators differ, of one kind of `Ambiguity.kind`: the surest first, ties in the order given.

    Of those that nobody can tell, those first whose votes are at odds with what the model holds (`Evidence.leans`).
    example_id, text (its start), labels (each with how many gave it, most first), chance (see `Evidence.chance`, in
    [0, 1]), evidence (`Evidence`).
    """
    found = known.ambiguity
    chosen = np.flatnonzero(found.kind == kind)
    sure = found.slip if kind == SLIP else found.several + leaning(known.labels, found)
    chosen = chosen[np.argsort(-sure[chosen], kind="stable")[:limit]]
    held = evidence(known.labels, found, chosen)
    frame = pd.DataFrame({"example_id": known.labels.examples[chosen], "labels": _said(known, chosen)})
    frame["chance"] = np.array([one.chance for one in held], dtype=float)
    frame["evidence"] = pd.Series(held, dtype=object)
    return _with_text(store, frame)


def kinds_of_disagreement(known: Crowd) -> dict[str, int]:
    """How many examples of each kind of `Ambiguity.kind` there are."""
    return {kind: int((known.ambiguity.kind == kind).sum()) for kind in (SEVERAL, SLIP, OPEN)}


def differing(store: Store, known: Crowd, asked: Differing) -> tuple[str, ...]:
    """The examples that are asked for, in the order of the crowd; () for a name that is not there."""
    labels = known.labels
    if asked.kind == "outcome":
        return _against(store, known, asked)
    if asked.kind == "unruled":
        return unruled(store)
    if asked.kind in (SEVERAL, SLIP, OPEN):
        return tuple(str(name) for name in labels.examples[known.ambiguity.kind == asked.kind])
    if asked.kind in ("people", "together"):
        one, other = asked.annotator or "", asked.other or ""
        if asked.kind == "together":
            chosen = wrong_together(labels, known.consensus, one, other)
        else:
            first, second = (given_by(labels, name) for name in (one, other))
            chosen = (first >= 0) & (second >= 0) & (first != second)
    else:
        given = _given(known) > 0
        chosen = np.asarray(given.sum(axis=1)).ravel() > 1
        for name in (asked.said, asked.other) if asked.kind == "labels" else ():
            chosen = chosen & np.asarray(given[:, labels.classes == name].sum(axis=1) > 0).ravel()
    return tuple(str(name) for name in labels.examples[chosen])


def _likely(known: Crowd) -> np.ndarray:
    """The label that the consensus of several annotators holds right, by example of the crowd; None without one."""
    found = known.consensus
    likely: np.ndarray = found.classes[found.label].astype(object)
    likely[~known.shared | found.tied | (not known.is_judged)] = None
    return likely


def _against(store: Store, known: Crowd, asked: Differing) -> tuple[str, ...]:
    """See `Differing`, kind outcome: decisions count also when they were replaced or taken back."""
    labels = known.labels
    own = np.flatnonzero(labels.annotators[labels.annotator] == (asked.annotator or ""))
    example = labels.example[own]
    theirs = pd.DataFrame({"example_id": labels.examples[example], "theirs": labels.classes[labels.label[own]]})
    decided = store.frame(
        f"SELECT DISTINCT v.example_id, {_DECIDED} AS outcome FROM decisions v JOIN examples e"
        " ON e.example_id = v.example_id AND e.content_hash = v.content_hash"
    )
    likely = pd.DataFrame({"example_id": labels.examples[example], "outcome": _likely(known)[example]})
    held = pd.concat([likely, decided.astype(object)]).dropna(subset=["outcome"])
    rows = theirs.astype(object).merge(held, on="example_id")
    rows = rows[rows["theirs"] != rows["outcome"]]
    if asked.said is not None:
        rows = rows[(rows["theirs"] == asked.said) & (rows["outcome"] == asked.other)]
    return tuple(rows["example_id"].unique())


def _given(known: Crowd) -> sparse.csr_array:
    """Which class was given to which example with two labels or more: 1 or nothing, sparse (E, K)."""
    labels = known.labels
    rows = np.flatnonzero(known.shared[labels.example])
    shape = (len(labels.examples), len(labels.classes))
    table = sparse.csr_array((np.ones(len(rows)), (labels.example[rows], labels.label[rows])), shape=shape)
    table.sum_duplicates()
    table.data[:] = 1
    return table


def _said(known: Crowd, examples: np.ndarray) -> list[str]:
    labels, place = known.labels, np.full(len(known.labels.examples), -1)
    place[examples] = np.arange(len(examples))
    kept = place[labels.example] >= 0
    rows = pd.DataFrame({"at": place[labels.example[kept]], "label": labels.classes[labels.label[kept]]})
    counted = rows.groupby(["at", "label"]).size().rename("n").reset_index()
    counted = counted.sort_values(["at", "n", "label"], ascending=[True, False, True])
    said = (counted["label"].astype(str) + " (" + counted["n"].astype(str) + ")").groupby(counted["at"]).agg(", ".join)
    return said.tolist()


def _with_text(store: Store, rows: pd.DataFrame) -> pd.DataFrame:
    texts = store.frame(
        f"SELECT example_id, left(text, {_TEXT}) AS text FROM examples WHERE example_id IN (SELECT unnest(?))",
        [rows["example_id"].tolist()],
    ).set_index("example_id")["text"]
    rows = rows.reset_index(drop=True)
    rows.insert(1, "text", rows["example_id"].map(texts).fillna(""))
    return rows
