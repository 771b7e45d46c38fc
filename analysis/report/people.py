"""Agreement and consensus in words, for the command line."""

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.errors import NotReady
from analysis.people.agreement import Agreement, Statistic
from analysis.people.agreement_meaning import Meaning
from analysis.people.consensus import Consensus
from analysis.people.decimals import between, decimals
from analysis.queries.people import Crowd, matrix
from analysis.report.lines import count, paragraph, table

_PAIRED = 300  # annotators whose pairs are told to machines: those with the most labels


def agreement_lines(crowd: Crowd, found: Agreement, width: int) -> list[str]:
    """The statistic that fits and why, what misleads, all statistics, then labels and annotators one by one."""
    one = found.statistic
    head = (
        f"{one.title} {_value(one)}, over {count(found.design.doubled, 'example')} with two labels or more. {found.why}"
    )
    lines = paragraph(head, width)
    means = crowd.meaning(found)
    if means is not None:
        lines += paragraph(_meaning(means), width)
    for said in (*found.warnings, *crowd.consensus.notes):
        lines += paragraph(said, width)
    rows = [(s.title, _number(s.value), _between(s.low, s.high), s.note) for s in found.statistics.values()]
    lines += ["", *table(("statistic", "value", "95 % interval", ""), rows, width, right=[1])]
    classes = [
        (
            row["label"],
            row["labels"],
            _percent(row["agreement"]),
            _number(row["alpha"]),
            _between(row["low"], row["high"]),
        )
        for row in found.classes.to_dict("records")
        if row["labels"]
    ]
    heads = ("label", "labels", "same, %", "Krippendorff's α", "95 % interval")
    lines += ["", *table(heads, classes, width, right=[1, 2, 3])]
    people = [
        (
            row["annotator"],
            row["labels"],
            row["judged"],
            _percent(row["reliability"]),
            _between(100 * row["low"], 100 * row["high"], 0),
        )
        for row in crowd.annotators.to_dict("records")
    ]
    heads = ("annotator", "labels", "judged", "right, %", "95 % interval")
    lines += ["", *table(heads, people, width, right=[1, 2, 3])]
    if not crowd.is_judged:
        lines += paragraph("Fewer than three annotators share examples: their labels do not say who is right.", width)
    return lines


def agreement_object(crowd: Crowd, found: Agreement) -> dict[str, Any]:
    """The same as plain values; what is not defined is null."""
    design, means = found.design, crowd.meaning(found)
    shown = ["annotator", "labels", "judged", "reliability", "low", "high", "leans_to", "lean", "lean_low", "lean_high"]
    pairs = matrix(crowd, found.scale, most=_PAIRED)
    shown += ["steps", "seconds", "quick", "slow"]
    return {
        "scale": found.scale,
        "chosen": found.chosen,
        "why": found.why,
        "labels": design.labels,
        "examples": design.examples,
        "doubled": design.doubled,
        "statistics": {
            name: {"title": s.title, "value": _plain(s.value), "low": _plain(s.low), "high": _plain(s.high)}
            for name, s in found.statistics.items()
        },
        "meaning": None if means is None else {name: _plain(value) for name, value in asdict(means).items()},
        "warnings": list(found.warnings),
        "notes": list(crowd.consensus.notes),
        "families": [list(family) for family in crowd.consensus.families],
        "classes": records(found.classes),
        "annotators": records(crowd.annotators[shown]),
        "pairs": records(pairs.frame()),
        "annotators_without_pairs": pairs.left_out,
    }


def group_lines(by: str, groups: pd.DataFrame, labels: int, width: int) -> list[str]:
    """Agreement in each group as a table; `labels` are those of the dataset, also of no group."""
    rows = [
        (
            r["group"],
            r["labels"],
            r["doubled"],
            _percent(r["same"]),
            _number(r["alpha"]),
            _between(r["low"], r["high"]),
            r["note"],
        )
        for r in groups.to_dict("records")
    ]
    heads = (by, "labels", "doubled", "same, %", "Krippendorff's α", "95 % interval", "")
    lines = [f"Agreement by {by}; doubled: examples with two labels or more."]
    without = labels - int(groups["labels"].sum())
    if without:
        lines += paragraph(f"{count(without, 'label belongs', 'labels belong')} to no {by}, so to no line.", width)
    if groups["note"].str.startswith("Gwet").any():
        lines += paragraph("Where one label is very common α reads low: Gwet's coefficient stands beside it.", width)
    return [*lines, "", *table(heads, rows, width, right=[1, 2, 3, 4])]


def consensus_lines(found: Consensus, path: Path, width: int) -> list[str]:
    """What was written, and on what it rests."""
    lines = paragraph(f"Wrote {path}: {count(len(found.examples), 'example')}, by {found.method}. {found.why}", width)
    tied = int(found.tied.sum())
    if tied:
        lines += paragraph(
            f"{count(tied, 'example was', 'examples were')} tied: the more common label was taken.", width
        )
    for note in found.notes:
        lines += paragraph(note, width)
    rows = sorted(Counter(found.classes[found.label]).items(), key=lambda row: (-row[1], str(row[0])))
    return [*lines, "", *table(("label", "examples"), rows, width, right=[1])]


def consensus_object(found: Consensus, path: Path) -> dict[str, Any]:
    """The same as plain values; `classes` is the order of the soft labels."""
    return {
        "path": str(path),
        "examples": len(found.examples),
        "method": found.method,
        "why": found.why,
        "classes": [str(name) for name in found.classes],
        "tied": int(found.tied.sum()),
        "notes": list(found.notes),
    }


def measured(found: Agreement | NotReady) -> Agreement:
    """The agreement; raises the reason where there is none."""
    if isinstance(found, NotReady):
        raise found
    return found


def records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame as plain values, missing ones as None."""
    plain = rows.astype(object).where(rows.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in plain.to_dict("records")]


def _value(one: Statistic) -> str:
    if pd.isna(one.value):
        return "not defined"
    return f"{_number(one.value)} (95 % interval {_between(one.low, one.high) or 'not known'})"


def _number(value: float) -> str:
    return "–" if pd.isna(value) else decimals(value)


def _percent(value: float) -> str:
    return "–" if pd.isna(value) else f"{100 * value:.0f}"


def _between(low: float, high: float, digits: int = 2) -> str:
    return "" if pd.isna(low) else between(low, high, digits)


def _meaning(means: Meaning) -> str:
    said = f"By the limits of Krippendorff (0.667 for tentative, 0.80 for firm conclusions) that is {means.level}."
    if pd.isna(means.together):
        return said
    said += f" The {means.labels:.1f} labels of an example are together as reliable as {_number(means.together)}"
    return said + (f"; {means.needed:,} would reach 0.80." if means.needed > means.labels else ".")


def _plain(value: float | str) -> float | str | None:
    return value if isinstance(value, str) else None if pd.isna(value) else float(value)
