"""Probabilities that came with the data: taken as they are where they are sound, refused in plain words where not."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.errors import BadFile, NoSuchThing
from analysis.scan.material import Material, Signal
from analysis.scan.run import Outcome, choose, scan
from analysis.signals.own_probabilities import Cells, file_columns, own_probabilities

IDS = ["r1", "r2", "r3"]
LABELS: list[str | None] = ["b", "a", None]


def made(
    columns: Mapping[str, Cells], labels: list[str | None] | None = None
) -> tuple[tuple[str, ...], np.ndarray, str]:
    found = own_probabilities(columns, LABELS if labels is None else labels, IDS, "mine")
    return found.classes, found.probabilities, found.left_out


def test_a_list_holds_the_labels_of_the_dataset_in_order() -> None:
    classes, p, said = made({"p": ["[0.25, 0.75]", "[1, 0]", "[0.5, 0.5]"]})
    assert classes == ("a", "b")
    np.testing.assert_allclose(p, [[0.25, 0.75], [1, 0], [0.5, 0.5]])
    assert p.dtype == np.float32
    assert said == "With the probabilities from mine."


def test_an_object_names_its_classes_and_what_it_leaves_out_is_zero() -> None:
    classes, p, _ = made({"p": ['{"b": 0.7, "c": 0.3}', '{"a": 1}', None]})
    assert classes == ("a", "b", "c")
    np.testing.assert_allclose(p, [[0, 0.7, 0.3], [1, 0, 0], [np.nan] * 3])


def test_one_column_a_class_in_any_order_and_scaled_to_one() -> None:
    classes, p, _ = made({"b": ["0.2", "0.6", "1"], "a": ["0.8005", "0.4", "0"]})
    assert classes == ("a", "b")
    np.testing.assert_allclose(p, [[0.8005 / 1.0005, 0.2 / 1.0005], [0.4, 0.6], [0, 1]], rtol=1e-6)


def test_who_is_not_judged_is_named() -> None:
    _, p, said = made({"a": ["0.2", "0.6", None], "b": ["0.8", "0.4", ""]}, ["b", "new", "a"])
    assert np.isnan(p).all(axis=1).tolist() == [False, True, True]
    assert said == (
        "With the probabilities from mine. 1 example has none and is not judged: r3. "
        "1 example is not judged, because its label has no probabilities: new."
    )


@pytest.mark.parametrize(
    ("columns", "part"),
    [
        ({"p": ["[0.25, 0.75]", "[0.5, 0.4]", "[2, 2]"]}, "'r3' has 2 as the probability of 'a', outside of 0 to 1"),
        ({"p": ["[0.25, 0.75]", "[0.5, 0.4]", "[1, 0]"]}, "'r2' sum to 0.9, not to 1"),
        ({"p": ["[0.25, 0.75]", "[1]", "[1, 0]"]}, "'r2' has 1 probabilities, but the dataset has 2 labels"),
        ({"p": ["[0.25, 0.75]", "[NaN, 1]", "[1, 0]"]}, "'r2' hold nan, which is not a finite number"),
        ({"p": ["[0.25, 0.75]", "[0.5, ", "[1, 0]"]}, "'r2' cannot be read"),
        ({"p": ["[" * 100_000, None, None]}, "'r1' cannot be read"),
        ({"p": ["[0.25, 0.75]", '{"a": 1}', None]}, "Some probabilities are JSON lists, others JSON objects"),
        ({"p": ['[0.25, "high"]', None, None]}, "'r1' has 'high' where a probability should be"),
        ({"a": ["0.2", "1", "1"], "b": ["0.8", None, "0"]}, "'r2' has no probability for 'b', but for other labels"),
        ({"a": ["0.2", "1", "1"], "b": ["0.8", "-0.1", "0"]}, "'r2' has -0.1 as the probability of 'b'"),
        (
            {"x": ["0.2", "1", "1"], "y": ["0.8", "0", "0"]},
            r"None of the classes with probabilities \(x, y\) is a label",
        ),
        ({"a": ["1", "1", "1"]}, "fewer than two labels"),
        ({"a": [None] * 3, "b": [None] * 3}, "No example has probabilities"),
    ],
)
def test_what_is_wrong_is_said_of_the_first_example(columns: Mapping[str, Cells], part: str) -> None:
    with pytest.raises(BadFile, match=part) as error:
        made(columns)
    assert error.value.hint


def write(path: Path, **columns: object) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def test_a_file_finds_its_examples_by_id(tmp_path: Path) -> None:
    path = write(tmp_path / "p.parquet", example_id=["r3", "other", "r1"], a=[0.5, 0.1, 1.0], b=[0.5, 0.9, 0.0])
    assert file_columns(path, IDS) == {"a": ["1", None, "0.5"], "b": ["0", None, "0.5"]}
    path = write(tmp_path / "q.parquet", p=[[0.5, 0.5], [1, 0]], key=["r2", "r1"])
    assert file_columns(path, IDS) == {"p": ["[1, 0]", "[0.5, 0.5]", None]}


def test_a_file_without_ids_goes_by_order_if_there_is_a_row_for_each(tmp_path: Path) -> None:
    assert file_columns(write(tmp_path / "p.parquet", p=[[1, 0], [0, 1], [0, 1]]), IDS) == {
        "p": ["[1, 0]", "[0, 1]", "[0, 1]"]
    }
    with pytest.raises(BadFile, match=r"q\.parquet has 2 rows, the dataset 3 examples"):
        file_columns(write(tmp_path / "q.parquet", p=[[1, 0], [0, 1]]), IDS)


def test_ids_that_fit_nothing_or_come_twice_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="two rows for example 'r1', 1 and 3"):
        file_columns(write(tmp_path / "p.parquet", id=["r1", "r2", "r1"], a=[1, 1, 1], b=[0, 0, 0]), IDS)
    with pytest.raises(BadFile, match=r"No row of q\.parquet is about an example of the dataset"):
        file_columns(write(tmp_path / "q.parquet", id=["x", "y"], a=[1, 1], b=[0, 0]), IDS)


WORDS = ["refund", "card", "charge", "late", "parcel", "login", "order", "cancel", "money", "twice"]


def material(saved: dict[str, Signal] | None = None) -> Material:
    """Forty examples, ten of them labelled a though the given probabilities say b."""
    n = 40
    examples = pd.DataFrame(
        {
            "text": [f"{WORDS[i % 10]} {WORDS[(i // 10 + 3 * i) % 10]} {i}" for i in range(n)],
            "label": ["a"] * 20 + ["b"] * 20,
            "split": [None] * n,
            "happened_at": [None] * n,
            "fields.p_a": ["0.95" if 5 <= i < 20 else "0.05" for i in range(n)],
            "fields.p_b": ["0.05" if 5 <= i < 20 else "0.95" for i in range(n)],
        },
        index=pd.Index([f"r{i}" for i in range(n)], name="example_id", dtype=object),
        dtype=object,
    )
    return Material(examples, None, saved or {})


def scanned(source: str, saved: dict[str, Signal] | None = None) -> tuple[dict[str, Signal], Outcome]:
    settings = {"signals": {"map": False, "probabilities": source}}
    checks = choose(["label_error"], settings)
    results = list(scan(material(saved), checks, settings, "scan", lambda what, share: None))
    signals = {result.name: result for result in results if isinstance(result, Signal)}
    (outcome,) = [result for result in results if isinstance(result, Outcome)]
    return signals, outcome


def test_a_scan_judges_by_columns_of_the_data_and_says_so() -> None:
    signals, outcome = scanned("columns:p_*")
    assert outcome.run.status == "ok"
    assert outcome.run.detail == "With the probabilities from p_*."
    assert set(outcome.findings["subject_id"][outcome.findings["flagged"]]) == {f"r{i}" for i in range(5)}
    assert signals["predictions"].arrays["classes"].tolist() == ["a", "b"]
    again, _ = scanned("columns:p_*", signals)
    assert not again, "nothing has changed, so that nothing is made anew"


@pytest.mark.slow
def test_a_scan_judges_by_a_file_until_the_file_changes(tmp_path: Path) -> None:
    path = tmp_path / "mine.parquet"
    write(path, a=[0.9] * 20 + [0.1] * 20, b=[0.1] * 20 + [0.9] * 20)
    signals, outcome = scanned(str(path))
    assert outcome.run.detail == "With the probabilities from mine.parquet."
    assert not outcome.findings["flagged"].any()
    write(path, a=[0.9] * 20 + [0.2] * 20, b=[0.1] * 20 + [0.8] * 20)
    changed, _ = scanned(str(path), signals)
    assert list(changed) == ["predictions"]


def test_columns_and_files_that_are_not_there_stop_the_scan(tmp_path: Path) -> None:
    with pytest.raises(NoSuchThing, match=r"No free column is called like 'q_\*'"):
        scanned("columns:q_*")
    with pytest.raises(NoSuchThing, match="no free column 'p'"):
        scanned("column:p")
    with pytest.raises(BadFile):
        scanned(str(tmp_path / "none.parquet"))
