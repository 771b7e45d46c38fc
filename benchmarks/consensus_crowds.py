"""Consensus on simulated crowds, whose truth is known: intervals, annotators who copy, slips against valid labels."""

import numpy as np
import pandas as pd

from analysis.people import code_labels
from analysis.people.ambiguity import SEVERAL, SLIP, find_ambiguous
from analysis.people.consensus import consensus
from tests.crowds import crowd, tasteful


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
    """How often "several labels valid" and "slip" are right where annotators differ, over simulated crowds.

    Right is what is claimed of the labels given: that two of them are valid, or that one is. An example on which two
    labels are valid, and of which one was given beside a mistake, is a slip.
    """
    rows: list[dict[str, object]] = []
    kinds = {
        "5 labels, slips go anywhere": {},
        "5 labels, slips go to what is alike": {"close": 0.8},
        "3 labels, slips go to what is alike": {"close": 0.8, "per_example": 3},
        "10 labels, slips go to what is alike": {"close": 0.8, "per_example": 10},
        "5 labels, never two valid": {"close": 0.8, "share": 0.0},
        "3 labels, two valid on 30 %": {"close": 0.8, "per_example": 3, "share": 0.3},
        "5 labels, two valid on 30 %": {"close": 0.8, "share": 0.3},
    }
    for kind, settings in kinds.items():
        parts = []
        for seed in range(seeds):
            made, valid = tasteful(seed, **settings)  # type: ignore[arg-type]
            labels = code_labels(made)
            frame = pd.DataFrame({"kind": find_ambiguous(labels).kind})
            parts.append(frame.assign(valid=valid[labels.examples].to_numpy()))
        every = pd.concat(parts)
        every = every[every["kind"] != ""]
        several, slip = every[every["kind"] == SEVERAL], every[every["kind"] == SLIP]
        rows.append(
            {
                "crowd": kind,
                "differ": len(every) // seeds,
                "two valid, %": round(100 * (every["valid"] == 2).mean(), 1),
                "said several": round(len(several) / seeds, 1),
                "of these right": round((several["valid"] == 2).mean(), 3),
                "said slip": round(len(slip) / seeds, 1),
                "of those right": round((slip["valid"] == 1).mean(), 3),
            }
        )
    return rows
