from pathlib import Path

import pytest

from analysis.store import Store
from tests.faults.killing import kill_rounds

pytestmark = pytest.mark.slow


def test_no_acknowledged_decision_is_lost_or_doubled_by_a_kill(tmp_path: Path) -> None:
    Store(tmp_path / "killed").close()
    rounds = list(kill_rounds(tmp_path / "killed", rounds=5, seed=7))
    assert rounds[-1].acknowledged > 20
    assert [(r.lost, r.duplicated) for r in rounds] == [(0, 0)] * 5
