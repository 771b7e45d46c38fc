"""Where every example lies, held in memory: what the map asks anew at each change of what it shows."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analysis.queries.map_spread import spread
from analysis.store import Store


@dataclass(frozen=True, slots=True)
class Places:
    """Every example with a place, in the order of the file; all arrays (n,).

    ids      example_id, as Arrow strings
    rows     int64, row_number, ascending
    x, y     float64, finite
    label    int32, the number of its label among `labels`, -1 without one
    flagged  bool, by any check, or by the one that was asked for
    turn     int32, who is drawn first where there is not room for all, as `spread` says, the flagged ones by themselves
    """

    ids: pa.Array
    rows: np.ndarray
    x: np.ndarray
    y: np.ndarray
    label: np.ndarray
    labels: tuple[str, ...]
    flagged: np.ndarray
    turn: np.ndarray

    def of_label(self, label: str | None) -> np.ndarray:
        """bool (n,): who has this label; None asks for those without one."""
        number = -1 if label is None else self.labels.index(label) if label in self.labels else len(self.labels)
        having: np.ndarray = self.label == number
        return having


def places(store: Store, check: str | None) -> Places:
    """All of them; only a scan or new data changes them."""
    return store.derived(store.data_version, ("places", check), lambda: _read(store, check))


def decided(store: Store, found: Places) -> np.ndarray:
    """bool (n,): whose label has a verdict."""

    def make() -> np.ndarray:
        rows = store.table("SELECT e.row_number FROM verdicts v JOIN examples e USING (example_id)")["row_number"]
        return np.isin(found.rows, rows.to_numpy())

    return store.derived(store.version, "decided places", make)


def _read(store: Store, check: str | None) -> Places:
    only, params = ("", []) if check is None else ("AND check_name = ?", [check])
    table = store.table(
        f"""
        SELECT e.example_id, e.row_number, v.x::DOUBLE AS x, v.y::DOUBLE AS y, e.label,
               f.subject_id IS NOT NULL AS flagged
        FROM vectors v JOIN examples e USING (example_id)
        LEFT JOIN (SELECT DISTINCT subject_id FROM issues WHERE subject = 'example' {only}) f
            ON f.subject_id = v.example_id
        WHERE isfinite(v.x) AND isfinite(v.y) ORDER BY e.row_number
        """,
        params,
    )
    label = pc.dictionary_encode(table["label"].combine_chunks())
    x, y, flagged = (table[name].to_numpy() for name in ("x", "y", "flagged"))
    return Places(
        ids=table["example_id"].combine_chunks(),
        rows=table["row_number"].to_numpy(),
        x=x,
        y=y,
        label=pc.fill_null(label.indices, -1).to_numpy(),
        labels=tuple(label.dictionary.to_pylist()),
        flagged=flagged,
        turn=spread(x, y, flagged),
    )
