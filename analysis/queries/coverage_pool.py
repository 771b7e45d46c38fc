"""What coverage compares: the dataset's examples with a vector, and a reference in the same space."""

import json
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.coverage.drift import halves
from analysis.coverage.splits import sides
from analysis.errors import NotReady
from analysis.signals.embed import embed
from analysis.store import Store

MOST = 50_000  # examples that are looked at
SPLIT, LATER, NONE, OTHER = "split", "later", "none", "dataset"
Texts = tuple[str, ...]


@dataclass(frozen=True)
class Pool:
    """The dataset's examples with a vector, then the reference's texts; row i of everything is one of them."""

    texts: list[str]
    ids: list[str | None]
    labels: list[str | None]
    vectors: np.ndarray
    points: np.ndarray
    ours: np.ndarray
    theirs: np.ndarray


def pool_of(store: Store, reference: str, texts: Texts) -> Pool:
    """The examples against a reference: "split" (what is tested on), "later" (the half after the middle date),
    "dataset" (`texts` of another one, put into the same space) or "none" (the examples themselves).

    Raises NotReady with what is missing.
    """
    rows = store.frame(
        f"""
        SELECT e.example_id, e.text, e.label, e.split, e.happened_at, v.vector, v.x, v.y
        FROM examples e JOIN vectors v USING (example_id)
        QUALIFY row_number() OVER (ORDER BY md5(e.example_id)) <= {MOST} ORDER BY e.row_number
        """
    )
    if rows.empty:
        raise NotReady("No example has a vector.", "Scan the dataset; coverage needs texts.")
    own, labels = rows["text"].tolist(), plain(rows["label"])
    count = len(own) + len(texts)
    ours, theirs = np.arange(count) < len(own), np.arange(count) >= len(own)
    if reference == OTHER:
        vectors = embed([*own, *texts], model=_model(store)).values
    else:
        vectors = np.stack(rows["vector"].tolist()).astype(np.float32)
        if reference == SPLIT:
            ours, theirs, _ = sides(rows["split"])
        elif reference == LATER:
            ours, theirs, *_ = halves(plain(rows["happened_at"]))
        else:
            theirs = ours
    places = np.full((count, 2), np.nan)
    places[: len(own)] = rows[["x", "y"]].to_numpy(dtype=float)
    more: list[str | None] = [None] * len(texts)
    ids = [*rows["example_id"].tolist(), *more]
    return Pool([*own, *texts], ids, [*labels, *more], vectors, places, ours, theirs)


def _model(store: Store) -> str:
    model = str(json.loads(store.meta("signal.vectors.detail") or "{}").get("model", ""))
    if not model or model.startswith("column:"):
        raise NotReady(
            "The vectors of this dataset are your own, so other texts have no place among them.",
            "Choose a part of this dataset as the reference, or scan with the model static.",
        )
    return model


def plain(values: pd.Series) -> list[str | None]:
    """A column with None for what is missing."""
    return [None if pd.isna(value) else value for value in values]
