"""Consensus against gold: our methods and the one picked, beside crowd-kit's and cleanlab's, on one page.

python benchmarks/consensus.py [--data ../shared/data] [--json FILE]

crowd-kit is a peer, not a dependency; where it is not installed its columns stay empty. It brings transformers along,
so it is best kept apart:  python -m venv peers; peers/bin/pip install -r requirements.txt crowd-kit==1.4.2 -c
constraints.txt; peers/bin/python benchmarks/consensus.py

What counts as gold:
  snow_rte, hatecheck   the true label of each example
  btc_ner_crowd         every token once for each entity type that was asked; the adjudicated entities
  mmlu_redux            the answer key, on questions that experts found in order: there is no corrected key for others
  pandalm_pref          the majority of three humans. The crowd is the two judges alone, as the humans are the gold;
                        with all five voters gold is part of the crowd, so that row does not count for the goals
CROWDLAB's class probabilities: logistic regression on TF-IDF of words and characters, 5 folds, trained on the majority
labels (cleanlab's tutorial); consensus by best_quality.

Beside these: how often intervals of reliability hold the truth, what is picked where annotators copy, how often a slip
and several valid labels are rightly told apart (all on simulated crowds, whose truth is known), and seconds for
1,000,000 labels by 200 annotators, agreement with and without 1,000 resamples included.
"""

import argparse
import json
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.pop(0)  # this folder, whose names (coverage.py) would hide packages
sys.path.insert(0, str(Path(__file__).parents[1]))

from analysis.people import Labels, code_labels
from analysis.people.agreement import measure
from analysis.people.ambiguity import SEVERAL, SLIP, find_ambiguous
from analysis.people.consensus import consensus
from tests.crowds import crowd, tasteful

SETS = ("snow_rte", "hatecheck", "btc_ner_crowd", "mmlu_redux", "pandalm_pref")
PEERS = ("crowd-kit DS", "crowd-kit MACE", "cleanlab CROWDLAB")
NEAR = 0.003
MOST_CELLS = 5_000_000  # examples times classes that crowd-kit is given


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


def compare(task: Task) -> dict[str, object]:
    """Accuracy against gold and seconds, of every method on one set."""
    labels = code_labels(task.annotations)
    gold = task.gold.reindex(labels.examples).to_numpy(object)
    known = pd.notna(gold)
    probabilities = None if task.text is None else _probabilities(labels, task.text)
    row: dict[str, object] = {"set": task.name, "examples": int(known.sum()), "labels": len(labels)}
    row |= {"annotators": len(labels.annotators), "counts": task.counts}
    for name, run in _runs(labels, probabilities).items():
        started = time.perf_counter()
        answer = run()
        seconds = time.perf_counter() - started
        row[name] = None if answer is None else round(float((answer == gold)[known].mean()), 4)
        row[f"{name} s"] = None if answer is None else round(seconds, 2)
    chosen = consensus(labels, probabilities=probabilities)
    return row | {"method": chosen.method, "why": chosen.why, "families": [list(f) for f in chosen.families]}


def _runs(labels: Labels, probabilities: np.ndarray | None) -> dict[str, Callable[[], np.ndarray | None]]:
    def ours(method: str | None) -> Callable[[], np.ndarray | None]:
        def run() -> np.ndarray | None:
            if method == "crowdlab" and probabilities is None:
                return None
            found = consensus(labels, method=method, probabilities=probabilities)
            return np.asarray(found.classes[found.label])

        return run

    named = {name: ours(name) for name in ("majority", "shared_coin", "one_coin", "mace", "dawid_skene", "crowdlab")}
    peers = {
        "crowd-kit DS": lambda: crowd_kit("DawidSkene", labels),
        "crowd-kit MACE": lambda: crowd_kit("MACE", labels),
        "cleanlab CROWDLAB": lambda: _cleanlab(labels, probabilities),
    }
    return named | {"picked": ours(None)} | peers


def crowd_kit(name: str, labels: Labels, **settings: object) -> np.ndarray | None:
    """A crowd-kit aggregation with its own defaults; None where it is not installed."""
    try:
        from crowdkit.aggregation import classification
    except ImportError:
        return None
    frame = pd.DataFrame({"task": labels.example, "worker": labels.annotator, "label": labels.label})
    answer = getattr(classification, name)(**settings).fit_predict(frame)
    return np.asarray(labels.classes[answer.reindex(np.arange(len(labels.examples))).to_numpy(int)])


def _cleanlab(labels: Labels, probabilities: np.ndarray | None) -> np.ndarray | None:
    if probabilities is None:
        return None
    from cleanlab.multiannotator import get_label_quality_multiannotator

    table = np.full((len(labels.examples), len(labels.annotators)), np.nan)
    table[labels.example, labels.annotator] = labels.label
    found = get_label_quality_multiannotator(table, probabilities, consensus_method="best_quality", verbose=False)
    return np.asarray(labels.classes[found["label_quality"]["consensus_label"].to_numpy(int)])


def _probabilities(labels: Labels, text: pd.Series) -> np.ndarray:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline, make_union

    words = TfidfVectorizer(min_df=2, max_features=30_000, sublinear_tf=True, token_pattern=r"\S+")
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 4), min_df=3, max_features=30_000)
    model = make_pipeline(make_union(words, characters), LogisticRegression(C=10, max_iter=300))
    majority = consensus(labels, method="majority").label
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    texts = text.reindex(labels.examples).fillna("")
    return np.asarray(cross_val_predict(model, texts, majority, cv=folds, method="predict_proba"))


def covered(seeds: int = 20) -> list[dict[str, object]]:
    """How often the 95 % interval of an annotator's reliability holds the truth, over simulated crowds."""
    rows: list[dict[str, object]] = []
    kinds = {
        "2 classes": {"classes": 2},
        "3 classes": {},
        "10 classes": {"classes": 10},
        "3 classes, own confusion": {"confused": True, "per_example": 7},
        "sparse: 3 labels per example": {"per_example": 3, "annotators": 60},
    }
    for kind, settings in kinds.items():
        hits, widths = [], []
        for seed in range(seeds):
            made = crowd(seed, **settings)  # type: ignore[arg-type]
            people = consensus(code_labels(made.annotations)).annotators
            truth = made.reliability[people["annotator"]].to_numpy()
            hits.append(((people["low"] <= truth) & (truth <= people["high"])).mean())
            widths.append((people["high"] - people["low"]).mean())
        rows.append(
            {"crowd": kind, "covered": round(float(np.mean(hits)), 3), "width": round(float(np.mean(widths)), 3)}
        )
    return rows


def correlated(seeds: int = 20) -> list[dict[str, object]]:
    """Accuracy of majority and of the picked method where annotators copy, over simulated crowds."""
    rows: list[dict[str, object]] = []
    kinds = {
        "6 of 20 copy": {"annotators": 20, "per_example": 8, "copiers": 6, "classes": 2},
        "3 of 5 judges are one family": {"annotators": 5, "copiers": 3, "copying": 0.8},
        "4 of 14 judges are one family": {
            "annotators": 14,
            "per_example": 14,
            "copiers": 4,
            "copying": 0.5,
            "classes": 4,
        },
        "7 of 10 judges are one family": {"annotators": 10, "per_example": 10, "copiers": 7, "copying": 0.8},
    }
    for kind, settings in kinds.items():
        plain, picked, worse = [], [], 0
        for seed in range(seeds):
            made = crowd(seed, accuracy=(0.6, 0.85), examples=800, **settings)  # type: ignore[arg-type]
            labels = code_labels(made.annotations)
            truth = made.truth[labels.examples].to_numpy()
            for results, method in ((plain, "majority"), (picked, None)):
                found = consensus(labels, method=method)
                results.append(float((found.classes[found.label] == truth).mean()))
            worse += picked[-1] < plain[-1]
        row = {"crowd": kind, "majority": round(float(np.mean(plain)), 4), "picked": round(float(np.mean(picked)), 4)}
        rows.append(row | {"crowds where picked is below": f"{worse} of {seeds}"})
    return rows


def told_apart(seeds: int = 20) -> list[dict[str, object]]:
    """How often "several labels valid" and "slip" are right where annotators differ, over simulated crowds."""
    rows: list[dict[str, object]] = []
    kinds = {
        "5 labels, slips go anywhere": {},
        "5 labels, slips go to what is alike": {"close": 0.8},
        "3 labels, slips go to what is alike": {"close": 0.8, "per_example": 3},
        "10 labels, slips go to what is alike": {"close": 0.8, "per_example": 10},
        "5 labels, never two valid": {"close": 0.8, "share": 0.0},
    }
    for kind, settings in kinds.items():
        parts = []
        for seed in range(seeds):
            made, is_ambiguous = tasteful(seed, **settings)  # type: ignore[arg-type]
            labels = code_labels(made)
            frame = pd.DataFrame({"kind": find_ambiguous(labels).kind})
            parts.append(frame.assign(two=is_ambiguous[labels.examples].to_numpy()))
        every = pd.concat(parts)
        every = every[every["kind"] != ""]
        several, slip = every[every["kind"] == SEVERAL], every[every["kind"] == SLIP]
        rows.append(
            {
                "crowd": kind,
                "differ": len(every) // seeds,
                "two valid, %": round(100 * every["two"].mean(), 1),
                "said several": round(len(several) / seeds, 1),
                "of these right": round(several["two"].mean(), 3),
                "said slip": round(len(slip) / seeds, 1),
                "of those right": round(1 - slip["two"].mean(), 3),
            }
        )
    return rows


def large() -> list[dict[str, object]]:
    """Seconds for 1,000,000 labels by 200 annotators."""
    rows: list[dict[str, object]] = []
    for classes in (5, 200):
        made = crowd(0, examples=200_000, annotators=200, classes=classes)
        started = time.perf_counter()
        labels = code_labels(made.annotations)
        row: dict[str, object] = {"classes": classes, "coded s": round(time.perf_counter() - started, 1)}
        for name, resamples in (("agreement s", 0), ("agreement, 1,000 resamples s", 1_000)):
            started = time.perf_counter()
            measure(labels, resamples=resamples)
            row[name] = round(time.perf_counter() - started, 1)
        started = time.perf_counter()
        find_ambiguous(labels)
        row["ambiguous or slip s"] = round(time.perf_counter() - started, 1)
        truth = made.truth[labels.examples].to_numpy()
        for name, method in (("picked", None), ("dawid_skene", "dawid_skene"), ("mace", "mace")):
            started = time.perf_counter()
            found = consensus(labels, method=method)
            row[f"{name} s"] = round(time.perf_counter() - started, 1)
            row[f"{name} accuracy"] = round(float((found.classes[found.label] == truth).mean()), 4)
        started = time.perf_counter()
        answer = crowd_kit("DawidSkene", labels) if len(labels.examples) * classes <= MOST_CELLS else None
        if answer is not None:
            row["crowd-kit DS s"] = round(time.perf_counter() - started, 1)
            row["crowd-kit DS accuracy"] = round(float((answer == truth).mean()), 4)
        rows.append(row)
    return rows


def verdict(rows: list[dict[str, object]]) -> list[str]:
    """The goals, each with its numbers."""
    told, picked, best = [], [], {name: [] for name in PEERS}  # type: ignore[var-annotated]
    for row in (row for row in rows if row["counts"]):
        peers = {name: float(str(row[name])) for name in PEERS if row[name] is not None}
        if not peers:
            continue
        top = max(peers, key=peers.__getitem__)
        own = float(str(row["picked"]))
        state = "reached" if own >= peers[top] - NEAR else "missed"
        told.append(f"{state}: {row['set']}: picked {own:.4f}, best peer {top} {peers[top]:.4f}")
        picked.append(own)
        for name in PEERS:
            best[name].append(peers.get(name, float("nan")))
        state = "reached" if own >= float(str(row["majority"])) else "missed"
        told.append(f"{state}: {row['set']}: not below majority {row['majority']}")
    for name, values in best.items():
        both = [(own, other) for own, other in zip(picked, values, strict=True) if other == other]
        if both:
            own, other = np.mean(both, axis=0)
            told.append(
                f"{'reached' if own > other else 'missed'}: mean of {len(both)} sets: {own:.4f}, {name} {other:.4f}"
            )
    return told


def main() -> None:
    """Run everything and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    warnings.filterwarnings("ignore", module="sklearn|cleanlab|crowdkit")
    rows = [compare(task) for task in tasks(options.data)]
    if rows and rows[0][PEERS[0]] is None:
        print("crowd-kit is not installed: its columns are empty. See the top of this file.")
    results = {
        "sets": rows,
        "goals": verdict(rows),
        "coverage": covered(),
        "correlated": correlated(),
        "told apart": told_apart(),
        "large": large(),
    }
    with pd.option_context("display.width", 250, "display.max_columns", 50, "display.max_colwidth", 60):
        frame = pd.DataFrame(rows)
        if rows:
            shown = ["set", "examples", "labels", "annotators", "majority", "shared_coin", "one_coin", "mace"]
            shown += ["dawid_skene", "crowdlab", "picked", "method", *PEERS]
            print(
                frame[shown].to_string(index=False), frame[["set", *[c for c in frame if c.endswith(" s")]]], sep="\n\n"
            )
        for name in ("coverage", "correlated", "told apart", "large"):
            print("", name, pd.DataFrame(results[name]).to_string(index=False), sep="\n")  # type: ignore[arg-type]
    print("", *results["goals"], sep="\n")  # type: ignore[misc]
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
