"""Small real datasets for every test, and what a test with a browser needs."""

import os
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from analysis.schema import Action, Decision, content_hash
from analysis.store import Store
from tests.e2e.browser import chromium

MakeDecision = Callable[..., Decision]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Without a browser its tests fail where everything must be tested, and say so elsewhere."""
    if item.get_closest_marker("e2e") is None or chromium() is not None:
        return
    said = f"{item.name} needs Chromium, which is not installed (Debian: apt-get install chromium chromium-driver)"
    if os.environ.get("CI", "").lower() in ("true", "1"):
        pytest.fail(said, pytrace=False)
    pytest.skip(said)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An open dataset with three examples: a and b labelled, c not."""
    with Store(tmp_path / "workspace" / "tiny") as opened:
        fill(opened)
        yield opened


def fill(store: Store) -> None:
    """Three examples, straight into the tables."""
    rows = pd.DataFrame(
        {"example_id": ["a", "b", "c"], "row_number": [1, 2, 3], "text": ["one", "two", "three"]}
    ).assign(label=["x", "y", None], split=None)
    rows["content_hash"] = [
        content_hash(t, None if pd.isna(label) else label) for t, label in zip(rows.text, rows.label, strict=True)
    ]
    with store.transaction() as transaction:
        transaction.insert("examples", rows)


@pytest.fixture
def make_decision() -> MakeDecision:
    """A decision on one of the examples of `store`, with a UUID of its own."""

    def make(example_id: str = "a", action: Action = "keep", new_label: str | None = None) -> Decision:
        text, label = {"a": ("one", "x"), "b": ("two", "y"), "c": ("three", None)}[example_id]
        return Decision(
            decision_id=str(uuid.uuid4()),
            example_id=example_id,
            content_hash=content_hash(text, label),
            action=action,
            new_label=new_label,
            reviewer="Ada",
            decided_at=datetime.now(UTC).isoformat(),
        )

    return make
