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
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.pop(0)  # this folder, whose names (coverage.py) would hide packages
sys.path.insert(0, str(Path(__file__).parents[1]))

from analysis.people import Labels, code_labels
from analysis.people.agreement import measure
from analysis.people.ambiguity import find_ambiguous
from analysis.people.consensus import consensus
from benchmarks.consensus_crowds import correlated, covered, told_apart
from benchmarks.consensus_sets import Task, tasks
from tests.crowds import crowd

PEERS = ("crowd-kit DS", "crowd-kit MACE", "cleanlab CROWDLAB")
NEAR = 0.003
MOST_CELLS = 5_000_000  # examples times classes that crowd-kit is given


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
