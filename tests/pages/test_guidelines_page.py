"""Guidelines: what is written, what people are split on under it, and what each version changed."""

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from analysis.errors import NotSaved
from analysis.queries import guidelines
from analysis.review.decide import decide
from analysis.review.guide import write_version
from analysis.store import Store
from tests.loading import loaded
from tests.pages.app import make, opened, said
from tests.scanned import scan_by_hand
from ui import guidelines_edit

HOSTILE = "![x](http://x) [y](http://y) **bold** :material/delete: $x$ <b>"
SAMPLE = Path(__file__).parents[2] / "sample_data" / "support-messages" / "support_messages.csv"
RULES = "## 1 First\n`x` and `y`\n## 2 Second\n`nobody's`"


@pytest.fixture
def crowd(workspace: Path) -> Path:
    """Three examples labelled by two people: x against y on a and b; nobody is split on c."""
    with Store(make(workspace / "tiny")) as store:
        annotate(store, ("a", "p", "x"), ("a", "q", "y"), ("b", "p", "y"), ("b", "q", "x"))
        annotate(store, ("c", "p", "x"), ("c", "q", "x"))
    return workspace / "tiny"


def annotate(store: Store, *rows: tuple[str, str, str]) -> None:
    given = pd.DataFrame(rows, columns=["example_id", "annotator", "label"])
    with store.transaction() as transaction:
        transaction.insert("annotations", given.assign(annotated_at=None, guideline_version="v1"))


def store_examples(store: Store, ids: Iterable[str]) -> None:
    rows = pd.DataFrame({"example_id": list(ids)})
    rows = rows.assign(row_number=range(10, 10 + len(rows)), text="t", label=None, split=None, content_hash="h")
    with store.transaction() as transaction:
        transaction.insert("examples", rows)


def page(reviewer: str | None = "Ada", **parameters: str) -> AppTest:
    app = opened("guidelines", **parameters)
    assert not app.exception
    if reviewer:
        app.session_state["reviewer"] = reviewer
        app.run()
    assert not app.exception
    return app


def versions() -> list[tuple[str, str, str, str]]:
    from ui import session

    store = session.store_of("tiny")
    return [(v.name, v.text, v.author, v.note) for v in guidelines.versions(store)]


def text(app: AppTest) -> str:
    return said(app).replace("\\", "").replace("\u2060", "")


def field(app: AppTest, kind: str, is_it: Callable[[str], bool]) -> Any:
    """The input of the editor whose key it is."""
    (found,) = [part for part in getattr(app, kind) if str(part.key).startswith("guideline_text") and is_it(part.key)]
    return found


def body(app: AppTest) -> Any:
    return field(app, "text_area", lambda key: not key.endswith(("_why", "_name")))


def test_the_effect_of_the_second_version_in_the_sample_is_the_first_sentence(workspace: Path) -> None:
    loaded(SAMPLE, workspace)
    app = page(reviewer=None)
    sentence = app.subheader[0].value.replace("\\", "").replace("\u2060", "")
    assert sentence.startswith("v2 raised α on card_declined against payment_failed from 0.")
    assert "95 % interval of the difference 0." in sentence
    table = app.dataframe[0].value
    assert table["Versions"].unique().tolist() == ["v1 → v2"]
    assert table["Labels"].tolist()[:2] == ["all", "card_declined against payment_failed"]


def test_without_a_guideline_the_page_says_how_to_write_one(crowd: Path) -> None:
    app = page()
    assert "No guideline is written yet" in text(app)
    assert "in backticks" in text(app)
    assert [b.label for b in app.main.button if b.proto.type == "primary"] == ["Write the first version"]
    assert "x against y" in text(app)  # gaps and agreement need no guideline
    assert "All labels were given under one version: v1" in text(app)


def test_a_first_version_is_written_and_shown_by_clause(crowd: Path) -> None:
    app = page()
    app.button(key="guideline_edit").click().run()
    body(app).set_value(RULES).run()
    assert "2 clauses" in text(app)
    app.button(key="guideline_save").click().run()
    assert not app.exception
    assert versions() == [("v1", RULES, "Ada", "")]
    assert "Saved: v1 is in force from now on" in text(app)
    assert "**1 First**" in text(app)
    assert "2 of 3 examples split (21–94 %), 100 % of all disagreement" in text(app)
    assert "It names every label, so this is the disagreement on all of the data" in text(app)
    assert "`" not in text(app).split("Clauses of")[1]
    assert "“nobody's” is no label here" in text(app)
    assert "No gap" in text(app)
    assert "edit" not in app.query_params


def test_a_new_version_needs_a_reason_and_says_what_changed(crowd: Path) -> None:
    with Store(crowd) as store:
        write_version(store, RULES, version="v1", author="Grace", note="")
    app = page(edit="yes")
    assert body(app).value == RULES
    body(app).set_value(RULES + "\n## 3 Third").run()
    assert "Clause 3 is new." in text(app)
    app.button(key="guideline_save").click().run()
    assert "it is not said why" in app.error[0].value
    assert body(app).value == RULES + "\n## 3 Third"
    field(app, "text_area", lambda key: key.endswith("_why")).set_value("a gap").run()
    app.button(key="guideline_save").click().run()
    assert not app.error
    assert versions()[1] == ("v2", RULES + "\n## 3 Third", "Ada", "a gap")
    assert "What v2 changed" in text(app)
    assert any("+ ## 3 Third" in code.value for code in app.code)
    assert app.dataframe[-1].value["Author"].tolist() == ["Ada", "Grace"]
    app = page(version="v1")
    assert "Clauses of v1" in text(app)
    assert "Clauses of v2" in text(page(version=HOSTILE))


def test_missing_backticks_are_told_before_anything_is_saved(crowd: Path) -> None:
    bare = "## 1 First\nx is what was promised\n## 2 Second\n`y`"
    app = page(edit="yes")
    body(app).set_value(bare)
    app.button(key="guideline_save").click().run()  # typed and saved in one go
    assert versions() == []
    warned = app.warning[0].value
    assert "Clause 1 names no label in backticks" in warned
    assert "put “x” in backticks" in warned
    assert "Clause 2" not in warned
    assert app.button(key="guideline_save").label == "Save it as it is"
    body(app).set_value(bare.replace("x is", "`x` is")).run()
    assert not app.warning
    assert app.button(key="guideline_save").label == "Save this version"
    body(app).set_value(bare).run()
    app.button(key="guideline_save").click().run()  # it was told, and is meant so
    assert [version[1] for version in versions()] == [bare]


def test_a_clause_about_no_label_is_none_the_worse_for_it(crowd: Path) -> None:
    app = page(edit="yes")
    body(app).set_value("## 1 General\nRead twice.\n## 2 Labels\n`x` `y`").run()
    assert not app.warning


def test_decisions_that_no_clause_fits_stay_and_lead_to_their_examples(crowd: Path) -> None:
    with Store(crowd) as store:
        write_version(store, RULES, version="v1", author="Ada", note="")
        decide(store, ["a"], "keep", reviewer="Ada", clause="none (v1)")
        scan_by_hand(store)
        write_version(store, RULES + "\n## 3 Third", version="v2", author="Ada", note="more")
    found = text(page())
    assert "1 decision in force says that no clause fits." in found
    assert "No gap" not in found
    review = opened("review", dataset="tiny", apart="unruled", state="all")
    assert "a decision says that no clause fits, 1 example" in review.button(key="chip_apart").label.replace("\\", "")


def test_nobody_can_save_without_a_name(crowd: Path) -> None:
    app = page(reviewer=None, edit="yes")
    body(app).set_value(RULES).run()
    assert app.button(key="guideline_save").disabled
    assert "Give your name first" in text(app)


def test_two_presses_on_one_view_are_one_version(crowd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def twice(*arguments: Any, **how: Any) -> Any:
        write_version(*arguments, **how)
        return write_version(*arguments, **how)

    monkeypatch.setattr(guidelines_edit, "write_version", twice)
    app = page(edit="yes")
    body(app).set_value(RULES).run()
    app.button(key="guideline_save").click().run()
    assert not app.error
    assert len(versions()) == 1


def test_a_failed_save_keeps_what_was_typed(crowd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise NotSaved("Not saved: the disk is full.", "Free some disk space.")

    monkeypatch.setattr(guidelines_edit, "write_version", full)
    app = page(edit="yes")
    body(app).set_value(RULES).run()
    app.button(key="guideline_save").click().run()
    assert "the disk is full" in app.error[0].value
    assert body(app).value == RULES
    assert versions() == []


def test_what_was_typed_is_there_again_after_a_look_at_another_page(crowd: Path) -> None:
    app = page(edit="yes")
    body(app).set_value(RULES).run()
    app.switch_page("pages/overview.py").run()
    app.query_params["edit"] = "yes"
    app.switch_page("pages/guidelines.py").run()
    assert body(app).value == RULES
    app.button(key="guideline_cancel").click().run()
    app.button(key="guideline_edit").click().run()
    assert body(app).value == ""


def test_a_gap_leads_to_its_examples_and_to_a_draft_that_quotes_decisions(crowd: Path) -> None:
    with Store(crowd) as store:
        decide(store, ["a"], "keep", reviewer="Ada", note="clear")
    app = page()
    (draft,) = [b for b in app.main.button if b.label == "Draft"]
    draft.click().run()
    assert not app.exception
    assert body(app).value.startswith("## 1 `x` or `y`\n")
    assert "- `x`: “one” (a) – clear" in body(app).value


def test_without_annotations_the_page_says_what_is_missing(workspace: Path) -> None:
    with Store(make(workspace / "tiny")) as store:
        write_version(store, RULES, version="v1", author="Ada", note="")
    app = page()
    assert "No example has labels by two annotators" in text(app)
    assert "**1 First**" in text(app)


def test_without_a_dataset_the_page_says_what_it_will_show(workspace: Path) -> None:
    app = page(reviewer=None)
    assert "Here you will write the labelling rules" in text(app)


@pytest.mark.slow
def test_two_hundred_labels_and_clauses_fit(workspace: Path) -> None:
    with Store(make(workspace / "tiny")) as store:
        rows = [(f"e{i}", who, f"label {(i + n * (i % 3)) % 200:03}") for i in range(400) for n, who in enumerate("pq")]
        store_examples(store, dict.fromkeys(row[0] for row in rows))
        annotate(store, *rows)
        rules = "\n".join(f"## {i + 1} Rule\n`label {i:03}`" for i in range(200))
        write_version(store, rules, version="v1", author="Ada", note="")
    app = page()
    assert "The first 100 of 200 clauses" in text(app)
    app.toggle(key="guideline_gaps_all").set_value(True).run()
    assert not app.exception
    assert len([b for b in app.main.button if b.label == "Draft"]) == 50


def test_nothing_that_people_wrote_is_live(crowd: Path) -> None:
    with Store(crowd) as store:
        with store.transaction() as transaction:
            transaction.execute("UPDATE annotations SET label = ? WHERE label = 'y'", [HOSTILE])
            transaction.execute("UPDATE annotations SET guideline_version = ?", [HOSTILE[:38]])
        write_version(store, f"## 1 {HOSTILE}\n{HOSTILE}", version=HOSTILE[:38], author=HOSTILE, note="")
        write_version(store, f"{HOSTILE}\n## 1 {HOSTILE} `{HOSTILE}`", version="v2", author=HOSTILE, note=HOSTILE)
    for app in (page(HOSTILE), page(HOSTILE, edit="yes", between="x", against=HOSTILE)):
        live = [*app.markdown, *app.caption, *app.header, *app.subheader, *app.error, *app.warning]
        texts = [str(part.value) for part in live]
        for kind in (app.button, app.text_area, app.text_input, app.selectbox, app.toggle):
            texts += [str(part.label) for part in kind]
        assert [part for part in texts if "http" in part]
        for part in texts:
            assert "](http" not in part
            assert "**bold**" not in part
            assert ":material/delete" not in part
            assert "<b>" not in part.replace("\\<", "")


def test_conflicts_lead_to_the_blind_queue(crowd: Path) -> None:
    app = page()
    (link,) = [part.proto for part in app.get("page_link") if "conflict" in part.proto.label]
    assert link.label == "Decide 2 conflicts blind ›"
    assert "conflicts=yes" in link.query_string
    assert "blind=yes" in link.query_string


def test_a_version_can_have_been_in_force_before_it_was_written(crowd: Path) -> None:
    app = page()
    app.button(key="guideline_edit").click().run()
    body(app).set_value(RULES).run()
    app.date_input[0].set_value(date(2025, 9, 1)).run()
    app.button(key="guideline_save").click().run()
    assert not app.exception
    assert "is in force since 2025-09-01" in text(app)


def test_a_version_that_was_in_force_before_another_says_until_when(crowd: Path) -> None:
    with Store(crowd) as store:
        write_version(store, RULES, version="v1", author="Ada", note="", since=date(2025, 9, 1))
    app = page(edit="yes")
    body(app).set_value(f"{RULES} before").run()
    field(app, "text_input", lambda key: key.endswith("_name")).set_value("v0").run()
    field(app, "text_area", lambda key: key.endswith("_why")).set_value("found again").run()
    app.date_input[0].set_value(date(2025, 1, 1)).run()
    app.button(key="guideline_save").click().run()
    assert not app.exception
    assert "Saved: v0 counts from 2025-01-01 until 2025-09-01, when v1 begins." in text(app)
    assert "Clauses of v1" in text(app)
