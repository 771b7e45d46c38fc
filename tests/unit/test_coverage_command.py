"""`coverage` on the command line: the four sections, a reference from a file or a dataset, JSON, the plan as CSV."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from analysis.__main__ import main
from analysis.report.coverage import percent
from analysis.store import Store

pytestmark = pytest.mark.slow

Result = tuple[int, str, str]
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line, on a dataset of 60 cards and 60 parcels in training and of 40 refunds more in test."""
    monkeypatch.setenv("PLUMBLINE_WORKSPACE", str(tmp_path / "ws"))
    monkeypatch.setenv("COLUMNS", "100")
    kind = np.repeat([0, 1, 2], [60, 60, 40])
    names = np.array(["card", "parcel", "refund"])[kind]
    vectors = np.eye(8)[kind] + np.random.default_rng(1).normal(0, 0.05, (160, 8))
    ids = [f"e{i}" for i in range(160)]
    rows = {"example_id": ids, "row_number": range(160), "text": [f"my {name} is late" for name in names]}
    split = ["test" if k == 2 or i % 2 else "train" for i, k in enumerate(kind)]
    places = {"example_id": ids, "vector": vectors.astype(np.float32).tolist(), "x": vectors[:, 0], "y": vectors[:, 1]}
    with Store(tmp_path / "ws" / "tickets") as store, store.transaction() as transaction:
        transaction.insert("examples", pd.DataFrame(rows).assign(label=names, split=split, content_hash=ids))
        transaction.insert("vectors", pa.table(places))
        transaction.set_meta("signal.vectors.detail", '{"model": "static"}')

    def typed(*words: object) -> Result:
        code = main([str(word) for word in words])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return typed


def test_the_four_sections_are_told(run: Run) -> None:
    code, shown, _ = run("coverage", "tickets", "--budget", 40)
    assert code == 0
    flat = " ".join(shown.split())
    assert "1 region is thinner in our training examples than in the test split, 1 of them nearly empty" in flat
    assert "40 % (31 % to 50 %) of the test split lands where we have 0 % (0 % to 6.0 %) of ours: 40 of 100" in flat
    assert "Which slices fail?" in flat
    assert "The texts of the test split can be told from ours" in flat
    assert "about 2 chances in 200 that sides without a difference look like this" in flat
    assert "Compared: 100 of the test split and 60 training examples." in flat
    assert "40 more examples in" in flat
    assert flat.endswith("Next: python -m analysis coverage tickets -o plan.csv")


def test_machines_get_the_same_numbers(run: Run) -> None:
    code, shown, progress = run("coverage", "tickets", "--json")
    told = json.loads(shown)
    assert (code, progress) == (0, "")
    assert (told["dataset"], told["reference"], told["budget"]) == ("tickets", "split", 200)
    (region,) = told["thin"]["regions"]
    assert (region["theirs"], region["their_total"], region["ours"], region["our_total"]) == (40, 100, 0, 60)
    assert sum(row["theirs"] for row in told["thin"]["all"]) == 100
    assert {row["name"] for row in told["drift"]["changes"] if row["kind"] == "word"} >= {"refund"}
    assert sum(row["collect"] for row in told["plan"]["regions"]) == 200


def test_the_plan_goes_into_a_file_with_texts(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "out" / "plan.csv"
    code, shown, _ = run("coverage", "tickets", "--budget", 30, "-o", path)
    assert code == 0
    assert f"Wrote {path}" in "".join(shown.splitlines())
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sum(int(row["Collect"]) for row in rows) == 30
    assert "my refund is late" in {text for row in rows for text in row["Texts like these"].splitlines()}
    assert sum(float(row["Of the test split, %"]) for row in rows) > 1, "in percent, as on the page"


def test_a_file_with_a_text_column_is_a_reference(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "visits.txt.csv"
    path.write_text("text\n" + "\n".join(["my refund is late"] * 50), encoding="utf-8")
    code, shown, _ = run("coverage", "tickets", "--reference", path)
    assert code == 0
    flat = " ".join(shown.split())
    assert "of the reference visits " in flat
    assert flat.startswith("A copy of the reference's texts is kept with tickets, for --reference visits and the app.")
    assert "A copy" not in run("coverage", "tickets", "--reference", path)[1], "it is kept already"
    assert json.loads(run("coverage", "tickets", "--reference", "visits", "--json")[1])["reference"] == "kept=visits"


def test_another_dataset_is_a_reference(run: Run, tmp_path: Path) -> None:
    with Store(tmp_path / "ws" / "traffic") as store, store.transaction() as transaction:
        rows = {"example_id": [f"t{i}" for i in range(30)], "row_number": range(30), "text": ["my refund is late"] * 30}
        transaction.insert("examples", pd.DataFrame(rows).assign(label=None, split=None, content_hash=""))
    told = json.loads(run("coverage", "tickets", "--reference", "traffic", "--json")[1])
    assert told["reference"] == "kept=traffic"
    assert told["thin"]["theirs"] == 30


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--reference", "nowhere"), "There is nothing called 'nowhere' to compare with."),
        (("--budget", "0", "-o", "plan.csv"), "There is no plan to write."),
        (("-o", "plan.parquet"), "'plan.parquet' does not end in .csv."),
        (("--budget", "-3"), "'-3' is not a whole number"),
    ],
)
def test_what_cannot_be_done_is_said(run: Run, words: tuple[str, ...], said: str) -> None:
    code, shown, told = run("coverage", "tickets", *words)
    assert (code, shown) == (2, "")
    assert said in told


def test_a_section_without_an_answer_says_what_it_lacks_and_the_others_stay(run: Run, tmp_path: Path) -> None:
    with Store(tmp_path / "ws" / "tickets") as store, store.transaction() as transaction:
        transaction.execute("UPDATE examples SET split = NULL, label = NULL")
    code, shown, _ = run("coverage", "tickets", "--budget", 0)
    assert code == 0
    flat = " ".join(shown.split())
    assert "The last scan has not looked for thin parts." in flat
    assert flat.count("There is nothing to compare with.") == 1
    assert "No column cuts the data into slices: there are no labels." in flat
    assert "Only 0 labelled examples" in flat


@pytest.mark.parametrize(
    ("share", "said"),
    [(0, "0 %"), (0.0004, "0.04 %"), (0.004, "0.4 %"), (0.0996, "10 %"), (0.123, "12 %"), (1, "100 %")],
)
def test_a_share_has_as_many_digits_as_a_reader_can_use(share: float, said: str) -> None:
    assert percent(share) == said
