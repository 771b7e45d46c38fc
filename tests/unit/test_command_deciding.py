"""Deciding, taking back and asking on the command line."""

import json
import re
from pathlib import Path
from typing import Any

from tests.commands import CSV
from tests.tables import write


def test_several_labels_are_right_from_the_decision_to_the_file(tickets: Any, tmp_path: Path) -> None:
    words = ("decide", "tickets", "a", "several", "--to", "y", "--to", "xx", "--to", "x", "--reviewer", "Ada")
    code, shown, _ = tickets(*words)
    assert code == 0
    assert "Saved: a: several labels are right: 'x', 'y', 'xx', by Ada (it has 'x' in the file)." in shown
    assert "'xx' is a label that the dataset did not have. Did you mean 'x'?" in shown
    _, shown, _ = tickets("show", "tickets", "a")
    assert "several labels are right: x, y, xx, by Ada." in shown
    told = json.loads(tickets("show", "tickets", "a", "--json")[1])
    assert told["verdict"]["labels"] == ["x", "y", "xx"]
    _, shown, _ = tickets("export", "tickets", "-o", tmp_path / "out.csv")
    assert "Several labels are right: 1 example, all in a last column." in " ".join(shown.split())
    head, first, *_ = (tmp_path / "out.csv").read_text().splitlines()
    assert head == "name,message,intent,soft_label"
    assert first.startswith("a,one,x,")
    _, shown, _ = tickets("undo", "tickets", "--reviewer", "Ada")
    assert "Taken back: a: several." in shown


def test_a_new_label_that_looks_like_a_slip_is_named(tickets: Any, tmp_path: Path) -> None:
    run = tickets
    run("load", write(tmp_path / "l.csv", CSV.replace(",x", ",card_lost")), "--name", "l", "--id", "name")
    _, shown, _ = run("decide", "l", "b", "relabel", "--to", "card_lst", "--reviewer", "Ada")
    assert "Did you mean 'card_lost'?" in shown
    code, shown, _ = run("undo", "l", "--reviewer", " Ada ")
    assert code == 0
    assert "Taken back: b: relabel." in shown
    assert "has no decision to take back" in run("undo", "l", "--reviewer", "Ada")[1]


def test_a_colleague_is_asked_answers_and_both_see_it(tickets: Any) -> None:
    code, shown, _ = tickets("ask", "tickets", "a", "Grace", "--reviewer", "Ada", "--question", "x or y?")
    assert (code, shown.splitlines()[0]) == (0, "Saved: Ada asks Grace to decide about a.")
    assert tickets("ask", "tickets", "b", "Grace", "--reviewer", "Ada")[0] == 0
    tickets("decide", "tickets", "a", "relabel", "--to", "y", "--reviewer", "grace", "--note", "see 2")
    _, shown, _ = tickets("asked", "tickets")
    lines = shown.splitlines()
    assert lines[0] == "2 requests, 1 waits for an answer."
    assert re.fullmatch(r"b +Grace +Ada +\d{4}-\d\d-\d\d +\(waits\)", lines[3])
    assert lines[4].endswith("x or y?   relabel to y")
    assert lines[-1] == "Next: python -m analysis decide tickets b ACTION --reviewer Grace"
    told = json.loads(tickets("asked", "tickets", "--reviewer", "ADA", "--json")[1])
    assert (told["waiting"], [one["example"] for one in told["asked"]]) == (1, ["b", "a"])
    answer = told["asked"][1]
    assert (answer["action"], answer["labels"], answer["note"], answer["question"]) == (
        *("relabel", ["y"], "see 2"),
        "x or y?",
    )
    assert json.loads(tickets("asked", "tickets", "--reviewer", "Ben", "--json")[1])["asked"] == []


def test_what_was_asked_is_taken_back_by_whoever_asked(tickets: Any) -> None:
    tickets("ask", "tickets", "a", "Grace", "--reviewer", "Ada")
    code, _, error = tickets("ask", "tickets", "a", "Grace", "--reviewer", "Ben", "--take-back")
    assert (code, error.splitlines()) == (
        2,
        [
            "Ben has asked 'Grace' nothing about 'a' that still counts.",
            "`asked tickets` lists who was asked what, and by whom.",
        ],
    )
    code, shown, _ = tickets("ask", "tickets", "a", " grace", "--reviewer", "ada", "--take-back")
    assert (code, shown.splitlines()[0]) == (0, "Taken back: Grace is not asked about a any more.")
    assert tickets("asked", "tickets")[1].strip() == "Nobody is asked anything."


def test_asking_oneself_or_about_nothing_is_a_sentence(tickets: Any) -> None:
    for words, says in (
        (("a", "Ada"), "Ada cannot be asked by themselves"),
        (("a", " "), "nobody is named to be asked"),
        (("z", "Grace"), "There is no example 'z'"),
        (("z", "Grace", "--take-back"), "There is no example 'z'"),
    ):
        code, shown, error = tickets("ask", "tickets", *words, "--reviewer", "Ada")
        assert (code, shown) == (2, "")
        assert says in error
