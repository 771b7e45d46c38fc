"""Who is asked is told from any page, and who asked learns of the answer."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analysis.review.ask import ask
from analysis.review.decide import decide
from analysis.store import Store
from tests.pages.app import make, opened, said
from tests.scanned import scan_by_hand

HOSTILE = "![x](http://x) **bold** :red[x] <b>"


@pytest.fixture
def asking(workspace: Path) -> Path:
    """Ada asks Grace about a and b, and Ben about c; Grace has answered a."""
    with Store(make(workspace / "tiny")) as store:
        scan_by_hand(store)
        for example, whom in (("a", "Grace"), ("b", "Grace"), ("c", HOSTILE)):
            ask(store, example, whom, asked_by="Ada", question="x?")
        decide(store, ["a"], "relabel", labels=["y"], reviewer="grace", note="clause 2")
    return workspace


def as_reviewer(name: str, page: str = "overview") -> AppTest:
    app = opened(page)
    app.session_state["reviewer"] = name
    app.run()
    assert not app.exception
    return app


def links(app: AppTest) -> list[str]:
    return [link.proto.label for link in app.get("page_link")]


def test_whoever_is_asked_is_told_on_every_page_with_the_way_to_the_queue(asking: Path) -> None:
    for page in ("overview", "load", "guidelines"):
        assert "**1 example waits for you** ›" in [
            link.proto.label for link in as_reviewer("GRACE", page).sidebar.get("page_link")
        ]
    (link, *_) = [
        link for link in as_reviewer("Grace").sidebar.get("page_link") if link.proto.label.startswith("**1 example")
    ]
    assert (link.proto.page, "asked=me" in link.proto.query_string) == ("review", True)
    text = said(as_reviewer("Grace"))
    assert "Asked by Ada." in text
    assert "you asked colleagues about" not in text


def test_whoever_asked_learns_of_the_answer(asking: Path) -> None:
    app = as_reviewer("ada")
    assert "1 answer for you ›" in links(app)
    text = said(app)
    assert "Of 3 examples you asked colleagues about, 1 has an answer." in text
    assert "Grace on a: x?" in text
    assert "relabel to y (just now)" in text
    assert "clause 2" in text
    assert "no answer yet" in text
    assert f"{HOSTILE} on c: x?" in [part.value for part in app.text]


def test_nobody_else_is_told_anything(asking: Path) -> None:
    for name in ("Eve", ""):
        app = as_reviewer(name)
        assert not [label for label in links(app) if "for you" in label]
        assert "Asked" not in [part.value for part in app.subheader]
