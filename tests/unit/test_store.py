import json
import threading
import uuid
from pathlib import Path

import duckdb
import pytest

from analysis.errors import DatasetBusy, NoSuchThing, NotSaved, UserError
from analysis.schema import MIGRATIONS, Decision, Undo
from analysis.store import Store, database, dataset_names, open_store
from tests.conftest import MakeDecision, fill


def undo(decision_id: str) -> Undo:
    return Undo(str(uuid.uuid4()), decision_id, "Ada", "2026-01-01T00:00:00+00:00")


def verdicts(store: Store) -> list[tuple[str, str, str | None]]:
    return store.rows("SELECT example_id, action, new_label FROM verdicts ORDER BY example_id")


def test_the_latest_decision_is_the_verdict_and_an_undo_brings_back_the_one_before(
    store: Store, make_decision: MakeDecision
) -> None:
    first, second = make_decision(), make_decision(action="relabel", new_label="y")
    store.record([first])
    store.record([second])
    assert verdicts(store) == [("a", "relabel", "y")]
    store.record([undo(second.decision_id)])
    assert verdicts(store) == [("a", "keep", None)]
    store.record([make_decision(action="reopen")])
    assert verdicts(store) == []


def test_recording_the_same_act_again_changes_nothing(store: Store, make_decision: MakeDecision) -> None:
    decision = make_decision()
    store.record([decision])
    store.record([decision])
    assert store.value("SELECT count(*) FROM decisions") == 1


def test_a_decision_about_another_text_does_not_count(store: Store, make_decision: MakeDecision) -> None:
    store.record([make_decision()])
    with store.transaction() as transaction:
        transaction.execute("UPDATE examples SET content_hash = 'other' WHERE example_id = 'a'")
    assert verdicts(store) == []


@pytest.mark.parametrize("acts", [3, 500])
def test_a_lost_database_is_rebuilt_from_the_journal(tmp_path: Path, make_decision: MakeDecision, acts: int) -> None:
    folder = tmp_path / "lost"
    with Store(folder) as store:
        fill(store)
        decisions = [make_decision() for _ in range(acts)]
        store.record(decisions)
        store.record([undo(decisions[-1].decision_id)])
    (folder / "data.duckdb").unlink()
    with Store(folder) as store:
        rows = store.rows("SELECT sequence, decision_id FROM decisions ORDER BY sequence")
        assert rows == [(number, decision.decision_id) for number, decision in enumerate(decisions, start=1)]
        assert store.rows("SELECT sequence, decision_id FROM undos") == [(acts + 1, decisions[-1].decision_id)]


def test_a_journal_line_that_cannot_be_read_is_reported(tmp_path: Path, make_decision: MakeDecision) -> None:
    folder = tmp_path / "torn"
    with Store(folder) as store:
        store.record([make_decision()])
    with (folder / "journal.jsonl").open("ab") as file:
        file.write(b'{"kind": "decision", "decis')
    with Store(folder) as store:
        assert store.unreadable_lines == [2]
        assert store.value("SELECT count(*) FROM decisions") == 1


def test_a_second_opener_is_told_who_has_it(store: Store) -> None:
    with pytest.raises(DatasetBusy, match=r"PID \d+"):
        Store(store.folder)


def test_a_closed_dataset_can_be_opened_again(tmp_path: Path) -> None:
    first = Store(tmp_path / "again")
    first.close()
    first.close()
    Store(tmp_path / "again").close()


def test_an_unknown_dataset_is_named_with_those_that_exist(store: Store) -> None:
    workspace = store.folder.parent
    assert dataset_names(workspace) == ["tiny"]
    with pytest.raises(NoSuchThing, match="'tyni'") as error:
        open_store(workspace, "tyni")
    assert "tiny" in error.value.hint


class StreamlitStop(BaseException):
    """Streamlit breaks off a run with an exception that is not an Exception."""


def test_a_broken_off_transaction_leaves_nothing(store: Store) -> None:
    version = store.version
    with pytest.raises(StreamlitStop), store.transaction() as transaction:
        transaction.execute("DELETE FROM examples")
        raise StreamlitStop
    assert store.value("SELECT count(*) FROM examples") == 3
    assert store.version == version


def test_every_write_changes_the_version(store: Store, make_decision: MakeDecision) -> None:
    before = store.version
    store.record([make_decision()])
    between = store.version
    with store.transaction() as transaction:
        transaction.set_meta("key", "value")
    assert len({before, between, store.version}) == 3


def test_what_is_derived_is_worked_out_once_for_each_state(store: Store, make_decision: MakeDecision) -> None:
    made: list[str] = []

    def make() -> int:
        made.append("once more")
        return len(made)

    def of_data() -> int:
        return store.derived(store.data_version, "count", make)

    assert (of_data(), of_data(), store.derived(store.data_version, "other", make)) == (1, 1, 2)
    store.record([make_decision()])
    assert (of_data(), store.derived(store.version, "count", make)) == (1, 3)
    with store.transaction() as transaction:
        transaction.set_meta("key", "value")
    assert of_data() == 4


def test_only_the_latest_derived_answers_are_kept(store: Store) -> None:
    made = [store.derived("state", number, lambda number=number: [number]) for number in range(100)]
    assert store.derived("state", 99, list) is made[99]
    assert store.derived("state", 0, list) == []


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "COPY examples TO 'stolen.csv'",
        "ATTACH 'other.duckdb'",
        "SET memory_limit = '90GB'",
        "INSTALL httpfs",
    ],
)
def test_the_database_reaches_nothing_outside(store: Store, query: str) -> None:
    with pytest.raises(duckdb.Error):
        store.rows(query)


def test_threads_read_their_own_rows(store: Store) -> None:
    wrong: list[object] = []

    def read(mine: int) -> None:
        wrong.extend(got for _ in range(50) if (got := store.value("SELECT ?::INTEGER", [mine])) != mine)

    threads = [threading.Thread(target=read, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.slow
def test_twenty_threads_lose_no_decision(store: Store, make_decision: MakeDecision) -> None:
    def decide() -> None:
        for _ in range(20):
            store.record([make_decision()])

    threads = [threading.Thread(target=decide) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.rows("SELECT count(*), count(DISTINCT sequence), max(sequence) FROM decisions") == [(400, 400, 400)]


def test_tables_that_could_not_follow_the_journal_catch_up_with_the_next_decision(
    store: Store, make_decision: MakeDecision, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise duckdb.IOException("No space left on device")

    first, second = make_decision(), make_decision()
    monkeypatch.setattr(store, "_insert_acts", refuse)
    with pytest.raises(UserError, match="Saved in the journal"):
        store.record([first])
    with pytest.raises(NotSaved):
        store.record([second])
    monkeypatch.undo()
    store.record([second])
    rows = store.rows("SELECT decision_id FROM decisions ORDER BY sequence")
    assert rows == [(first.decision_id,), (second.decision_id,)]


def test_a_decision_that_a_later_plumbline_took_is_set_aside_and_the_others_count(
    tmp_path: Path, make_decision: MakeDecision
) -> None:
    folder = tmp_path / "later"
    with Store(folder) as store:
        fill(store)
        store.record([make_decision("a", "drop")])
    journal = folder / "journal.jsonl"
    later = json.loads(journal.read_text()) | {"decision_id": "x", "action": "split in two"}
    journal.write_text(journal.read_text() + json.dumps(later) + "\n")
    with Store(folder) as store:
        assert (store.unknown_lines, store.unreadable_lines) == ([2], [])
        assert store.rows("SELECT action FROM decisions") == [("drop",)]


def test_decisions_of_before_there_were_several_labels_stay(tmp_path: Path, make_decision: MakeDecision) -> None:
    decision = make_decision("a", "relabel", "y")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "MIGRATIONS", [step for step in MIGRATIONS if step.__name__ < "m004"])
        (tmp_path / "old").mkdir()
        old = database.Database(tmp_path / "old")
        with old.transaction() as transaction:
            transaction.execute(
                "INSERT INTO decisions VALUES (?, 1, 'a', ?, 'relabel', 'y', NULL, 'Ada', '', NULL, ?, NULL, NULL)",
                [decision.decision_id, decision.content_hash, decision.decided_at],
            )
        old.disconnect()
    with Store(tmp_path / "old") as store:
        fill(store)
        assert store.rows("SELECT decision_id, new_label, labels FROM verdicts") == [(decision.decision_id, "y", None)]


@pytest.mark.parametrize("number", [3, 300])
def test_several_labels_come_back_from_the_journal(tmp_path: Path, number: int) -> None:
    """Few acts and many are written in two ways."""
    folder = tmp_path / "many"
    labels = [("x", "ä", '"'), (), ("y", "z")]
    acts = [
        Decision(
            f"d{n}", "a", "h", "several" if labels[n % 3] else "drop", None, "Ada", "2026-01-01", labels=labels[n % 3]
        )
        for n in range(number)
    ]
    with Store(folder) as store:
        store.record(acts)
        before = store.rows("SELECT decision_id, labels FROM decisions ORDER BY sequence")
    (folder / "data.duckdb").unlink()
    with Store(folder) as store:
        assert store.rows("SELECT decision_id, labels FROM decisions ORDER BY sequence") == before
    assert [tuple(found) for _, found in before] == [labels[n % 3] for n in range(number)]
