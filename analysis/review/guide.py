"""Writing a version of the guideline. It returns only after the journal holds it; a version is never changed again."""

import threading
import uuid
from datetime import UTC, date, datetime

from analysis.errors import NotSaved
from analysis.queries.guidelines import Version, recorded, versions
from analysis.review.decide import clean
from analysis.schema import Guideline
from analysis.store import Store

LONGEST = 100_000  # characters of a guideline
MOST_LINES = 3_000  # of a guideline: two versions are still compared at once
NAME_LENGTH = 40
_ONE_AT_A_TIME = threading.Lock()


def write_version(
    store: Store,
    text: str,
    *,
    version: str,
    author: str,
    note: str,
    since: date | None = None,
    guideline_id: str | None = None,
) -> Version:
    """Record a new version, and return it as it stands in the journal; it is in force from now on, or `since` that day.

    `note` says why; the first version needs none. `guideline_id` is made by whoever asks: one that is known already
    stays what it is, so that asking twice changes nothing. Raises NotSaved when the text is empty, too long or what the
    latest version says already, when the name is missing or taken, when nobody is named, when `since` lies ahead or is
    the first day of another version, or when the disk refuses.
    """
    act_id = guideline_id or str(uuid.uuid4())
    with _ONE_AT_A_TIME:
        before = recorded(store, act_id)
        if before is not None:
            return before
        earlier = versions(store)
        act = Guideline(
            guideline_id=act_id,
            version=_name(version, earlier),
            text=_text(text, earlier),
            author=_author(author),
            created_at=datetime.now(UTC).isoformat(),
            note=_note(note, earlier),
            since=_since(since, earlier),
        )
        store.record([act])
        written = recorded(store, act_id)
    assert written is not None, "the store has read it back"
    return written


def _text(text: str, earlier: tuple[Version, ...]) -> str:
    cleaned = clean(text.replace("\r\n", "\n"))
    if not cleaned:
        raise NotSaved("Not saved: the guideline is empty.", "Write at least one clause, such as “1. Refunds”.")
    if len(cleaned) > LONGEST:
        raise NotSaved(
            f"Not saved: the guideline has {len(cleaned):,} characters.", f"Shorten it to {LONGEST:,} or fewer."
        )
    lines = len(cleaned.splitlines())
    if lines > MOST_LINES:
        raise NotSaved(f"Not saved: the guideline has {lines:,} lines.", f"Shorten it to {MOST_LINES:,} or fewer.")
    if earlier and earlier[-1].text == cleaned:
        raise NotSaved(
            f"Not saved: version {earlier[-1].name} says the same.", "Change the text first, or close the editor."
        )
    return cleaned


def _name(version: str, earlier: tuple[Version, ...]) -> str:
    name = " ".join(clean(version).split())
    if not name or len(name) > NAME_LENGTH:
        raise NotSaved(
            "Not saved: the version has no name." if not name else "Not saved: the version's name is too long.",
            f"Name it in up to {NAME_LENGTH} characters, such as v{len(earlier) + 1}.",
        )
    if name in {known.name for known in earlier}:
        raise NotSaved(f"Not saved: there is a version {name} already.", "Give the new version another name.")
    return name


def _since(since: date | None, earlier: tuple[Version, ...]) -> str | None:
    if since is None:
        return None
    if since > datetime.now(UTC).date():
        raise NotSaved(f"Not saved: {since.isoformat()} lies ahead.", "Choose today or an earlier day.")
    same = [known.name for known in earlier if known.since == datetime(since.year, since.month, since.day)]
    if same:
        raise NotSaved(
            f"Not saved: version {same[0]} is in force since {since.isoformat()} too.", "Choose another day."
        )
    return since.isoformat()


def _author(author: str) -> str:
    name = " ".join(clean(author).split())
    if not name:
        raise NotSaved("Not saved: nobody is named as the author.", "Give your name as the reviewer, in the sidebar.")
    return name


def _note(note: str, earlier: tuple[Version, ...]) -> str:
    why = clean(note)
    if earlier and not why:
        raise NotSaved("Not saved: it is not said why the guideline changes.", "Say in a sentence what led to it.")
    return why
