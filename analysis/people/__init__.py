"""People who label: what they agree on, what is likely true when they do not, and how far each can be relied on.

Pure mathematics on arrays and frames; no store and no screen. Everything starts from `code_labels`, which turns a frame
of annotations into integer codes once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.errors import NotReady, UserError

_HINT = "Load a file with one row per label, or with one column per annotator, and name these columns."


@dataclass(frozen=True)
class Labels:
    """Every label that counts, as codes into three lists of names; rows are sorted by example.

    example, annotator, label  int32 (n,): positions in `examples`, `annotators`, `classes`
    row         int64 (n,): the row of the frame that the label came from
    examples    object (E,), as they first appear; annotators object (A,), sorted
    classes     object (K,), sorted – by number where every class is a number – or in the order that was given
    notes       sentences about rows that do not count
    """

    example: np.ndarray
    annotator: np.ndarray
    label: np.ndarray
    row: np.ndarray
    examples: np.ndarray
    annotators: np.ndarray
    classes: np.ndarray
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.example)

    def where(self, kept: np.ndarray) -> "Labels":
        """The labels at which `kept` (bool (n,)) holds; names and codes stay, so that results remain comparable."""
        return replace(
            self,
            example=self.example[kept],
            annotator=self.annotator[kept],
            label=self.label[kept],
            row=self.row[kept],
        )


def code_labels(annotations: pd.DataFrame, classes: Sequence[str] | None = None) -> Labels:
    """A frame with `example_id`, `annotator`, `label` (and perhaps `annotated_at`) as codes.

    Rows without an example, an annotator or a label are left out. Of several labels by one annotator on one example
    the latest counts: by `annotated_at` where both have one, else by the order of the rows. Both facts are noted.
    `classes` gives the order for ordinal statistics and may hold classes that nobody used.
    Raises NotReady when no label is left, UserError when a label is not among `classes`.
    """
    given = annotations[["example_id", "annotator", "label"]].notna().all(axis=1) & annotations["label"].ne("")
    whole = given.to_numpy(bool)
    row = np.flatnonzero(whole)
    if not len(row):
        raise NotReady("There are no labels by named annotators.", _HINT)
    kept = annotations if whole.all() else annotations[whole]
    example, examples = pd.factorize(kept["example_id"])
    annotator, annotators = _sorted(*pd.factorize(kept["annotator"]))
    label, names = _code_classes(kept["label"], classes)
    counts = _latest(example, annotator, len(annotators), kept)
    order = counts[np.argsort(example[counts], kind="stable")]
    return Labels(
        example[order].astype(np.int32),
        annotator[order].astype(np.int32),
        label[order].astype(np.int32),
        row[order],
        _names(examples),
        annotators,
        names,
        _notes(len(annotations) - len(kept), len(kept) - len(counts)),
    )


def class_values(classes: np.ndarray) -> np.ndarray:
    """Classes as float64 (K,): their numbers where every class is a number, else 0, 1, 2 … in order."""
    numbers = pd.to_numeric(pd.Series(classes, dtype=object), errors="coerce").to_numpy(float)
    return numbers if np.isfinite(numbers).all() else np.arange(len(classes), dtype=float)


def _sorted(codes: np.ndarray, names: pd.Index) -> tuple[np.ndarray, np.ndarray]:
    """The same codes for sorted names; a categorical would be sorted by its categories, which come in any order."""
    found = _names(names)
    order = np.argsort(found)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return place[codes], found[order]


def _code_classes(label: pd.Series, classes: Sequence[str] | None) -> tuple[np.ndarray, np.ndarray]:
    found, seen = pd.factorize(label)
    names = _names(seen)
    if classes is None:
        values = pd.to_numeric(pd.Series(names), errors="coerce").to_numpy(float)
        order = np.argsort(values, kind="stable") if np.isfinite(values).all() else np.argsort(names.astype(str))
        ordered = names[order]
    else:
        ordered = np.array(list(classes), dtype=object)
    position = {name: place for place, name in enumerate(ordered)}
    unknown = [str(name) for name in names if name not in position]
    if unknown:
        raise UserError(f"The label {unknown[0]!r} is not among the classes.", "Name every class, in order.")
    return np.array([position[name] for name in names])[found], ordered


def _latest(example: np.ndarray, annotator: np.ndarray, annotators: int, kept: pd.DataFrame) -> np.ndarray:
    """Positions of the labels that count, ascending."""
    pair = example.astype(np.int64) * annotators + annotator
    repeated = pd.Series(pair).duplicated(keep=False).to_numpy()
    if not repeated.any():
        return np.arange(len(pair))
    position = np.flatnonzero(repeated)
    given = pd.DataFrame({"pair": pair[position], "position": position})
    if "annotated_at" in kept:
        times = kept["annotated_at"].iloc[position].to_numpy()
        given["time"] = pd.to_datetime(pd.Series(times), errors="coerce", utc=True, format="mixed").to_numpy()
        given = given.sort_values(["time", "position"], na_position="first", kind="stable")
    latest = given.drop_duplicates("pair", keep="last")["position"].to_numpy()
    return np.sort(np.concatenate([np.flatnonzero(~repeated), latest]))


def _names(values: object) -> np.ndarray:
    return np.array(list(values), dtype=object)  # type: ignore[call-overload]


def _notes(missing: int, replaced: int) -> tuple[str, ...]:
    notes = []
    if missing:
        notes.append(f"{missing:,} {'row has' if missing == 1 else 'rows have'} no label or no annotator: left out.")
    if replaced:
        notes.append(
            f"{replaced:,} {'label was' if replaced == 1 else 'labels were'} given again by the same annotator "
            "on the same example: the latest counts."
        )
    return tuple(notes)
