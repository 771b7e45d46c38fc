"""The scan itself: material in, a stream of results out. Knows no store and no screen.

Signals are made once for all checks and only when what they are made from has changed. The map is drawn in a
second process while the models are trained, because its inner loop holds the interpreter. Nothing disappears:
every check that was asked for leaves an Outcome – ok, skipped with the reason, or failed with the traceback.
"""

import contextlib
import difflib
import functools
import json
import time
import traceback
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.checks import Check, Inputs, Need, all_checks, findings
from analysis.errors import NoSuchThing, NotReady, UserError
from analysis.scan.drawing import Drawing, drawing
from analysis.scan.material import Material, Signal, digest
from analysis.schema import Progress, Run, Status
from analysis.signals.duplicates import Duplicates, find_duplicates, near_groups
from analysis.signals.embed import embed
from analysis.signals.neighbours import Neighbours, nearest
from analysis.signals.own import own_vectors
from analysis.signals.own_probabilities import file_columns, file_stamp, own_probabilities
from analysis.signals.predict import Predictions, predict

Settings = Mapping[str, Mapping[str, Any]]
TRAINED = "trained"  # probabilities by our own models
_MODELS = "linear, words, neighbours"  # which; predictions by others are made again
SIGNAL_SETTINGS = {"model": "static", "map": True, "probabilities": TRAINED}
# What each stage of a scan is called on the screen, and its rough share of the time.
STAGES = {
    "vectors": ("Reading the texts", 0.10),
    "neighbours": ("Finding similar examples", 0.10),
    "predictions": ("Training the models", 0.45),
    "checks": ("Running the checks", 0.20),
    "map": ("Drawing the map", 0.15),
}
_NEEDED = {
    "labels": "labels: choose a label column when you load the file",
    "splits": "a split column (train, test …): choose one when you load the file",
    "annotations": "labels by more than one annotator: choose the annotator column or columns when you load the file",
    "vectors": "texts that can be turned into vectors",
    "neighbours": "at least two examples with text",
    "probabilities": "model predictions, which could not be made",
}


@dataclass(frozen=True)
class Outcome:
    """One check's run and its findings (no rows unless the run is ok)."""

    run: Run
    findings: pd.DataFrame


Result = Signal | Outcome


def new_scan_id() -> str:
    """A name for one scan; its runs are called `<scan_id>.<check name>`."""
    return uuid.uuid4().hex[:12]


def choose(only: Sequence[str] | None, settings: Settings) -> list[Check]:
    """The checks to run, in order. Raises NoSuchThing for a check or a setting that does not exist."""
    checks = {check.name: check for check in all_checks()}
    for name in [*(only or []), *settings]:
        if name not in checks and not (name == "signals" and name in settings):
            raise NoSuchThing(f"There is no check {name!r}.", _did_you_mean(name, checks))
    for name, values in settings.items():
        known = SIGNAL_SETTINGS if name == "signals" else checks[name].settings
        for setting in values:
            if setting not in known:
                raise NoSuchThing(f"{name} has no setting {setting!r}.", _did_you_mean(setting, known))
    return [check for check in checks.values() if only is None or check.name in only]


def scan(
    material: Material, checks: Sequence[Check], settings: Settings, scan_id: str, progress: Progress
) -> Iterator[Result]:
    """Yield each signal that had to be made again, then one Outcome per check, then the map.

    Raises UserError only for what stops every check: vectors or probabilities that were asked for and cannot be used.
    """
    signal_settings = {**SIGNAL_SETTINGS, **settings.get("signals", {})}
    needs = {need for check in checks for need in check.needs} | {"vectors", "neighbours"}
    maker = _Maker(material, signal_settings, progress)
    yield from maker.vectors()
    yield from maker.neighbours()
    with maker.drawing() as drawn:
        if "probabilities" in needs:
            yield from maker.predictions()
        inputs = maker.inputs()
        for number, check in enumerate(checks):
            progress("checks", number / len(checks))
            yield _outcome(check, inputs, maker.missing, settings.get(check.name, {}), scan_id)
        progress("checks", 1.0)
        if drawn is not None:
            yield drawn.finished(progress)
    progress("map", 1.0)


class _Maker:
    """Makes the signals of one scan in order, reusing what was saved."""

    def __init__(self, material: Material, settings: Mapping[str, Any], progress: Progress) -> None:
        self._examples = material.examples
        self._annotations = material.annotations
        self._guideline = material.guideline
        self._saved = material.saved
        self._settings = settings
        self._progress = progress
        self._made: dict[str, Signal] = {}
        self.missing: dict[Need, str] = {}

    def vectors(self) -> Iterator[Signal]:
        texts = self._examples["text"].tolist()
        model = str(self._settings["model"])
        if model.startswith("column:"):
            column = self._column(model.removeprefix("column:"))
            made_from = digest(model, column)
            arrays = lambda: {"values": own_vectors(column), "model": np.array(model)}  # noqa: E731
        else:
            made_from = digest(model, texts)

            def arrays() -> dict[str, np.ndarray]:
                vectors = embed(texts, model=model, progress=self._stage("vectors"))
                return {"values": vectors.values, "model": np.array(vectors.model)}

        yield from self._make("vectors", made_from, arrays)

    def neighbours(self) -> Iterator[Signal]:
        def arrays() -> dict[str, np.ndarray]:
            found = nearest(self._array("vectors", "values"), progress=self._stage("neighbours"))
            return {"position": found.position, "distance": found.distance}

        yield from self._make("neighbours", digest("15 nearest", self._made["vectors"].made_from), arrays)

    @functools.cached_property
    def _duplicates(self) -> Duplicates:
        return find_duplicates(self._examples["text"].tolist(), self._examples.index, self._neighbours())

    def predictions(self) -> Iterator[Signal]:
        source = str(self._settings["probabilities"])
        made_from, make = self._trained() if source == TRAINED else self._given(source)

        def arrays() -> dict[str, np.ndarray]:
            made = make()
            return {
                "classes": np.asarray(made.classes, dtype=object),
                "probabilities": made.probabilities,
                "left_out": np.array(made.left_out),
                "opinions": np.empty((len(made.probabilities), 0)) if made.opinions is None else made.opinions,
            }

        try:
            yield from self._make("predictions", made_from, arrays)
        except NotReady as reason:
            self.missing["probabilities"] = reason.message
            self._progress("predictions", 1.0)

    def _trained(self) -> tuple[str, Callable[[], Predictions]]:
        """What our own models are made from, and how."""
        texts, labels = self._examples["text"].tolist(), self._examples["label"].tolist()
        return digest(_MODELS, self._made["vectors"].made_from, texts, labels), lambda: predict(
            texts,
            self._array("vectors", "values"),
            self._neighbours(),
            labels,
            near_groups(self._duplicates),
            progress=self._stage("predictions"),
        )

    def _given(self, source: str) -> tuple[str, Callable[[], Predictions]]:
        """What probabilities that came with the data are made from, and how."""
        ids, labels = self._examples.index.tolist(), self._examples["label"].tolist()
        kind, colon, name = source.partition(":")
        if colon and kind in ("column", "columns"):
            columns = self._columns(name) if kind == "columns" else {name: self._column(name)}
            parts = [part for title, cells in columns.items() for part in (title, cells)]
            return digest(source, ids, labels, *parts), lambda: own_probabilities(columns, labels, ids, name)
        path = Path(source).expanduser()
        return digest("file", file_stamp(path), ids, labels), lambda: own_probabilities(
            file_columns(path, ids), labels, ids, path.name
        )

    @contextlib.contextmanager
    def drawing(self) -> Iterator[Drawing | None]:
        """The map, being drawn in another process; None where it is still good or not wanted."""
        made_from = digest("umap", self._made["neighbours"].made_from)
        saved = self._saved.get("map")
        if not self._settings["map"] or (saved is not None and saved.made_from == made_from):
            yield None
            return
        own = str(self._settings["model"]).startswith("column:")  # equal texts may have other vectors now
        earlier = None if own else self._saved.get("earlier map")
        with drawing(made_from, self._examples["text"], self._made["vectors"], self._neighbours(), earlier) as begun:
            yield begun

    def inputs(self) -> Inputs:
        """What the checks see; fills `missing` with what this dataset cannot give them."""
        examples = self._examples
        if examples["label"].isna().all():
            self.missing["labels"] = ""
        if examples["split"].isna().all():
            self.missing["splits"] = ""
        if self._annotations is None:
            self.missing["annotations"] = ""
        if len(examples) < 2:
            self.missing["neighbours"] = ""
        predictions = self._made.get("predictions")
        return Inputs(
            examples=examples,
            classes=tuple(predictions.arrays["classes"].tolist()) if predictions else (),
            vectors=self._array("vectors", "values"),
            neighbours=self._neighbours(),
            probabilities=predictions.arrays["probabilities"] if predictions else None,
            opinions=predictions.arrays["opinions"] if predictions else None,
            left_out=str(predictions.arrays["left_out"]) if predictions else "",
            annotations=self._annotations,
            guideline=self._guideline,
            found_duplicates=self._duplicates,
        )

    def _make(self, name: str, made_from: str, arrays: Any) -> Iterator[Signal]:
        saved = self._saved.get(name)
        if saved is not None and saved.made_from == made_from:
            self._made[name] = saved
        else:
            self._progress(name, 0.0)
            self._made[name] = Signal(name, made_from, arrays())
            yield self._made[name]
        self._progress(name, 1.0)

    def _stage(self, name: str) -> Progress:
        return lambda _what, share: self._progress(name, share)

    def _array(self, signal: str, key: str) -> np.ndarray:
        return self._made[signal].arrays[key]

    def _neighbours(self) -> Neighbours:
        return Neighbours(self._array("neighbours", "position"), self._array("neighbours", "distance"))

    def _column(self, title: str) -> list[str | None]:
        name = f"fields.{title}"
        if name not in self._examples:
            fields = [c.removeprefix("fields.") for c in self._examples.columns if c.startswith("fields.")]
            raise NoSuchThing(f"There is no free column {title!r}.", _did_you_mean(title, fields))
        return list(self._examples[name])

    def _columns(self, pattern: str) -> dict[str, list[str | None]]:
        """The free columns that fit a pattern such as p_*, by what stands for the star."""
        before, _, after = pattern.partition("*")
        titles = [c.removeprefix("fields.") for c in self._examples.columns if c.startswith("fields.")]
        shortest = len(before) + len(after)
        fitting = [t for t in titles if t.startswith(before) and t.endswith(after) and len(t) > shortest]
        if "*" not in pattern or not fitting:
            raise NoSuchThing(f"No free column is called like {pattern!r}.", _did_you_mean(pattern, titles))
        return {title[len(before) : len(title) - len(after)]: self._column(title) for title in fitting}


def _outcome(
    check: Check, inputs: Inputs, missing: Mapping[Need, str], settings: Mapping[str, Any], scan_id: str
) -> Outcome:
    started = time.perf_counter()
    started_at = datetime.now(UTC).isoformat(timespec="milliseconds")
    values = {**check.settings, **settings}
    rows = findings(subject_id=[], severity=[], flagged=[], message=[])
    status: Status = "skipped"
    lacking = [need for need in check.needs if need in missing]
    if lacking:
        detail = missing[lacking[0]] or f"Needs {_NEEDED[lacking[0]]}."
    else:
        try:
            rows = check(inputs, **values)
            status, detail = "ok", inputs.left_out if "probabilities" in check.needs else ""
        except NotReady as reason:
            detail = f"{reason.message} {reason.hint}".strip()
        except UserError:
            raise
        except Exception:  # noqa: BLE001 - the one boundary: a broken check must not cost the others their results
            status, detail = "failed", traceback.format_exc()
    run = Run(
        run_id=f"{scan_id}.{check.name}",
        check_name=check.name,
        subject=check.subject,
        status=status,
        detail=detail,
        settings=json.dumps(values, default=str),
        judged=len(rows),
        flagged=int(rows["flagged"].sum()),
        seconds=time.perf_counter() - started,
        started_at=started_at,
    )
    return Outcome(run, rows)


def _did_you_mean(name: str, known: Any) -> str:
    names = list(known)
    close = difflib.get_close_matches(name, names, n=1)
    listed = ", ".join(names) or "none"
    return f"Did you mean {close[0]!r}? There are: {listed}." if close else f"There are: {listed}."
