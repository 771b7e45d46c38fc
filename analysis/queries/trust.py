"""How many of the label flags to trust, and how many wrong labels nobody flagged, from the store's point of view."""

import json
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.checks import all_checks
from analysis.queries.queue import QueueFilter, undecided_rows
from analysis.signals.trust import FEWEST, Count, Trust, chances, stops, trust
from analysis.store import Store

_MOST = 2_000  # examples of each kind whose probabilities are looked at; the others count as they do on average
_VAGUE = 10  # times the lower end of an interval, beyond which the number says nothing
_ENOUGH = 30  # decided flags from which on a wide interval is advice, where it leans to stopping now or to going on
_TO_THE_LAST = 0.95  # of the flags left: to stop so shortly before the end saves nothing

# A label flag is an example that a check flags on the evidence of the models. Whoever relabels or drops it says that it
# was wrong, whoever keeps it that it was right; so does whoever calls several labels right, by whether the given one is
# among them. "unsure" says neither.
_WRONG = """CASE WHEN v.action IN ('relabel', 'drop') THEN 1.0 WHEN v.action = 'keep' THEN 0.0
                WHEN v.action = 'several' THEN (v.new_label IS NOT NULL)::DOUBLE END"""
_JUDGED = f"""
    SELECT e.example_id, e.row_number, e.label, f.example_id IS NOT NULL AS flagged, {_WRONG} AS wrong
    FROM examples e JOIN predictions p USING (example_id)
    LEFT JOIN (SELECT DISTINCT subject_id AS example_id FROM issues
               WHERE subject = 'example' AND check_name = ANY(?)) f USING (example_id)
    LEFT JOIN verdicts v USING (example_id)
    WHERE e.label IS NOT NULL ORDER BY hash(e.example_id), e.example_id
"""


@dataclass(frozen=True, slots=True)
class Stop:
    """After how many more of the `left` undecided label flags fewer than 1 in 5 of the rest are real; `left`: never.

    `decided` flags are known.
    """

    after: Count
    left: int
    decided: int


def trust_in_flags(store: Store) -> Trust | None:
    """The estimate as it stands, decisions included; None with fewer than five label flags, or without predictions."""
    judged = _judged(store)
    if judged is None:
        return None
    flagged, wrong = judged["flagged"].to_numpy(dtype=bool), judged["wrong"].to_numpy(dtype=float)
    chance = _chances(store, judged, [flagged & np.isnan(wrong), flagged & ~np.isnan(wrong), ~flagged])
    rest = ~flagged & np.isnan(wrong)
    unflagged = int(rest.sum())
    looked_at = chance[rest & ~np.isnan(chance)]
    expected = float(looked_at.mean()) * unflagged if len(looked_at) else 0.0
    return trust(chance[flagged], wrong[flagged], expected, unflagged, int(np.nansum(wrong[~flagged])))


def flag_chances(store: Store) -> pd.Series:
    """The chance that the label of each label flag is wrong, as far as the models alone can tell, by row_number.

    It knows nothing of decisions, so it changes with a scan only. Empty with fewer than five label flags; NaN beyond
    the first 2,000.
    """
    judged = _judged(store)
    if judged is None:
        return pd.Series(dtype=float)
    flagged = judged["flagged"].to_numpy(dtype=bool)
    chance = _chances(store, judged, [flagged, ~flagged])
    return pd.Series(chance[flagged], index=judged["row_number"].to_numpy()[flagged])


def stop_line(store: Store, wanted: QueueFilter) -> Stop | None:
    """When the label flags of this queue stop paying off; None with fewer than five undecided ones in it.

    Decisions are taken from the whole dataset.
    """
    chances = store.derived(store.data_version, "flag_chances", lambda: flag_chances(store))
    if not len(chances):
        return None
    verdicts = store.frame(f"SELECT row_number, {_WRONG} AS wrong FROM verdicts v JOIN examples USING (example_id)")
    wrong = verdicts.set_index("row_number")["wrong"].astype(float).reindex(chances.index).to_numpy()
    place = chances.index.get_indexer(pd.Index(undecided_rows(store, wanted)))
    order = place[place >= 0]
    order = order[np.isnan(wrong[order])]
    if len(order) < FEWEST:
        return None
    decided = int(np.isfinite(wrong).sum())
    return Stop(stops(chances.to_numpy(), wrong, order), len(order), decided)


def stop_said(found: Stop) -> tuple[str, str]:
    """When to stop in one sentence, and what that is based on in another.

    While hardly anything is ruled out the sentence gives no advice, so that it does not turn with each decision.
    """
    after, flags = found.after, f"{found.left:,} label flags left"
    is_vague = _is_vague(after, found.left) and not (found.decided >= _ENOUGH and _leans(found))
    if is_vague:
        sentence = f"When to stop is not known yet for the {flags}: it takes more decisions on them."
    elif after.about == 0:
        sentence = f"You can stop: fewer than 1 in 5 of the {flags} will probably be real."
    elif after.about > _TO_THE_LAST * found.left:
        sentence = f"Go on to the last: at least 1 in 5 of the {flags} will probably be real."
    else:
        sentence = f"Stop after {_about(after)} of the {flags}: fewer than 1 in 5 of the rest will be real."
    known = "so far possible" if is_vague else "95 % interval"
    basis = f"{_basis(found.decided).capitalize()}; {known}: after {after.low:,} to {after.high:,} of {found.left:,}."
    return sentence, basis


def said(found: Trust) -> tuple[str, str]:
    """The estimate in one sentence, and what it is based on in another.

    A number that is hardly known is not said: more decisions will tell it.
    """
    real, missed = found.real, found.missed
    label, are = ("label", "is") if missed.about == 1 else ("labels", "are")
    flags = f"Of {found.flags:,} label flags {_about(real)} {'is' if real.about == 1 else 'are'} real"
    rest = f"{_about(missed)} wrong {label} {are} not flagged"
    basis = f"With 95 % intervals, {_basis(found.decided)}."
    numbers = (
        ("real flags", real, _is_vague(real, found.flags)),
        ("wrong labels that are not flagged", missed, _is_vague(missed)),
    )
    vague = [f"{count.low:,} to {count.high:,} {what}" for what, count, is_vague in numbers if is_vague]
    if not vague:
        return f"{flags}; {rest}.", basis
    basis = f"{_basis(found.decided).capitalize()}; so far possible: {', '.join(vague)}."
    if len(vague) == 2:
        return f"How many of {found.flags:,} label flags are real is not known yet: it takes more decisions.", basis
    if numbers[0][2]:
        return f"How many of {found.flags:,} label flags are real is not known yet; {rest}.", basis
    return f"{flags}; how many wrong labels are not flagged is not known yet.", basis


def _is_vague(count: Count, out_of: int | None = None) -> bool:
    """Whether the number may as well be ten times another, or anything within half of what it is out of."""
    too_wide = out_of is not None and count.high - count.low > out_of / 2
    return count.high > _VAGUE * max(count.low, 1) or too_wide


def _leans(found: Stop) -> bool:
    """Whether it is probably best to stop now, or to go on to the last, and the opposite is ruled out."""
    after = found.after
    return (after.about == 0 and after.high < found.left) or (after.low > 0 and after.about > _TO_THE_LAST * found.left)


def _basis(decided: int) -> str:
    if not decided:
        return "from the models alone"
    flags = "1 decided flag" if decided == 1 else f"{decided:,} decided flags"
    return f"from {flags} (those left unsure tell nothing) and the models"


def _judged(store: Store) -> pd.DataFrame | None:
    """The labelled examples that the models judged, in a stable order of no meaning; None with too few label flags.

    example_id, label, code (of the label among the classes), flagged, wrong (1 or 0 by verdict, NaN where unknown).
    """
    checks = [check.name for check in all_checks() if check.subject == "example" and "probabilities" in check.needs]
    classes: list[str] = json.loads(store.meta("signal.predictions.detail") or "{}").get("classes", [])
    judged = store.frame(_JUDGED, [checks])
    judged["code"] = pd.Index(classes, dtype=object).get_indexer(pd.Index(judged["label"], dtype=object))
    judged = judged[judged["code"] >= 0].reset_index(drop=True)
    return None if judged["flagged"].sum() < FEWEST or len(classes) < 2 else judged


def _chances(store: Store, judged: pd.DataFrame, kinds: list[np.ndarray]) -> np.ndarray:
    """float (n,): the chance that each label is wrong; NaN beyond the first rows of each kind."""
    weight = np.zeros(len(judged))
    for kind in kinds:
        rows = np.flatnonzero(kind)
        weight[rows[:_MOST]] = len(rows) / max(min(len(rows), _MOST), 1)
    looked_at = np.flatnonzero(weight)
    ids = judged["example_id"].to_numpy()[looked_at]
    table = store.table("SELECT example_id, probabilities FROM predictions WHERE example_id = ANY(?)", [list(ids)])
    place = pd.Index(table["example_id"].to_pandas()).get_indexer(pd.Index(ids))
    flat = table["probabilities"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
    probabilities = flat.reshape(len(table), -1)[place]
    chance = np.full(len(judged), np.nan)
    chance[looked_at] = chances(probabilities, judged["code"].to_numpy()[looked_at], weight[looked_at])
    return chance


def _about(count: Count) -> str:
    if count.low == count.high:
        return f"{count.about:,}"
    return f"about {count.about:,} ({count.low:,}–{count.high:,})"
