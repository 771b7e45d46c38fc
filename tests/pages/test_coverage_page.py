"""Coverage: three questions, each with an answer or a sentence that says what is missing, and the way to examples."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from analysis.queries import coverage, coverage_reference
from analysis.queries.coverage_parts import members
from analysis.queries.coverage_plan import collection, learnt
from analysis.queries.coverage_reference import SPLIT
from analysis.store import Store
from tests.pages.app import forget_open_datasets, make, opened, said
from tests.scanned import ran, scan_by_hand

pytestmark = pytest.mark.slow

HOSTILE = "![x](http://x) **walrus**"


@pytest.fixture
def scanned(workspace: Path) -> Path:
    """120 examples in two clouds and a third cloud of 40 walruses that only the test split has; half of it flagged."""
    with Store(workspace / "zoo") as store:
        fill(store)
    return workspace / "zoo"


def fill(store: Store) -> None:
    dice = np.random.default_rng(2)
    cloud = np.repeat([0, 1, 2], [60, 60, 40])
    ids = [f"e{i}" for i in range(len(cloud))]
    vectors = np.eye(8)[cloud] + dice.normal(0, 0.05, (len(cloud), 8))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    names = ["card", "parcel", HOSTILE]
    examples = pd.DataFrame(
        {
            "example_id": ids,
            "row_number": range(1, len(ids) + 1),
            "text": [f"{names[c]} message {i}" for i, c in enumerate(cloud)],
            "label": [names[c] for c in cloud],
            "split": ["test" if c == 2 or i % 2 else "train" for i, c in enumerate(cloud)],
            "content_hash": ids,
        }
    )
    places = {"example_id": ids, "vector": vectors.astype(np.float32).tolist(), "x": vectors[:, 0], "y": vectors[:, 1]}
    walruses = [f"e{i}" for i in range(120, 140)]
    findings = pd.DataFrame(
        {"check_name": "odd", "subject": "example", "subject_id": walruses, "severity": 0.5, "flagged": True}
    ).assign(message="odd", suggested_label=None, members=[[]] * 20, run_id="1.odd")
    with store.transaction() as transaction:
        transaction.insert("examples", examples)
        transaction.insert("vectors", pa.table(places))
        transaction.insert("findings", pa.Table.from_pandas(findings, preserve_index=False))
    ran(store, "odd", flagged=20, judged=160)


def test_the_three_questions_are_answered(scanned: Path) -> None:
    app = opened("coverage")
    assert not app.exception
    assert not app.error
    text = said(app)
    assert "1 region is thinner in our training examples than in the test split, 1 of them nearly empty" in text
    assert "The texts of the test split can be told from ours" in text
    assert "40 % (31 % to 50 %) of the test split lands where we have 0 % (0 % to 6.0 %) of ours: 40 of 100" in text
    assert f"label = {HOSTILE}: 40 examples, 50 % flagged (35 to 65 %), elsewhere 0 %." in text
    assert "200 more examples in" in text
    assert "points (" in text


def test_example_texts_stay_inert(scanned: Path) -> None:
    app = opened("coverage")
    assert not [
        one.value for one in (*app.caption, *app.markdown) if "![x](http" in one.value or "**walrus" in one.value
    ]


def test_every_part_leads_to_its_examples(scanned: Path) -> None:
    walruses = tuple(f"e{i}" for i in range(120, 160))
    with Store(scanned) as store:
        found = coverage.thin(store, SPLIT)
        (slice_,) = coverage.slices(store, "flagged")["part"]
        (missing,) = coverage.thin_slices(store, SPLIT)
        for part in (found.regions[0].part, slice_, missing.part):
            assert part is not None
            assert members(store, part) == walruses
        everywhere = [members(store, part) for part in found.landing["part"]]
        assert sorted(example for several in everywhere for example in several) == sorted(f"e{i}" for i in range(160))
        plan = collection(learnt(store, SPLIT), 60).rows
        assert plan["collect"].sum() == 60
        assert all(members(store, part) for part in plan["part"])
    app = opened("review", part=slice_, state="all")
    assert not app.exception
    assert any("40 examples" in button.label for button in app.main.button)


@pytest.mark.parametrize(
    "part",
    [
        "",
        pytest.param(f"slice:{'[' * 100_000}", id="nested deeply"),
        "slice:",
        "slice:[1]",
        "slice:{}",
        'gap:["split", "99"]',
        'gap:["x", "0"]',
        'region:["split", "x"]',
        "word:1",
    ],
)
def test_a_part_that_does_not_exist_has_no_examples(scanned: Path, part: str) -> None:
    with Store(scanned) as store:
        assert members(store, part) == ()


def test_the_thin_regions_are_a_table_too(scanned: Path) -> None:
    app = opened("coverage")
    app.toggle(key="coverage_thin_table").set_value(True).run()
    assert not app.exception
    assert [table.value["missing"].tolist() for table in app.dataframe if "missing" in table.value] == [[24]]


@pytest.fixture
def static(scanned: Path) -> Path:
    """The same with vectors that come from its texts, so that other texts have a place among them."""
    with Store(scanned) as store, store.transaction() as transaction:
        transaction.set_meta("signal.vectors.detail", '{"model": "static"}')
    return scanned


def traffic(store: Store) -> None:
    texts = [f"{HOSTILE} wants fish {i}" for i in range(60)]
    rows = {"example_id": [f"t{i}" for i in range(60)], "row_number": range(60), "text": texts}
    with store.transaction() as transaction:
        transaction.insert("examples", pd.DataFrame(rows).assign(label=None, split=None, content_hash=""))


def test_another_dataset_is_a_reference_by_its_texts(static: Path, workspace: Path) -> None:
    with Store(workspace / "traffic") as store:
        traffic(store)
    app = opened("coverage", dataset="zoo")
    app.selectbox(key="coverage_dataset").set_value("traffic").run()
    app.button(key="coverage_use_dataset").click().run()
    assert not app.exception
    assert app.query_params["reference"] == "kept=traffic"
    assert "60 of the reference traffic and 160 examples of this dataset" in said(app)
    forget_open_datasets()
    with Store(static) as store:
        assert coverage_reference.kept_names(store) == ["traffic"]
        assert len(coverage_reference.kept(store, "traffic").texts) == 60


def test_a_file_is_a_reference_by_its_text_column(static: Path) -> None:
    app = opened("coverage")
    lines = "\n".join(f"{i},where is my walrus number {i}" for i in range(40))
    app.file_uploader(key="coverage_file").set_value(("visits.csv", f"n,message\n{lines}\n".encode(), "text/csv")).run()
    app.button(key="coverage_use_file").click().run()
    assert not app.exception
    assert app.query_params["reference"] == "kept=visits"
    assert "40 of the reference visits" in said(app)
    app.button(key="coverage_remove").click().run()
    assert app.query_params["reference"] == "kept=visits", "it is asked first"
    app.button(key="coverage_keep").click().run()
    app.button(key="coverage_remove").click().run()
    app.button(key="coverage_remove_now").click().run()
    assert "reference" not in app.query_params
    assert "of the test split" in said(app)


def test_a_file_that_is_none_is_told_where_it_was_chosen_and_the_page_stays(static: Path) -> None:
    app = opened("coverage")
    app.file_uploader(key="coverage_file").set_value(("visits.parquet", b"PAR1 no", "application/x-parquet")).run()
    assert not app.exception
    assert len(app.error) == 1
    assert "1 region is thinner" in said(app)


def test_a_split_is_a_reference(scanned: Path) -> None:
    app = opened("coverage", reference="split=train")
    assert not app.exception
    assert "No region of similar texts is thinner than in the split train" in said(app)


def test_a_budget_of_nothing_is_a_sentence(scanned: Path) -> None:
    app = opened("coverage", budget="0")
    assert not app.exception
    assert "Nothing is to be collected." in said(app)


def test_what_is_missing_is_said_in_each_section(workspace: Path) -> None:
    with Store(make(workspace / "tiny")) as store:
        scan_by_hand(store)
    app = opened("coverage")
    assert not app.exception
    assert not app.error
    text = said(app)
    assert "The last scan has not looked for thin parts." in text
    assert "“Compare with other texts” at the top" in text
    assert "There is nothing to compare with." in text
    assert "--reference" not in text
    assert "No example has a vector." in text
    assert "beyond what chance does" in text


def test_before_a_scan_the_page_says_what_will_be_here(workspace: Path) -> None:
    make(workspace / "tiny")
    app = opened("coverage")
    assert "which parts of the data fail" in said(app)
