"""Odd crowds from file to answer: each gives a result or a plain sentence, in every layout that labels come in."""

import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest

from analysis.errors import NotReady
from analysis.people.agreement import Agreement
from analysis.people.guidelines import BEFORE
from analysis.queries import guidelines, people, people_differences, people_groups
from analysis.queries.people import Crowd
from analysis.review.guide import write_version
from analysis.schema import Roles
from analysis.store import Store
from tests.loading import loaded

LONG = "id,text,annotator,label,at,version\n"
Opened = Callable[..., Store]


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    """A dataset loaded from a file of this text; its roles are guessed from the names unless they are given."""
    stores: list[Store] = []

    def load(text: str, name: str = "labels.csv", roles: Roles | None = None) -> Store:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        stores.append(Store(loaded(path, tmp_path / "workspace", roles=roles)))
        return stores[-1]

    yield load  # type: ignore[misc]
    for store in stores:
        store.close()


def long(*rows: str) -> str:
    return LONG + "\n".join(rows) + "\n"


LONG_ROLES = Roles(text=(1,), id=0, annotator=2, label=3, timestamp=4, guideline=5)


def crowd_of(store: Store) -> Crowd:
    return people.crowd(store)


def test_one_annotator_is_told_and_gets_a_consensus(opened: Opened) -> None:
    crowd = crowd_of(opened(long("1,a,Ada,x,,", "2,b,Ada,y,,"), roles=LONG_ROLES))
    found = crowd.agreement()
    assert isinstance(found, NotReady)
    assert found.message == "All labels are by one annotator, so there is nothing to compare."
    assert found.hint
    assert crowd.consensus.method == "majority"
    assert crowd.consensus.why == "There is one annotator, so there is nothing to weigh."
    assert sum(people_differences.kinds_of_disagreement(crowd).values()) == 0


def test_no_overlap_is_told_and_nobody_is_judged(opened: Opened) -> None:
    crowd = crowd_of(opened(long("1,a,Ada,x,,", "2,b,Ben,y,,", "3,c,Cem,x,,"), roles=LONG_ROLES))
    found = crowd.agreement()
    assert isinstance(found, NotReady)
    assert found.message == "None of the 3 labelled examples has labels by two annotators."
    assert not crowd.is_judged
    assert crowd.annotators["reliability"].isna().all()


def test_an_annotator_with_one_label_has_a_count_of_one_and_a_wide_interval(opened: Opened) -> None:
    rows = [f"{n},t,{name},{'xy'[n % 2]},," for n in range(40) for name in ("Ada", "Ben", "Cem")]
    crowd = crowd_of(opened(long(*rows, "3,t,Dee,y,,"), roles=LONG_ROLES))
    found = crowd.agreement()
    assert isinstance(found, Agreement)
    (dee,) = crowd.annotators[crowd.annotators["annotator"] == "Dee"].to_dict("records")
    assert (dee["labels"], dee["judged"]) == (1, 1)
    assert dee["high"] - dee["low"] > 0.5


def test_of_two_labels_by_one_annotator_both_are_kept_the_later_counts_and_it_is_said(opened: Opened) -> None:
    store = opened(
        long("1,t,Ada,y,2026-02-01,", "1,t,Ada,x,2026-01-01,", "1,t,Ben,x,2026-01-01,", "2,t,Ada,x,,", "2,t,Ben,x,,"),
        roles=LONG_ROLES,
    )
    assert store.value("SELECT count(*) FROM annotations WHERE example_id = '1' AND annotator = 'Ada'") == 2
    crowd = crowd_of(store)
    assert len(crowd.labels) == 4
    assert people_differences.differing(store, crowd, people_differences.Differing("any")) == ("1",)  # y against x
    found = crowd.agreement()
    assert isinstance(found, Agreement)
    said = "1 label was given again by the same annotator on the same example: the latest counts."
    assert said in found.notes
    assert said in crowd.consensus.notes


def test_unknown_versions_are_measured_by_name_and_said_to_be_unwritten(opened: Opened) -> None:
    rows = [f"{n},t,{who},{'xy'[n % 2]},2026-01-0{1 + n % 9},{version}" for n in range(8) for who, version in
            (("Ada", "pilot" if n < 4 else ""), ("Ben", "pilot" if n < 4 else ""))]  # fmt: skip
    store = opened(long(*rows), roles=LONG_ROLES)
    write_version(store, "## 1\n`x` `y`", version="v1", author="Eve", note="")
    found = guidelines.effect_of_versions(store, people.crowd(store))
    assert found.unwritten == ("pilot",)
    assert set(found.order) == {"pilot", BEFORE}  # what no version is named for was labelled before v1 was written
    assert [measured.doubled for measured in found.measured] == [4, 4]


@pytest.mark.slow
def test_two_hundred_classes_have_agreement_consensus_and_a_cause_for_each_difference(opened: Opened) -> None:
    rows = [
        f"{n},t,{who},class {(n + (place == 2 and n % 10 == 0)) % 200},,"
        for n in range(400)
        for place, who in enumerate(("Ada", "Ben", "Cem"))
    ]
    crowd = crowd_of(opened(long(*rows), roles=LONG_ROLES))
    found = crowd.agreement()
    assert isinstance(found, Agreement)
    assert len(found.classes) == 200
    assert found.statistics["percent"].value == pytest.approx(
        1 - 0.1 * 2 / 3
    )  # 40 of 400 examples: 1 of 3 pairs agrees
    assert crowd.consensus.posterior.shape == (400, 200)
    assert sum(people_differences.kinds_of_disagreement(crowd).values()) == 40


SAID = [("Ada", "x", "y"), ("Ben", "x", "x"), ("Cem", "x", "y")]


def _studio() -> str:
    def annotation(who: str, label: str) -> dict[str, object]:
        choice = {"from_name": "label", "to_name": "text", "type": "choices", "value": {"choices": [label]}}
        return {"completed_by": {"email": who}, "result": [choice]}

    tasks = [
        {"id": n + 1, "data": {"text": f"text {n}"}, "annotations": [annotation(row[0], row[1 + n]) for row in SAID]}
        for n in range(2)
    ]
    return json.dumps(tasks)


LAYOUTS = {
    "long": ("labels.csv", LONG + "".join(f"{n},text {n},{row[0]},{row[1 + n]},,\n" for n in range(2) for row in SAID)),
    "wide": ("labels.csv", "text,label_Ada,label_Ben,label_Cem\ntext 0,x,x,x\ntext 1,y,x,y\n"),
    "Label Studio": ("export.json", _studio()),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_with_several_annotations_gives_the_same_crowd(opened: Opened, layout: str) -> None:
    name, text = LAYOUTS[layout]
    store = opened(text, name)
    crowd = crowd_of(store)
    assert len(crowd.labels) == 6
    assert len(crowd.labels.annotators) == 3
    found = crowd.agreement()
    assert isinstance(found, Agreement)
    assert found.statistics["percent"].value == pytest.approx(4 / 6)  # 3 of 3 pairs, and 1 of 3
    assert people_differences.mixed_up(crowd)[["first", "second", "both", "either"]].to_numpy().tolist() == [
        ["x", "y", 1, 2]
    ]


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "=cmd()", "\u202eevil", "a" * 5_000, "'; DROP TABLE x;--"]
)
def test_hostile_names_are_names(opened: Opened, name: str) -> None:
    quoted = name.replace('"', '""')
    rows = [f'{n},t,"{who}",{"xy"[n % 2]},,' for n in range(3) for who in (quoted, "Ben")]
    crowd = crowd_of(opened(long(*rows), roles=LONG_ROLES))
    assert name in crowd.annotators["annotator"].tolist()


def test_one_example_alone_has_a_value_and_no_interval(opened: Opened) -> None:
    """A resample of one example is that example: an interval without width would look certain."""
    found = crowd_of(opened(long("1,t,Ada,x,,", "1,t,Ben,y,,"), roles=LONG_ROLES)).agreement()
    assert isinstance(found, Agreement)
    assert found.statistics["percent"].value == 0
    assert all(math.isnan(one.low) and math.isnan(one.high) for one in found.statistics.values())
    assert found.classes[["low", "high"]].isna().to_numpy().all()
    assert found.why == "Two annotators labelled the one example, which is what Cohen's κ is made for."


def test_a_very_common_label_in_a_part_brings_the_statistic_that_stays_steady(opened: Opened) -> None:
    """98 of 100 pairs say x twice: κ and α are near 0, Gwet's AC1 is near 1."""
    rows = [f"{n},t,{who},{'y' if (n, who) in ((0, 'Ada'), (1, 'Ben')) else 'x'},,v1" for n in range(100)
            for who in ("Ada", "Ben")]  # fmt: skip
    store = opened(
        long(*rows, *(f"{n},t,{who},{'xy'[n % 2]},,v2" for n in range(100, 140) for who in ("Ada", "Ben"))),
        roles=LONG_ROLES,
    )
    found = people_groups.agreement_by(store, crowd_of(store), "guideline version")
    assert found["note"].tolist() == ["Gwet's AC1 0.98", ""]
