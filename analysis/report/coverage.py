"""Coverage in words, for the command line and the page alike."""

import math
from dataclasses import asdict
from typing import Any

import pandas as pd

from analysis.queries.coverage import Failing, Thin, ThinRegion
from analysis.queries.coverage_drift import Shift
from analysis.queries.coverage_plan import NO_WORD, Collection
from analysis.queries.coverage_reference import NONE, Reference
from analysis.report.lines import count, paragraph, table
from analysis.report.visible import one_line

FAILING: dict[Failing, str] = {
    "flagged": "flagged",
    "predicted": "predicted otherwise",
    "disagreed": "not agreed on",
}
_TITLE, _SLICE = 80, 200  # characters
_LISTED = 8  # regions, slices
_PLANNED = 20  # regions of a plan
_WORDS = 6  # of a drift
_COUNTS = ("ours", "our_total", "theirs", "their_total", "all_ours", "missing")
_AS_GOOD = 0.9  # of what the plan brings: random collection that brings as much is hardly worse
_HARDLY = 0.1  # points that nobody will notice
_RAREST = 0.005  # the least share of shuffles that 199 of them can tell


def percent(share: float) -> str:
    """A share in [0, 1] with as many digits as a reader can use: "12 %", "0.4 %", "0.04 %"."""
    value = 100 * share
    digits = 0 if value >= 9.95 or value == 0 else 1 if value >= 0.095 else 2
    return f"{value:.{digits}f} %"


def thin_sentence(found: Thin, against: Reference) -> str:
    """How many regions are thin, or that none is, with what was compared."""
    title = one_line(against.title, _TITLE)
    if not found.regions:
        return (
            f"No region of similar texts is thinner than in {title}, beyond what chance does:"
            f" {compared_sentence(found, against)}."
        )
    empty = sum(region.gap.is_empty for region in found.regions)
    missing = sum(region.gap.missing for region in found.regions)
    return (
        f"{count(len(found.regions), 'region')} {'is' if len(found.regions) == 1 else 'are'} thinner in our"
        f" {against.ours} than in {title}, {empty} of them nearly empty; about {count(missing, 'example')}"
        f" {'is' if missing == 1 else 'are'} missing."
    )


def compared_sentence(found: Thin, against: Reference) -> str:
    """What stands against what, without a full stop: "1,204 training examples compared with 300"."""
    ours, theirs = _sample(found.our_compared, found.ours), _sample(found.their_compared, found.theirs)
    return f"{ours} {against.ours} compared with {theirs}"


def region_name(region: ThinRegion) -> str:
    """Its words, and whether we have almost nothing there."""
    return f"{', '.join(region.words) or NO_WORD}{' (nearly empty)' if region.gap.is_empty else ''}"


def region_sentence(region: ThinRegion, against: Reference) -> str:
    """Both shares of one region with their intervals, and what is missing."""
    gap, title = region.gap, one_line(against.title, _TITLE)
    theirs, ours = gap.their_share, gap.our_share
    whole = "" if gap.all_ours == gap.our_total else f" of all {gap.all_ours:,}"
    return (
        f"{percent(theirs[1])} ({percent(theirs[0])} to {percent(theirs[2])}) of {title} lands where we have"
        f" {percent(ours[1])} ({percent(ours[0])} to {percent(ours[2])}) of ours: {gap.theirs:,} of"
        f" {gap.their_total:,} against {gap.ours:,} of {gap.our_total:,}."
        f" At that share it would be {gap.expected:,}{whole}."
    )


def slice_sentence(row: dict[str, Any], failing: Failing) -> str:
    """One failing slice, a row of `queries.coverage.slices`."""
    return (
        f"{one_line(row['slice'], _SLICE)}: {count(row['examples'], 'example')}, {row['share']:.0f} %"
        f" {FAILING[failing]} ({row['low']:.0f} to {row['high']:.0f} %), elsewhere {row['elsewhere']:.0f} %."
    )


def shift_sentence(found: Shift, against: Reference) -> str:
    """Whether the two sides can be told apart, and how sure that is."""
    title = one_line(against.title, _TITLE)
    told, exchange = found.difference, found.exchange
    if exchange is not None:
        again = f", {exchange.relabelled:,} of them with another label" if exchange.relabelled else ""
        return (
            f"Text by text: of the {found.ours:,} {against.ours}, {exchange.stayed:,} are in {title} too{again};"
            f" {exchange.came:,} are new, and {exchange.went:,} of its {found.theirs:,} are gone."
        )
    if told is None:
        return f"Whether the texts as a whole differ cannot be said. {found.note}"
    theirs = f"{told.after:,}" if told.after == found.theirs else f"{told.after:,} of the {found.theirs:,}"
    ours = f"{told.before:,}" if told.before == found.ours else f"{told.before:,} of the {found.ours:,}"
    basis = f"{theirs} of {title} and {ours} {against.ours}"
    apart = (
        f"a model that is shown one of each picks the right one in {100 * told.told_apart:.0f} % of pairs"
        f" (50 % would be by guessing; shuffled sides give {100 * told.low:.0f} to {100 * told.high:.0f} %)"
    )
    if not told.is_beyond_chance:
        return f"The texts of {title} cannot be told from ours, beyond what chance does: {apart}. Compared: {basis}."
    rare = "less than one chance" if told.p <= _RAREST else f"about {count(round(200 * told.p), 'chance')}"
    return (
        f"The texts of {title} can be told from ours: {apart}; {rare} in 200 that sides without a difference look like"
        f" this. Compared: {basis}."
    )


def changes_sentence(found: Shift) -> str:
    """How many words, labels and regions have another share, and how many of them are new or gone."""
    parts = []
    for kind, one in (("word", "word"), ("label", "label"), ("texts about", "region")):
        rows = found.changes[found.changes["kind"] == kind]
        if len(rows):
            new, gone = int((rows["change"] == "new").sum()), int((rows["change"] == "gone").sum())
            parts.append(f"{count(len(rows), one)} ({new:,} new, {gone:,} gone)")
    if not parts:
        return f"No word, label or region has another share than in ours, beyond what chance does.{_counted(found)}"
    return f"Another share than in ours, beyond chance: {', '.join(parts)}.{_counted(found)}"


def _counted(found: Shift) -> str:
    """What words, labels and regions were counted in, where that is not everything."""
    if found.read == (found.ours, found.theirs):
        return ""
    (our_read, their_read), (ours, theirs) = found.read, found.counted
    return (
        f" Counted in samples of {found.theirs:,} of the reference and {found.ours:,} of ours: words in {their_read:,}"
        f" and {our_read:,}, labels and kinds of texts in {theirs:,} and {ours:,}."
    )


def landing_basis(found: Thin) -> str:
    """What the regions were counted in, where that is a sample; else ""."""
    ours, theirs = int(found.landing["ours"].sum()), int(found.landing["theirs"].sum())
    if (ours, theirs) == (found.ours, found.theirs):
        return ""
    return f"Counted in {_sample(theirs, found.theirs)} of the reference and {_sample(ours, found.ours)} of ours."


def plan_sentence(made: Collection, budget: int, against: Reference) -> str:
    """What a budget is expected to bring, with the interval, and what spreading it evenly would."""
    low, gain, high = (100 * part for part in made.plan.total)
    before, after = (100 * part for part in made.plan.accuracy)
    examples = f"{count(budget, 'more example')} in {count(len(made.rows), 'region')}"
    title = one_line(against.title, _TITLE)
    among = "" if against.key == NONE else f" from texts like those of {title}"
    hardly = ""
    digits = 1 if gain >= 1 else 2
    random = 100 * made.plan.proportional
    if random >= _AS_GOOD * gain or gain - random < _HARDLY:
        hardly = (
            f" The plan brings {max(gain - random, 0):.2f} points more: where the examples come from matters little"
            " here, so collect what is easiest to get."
        )
    return (
        f"{examples} {'is' if budget == 1 else 'are'} expected to raise the accuracy on"
        f" {title} by {gain:.{digits}f} points ({low:.{digits}f} to {high:.{digits}f}), from {before:.1f} to"
        f" {after:.1f} %; collected at random{among} instead, by {random:.{digits}f}.{hardly}"
    )


def plan_basis(made: Collection) -> str:
    """What the plan rests on, and what its interval does not cover."""
    basis = count(made.have, "labelled example")
    if made.judged < made.have:
        basis = f"a sample of {made.judged:,} of {basis}"
    return (
        f"From learning curves of a simple model on {basis}, held out in turn;"
        " the interval is 95 % and covers the data at hand, not whether the curves go on as they do."
    )


def coverage_lines(
    against: Reference,
    thin: Thin | str,
    slices: pd.DataFrame | str,
    shift: Shift | str,
    plan: Collection | str,
    budget: int,
    width: int,
) -> list[str]:
    """The four sections; a text in place of one says what it lacks."""
    lines = ["Where are we thin?"]
    if isinstance(thin, str):
        lines += paragraph(thin, width)
    else:
        lines += paragraph(thin_sentence(thin, against), width)
        for number, region in enumerate(thin.regions[:_LISTED], start=1):
            lines += ["", *paragraph(f"{number}  {region_name(region)}", width)]
            lines += paragraph(region_sentence(region, against), width, 3)
            for text in region.texts[:2]:
                lines += paragraph(f"· {one_line(text, 160)}", width, 3)
    lines += ["", "Which slices fail?"]
    if isinstance(slices, str):
        lines += paragraph(slices, width)
    elif slices.empty:
        lines += paragraph("None, beyond what chance does.", width)
    else:
        for row in slices.head(_LISTED).to_dict("records"):
            lines += paragraph(slice_sentence({str(key): value for key, value in row.items()}, "flagged"), width)
    lines += ["", "What changed?"]
    if isinstance(shift, str):
        lines += paragraph(shift, width)
    else:
        lines += paragraph(shift_sentence(shift, against), width)
        lines += paragraph(changes_sentence(shift), width)
        lines += _change_table(shift, width)
    lines += ["", "What should we collect?"]
    if isinstance(plan, str):
        return [*lines, *paragraph(plan, width)]
    lines += paragraph(plan_sentence(plan, budget, against), width)
    lines += paragraph(plan_basis(plan), width)
    rows = [
        (row["region"], row["collect"], row["have"], f"{100 * row['visits']:.1f}", _gain(row))
        for row in plan.rows.head(_PLANNED).to_dict("records")
    ]
    if len(plan.rows) > _PLANNED:
        most = f"The first {_PLANNED} of {len(plan.rows)}, most gain of a hundred more first; -o has all."
        lines += paragraph(most, width)
    share = "examples, %" if against.key == NONE else "reference, %"
    heads = ("region", "collect", "labelled", share, "gain, points (95 %)")
    return [*lines, "", *table(heads, rows, width, right=[1, 2, 3, 4])]


def coverage_object(
    against: Reference,
    thin: Thin | str,
    slices: pd.DataFrame | str,
    shift: Shift | str,
    plan: Collection | str,
    budget: int,
) -> dict[str, Any]:
    """The same as plain values; `missing` says why a section has nothing."""
    sections: dict[str, Any] = {"reference": against.key, "budget": budget}
    if isinstance(thin, str):
        sections["thin"] = {"missing": thin}
    else:
        regions = [
            {
                "words": list(region.words),
                **{name: getattr(region.gap, name) for name in _COUNTS},
                "our_share": list(region.gap.our_share),
                "their_share": list(region.gap.their_share),
                "p": region.gap.p,
                "is_empty": region.gap.is_empty,
                "texts": list(region.texts),
            }
            for region in thin.regions
        ]
        names = ("ours", "theirs", "our_compared", "their_compared")
        totals = {name: getattr(thin, name) for name in names}
        sections["thin"] = {**totals, "regions": regions, "all": _records(thin.landing)}
    sections["slices"] = {"missing": slices} if isinstance(slices, str) else _records(slices)
    if isinstance(shift, str):
        sections["drift"] = {"missing": shift}
    else:
        told = shift.difference
        measured = ("told_apart", "low", "high", "p", "before", "after")
        sections["drift"] = {
            "told_apart": None if told is None else {name: getattr(told, name) for name in measured},
            "note": shift.note,
            "text_by_text": None if shift.exchange is None else asdict(shift.exchange),
            "changes": _records(shift.changes),
        }
    if isinstance(plan, str):
        sections["plan"] = {"missing": plan}
    else:
        low, gain, high = plan.plan.total
        total = {"low": 100 * low, "gain": 100 * gain, "high": 100 * high, "spread": 100 * plan.plan.proportional}
        sections["plan"] = {"points": total, "labelled": plan.have, "regions": _records(plan.rows)}
    return sections


def _sample(part: int, whole: int) -> str:
    return f"{whole:,}" if part == whole else f"a sample of {part:,} of {whole:,}"


def _change_table(shift: Shift, width: int) -> list[str]:
    rows = [
        (row["kind"], row["name"], row["change"], _between(row, "our"), _between(row, "their"))
        for _, kind in shift.changes.groupby("kind", sort=False)
        for row in kind.head(_WORDS).to_dict("records")
    ]
    return ["", *table(("", "", "change", "ours, %", "reference, %"), rows, width, right=[3, 4])] if rows else []


def _between(row: dict[Any, Any], side: str) -> str:
    return f"{row[f'{side}_share']:.1f} ({row[f'{side}_low']:.1f} to {row[f'{side}_high']:.1f})"


def _gain(row: dict[Any, Any]) -> str:
    return f"{row['gain']:.3f} ({row['low']:.3f} to {row['high']:.3f})"


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain values; the short texts for links are left out, what is not finite is null."""
    rows: list[dict[str, Any]] = frame.drop(columns="part", errors="ignore").to_dict("records")  # type: ignore[assignment]
    return [{key: _plain(value) for key, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value
