"""The command line: what can be typed, and how answers and mistakes are printed."""

import argparse
import contextlib
import difflib
import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from analysis.errors import UserError
from analysis.report import ask_command, commands
from analysis.report.coverage_command import BUDGET, coverage
from analysis.report.given import FINE, PROGRAM, Answer, Given
from analysis.report.visible import visible

MENDABLE, STOPPED = 2, 130  # exit codes
_EXAMPLES = """\
from a file to a corrected file:
  python -m analysis load tickets.csv --name tickets --text message --label intent
  python -m analysis scan tickets
  python -m analysis issues tickets --top 20
  python -m analysis show tickets r17
  python -m analysis decide tickets r17 relabel --to card_broken --reviewer Ada
  python -m analysis export tickets -o tickets.corrected.csv

exit codes:
  0 fine, 1 more issues than --fail-over or a check that failed, 2 something you can mend
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    code = FINE
    with contextlib.suppress(BrokenPipeError):  # `… | head` has seen enough
        try:
            given = _parser().parse_args(argv)
            answer: Answer = given.run(given)
            code = answer.code
            print(json.dumps(answer.plain, indent=1) if given.json else visible("\n".join(answer.lines).strip("\n")))
        except SystemExit as stop:  # argparse has printed its help
            code = int(stop.code or FINE)
        except UserError as error:
            code = MENDABLE
            print(visible(f"{error.message}\n{error.hint}"), file=sys.stderr)
        except KeyboardInterrupt:
            code = STOPPED
            print("\nStopped. What was finished is kept; nothing is half-written.", file=sys.stderr)
    _flush()
    return code


class _Parser(argparse.ArgumentParser):
    """Mistakes in what was typed are told like all others: what is wrong, and what to do."""

    def error(self, message: str) -> NoReturn:
        wrong = re.search(r"argument COMMAND: invalid choice: '(.*?)' \(choose from (.*)\)", message)
        if wrong:
            names = re.findall(r"[a-z]+", wrong[2])
            close = difflib.get_close_matches(wrong[1], names, n=1)
            meant = f"Did you mean {close[0]!r}? " if close else ""
            raise UserError(f"There is no command {wrong[1][:80]!r}.", f"{meant}The commands are {', '.join(names)}.")
        raise UserError(f"{message[:1].upper()}{message[1:]}.", f"`{self.prog} --help` says what can be given.")


def _parser() -> argparse.ArgumentParser:
    shared = _Parser(add_help=False)
    shared.add_argument(
        "--workspace", type=Path, metavar="DIR", default=argparse.SUPPRESS,
        help="the folder of datasets (else PLUMBLINE_WORKSPACE, else workspace/ beside app.py)",
    )  # fmt: skip
    parser = _Parser(
        prog=PROGRAM,
        description="Find what is wrong with a labelled text dataset, decide about it, and export it corrected.",
        epilog=_EXAMPLES,
        parents=[shared],
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(json=False)
    added = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=_Parser)

    def command(run: Callable[[Given], Answer], help: str, *, dataset: bool = True) -> argparse.ArgumentParser:
        made = added.add_parser(
            run.__name__, help=help, description=f"{help[0].upper()}{help[1:]}.", parents=[shared], allow_abbrev=False
        )
        made.set_defaults(run=run)
        made.add_argument("--json", action="store_true", help="print for machines: JSON and nothing else")
        if dataset:
            made.add_argument("dataset", metavar="NAME", help="the dataset")
        return made

    _add_load(command(commands.load, "a file becomes a dataset", dataset=False))
    scan = command(commands.scan, "run the checks")
    scan.add_argument("--only", metavar="CHECK,…", help="these checks only")
    scan.add_argument("--set", metavar="CHECK.ARG=VALUE", action="append", help="a setting of a check; may be repeated")
    checks = command(commands.checks, "what each check finds, needs and can be set to", dataset=False)
    checks.add_argument("--markdown", action="store_true", help="as the page docs/checks.md")
    issues = command(commands.issues, "what is flagged and not settled, worst first")
    issues.add_argument("--check", metavar="CHECK", help="of this check only")
    issues.add_argument("--top", type=_number, metavar="K", help="list the first K")
    issues.add_argument("--fail-over", type=_number, metavar="K", help="exit with 1 if there are more than K")
    findings = command(commands.findings, "every opinion of every check, flagged or not, into a Parquet file")
    findings.add_argument("--check", metavar="CHECK", help="of this check only")
    _add_output(findings, "FILE.parquet")
    show = command(commands.show, "one example's whole life, from source row to exported row")
    show.add_argument("example", metavar="EXAMPLE", help="its id")
    _add_decide(command(commands.decide, "record what a person decides about an example"))
    _add_ask(command(ask_command.ask, "ask a colleague to decide about an example"))
    asked = command(ask_command.asked, "who was asked to decide about what, and what they answered")
    asked.add_argument("--reviewer", metavar="NAME", help="what this person was asked or asks, alone")
    undo = command(commands.undo, "take a reviewer's latest decision back")
    undo.add_argument("--reviewer", required=True, metavar="NAME", help="whose decision")
    export = command(commands.export, "write the corrected file, every decision, and a manifest")
    _add_output(export, "FILE")
    export.add_argument("--format", help="csv, tsv, jsonl, json, parquet or xlsx (else by the ending of FILE)")
    export.add_argument(
        "--spreadsheet-safe", action="store_true", help="CSV and TSV: no cell can run as a formula in a spreadsheet"
    )
    agreement = command(commands.agreement, "how well the annotators agree, and how far each can be relied on")
    agreement.add_argument("--by", metavar="SLICE", help="in parts: a column, split, month or guideline version")
    agreement.add_argument(
        "--scale", choices=("nominal", "ordinal", "interval"), default="nominal", metavar="SCALE",
        help="labels are nominal (names), ordinal (in an order) or interval (numbers)",
    )  # fmt: skip
    consensus = command(commands.consensus, "write the label that most likely holds, with its probability")
    consensus.add_argument("--method", metavar="METHOD", help="majority, dawid_skene, mace … (else what fits best)")
    _add_output(consensus, "FILE.parquet")
    _add_coverage(command(coverage, "where the data is thin, which slices fail, what changed, what to collect"))
    command(commands.datasets, "list the datasets of the workspace", dataset=False)
    return parser


def _add_load(load: argparse.ArgumentParser) -> None:
    load.add_argument(
        "file", type=Path, metavar="FILE", help="CSV, TSV, JSONL, JSON, Parquet, Excel; a folder of Parquet"
    )
    load.add_argument("--name", metavar="NAME", help="what to call the dataset (else by the file)")
    load.add_argument("--replace", action="store_true", help="new data for a dataset there is; decisions stay")
    roles = load.add_argument_group("columns", "a name, #3 for the third, - for none; what is not named is guessed")
    roles.add_argument("--text", action="append", metavar="COLUMN,…", help="what is judged; several are joined")
    roles.add_argument("--annotators", action="append", metavar="COLUMN,…", help="each holds one annotator's labels")
    for role, what in (
        ("id", "the name of each example"),
        ("label", "the label"),
        ("split", "train, test …"),
        ("annotator", "who gave the label"),
        ("timestamp", "when it was labelled"),
        ("guideline", "the version of the labelling rules"),
    ):
        roles.add_argument(f"--{role}", metavar="COLUMN", help=what)
    reading = load.add_argument_group("reading", "what is not given is found out")
    reading.add_argument("--encoding", help="such as utf-8 or cp1252")
    reading.add_argument("--delimiter", help=r"between cells: , ; | or \t")
    reading.add_argument("--header", action=argparse.BooleanOptionalAction, help="the first row names the columns")
    reading.add_argument("--skip-lines", type=_number, metavar="N", help="lines before the header")
    reading.add_argument("--no-quoting", action="store_true", help="quote marks are text")
    reading.add_argument("--sheet", help="of an Excel file")
    reading.add_argument("--member", metavar="FILE", help="of a zip")


def _add_decide(decide: argparse.ArgumentParser) -> None:
    decide.add_argument("example", metavar="EXAMPLE", help="its id")
    decide.add_argument("action", metavar="ACTION", help="keep, relabel, several, drop, unsure or reopen")
    decide.add_argument(
        "--to", metavar="LABEL", action="append", help="the new label, for relabel; each right label, for several"
    )
    decide.add_argument("--reviewer", required=True, metavar="NAME", help="who decides")
    decide.add_argument("--note", default="", metavar="TEXT", help="why")


def _add_ask(ask: argparse.ArgumentParser) -> None:
    ask.add_argument("example", metavar="EXAMPLE", help="its id")
    ask.add_argument("who", metavar="WHO", help="who is to decide")
    ask.add_argument("--reviewer", required=True, metavar="NAME", help="who asks")
    ask.add_argument("--question", default="", metavar="TEXT", help="what they are asked")
    ask.add_argument("--take-back", action="store_true", help="they are not asked any more")


def _add_coverage(coverage: argparse.ArgumentParser) -> None:
    coverage.add_argument(
        "--reference", metavar="FILE|DATASET",
        help="what the data should be like: a file with a text column, a dataset, or split, later, split=NAME,"
        " dates=FROM..TO (else what the dataset itself offers)",
    )  # fmt: skip
    coverage.add_argument(
        "--budget", type=_number, default=BUDGET, metavar="K", help=f"examples to collect (else {BUDGET})"
    )
    coverage.add_argument("-o", "--output", type=Path, metavar="FILE.csv", help="write the plan, with sample texts")


def _add_output(command: argparse.ArgumentParser, metavar: str) -> None:
    command.add_argument("-o", "--output", type=Path, required=True, metavar=metavar, help="the file to write")


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text[:80]!r} is not a whole number, 0 or more")
    return int(text)


def _flush() -> None:
    """Send what was printed; where nobody reads any more, make sure that the interpreter does not try again."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _print_anything() -> None:
    """A terminal that lacks a character gets its number instead of an error."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Any = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    _print_anything()
    sys.exit(main())
