"""What coverage compares: the dataset's examples with a vector, and a reference in the same space."""

import json
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import NotReady
from analysis.queries.coverage_reference import KEPT, NONE, described, is_version, kept, parts
from analysis.signals.embed import embed
from analysis.store import Store

MOST = 50_000  # examples that are looked at


@dataclass(frozen=True)
class Whole:
    """How many examples with a vector each side has, whether they are in the pool or not."""

    ours: int
    labelled: int
    theirs: int


@dataclass(frozen=True)
class Pool:
    """The dataset's examples with a vector, then the reference set's texts; row i of everything is one of them.

    Of more than 50,000 examples a sample, as of more than 20,000 texts of a reference set.

    ids     None for texts of a reference set
    ours, theirs   bool: the examples of this dataset that are compared, and the reference
    whole   what the rows of either side are all of, or a sample of; labelled: ours as in the property of that name
    is_before  whether the reference is what this very dataset said before its data were replaced
    """

    texts: list[str]
    ids: list[str | None]
    labels: list[str | None]
    vectors: np.ndarray
    points: np.ndarray
    ours: np.ndarray
    theirs: np.ndarray
    whole: Whole
    is_before: bool = False

    @property
    def labelled(self) -> np.ndarray:
        """Ours that have a label, which is what a model can learn from; all of ours where none has one."""
        given = self.ours & np.array([label is not None for label in self.labels], dtype=bool)
        return given if given.any() else self.ours

    @property
    def stands_for(self) -> float:
        """How many of the dataset's labelled examples each labelled row stands for: 1.0 unless it is a sample."""
        return self.whole.labelled / max(int(self.labelled.sum()), 1)

    @property
    def theirs_stand_for(self) -> float:
        """How many of the reference's examples each of its rows stands for."""
        return self.whole.theirs / max(int(self.theirs.sum()), 1)


def pool_of(store: Store, reference: str) -> Pool:
    """The examples against a reference; see analysis.queries.coverage_reference for how that is written.

    A reference set is put into the same space by the model that made the dataset's vectors. With `none`, both sides
    are all examples. Raises NotReady with what is missing, and NoSuchThing for a reference that does not exist.
    """
    described(reference)
    every = store.frame(
        f"""
        SELECT label IS NOT NULL AS is_labelled, split, happened_at,
            row_number() OVER (ORDER BY md5(example_id)) <= {MOST} AS is_looked_at
        FROM examples SEMI JOIN vectors USING (example_id) ORDER BY row_number, example_id
        """
    )
    rows = store.frame(
        f"""
        SELECT e.example_id, e.text, e.label, v.vector, v.x, v.y
        FROM examples e JOIN vectors v USING (example_id)
        QUALIFY row_number() OVER (ORDER BY md5(e.example_id)) <= {MOST} ORDER BY e.row_number, e.example_id
        """
    )
    if rows.empty:
        raise NotReady("No example has a vector.", "Scan the dataset; coverage needs texts.")
    more = kept(store, reference.removeprefix(KEPT)) if reference.startswith(KEPT) else None
    own = rows["text"].tolist()
    texts = [*own, *(more.texts if more else ())]
    is_labelled, looked_at = (every[name].to_numpy(dtype=bool) for name in ("is_labelled", "is_looked_at"))
    all_ours, all_theirs = np.ones(len(every), dtype=bool), np.ones(len(every), dtype=bool)
    if more is not None:
        vectors = embed(texts, model=_model(store)).values
        ours, theirs = np.arange(len(texts)) < len(own), np.arange(len(texts)) >= len(own)
    else:
        vectors = np.stack(rows["vector"].tolist()).astype(np.float32)
        if reference != NONE:
            all_ours, all_theirs = parts(reference, every["split"], every["happened_at"])
        ours, theirs = all_ours[looked_at], all_theirs[looked_at]
    labelled = all_ours & is_labelled if (is_labelled[looked_at] & ours[: len(own)]).any() else all_ours
    places = np.full((len(texts), 2), np.nan)
    places[: len(own)] = rows[["x", "y"]].to_numpy(dtype=float)
    labels = [None if pd.isna(label) else label for label in rows["label"]]
    return Pool(
        texts=texts,
        ids=[*rows["example_id"].tolist(), *[None] * (len(texts) - len(own))],
        labels=[*labels, *(more.labels if more else ())],
        vectors=vectors,
        points=places,
        ours=ours,
        theirs=theirs,
        whole=Whole(int(all_ours.sum()), int(labelled.sum()), more.of if more else int(all_theirs.sum())),
        is_before=is_version(reference),
    )


def link_to(kind: str, reference: str, what: str | int = 0) -> str:
    """A part of the data as a short text; `analysis.queries.coverage_parts` reads it."""
    return f"{kind}:{json.dumps([reference, str(what)], ensure_ascii=False)}"


def _model(store: Store) -> str:
    model = str(json.loads(store.meta("signal.vectors.detail") or "{}").get("model", ""))
    if not model or model.startswith("column:"):
        raise NotReady(
            "The vectors of this dataset are your own, so other texts have no place among them.",
            "Choose a part of this dataset as the reference, or scan with the model static.",
        )
    return model
