"""Reference sets: texts and labels that lie in a dataset's folder to compare it with, one Parquet file each.

They stay when the dataset's data is replaced; then the data that go are kept as one, named by when they were loaded.
"""

import json
import os
import re
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.errors import BadFile, UserError
from analysis.journal import sync_folder
from analysis.store import DATABASE, Store, read_if_sound

MOST = 20_000  # texts of a reference set
FEWEST = 20
MOST_VERSIONS = 2  # of the dataset itself that are kept
VERSION = re.compile(r"version-(\d{4}-\d\d-\d\d)-(\d\d)(\d\d)(\d\d)(-\d+)?")
_FOLDER = "reference"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_STALE = 24 * 3600  # seconds after which a half-written file is nobody's
_SEED = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """A reference set: its texts, the label of each (None where there is none), and of how many it is a sample."""

    texts: tuple[str, ...]
    labels: tuple[str | None, ...]
    of: int


def names(folder: Path) -> list[str]:
    """The reference sets of the dataset in `folder`, sorted."""
    return sorted(path.stem for path in (folder / _FOLDER).glob("*.parquet") if _NAME.fullmatch(path.stem))


def path_of(folder: Path, name: str) -> Path:
    """Where one of them lies."""
    return folder / _FOLDER / f"{name}.parquet"


def read(folder: Path, name: str) -> Kept:
    """One of them."""
    table = pq.read_table(path_of(folder, name))
    facts = json.loads((table.schema.metadata or {}).get(b"reference", b"{}"))
    labels = tuple(table["label"].to_pylist())
    return Kept(tuple(table["text"].to_pylist()), labels, int(facts.get("of", table.num_rows)))


def put(folder: Path, name: str, texts: Sequence[str | None], labels: Sequence[str | None]) -> tuple[str, bool]:
    """Keep texts under this name, durable when this returns; the name they have, and whether they are new there.

    A name that other texts have gets a number; the same texts are not kept twice under one name. Blank texts are left
    out; from more than 20,000 a sample is kept, the same one each time. Raises BadFile where fewer than 20 texts are
    left, and UserError when the disk refuses; then nothing has changed.
    """
    given = np.array([i for i, text in enumerate(texts) if text and text.strip()], dtype=np.int64)
    if len(given) < FEWEST:
        raise BadFile(
            f"The reference has {len(given)} texts.", f"Choose {FEWEST} texts or more, and the column that holds them."
        )
    rows = given
    if len(rows) > MOST:
        rows = np.sort(np.random.default_rng(_SEED).choice(given, MOST, replace=False))
    columns = {
        "text": pa.array([texts[i] for i in rows], pa.string()),
        "label": pa.array([labels[i] for i in rows], pa.string()),
    }
    table = pa.table(columns).replace_schema_metadata({"reference": json.dumps({"of": len(given)})})
    try:
        (folder / _FOLDER).mkdir(mode=0o700, exist_ok=True)
        name, is_there = _free_name(folder, name, table)
        if not is_there:
            _write(table, path_of(folder, name))
    except OSError as error:
        raise UserError(
            f"The reference could not be kept: {error.strerror or error}.",
            f"Make room in {folder / _FOLDER}, or see that it can be written to, and try again.",
        ) from error
    return name, not is_there


def put_version(folder: Path, sha256: str, facts: dict[str, str]) -> str:
    """Keep the data of the dataset in `folder` before other data take their place; one sentence about it.

    "" where there are none, or where they came from a file of this `sha256` with these `facts` (roles, options), so
    that nothing is replaced. Raises UserError when the disk refuses.
    """
    if not (folder / DATABASE).exists():
        return ""
    before = read_if_sound(folder, _before)
    if before is None:
        return "The data before could not be read, so they are not kept to compare with."
    loaded_at, told, texts, labels = before
    if told == {"source_sha256": sha256, **facts}:
        return ""
    if sum(bool(text and text.strip()) for text in texts) < FEWEST:
        return f"The data before have fewer than {FEWEST} texts, so they are not kept to compare with."
    name, _ = put(folder, f"version-{loaded_at[:10]}-{re.sub('[^0-9]', '', loaded_at[10:19])}", texts, labels)
    return f"The data before stay to be compared with, as {name}: see what changed on the Coverage page."


def drop_old_versions(folder: Path) -> None:
    """Of the versions of the dataset only the newest two stay, and no half-written file of a day ago."""
    versions = sorted(filter(VERSION.fullmatch, names(folder)), key=_age)
    for name in versions[:-MOST_VERSIONS]:
        path_of(folder, name).unlink(missing_ok=True)
    for path in (folder / _FOLDER).glob(".*"):
        if time.time() - path.stat().st_mtime > _STALE:
            path.unlink(missing_ok=True)


def _age(name: str) -> tuple[str, int]:
    """The later a version was loaded, the larger."""
    found = VERSION.fullmatch(name)
    number = found[5] if found is not None else None
    return (name.removesuffix(number), -int(number)) if number else (name, 1)


def _before(store: Store) -> tuple[str, dict[str, str | None], list[str | None], list[str | None]]:
    """When the data were loaded, from what and how, and their texts and labels; some more than are kept of many."""
    rows = store.frame("SELECT text, label FROM examples ORDER BY row_number")
    labels = rows["label"].astype(object).where(rows["label"].notna(), None).tolist()
    told = {key: store.meta(key) for key in ("source_sha256", "roles", "options")}
    return store.meta("loaded_at") or "0000-00-00T00:00:00", told, rows["text"].tolist(), labels


def _free_name(folder: Path, name: str, table: pa.Table) -> tuple[str, bool]:
    """The first of name, name-2, name-3 … that is free or that holds this very table; and whether it does."""
    number, tried = 1, name
    while (path := path_of(folder, tried)).exists():
        if pq.read_table(path).equals(table, check_metadata=True):
            return tried, True
        number += 1
        tried = f"{name}-{number}"
    return tried, False


def _write(table: pa.Table, path: Path) -> None:
    """The whole file or none, and on the disk when this returns."""
    partial = path.with_name(f".{uuid.uuid4().hex}")
    try:
        with partial.open("wb") as file:
            pq.write_table(table, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
        sync_folder(path.parent)
    finally:
        partial.unlink(missing_ok=True)
