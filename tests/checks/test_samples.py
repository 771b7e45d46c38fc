"""The whole scan on the samples: what was planted is found. Recall is against truth.csv beside each file."""

from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from analysis.load.save import load_file
from analysis.scan import scan_store
from analysis.store import Store

SAMPLES = Path(__file__).parents[2] / "sample_data"
FOUND_BY = {
    "broken_text": {"broken_text"},
    "conflict": {"conflicting_duplicate"},
    "duplicate": {"exact_duplicate", "near_duplicate"},
    "label_variant": {"label_variant"},
    "leak": {"split_leak"},
}


@cache
def _truth(sample: str) -> pd.DataFrame:
    return pd.read_csv(SAMPLES / sample / "truth.csv", keep_default_na=False)


@pytest.fixture(scope="module", params=["support-messages", "triage-notes"])
def scanned(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, pd.DataFrame]:
    """The sample's name, and every issue of its scan."""
    sample: str = request.param
    (path,) = [p for p in (SAMPLES / sample).glob(f"{sample.replace('-', '_')}.*") if p.suffix != ".md"]
    folder = load_file(tmp_path_factory.mktemp("workspace"), path, name=sample).folder
    with Store(folder) as store:
        scan_store(store, settings={"signals": {"map": False}})
        assert not store.value("SELECT count(*) FROM runs WHERE status = 'failed'")
        return sample, store.frame("SELECT check_name, subject_id, severity, suggested_label, members FROM issues")


@pytest.mark.slow
@pytest.mark.parametrize("kind", FOUND_BY)
def test_all_that_was_planted_is_flagged(scanned: tuple[str, pd.DataFrame], kind: str) -> None:
    sample, issues = scanned
    planted = set(_truth(sample).query("kind == @kind")["id"])
    assert planted
    assert planted <= set(issues[issues["check_name"].isin(FOUND_BY[kind])]["subject_id"])


@pytest.mark.slow
def test_most_wrong_labels_are_flagged_with_the_right_one_suggested(scanned: tuple[str, pd.DataFrame]) -> None:
    sample, issues = scanned
    planted = _truth(sample).query("kind == 'label_error'").set_index("id")["detail"]
    suggested = issues[issues["check_name"] == "label_error"].set_index("subject_id")["suggested_label"]
    assert planted.index.isin(suggested.index).mean() >= 0.75
    assert (suggested.reindex(planted.index) == planted).mean() >= 0.7
    assert suggested.index.isin(planted.index).mean() >= 0.4


@pytest.mark.slow
def test_rare_labels_are_named_with_their_examples(scanned: tuple[str, pd.DataFrame]) -> None:
    sample, issues = scanned
    planted = set(_truth(sample).query("kind == 'rare_class'")["id"])
    members = issues[issues["check_name"] == "rare_class"]["members"]
    assert planted <= {example for listed in members for example in listed}
