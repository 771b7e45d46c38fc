"""The feedback for one annotator as Markdown, to be sent to them; whatever people wrote is shown as it is."""

import re
from collections.abc import Iterator
from typing import Any

from analysis.checks import shown
from analysis.queries.people_feedback import ClauseFeedback, Feedback

_EXAMPLES = 50  # of one clause
_TEXT = 300  # characters of an example
_CLAUSE = 5_000  # characters of a clause
_SPECIAL = re.compile(r"([!-/:-@\[-`{-~])")


def feedback_markdown(found: Feedback) -> bytes:
    """One section per clause: what it says, and each label that is not the outcome; in UTF-8.

    Names, labels, texts and notes are escaped, so that nothing in them is formatted, linked or fetched. At most 50
    examples of a clause are listed, and the number of the others is said.
    """
    return "\n".join(_lines(found)).encode("utf-8", "replace")


def _lines(found: Feedback) -> Iterator[str]:
    yield f"# Feedback for {_plain(found.annotator, 80)}"
    yield ""
    by_consensus = found.differing - found.decided
    yield (
        f"{found.labels:,} labels, {found.judged:,} of them on examples whose outcome is known. "
        f"{found.differing:,} differ from it: {found.decided:,} from a decision, "
        f"{by_consensus:,} from the consensus of all annotators, which is an estimate."
    )
    for one in found.clauses:
        yield from _section(one)
    yield ""


def _section(one: ClauseFeedback) -> Iterator[str]:
    yield ""
    if one.clause is None:
        yield "## No clause rules these"
    else:
        title = f"{one.clause.number} {one.clause.title}".strip()
        yield f"## Clause {_plain(title, 200)} ({_plain(one.version, 40)})"
        yield ""
        body = one.clause.body[:_CLAUSE].strip()
        yield from (f"> {_plain(line, _CLAUSE)}  " for line in body.splitlines() if line.strip())
    yield ""
    differ = "1 label differs" if len(one.rows) == 1 else f"{len(one.rows):,} labels differ"
    yield f"{differ}, {one.decided:,} from a decision."
    yield ""
    for row in one.rows.head(_EXAMPLES).itertuples(index=False):
        yield _example(row)
    if len(one.rows) > _EXAMPLES:
        yield f"- and {len(one.rows) - _EXAMPLES:,} more, which are in the CSV file"


def _example(row: Any) -> str:
    said = f"- {_plain(row.example_id, 80)}: “{_plain(row.text, _TEXT)}”; given {_plain(row.theirs, 80)}, "
    if row.by == "verdict":
        said += f"decided {_plain(row.outcome, 80)} by {_plain(row.reviewer, 80)}"
        said += ", by this clause" if row.cited else ""
        return said + (f". Note: {_plain(row.note, 1_000)}" if row.note else "")
    return said + f"consensus {_plain(row.outcome, 80)}, {100 * row.confidence:.0f} % sure, not decided"


def _plain(value: object, longest: int) -> str:
    """One line in which Markdown finds nothing to do."""
    return _SPECIAL.sub(r"\\\1", shown(" ".join(str(value).split()), longest))
