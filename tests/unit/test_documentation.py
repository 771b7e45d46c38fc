"""What the documentation says about the program is so."""

import re
from pathlib import Path

import pytest

from analysis.__main__ import main
from analysis.checks import all_checks
from analysis.report.checks import checks_markdown

PROJECT = Path(__file__).parents[2]
PAGES = sorted([*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md")])


def _text(name: str) -> str:
    return (PROJECT / name).read_text(encoding="utf-8")


def test_the_page_of_checks_is_the_one_that_make_docs_prints() -> None:
    assert _text("docs/checks.md").splitlines() == checks_markdown(all_checks())


def test_the_readme_lists_the_commands_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--help"])
    told = set(re.findall(r"^    ([a-z]+) ", capsys.readouterr().out, re.MULTILINE))
    assert set(re.findall(r"^\| `([a-z]+)", _text("README.md"), re.MULTILINE)) == told


def test_every_option_that_the_readme_names_exists(capsys: pytest.CaptureFixture[str]) -> None:
    for command, rest in re.findall(r"^\| `([a-z]+)(.*)$", _text("README.md"), re.MULTILINE):
        main([command, "--help"])
        known = set(re.findall(r"--[a-z-]+", capsys.readouterr().out))
        assert set(re.findall(r"--[a-z-]+", rest)) <= known, command


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        assert target.startswith("http") or (page.parent / target).exists(), target


def test_the_architecture_names_every_module_of_the_package_and_no_other() -> None:
    named = set(re.findall(r"^\| `analysis/([a-z_]+)(?:/|\.py)` \|", _text("docs/architecture.md"), re.MULTILINE))
    there = {path.stem for path in (PROJECT / "analysis").glob("*.py")} - {"__init__"}
    there |= {path.parent.name for path in (PROJECT / "analysis").glob("*/__init__.py")}
    assert named == there


def test_the_architecture_names_every_signal_and_no_other() -> None:
    table = _text("docs/architecture.md").split("module of `analysis/signals/`")[1].split("\n\n")[0]
    there = {path.name for path in (PROJECT / "analysis" / "signals").glob("*.py")} - {"__init__.py"}
    assert set(re.findall(r"`([a-z_]+\.py)`", table)) == there
