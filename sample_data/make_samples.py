"""Writes the sample datasets and the record of what is planted in them: python -m sample_data.make_samples [folder]

The phrasings are in `writing/phrasings/`, written by hand; the seeds are fixed, so every run gives the same bytes.
"""

import csv
import json
import random
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from sample_data.writing import support_messages, triage_notes
from sample_data.writing.annotators import NAMES, OPEN_PAIR, SLOPPY, annotate
from sample_data.writing.example import Example
from sample_data.writing.plant import Planter

HOLE = ("neurology", "Harbour")  # a department and a site: there in the test split, never in training
_TEST_SHARE = 0.25
_Truth = list[tuple[str, str, str]]


def make_support_messages() -> tuple[list[Example], _Truth]:
    """The messages in the order of their time, and the rows of truth.csv."""
    rng = random.Random("support problems")
    examples = support_messages.write_messages()
    _split(examples, rng)
    planter = Planter(examples, support_messages.PARTNER, rng)
    planter.rare_class(support_messages.RARE)
    planter.copies("leak", 20, exact=4)
    planter.copies("duplicate", 14, exact=6)
    planter.copies("conflict", 6, exact=2)
    planter.label_errors(60)
    planter.label_variants(6)
    planter.broken_texts(mojibake=5, lost=3, entities=4)
    classes = [*support_messages.COUNTS, support_messages.RARE]
    _number(examples, "M", rng)
    annotate(examples, classes, support_messages.PARTNER, random.Random("support annotators"))
    wrong = sum(example.more[SLOPPY] != example.true for example in examples)
    truth = _truth(examples)
    truth.append((SLOPPY, "annotator", f"{wrong} of {len(examples)} labels wrong"))
    truth.append(("v1", "guideline", " / ".join(OPEN_PAIR)))
    return examples, truth


def make_triage_notes() -> tuple[list[Example], _Truth]:
    """The notes in the order of their time, and the rows of truth.csv."""
    rng = random.Random("triage problems")
    examples = triage_notes.write_notes()
    _split(examples, rng)
    planter = Planter(examples, triage_notes.PARTNER, rng, _keeps_the_hole)
    planter.rare_class(triage_notes.RARE)
    planter.thin_out(8, lambda example: (example.true, example.more["site"]) == HOLE, split="test")
    planter.copies("leak", 8, exact=2)
    planter.copies("duplicate", 6, exact=3)
    planter.copies("conflict", 4, exact=1)
    planter.label_errors(25)
    planter.label_variants(4)
    planter.broken_texts(mojibake=3, lost=2, entities=2)
    _number(examples, "T", rng)
    truth = _truth(examples)
    truth.append((" / ".join(HOLE), "coverage_hole", "no example in train"))
    return examples, truth


def write_samples(folder: Path) -> None:
    """Write both datasets and their truth.csv into folders of `folder`."""
    messages, truth = make_support_messages()
    place = folder / "support-messages"
    place.mkdir(parents=True, exist_ok=True)
    names = ("id", "message", "intent", "split", *NAMES, "guideline_version", "created_at", "channel", "region")
    _write_csv(place / "support_messages.csv", names, (_message_row(example, names) for example in messages))
    _write_csv(place / "truth.csv", ("id", "kind", "detail"), truth)

    notes, truth = make_triage_notes()
    place = folder / "triage-notes"
    place.mkdir(parents=True, exist_ok=True)
    with (place / "triage_notes.jsonl").open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(json.dumps(_note_row(example), ensure_ascii=False) + "\n" for example in notes)
    _write_csv(place / "truth.csv", ("id", "kind", "detail"), truth)


def _keeps_the_hole(example: Example) -> bool:
    """Whether a wrong label here would not put an example into the hole."""
    return (triage_notes.PARTNER[example.true], example.more["site"]) != HOLE


def _split(examples: Iterable[Example], rng: random.Random) -> None:
    """A quarter of each class goes to the test split."""
    by_class: dict[str, list[Example]] = {}
    for example in examples:
        by_class.setdefault(example.true, []).append(example)
    for members in by_class.values():
        for example in rng.sample(members, round(len(members) * _TEST_SHARE)):
            example.split = "test"


def _number(examples: list[Example], letter: str, rng: random.Random) -> None:
    """Order by time and give ids that leave gaps, as exports from a help desk do."""
    examples.sort(key=lambda example: (example.at, example.text))
    number = 1000
    for example in examples:
        number += rng.randint(1, 5)
        example.id = f"{letter}{number}"


def _truth(examples: Sequence[Example]) -> _Truth:
    return [
        (example.id, example.kind, example.detail if isinstance(example.detail, str) else example.detail.id)
        for example in sorted(examples, key=lambda example: (example.kind, example.id))
        if example.kind
    ]


def _message_row(example: Example, names: Sequence[str]) -> list[str]:
    own = {
        "id": example.id, "message": example.text, "intent": example.given, "split": example.split,
        "created_at": example.at.isoformat(),
    }  # fmt: skip
    return [{**example.more, **own}[name] for name in names]


def _note_row(example: Example) -> dict[str, str]:
    return {
        "id": example.id, "arrived_at": example.at.isoformat(timespec="minutes"), "site": example.more["site"],
        "note": example.text, "department": example.given, "split": example.split,
    }  # fmt: skip


def _write_csv(path: Path, names: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)


if __name__ == "__main__":
    write_samples(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
