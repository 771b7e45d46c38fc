"""Asking a colleague: what counts as asked, what as answered, and where it stands in the queue."""

import json

import pytest

from analysis.errors import NoSuchThing, NotSaved
from analysis.queries import asked, queue
from analysis.queries.case import case
from analysis.queries.queue import QueueFilter, State
from analysis.review.ask import ask, take_back
from analysis.review.decide import decide, undo_last
from analysis.store import Store
from tests.scanned import found


def ids(store: Store, person: str = "Grace", state: State = "open") -> list[str]:
    return list(queue.review_queue(store, QueueFilter(asked=person, state=state))["example_id"])


def test_a_request_is_in_the_journal_and_on_the_case(store: Store) -> None:
    ask(store, "a", " Grace\n H. ", asked_by="Ada", question=" is it\x00 x? ")
    (line,) = [json.loads(text) for text in store.journal.path.read_text().splitlines()]
    assert (line["kind"], line["example_id"], line["asked"], line["asked_by"], line["question"]) == (
        *("assignment", "a", "Grace H.", "Ada", "is it x?"),
    )
    (request,) = case(store, "a").requests
    assert (request.asked, request.asked_by, request.question, request.answered) == (
        "Grace H.",
        "Ada",
        "is it x?",
        False,
    )
    assert case(store, "b").requests == ()


def test_it_comes_back_from_the_journal(store: Store) -> None:
    ask(store, "a", "Grace", asked_by="Ada")
    folder = store.folder
    store.close()
    with Store(folder) as again:
        assert asked.count_open(again, "Grace") == 1


def test_asked_of_me_is_a_queue_flagged_or_not_and_empties_as_i_decide(store: Store) -> None:
    found(store, "odd", ["b"])
    decide(store, ["a"], "unsure", reviewer="Ada")
    ask(store, "a", "Grace", asked_by="Ada")  # decided by somebody else: that is why Grace is asked
    ask(store, "b", "Grace", asked_by="Ada")
    ask(store, "c", "Ben", asked_by="Ada")
    assert ids(store) == ["b", "a"]
    assert asked.count_open(store, " GRACE ") == 2
    decide(store, ["b"], "drop", reviewer="Grace")
    assert ids(store) == ["a"]
    assert ids(store, state="all") == ["b", "a"]
    place = queue.place(store, QueueFilter(asked="Grace"), None)
    assert (place.total, place.decided, place.left) == (2, 1, 1)
    assert [request.answered for request in case(store, "b").requests] == [True]
    undo_last(store, "Grace")
    assert ids(store) == ["b", "a"]


def test_a_decision_before_the_request_is_no_answer_and_asking_again_opens_it(store: Store) -> None:
    decide(store, ["a"], "keep", reviewer="Grace")
    ask(store, "a", "Grace", asked_by="Ada")
    assert ids(store) == ["a"]
    decide(store, ["a"], "keep", reviewer="Grace")
    assert ids(store) == []
    decide(store, ["a"], "reopen", reviewer="Grace")
    assert ids(store) == ["a"]
    assert [request.answered for request in case(store, "a").requests] == [False]
    decide(store, ["a"], "drop", reviewer="Grace")
    ask(store, "a", "grace", asked_by="Ben", question="sure?")
    assert ids(store) == ["a"]
    (request,) = case(store, "a").requests
    assert (request.asked_by, request.question, request.answered) == ("Ben", "sure?", False)


def test_an_answer_about_what_the_example_said_before_is_none(store: Store) -> None:
    ask(store, "a", "Grace", asked_by="Ada")
    decide(store, ["a"], "keep", reviewer="Grace")
    assert asked.count_open(store, "Grace") == 0
    with store.transaction() as transaction:
        transaction.execute("UPDATE examples SET text = 'uno', content_hash = 'another' WHERE example_id = 'a'")
    assert ids(store) == ["a"]
    assert asked.count_open(store, "Grace") == 1
    assert [request.answered for request in case(store, "a").requests] == [False]


def test_a_request_is_ones_own_whatever_the_capitals(store: Store) -> None:
    ask(store, "a", "Grace", asked_by="Ada", assignment_id="one")
    assert take_back(store, "a", "one", asked_by=" ADA") is not None
    assert ids(store) == []


def test_a_request_that_is_taken_back_is_gone(store: Store) -> None:
    ask(store, "a", "Grace", asked_by="Ada", assignment_id="one")
    assert take_back(store, "a", "one", asked_by="Ben") is None
    assert ids(store) == ["a"]
    assert take_back(store, "a", "one", asked_by="Ada") is not None
    assert (ids(store), case(store, "a").requests) == ([], ())
    assert take_back(store, "a", "one", asked_by="Ada") is None
    assert len(store.journal.path.read_text().splitlines()) == 2
    assert undo_last(store, "Ada") == []  # that is for decisions


def test_asking_twice_with_the_same_id_changes_nothing(store: Store) -> None:
    for _ in range(2):
        ask(store, "a", "Grace", asked_by="Ada", assignment_id="one")
    assert len(store.journal.path.read_text().splitlines()) == 1


def test_who_can_be_asked(store: Store) -> None:
    with store.transaction() as transaction:
        transaction.execute("INSERT INTO annotations VALUES ('a', 'Ben', 'x', NULL, NULL)")
        transaction.execute("INSERT INTO annotations VALUES ('a', 'Ada', 'x', NULL, NULL)")
    decide(store, ["a"], "keep", reviewer="Ada")
    ask(store, "a", "Grace", asked_by="Ada")
    assert asked.people(store) == ["Ada", "Grace", "Ben"]  # who only labelled comes last


@pytest.mark.parametrize(
    ("example", "whom", "by", "error", "says"),
    [
        ("nowhere", "Grace", "Ada", NoSuchThing, "'nowhere'"),
        ("a", " \x00", "Ada", NotSaved, "to be asked"),
        ("a", "Grace", " ", NotSaved, "the one who asks"),
        ("a", "ADA", "Ada", NotSaved, "by themselves"),
    ],
)
def test_nonsense_is_refused_and_leaves_no_trace(
    store: Store, example: str, whom: str, by: str, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        ask(store, example, whom, asked_by=by)
    assert store.journal.path.read_text() == ""
