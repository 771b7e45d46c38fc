"""What a dataset can be compared with: its own parts, and reference sets that stay beside it."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import BadFile, BadRoles, NoSuchThing, NotReady, UserError
from analysis.load.read import read_file
from analysis.load.references import MOST
from analysis.load.save import load_file
from analysis.queries import coverage_reference as references
from analysis.store import Store

pytestmark = pytest.mark.slow

MONTHS = ["2026-01", "2026-02", "2026-03"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """90 examples, 30 a month, in two splits; the text is called message."""
    path = tmp_path / "tickets.csv"
    rows = [f"{MONTHS[i // 30]}-{i % 28 + 1:02d},{'test' if i % 3 == 0 else 'train'},text {i},x" for i in range(90)]
    path.write_text("\n".join(["date,split,message,label", *rows]) + "\n", encoding="utf-8")
    load_file(tmp_path / "ws", path, name="tickets")
    with Store(tmp_path / "ws" / "tickets") as opened:
        yield opened


def test_its_own_parts_come_first_each_with_a_title(store: Store) -> None:
    references.keep(store, "traffic", [f"visit {i}" for i in range(20)])
    found = {one.key: one.title for one in references.references(store)}
    assert found == {
        "split": "the test split",
        "later": "the later half of the data",
        "split=test": "the split test",
        "split=train": "the split train",
        "kept=traffic": "the reference traffic",
    }
    assert references.periods(store) == tuple(MONTHS)


@pytest.mark.parametrize(
    ("key", "theirs"),
    [
        ("split", [i for i in range(90) if i % 3 == 0]),
        ("split=train", [i for i in range(90) if i % 3]),
        ("dates=2026-02..2026-02", list(range(30, 60))),
        ("dates=2026-01..2026-02", list(range(60))),
        ("dates=2026..2026-01-02", [0, 1, 28, 29]),
    ],
)
def test_a_part_stands_against_the_rest(store: Store, key: str, theirs: list[int]) -> None:
    rows = store.frame("SELECT split, happened_at FROM examples ORDER BY row_number")
    ours, reference = references.parts(key, rows["split"], rows["happened_at"])
    assert np.flatnonzero(reference).tolist() == theirs
    assert np.flatnonzero(ours).tolist() == sorted(set(range(90)) - set(theirs))


@pytest.mark.parametrize("key", ["dates=2027..2027", "dates=2026..2026", "split=nowhere"])
def test_a_part_that_is_nothing_or_everything_is_said_in_a_sentence(store: Store, key: str) -> None:
    rows = store.frame("SELECT split, happened_at FROM examples")
    with pytest.raises(NotReady, match=r"\.$"):
        references.parts(key, rows["split"], rows["happened_at"])


@pytest.mark.parametrize(
    "key", ["", "x", "split=", "kept=", "dates=", "dates=2026", "dates=a..b", "dates=2026-1..2027"]
)
def test_a_text_that_means_nothing_is_refused(key: str) -> None:
    with pytest.raises(NoSuchThing, match=r"to compare with\.$"):
        references.described(key)


def test_blank_texts_are_no_reference(store: Store) -> None:
    key = references.keep(store, "../a b (2).csv", [None, " ", *(f"t{i}" for i in range(20))])
    assert key == "kept=a-b-2"
    assert references.kept(store, "a-b-2").texts == tuple(f"t{i}" for i in range(20))
    with pytest.raises(BadFile, match="has 19 texts"):
        references.keep(store, "few", ["", *(f"t{i}" for i in range(19))])
    assert references.kept_names(store) == ["a-b-2"]


@pytest.mark.parametrize("names", [("数据", "测试"), ("visits", "visits"), ("con", "CON"), ("a" * 200, "a" * 200)])
def test_no_reference_set_takes_the_place_of_another(store: Store, names: tuple[str, str]) -> None:
    texts = [[f"{which} {i}" for i in range(20)] for which in ("one", "two")]
    keys = [references.keep(store, name, some) for name, some in zip(names, texts, strict=True)]
    version = store.version
    again = [references.keep(store, name, some) for name, some in zip(names, texts, strict=True)]
    assert again == keys, "the same texts are not kept twice"
    assert store.version == version
    assert len(references.kept_names(store)) == 2
    assert [list(references.kept(store, key.removeprefix("kept=")).texts) for key in keys] == texts
    assert not {"con", "nul"} & {name.casefold() for name in references.kept_names(store)}


def test_a_disk_that_refuses_is_said_in_a_sentence(store: Store) -> None:
    (store.folder / "reference").write_text("no folder", encoding="utf-8")
    with pytest.raises(UserError, match="could not be kept"):
        references.keep(store, "traffic", [f"t{i}" for i in range(20)])
    (store.folder / "reference").unlink()
    (store.folder / "reference" / "odd.parquet").mkdir(parents=True)
    with pytest.raises(UserError, match="could not be removed"):
        references.remove(store, "odd")


def test_of_many_texts_the_same_sample_is_kept_each_time(store: Store) -> None:
    texts = [f"t{i}" for i in range(MOST + 500)]
    references.keep(store, "one", texts)
    references.keep(store, "two", texts)
    one, two = references.kept(store, "one"), references.kept(store, "two")
    assert one == two
    assert (len(one.texts), one.of) == (MOST, MOST + 500)
    assert set(one.texts) < set(texts)


def test_a_kept_one_can_be_taken_away(store: Store) -> None:
    references.keep(store, "traffic", [f"t{i}" for i in range(20)])
    version = store.version
    references.remove(store, "traffic")
    assert references.kept_names(store) == []
    assert store.version != version, "what was cached is asked again"
    for ask in (references.remove, references.kept):
        with pytest.raises(NoSuchThing, match="no reference set"):
            ask(store, "traffic")


def test_columns_called_as_the_datasets_own_are_the_text(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "visits.csv"
    pd.DataFrame(
        {"body": ["a much longer text than the other one"] * 30, "message": [f"m{i}" for i in range(30)]}
    ).to_csv(path, index=False)
    found = read_file(path)
    assert references.text_columns(store, found) == (1,)
    references.keep_file(store, "visits", found, (1,))
    assert references.kept(store, "visits").texts == tuple(f"m{i}" for i in range(30))
    references.keep_file(store, "both", found, (1, 0))
    assert references.kept(store, "both").texts[0] == "m0\na much longer text than the other one"
    with pytest.raises(BadRoles, match="No text column"):
        references.keep_file(store, "none", found, ())


def test_reference_sets_stay_when_the_data_is_replaced(store: Store, tmp_path: Path) -> None:
    references.keep(store, "traffic", [f"t{i}" for i in range(20)])
    store.close()
    load_file(tmp_path / "ws", tmp_path / "tickets.csv", name="tickets", replace=True)
    with Store(tmp_path / "ws" / "tickets") as again:
        assert references.kept_names(again) == ["traffic"]


def test_another_datasets_labels_come_along(store: Store, tmp_path: Path) -> None:
    with Store(tmp_path / "ws" / "other") as other:
        rows = {
            "example_id": [f"o{i}" for i in range(30)],
            "row_number": range(30),
            "text": [f"t{i}" for i in range(30)],
        }
        with other.transaction() as transaction:
            labels = ["y"] * 29 + [None]
            transaction.insert("examples", pd.DataFrame(rows).assign(label=labels, split=None, content_hash=""))
        assert references.keep_dataset(store, other) == "kept=other"
    assert references.kept(store, "other").labels == ("y",) * 29 + (None,)
