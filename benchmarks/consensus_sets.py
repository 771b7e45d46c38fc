"""Crowds with gold, from the public sets: labels by annotators, the truth and the texts of each."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

SETS = ("snow_rte", "hatecheck", "btc_ner_crowd", "mmlu_redux", "pandalm_pref")


@dataclass(frozen=True)
class Task:
    """One crowd with gold: `annotations` as the app has them, `gold` by example, `text` by example or None."""

    name: str
    annotations: pd.DataFrame
    gold: pd.Series
    text: pd.Series | None
    counts: bool = True


def tasks(data: Path) -> list[Task]:
    """Every set that is there; what is missing is named."""
    found: list[Task] = []
    for name in SETS:
        if (data / name).is_dir():
            found += READERS[name](data / name)
        else:
            print(f"{data / name} is not there: left out.")
    return found


def _snow(folder: Path) -> list[Task]:
    rte = pd.read_parquet(folder / "data.parquet").set_index("id")
    temporal = pd.read_parquet(folder / "temporal.parquet").set_index("id")
    return [
        Task("snow_rte RTE", _annotations(folder), rte["true_label"], rte["premise"] + " . " + rte["hypothesis"]),
        Task("snow_rte temporal", _annotations(folder, "temporal_annotations"), temporal["true_label"], None),
    ]


def _hatecheck(folder: Path) -> list[Task]:
    data = pd.read_parquet(folder / "data.parquet").set_index("id")
    return [Task("hatecheck", _annotations(folder), data["true_label"], data["text"])]


def _btc(folder: Path) -> list[Task]:
    votes = pd.read_parquet(folder / "token_votes.parquet")
    marks = pd.read_parquet(folder / "annotations.parquet")
    tokens = pd.read_parquet(folder / "data.parquet").set_index("id")["tokens"]
    keys = ["item_id", "entity_type"]
    votes["example_id"] = votes["item_id"] + " " + votes["entity_type"] + " " + votes["token_index"].astype(str)
    marks["marked"] = [frozenset(indices) for indices in marks["token_indices"]]
    rows = votes.merge(marks[[*keys, "annotator_id", "marked"]], on=keys)
    inside = [index in marked for index, marked in zip(rows["token_index"], rows["marked"], strict=True)]
    annotations = pd.DataFrame(
        {
            "example_id": rows["example_id"],
            "annotator": rows["annotator_id"],
            "label": np.where(inside, "entity", "none"),
        }
    )
    texts = []
    for item, index, kind in zip(votes["item_id"], votes["token_index"], votes["entity_type"], strict=True):
        words = ["<s>", *tokens[item], "</s>"]
        before, word, after = words[index : index + 3]
        shape = "Upper" if word[:1].isupper() else "Lower"
        texts.append(f"{kind}_{word} {kind}_{shape} {kind}_before_{before} {kind}_after_{after}")
    gold = pd.Series(np.where(votes["gold"], "entity", "none"), index=votes["example_id"])
    return [Task("btc_ner_crowd tokens", annotations, gold, pd.Series(texts, index=votes["example_id"]))]


def _mmlu(folder: Path) -> list[Task]:
    data = pd.read_parquet(folder / "data.parquet").set_index("id")
    text = data[["question", "choice_A", "choice_B", "choice_C", "choice_D"]].agg(" ".join, axis=1)
    gold = data["given_label"][data["error_type"] == "ok"]
    return [Task("mmlu_redux 14 models", _annotations(folder), gold, text)]


def _pandalm(folder: Path) -> list[Task]:
    data = pd.read_parquet(folder / "data.parquet").set_index("id")
    text = data[["instruction", "input", "response1", "response2"]].agg(" ".join, axis=1)
    annotations = _annotations(folder)
    judges = annotations[~annotations["annotator"].str.startswith("human")]
    return [
        Task("pandalm_pref 2 judges", judges, data["true_label"], text),
        Task("pandalm_pref 5 voters", annotations, data["true_label"], text, counts=False),
    ]


READERS: dict[str, Callable[[Path], list[Task]]] = {
    "snow_rte": _snow,
    "hatecheck": _hatecheck,
    "btc_ner_crowd": _btc,
    "mmlu_redux": _mmlu,
    "pandalm_pref": _pandalm,
}


def _annotations(folder: Path, name: str = "annotations") -> pd.DataFrame:
    frame = pd.read_parquet(folder / f"{name}.parquet")
    return frame.rename(columns={"item_id": "example_id", "annotator_id": "annotator"})
