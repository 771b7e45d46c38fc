"""Every hostile file comes to what it must come to, at a small price, without harm and without a trace."""

import tempfile
from pathlib import Path

import pytest

from analysis.load.options import Limits, ReadOptions
from analysis.load.parse import parse
from analysis.load.table import read_parts
from tests.hostile.corpus import CASES, attempt, write
from tests.hostile.expect import Case, Loads
from tests.hostile.objects import TRAP

pytestmark = pytest.mark.slow

resource = pytest.importorskip("resource", reason="no limits on processes here: only the wall clock protects")

_GIGABYTE_IN_KB = 1024 * 1024


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_hostile_file(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch, place = tmp_path / "scratch", tmp_path / "place"
    scratch.mkdir()
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    monkeypatch.chdir(place)
    path = write(case, tmp_path)
    before = path.read_bytes() if path.stat().st_size < 1_000_000 else b""

    worked = _computing()
    outcome = attempt(path)
    worked = _computing() - worked

    assert case.expect.differences(outcome) == []
    assert worked < 10
    assert list(scratch.iterdir()) == [], "something was left behind"
    assert list(place.iterdir()) == [], "something was written outside"
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([path.name, "scratch", "place"])
    assert not Path(TRAP).exists()
    assert before in (b"", path.read_bytes())
    if case.bomb:  # the highest of all children so far, this one included
        assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < _GIGABYTE_IN_KB


def _computing() -> float:
    """Seconds of computing of all children that have ended; waiting for a busy machine does not count."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.parametrize("case", [case for case in CASES if isinstance(case.expect, Loads)], ids=lambda case: case.id)
def test_the_options_that_were_used_read_it_again(case: Case, tmp_path: Path) -> None:
    """What was found out is kept with the dataset: read with it, the file gives the same table and asks nothing."""
    path = write(case, tmp_path)
    first = parse([path], ReadOptions(), Limits(), tmp_path, lambda share: None)
    cells = read_parts(tmp_path, first.parts, len(first.columns), mapped=False)
    again = parse([path], first.findings.options, Limits(), tmp_path, lambda share: None)
    assert again.columns == first.columns
    assert again.findings.options == first.findings.options
    assert again.findings.questions == []
    assert read_parts(tmp_path, again.parts, len(again.columns), mapped=False).equals(cells)


def test_the_whole_table_is_there() -> None:
    wanted = (
        [f"c{i:02}" for i in range(1, 56)]
        + [f"j{i:02}" for i in range(1, 18)]
        + [f"p{i:02}" for i in range(1, 13)]
        + [f"x{i:02}" for i in range(1, 12)]
        + [f"z{i:02}" for i in range(1, 19)]
        + [f"k{i:02}" for i in range(1, 6)]
        + ["g01", "g02"]
    )
    assert set(wanted) <= {case.id for case in CASES}


def test_the_corpus_is_the_same_every_time() -> None:
    small = [case for case in CASES if not case.bomb and case.id not in ("c30", "c43", "p12", "c09")]
    assert all(case.make() == case.make() for case in small)
