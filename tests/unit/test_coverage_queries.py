"""Coverage's numbers on examples placed by hand: where a reference lands, what changed, and the examples behind it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from analysis.errors import NoSuchThing, NotReady
from analysis.queries import coverage, coverage_apart, coverage_drift, coverage_plan, coverage_pool
from analysis.queries.coverage_parts import members
from analysis.queries.coverage_pool import pool_of
from analysis.queries.coverage_reference import NONE, described, keep, remove
from analysis.report.coverage import (
    changes_sentence,
    compared_sentence,
    landing_basis,
    plan_basis,
    plan_sentence,
    shift_sentence,
)
from analysis.report.coverage_tables import plan_titles
from analysis.signals.intervals import wilson
from analysis.store import Store

CARDS, PARCELS, REFUNDS = range(100), range(100, 200), range(200, 260)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """100 cards and 100 parcels, half of each tested on; 60 refunds, 57 of them tested on; parcels of training lack a
    label now and then."""
    with Store(tmp_path / "tickets") as opened:
        dice = np.random.default_rng(4)
        kind = np.repeat([0, 1, 2], [100, 100, 60])
        vectors = np.eye(8)[kind] + dice.normal(0, 0.05, (260, 8))
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        names = np.array(["card", "parcel", "refund"])[kind]
        tested = np.where(kind == 2, np.arange(260) >= 203, np.arange(260) % 2 == 0)
        ids = [f"e{i}" for i in range(260)]
        examples = pd.DataFrame(
            {
                "example_id": ids,
                "row_number": range(1, 261),
                "text": [f"my {name} is late" for name in names],
                "label": [None if i in (101, 103) else name for i, name in enumerate(names)],
                "split": np.where(tested, "test", "train"),
                "content_hash": ids,
            }
        )
        places = {"example_id": ids, "vector": vectors.astype(np.float32).tolist()}
        with opened.transaction() as transaction:
            transaction.insert("examples", examples)
            transaction.insert("vectors", pa.table({**places, "x": vectors[:, 0], "y": vectors[:, 1]}))
        yield opened


def test_examples_without_a_label_are_no_coverage(store: Store) -> None:
    found = coverage.thin(store, "split")
    assert (found.ours, found.theirs) == (101, 157), "103 of training, less two without a label"


def test_where_the_reference_lands_has_both_shares_with_their_intervals(store: Store) -> None:
    found = coverage.thin(store, "split")
    refunds = found.landing[found.landing["region"].str.startswith("refund")]
    assert refunds["theirs"].sum() == 57
    assert refunds["ours"].sum() == 3
    assert found.landing["theirs"].sum() == 157
    assert found.landing["ours"].sum() == 101
    assert found.landing["gap"].is_monotonic_decreasing
    widest = found.landing.iloc[0]
    assert widest["region"].startswith("refund")
    assert widest["is_beyond_chance"]
    assert widest["gap"] == pytest.approx(100 * (widest["theirs"] / 157 - widest["ours"] / 101))
    low, high = wilson(widest["theirs"], 157)
    assert (widest["their_low"], widest["their_high"]) == pytest.approx((100 * low, 100 * high))
    assert widest["texts"] == ("my refund is late",)


def test_a_region_that_is_thin_leads_to_its_examples(store: Store) -> None:
    (region,) = coverage.thin(store, "split").regions
    assert (region.gap.ours, region.gap.theirs) == (3, 57)
    assert region.part is not None
    assert members(store, region.part) == tuple(f"e{i}" for i in REFUNDS)


def test_what_changed_is_told_with_counts_and_examples(store: Store) -> None:
    found = coverage_drift.shift(store, "split")
    assert (found.ours, found.theirs) == (103, 157)
    assert found.difference is not None
    assert found.difference.is_beyond_chance
    words = found.changes[found.changes["kind"] == "word"].set_index("name")
    assert set(words.index) >= {"refund"}
    assert (words.loc["refund", "ours"], words.loc["refund", "theirs"], words.loc["refund", "change"]) == (
        3,
        57,
        "more",
    )
    assert members(store, words.loc["refund", "part"]) == tuple(f"e{i}" for i in REFUNDS)
    labels = found.changes[found.changes["kind"] == "label"].set_index("name")
    assert members(store, labels.loc["refund", "part"]) == tuple(f"e{i}" for i in REFUNDS)
    told = members(store, found.new.part)
    assert len(told) == found.new.members == coverage_apart.MOST_TOLD
    assert set(told) <= {f"e{i}" for i in REFUNDS}
    assert set(found.new.texts) == {"my refund is late"}
    assert not set(members(store, found.gone.part)) & set(told)


@pytest.mark.parametrize(
    ("p", "said"),
    [(0.005, "less than one chance in 200"), (0.01, "about 2 chances in 200"), (0.05, "about 10 chances")],
)
def test_how_likely_chance_is_is_said_in_words(store: Store, p: float, said: str) -> None:
    found = coverage_drift.shift(store, "split")
    assert found.difference is not None
    assert said in shift_sentence(replace(found, difference=replace(found.difference, p=p)), described("split"))


def test_a_reference_set_stands_in_the_same_space(store: Store) -> None:
    with store.transaction() as transaction:
        transaction.set_meta("signal.vectors.detail", '{"model": "static"}')
    key = keep(store, "visits", ["my card is late"] * 30 + ["the walrus sings an opera"] * 30)
    pool = pool_of(store, key)
    assert (pool.ours.sum(), pool.theirs.sum()) == (260, 60)
    assert pool.vectors[260] == pytest.approx(pool.vectors[0], abs=1e-5), "the same text has the same place"
    found = coverage_drift.shift(store, key)
    words = found.changes[found.changes["kind"] == "word"].set_index("name")
    assert words.loc["walrus", "change"] == "new"
    assert words.loc["walrus", "part"] == "", "no example of the dataset has it"
    assert words.loc["parcel", "change"] == "gone"
    assert members(store, words.loc["parcel", "part"]) == tuple(f"e{i}" for i in PARCELS)
    assert found.new.part == ""
    assert set(found.new.texts) == {"the walrus sings an opera"}
    assert (found.changes["kind"] != "label").all(), "the reference has none"


def test_what_the_sections_share_is_worked_out_once_for_the_same_data(store: Store) -> None:
    pool = pool_of(store, "split")
    assert pool.regions is pool.regions
    store.bump()  # a decision was written
    assert pool_of(store, "split") is pool
    assert pool_of(store, "split=train") is not pool
    with store.transaction() as transaction:
        transaction.execute("UPDATE examples SET split = 'train' WHERE example_id = 'e0'")
    assert (pool.theirs.sum(), pool_of(store, "split").theirs.sum()) == (157, 156)


def test_a_reference_set_that_was_replaced_is_read_again(store: Store) -> None:
    with store.transaction() as transaction:
        transaction.set_meta("signal.vectors.detail", '{"model": "static"}')
    key = keep(store, "visits", ["my card is late"] * 30)
    assert pool_of(store, key).theirs.sum() == 30
    remove(store, "visits")
    with pytest.raises(NoSuchThing, match="no reference set"):
        pool_of(store, key)
    assert keep(store, "visits", ["my parcel is late"] * 40) == key
    assert pool_of(store, key).texts[260:] == ["my parcel is late"] * 40


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("'label ' || row_number", "slices: label has 260 different values; slices need 2 to 50."),
        ("'one'", "slices: label has 1 different value; slices need 2 to 50."),
        ("NULL", "slices: there are no labels."),
    ],
)
def test_why_no_column_cuts_the_data_is_said(store: Store, label: str, said: str) -> None:
    with store.transaction() as transaction:
        transaction.execute(f"UPDATE examples SET split = NULL, label = {label}")
    with pytest.raises(NotReady) as reason:
        coverage.slices(store, "flagged")
    assert reason.value.message == f"No column cuts the data into {said}"


def test_a_plan_without_a_reference_speaks_of_none(store: Store) -> None:
    made = coverage_plan.collection(coverage_plan.learnt(store, NONE), 40)
    said = (plan_sentence(made, 40, described(NONE)), plan_basis(made), plan_titles(described(NONE))["visits"])
    assert "collected at random instead, by" in said[0]
    for total, random, is_hardly in [((0.02, 0.03, 0.04), 0.026, False), ((0.02, 0.03, 0.04), 0.028, True)]:
        spread = replace(made, plan=replace(made.plan, total=total, proportional=random))
        assert (
            "where the examples come from matters little" in plan_sentence(spread, 40, described(NONE))
        ) == is_hardly
    small = replace(made, plan=replace(made.plan, total=(0.0013, 0.0015, 0.0017), proportional=0.0011))
    assert "by 0.15 points (0.13 to 0.17)" in plan_sentence(small, 40, described(NONE))
    assert "by 0.11. The plan brings 0.04 points more: where" in plan_sentence(small, 40, described(NONE))
    assert said[2] == "Of all examples, %"
    assert "reference" not in " ".join(said)
    assert plan_titles(described("split"))["visits"] == "Of the test split, %"


def test_own_vectors_have_no_place_for_other_texts(store: Store) -> None:
    with store.transaction() as transaction:
        transaction.set_meta("signal.vectors.detail", '{"model": "column:v"}')
    key = keep(store, "visits", ["a"] * 20)
    with pytest.raises(NotReady, match="your own"):
        coverage.thin(store, key)


def test_the_plan_of_a_budget_adds_up(store: Store) -> None:
    known = coverage_plan.learnt(store, "split")
    assert known.labelled == 101
    assert known.visits.sum() == 157
    made = coverage_plan.collection(known, 40)
    assert made.rows["collect"].sum() == 40
    assert made.rows["region"].iloc[0].startswith("refund")
    assert (made.rows["low"] <= made.rows["gain"]).all()
    assert (made.rows["gain"] <= made.rows["high"]).all()
    assert made.rows["gain"].sum() == pytest.approx(100 * made.plan.total[1])
    best, first = known.curves.best, made.rows.iloc[0]
    region = known.names.index(first["region"])
    error = [
        best.factor[region] * (best.floor + best.height * (known.have[region] + more + 1) ** -best.exponent)
        for more in (0, 100)
    ]
    assert max(error) < 1
    assert first["each"] == pytest.approx(100 * known.visits[region] / 157 * (error[0] - error[1]))
    assert made.rows["each"].is_monotonic_decreasing
    with pytest.raises(NotReady, match="Nothing is to be collected"):
        coverage_plan.collection(known, 0)


def test_a_sample_stands_for_all_examples_and_is_said(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """260 examples, of which 200 are looked at: 101 labelled ones stand against 157, as without a sample."""
    monkeypatch.setattr(coverage_pool, "MOST", 200)
    pool = pool_of(store, "split")
    assert (len(pool.texts), pool.whole) == (200, coverage_pool.Whole(103, 101, 157))
    labelled, tested = int(pool.labelled.sum()), int(pool.theirs.sum())
    assert labelled < 101
    found = coverage.thin(store, "split")
    assert (found.ours, found.theirs) == (101, 157)
    split = described("split")
    assert compared_sentence(found, split) == (
        f"a sample of {labelled} of 101 training examples compared with a sample of {tested} of 157"
    )
    assert landing_basis(found) == (
        f"Counted in a sample of {tested} of 157 of the reference and a sample of {labelled} of 101 of ours."
    )
    known = coverage_plan.learnt(store, "split")
    assert known.have.sum() == pytest.approx(101, abs=len(known.have) / 2)
    made = coverage_plan.collection(known, 40)
    assert f"on a sample of {labelled} of 101 labelled examples" in plan_basis(made)
    shift = coverage_drift.shift(store, "split")
    assert f"{tested} of the 157 of the test split" in shift_sentence(shift, split)
    assert "Counted in samples of 157 of the reference and 103 of ours" in changes_sentence(shift)


def test_one_annotators_own_correction_is_no_disagreement(store: Store) -> None:
    names = np.repeat(["card", "parcel", "refund"], [100, 100, 60])
    ada = pd.DataFrame({"example_id": [f"e{i}" for i in range(260)], "annotator": "Ada", "label": names})
    refunds = ada.iloc[200:].assign(label="other")
    with store.transaction() as transaction:
        transaction.insert("annotations", pd.concat([refunds, ada]))
    assert coverage.failing_kinds(store) == ["flagged"]
    bo = ada.assign(annotator="Bo", label=np.where(np.arange(260) < 60, "other", names))
    with store.transaction() as transaction:
        transaction.insert("annotations", bo)
    assert coverage.failing_kinds(store) == ["flagged", "disagreed"]
    (row,) = coverage.slices(store, "disagreed").to_dict("records")
    assert (row["slice"], row["failing"], row["examples"]) == ("label = card", 60, 100)


def test_only_examples_with_a_label_and_a_prediction_can_be_predicted_otherwise(store: Store) -> None:
    """Parcels all predicted as cards; two parcels have no label, and the last 50 refunds no prediction."""
    predicted = ["card"] * 200 + ["refund"] * 10
    rows = {"example_id": [f"e{i}" for i in range(210)], "predicted": predicted, "confidence": 1.0}
    with store.transaction() as transaction:
        transaction.insert("predictions", pa.table({**pd.DataFrame(rows), "probabilities": [[1.0]] * 210}))
    (row,) = coverage.slices(store, "predicted").to_dict("records")
    assert (row["slice"], row["failing"], row["examples"]) == ("label = parcel", 98, 98)


def test_one_label_is_said_in_a_sentence(store: Store) -> None:
    with store.transaction() as transaction:
        transaction.execute("UPDATE examples SET label = 'one'")
    with pytest.raises(NotReady, match="with 1 different"):
        coverage_plan.learnt(store, "split")


def test_too_few_labels_are_said_in_a_sentence(store: Store) -> None:
    with store.transaction() as transaction:
        transaction.execute("UPDATE examples SET label = NULL WHERE row_number > 30")
    with pytest.raises(NotReady, match="Only 15 labelled"):
        coverage_plan.learnt(store, "split")


@pytest.mark.parametrize("ask", [coverage.thin, coverage_drift.shift])
def test_nothing_to_compare_with_is_said_in_a_sentence(store: Store, ask: object) -> None:
    assert callable(ask)
    with pytest.raises(NotReady, match="nothing to compare with"):
        ask(store, NONE)
    with pytest.raises(NoSuchThing, match="no reference set"):
        ask(store, "kept=gone")
