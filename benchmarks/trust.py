"""Do the intervals of "how many flags are real" and "how many wrong labels are not flagged" hold the truth?

python benchmarks/trust.py [--data ../shared/data] [--json FILE] [--seeds 4]

Labels that count as clean get 3, 8 and 15 % of slips, by class and by example, four seeds each: 24 a set. The product's
own models and check then judge them. Printed for each set, kind and share, before any decision and after 50 decisions
of a reviewer who is always right and goes by severity: how often the 95 % interval holds the true number (goal: 90 % or
more), its mean width, and the bias of the estimate, both in % of the flags (of the slips, for what is not flagged).
What is wrong in the sets from the start counts as right here, though a reviewer would find it: banking77 is known for
that. The spread of `analysis.signals.trust` was measured on other data: the two samples, hatecheck by three of its
columns, and mmlu_redux by subject, two seeds each.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.pop(0)  # this folder, whose names (coverage.py) would hide packages
sys.path.insert(0, str(Path(__file__).parents[1]))

from analysis.checks.label_error import label_error
from analysis.signals.trust import FEWEST, Count, chances, trust
from benchmarks.planted import KINDS, Texts, outsider, plant

SETS = ("banking77_synth", "clinc150_synth", "stackoverflow20k_synth")
SHARES = (0.03, 0.08, 0.15)
DECISIONS = (0, 50)
ROWS, LEAST = 3_000, 10  # examples of a set, and of a label of it


def clean_texts(data: Path, name: str) -> Texts:
    """About 3,000 examples of a set with their true labels; labels with fewer than 10 of them are left out."""
    frame = pd.read_parquet(data / name / "data.parquet", columns=["text", "true_label"])
    some = frame[frame["text"].str.strip() != ""].sample(ROWS, random_state=0)
    size = some["true_label"].map(some["true_label"].value_counts())
    some = some[size >= LEAST]
    return Texts(some["text"].tolist(), some["true_label"].astype(str).tolist())


def measure(name: str, texts: Texts, seeds: int) -> Iterator[dict[str, object]]:
    """One row for each kind, share, seed and number of decisions."""
    outside = outsider(texts.texts, texts.truth)
    for kind in KINDS:
        for share in SHARES:
            for seed in range(seeds):
                given = plant(texts.truth, outside, kind, share, np.random.default_rng([seed, round(100 * share)]))
                for row in judge(texts, given):
                    yield {"set": name, "kind": kind, "share": share, "seed": seed, **row}


def judge(texts: Texts, given: np.ndarray) -> Iterator[dict[str, object]]:
    """What is estimated before and after decisions, beside the truth."""
    inputs = texts.inputs(given)
    found = label_error(inputs)
    rows = inputs.examples.index.get_indexer(pd.Index(found["subject_id"]))
    wrong = (given != texts.truth)[rows]
    flagged = found["flagged"].to_numpy()
    if flagged.sum() < FEWEST:
        return
    codes = pd.Index(inputs.classes).get_indexer(pd.Index(inputs.examples["label"]))
    chance = chances(inputs.need("probabilities")[rows], codes[rows], np.ones(len(rows)))
    worst_first = np.argsort(-found["severity"].to_numpy()[flagged], kind="stable")
    real, missed = int(wrong[flagged].sum()), int(wrong[~flagged].sum())
    for decisions in DECISIONS:
        outcome = np.full(int(flagged.sum()), np.nan)
        outcome[worst_first[:decisions]] = wrong[flagged][worst_first[:decisions]]
        made = trust(chance[flagged], outcome, float(chance[~flagged].sum()), int((~flagged).sum()), 0)
        yield {
            "decisions": decisions,
            "flags": int(flagged.sum()),
            **_held("real", made.real, real, int(flagged.sum())),
            **_held("missed", made.missed, missed, real + missed),
            **_held("wrong", made.wrong, real + missed, real + missed),
        }


def _held(what: str, count: Count, truth: int, of: int) -> dict[str, object]:
    return {
        what: truth,
        f"{what}_about": count.about,
        f"{what}_held": count.low <= truth <= count.high,
        f"{what}_width": (count.high - count.low) / max(of, 1),
        f"{what}_bias": (count.about - truth) / max(of, 1),
    }


def table(rows: pd.DataFrame, by: list[str]) -> str:
    """Coverage, mean width and mean bias, as percentages."""
    names = [f"{what}_{part}" for what in ("real", "missed", "wrong") for part in ("held", "width", "bias")]
    means = rows.astype(dict.fromkeys(names, float)).groupby(by, sort=False)[["flags", "real", "missed", *names]].mean()
    means[names] *= 100
    return means.round(0).astype(int).to_string()


def main() -> None:
    """Print the tables, and write every row where asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--seeds", type=int, default=4, help="of each kind and share (default 4)")
    given = parser.parse_args()
    print("held: how often the 95 % interval holds the truth, %; width and bias: % of the flags, or of the slips\n")
    made: list[dict[str, object]] = []
    for name in SETS:
        if not (given.data / name).is_dir():
            print(f"{given.data / name} is not there: left out.")
            continue
        of_set = list(measure(name, clean_texts(given.data, name), given.seeds))
        print(f"{name}\n{table(pd.DataFrame(of_set), ['kind', 'share', 'decisions'])}\n", flush=True)
        made += of_set
    if not made:
        return
    rows = pd.DataFrame(made)
    print(table(rows, ["kind", "decisions"]), "\n")
    print(table(rows, ["decisions"]))
    if given.json:
        given.json.write_text(json.dumps(made, default=float), encoding="utf-8")


if __name__ == "__main__":
    main()
