"""What a hostile file must come to: it loads exactly, it asks, or it is refused."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from analysis.errors import BadFile
from analysis.load.options import NeedsAnswer, ReadFile

Rows = Sequence[Sequence[str | None]]


@dataclass(frozen=True)
class Loads:
    """Loads with exactly these names and cells.

    notice: a pattern that some notice matches; asks: the option that is to be confirmed; rejected: the lines that are
    set aside, and a pattern for their reasons.
    """

    names: Sequence[str]
    rows: Rows
    notice: str = ""
    asks: str = ""
    rejected: tuple[int, ...] = ()
    reason: str = ""
    options: dict[str, object] = field(default_factory=dict)

    def differences(self, outcome: ReadFile | BadFile) -> list[str]:
        if isinstance(outcome, BadFile):
            return [f"refused: {outcome.message}"]
        columns = [column.to_pylist() for column in outcome.cells.columns]
        got = [list(row) for row in zip(*columns, strict=True)]
        wrong = []
        if [column.name for column in outcome.columns] != list(self.names):
            wrong.append(f"names {[column.name for column in outcome.columns][:8]!r}")
        if got != [list(row) for row in self.rows]:
            odd = next(
                (i for i, (a, b) in enumerate(zip(got, self.rows, strict=False)) if a != list(b)),
                min(len(got), len(self.rows)),
            )
            wrong.append(
                f"{len(got)} rows for {len(self.rows)}; first difference in row {odd}: {str(got[odd : odd + 1])[:200]}"
            )
        if self.notice and not any(re.search(self.notice, notice) for notice in outcome.notices):
            wrong.append(f"notices {outcome.notices}")
        if [question.option for question in outcome.questions] != ([self.asks] if self.asks else []):
            wrong.append(f"questions {outcome.questions}")
        if tuple(outcome.rejected["line"]) != self.rejected:
            wrong.append(f"set aside {tuple(outcome.rejected['line'])[:10]}")
        if not all(re.search(self.reason, reason) for reason in outcome.rejected["reason"]):
            wrong.append(f"reasons {list(outcome.rejected['reason'])[:3]}")
        for option, value in self.options.items():
            if getattr(outcome.options, option) != value:
                wrong.append(f"{option} is {getattr(outcome.options, option)!r}")
        return wrong


@dataclass(frozen=True)
class Asks:
    """Loads nothing and asks: which option, a pattern for the message, a choice whose preview shows the given cell."""

    option: str
    message: str
    choice: str
    cell: str

    def differences(self, outcome: ReadFile | BadFile) -> list[str]:
        if not isinstance(outcome, NeedsAnswer):
            return [f"did not ask but gave {outcome!r}"[:300]]
        wrong = []
        if outcome.question.option != self.option or not re.search(self.message, outcome.question.message):
            wrong.append(f"asked {outcome.question}")
        shown = [cell for row in outcome.previews.get(self.choice, []) for cell in row]
        if not any(self.cell in cell for cell in shown):
            wrong.append(f"preview of {self.choice}: {shown[:6]} among {list(outcome.previews)}")
        if set(outcome.previews) != set(outcome.question.choices):
            wrong.append("choices without previews")
        return wrong


@dataclass(frozen=True)
class Refuses:
    """A BadFile whose message matches, with a next step."""

    message: str

    def differences(self, outcome: ReadFile | BadFile) -> list[str]:
        if not isinstance(outcome, BadFile) or isinstance(outcome, NeedsAnswer):
            return [f"was not refused: {outcome!r}"[:300]]
        wrong = []
        if not re.search(self.message, outcome.message):
            wrong.append(f"says: {outcome.message}")
        if not outcome.hint or len(outcome.message) > 500:
            wrong.append("no next step, or a message too long to read")
        return wrong


@dataclass(frozen=True)
class Case:
    """One file of the corpus."""

    id: str
    what: str
    file: str
    make: Callable[[], bytes]
    expect: Loads | Asks | Refuses
    bomb: bool = False
