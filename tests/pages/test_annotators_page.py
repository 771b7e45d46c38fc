"""Annotators: the answer in a sentence, every number with its way to the examples, and nothing hostile alive."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.people import agreement
from analysis.queries import people, people_differences
from analysis.review.guide import write_version
from analysis.store import Store
from tests.crowds import crowd, tasteful
from tests.pages.app import make, opened, said
from tests.scanned import scan_by_hand
from tests.unit.test_people_queries import LABELS, NAMES, decided, write
from ui import annotators_matrix, session


@pytest.fixture
def three(workspace: Path) -> Path:
    """Three annotators on twenty examples, scanned, one of them remarked on."""
    with Store(workspace / "crowd") as store:
        write(store, LABELS, NAMES)
        scan_by_hand(store)
        finding = {"check_name": "odd", "subject": "annotator", "subject_id": "Cem", "severity": 0.5, "flagged": True}
        finding |= {"message": "Cem is odd.", "members": ["e0", "e1"], "run_id": "1"}
        with store.transaction() as transaction:
            transaction.insert("findings", pd.DataFrame([finding]))
    return workspace


def test_the_answer_comes_first_with_its_interval_basis_and_reason(three: Path) -> None:
    app = opened("annotators")
    assert not app.exception
    answer = app.subheader[0].value
    assert answer.startswith("Three annotators labelled every example: Fleiss' κ 0.60, 95 % interval ")
    assert answer.endswith(", over 20 examples.")
    text = said(app)
    assert "which is what Fleiss' κ is made for" in text
    for title in ("Percent agreement", "Cohen's κ", "Fleiss' κ, fits here", "Krippendorff's α, nominal", "Gwet's AC1"):
        assert title in text
    assert "Cem is odd." in text
    assert "too few for a firm number" in text  # 20 examples


def test_everyone_has_a_line_with_interval_and_count(three: Path) -> None:
    app = opened("annotators")
    lines = app.dataframe[0].value
    assert lines["annotator"].tolist() == list(reversed(NAMES))  # Cem is right least often
    assert lines["right"].str.fullmatch(r"\d+ % \(\d+–\d+ %\) of 20").all()


def test_agreement_can_be_split(three: Path) -> None:
    app = opened("annotators")
    assert app.selectbox(key="annotators_by").options == ["label", "guideline version", "month", "split"]
    app.selectbox(key="annotators_by").set_value("guideline version").run()
    assert not app.exception
    assert app.dataframe[1].value["group"].tolist() == ["v1", "v2"]


def test_the_matrix_has_a_table(three: Path) -> None:
    app = opened("annotators")
    app.toggle(key="annotators_matrix_table").set_value(True).run()
    table = app.dataframe[1].value
    assert table["same"].tolist()[0].startswith("90 % (")
    assert table["shared"].tolist() == [20, 20, 20]


def test_the_matrix_has_agreement_above_and_examples_below_and_names_escaped() -> None:
    shared, same = np.array([[9, 8], [8, 9]]), np.array([[1.0, 0.75], [0.75, 1.0]])
    found = people.Matrix(("<b>a</b>", "b"), shared, same, same - 0.1, same + 0.1, same, 0)
    made = annotators_matrix.figure(found, "light")
    agreed, below, written, points = made["data"]
    assert agreed["z"] == [[None, 0.75], [None, None]]
    assert below["text"] == [["", ""], ["8", ""]]
    assert (written["x"], written["y"], written["text"]) == ([1], [0], ["75"])
    assert points["customdata"] == [["<b>a</b>", "b"], ["b", "<b>a</b>"]]
    assert made["layout"]["xaxis"]["ticktext"][0] == "&lt;b&gt;a&lt;/b&gt;"
    assert "<b>" not in points["hovertext"][0]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_words_in_the_cells_can_be_read(theme: str) -> None:
    """WCAG 2.2: the contrast with black, or with white, of any colour in between is at least 4.5."""
    colours = [s.colour for s in annotators_matrix.palette.ramp(("0", "1", "2", "3", "4"), theme).values()]  # type: ignore[arg-type]
    for place in range(5):  # the colour itself stands at each fifth of the way
        ink = annotators_matrix._ink(place / 4, colours, 0.0)
        levels = [int(colours[place][at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in levels]
        light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        contrast = (light + 0.05) / 0.05 if ink == "#000000" else 1.05 / (light + 0.05)
        assert contrast >= 4.5


def test_the_main_action_reviews_exactly_what_they_differ_on(three: Path) -> None:
    app = opened("annotators")
    primary = [button for button in app.main.button if button.proto.type == "primary"]
    assert [button.label for button in primary] == ["Review the 6 differences"]
    primary[0].click().run()
    assert [title.value for title in app.header] == ["Review"]
    assert "annotators differ, 6 examples" in app.button(key="chip_apart").label.replace("\\", "")


def test_review_opens_a_pair_of_labels_and_says_when_there_is_none(three: Path) -> None:
    app = opened("review", dataset="crowd", apart="labels", said="x", other="y")
    assert "annotators say both x and y, 6 examples" in app.button(key="chip_apart").label.replace("\\", "")
    app = opened("review", dataset="crowd", apart="people", annotator="Ada", other="nobody")
    assert "differ on no example here" in said(app)


def test_a_page_of_ones_own_lists_what_differs_by_pair_and_gives_it_away(three: Path) -> None:
    app = opened("annotators", dataset="crowd", annotator="Cem")
    assert not app.exception
    text = said(app)
    assert "Cem: 20 labels" in text
    assert "said y, outcome x" in text
    assert "Cem is odd." in text
    assert set(app.dataframe[0].value["example_id"]) >= {"e0", "e1", "e2", "e3"}
    app.button(key="page_all").click().run()
    assert app.subheader[0].value.startswith("Three annotators")


def test_an_unknown_annotator_in_the_address_is_nobody(three: Path) -> None:
    assert opened("annotators", dataset="crowd", annotator="nobody").subheader[0].value.startswith("Three annotators")


def test_resampling_does_not_run_again_when_something_else_is_clicked(
    three: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[int] = []

    def counting(*arguments: object, **named: object) -> agreement.Agreement:
        measured.append(1)
        return agreement.measure(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(people, "measure", counting)
    app = opened("annotators")
    app.toggle(key="annotators_matrix_table").set_value(True).run()
    app.toggle(key="annotators_matrix_table").set_value(False).run()
    assert measured == [1]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([("x", None, None)] * 3, "All labels are by one annotator"),
        ([("x", None, None), (None, "x", None)], "has labels by two annotators"),
    ],
)
def test_where_nothing_compares_it_says_what_to_do(
    workspace: Path, labels: list[tuple[str | None, ...]], expected: str
) -> None:
    with Store(workspace / "alone") as store:
        write(store, labels, NAMES)
    app = opened("annotators")
    assert not app.exception
    assert not app.error
    assert expected in said(app)
    assert "Have some examples labelled by two people" in said(app)


def test_without_annotators_it_leads_to_load(workspace: Path) -> None:
    make(workspace / "tiny")
    app = opened("annotators")
    assert "does not say who gave which label" in said(app)
    app.button(key="to_load").click().run()
    assert [title.value for title in app.header] == ["Load"]


def test_names_and_labels_that_are_markdown_stay_text(workspace: Path) -> None:
    bad = "![x](http://x)"
    with Store(workspace / "hostile") as store:
        write(store, [(f"{bad}1", f"{bad}1", f"{bad}2")] * 30 + [(f"{bad}2",) * 3] * 30, [f"{bad}{n}" for n in "abc"])
    for parameters in ({}, {"annotator": f"{bad}c"}):
        app = opened("annotators", **parameters)
        assert not app.exception
        live = [*app.markdown, *app.caption, *app.header, *app.subheader, *app.warning, *app.button, *app.expander]
        assert not [part for part in live if "](http" in str(getattr(part, "value", None) or part.label)]


def test_slips_and_ambiguous_examples_are_two_lists_with_counts_and_lead_to_review(workspace: Path) -> None:
    made, _ = tasteful(0, share=0.3)
    wide = made.pivot(index="example_id", columns="annotator", values="label")
    with Store(workspace / "taste") as store:
        write(store, [tuple(None if cell != cell else cell for cell in row) for row in wide.to_numpy()], wide.columns)
        scan_by_hand(store)
        counts = people_differences.kinds_of_disagreement(people.crowd(store))
    assert min(counts.values()) > 0
    app = opened("annotators")
    assert not app.exception
    assert [tab.label for tab in app.tabs] == [
        f"Several labels valid ({counts['several']:,})",
        f"Slips ({counts['slip']:,})",
        f"Cannot be told ({counts['open']:,})",
    ]
    assert f"Of {sum(counts.values()):,} examples that split annotators" in said(app)
    several, slips, _ = (tab.dataframe[0].value for tab in app.tabs)
    assert several["why"].str.contains("both seem valid").all()
    assert slips["why"].str.contains("a slip by p0").all()
    review = opened("review", dataset="taste", apart="several")
    chip = review.button(key="chip_apart").label.replace("\\", "")
    assert f"several labels seem valid, {counts['several']:,} example" in chip


def test_feedback_goes_by_clause_marks_what_is_not_decided_and_can_be_taken_away(three: Path) -> None:
    with Store(three / "crowd") as store:
        write_version(store, "## 1 First\n`x` and `y`: x if both.", version="v1", author="Eve", note="")
        store.record([replace(decided("e4", "y"), clause="1 (v1)"), decided("e5", action="keep")])
    app = opened("annotators", dataset="crowd", annotator="Cem")
    assert not app.exception
    labels = [part.label.replace("\\", "") for part in app.expander]
    assert any(label.startswith("Clause 1 First (v1): 1 decision and ") for label in labels)
    rows = app.dataframe[0].value.set_index("example_id")
    assert rows.loc["e4", "by"] == "decision by Eve, by this clause"
    assert rows.loc["e0", "by"].startswith("consensus, ")
    assert [button.proto.label for button in app.get("download_button")] == [
        "To send (Markdown)",
        "For a spreadsheet (CSV)",
    ]


def test_the_answer_says_how_good_the_agreement_is_and_what_comes_next(three: Path) -> None:
    text = said(opened("annotators"))
    assert "Low: one label an example is not enough, even for tentative conclusions" in text
    # 3 labels of reliability 0.6 (Fleiss): 3 * 0.6 / (1 + 2 * 0.6) = 0.82
    assert "The 3 labels of an example are together as reliable as 0.82" in text
    assert "All feedback (ZIP)" in [b.proto.label for b in opened("annotators").get("download_button")]


def test_who_is_not_flagged_for_want_of_labels_is_named_with_the_interval(workspace: Path) -> None:
    """Dora is wrong on four of eight examples, all others are right on 80."""
    labels = [("x", "x", "x", "y" if n < 4 else "x") if n < 8 else ("x", "y")[n % 2 : n % 2 + 1] * 3 + (None,)
              for n in range(80)]  # fmt: skip
    with Store(workspace / "crowd") as store:
        write(store, labels, (*NAMES, "Dora"))
        scan_by_hand(store)
    app = opened("annotators")
    assert app.dataframe[0].value["annotator"].tolist()[0] == "Dora"
    assert app.dataframe[0].value["stands"].tolist()[0] == "too few labels"
    text = said(app).replace("\\", "")
    assert "Not flagged: Dora (" in text
    assert "too few" in text or "so few labels" in text


def test_those_who_repeat_each_other_have_numbers_and_lead_to_the_mistakes_they_share(workspace: Path) -> None:
    settings = {"annotators": 20, "per_example": 8, "copiers": 2, "classes": 2, "accuracy": (0.6, 0.85)}
    made = crowd(1, examples=800, **settings)  # type: ignore[arg-type]
    wide = made.annotations.pivot(index="example_id", columns="annotator", values="label")
    with Store(workspace / "copies") as store:
        write(store, [tuple(None if cell != cell else cell for cell in row) for row in wide.to_numpy()], wide.columns)
        scan_by_hand(store)
        (pair,) = people.crowd(store).repeating
    app = opened("annotators")
    assert not app.exception
    assert f"p000 and p001 made the same mistake on {pair.mistakes:,} of {pair.shared:,} examples" in said(app)
    review = opened("review", dataset="copies", apart="together", annotator="p000", other="p001")
    chip = review.button(key="chip_apart").label.replace("\\", "")
    assert f"p000 and p001 make the same mistake, {pair.mistakes:,} examples" in chip


def test_a_decision_does_not_ask_again_what_rests_on_labels_alone(three: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    for name in ("mixed_up", "kinds_of_disagreement"):

        def counting(crowd: people.Crowd, name: str = name, of: object = getattr(people_differences, name)) -> object:
            asked.append(name)
            return of(crowd)  # type: ignore[operator]

        monkeypatch.setattr(people_differences, name, counting)
    app = opened("annotators", dataset="crowd")
    store = session.store_of("crowd")
    store.record([decided("e4", "y")])
    app.run()
    assert sorted(asked) == ["kinds_of_disagreement", "mixed_up"]
    with store.transaction() as transaction:
        transaction.execute("UPDATE annotations SET label = 'y' WHERE example_id = 'e4'")
    app.run()
    assert len(asked) == 4


def test_deciding_keeps_the_members_of_the_queue_of_what_differs_from_the_outcome(three: Path) -> None:
    app = opened("review", dataset="crowd", apart="outcome", annotator="Cem")
    before, shown = app.button(key="chip_apart").label, app.query_params["example"]
    session.store_of("crowd").record([decided(shown, "y")])  # what Cem said
    app.run()
    assert app.button(key="chip_apart").label == before
    assert any(part.value.startswith("1 of ") for part in app.caption)


def test_the_text_of_a_split_example_is_that_of_the_present_data(three: Path) -> None:
    app = opened("annotators", dataset="crowd")
    store = session.store_of("crowd")
    with store.transaction() as transaction:
        transaction.execute("UPDATE examples SET text = 'said anew'")
    app.run()
    (split,) = {str(text) for tab in app.tabs for frame in tab.dataframe for text in frame.value["text"]}
    assert split == "said anew"
