"""Drift: what the reference has that the rest has not, and the other way round: words, labels, kinds of texts."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.coverage.drift import READ, Change, Difference, shares, words
from analysis.errors import NotReady
from analysis.queries.coverage_apart import Exchange, apart
from analysis.queries.coverage_plan import NO_WORD, SHOWN_TEXT, has_own, typical
from analysis.queries.coverage_pool import Pool, link_to, pool_of
from analysis.queries.coverage_reference import KEPT, NONE
from analysis.store import Store

_SHOWN = 6
_HINT = "Add texts to compare with, or load the data with a split or dates."


@dataclass(frozen=True, slots=True)
class Told:
    """Some examples that only one side has the like of: texts to show, and the part of the dataset, "" for none."""

    texts: tuple[str, ...]
    part: str
    members: int


@dataclass(frozen=True, slots=True)
class Shift:
    """How two sides differ. `difference` is None, and `note` says why, where the vectors cannot tell.

    Where the reference is an earlier version of the dataset, `new` is what came since and `gone` is what went, told
    text by text where neither side is a sample: then `exchange` says how many, and `relabelled` are examples of ours.
    Otherwise `new` is what only the reference has the like of, and `gone` what only ours has.

    changes  one row a word, label or region whose share is another, beyond chance, clearest first within each kind:
             kind ("word", "label", "texts about"), name, change ("new", "gone", "more", "less" in
             the reference, or since an earlier version), ours, theirs (how
             many), our_share, our_low, our_high, their_share, their_low, their_high (percent), q, texts, part
    ours, theirs    examples of each side with a vector
    counted, read   (ours, theirs): in how many of them labels and regions were counted, and words; fewer where many
    """

    difference: Difference | None
    note: str
    new: Told
    gone: Told
    changes: pd.DataFrame
    ours: int
    theirs: int
    counted: tuple[int, int]
    read: tuple[int, int]
    exchange: Exchange | None
    relabelled: Told


def shift(store: Store, reference: str) -> Shift:
    """What of the reference is new or more frequent, and what has vanished. Raises NotReady with what is missing."""
    if reference == NONE:
        raise NotReady("There is nothing to compare with.", _HINT)
    pool = pool_of(store, reference)
    counted = int(pool.ours.sum()), int(pool.theirs.sum())
    found = apart(pool)
    theirs, ours = (
        _told(pool, found.theirs, link_to("new", reference)),
        _told(pool, found.ours, link_to("gone", reference)),
    )
    return Shift(
        difference=found.difference,
        note=found.note,
        new=ours if pool.is_before else theirs,
        gone=theirs if pool.is_before else ours,
        changes=_changes(pool, reference),
        ours=pool.whole.ours,
        theirs=pool.whole.theirs,
        counted=counted,
        read=(min(counted[0], READ), min(counted[1], READ)),
        exchange=found.exchange,
        relabelled=_told(pool, found.relabelled, link_to("relabelled", reference)),
    )


def _told(pool: Pool, rows: np.ndarray, part: str) -> Told:
    texts = tuple(dict.fromkeys(pool.texts[row][:SHOWN_TEXT] for row in rows))[:_SHOWN]
    own = sum(pool.ids[row] is not None for row in rows)
    return Told(texts, part if own else "", own)


def _changes(pool: Pool, reference: str) -> pd.DataFrame:
    is_own = not reference.startswith(KEPT)  # both sides can be opened in Review
    rows = []
    for change in words(pool.texts, pool.ours, pool.theirs):
        part = link_to("word", reference, change.name) if is_own or change.before else ""
        rows.append(_row("word", change.name, change, (), part, is_before=pool.is_before))
    names = sorted({label for label in pool.labels if label is not None})
    code = pd.Index(names, dtype=object).get_indexer(pd.Index(pool.labels, dtype=object))
    ours, theirs = pool.ours & (code >= 0), pool.theirs & (code >= 0)
    if ours.any() and theirs.any():
        for change in shares(names, code, ours, theirs):
            part = link_to("label", reference, change.name) if is_own or change.before else ""
            rows.append(_row("label", change.name, change, (), part, is_before=pool.is_before))
    try:
        regions, named = pool.regions, pool.names
    except NotReady:  # the vectors say nothing; the note of the difference says so
        return pd.DataFrame(rows, columns=_COLUMNS)
    of = regions.of
    for change in shares([str(i) for i in range(regions.count)], of, pool.ours, pool.theirs):
        region = int(change.name)
        part = link_to("region", reference, region) if has_own(pool, of == region) else ""
        name = ", ".join(named[region]) or NO_WORD
        rows.append(_row("texts about", name, change, typical(pool, of == region), part, is_before=pool.is_before))
    return pd.DataFrame(rows, columns=_COLUMNS)


_COLUMNS = [
    *("kind", "name", "change", "ours", "theirs", "our_share", "our_low", "our_high"),
    *("their_share", "their_low", "their_high", "q", "texts", "part"),
]


def _row(
    kind: str, name: str, change: Change, texts: tuple[str, ...], part: str, *, is_before: bool
) -> dict[str, object]:
    has_grown = (change.after_share[1] > change.before_share[1]) != is_before
    is_new, is_gone = (change.is_new, change.has_vanished)[:: -1 if is_before else 1]
    (our_low, our_share, our_high), (their_low, their_share, their_high) = change.before_share, change.after_share
    return {
        "kind": kind,
        "name": name,
        "change": "new" if is_new else "gone" if is_gone else "more" if has_grown else "less",
        "ours": change.before,
        "theirs": change.after,
        "our_share": 100 * our_share,
        "our_low": 100 * our_low,
        "our_high": 100 * our_high,
        "their_share": 100 * their_share,
        "their_low": 100 * their_low,
        "their_high": 100 * their_high,
        "q": change.q,
        "texts": texts,
        "part": part,
    }
