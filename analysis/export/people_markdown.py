"""The feedback for one annotator as Markdown, to be sent to them; whatever people wrote is shown as it is."""

import re
from collections.abc import Iterator
from typing import Any

from analysis.checks import shown
from analysis.people.decimals import chance
from analysis.people.guidelines import in_backticks
from analysis.queries.people_feedback import ClauseFeedback, Feedback

_EXAMPLES = 50  # of one clause
_CLAUSE = 5_000  # characters of a clause
_GROUNDS = {
    "none": "No clause rules these",
    "before": "No guideline then: these labels are older than its first version",
    "unwritten": "No guideline is written",
    "unknown": "Not known under which guideline: these labels have no date and no version that is written here",
}


def feedback_markdown(found: Feedback) -> bytes:
    """One section per clause: what it says, and each label that is not the outcome, with the whole text; in UTF-8.

    Names, labels and notes stand as code, texts and clauses in fenced blocks, so that they can be read without
    rendering and nothing in them is formatted, linked or fetched. At most 50 examples of a clause are listed, and the
    number of the others is said.
    """
    return "\n".join(_lines(found)).encode("utf-8", "replace")


def grounds(one: ClauseFeedback) -> str:
    """Why labels stand together where no clause ruled them; "" where one did."""
    return _GROUNDS.get(one.ground, "")


def _lines(found: Feedback) -> Iterator[str]:
    yield f"# Feedback for {_code(found.annotator)}"
    yield ""
    by_consensus = found.differing - found.decided
    yield (
        f"{_count(found.labels, 'label')}, {found.judged:,} of them on examples whose outcome is known. "
        f"{found.differing:,} differ from it: {found.decided:,} from a decision, "
        f"{by_consensus:,} from the consensus of all annotators, which is an estimate."
    )
    for one in found.parts:
        yield from _section(one, found)
    yield ""


def _section(one: ClauseFeedback, found: Feedback) -> Iterator[str]:
    yield ""
    if not one.clauses:
        yield f"## {grounds(one)}"
    else:
        several = len(one.clauses) > 1
        yield f"## {'Clauses' if several else 'Clause'} {_code(one.number)} of {_code(one.version)}"
        yield ""
        if several:
            yield "Each of these clauses names both labels, so it is not known which one applied."
            yield ""
        yield from _block("\n\n".join(clause.text[:_CLAUSE] for clause in one.clauses))
    yield ""
    differ = "1 label differs" if len(one.rows) == 1 else f"{len(one.rows):,} labels differ"
    yield f"{differ}, {one.decided:,} from a decision."
    younger = int(one.rows["younger"].sum())
    if younger:
        yield f"Of {younger:,} the label is older than this clause: read it as news, not as a mistake."
    for row in one.rows.head(_EXAMPLES).itertuples(index=False):
        yield from _example(row, found)
    if len(one.rows) > _EXAMPLES:
        yield ""
        yield f"{len(one.rows) - _EXAMPLES:,} more are in the CSV file."


def _example(row: Any, found: Feedback) -> Iterator[str]:
    yield ""
    yield f"### {_code(row.example_id)}"
    yield ""
    if row.by == "verdict":
        cites = ", who cites this clause" if row.cited else ""
        outcome = f"decided {_code(row.outcome)} by {_code(row.reviewer)}{cites}."
        outcome += f" Note: {_code(row.note, 1_000)}" if row.note else ""
    else:
        outcome = f"consensus {_code(row.outcome)}, {chance(row.confidence)} sure, not decided."
    yield f"Given {_code(row.theirs)}; {outcome}"
    for name, text in zip(found.texts, found.whole[row.example_id], strict=True):
        yield ""
        yield f"{_code(name)}:"
        yield ""
        yield from _block(text)


def _code(value: object, longest: int = 200) -> str:
    """One line in a code span."""
    return in_backticks(shown(" ".join(str(value).split()), longest) or "(blank)")


def _block(text: str) -> Iterator[str]:
    """Text as it is, in a fence longer than any run of backticks in it."""
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    yield fence
    yield from (shown(line, len(line)) for line in text.splitlines())
    yield fence


def _count(number: int, one: str) -> str:
    return f"{number:,} {one if number == 1 else one + 's'}"
