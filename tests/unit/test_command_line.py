"""The command line: exit codes, and what is printed for people and for machines."""

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.checks import all_checks
from analysis.export import FORMATS
from analysis.report import ask_command, commands, coverage_command
from analysis.report.checks import settings_in_words
from analysis.report.lines import columns
from analysis.store import Store
from tests.commands import CSV, PROJECT
from tests.scanned import scan_by_hand
from tests.tables import write


def test_help_imports_nothing_slow() -> None:
    script = (
        "import sys; from analysis.__main__ import main; code = main(['load', '--help']);"
        "slow = {'pandas', 'numpy', 'duckdb', 'pyarrow', 'sklearn', 'analysis.checks'} & set(sys.modules);"
        "sys.exit(f'imported {slow}' if slow else code)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "--no-header" in done.stdout


def test_help_names_every_format(run: Any) -> None:
    _, shown, _ = run("export", "--help")
    assert all(name in " ".join(shown.split()) for name in FORMATS)


def test_load_says_what_was_loaded_and_what_comes_next(run: Any, tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", CSV)
    code, shown, progress = run("load", path, "--name", "t", "--text", "message", "--label", "-")
    assert code == 0
    assert "Loaded t: 3 rows, 3 examples." in shown
    assert "text   message" in shown
    assert "name the column with --label" in shown
    assert shown.rstrip().endswith("Next: python -m analysis scan t")
    assert "Reading the file …" in progress


def test_of_a_crowd_in_columns_the_first_are_named(run: Any, tmp_path: Path) -> None:
    people = [f"W{k:02}" for k in range(12)]
    rows = [f"r{i},text number {i}," + ",".join("a" if (i + k) % 2 else "b" for k in range(12)) for i in range(12)]
    path = write(tmp_path / "wide.csv", "\n".join([",".join(["id", "text", *people]), *rows]))
    _, shown, _ = run("load", path, "--name", "wide")
    assert "144 labels by annotators" in shown
    assert "annotators  W00, W01, W02, W03, W04, W05, W06, W07, W08 and 3 more" in shown


def test_load_reads_as_told(run: Any, tmp_path: Path) -> None:
    path = write(tmp_path / "odd.txt", "x\thello\ny\tworld\nz\t!\n")
    words = (
        "load",
        path,
        "--name",
        "odd",
        "--delimiter",
        r"\t",
        "--no-header",
        "--text",
        "#2",
        "--label",
        "#1",
        "--json",
    )
    code, shown, progress = run(*words)
    told = json.loads(shown)
    assert (code, progress) == (0, "")
    assert (told["name"], told["rows"], told["layout"]) == ("odd", 3, "plain")
    assert told["roles"] == {"text": ["(column 2)"], "label": ["(column 1)"]}


def test_load_replaces_only_when_told(tickets: Any, tmp_path: Path) -> None:
    assert tickets("decide", "tickets", "a", "drop", "--reviewer", "Ada")[0] == 0
    code, shown, error = tickets("load", tmp_path / "tickets.csv", "--name", "tickets", "--id", "name")
    assert (code, shown) == (2, "")
    assert "There is a dataset 'tickets' already." in error
    code, shown, _ = tickets("load", tmp_path / "tickets.csv", "--name", "tickets", "--id", "name", "--replace")
    assert code == 0
    assert "1 earlier decision still counts." in shown


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "arguments are required: COMMAND"),
        (("isues", "tickets"), "Did you mean 'issues'?"),
        (("issues", "tickts"), "Did you mean 'tickets'?"),
        (("issues", "tickets", "--check", "wrnog"), "Did you mean 'wrong'?"),
        (("issues", "tickets", "--top", "-1"), "'-1' is not a whole number"),
        (("issues", "tickets", "--tpo", "1"), "Unrecognized arguments: --tpo 1"),
        (("show", "tickets", "nowhere"), "There is no example 'nowhere'"),
        (("show", "tickets"), "arguments are required: EXAMPLE"),
        (("decide", "tickets", "a", "kepe", "--reviewer", "Ada"), "there is no action 'kepe'"),
        (("decide", "tickets", "a", "relabel", "--reviewer", "Ada"), "--to LABEL"),
        (("decide", "tickets", "a", "keep", "--to", "x", "--reviewer", "Ada"), "keep takes no label"),
        (("decide", "tickets", "a", "several", "--to", "x", "--reviewer", "Ada"), "two different labels or more"),
        (("decide", "tickets", "a", "relabel", "--to", "x", "--to", "y", "--reviewer", "Ada"), "takes one label"),
        (("decide", "tickets", "a", "keep", "--reviewer", " "), "nobody is named"),
        (("decide", "tickets", "a", "keep"), "arguments are required: --reviewer"),
        (("decide", "tickets", "c", "keep", "--reviewer", "Ada"), "no label to keep"),
        (("decide", "tickets", "z", "keep", "--reviewer", "Ada"), "There is no example 'z'"),
        (("undo", "tickets", "--reviewer", ""), "nobody is named"),
        (("export", "tickets", "-o", "x.doc"), "does not end like a format"),
        (("export", "tickets", "-o", "x.csv", "--format", "cvs"), "'cvs' is no format"),
        (("findings", "tickets", "-o", "x.csv"), "does not end in .parquet"),
        (("findings", "tickets", "-o", "x.parquet", "--check", "od"), "There is no check 'od'"),
        (("load", "nowhere.csv"), "There is no file 'nowhere.csv'"),
        (("load", __file__, "--name", "../up"), "cannot be the name of a dataset"),
        (("scan", "tickets", "--only", "label_eror"), "Did you mean 'label_error'?"),
        (("scan", "tickets", "--only", ","), "--only names no check"),
        (("scan", "tickets", "--set", "near_duplicate"), "sets nothing"),
        (("scan", "tickets", "--set", "near_duplicate.max_distanse=1"), "Did you mean 'max_distance'?"),
        (("scan", "tickets", "--set", "near_duplicate.max_distance=far"), "is a number, not 'far'"),
        (("scan", "tickets", "--set", "broken_text.min_repeats=2.5"), "is a whole number, not '2.5'"),
        (("scan", "tickets", "--set", "signals.map=maybe"), "is true or false, not 'maybe'"),
    ],
)
def test_what_a_person_can_mend_is_a_sentence_and_exit_code_2(
    tickets: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    code, shown, error = tickets(*words)
    assert (code, shown) == (2, "")
    assert says in error
    assert "Traceback" not in error
    assert len(error.strip().splitlines()) == 2  # what is wrong, and what to do


def test_an_open_dataset_is_busy(tickets: Any, workspace: Path) -> None:
    with Store(workspace / "tickets"):
        code, _, error = tickets("show", "tickets", "a")
        assert code == 2
        assert "open in another process" in error
        assert "open in another process" in tickets("datasets")[1]


def test_issues_are_a_table_that_fits_and_gate_a_pipeline(tickets: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    code, shown, _ = tickets("issues", "tickets")
    assert code == 0
    assert shown.startswith("3 open issues:\n")
    assert all(columns(line) <= 60 for line in shown.splitlines() if "failed" not in line)
    assert "Next: python -m analysis show tickets b" in shown
    assert tickets("issues", "tickets", "--check", "wrong", "--fail-over", "2")[0] == 0
    code, shown, _ = tickets("issues", "tickets", "--check", "wrong", "--fail-over", "1", "--top", "1")
    assert code == 1
    assert "2 open issues, the first 1 of them:" in shown
    assert "2 is more than the 1 allowed." in shown
    tickets("decide", "tickets", "b", "keep", "--reviewer", "Ada")
    assert tickets("issues", "tickets", "--check", "wrong", "--fail-over", "1")[0] == 0


def test_a_gate_does_not_open_when_a_check_failed(tickets: Any) -> None:
    code, shown, _ = tickets("issues", "tickets", "--fail-over", "99")
    assert code == 1
    assert "Failed in the last scan, so that its issues are not known: Broken." in shown


def test_an_unscanned_dataset_has_no_issues_to_count(run: Any, tmp_path: Path) -> None:
    run("load", write(tmp_path / "t.csv", CSV), "--name", "t")
    code, _, error = run("issues", "t", "--fail-over", "0")
    assert code == 2
    assert "has not been scanned" in error


def test_json_is_all_that_is_printed(tickets: Any, tmp_path: Path) -> None:
    def told(*words: object) -> Any:
        code, shown, error = tickets(*words, "--json")
        assert (code, error) == (0, "")
        return json.loads(shown)

    issues = told("issues", "tickets", "--top", "1")
    assert (issues["open"], issues["over"], issues["failed_checks"]) == (3, False, ["broken"])
    assert [(i["subject_id"], i["check_name"], i["suggested_label"]) for i in issues["issues"]] == [("b", "wrong", "z")]
    made = told("decide", "tickets", "a", "relabel", "--to", "y", "--reviewer", "Ada", "--note", "clear")["decision"]
    assert (made["example_id"], made["new_label"], made["note"]) == ("a", "y", "clear")
    assert told("show", "tickets", "a")["verdict"]["decision_id"] == made["decision_id"]
    (dataset,) = told("datasets")["datasets"]
    assert (dataset["name"], dataset["examples"], dataset["flagged"], dataset["flagged_decided"]) == (
        "tickets",
        3,
        2,
        1,
    )
    exported = told("export", "tickets", "-o", tmp_path / "out.csv")
    assert (exported["rows"], exported["relabelled"], len(exported["changes"])) == (3, 1, 1)
    assert (tmp_path / "out.csv").read_text() == CSV.replace("one,x", "one,y")
    assert [c["name"] for c in told("checks")["checks"]] == [check.name for check in all_checks()]
    assert told("findings", "tickets", "-o", tmp_path / "f.parquet")["findings"] == 5
    assert [undo["decision_id"] for undo in told("undo", "tickets", "--reviewer", "Ada")["undone"]] == [
        made["decision_id"]
    ]


def test_findings_are_written_whole_and_never_over_the_source(run: Any, tmp_path: Path, workspace: Path) -> None:
    source = tmp_path / "t.parquet"
    pq.write_table(pa.table({"text": ["one", "two"], "label": ["x", "y"]}), source)
    run("load", source, "--name", "t")
    with Store(workspace / "t") as store:
        scan_by_hand(store)
    before = source.read_bytes()
    assert run("findings", "t", "-o", source)[0] == 2
    assert source.read_bytes() == before
    assert run("findings", "t", "--check", "odd", "-o", tmp_path / "deep" / "odd.parquet")[0] == 0
    assert pq.read_table(tmp_path / "deep" / "odd.parquet").column_names == [
        "check_name", "subject", "subject_id", "severity", "flagged", "suggested_label", "message", "members",
    ]  # fmt: skip
    assert run("findings", "t", "-o", tmp_path / "t.parquet" / "below.parquet")[0] == 2


def test_the_workspace_can_be_named_before_and_after_the_command(run: Any, tmp_path: Path, workspace: Path) -> None:
    path, other = write(tmp_path / "t.csv", CSV), tmp_path / "my other"
    assert run("--workspace", other, "load", path, "--name", "t")[0] == 0
    code, shown, _ = run("datasets", "--workspace", other)
    assert (code, shown.splitlines()[-1]) == (0, f"Next: python -m analysis scan t --workspace '{other}'")
    assert not workspace.exists()
    assert "There is no dataset in" in run("datasets")[1]
    assert run("load", path, "--name", "t")[0] == 0
    assert (workspace / "t").is_dir()


def test_checks_say_what_they_need_and_can_be_set_to(run: Any) -> None:
    _, shown, _ = run("checks")
    _, page, _ = run("checks", "--markdown")
    assert page.startswith("# Checks\n")
    for check in all_checks():
        assert f"{check.name} – {check.title}" in shown
        assert f"\n## {check.title}\n" in page
        assert set(settings_in_words(check)) == set(check.settings), "a setting without words in the docstring"
        for name in check.settings:
            assert f"--set {check.name}.{name}=" in shown
            assert f"| `{check.name}.{name}` |" in page
    assert "signals.map" in page


def test_every_command_of_the_readme_can_be_typed() -> None:
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    listed = {line.split("`")[1].split()[0] for line in readme.splitlines() if line.startswith("| `")}
    modules = (ask_command, commands, coverage_command)
    assert listed <= {name for module in modules for name in vars(module) if name[0] != "_"}
    assert {"load", "scan", "issues", "show", "decide", "export"} <= listed


WORDS = {
    "card_lost": ["I lost my {} card on the train", "Someone stole my {} card", "my {} card is gone, please block it"],
    "refund": ["I want my money back for the {}", "when does the refund for the {} arrive", "refund the {} payment"],
    "top_up": ["How do I add money with {}", "my {} top up is pending", "topping up by {} failed"],
}
THINGS = ["blue", "new", "old", "red", "spare", "shoes", "book", "lamp", "phone", "train", "hotel", "cash", "paypal"]


@pytest.mark.slow
def test_from_file_to_corrected_file(run: Any, tmp_path: Path) -> None:
    chance = random.Random(7)
    rows = [
        (chance.choice(WORDS[label]).format(chance.choice(THINGS)) + f", case {number}", label)
        for number, label in enumerate(list(WORDS) * 19)
    ]
    rows += [("please block my card at once", label) for label in ("card_lost", "card_lost", "top_up")]
    lines = ["message,intent", *(f'"{text}",{label}' for text, label in rows)]
    path = write(tmp_path / "tickets.csv", "\n".join(lines) + "\n")
    assert run("load", path, "--name", "tickets", "--text", "message", "--label", "intent")[0] == 0
    code, shown, progress = run("scan", "tickets", "--set", "signals.map=false")
    assert code == 0, shown
    assert all(check.title in shown for check in all_checks())
    assert "Training the models …" in progress
    issues = json.loads(run("issues", "tickets", "--check", "conflicting_duplicate", "--json")[1])["issues"]
    slip = next(issue for issue in issues if issue["subject_id"] == "r60")
    assert slip["suggested_label"] == "card_lost"
    code, shown, _ = run("show", "tickets", "r60")
    assert code == 0
    assert "please block my card at once" in shown
    assert run("decide", "tickets", "r60", "relabel", "--to", "card_lost", "--reviewer", "Ada")[0] == 0
    assert run("export", "tickets", "-o", tmp_path / "corrected.csv")[0] == 0
    before, after = pd.read_csv(path, dtype=str), pd.read_csv(tmp_path / "corrected.csv", dtype=str)
    changed = before.compare(after)
    assert changed.size == 2  # one cell, before and after
    assert changed.loc[59, ("intent", "other")] == "card_lost"
