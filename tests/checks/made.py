"""Inputs made by hand: texts with labels, and vectors that put words where the test wants them."""

import hashlib
from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.checks import Check, Inputs
from analysis.signals.neighbours import Neighbours

NEAREST = 15


def made(
    texts: Sequence[str],
    *,
    labels: Sequence[str | None] | None = None,
    splits: Sequence[str | None] | None = None,
    ids: Sequence[str] | None = None,
    vectors: np.ndarray | None = None,
    classes: tuple[str, ...] = (),
    probabilities: np.ndarray | None = None,
    annotations: Sequence[tuple[str, str, str, str | None]] | None = None,
) -> Inputs:
    """Examples r1, r2 … with vectors of their three-letter pieces (or those given) and exact nearest neighbours."""
    n = len(texts)
    examples = pd.DataFrame(
        {"text": list(texts), "label": labels or [None] * n, "split": splits or [None] * n, "happened_at": [None] * n},
        index=pd.Index(ids or [f"r{i + 1}" for i in range(n)], name="example_id", dtype=object),
        dtype=object,
    )
    values = letter_vectors(texts) if vectors is None else np.asarray(vectors, dtype=np.float32)
    return Inputs(
        examples=examples,
        classes=classes,
        vectors=values,
        neighbours=every_neighbour(values),
        probabilities=probabilities,
        annotations=None
        if annotations is None
        else pd.DataFrame(annotations, columns=["example_id", "annotator", "label", "annotated_at"], dtype=object),
    )


def letter_vectors(texts: Sequence[str], width: int = 64) -> np.ndarray:
    """Counts of three-letter pieces, hashed into `width` numbers; rows of length 1, zeros for an empty text."""
    values = np.zeros((len(texts), width), dtype=np.float32)
    for i, text in enumerate(texts):
        folded = f" {' '.join(text.casefold().split())} "[:2_000]
        for at in range(len(folded) - 2):
            piece = folded[at : at + 3].encode("utf-8", "surrogatepass")
            values[i, int.from_bytes(hashlib.blake2b(piece, digest_size=4).digest(), "big") % width] += 1
    length = np.linalg.norm(values, axis=1, keepdims=True)
    return values / np.where(length > 0, length, 1)


def every_neighbour(values: np.ndarray) -> Neighbours:
    """The 15 nearest others by comparing every pair; ties by position."""
    n = len(values)
    k = max(min(NEAREST, n - 1), 0)
    distance = np.clip(1 - values @ values.T, 0, 2).astype(np.float32)
    np.fill_diagonal(distance, np.inf)
    position = np.argsort(distance, axis=1, kind="stable")[:, :k].astype(np.int32)
    return Neighbours(position, np.take_along_axis(distance, position, axis=1))


def reordered(inputs: Inputs, order: np.ndarray) -> Inputs:
    """The same examples in another order, everything that goes with them along."""
    place = np.argsort(order).astype(np.int32)
    neighbours = inputs.neighbours
    return Inputs(
        examples=inputs.examples.iloc[order],
        classes=inputs.classes,
        vectors=None if inputs.vectors is None else inputs.vectors[order],
        neighbours=None
        if neighbours is None
        else Neighbours(place[neighbours.position[order]], neighbours.distance[order]),
        probabilities=None if inputs.probabilities is None else inputs.probabilities[order],
        left_out=inputs.left_out,
        annotations=inputs.annotations,
    )


def only_needed(inputs: Inputs, check: Check) -> Inputs:
    """The inputs without anything that the check does not declare as a need."""
    probabilities = inputs.probabilities if "probabilities" in check.needs else None
    return Inputs(
        examples=inputs.examples,
        classes=inputs.classes if probabilities is not None else (),
        vectors=inputs.vectors if "vectors" in check.needs else None,
        neighbours=inputs.neighbours if "neighbours" in check.needs else None,
        probabilities=probabilities,
        annotations=inputs.annotations if "annotations" in check.needs else None,
    )


def flagged(found: pd.DataFrame) -> dict[str, str]:
    """The flagged subjects and what is said of them."""
    return dict(zip(found["subject_id"][found["flagged"]], found["message"][found["flagged"]], strict=True))


def suggestions(found: pd.DataFrame) -> dict[str, str]:
    """The labels that are suggested."""
    rows = found[found["suggested_label"].notna()]
    return dict(zip(rows["subject_id"], rows["suggested_label"], strict=True))


def members(found: pd.DataFrame) -> dict[str, list[str]]:
    """The examples shown with each flagged subject."""
    return dict(zip(found["subject_id"][found["flagged"]], found["members"][found["flagged"]], strict=True))
