"""What the parts of the map are called: words that tell them apart, and the label that most of a part has."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from analysis.coverage.words import distinctive, of_words, words_of
from analysis.queries.map_names import names
from analysis.schema import content_hash
from analysis.store import Store
from tests.unit.test_map_layers import blobs


def fill(store: Store, x: np.ndarray, y: np.ndarray, texts: list[str], labels: list[str | None]) -> None:
    ids = [f"e{i}" for i in range(len(x))]
    rows = pd.DataFrame({"example_id": ids, "row_number": np.arange(len(ids)) + 1, "text": texts}).assign(
        label=labels, split=None, content_hash=content_hash("t", "x")
    )
    with store.transaction() as transaction:
        transaction.execute("DELETE FROM examples")
        transaction.insert("examples", rows)
        table = {"example_id": ids, "vector": [[0.0]] * len(ids), "x": x.astype("f4"), "y": y.astype("f4")}
        transaction.insert("vectors", pa.table(table))


def test_common_words_name_nothing_in_any_language() -> None:
    """ "und" stands in every other text of the first group and in a third of the others; "pfand" only in the first."""
    random = np.random.default_rng(0)
    group = np.repeat(np.arange(4), 300)
    own = np.array(["pfand", "kiste", "strom", "kabel"])[group]
    texts = [
        f"{'und ' if random.random() < (0.5 if of == 0 else 0.33) else ''}{word if random.random() < 0.4 else 'wort'}"
        for of, word in zip(group, own, strict=True)
    ]
    assert distinctive(texts, group, 4) == [("pfand",), ("kiste",), ("strom",), ("kabel",)]


def test_a_word_that_is_as_frequent_in_every_group_names_none_in_any_language() -> None:
    """ "warum" begins nine of ten texts everywhere; each group has a word of its own in half of them."""
    group = np.repeat(np.arange(4), 200)
    own = ["pfand", "kiste", "strom", "kabel"]
    texts = [f"{'warum ' if i % 10 else ''}{own[of] if i % 2 else 'sonst'}" for i, of in enumerate(group)]
    assert distinctive(texts, group, 4) == [("pfand",), ("kiste",), ("strom",), ("kabel",)]


def test_a_word_that_only_a_few_texts_of_a_group_have_does_not_name_it() -> None:
    """ "zebra" is the group's alone, but in 3 of its 60 texts; "card" is in 48 of them and in 6 of the 60 others."""
    texts = [f"{'card ' if i % 5 else ''}{'zebra' if i % 20 == 0 else ''}" for i in range(60)]
    texts += ["card" if i % 10 == 0 else "other" for i in range(60)]
    assert distinctive(texts, np.repeat([0, 1], 60), 2)[0] == ("card",)


def test_forms_of_one_word_are_said_once() -> None:
    texts = ["the fee and the fees charged, the charge"] * 30 + ["nothing like it"] * 30
    (first, _) = distinctive(texts, np.repeat([0, 1], 30), 2, most=4)
    assert sorted(word[:4] for word in first) == ["and", "char", "fee", "the"]


def test_small_groups_are_named_by_words_that_tell_the_wider_ones_too() -> None:
    """ "so" words are spread over the two wider groups; "parcel" and "card" are not."""
    wider = np.repeat([0, 1], 40)
    small = np.repeat([0, 1, 2, 3], 20)
    texts = [
        f"{'parcel' if of < 2 else 'card'} {['lost', 'late', 'lost', 'late'][of]} {'yes' if of in (0, 2) else 'no'}"
        for of in small
    ]
    found = [words_of(text) for text in texts]
    assert of_words(found, small, 4, 1, wider) == [("parcel",), ("parcel",), ("card",), ("card",)]
    assert of_words(found, small, 4, 1) != of_words(found, small, 4, 1, wider)


def test_parts_of_the_map_are_called_by_what_tells_them_apart(store: Store) -> None:
    """Parcels that arrived, parcels that were lost, refunds: closer to the parcels, "parcel" tells nothing."""
    x, y, blob = blobs(120, 110, 100)
    texts = [["the parcel arrived", "the parcel lost", "the refund money"][of] for of in blob]
    fill(store, x, y, texts, ["x"] * len(x))
    whole = names(store, None, (3,))
    assert [set(name.words) for name in whole] == [{"arrived", "parcel"}, {"lost", "parcel"}, {"money", "refund"}]
    assert [name.x for name in whole] == pytest.approx([np.median(x[blob == of]) for of in range(3)], abs=0.5)
    assert {name.label for name in whole} == {None}, "the only label there is tells nothing"
    closer = names(store, (-5.0, 15.0, -9.0, 9.0), (2,))
    assert [name.words for name in closer] == [("arrived",), ("lost",)]
    (alone,) = names(store, (-5.0, 5.0, -9.0, 9.0), (1,))
    assert alone.words == ("arrived",)
    assert names(store, (500.0, 501.0, 0.0, 1.0)) == []


def test_finer_levels_name_what_the_coarse_ones_do_not(store: Store) -> None:
    """Two far pairs of blobs: the coarse names are the pairs', the finer ones the blobs'."""
    x, y, blob = blobs(50, 50, 50, 50)
    x = x + 100 * (blob // 2)
    texts = [["parcel arrived", "parcel lost", "refund money", "refund voucher"][of] for of in blob]
    fill(store, x, y, texts, ["x"] * 200)
    found = names(store, None, (2, 4))
    assert [(name.words, name.level) for name in found if name.level == 0] == [(("parcel",), 0), (("refund",), 0)]
    assert {name.words[0] for name in found if name.level == 1} <= {"arrived", "lost", "money", "voucher"}


def test_the_label_that_most_of_a_part_has_is_in_its_name(store: Store) -> None:
    """Of the left blob's 40 labelled examples 30 are x; of the right one's no label has half."""
    x, y, blob = blobs(60, 60)
    labels = [None] * 20 + ["x"] * 30 + ["y"] * 10 + ["x", "y", "z"] * 20
    fill(store, x, y, [["parcel", "refund"][of] for of in blob], labels)
    left, right = sorted(names(store, None, (2,)), key=lambda name: name.x)
    assert (left.label, left.share) == ("x", pytest.approx(0.75))
    assert (right.label, right.share) == (None, 0.0)


@pytest.mark.parametrize(("number", "most"), [(50, 1), (100, 2), (300, 6)])
def test_a_small_map_has_few_names_from_afar(store: Store, number: int, most: int) -> None:
    """A part for 50 examples each; every text has a word of its own corner of the map."""
    across, down = np.arange(number) % 10, np.arange(number) // 10
    texts = [f"word{chr(97 + x // 2)}{chr(97 + y // 2)}" for x, y in zip(across, down, strict=True)]
    fill(store, across.astype(float), down.astype(float), texts, [None] * number)
    assert sum(name.level == 0 for name in names(store, None)) <= most


def test_texts_without_words_have_no_names(store: Store) -> None:
    fill(store, np.arange(30.0), np.zeros(30), [""] * 30, [None] * 30)
    assert names(store, None) == []


def test_without_words_the_label_is_the_name(store: Store) -> None:
    x, y, blob = blobs(60, 60)
    fill(store, x, y, ["12"] * 120, [["x", "y"][of] for of in blob])
    assert sorted((name.words, name.label) for name in names(store, None, (2,))) == [((), "x"), ((), "y")]


def test_a_part_of_which_much_more_is_flagged_than_of_the_others_says_so(store: Store) -> None:
    """60 of the 100 on the left, 5 of the 100 on the right: 60 % against 5 %."""
    x, y, _ = blobs(100, 100)
    fill(store, x, y, ["parcel"] * 100 + ["refund"] * 100, ["a"] * 200)
    ids = [f"e{i}" for i in [*range(60), *range(100, 105)]]
    assert {name.flagged for name in names(store, None, (2,))} == {0.0}
    with store.transaction() as transaction:
        for example in ids:
            transaction.execute(
                "INSERT INTO findings VALUES ('odd', 'example', ?, 0.5, true, 'odd', NULL, [], '1.odd')", [example]
            )
    assert {name.words: name.flagged for name in names(store, None, (2,))} == {("parcel",): 0.6, ("refund",): 0.0}
