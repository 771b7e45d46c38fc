"""Pressing and reading Review in tests."""

import re
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from analysis.schema import content_hash
from analysis.store import Store
from tests.pages.app import opened, said
from tests.scanned import found
from ui import session


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


HOSTILE = "![x](http://x) [y](http://y) **bold** :material/delete: $x$ <b>"


def review(reviewer: str | None = "Ada", **parameters: str) -> AppTest:
    """Review on the screen, with a reviewer, as a link with these parameters opens it."""
    app = opened("review")
    if reviewer:
        app.session_state["reviewer"] = reviewer
    if parameters:
        app.query_params.pop("example", None)
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def click(app: AppTest, key: str) -> AppTest:
    """Click the button whose key begins like this."""
    (one,) = [b for b in app.button if b.key and b.key.startswith(key)]
    app = one.click().run()
    assert not app.exception
    return app


def shown(app: AppTest) -> str:
    """The example on the page."""
    return app.query_params["example"]


def progress(app: AppTest) -> str:
    """How far deciding has come, as the header says it."""
    (line,) = [part for part in app.caption if re.match(r"[\d,]+ of [\d,]+", str(part.value))]
    return f"{line.value} {line.help or ''}"


def store() -> Store:
    """The open dataset of the app."""
    return session.store_of("tiny")


def rows() -> list[tuple[Any, ...]]:
    """Every decision with its check and note, as the open dataset of the app has it."""
    return store().rows(
        "SELECT example_id, action, new_label, check_name, reviewer, note FROM decisions ORDER BY sequence"
    )


def decisions() -> list[tuple[Any, ...]]:
    """Every decision, as the open dataset of the app has it."""
    return store().rows("SELECT example_id, action, new_label, reviewer FROM decisions ORDER BY sequence")


def alike(folder: Path, count: int = 14) -> None:
    """So many examples labelled p, for which q is suggested, after b and a."""
    with Store(folder) as opened_store:
        with opened_store.transaction() as transaction:
            for number in range(count):
                transaction.execute(
                    "INSERT INTO examples (example_id, row_number, text, label, content_hash) VALUES (?, ?, ?, 'p', ?)",
                    [f"n{number}", 10 + number, f"text {number}", content_hash(f"text {number}", "p")],
                )
        for number in range(count):
            found(opened_store, f"c{number:02}", [f"n{number}"], suggested="q")


def with_source(of: Store) -> None:
    """The file that the examples came from."""
    with of.transaction() as transaction:
        transaction.execute(
            "CREATE TABLE source AS SELECT row_number, example_id, text AS c0, label AS c1 FROM examples"
        )
        transaction.execute("INSERT INTO columns VALUES (0, 'text', 'text'), (1, 'label', 'text')")
        transaction.set_meta("roles", '{"text": [0], "label": 1}')


def submit(app: AppTest) -> AppTest:
    """Press the main button of the question who decides; the run that it asks for closes the question."""
    (one,) = [b for b in app.button if b.proto.is_form_submitter]
    app = one.click().run()
    assert not app.exception
    return app
