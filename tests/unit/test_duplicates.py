"""Groups and pairs of texts, against a plain count of three-letter pieces in Python."""

import numpy as np
import pandas as pd
import pytest

from analysis.signals import duplicates
from analysis.signals.duplicates import FARTHEST, find_duplicates
from analysis.signals.neighbours import Neighbours
from tests.checks.made import every_neighbour, letter_vectors

WORDS = ["card", "charged", "twice", "refund", "退款", "naïve", "😀", "20 €", "is", "late"]


def pieces(text: str) -> set[str]:
    spaced = f" {text.casefold()} "
    return {spaced[i : i + 3] for i in range(len(spaced) - 2)}


def dice(one: str, other: str) -> float:
    a, b = pieces(one), pieces(other)
    return 2 * len(a & b) / (len(a) + len(b))


def some_texts(n: int) -> list[str]:
    dice = np.random.default_rng(5)
    return [" ".join(dice.choice(WORDS, size=dice.integers(1, 6))) for _ in range(n)]


def ids(n: int) -> pd.Index:
    return pd.Index([f"r{i + 1}" for i in range(n)], dtype=object)


@pytest.mark.parametrize("chunk", [50, 4_000_000])
def test_pairs_are_all_neighbours_within_reach_with_their_overlap(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "_CHUNK", chunk)
    texts = some_texts(120)
    neighbours = every_neighbour(letter_vectors(texts))
    found = find_duplicates(texts, ids(120), neighbours)
    expected = {
        (min(texts[i], texts[j]), max(texts[i], texts[j]))
        for i, (row, far) in enumerate(zip(neighbours.position, neighbours.distance, strict=True))
        for j, distance in zip(row, far, strict=True)
        if distance <= FARTHEST and texts[i] != texts[j]
    }
    spelt = [(texts[found.first[a]], texts[found.first[b]]) for a, b in zip(found.left, found.right, strict=True)]
    assert {(min(pair), max(pair)) for pair in spelt} == expected
    assert len(spelt) == len(expected) > 20
    np.testing.assert_allclose(found.overlap, [dice(*pair) for pair in spelt], rtol=1e-6)


def test_groups_are_numbered_by_first_id_and_r2_comes_before_r10() -> None:
    found = find_duplicates(["b", "a", " b ", ""], pd.Index(["r10", "r9", "r2", "r1"], dtype=object), None)
    assert found.group.tolist() == [0, 1, 0, -1]
    assert found.first.tolist() == [2, 1]
    assert found.order.tolist() == [2, 0, 1]
    assert found.size.tolist() == [2, 1]


def test_partners_lie_on_both_sides_with_the_most_overlap_first() -> None:
    texts = ["my refund is late again", "my refund is late again!", "my refund is late once again"]
    position = np.array([[1, 2], [0, 2], [0, 1]], np.int32)
    distance = np.full((3, 2), 0.1, np.float32)
    partners = find_duplicates(texts, ids(3), Neighbours(position, distance)).partners(
        max_distance=0.2, min_overlap=0.5
    )
    assert partners.start.tolist() == [0, 2, 4, 6]
    assert partners.group.tolist() == [1, 2, 0, 2, 0, 1]
    assert partners.source.tolist() == [0, 0, 1, 1, 2, 2]
    groups, entries = partners.best(partners.group < partners.source)
    assert groups.tolist() == [1, 2]
    assert partners.group[entries].tolist() == [0, 0]


def test_nothing_and_only_empty_texts_have_no_groups() -> None:
    for texts in ([], ["", " \n"]):
        found = find_duplicates(texts, ids(len(texts)), None)
        assert len(found.first) == len(found.left) == 0
        assert (found.group == -1).all()


def test_two_long_texts_are_compared_by_their_beginning() -> None:
    same = "ab cd ef " * 3_000
    found = find_duplicates(
        [same + "x" * 50_000, same + "y" * 50_000],
        ids(2),
        Neighbours(np.array([[1], [0]], np.int32), np.zeros((2, 1), np.float32)),
    )
    assert found.overlap.tolist() == [1.0]
