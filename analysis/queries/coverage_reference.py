"""What a dataset can be compared with: a part of its own, or a reference set of texts that is kept beside it.

A reference is written as a short text, so that a link can carry it: `split` (what is tested on), `later` (the half
after the middle date), `split=NAME` (one split), `dates=FROM..TO` (a period, by year, month or day, both ends in it),
`kept=NAME` (a reference set), `none`. Reference sets lie in the dataset's folder, one Parquet file each, and stay there
when its data is replaced.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.coverage.columns import categories
from analysis.coverage.drift import FEWEST, halves
from analysis.coverage.splits import sides
from analysis.errors import NoSuchThing, NotReady, UserError
from analysis.load import references as sets
from analysis.load.guess import guess_roles
from analysis.load.layout import arrange
from analysis.load.options import ReadFile
from analysis.load.references import VERSION, Kept
from analysis.load.roles import check_roles
from analysis.load.save import dataset_name
from analysis.schema import Roles
from analysis.store import Store

SPLIT, LATER, NONE = "split", "later", "none"
ONE_SPLIT, DATES, KEPT = "split=", "dates=", "kept="
_MOST_SPLITS = 20
_LONGEST = 70  # characters of a name, so that a number fits behind it
_PERIOD = re.compile(r"\d{4}(-\d\d){0,2}")
_TO = ".."


@dataclass(frozen=True, slots=True)
class Reference:
    """Something to compare with.

    key    as a link carries it
    title  as a sentence has it, such as "the test split"; `ours`: what stands against it, such as "training examples"
    """

    key: str
    title: str
    ours: str


def state(store: Store, key: str) -> str:
    """A text that is new when what there is to compare with this reference may be something else; decisions leave it.

    Raises NoSuchThing.
    """
    if not key.startswith(KEPT):
        return store.data_version
    name = key.removeprefix(KEPT)
    _require(store, name)
    return f"{store.data_version}|{sets.path_of(store.folder, name).stat().st_mtime_ns}"


def references(store: Store) -> list[Reference]:
    """What there is to compare with now: its own parts first, then earlier versions, then other reference sets."""
    found = store.derived(store.data_version, "coverage by its own parts", lambda: _own_parts(store))
    before = [version.key for version in versions(store)]
    others = [key for name in kept_names(store) if (key := f"{KEPT}{name}") not in before]
    return [described(key) for key in (*found, *before, *others)]


def _own_parts(store: Store) -> list[str]:
    examples = store.frame("SELECT split, happened_at FROM examples")
    found = []
    if _is_ready(lambda: sides(examples["split"])):
        found.append(SPLIT)
    if _is_ready(lambda: halves(_plain(examples["happened_at"]))):
        found.append(LATER)
    sizes = examples["split"].dropna().value_counts()
    if 2 <= len(sizes) <= _MOST_SPLITS:
        found += [f"{ONE_SPLIT}{name}" for name in sorted(sizes.index[sizes >= FEWEST])]
    return found


def described(key: str) -> Reference:
    """The same reference in words. Raises NoSuchThing for a text that means none."""
    if key == SPLIT:
        return Reference(key, "the test split", "training examples")
    if key == LATER:
        return Reference(key, "the later half of the data", "earlier examples")
    if key == NONE:
        return Reference(key, "the data as it is", "examples")
    if key.startswith(KEPT) and (version := VERSION.fullmatch(key.removeprefix(KEPT))):
        day, hour, minute, _, number = version.groups()
        title = f"the version of {day}, {hour}:{minute}{f' ({number[1:]})' if number else ''}"
        return Reference(key, title, "examples as they are now")
    for start, title in ((ONE_SPLIT, "the split {}"), (KEPT, "the reference {}")):
        if key.startswith(start) and key != start:
            ours = "examples of other splits" if start == ONE_SPLIT else "examples of this dataset"
            return Reference(key, title.format(key.removeprefix(start)), ours)
    if is_period(key):
        first, _, last = key.removeprefix(DATES).partition(_TO)
        title = f"what is dated {first}" if first == last else f"what is dated {first} to {last}"
        return Reference(key, title, "examples with another date")
    raise NoSuchThing(
        f"There is nothing called {key[:80]!r} to compare with.",
        "Use split, later, split=NAME, dates=FROM..TO (such as dates=2026-01..2026-03), a dataset or a file.",
    )


def is_period(key: str) -> bool:
    """Whether this is `dates=FROM..TO` with two dates."""
    first, to, last = key.removeprefix(DATES).partition(_TO)
    return bool(key.startswith(DATES) and to and _PERIOD.fullmatch(first) and _PERIOD.fullmatch(last))


def is_version(key: str) -> bool:
    """Whether this is what a dataset said before its data were replaced."""
    return key.startswith(KEPT) and VERSION.fullmatch(key.removeprefix(KEPT)) is not None


def periods(store: Store) -> tuple[str, ...]:
    """The months that examples are dated by (years where there are more than 24 months), in order; () without."""
    dates = _plain(store.frame("SELECT happened_at FROM examples ORDER BY row_number")["happened_at"])
    found = categories({"date": dates})
    values = found[0].values if found else ()
    return values if all(_PERIOD.fullmatch(value) for value in values) else ()


def parts(key: str, splits: pd.Series, happened_at: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Ours and the reference's among a dataset's own examples, as bool masks. Raises NotReady with what is missing."""
    if key == SPLIT:
        ours, theirs, _ = sides(splits)
    elif key == LATER:
        ours, theirs, *_ = halves(_plain(happened_at))
    elif key.startswith(ONE_SPLIT):
        theirs = splits.eq(key.removeprefix(ONE_SPLIT)).to_numpy()
        ours = splits.notna().to_numpy() & ~theirs
    else:
        first, _, last = key.removeprefix(DATES).partition(_TO)
        moment = happened_at.fillna("").astype(str).str.strip()
        theirs = ((moment.str[: len(first)] >= first) & (moment.str[: len(last)] <= last) & (moment != "")).to_numpy()
        ours = (moment != "").to_numpy() & ~theirs
    if not theirs.any() or not ours.any():
        lacking = "lies in it" if not theirs.any() else "lies outside it"
        raise NotReady(
            f"Nothing can be compared with {described(key).title}: no example {lacking}.", "Choose another reference."
        )
    return ours, theirs


def kept_names(store: Store) -> list[str]:
    """The reference sets that are kept with the dataset, sorted."""
    return sets.names(store.folder)


def versions(store: Store) -> list[Reference]:
    """What this dataset said before its data were replaced, the latest first."""
    return [described(f"{KEPT}{name}") for name in reversed(kept_names(store)) if is_version(f"{KEPT}{name}")]


def kept(store: Store, name: str) -> Kept:
    """One of them. Raises NoSuchThing."""
    _require(store, name)
    return sets.read(store.folder, name)


def _require(store: Store, name: str) -> None:
    if name not in kept_names(store):
        raise NoSuchThing(
            f"There is no reference set {name[:80]!r} with this dataset.", "Choose another, or add it again."
        )


def keep(store: Store, name: str, texts: Sequence[str | None], labels: Sequence[str | None] | None = None) -> str:
    """Keep texts as a reference set called after `name`, a file or a dataset; its key.

    See `analysis.load.references.put` for what is kept and what is refused. No set is taken for a version of the
    dataset, which would be dropped once there are newer ones.
    """
    name = dataset_name(Path(name))[:_LONGEST]
    name = f"set-{name}" if VERSION.fullmatch(name) else name
    name, is_new = sets.put(store.folder, name, texts, [None] * len(texts) if labels is None else labels)
    if is_new:
        store.bump()
    return f"{KEPT}{name}"


def keep_dataset(store: Store, other: Store) -> str:
    """Keep another dataset's texts and labels, as they are now, as a reference set of its name; its key."""
    rows = other.frame("SELECT text, label FROM examples ORDER BY row_number")
    return keep(store, other.name, rows["text"].tolist(), _plain(rows["label"]))


def text_columns(store: Store, found: ReadFile) -> tuple[int, ...]:
    """The columns of a file that hold the text: those called as the dataset's own, else what looks most like it."""
    own = {column.position: column.name for column in store.columns()}
    place = {column.name: column.position for column in found.columns}
    names = [own.get(position) for position in store.roles().text]
    if names and all(name in place for name in names):
        return tuple(place[name] for name in names if name is not None)
    return guess_roles(found).text


def keep_file(store: Store, name: str, found: ReadFile, columns: tuple[int, ...]) -> str:
    """Keep these columns of a file that was read, joined as loading joins them; the key of the reference set."""
    check_roles(Roles(text=columns), found)
    return keep(store, name, arrange(found, Roles(text=columns)).examples["text"].to_pylist())


def remove(store: Store, name: str) -> None:
    """Drop a reference set, which nothing brings back. Raises NoSuchThing, and UserError when the disk refuses."""
    if name not in kept_names(store):
        raise NoSuchThing(f"There is no reference set {name[:80]!r} with this dataset.", "Choose another.")
    path = sets.path_of(store.folder, name)
    try:
        path.unlink()
    except OSError as error:
        raise UserError(
            f"The reference {name!r} could not be removed: {error.strerror or error}.",
            f"See that {path.parent} can be written to, and try again.",
        ) from error
    store.bump()


def _is_ready(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except NotReady:
        return False
    return True


def _plain(values: pd.Series) -> list[str | None]:
    plain: list[str | None] = values.astype(object).where(values.notna(), None).tolist()
    return plain
