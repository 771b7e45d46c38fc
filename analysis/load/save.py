"""A read file becomes a dataset, whole or not at all: built in a folder of its own, verified, then moved into place."""

import hashlib
import json
import os
import re
import shutil
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from analysis.errors import BadFile, UserError
from analysis.load import references
from analysis.load.layout import Arranged, arrange, labels_are_many
from analysis.load.options import MB, Question, ReadFile, ReadOptions
from analysis.load.parse import files_of
from analysis.load.read import read_file
from analysis.load.roles import RoleNames, check_roles, guess_roles, roles_from_names
from analysis.schema import Column, Progress, Roles
from analysis.store import DATABASE, JOURNAL, SOURCE, Store, claim, free_bytes

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_ENDINGS = re.compile(r"(\.(gz|gzip|zip|csv|tsv|txt|tab|jsonl|ndjson|json|parquet|pq|xlsx))+$", re.IGNORECASE)
_ROOM = 500 * MB  # on top of three times the file
_STALE = 24 * 3600  # seconds after which a half-built dataset is nobody's


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What was loaded: `rows` are the source's, `rejected` were set aside.

    `matching` and `unmatched` count the examples whose earlier decisions still hold, or no longer fit what the file
    says; both are 0 for a new dataset.
    """

    name: str
    folder: Path
    layout: str
    roles: Roles
    rows: int
    rejected: int
    examples: int
    annotations: int
    matching: int
    unmatched: int
    notices: tuple[str, ...]
    questions: tuple[Question, ...]
    seconds: float


def load_file(
    workspace: Path,
    path: Path,
    *,
    name: str | None = None,
    roles: Roles | RoleNames | None = None,
    options: ReadOptions | None = None,
    replace: bool = False,
    progress: Progress | None = None,
) -> LoadReport:
    """Read a file and store it as a dataset; roles that are not given are guessed.

    Raises UserError (its children included) when anything is wrong; then nothing has changed.
    """
    started = time.perf_counter()
    name = name if name is not None else dataset_name(path)
    check_name(workspace, name, replace=replace)
    _check_room(workspace, sum(file.stat().st_size for file in files_of(path)))
    found = read_file(path, options or ReadOptions(), progress=progress)
    if roles is None or isinstance(roles, RoleNames):
        roles = roles_from_names(found.columns, roles or RoleNames(), guess_roles(found))
    return save(workspace, found, path, name, roles, replace=replace, progress=progress, started=started)


def save(
    workspace: Path,
    found: ReadFile,
    source: Path,
    name: str,
    roles: Roles,
    *,
    replace: bool = False,
    progress: Progress | None = None,
    started: float | None = None,
) -> LoadReport:
    """Store what was read from `source` as the dataset `name`.

    With `replace`, or where only a journal is left, the journal stays and its decisions hold again wherever an example
    still says what it said then; the texts and labels that go are kept as a reference set, of the newest two versions.
    Raises UserError when anything is wrong; then nothing has changed.
    """
    started = started if started is not None else time.perf_counter()
    tell = progress or (lambda what, share: None)
    check_name(workspace, name, replace=replace)
    check_roles(roles, found)
    if not found.cells.num_rows:
        raise BadFile(f"{found.name[:80]!r} has 0 rows.", "Choose a file with rows.")
    _check_room(workspace, max(found.size_bytes, found.cells.nbytes // 2))
    workspace.mkdir(parents=True, exist_ok=True)
    _remove_stale(workspace)
    tell("Storing the rows", 0.0)
    arranged = arrange(found, roles)
    building = workspace / f".loading-{uuid.uuid4().hex}"
    try:
        _build(building, found, roles, arranged, tell)
        _keep_source(building / SOURCE, source, found)
        tell("Storing the rows", 0.9)
        before = _keep_what_goes(workspace / name, found, roles)
        _move_into_place(building, workspace / name, replace=replace)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    references.drop_old_versions(workspace / name)
    with Store(workspace / name) as store:
        matching, unmatched = decisions_that_hold(store)
    tell("Storing the rows", 1.0)
    return LoadReport(
        name=name,
        folder=workspace / name,
        layout=arranged.layout,
        roles=roles,
        rows=found.cells.num_rows,
        rejected=len(found.rejected),
        examples=arranged.examples.num_rows,
        annotations=arranged.annotations.num_rows,
        matching=matching,
        unmatched=unmatched,
        notices=(*before, *found.notices, *arranged.notices, *labels_are_many(arranged.examples)),
        questions=found.questions,
        seconds=time.perf_counter() - started,
    )


def dataset_name(path: Path) -> str:
    """A name for the dataset, made from the file's: `My data (2).csv.gz` → `My-data-2`."""
    named = path if path.name.strip("*?.") and not path.name.startswith("*") else path.parent
    stem = re.sub(r"[^A-Za-z0-9._]+", "-", _ENDINGS.sub("", named.name)).strip("-._")[:80]
    return stem if stem and not _DEVICE.fullmatch(stem) else f"data-{stem}".rstrip("-")


def check_name(workspace: Path, name: str, *, replace: bool = False) -> None:
    """Raises UserError for a name that cannot be a folder everywhere, or that is taken."""
    if not _NAME.fullmatch(name) or _DEVICE.fullmatch(name) or name.endswith("."):
        raise UserError(
            f"{name[:100]!r} cannot be the name of a dataset.",
            "Use up to 80 letters, digits, dots, dashes and underscores, the first one a letter or digit.",
        )
    if not replace and (workspace / name / DATABASE).exists():
        raise UserError(
            f"There is a dataset {name!r} already.",
            "Choose another name (--name), or replace its data and keep the decisions (--replace).",
        )


def decisions_that_hold(store: Store) -> tuple[int, int]:
    """How many examples have a decision in force, and how many decided ones no longer say what they said then."""
    matching: int = store.value("SELECT count(*) FROM verdicts")
    unmatched: int = store.value(
        """
        SELECT count(*) FROM (
            SELECT d.example_id, arg_max(d.action, d.sequence) AS latest FROM decisions d
            WHERE NOT EXISTS (SELECT 1 FROM undos u WHERE u.decision_id = d.decision_id) GROUP BY d.example_id)
        WHERE latest <> 'reopen' AND example_id NOT IN (
            SELECT d.example_id FROM decisions d
            JOIN examples e ON e.example_id = d.example_id AND e.content_hash = d.content_hash
            WHERE NOT EXISTS (SELECT 1 FROM undos u WHERE u.decision_id = d.decision_id))
        """
    )
    return matching, unmatched


def _check_room(workspace: Path, size: int) -> None:
    needed, free = 3 * size + _ROOM, free_bytes(workspace)
    if free < needed:
        raise UserError(
            f"Loading this file needs {needed / 1e9:.1f} GB of free disk space; there are {free / 1e9:.1f} GB.",
            "Free some space, or choose a workspace on another disk (--workspace).",
        )


def _build(folder: Path, found: ReadFile, roles: Roles, arranged: Arranged, tell: Progress) -> None:
    """The whole dataset in a folder of its own, checked cell by cell in number and length."""
    rows = found.cells.num_rows
    source = found.cells.add_column(0, "example_id", arranged.example_ids)
    source = source.add_column(0, "row_number", pa.array(range(1, rows + 1), pa.int64()))
    names = [f"c{column.position}" for column in found.columns]
    with Store(folder) as store:
        with store.transaction() as transaction:
            own = "row_number BIGINT NOT NULL, example_id VARCHAR NOT NULL"
            transaction.execute(f"CREATE TABLE source ({own}, {', '.join(f'{name} VARCHAR' for name in names)})")
            transaction.insert("source", source)
            tell("Storing the rows", 0.5)
            transaction.insert("columns", pa.Table.from_pylist(list(map(_as_row, found.columns))))
            transaction.insert("examples", arranged.examples)
            transaction.insert("annotations", arranged.annotations)
            transaction.insert("rejected", pa.Table.from_pandas(found.rejected, preserve_index=False))
            for key, value in _facts(found, roles, arranged).items():
                transaction.set_meta(key, value)
        tell("Storing the rows", 0.7)
        _verify(store, found, arranged)
        store.checkpoint()


def _as_row(column: Column) -> dict[str, object]:
    return {"position": column.position, "name": column.name, "kind": column.kind}


def _facts(found: ReadFile, roles: Roles, arranged: Arranged) -> dict[str, str]:
    return {
        "source_name": found.name,
        "source_sha256": found.sha256,
        "source_bytes": str(found.size_bytes),
        "format": found.format,
        "options": json.dumps(found.options.as_dict()),
        "roles": json.dumps(roles.as_dict()),
        "layout": arranged.layout,
        "loaded_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "rows_read": str(found.cells.num_rows),
        "rows_rejected": str(len(found.rejected)),
        "notices": json.dumps([*found.notices, *arranged.notices]),
    }


def _verify(store: Store, found: ReadFile, arranged: Arranged) -> None:
    """What the database holds is what was read: rows, cells that are there, and their bytes, column by column.

    Raises RuntimeError when not: a database that misreads is no user's mistake.
    """
    names = found.cells.column_names
    sums = ", ".join(f"count({name}), coalesce(sum(strlen({name})), 0)::BIGINT" for name in names)
    stored = list(store.rows(f"SELECT count(*), count(DISTINCT example_id), {sums} FROM source")[0])
    read = [found.cells.num_rows, arranged.examples.num_rows]
    for name in names:
        column = found.cells.column(name)
        read += [len(column) - column.null_count, pc.sum(pc.binary_length(column)).as_py() or 0]
    others = store.rows(
        "SELECT (SELECT count(*) FROM examples), (SELECT count(label) FROM examples),"
        " (SELECT count(*) FROM annotations), (SELECT count(*) FROM rejected)"
    )[0]
    examples = arranged.examples
    labelled = examples.num_rows - examples["label"].null_count
    expected = (examples.num_rows, labelled, arranged.annotations.num_rows, len(found.rejected))
    if stored != read or others != expected:
        raise RuntimeError(f"the database does not hold what was read: {stored}, {others} for {read}, {expected}")


def _keep_source(folder: Path, source: Path, found: ReadFile) -> None:
    """The file as it came; of several files only a list, because they may be large and stay where they are.

    Raises BadFile when the file has changed since it was read.
    """
    folder.mkdir(mode=0o700)
    files = files_of(source)
    if len(files) > 1:
        listed = [{"path": str(f.absolute()), "sha256": _sha256(f), "bytes": f.stat().st_size} for f in files]
        _write(folder / "files.json", json.dumps(listed, indent=1) + "\n")
        return
    kept = folder / files[0].name
    shutil.copyfile(files[0], kept)
    if found.sha256 and _sha256(kept) != found.sha256:
        raise BadFile(f"{files[0].name[:80]!r} changed while it was being loaded.", "Load it again.")
    with kept.open("rb+") as file:
        os.fsync(file.fileno())


def _keep_what_goes(folder: Path, found: ReadFile, roles: Roles) -> tuple[str, ...]:
    """The texts and labels that other data will take the place of become a reference set; what is said about it."""
    read_as = {"roles": json.dumps(roles.as_dict()), "options": json.dumps(found.options.as_dict())}
    said = references.put_version(folder, found.sha256, read_as)
    return (said,) if said else ()


def _move_into_place(building: Path, target: Path, *, replace: bool) -> None:
    """One rename for a new dataset; where there is a journal, it stays, and the database file is the last to move."""
    for passing in (".lock", ".owner", JOURNAL):
        (building / passing).unlink(missing_ok=True)
    if not target.exists():
        building.rename(target)
        return
    with claim(target):
        check_name(target.parent, target.name, replace=replace)
        shutil.rmtree(target / "scan", ignore_errors=True)  # of the data that go
        if (target / SOURCE).exists():
            (target / SOURCE).rename(building / "source-before")
        (building / SOURCE).rename(target / SOURCE)
        (target / f"{DATABASE}.wal").unlink(missing_ok=True)  # belongs to the file that goes; the journal has the acts
        (building / DATABASE).replace(target / DATABASE)


def _remove_stale(workspace: Path) -> None:
    """What loads that were killed have left behind."""
    for folder in workspace.glob(".loading-*"):
        if time.time() - folder.stat().st_mtime > _STALE:
            shutil.rmtree(folder, ignore_errors=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
