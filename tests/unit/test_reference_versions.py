"""What a dataset said before its data were replaced stays as a reference set, whole or not at all, of two versions."""

import json
import os
from pathlib import Path
from typing import BinaryIO

import pytest

from analysis.errors import DatasetBusy, UserError
from analysis.load import references as sets
from analysis.load import save
from analysis.load.save import LoadReport, load_file
from analysis.queries import coverage_drift, coverage_reference
from analysis.signals.embed import embed
from analysis.store import DATABASE, Store

pytestmark = pytest.mark.slow


def loaded(tmp_path: Path, word: str, *, rows: int = 30, label: str = "x") -> LoadReport:
    """The dataset "tickets", of this many texts about one word."""
    path = tmp_path / "tickets.csv"
    lines = [f"{word} number {i},{label if i % 3 else ''}" for i in range(rows)]
    path.write_text("\n".join(["message,label", *lines]) + "\n", encoding="utf-8")
    return load_file(tmp_path / "ws", path, name="tickets", replace=True)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each dataset is loaded a minute after the last one."""
    minutes = iter(range(60))
    facts = save._facts
    monkeypatch.setattr(
        save, "_facts", lambda *given: {**facts(*given), "loaded_at": f"2026-03-01T10:{next(minutes):02d}:07+00:00"}
    )


def kept(tmp_path: Path) -> list[str]:
    return sets.names(tmp_path / "ws" / "tickets")


def test_the_version_before_is_offered_with_its_texts_and_labels(tmp_path: Path) -> None:
    assert loaded(tmp_path, "parcel").notices == ()
    assert kept(tmp_path) == []
    report = loaded(tmp_path, "refund")
    assert "version-2026-03-01-100007" in report.notices[0]
    with Store(tmp_path / "ws" / "tickets") as store:
        (version,) = coverage_reference.versions(store)
        assert version.title == "the version of 2026-03-01, 10:00"
        assert version in coverage_reference.references(store)
        found = coverage_reference.kept(store, "version-2026-03-01-100007")
    assert found.texts == tuple(f"parcel number {i}" for i in range(30))
    assert found.labels == tuple("x" if i % 3 else None for i in range(30))
    assert found.of == 30


def test_only_the_newest_two_versions_stay_and_sets_of_others_are_not_touched(tmp_path: Path) -> None:
    loaded(tmp_path, "first")
    with Store(tmp_path / "ws" / "tickets") as store:
        key = coverage_reference.keep(store, "version-2020-01-01-000000", [f"t{i}" for i in range(20)])
    assert key == "kept=set-version-2020-01-01-000000"
    for word in ("second", "third", "fourth"):
        loaded(tmp_path, word)
    assert kept(tmp_path) == [
        "set-version-2020-01-01-000000",
        "version-2026-03-01-100107",
        "version-2026-03-01-100207",
    ]
    with Store(tmp_path / "ws" / "tickets") as store:
        titles = [one.title for one in coverage_reference.versions(store)]
    assert titles == ["the version of 2026-03-01, 10:02", "the version of 2026-03-01, 10:01"]


def test_two_versions_of_one_second_are_kept_apart_and_the_later_one_stays(tmp_path: Path) -> None:
    loaded(tmp_path, "any")
    folder = tmp_path / "ws" / "tickets"
    texts = [[f"{word} {i}" for i in range(20)] for word in ("one", "two", "three")]
    found = [sets.put(folder, "version-2026-03-01-100007", some, [None] * 20) for some in texts]
    assert [name for name, _ in found] == ["version-2026-03-01-100007" + end for end in ("", "-2", "-3")]
    sets.drop_old_versions(folder)
    assert kept(tmp_path) == ["version-2026-03-01-100007-2", "version-2026-03-01-100007-3"]


def test_the_same_file_again_is_no_new_version_but_other_roles_are(tmp_path: Path) -> None:
    loaded(tmp_path, "parcel")
    assert loaded(tmp_path, "parcel").notices == ()
    assert kept(tmp_path) == []
    loaded(tmp_path, "parcel", label="y")
    assert kept(tmp_path) == ["version-2026-03-01-100107"]


def test_too_few_texts_are_not_kept_and_that_is_said(tmp_path: Path) -> None:
    loaded(tmp_path, "parcel", rows=19)
    assert "fewer than 20 texts" in loaded(tmp_path, "refund").notices[0]
    assert kept(tmp_path) == []


def test_of_many_texts_a_sample_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sets, "MOST", 25)
    loaded(tmp_path, "parcel", rows=40)
    loaded(tmp_path, "refund")
    found = sets.read(tmp_path / "ws" / "tickets", "version-2026-03-01-100007")
    assert (len(found.texts), found.of) == (25, 40)


def test_a_disk_that_refuses_the_version_leaves_everything_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded(tmp_path, "parcel")
    with monkeypatch.context() as patch:
        patch.setattr(sets.pq, "write_table", _full)
        with pytest.raises(UserError, match="could not be kept: No space left"):
            loaded(tmp_path, "refund")
    assert kept(tmp_path) == []
    assert not list((tmp_path / "ws" / "tickets" / "reference").iterdir()), "no half of a file is left"
    with Store(tmp_path / "ws" / "tickets") as store:
        assert store.value("SELECT min(text) FROM examples") == "parcel number 0"


def test_a_load_that_dies_after_keeping_the_version_can_be_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded(tmp_path, "parcel")
    with monkeypatch.context() as patch:
        patch.setattr(save, "_move_into_place", _dies)
        with pytest.raises(KeyboardInterrupt):
            loaded(tmp_path, "refund")
    with Store(tmp_path / "ws" / "tickets") as store:
        assert store.value("SELECT min(text) FROM examples") == "parcel number 0"
    loaded(tmp_path, "refund")
    assert kept(tmp_path) == ["version-2026-03-01-100007"], "the same version is not kept twice"


def test_a_damaged_dataset_can_still_be_replaced(tmp_path: Path) -> None:
    loaded(tmp_path, "parcel")
    (tmp_path / "ws" / "tickets" / DATABASE).write_bytes(b"no database" * 1000)
    assert "could not be read" in loaded(tmp_path, "refund").notices[0]
    with Store(tmp_path / "ws" / "tickets") as store:
        assert store.value("SELECT min(text) FROM examples") == "refund number 0"
    assert kept(tmp_path) == []


def test_a_dataset_that_is_open_elsewhere_is_left_alone(tmp_path: Path) -> None:
    loaded(tmp_path, "parcel")
    with Store(tmp_path / "ws" / "tickets"), pytest.raises(DatasetBusy):
        loaded(tmp_path, "refund")
    assert kept(tmp_path) == []


def test_half_written_files_of_another_day_are_cleared_away(tmp_path: Path) -> None:
    loaded(tmp_path, "parcel")
    loaded(tmp_path, "refund")
    folder = tmp_path / "ws" / "tickets" / "reference"
    for name, age in ((".old", 2 * 86_400), (".new", 0)):
        (folder / name).write_bytes(b"half")
        moment = (folder / name).stat().st_mtime - age
        os.utime(folder / name, (moment, moment))
    loaded(tmp_path, "invoice")
    assert sorted(path.name for path in folder.glob(".*")) == [".new"]


def test_what_changed_can_be_asked_against_the_version_before(tmp_path: Path) -> None:
    """New words and gone ones are those of the two files; every text has a vector by hand."""
    loaded(tmp_path, "parcel", rows=120)
    loaded(tmp_path, "refund", rows=120)
    with Store(tmp_path / "ws" / "tickets") as store:
        _with_vectors(store)
        (version,) = coverage_reference.versions(store)
        found = coverage_drift.shift(store, version.key)
    changes = {name: change for kind, name, change in found.changes[["kind", "name", "change"]].to_numpy().tolist()}
    assert (changes["parcel"], changes["refund"]) == ("gone", "new"), "since the version before"


def _with_vectors(store: Store) -> None:
    rows = store.frame("SELECT example_id, text FROM examples ORDER BY row_number")
    made = embed(rows["text"].tolist())
    with store.transaction() as transaction:
        transaction.insert("vectors", rows[["example_id"]].assign(vector=list(made.values), x=0.0, y=0.0))
        transaction.set_meta("signal.vectors.detail", json.dumps({"model": made.model}))


def _full(_: object, file: BinaryIO) -> None:
    file.write(b"half a table")
    raise OSError(28, "No space left on device")


def _dies(*_: object, **__: object) -> None:
    raise KeyboardInterrupt
