"""Pressing and reading Review in tests."""

from typing import Any

from streamlit.testing.v1 import AppTest

from tests.pages.app import said


def button(app: AppTest, key: str) -> Any:
    """The button that bears this key."""
    (one,) = [b for b in app.main.button if b.proto.shortcut.lower() == key.lower()]
    return one


def press(app: AppTest, key: str) -> AppTest:
    """Press a decision's or a move's button by the key printed on it."""
    app = button(app, key).click().run()
    assert not app.exception
    return app


def text(app: AppTest) -> str:
    """What the page says, without the marks of escaping."""
    return said(app).replace("\\", "").replace("\u2060", "")
