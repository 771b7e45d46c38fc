"""The shape of the code, held by a test: who may import whom, what a file may be, what a page may not do."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis.checks import all_checks

PROJECT = Path(__file__).parents[1]
READING_ORDER = (
    "errors < schema < journal < store < load < signals < people < coverage < checks < scan < queries < review < prove "
    "< figures < export < report < __main__"
)
ORDER = READING_ORDER.split(" < ")
SLOW = {"sklearn", "umap", "cleanlab", "wordllama", "openpyxl", "xlsxwriter", "sentence_transformers"}
JUNK = {"utils", "helpers", "common", "base", "constants", "misc", "manager", "service", "factory"}
FORBIDDEN = {"st.html", "st.table", "st.image", "st.iframe", "st.link_button", "st.exception"}
FILES = [PROJECT / "app.py", *(p for folder in ("analysis", "ui", "pages") for p in (PROJECT / folder).rglob("*.py"))]
PAGES = [path for path in FILES if path.parent.name == "pages"]


def _name(path: Path) -> str:
    return str(path.relative_to(PROJECT))


def _imports(tree: ast.AST, *, at_start: bool = False) -> Iterator[str]:
    """Every imported module, dotted; `at_start` leaves out those inside functions and under TYPE_CHECKING."""
    nodes = ast.iter_child_nodes(tree) if at_start else ast.walk(tree)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_a_file_keeps_to_its_place(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    tree, layer = ast.parse(source), path.relative_to(PROJECT).parts[0]
    roots = {name.split(".")[0] for name in _imports(tree)}
    assert "streamlit" not in roots or layer != "analysis"
    assert "duckdb" not in roots or _name(path).startswith("analysis/store")
    assert not roots & {"analysis": {"ui", "pages", "app"}, "ui": {"pages", "app"}}.get(layer, {"app"})
    assert not {name.split(".")[0] for name in _imports(tree, at_start=True)} & SLOW, "a slow import at the start"
    assert path.stem not in JUNK
    assert len(source.splitlines()) <= {"app.py": 40, "pages": 80}.get(layer, 330)


@pytest.mark.parametrize("path", [p for p in FILES if p.is_relative_to(PROJECT / "analysis")], ids=_name)
def test_analysis_reads_in_one_direction(path: Path) -> None:
    own = path.relative_to(PROJECT / "analysis").parts[0].removesuffix(".py")
    if own == "__init__":
        return
    for name in _imports(ast.parse(path.read_text(encoding="utf-8"))):
        if name.startswith("analysis.") and name != "analysis.__version__":
            assert ORDER.index(name.split(".")[1]) <= ORDER.index(own), name
            if own == "checks":
                assert name.split(".")[1] in {"checks", "people", "coverage", "errors", "schema", "signals"}, name


@pytest.mark.parametrize("path", [p for p in FILES if "analysis" not in p.parts], ids=_name)
def test_pages_show_data_in_inert_places_only(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in FORBIDDEN, f"line {node.lineno}: {called}"
            assert not called.endswith(("ImageColumn", "LinkColumn")), f"line {node.lineno}: {called}"
            assert not {keyword.arg for keyword in node.keywords} & {"unsafe_allow_html", "unsafe_allow_javascript"}


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_a_page_only_arranges(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Try | ast.ClassDef)]
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    assert not [text for text in texts if "SELECT " in text or "session_state" in text]


@pytest.mark.parametrize(
    "path", [p for p in FILES if _name(p).startswith(("pages", "ui", "analysis/queries", "app"))], ids=_name
)
def test_nothing_but_a_check_names_a_check(path: Path) -> None:
    names = {check.name for check in all_checks()}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        assert not (isinstance(node, ast.Constant) and node.value in names), f"line {node.lineno}"


@pytest.mark.parametrize(
    "path", [p for p in FILES if _name(p) != "ui/session.py" and "analysis" not in p.parts], ids=_name
)
def test_state_url_and_caches_have_one_home(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            assert node.attr not in {"session_state", "query_params", "cache_data", "cache_resource"}, node.lineno
