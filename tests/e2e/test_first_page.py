"""The first address that a fresh server is asked for may be any page: it shows at once, and takes the first lasso."""

from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import expect

from analysis.store import Store
from tests.conftest import fill
from tests.e2e.browser import PROJECT, lasso, opened, server
from tests.scanned import scan_by_hand

pytestmark = pytest.mark.e2e

PAGES = sorted(path.stem for path in PROJECT.glob("pages/*.py"))
FIRST = PAGES[0]  # the one that Streamlit takes for the start of the app where nothing else is said


@pytest.mark.parametrize("page", sorted({FIRST, "data_map"}))
def test_a_link_is_the_first_thing_that_a_server_sees(tmp_path: Path, page: str) -> None:
    with Store(tmp_path / "workspace" / "tiny") as store:
        fill(store)
        scan_by_hand(store)
        places = {"example_id": ["a", "b", "c"], "vector": [[0.0]] * 3, "x": [0.0, 1.0, 2.0], "y": [0.0, 1.0, 2.0]}
        with store.transaction() as transaction:
            transaction.execute("DELETE FROM vectors")
            transaction.insert("vectors", pd.DataFrame(places))
    with server(tmp_path / "workspace") as url, opened(f"{url}/{page}?dataset=tiny") as first:
        expect(first.get_by_text("Reviewer", exact=True).first).to_be_visible()
        assert first.get_by_role("dialog").count() == 0, "the server says that there is no such page"
        if page == "data_map":
            lasso(first)
            expect(first.get_by_text("1 example selected")).to_be_visible()
