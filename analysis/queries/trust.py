"""How many of the label flags to trust, and how many wrong labels nobody flagged, from the store's point of view."""

import json

import numpy as np
import pandas as pd

from analysis.checks import all_checks
from analysis.signals.trust import FEWEST, Count, Trust, chances, trust
from analysis.store import Store

_MOST = 2_000  # examples of each kind whose probabilities are looked at; the others count as they do on average

# A label flag is an example that a check flags on the evidence of the models. Whoever relabels or drops it says that it
# was wrong, whoever keeps it that it was right; "unsure" says neither.
_JUDGED = """
    SELECT e.example_id, e.label, f.example_id IS NOT NULL AS flagged,
           CASE v.action WHEN 'relabel' THEN 1.0 WHEN 'drop' THEN 1.0 WHEN 'keep' THEN 0.0 END AS wrong
    FROM examples e JOIN predictions p USING (example_id)
    LEFT JOIN (SELECT DISTINCT subject_id AS example_id FROM issues
               WHERE subject = 'example' AND check_name = ANY(?)) f USING (example_id)
    LEFT JOIN verdicts v USING (example_id)
    WHERE e.label IS NOT NULL ORDER BY hash(e.example_id), e.example_id
"""


def trust_in_flags(store: Store) -> Trust | None:
    """The estimate as it stands, decisions included; None with fewer than five label flags, or without predictions."""
    checks = [check.name for check in all_checks() if check.subject == "example" and "probabilities" in check.needs]
    classes: list[str] = json.loads(store.meta("signal.predictions.detail") or "{}").get("classes", [])
    judged = store.frame(_JUDGED, [checks])
    judged["code"] = pd.Index(classes, dtype=object).get_indexer(pd.Index(judged["label"], dtype=object))
    judged = judged[judged["code"] >= 0].reset_index(drop=True)
    flagged = judged["flagged"].to_numpy(dtype=bool)
    if flagged.sum() < FEWEST or len(classes) < 2:
        return None
    wrong = judged["wrong"].to_numpy(dtype=float)
    chance = _chances(store, judged, [flagged & np.isnan(wrong), flagged & ~np.isnan(wrong), ~flagged])
    rest = ~flagged & np.isnan(wrong)
    unflagged = int(rest.sum())
    looked_at = chance[rest & ~np.isnan(chance)]
    expected = float(looked_at.mean()) * unflagged if len(looked_at) else 0.0
    return trust(chance[flagged], wrong[flagged], expected, unflagged, int(np.nansum(wrong[~flagged])))


def said(found: Trust) -> tuple[str, str]:
    """The estimate in one sentence, and what it is based on in another."""
    flags = f"Of {found.flags:,} label flags {_about(found.real)} {'is' if found.real.about == 1 else 'are'} real"
    missed = found.missed
    label, are = ("label", "is") if missed.about == 1 else ("labels", "are")
    decided = "1 decided flag" if found.decided == 1 else f"{found.decided:,} decided flags"
    basis = f"from {decided} and the models" if found.decided else "from the models alone"
    return f"{flags}; {_about(missed)} wrong {label} {are} not flagged.", f"With 95 % intervals, {basis}."


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
