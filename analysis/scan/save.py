"""Writes one result of a scan into the dataset, in one transaction."""

import json
import os

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.scan.material import EARLIER_MAP, Signal, write_signal
from analysis.scan.run import Outcome, Result
from analysis.store import Store


def save(store: Store, result: Result) -> None:
    """Replace what the dataset holds of this signal, or of this check."""
    if isinstance(result, Outcome):
        _save_outcome(store, result)
    else:
        _save_signal(store, result)


def _save_outcome(store: Store, outcome: Outcome) -> None:
    run = outcome.run
    rows = outcome.findings.assign(check_name=run.check_name, subject=run.subject, run_id=run.run_id)
    with store.transaction() as transaction:
        transaction.execute("DELETE FROM findings WHERE check_name = ?", [run.check_name])
        transaction.execute("DELETE FROM runs WHERE run_id = ?", [run.run_id])
        if len(rows):
            transaction.insert("findings", pa.Table.from_pandas(rows, schema=_FINDINGS, preserve_index=False))
        transaction.execute(
            "INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                run.run_id, run.check_name, run.subject, run.status, run.detail, run.settings,
                run.judged, run.flagged, run.seconds, run.started_at,
            ],
        )  # fmt: skip


_FINDINGS = pa.schema(
    {
        "check_name": pa.string(),
        "subject": pa.string(),
        "subject_id": pa.string(),
        "severity": pa.float64(),
        "flagged": pa.bool_(),
        "message": pa.string(),
        "suggested_label": pa.string(),
        "members": pa.list_(pa.string()),
        "run_id": pa.string(),
    }
)


def _save_signal(store: Store, signal: Signal) -> None:
    ids = store.table("SELECT example_id FROM examples ORDER BY row_number")["example_id"].combine_chunks()
    with store.transaction() as transaction:
        transaction.execute("DELETE FROM meta WHERE key = ?", [f"signal.{signal.name}"])
        if signal.name == "map":
            points = signal.arrays["points"]
            transaction.execute("CREATE TEMP TABLE drawn (example_id VARCHAR, x FLOAT, y FLOAT)")
            transaction.insert("drawn", pa.table({"example_id": ids, "x": points[:, 0], "y": points[:, 1]}))
            transaction.execute(
                "UPDATE vectors SET x = drawn.x, y = drawn.y FROM drawn WHERE drawn.example_id = vectors.example_id"
            )
            transaction.execute("DROP TABLE drawn")
            noted = {key: int(signal.arrays[key]) for key in ("fitted", "kept")}
            placed = int(np.isfinite(points[:, 0]).sum())
            transaction.set_meta("signal.map.detail", json.dumps({"placed": placed, **noted}))
        else:
            table, detail = _TABLES[signal.name](ids, signal)
            transaction.replace(signal.name, table)
            transaction.set_meta(f"signal.{signal.name}.detail", json.dumps(detail))
            if signal.name == "vectors":  # new rows have no place on the map yet
                transaction.execute("DELETE FROM meta WHERE key = 'signal.map'")
        transaction.set_meta(f"signal.{signal.name}", signal.made_from)
    if signal.name == "map":
        _keep_map(store, signal)


def _keep_map(store: Store, signal: Signal) -> None:
    """Where every text lies, for the dataset's next version."""
    partial = store.folder / f".{EARLIER_MAP}.partial"
    kept = {key: signal.arrays[key] for key in ("texts", "points", "model")}
    write_signal(Signal("earlier map", signal.made_from, kept), partial)
    os.replace(partial, store.folder / EARLIER_MAP)


def _vectors(ids: pa.Array, signal: Signal) -> tuple[pa.Table, dict[str, object]]:
    values = signal.arrays["values"]
    return pa.table({"example_id": ids, "vector": _lists(values)}), {"model": str(signal.arrays["model"])}


def _neighbours(ids: pa.Array, signal: Signal) -> tuple[pa.Table, dict[str, object]]:
    position, distance = signal.arrays["position"], signal.arrays["distance"]
    members = ids.take(pa.array(position.ravel()))
    lists = pa.ListArray.from_arrays(_offsets(position.shape), members)
    return pa.table({"example_id": ids, "members": lists, "similarity": _lists(1 - distance)}), {}


def _predictions(ids: pa.Array, signal: Signal) -> tuple[pa.Table, dict[str, object]]:
    probabilities, classes = signal.arrays["probabilities"], signal.arrays["classes"]
    judged = np.isfinite(probabilities).all(axis=1)
    kept = probabilities[judged]
    best = kept.argmax(axis=1)
    table = pa.table(
        {
            "example_id": ids.filter(pa.array(judged)),
            "predicted": pa.array(pd.Series(classes.astype(object)[best], dtype=object), type=pa.string()),
            "confidence": np.clip(kept[np.arange(len(kept)), best], 0, 1),
            "probabilities": _lists(kept),
            "opinions": pa.array(list(signal.arrays["opinions"][judged].astype(np.int16)), pa.list_(pa.int16())),
        }
    )
    return table, {"classes": classes.tolist(), "left_out": str(signal.arrays["left_out"])}


_TABLES = {"vectors": _vectors, "neighbours": _neighbours, "predictions": _predictions}


def _lists(values: np.ndarray) -> pa.Array:
    """A matrix as one list per row, without a copy per row."""
    flat = pa.array(np.ascontiguousarray(values, dtype=np.float32).ravel())
    return pa.ListArray.from_arrays(_offsets(values.shape), flat)


def _offsets(shape: tuple[int, ...]) -> pa.Array:
    rows, width = shape
    return pa.array(np.arange(0, (rows + 1) * width, width, dtype=np.int32) if width else np.zeros(rows + 1, np.int32))
