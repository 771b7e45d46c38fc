"""What coverage compares: the dataset's examples with a vector, and a reference in the same space."""

import json
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from analysis.coverage.regions import Regions, find_regions
from analysis.coverage.thin import Gap, gaps
from analysis.coverage.words import distinctive
from analysis.errors import NotReady
from analysis.queries.coverage_reference import KEPT, NONE, described, is_version, kept, parts, state
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

    What the sections of coverage share is worked out when it is first asked for, and once.
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

    @cached_property
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

    @cached_property
    def gaps(self) -> list[Gap]:
        """Where we are thin. Raises NotReady."""
        return gaps(self.vectors, self.labelled, self.theirs, stands_for=self.stands_for)

    @cached_property
    def regions(self) -> Regions:
        """The regions of both sides together. Raises NotReady."""
        return find_regions(np.where((self.ours | self.theirs)[:, None], self.vectors, 0))

    @cached_property
    def names(self) -> list[tuple[str, ...]]:
        """The words that name each region. Raises NotReady."""
        return distinctive(self.texts, self.regions.of, self.regions.count)


@dataclass(frozen=True)
class _Own:
    """The dataset's side of every pool.

    rows     the examples that are looked at: example_id, text, label; vectors, points: float32 (n, d), float (n, 2)
    every    all examples with a vector: is_labelled, is_looked_at, split, happened_at
    """

    rows: pd.DataFrame
    vectors: np.ndarray
    points: np.ndarray
    every: pd.DataFrame


def pool_of(store: Store, reference: str) -> Pool:
    """The examples against a reference; see analysis.queries.coverage_reference for how that is written.

    A reference set is put into the same space by the model that made the dataset's vectors. With `none`, both sides
    are all examples. Raises NotReady with what is missing, and NoSuchThing for a reference that does not exist.
    """
    described(reference)
    return store.derived(state(store, reference), ("coverage", reference), lambda: _pool(store, reference))


def _pool(store: Store, reference: str) -> Pool:
    own = store.derived(store.data_version, "coverage of its own", lambda: _own(store))
    more = kept(store, reference.removeprefix(KEPT)) if reference.startswith(KEPT) else None
    here = own.rows["text"].tolist()
    texts = [*here, *(more.texts if more else ())]
    is_labelled, looked_at = (own.every[name].to_numpy(dtype=bool) for name in ("is_labelled", "is_looked_at"))
    all_ours, all_theirs = np.ones(len(own.every), dtype=bool), np.ones(len(own.every), dtype=bool)
    if more is not None:
        vectors = embed(texts, model=_model(store)).values
        ours, theirs = np.arange(len(texts)) < len(here), np.arange(len(texts)) >= len(here)
    else:
        vectors = own.vectors
        if reference != NONE:
            all_ours, all_theirs = parts(reference, own.every["split"], own.every["happened_at"])
        ours, theirs = all_ours[looked_at], all_theirs[looked_at]
    labelled = all_ours & is_labelled if (is_labelled[looked_at] & ours[: len(here)]).any() else all_ours
    nowhere = np.full((len(texts) - len(here), 2), np.nan)
    labels = own.rows["label"].astype(object).where(own.rows["label"].notna(), None).tolist()
    return Pool(
        texts=texts,
        ids=[*own.rows["example_id"].tolist(), *[None] * (len(texts) - len(here))],
        labels=[*labels, *(more.labels if more else ())],
        vectors=vectors,
        points=np.concatenate([own.points, nowhere]),
        ours=ours,
        theirs=theirs,
        whole=Whole(int(all_ours.sum()), int(labelled.sum()), more.of if more else int(all_theirs.sum())),
        is_before=is_version(reference),
    )


def _own(store: Store) -> _Own:
    """Of all that have a vector the same sample each time. Raises NotReady where none has."""
    sample = f"""
        WITH looked_at AS MATERIALIZED (
            SELECT example_id FROM examples SEMI JOIN vectors USING (example_id) ORDER BY md5(example_id) LIMIT {MOST}
        )
    """
    found = store.table(
        f"""
        {sample} SELECT e.example_id, e.text, e.label, v.x, v.y, v.vector
        FROM looked_at JOIN examples e USING (example_id) JOIN vectors v USING (example_id)
        ORDER BY e.row_number, e.example_id
        """
    )
    if not found.num_rows:
        raise NotReady("No example has a vector.", "Scan the dataset; coverage needs texts.")
    every = store.frame(
        f"""
        {sample} SELECT e.label IS NOT NULL AS is_labelled, l.example_id IS NOT NULL AS is_looked_at, e.split,
            e.happened_at
        FROM examples e SEMI JOIN vectors v USING (example_id) LEFT JOIN looked_at l USING (example_id)
        ORDER BY e.row_number, e.example_id
        """
    )
    flat = pc.list_flatten(found["vector"]).to_numpy()
    rows = found.drop_columns(["vector"]).to_pandas()
    vectors = flat.reshape(len(rows), -1).astype(np.float32, copy=False)
    return _Own(rows, vectors, rows[["x", "y"]].to_numpy(dtype=float), every)


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
