"""What surrounds every page: the way in, the dataset in the URL, the reviewer, and errors told as sentences."""

from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from analysis.store import Store
from tests.conftest import MakeDecision
from tests.pages.app import make, opened, said


def test_an_empty_workspace_opens_on_load(workspace: Path) -> None:
    app = opened()
    assert not app.exception
    assert [title.value for title in app.header] == ["Load"]


@pytest.mark.parametrize("page", ["overview", "review", "data_map", "export"])
def test_an_empty_workspace_leads_every_page_to_load(workspace: Path, page: str) -> None:
    app = opened(page)
    assert not app.exception
    app.button(key="to_load").click().run()
    assert [title.value for title in app.header] == ["Load"]


def test_a_dataset_opens_on_the_overview_and_its_name_is_in_the_url(workspace: Path) -> None:
    make(workspace / "tiny")
    app = opened()
    assert not app.exception
    assert [title.value for title in app.header] == ["Overview"]
    assert app.query_params["dataset"] == "tiny"


def test_the_url_chooses_the_dataset(workspace: Path) -> None:
    make(workspace / "first")
    make(workspace / "second")
    app = opened("overview", dataset="first")
    assert app.selectbox(key="dataset_first").value == "first"
    app.selectbox(key="dataset_first").select("second").run()
    assert app.query_params["dataset"] == "second"


@pytest.mark.parametrize("value", ["../../etc", "![x](http://x)", "tiny\x00", "", "Tiny"])
def test_a_dataset_that_does_not_exist_falls_back(workspace: Path, value: str) -> None:
    make(workspace / "tiny")
    app = opened("overview", dataset=value)
    assert not app.exception
    assert app.query_params["dataset"] == "tiny"


def test_a_page_that_needs_a_scan_offers_one(workspace: Path) -> None:
    make(workspace / "tiny")
    app = opened("review")
    assert not app.exception
    assert [button.label for button in app.main.button] == ["Scan"]


def test_a_dataset_that_another_process_has_open_is_a_sentence(workspace: Path) -> None:
    folder = make(workspace / "tiny")
    with Store(folder):
        app = opened("overview")
        assert not app.exception
        assert "is open in another process" in app.error[0].value
        assert "or stop that process and try again" in app.error[0].value


def test_the_same_dataset_stays_open_between_runs(workspace: Path) -> None:
    make(workspace / "tiny")
    app = opened("overview")
    app.run()
    assert not app.exception
    assert not app.error


def test_a_reviewer_is_chosen_and_remembered(workspace: Path, make_decision: MakeDecision) -> None:
    with Store(make(workspace / "tiny")) as store:
        store.record([replace(make_decision(), reviewer="Ada\n![x](http://x)\u202e")])
    app = opened("overview")
    app.selectbox(key="reviewer_sidebar_0_").select_index(0).run()
    assert app.session_state["reviewer"] == "Ada ![x](http://x)⟨U+202E⟩"
    assert not app.exception
    assert "reviewer" not in app.query_params
    app.switch_page("pages/review.py").run()
    assert app.session_state["reviewer"].startswith("Ada")


def test_a_dataset_name_is_shown_only_where_text_is_inert(workspace: Path) -> None:
    name = "![x](http:"
    make(workspace / name)
    app = opened("overview")
    assert not app.exception
    assert name not in said(app)


@pytest.mark.usefixtures("fresh_server")
def test_the_first_page_of_a_fresh_server_has_its_frame(workspace: Path) -> None:
    make(workspace / "tiny")
    app = opened("load", dataset="tiny")
    assert not app.exception
    assert app.sidebar.selectbox
    assert [title.value for title in app.header] == ["Load"]


def _asked_by_link(app: AppTest, title: str) -> dict[str, list[str]]:
    """What the sidebar's link to a page asks of it."""
    links = [link.proto for link in app.sidebar.get("page_link")]
    return parse_qs(next(link.query_string for link in links if link.label == title))


def test_the_sidebar_leads_back_to_the_map_as_it_was_left_and_to_other_datasets_afresh(workspace: Path) -> None:
    make(workspace / "first")
    make(workspace / "second")
    app = opened("data_map", dataset="first", show="flagged", label="x")
    app.run()
    assert _asked_by_link(app, "Data map") == {"dataset": ["first"], "show": ["flagged"], "label": ["x"]}
    assert _asked_by_link(app, "Review") == {"dataset": ["first"]}
    app.switch_page("pages/overview.py").run()
    assert _asked_by_link(app, "Data map")["show"] == ["flagged"]
    app.selectbox(key="dataset_first").select("second").run()
    assert _asked_by_link(app, "Data map") == {"dataset": ["second"]}
