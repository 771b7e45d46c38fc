"""Saving a part of the map under a name, and taking a name away; the journal holds both before they return."""

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime

from analysis.errors import NotSaved
from analysis.review.decide import clean
from analysis.schema import Selection
from analysis.store import Store

MOST_NAME = 80  # characters


def save_selection(store: Store, name: str, parameters: Mapping[str, str], *, by: str) -> Selection:
    """Keep a filter, as the values that an address has for it, under a name; the earlier one of that name gives way.

    Raises NotSaved without a name, without anything to filter by, without anybody who saves it, and when the disk
    refuses.
    """
    if not parameters:
        raise NotSaved(
            "Not saved: the whole map is shown, so nothing is selected.", "Draw a region, or choose what to show."
        )
    return _record(store, name, parameters, by)


def remove_selection(store: Store, name: str, *, by: str) -> Selection:
    """Take the name away. Raises NotSaved as above."""
    return _record(store, name, {}, by)


def _record(store: Store, name: str, parameters: Mapping[str, str], by: str) -> Selection:
    title, who = _one_line(name)[:MOST_NAME].strip(), _one_line(by)
    if not title:
        raise NotSaved("Not saved: the selection has no name.", "Type a name for it.")
    if not who:
        raise NotSaved("Not saved: nobody is named as the reviewer.", "Give your name in the sidebar.")
    act = Selection(
        selection_id=str(uuid.uuid4()),
        name=title,
        filter=json.dumps(dict(sorted(parameters.items())), ensure_ascii=False),
        saved_by=who,
        saved_at=datetime.now(UTC).isoformat(),
    )
    store.record([act])
    return act


def _one_line(text: str) -> str:
    return " ".join(clean(text).split())
