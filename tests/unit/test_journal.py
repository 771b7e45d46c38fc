import json
import os
from pathlib import Path

import pytest

from analysis.errors import NotSaved
from analysis.journal import Journal


def test_acts_come_back_in_order_with_their_line_numbers(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    assert journal.append([{"a": "ä\nb"}, {"a": 2}]) == 1
    assert journal.append([{"a": 3}]) == 3
    journal.close()
    again = Journal(tmp_path / "journal.jsonl")
    assert [(line.number, line.act) for line in again.lines()] == [
        (1, {"a": "ä\nb"}),
        (2, {"a": 2}),
        (3, {"a": 3}),
    ]
    assert again.append([{"a": 4}]) == 4
    again.close()


@pytest.mark.parametrize("torn", [b'{"a": 1, "b', b"\xff\xfe", b"[1]"])
def test_a_torn_line_is_reported_and_does_not_swallow_the_next_act(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b'{"a": 1}\n' + torn)
    journal = Journal(path)
    assert journal.append([{"a": 2}]) == 3
    assert [line.act for line in journal.lines()] == [{"a": 1}, None, {"a": 2}]
    journal.close()


def test_a_refused_write_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    journal.append([{"a": 1}])
    write = os.write

    def half_then_full(descriptor: int, data: bytes) -> int:
        if len(data) < 10:
            raise OSError(28, "No space left on device")
        return write(descriptor, data[: len(data) // 2])

    monkeypatch.setattr(os, "write", half_then_full)
    with pytest.raises(NotSaved, match="No space left"):
        journal.append([{"a": "x" * 100}])
    monkeypatch.undo()
    assert journal.append([{"a": 2}]) == 2
    assert [json.loads(line) for line in journal.path.read_text().splitlines()] == [{"a": 1}, {"a": 2}]
    journal.close()
