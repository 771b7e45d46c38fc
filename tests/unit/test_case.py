"""One example with all that helps to decide, from rows written by hand."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis.errors import NoSuchThing
from analysis.load.options import ReadFile
from analysis.load.save import save
from analysis.queries.case import NEAREST, Opinion, Other, Reason, case, common_length
from analysis.review.decide import decide, undo_last
from analysis.schema import Roles
from analysis.store import Store
from tests.tables import read_table
from tests.unit.test_queue import found

NAMES = ["id", "message", "label", "ada", "ben", "channel", ""]
ROWS: list[list[str | None]] = [
    ["t1", "one", "x", "x", "y", "mail", "=1+1"],
    ["t2", "two", "y", "y", "", "", None],
    ["t3", "three", "", "", "", "chat", ""],
]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Three examples; two annotators, and two columns that play no role."""
    with Store(_saved(tmp_path, read_table(NAMES, ROWS), Roles(text=(1,), id=0, label=2, annotators=(3, 4)))) as opened:
        yield opened


def _saved(folder: Path, read: ReadFile, roles: Roles) -> Path:
    path = folder / "data.csv"
    path.write_text("stands for the file")
    return save(folder / "workspace", read, path, "data", roles).folder


def _neighbours(store: Store, example: str, members: list[str], similarity: list[float]) -> None:
    with store.transaction() as transaction:
        transaction.execute("INSERT INTO neighbours VALUES (?, ?, ?)", [example, members, similarity])


def _predicts(store: Store, example: str, classes: list[str], probabilities: list[float]) -> None:
    with store.transaction() as transaction:
        best = classes[probabilities.index(max(probabilities))]
        transaction.execute(
            "INSERT INTO predictions (example_id, predicted, confidence, probabilities) VALUES (?, ?, ?, ?)",
            [example, best, max(probabilities), probabilities],
        )
        transaction.set_meta("signal.predictions.detail", json.dumps({"classes": classes}))


def test_an_example_that_nothing_is_known_about(store: Store) -> None:
    found_case = case(store, "t3")
    assert (found_case.example_id, found_case.row_number, found_case.text) == ("t3", 3, "three")
    assert (found_case.label, found_case.split, found_case.happened_at) == (None, None, None)
    assert found_case.annotations == found_case.classes == found_case.reasons == ()
    assert found_case.members == found_case.nearest == found_case.opinions == ()
    assert found_case.suggestion is None


def test_fields_are_the_filled_cells_of_columns_that_stand_nowhere_else(store: Store) -> None:
    assert case(store, "t1").fields == (("ada", "x"), ("ben", "y"), ("channel", "mail"), ("(column 7)", "=1+1"))
    assert case(store, "t2").fields == (("ada", "y"),)
    assert case(store, "t3").fields == (("channel", "chat"),)


def test_annotators_and_their_labels(store: Store) -> None:
    assert case(store, "t1").annotations == (Opinion("ada", "x"), Opinion("ben", "y"))
    assert case(store, "t2").annotations == (Opinion("ada", "y"),)


def test_reasons_that_suggest_a_label_come_first_then_by_name(store: Store) -> None:
    found(store, "c", ("t1", 0.1, "y"))
    found(store, "a", ("t1", 0.9, None))
    found(store, "b", ("t1", 0.8, "z"), members=["t1", "t2", "t3"])
    found(store, "d", ("t1", 1.0, "w"), flagged=False)
    found(store, "e", ("t1", 1.0, None), subject="slice")
    one = case(store, "t1")
    assert [reason.check_name for reason in one.reasons] == ["b", "c", "a"]
    assert one.reasons[0] == Reason("b", 0.8, "b on t1", "z", ("t1", "t2", "t3"))
    assert one.suggestion == "z"


def test_a_suggestion_is_never_the_label_that_it_has(store: Store) -> None:
    found(store, "b", ("t1", 0.8, "x"))
    assert case(store, "t1").suggestion is None
    found(store, "c", ("t1", 0.1, "y"))
    assert case(store, "t1").suggestion == "y"


def test_an_unlabelled_example_gets_the_most_probable_label_suggested(store: Store) -> None:
    _predicts(store, "t3", ["x", "y"], [0.25, 0.75])
    three = case(store, "t3")
    assert three.classes == (("y", 0.75), ("x", 0.25))
    assert three.suggestion == "y"
    assert (three.probability("x"), three.probability("z"), three.probability(None)) == (0.25, None, None)


def test_a_labelled_example_gets_no_label_suggested_by_probability_alone(store: Store) -> None:
    _predicts(store, "t1", ["x", "y"], [0.25, 0.75])
    assert case(store, "t1").suggestion is None


def test_equally_probable_labels_go_by_name(store: Store) -> None:
    _predicts(store, "t3", ["b", "a", "c"], [0.25, 0.25, 0.5])
    assert [label for label, _ in case(store, "t3").classes] == ["c", "a", "b"]


def test_probabilities_of_other_classes_than_known_are_not_shown(store: Store) -> None:
    _predicts(store, "t3", ["x", "y"], [0.25, 0.75])
    with store.transaction() as transaction:
        transaction.set_meta("signal.predictions.detail", json.dumps({"classes": ["x"]}))
    assert case(store, "t3").classes == ()


def test_nearest_examples_in_the_order_of_their_similarity(store: Store) -> None:
    _neighbours(store, "t1", ["t3", "t2"], [0.75, 0.5])
    assert case(store, "t1").nearest == (Other("t3", 0.75, None, "three"), Other("t2", 0.5, "y", "two"))


def test_what_a_check_compares_with_comes_with_its_similarity_where_known(store: Store) -> None:
    _neighbours(store, "t1", ["t2"], [0.5])
    found(store, "a", ("t1", 0.9, None), members=["t1", "t3", "t2", "gone"])
    found(store, "b", ("t1", 0.8, None), members=["t2"])
    assert case(store, "t1").members == (Other("t3", None, None, "three"), Other("t2", 0.5, "y", "two"))


def test_only_as_many_others_as_fit_and_only_the_start_of_their_text(tmp_path: Path) -> None:
    rows = [[f"{'long ' * 1000}{i}", "x"] for i in range(20)]
    with Store(_saved(tmp_path, read_table(["text", "label"], rows), Roles(text=(0,), label=1))) as store:
        others = [f"r{i}" for i in range(2, 21)]
        _neighbours(store, "r1", others, [1 - i / 100 for i in range(19)])
        found(store, "a", ("r1", 0.9, None), members=others)
        one = case(store, "r1")
        assert [other.example_id for other in one.nearest] == others[:NEAREST]
        assert len(one.members) == NEAREST
        assert {len(other.text) for other in one.nearest} == {2000}
        assert len(one.text) == 5001


def test_each_reviewers_latest_decision_that_still_counts_latest_first(store: Store) -> None:
    decide(store, ["t1"], "keep", reviewer="Ada")
    decide(store, ["t1"], "relabel", new_label="y", reviewer="Ben", note="clearly y")
    decide(store, ["t1"], "drop", reviewer="Ada")
    decide(store, ["t2"], "drop", reviewer="Ada")
    opinions = case(store, "t1").opinions
    assert [(o.who, o.action, o.label, o.note) for o in opinions] == [
        ("Ada", "drop", None, ""),
        ("Ben", "relabel", "y", "clearly y"),
    ]
    undo_last(store, "Ada")
    undo_last(store, "Ada")
    assert [(o.who, o.action) for o in case(store, "t1").opinions] == [("Ben", "relabel"), ("Ada", "keep")]


def test_a_decision_about_an_earlier_text_is_nobodys_opinion_any_more(store: Store) -> None:
    decide(store, ["t1"], "drop", reviewer="Ada")
    with store.transaction() as transaction:
        transaction.execute("UPDATE examples SET content_hash = 'other' WHERE example_id = 't1'")
    assert case(store, "t1").opinions == ()


@pytest.mark.parametrize("example", ["t9", "", "' OR 1=1 --", "T1"])
def test_an_unknown_example_is_said_by_name(store: Store, example: str) -> None:
    with pytest.raises(NoSuchThing) as caught:
        case(store, example)
    assert caught.value.message == f"There is no example {example!r} in 'data'."


def test_nine_of_ten_texts_are_no_longer_than_the_common_length(tmp_path: Path) -> None:
    rows = [["x" * length, "y"] for length in [*range(1, 11), 5000]]
    with Store(_saved(tmp_path, read_table(["text", "label"], rows), Roles(text=(0,), label=1))) as store:
        assert common_length(store) == 10  # the tenth of eleven
        with store.transaction() as transaction:
            transaction.execute("DELETE FROM examples")
        assert common_length(store) == 0
