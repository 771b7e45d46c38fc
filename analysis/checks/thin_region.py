"""Small groups of examples with little near them, about something that hardly another text mentions. A model has little
to learn them from, and no test says how it does there: collect more like them, or drop them if they do not belong."""

import numpy as np
import pandas as pd

from analysis.checks import Inputs, check, findings, shown
from analysis.coverage.thin import lonely_groups
from analysis.coverage.words import best_told, distinctive
from analysis.errors import NotReady

_FEWEST = 60  # examples from which on thin means something
_NEAREST = 3


@check(title="Thin regions", subject="slice", needs=("neighbours",))
def thin_region(
    inputs: Inputs, *, share: float = 0.25, loneliest: float = 0.1, largest: int = 20, told: float = 0.5
) -> pd.DataFrame:
    """One row per small group that hangs together among the examples with the farthest neighbours.

    share      the share of examples, those with the farthest neighbours, among which groups are looked for, 0 to 1
    loneliest  a group is flagged when half of it is among this share of the examples, 0 to share
    largest    examples that a thin group may have, 3 or more
    told       how well one word must tell a group that is flagged from all other texts, 0 (not at all) to 1 (fully)

    Closeness is the mean cosine similarity to the 3 nearest; see analysis.coverage.thin. Where there are labels, the
    same one must be on at least half of the group: what shares neither place nor label is scatter. Nor is a group that
    no word tells from the rest a region of its own; see analysis.coverage.words.best_told. severity: the share
    of examples that are less lonely than half of the group. members are the whole group. Raises NotReady below 60
    examples with text.
    """
    neighbours = inputs.neighbours
    assert neighbours is not None, "declared as a need"
    has_text = inputs.examples["text"].str.strip().to_numpy() != ""
    if has_text.sum() < _FEWEST or neighbours.distance.shape[1] < _NEAREST:
        raise NotReady(
            f"Only {int(has_text.sum())} examples have text.", f"What is thin can be told from {_FEWEST} or more."
        )
    groups, closeness = lonely_groups(neighbours.position, neighbours.distance, has_text, share=share, largest=largest)
    if not groups or np.nanmax(closeness) - np.nanmin(closeness) < 1e-6:
        return findings(subject_id=[], severity=[], flagged=[], message=[])
    ordered = np.sort(closeness[np.isfinite(closeness)])
    usual = float(np.median(ordered))
    ids, labels = inputs.examples.index.to_numpy(dtype=object), inputs.examples["label"].to_numpy(dtype=object)
    of = np.full(len(ids), -1)
    for number, rows in enumerate(groups):
        of[rows] = number
    names = distinctive(inputs.examples["text"].tolist(), of, len(groups))
    middle = np.array([np.median(closeness[rows]) for rows in groups])
    rank = np.searchsorted(ordered, middle, side="right") / len(ordered)
    top = [pd.Series(labels[rows]).value_counts(sort=True) for rows in groups]
    alike = [not len(found) or 2 * found.iloc[0] >= len(rows) for found, rows in zip(top, groups, strict=True)]
    flagged = (rank <= loneliest) & np.array(alike)
    lonely = np.flatnonzero(flagged)
    flagged[lonely] = best_told(inputs.examples["text"].tolist(), [groups[i] for i in lonely]) >= told
    message = np.full(len(groups), "Small, but not among the loneliest.", dtype=object)
    message[lonely] = "Small, but no word tells it from the rest."
    for i in np.flatnonzero(flagged):
        words = ", ".join(shown(word, 30) for word in names[i])
        about = f"are about {words}" if words else "lie together here"
        message[i] = (
            f"Only {len(groups[i])} examples {about}{_labelled(top[i], len(groups[i]))}: the similarity to"
            f" their nearest is {middle[i]:.2f}; for half of all examples it is above {usual:.2f}."
        )
    return findings(
        subject_id=[f"around {min(ids[rows])}" for rows in groups],
        severity=np.clip(1 - rank, 0, 1),
        flagged=flagged,
        message=message,
        members=[list(ids[rows]) for rows in groups],
    )


def _labelled(found: pd.Series, size: int) -> str:
    if not len(found):
        return ""
    label = min(name for name in found.index if found[name] == found.iloc[0])
    return f", {'all' if found.iloc[0] == size else f'{int(found.iloc[0])} of them'} labelled {shown(label)}"
