"""What a scan works on: the examples, the labels that annotators gave, and the signals that are still good.

Read from the store by the process that owns it, handed to a worker process as files: a worker never opens the
dataset. Signals carry the hash of what they were made from; one whose hash no longer fits is made again.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analysis.load.cells import plain_column
from analysis.store import Store

EARLIER_MAP = "map.npz"  # in the dataset's folder, because it outlives the data that it was drawn from
Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Signal:
    """One prepared input: "vectors", "neighbours", "predictions" or "map", as arrays in example order.

    "earlier map" is none: it has the places of the texts of the map drawn last, whatever has been loaded since.
    """

    name: str
    made_from: str
    arrays: Arrays


@dataclass(frozen=True)
class Material:
    """Everything a scan reads. `examples` has the columns that `Inputs.examples` promises."""

    examples: pd.DataFrame
    annotations: pd.DataFrame | None
    saved: dict[str, Signal] = field(default_factory=dict)
    guideline: str = ""


def digest(*parts: Iterable[str | None] | str) -> str:
    """A hash of texts that changes when any text, or the border between two, does."""
    total = hashlib.blake2b(digest_size=16)
    for part in parts:
        for text in [part] if isinstance(part, str) else part:
            data = b"\x00" if text is None else text.encode("utf-8", "surrogatepass")
            total.update(len(data).to_bytes(8, "little") + data)
        total.update(b"\xff")
    return total.hexdigest()


def read_examples(store: Store) -> pd.DataFrame:
    """The examples, with the columns that `Inputs.examples` promises."""
    return _read(store, "text, label, split, happened_at")


def read_columns(store: Store) -> pd.DataFrame:
    """The same without the texts."""
    return _read(store, "label, split, happened_at")


def _read(store: Store, columns: str) -> pd.DataFrame:
    examples = store.frame(f"SELECT example_id, {columns} FROM examples ORDER BY row_number").set_index("example_id")
    examples = examples.astype(object).where(examples.notna(), None)
    for title, values in _fields(store).items():
        examples[f"fields.{title}"] = values
    return examples


def read_material(store: Store) -> Material:
    """The material of a dataset, with the signals it has kept."""
    examples = read_examples(store)
    annotations = store.frame("SELECT example_id, annotator, label, annotated_at FROM annotations")
    guideline = (
        store.value("SELECT text FROM guidelines ORDER BY coalesce(since, created_at) DESC, sequence DESC LIMIT 1")
        or ""
    )
    return Material(examples, None if annotations.empty else annotations, _saved_signals(store), guideline)


def write_material(material: Material, folder: Path) -> None:
    """Put the material where a worker will read it."""
    folder.mkdir(parents=True, exist_ok=True)
    material.examples.reset_index().astype("str").where(material.examples.reset_index().notna(), None).to_feather(
        folder / "examples.arrow"
    )
    if material.annotations is not None:
        material.annotations.to_feather(folder / "annotations.arrow")
    (folder / "guideline.md").write_text(material.guideline, encoding="utf-8", newline="")
    for signal in material.saved.values():
        write_signal(signal, folder / f"{signal.name}.npz")


def load_material(folder: Path) -> Material:
    """What `write_material` wrote."""
    examples = pd.read_feather(folder / "examples.arrow").set_index("example_id")
    annotations, guideline = folder / "annotations.arrow", folder / "guideline.md"
    return Material(
        examples.astype(object).where(examples.notna(), None),
        pd.read_feather(annotations) if annotations.exists() else None,
        {path.stem: read_signal(path) for path in sorted(folder.glob("*.npz"))},
        guideline.read_text(encoding="utf-8") if guideline.exists() else "",
    )


def write_signal(signal: Signal, path: Path) -> None:
    """One signal as plain arrays; nothing in the file can run code."""
    arrays = {key: _writable(value) for key, value in signal.arrays.items()}
    with path.open("wb") as file:
        np.savez(
            file,
            allow_pickle=False,
            made_from=np.array(signal.made_from),
            name=np.array(signal.name),
            **arrays,
        )


def read_signal(path: Path) -> Signal:
    """What `write_signal` wrote."""
    with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
        arrays = {key: archive[key] for key in archive.files if key not in ("made_from", "name")}
        return Signal(str(archive["name"]), str(archive["made_from"]), arrays)


def _writable(values: np.ndarray) -> np.ndarray:
    return values.astype(str) if values.dtype == object else values


def _fields(store: Store) -> dict[str, list[str | None]]:
    """Every column without a role, as a person reads it, one value per example."""
    roles = store.roles().as_dict()
    taken = {p for role in roles.values() for p in (role if isinstance(role, tuple) else [role]) if p is not None}
    free = [column for column in store.columns() if column.position not in taken]
    if not free:
        return {}
    cells = ", ".join(f"s.c{column.position}" for column in free)
    table = store.table(f"SELECT {cells} FROM examples e JOIN source s USING (row_number) ORDER BY e.row_number")
    fields: dict[str, list[str | None]] = {}
    for column in free:
        title = column.title if column.title not in fields else f"{column.title} (column {column.position + 1})"
        fields[title] = plain_column(table[f"c{column.position}"], column.kind).to_pylist()
    return fields


def _saved_signals(store: Store) -> dict[str, Signal]:
    readers = {
        "vectors": _saved_vectors,
        "neighbours": _saved_neighbours,
        "predictions": _saved_predictions,
        "map": _saved_map,
    }
    saved = {}
    for name, read in readers.items():
        made_from = store.meta(f"signal.{name}")
        if made_from is not None:
            saved[name] = Signal(name, made_from, read(store))
    if (earlier := _earlier_map(store.folder / EARLIER_MAP)) is not None:
        saved["earlier map"] = earlier
    return saved


def _earlier_map(path: Path) -> Signal | None:
    """The map of the dataset's last version; a damaged file is as good as none, for it holds nothing but old places."""
    try:
        signal = read_signal(path)
        texts, points = signal.arrays["texts"], signal.arrays["points"]
    except (OSError, EOFError, ValueError, KeyError, BadZipFile):
        return None
    return signal if points.shape == (len(texts), 2) and "model" in signal.arrays else None


def _saved_vectors(store: Store) -> Arrays:
    table = store.table("SELECT v.vector FROM vectors v JOIN examples e USING (example_id) ORDER BY e.row_number")
    detail = json.loads(store.meta("signal.vectors.detail") or "{}")
    return {"values": _matrix(table["vector"]), "model": np.array(detail.get("model", ""))}


def _saved_map(store: Store) -> Arrays:
    points = store.frame("SELECT v.x, v.y FROM vectors v JOIN examples e USING (example_id) ORDER BY e.row_number")
    return {"points": points.to_numpy(dtype=np.float32)}


def _saved_neighbours(store: Store) -> Arrays:
    table = store.table(
        "SELECT n.members, n.similarity FROM neighbours n JOIN examples e USING (example_id) ORDER BY e.row_number"
    )
    ids = store.frame("SELECT example_id FROM examples ORDER BY row_number")["example_id"]
    members = pa.chunked_array(table["members"]).combine_chunks().flatten().to_pandas()
    similarity = _matrix(table["similarity"])
    position = pd.Index(ids).get_indexer(pd.Index(members)).astype(np.int32).reshape(similarity.shape)
    return {"position": position, "distance": np.float32(1) - similarity}


def _saved_predictions(store: Store) -> Arrays:
    detail = json.loads(store.meta("signal.predictions.detail") or "{}")
    table = store.table(
        "SELECT p.probabilities, p.opinions FROM examples e LEFT JOIN predictions p USING (example_id)"
        " ORDER BY e.row_number"
    )
    column = table["probabilities"].combine_chunks()
    classes = np.array(detail["classes"], dtype=object)
    probabilities = np.full((len(column), len(classes)), np.nan, dtype=np.float32)
    judged = column.is_valid().to_numpy(zero_copy_only=False)
    probabilities[judged] = column.flatten().to_numpy(zero_copy_only=False).reshape(-1, len(classes))
    said = table["opinions"].combine_chunks()
    models = pc.max(pc.list_value_length(said)).as_py() or 0
    opinions = np.full((len(column), models), -1, dtype=np.int16)
    opinions[judged] = said.flatten().to_numpy(zero_copy_only=False).reshape(-1, models) if models else opinions[judged]
    return {
        "classes": classes,
        "probabilities": probabilities,
        "left_out": np.array(detail["left_out"]),
        "opinions": opinions,
    }


def _matrix(column: pa.ChunkedArray) -> np.ndarray:
    """A column of equally long lists as float32 (n, d)."""
    n = len(column)
    flat = column.combine_chunks().flatten().to_numpy(zero_copy_only=False)
    return np.asarray(flat, dtype=np.float32).reshape(n, -1 if n else 0)
