"""One label for each example: what a person decided, else the consensus of its annotators."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.queries.people import consensus_with_models, crowd
from analysis.store import Store

_DECIDED = """
    SELECT v.example_id, v.action, v.reviewer,
        CASE v.action WHEN 'keep' THEN [e.label] WHEN 'relabel' THEN [v.new_label]
                      WHEN 'several' THEN v.labels ELSE [] END AS labels
    FROM verdicts v JOIN examples e USING (example_id)
"""


@dataclass(frozen=True, slots=True)
class Counts:
    """Examples that get one label: `decided` by a person, `by_consensus` of annotators; `dropped` ones get none."""

    decided: int
    by_consensus: int
    dropped: int

    @property
    def examples(self) -> int:
        """How many get one."""
        return self.decided + self.by_consensus


@dataclass(frozen=True, slots=True)
class Settled:
    """One label for each example that is not dropped, in the order of the file.

    rows    frame: example_id, label, confidence (of the consensus, in [0, 1]; NaN of a decision), tied, method (of the
            consensus, None of a decision), by ("decision" or "consensus"), reviewer (who decided, None else)
    soft    float32 (E, K): the soft labels, rows sum to 1; a decision has equal shares for the labels it holds right
    classes their columns: those of the annotators, then those that decisions add, by name
    method, why: of the consensus
    """

    rows: pd.DataFrame
    soft: np.ndarray
    classes: tuple[str, ...]
    method: str
    why: str


def counts(store: Store) -> Counts:
    """How many examples `settled` gives a label to; cheap, because the consensus itself is not made."""
    decided, by_consensus, dropped = store.rows(
        f"""
        SELECT count(*) FILTER (len(d.labels) > 0),
            count(*) FILTER (coalesce(len(d.labels), 0) = 0 AND d.action IS DISTINCT FROM 'drop' AND a.n > 0),
            count(*) FILTER (d.action = 'drop')
        FROM examples e LEFT JOIN ({_DECIDED}) d USING (example_id)
        LEFT JOIN (SELECT example_id, count(*) AS n FROM annotations WHERE label <> '' GROUP BY ALL) a
            USING (example_id)
        """
    )[0]
    return Counts(decided, by_consensus, dropped)


def settled(store: Store) -> Settled:
    """What holds for each example: the labels of a decision go before the consensus, by the method that fits best.

    An example left unsure keeps the consensus. Of several right labels the given one counts, else the first that was
    chosen. Raises NotReady where no label has an annotator.
    """
    found = consensus_with_models(store, crowd(store))
    decided = store.frame(_DECIDED).set_index("example_id")
    decided["labels"] = [tuple(labels) for labels in decided["labels"]]
    dropped = decided.index[decided["action"] == "drop"]
    decided = decided[decided["labels"].map(len) > 0]
    known = [str(name) for name in found.classes]
    added = {label for labels in decided["labels"] for label in labels} - set(known)
    classes = (*known, *sorted(added))
    order = store.table("SELECT example_id FROM examples ORDER BY row_number")["example_id"].to_pandas()
    by_people = pd.Index(found.examples)
    ids = order[(order.isin(by_people) & ~order.isin(dropped)) | order.isin(decided.index)].to_numpy(dtype=object)
    place = by_people.get_indexer(pd.Index(ids))
    soft = np.zeros((len(ids), len(classes)), dtype=np.float32)
    soft[place >= 0, : len(known)] = found.posterior[place[place >= 0]]
    rows = pd.DataFrame(
        {
            "example_id": ids,
            "label": found.classes[found.label][place],
            "confidence": found.confidence[place],
            "tied": found.tied[place],
            "method": found.method,
            "by": "consensus",
            "reviewer": None,
        }
    ).astype({"label": object, "method": object, "reviewer": object})
    column = {label: number for number, label in enumerate(classes)}
    at = pd.Index(ids).get_indexer(decided.index)
    soft[at] = 0
    for row, labels in zip(at, decided["labels"], strict=True):
        soft[row, [column[label] for label in labels]] = 1 / len(labels)
    rows.loc[at, "label"] = [labels[0] for labels in decided["labels"]]
    rows.loc[at, "reviewer"] = decided["reviewer"].to_numpy(dtype=object)
    rows.loc[at, ["confidence", "tied", "by"]] = np.nan, False, "decision"
    rows.loc[at, "method"] = None
    return Settled(rows, soft, classes, found.method, found.why)
