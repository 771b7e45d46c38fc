"""How a file is to be read, what is asked when that cannot be known, and what comes out."""

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from analysis.errors import BadFile, UserError
from analysis.schema import Column

if TYPE_CHECKING:  # the reader's process does without pandas, which takes longer to import than most files to read
    import pandas as pd
    import pyarrow as pa

MB = 1024 * 1024
GB = 1024 * MB


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read a file; None means "find out".

    `skip_lines` counts lines (sheet rows in Excel) before the header. `quoting=False` takes quote marks as text.
    `member` names the file to read inside a zip. Formats ignore what does not concern them.
    """

    encoding: str | None = None
    delimiter: str | None = None
    quoting: bool = True
    header: bool | None = None
    skip_lines: int | None = None
    sheet: str | None = None
    member: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain values, as stored in `meta` under "options"."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Question:
    """Something about the file that only its owner can know; `choices` are texts, the likeliest first."""

    option: str
    message: str
    choices: tuple[str, ...]


class NeedsAnswer(BadFile):
    """Nothing was read, because guessing could corrupt the text; `previews` shows rows of cells for each choice."""

    def __init__(self, question: Question, previews: dict[str, list[list[str]]]) -> None:
        flag = "--" + question.option.replace("_", "-")
        super().__init__(question.message, f"Choose on the Load page, or pass {flag} {question.choices[0]}.")
        self.question = question
        self.previews = previews


def answer(options: ReadOptions, option: str, choice: str) -> ReadOptions:
    """The options with one choice made, given as text as in `Question.choices`.

    Raises UserError for an option that does not exist or a value that it cannot take.
    """
    value: Any = choice
    if option in ("header", "quoting"):
        if choice not in ("yes", "no"):
            raise UserError(f"{choice!r} does not answer {option}.", "Say yes or no.")
        value = choice == "yes"
    elif option == "skip_lines":
        if not choice.isdecimal():
            raise UserError(f"{choice!r} is not a number of lines.", "Give a whole number, 0 or more.")
        value = int(choice)
    elif option not in ReadOptions.__dataclass_fields__:
        raise UserError(f"There is no option {option!r}.", f"Use one of {', '.join(ReadOptions.__dataclass_fields__)}.")
    return replace(options, **{option: value})


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may cost before it is refused; sizes in bytes unless said otherwise.

    `memory` is the address space of the reading process. Parquet gets three times its file size on top (at most
    `parquet_memory` altogether), because a row group is decoded whole. A ratio counts only beyond its floor, so that
    small, very regular files pass.
    """

    columns: int = 2000
    field: int = 16 * MB  # characters
    expanded: int = 2 * GB
    parquet_expanded: int = 4 * GB
    ratio: int = 200
    ratio_floor: int = 64 * MB
    parquet_ratio_floor: int = 256 * MB
    entries: int = 1000
    depth: int = 64
    rejected: int = 100_000  # rows
    memory: int = 2 * GB
    parquet_memory: int = 8 * GB
    cpu_seconds: int = 120
    wall_seconds: int = 180


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file as text cells.

    `cells` has string columns c0 … cN in the file's row order, null where a cell is absent. `options` are those that
    were used, nothing left open. `rejected` has line (from 1; the row for formats without lines), reason, raw.
    `notices` are sentences about what was done; `questions` are guesses that the person should confirm.
    """

    name: str
    format: str
    options: ReadOptions
    columns: tuple[Column, ...]
    cells: "pa.Table"
    rejected: "pd.DataFrame"
    notices: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    sha256: str = ""
    size_bytes: int = 0


@dataclass(slots=True)
class Findings:
    """What a reader learned while reading, besides the cells."""

    options: ReadOptions
    format: str = ""
    notices: list[str] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)

    def note_blank_lines(self, count: int) -> None:
        """Say how many blank lines were skipped, if any."""
        if count:
            self.notices.append("1 blank line was skipped." if count == 1 else f"{count:,} blank lines were skipped.")
