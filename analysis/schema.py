"""The data model: the tables and views of one dataset, and the frozen dataclasses that mirror their rows.

`source` alone is not in the migrations: `load` creates it with one text column per column of the user's file
(`row_number, example_id, c0 … cN`, row_number from 1). `columns` keeps the names as they came.
"""

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Action = Literal["keep", "relabel", "several", "drop", "unsure", "reopen"]
ACTIONS: tuple[Action, ...] = ("keep", "relabel", "several", "drop", "unsure", "reopen")
Subject = Literal["example", "slice", "annotator"]
Status = Literal["ok", "skipped", "failed"]
Progress = Callable[[str, float], None]  # (what is being done, share of it done in [0, 1])

MIGRATIONS: list[Callable[[], str]] = []
migration = MIGRATIONS.append


@migration
def m001_tables() -> str:
    """Every table but `source`."""
    return """
    CREATE TABLE meta (key VARCHAR PRIMARY KEY, value VARCHAR NOT NULL);
    CREATE TABLE columns (position INTEGER PRIMARY KEY, name VARCHAR NOT NULL, kind VARCHAR NOT NULL);
    CREATE TABLE rejected (line BIGINT NOT NULL, reason VARCHAR NOT NULL, raw VARCHAR NOT NULL);
    CREATE TABLE examples (
        example_id VARCHAR PRIMARY KEY, row_number BIGINT NOT NULL, text VARCHAR NOT NULL,
        label VARCHAR, split VARCHAR, happened_at VARCHAR, content_hash VARCHAR NOT NULL);
    CREATE TABLE annotations (
        example_id VARCHAR NOT NULL, annotator VARCHAR NOT NULL, label VARCHAR NOT NULL,
        annotated_at VARCHAR, guideline_version VARCHAR);
    CREATE TABLE vectors (example_id VARCHAR PRIMARY KEY, vector FLOAT[] NOT NULL, x FLOAT, y FLOAT);
    CREATE TABLE neighbours (example_id VARCHAR PRIMARY KEY, members VARCHAR[] NOT NULL, similarity FLOAT[] NOT NULL);
    CREATE TABLE predictions (
        example_id VARCHAR PRIMARY KEY, predicted VARCHAR NOT NULL,
        confidence FLOAT NOT NULL CHECK (confidence BETWEEN 0 AND 1), probabilities FLOAT[] NOT NULL);
    CREATE TABLE runs (
        run_id VARCHAR PRIMARY KEY, check_name VARCHAR NOT NULL, subject VARCHAR NOT NULL,
        status VARCHAR NOT NULL CHECK (status IN ('ok', 'skipped', 'failed')), detail VARCHAR NOT NULL,
        settings VARCHAR NOT NULL, judged BIGINT NOT NULL, flagged BIGINT NOT NULL,
        seconds DOUBLE NOT NULL, started_at TIMESTAMP NOT NULL);
    CREATE TABLE findings (
        check_name VARCHAR NOT NULL,
        subject VARCHAR NOT NULL CHECK (subject IN ('example', 'slice', 'annotator')),
        subject_id VARCHAR NOT NULL, severity DOUBLE NOT NULL CHECK (severity BETWEEN 0 AND 1),
        flagged BOOLEAN NOT NULL, message VARCHAR NOT NULL, suggested_label VARCHAR,
        members VARCHAR[] NOT NULL, run_id VARCHAR NOT NULL);
    CREATE TABLE guidelines (
        version VARCHAR PRIMARY KEY, text VARCHAR NOT NULL, author VARCHAR NOT NULL,
        created_at TIMESTAMP NOT NULL, note VARCHAR NOT NULL);
    CREATE TABLE decisions (
        decision_id VARCHAR PRIMARY KEY, sequence BIGINT NOT NULL, example_id VARCHAR NOT NULL,
        content_hash VARCHAR NOT NULL,
        action VARCHAR NOT NULL CHECK (action IN ('keep', 'relabel', 'drop', 'unsure', 'reopen')),
        new_label VARCHAR, check_name VARCHAR, reviewer VARCHAR NOT NULL, note VARCHAR NOT NULL,
        clause VARCHAR, decided_at TIMESTAMP NOT NULL, seconds DOUBLE, batch_id VARCHAR,
        CHECK ((action = 'relabel') = (new_label IS NOT NULL)));
    CREATE TABLE undos (
        undo_id VARCHAR PRIMARY KEY, sequence BIGINT NOT NULL, decision_id VARCHAR NOT NULL,
        reviewer VARCHAR NOT NULL, undone_at TIMESTAMP NOT NULL);
    """


@migration
def m002_views() -> str:
    """What pages, CLI and export read. A decision counts while the example still says what it said then."""
    return """
    CREATE VIEW issues AS SELECT * FROM findings WHERE flagged;
    CREATE VIEW verdicts AS
        SELECT * EXCLUDE (latest) FROM (
            SELECT d.*, row_number() OVER (PARTITION BY d.example_id ORDER BY d.sequence DESC) AS latest
            FROM decisions d
            JOIN examples e ON e.example_id = d.example_id AND e.content_hash = d.content_hash
            WHERE NOT EXISTS (SELECT 1 FROM undos u WHERE u.decision_id = d.decision_id))
        WHERE latest = 1 AND action <> 'reopen';
    """


@migration
def m003_guideline_acts() -> str:
    """A version of the guideline is an act of the journal like any other. Nothing wrote to the table before."""
    return """
    DROP TABLE guidelines;
    CREATE TABLE guidelines (
        guideline_id VARCHAR PRIMARY KEY, sequence BIGINT NOT NULL, version VARCHAR NOT NULL, text VARCHAR NOT NULL,
        author VARCHAR NOT NULL, created_at TIMESTAMP NOT NULL, note VARCHAR NOT NULL);
    """


@migration
def m004_several_labels() -> str:
    """Several labels may be right. A constraint cannot be changed, so the table is made anew."""
    return """
    DROP VIEW verdicts;
    CREATE TEMP TABLE kept AS SELECT * FROM decisions;
    DROP TABLE decisions;
    CREATE TABLE decisions (
        decision_id VARCHAR PRIMARY KEY, sequence BIGINT NOT NULL, example_id VARCHAR NOT NULL,
        content_hash VARCHAR NOT NULL,
        action VARCHAR NOT NULL CHECK (action IN ('keep', 'relabel', 'several', 'drop', 'unsure', 'reopen')),
        new_label VARCHAR, labels VARCHAR[], check_name VARCHAR, reviewer VARCHAR NOT NULL, note VARCHAR NOT NULL,
        clause VARCHAR, decided_at TIMESTAMP NOT NULL, seconds DOUBLE, batch_id VARCHAR,
        CHECK (CASE action WHEN 'relabel' THEN new_label IS NOT NULL
                           WHEN 'several' THEN true ELSE new_label IS NULL END),
        CHECK ((action = 'several') = (coalesce(len(labels), 0) >= 2)));
    INSERT INTO decisions BY NAME SELECT * FROM kept;
    DROP TABLE kept;
    CREATE VIEW verdicts AS
        SELECT * EXCLUDE (latest) FROM (
            SELECT d.*, row_number() OVER (PARTITION BY d.example_id ORDER BY d.sequence DESC) AS latest
            FROM decisions d
            JOIN examples e ON e.example_id = d.example_id AND e.content_hash = d.content_hash
            WHERE NOT EXISTS (SELECT 1 FROM undos u WHERE u.decision_id = d.decision_id))
        WHERE latest = 1 AND action <> 'reopen';
    """


@migration
def m005_assignments() -> str:
    """Asking somebody to decide about an example."""
    return """
    CREATE TABLE assignments (
        assignment_id VARCHAR PRIMARY KEY, sequence BIGINT NOT NULL, example_id VARCHAR NOT NULL,
        asked VARCHAR NOT NULL, asked_by VARCHAR NOT NULL, question VARCHAR NOT NULL, asked_at TIMESTAMP NOT NULL);
    """


@migration
def m006_selections() -> str:
    """A part of the map that somebody gave a name."""
    return """
    CREATE TABLE selections (
        selection_id VARCHAR PRIMARY KEY, sequence BIGINT NOT NULL, name VARCHAR NOT NULL, filter VARCHAR NOT NULL,
        saved_by VARCHAR NOT NULL, saved_at TIMESTAMP NOT NULL);
    """


@migration
def m007_in_force_since() -> str:
    """A version of the guideline may have been in force before it was written down here."""
    return "ALTER TABLE guidelines ADD COLUMN since TIMESTAMP"


@migration
def m008_opinions() -> str:
    """What each model finds likeliest by itself."""
    return "ALTER TABLE predictions ADD COLUMN opinions SMALLINT[]"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the user's file: its name as it came, and how its cells are written as text.

    `kind` is "text" (the cell is the text), "json" (the cell is a JSON value, quotes included) or
    "arrow:<type>" (the cell is the text of a typed Parquet value).
    """

    position: int
    name: str
    kind: str = "text"

    @property
    def title(self) -> str:
        """The name to show; an empty header still needs one."""
        return self.name or f"(column {self.position + 1})"


@dataclass(frozen=True, slots=True)
class Roles:
    """Which column plays which role; every value is a column position, because names may repeat.

    `annotator` names the labeller of each row (long layout: one row per label, examples share an id or a
    text). `annotators` are columns that each hold one labeller's label (wide layout). At most one of the two.
    """

    text: tuple[int, ...]
    id: int | None = None
    label: int | None = None
    split: int | None = None
    annotator: int | None = None
    annotators: tuple[int, ...] = ()
    timestamp: int | None = None
    guideline: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain values, as stored in `meta` under "roles"."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Decision:
    """One human act on one example.

    `labels` are those that are all right (action "several", two or more), each once; `new_label` is then the one that
    a single label column gets, None where the given label is among them and stays.
    """

    decision_id: str
    example_id: str
    content_hash: str
    action: Action
    new_label: str | None
    reviewer: str
    decided_at: str
    check_name: str | None = None
    note: str = ""
    clause: str | None = None
    seconds: float | None = None
    batch_id: str | None = None
    labels: tuple[str, ...] = ()
    kind: str = field(default="decision", init=False)


@dataclass(frozen=True, slots=True)
class Undo:
    """The act of taking one decision back, and the one before it counts again; or one assignment, named by its id."""

    undo_id: str
    decision_id: str
    reviewer: str
    undone_at: str
    kind: str = field(default="undo", init=False)


@dataclass(frozen=True, slots=True)
class Guideline:
    """The act of writing a version of the labelling rules; `note` says why, `since` from when on it was in force."""

    guideline_id: str
    version: str
    text: str
    author: str
    created_at: str
    note: str = ""
    since: str | None = None
    kind: str = field(default="guideline", init=False)


@dataclass(frozen=True, slots=True)
class Assignment:
    """The act of asking a colleague to decide about an example; `question` may be empty."""

    assignment_id: str
    example_id: str
    asked: str
    asked_by: str
    asked_at: str
    question: str = ""
    kind: str = field(default="assignment", init=False)


@dataclass(frozen=True, slots=True)
class Selection:
    """The act of keeping a filter of the map under a name; the latest of that name holds.

    `filter` is a JSON object of the values that an address has for it; an empty object takes the name away.
    """

    selection_id: str
    name: str
    filter: str
    saved_by: str
    saved_at: str
    kind: str = field(default="selection", init=False)


Act = Decision | Undo | Guideline | Assignment | Selection


@dataclass(frozen=True, slots=True)
class Run:
    """One check, run once: what came of it, and on how many subjects it had an opinion."""

    run_id: str
    check_name: str
    subject: Subject
    status: Status
    detail: str
    settings: str
    judged: int
    flagged: int
    seconds: float
    started_at: str


def content_hash(text: str, label: str | None) -> str:
    """What a decision was about: 32 hex digits that change when the example's text or given label does."""
    given = "\x00" if label is None else "\x01" + label
    return hashlib.blake2b((text + "\x1f" + given).encode(), digest_size=16).hexdigest()
