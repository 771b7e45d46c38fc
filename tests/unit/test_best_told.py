"""How well one word tells a group of texts from all others, counted by hand."""

import numpy as np
import pytest

from analysis.coverage.words import best_told

TEXTS = [
    *["my walrus swims", "a walrus sleeps", "the walrus eats", "one tusk"],  # the first group
    *["walrus and card", "my card is late", "my card is gone", "no card yet"],
]


def test_a_word_of_most_of_the_group_and_of_few_others_tells_it() -> None:
    (told,) = best_told(TEXTS, [np.arange(4)])
    assert told == pytest.approx(2 * (3 / 4) * (3 / 4) / (3 / 4 + 3 / 4)), "3 of the 4 have it, and 3 of the 4 with it"


def test_a_word_of_one_text_or_of_everybody_tells_little() -> None:
    told = best_told(["tusk one", "fin two", *["same words"] * 8], [np.arange(2), np.array([2, 3])])
    assert told.tolist() == pytest.approx([0, 2 * 1 * (2 / 8) / (1 + 2 / 8)])


def test_no_group_and_no_word_are_no_error() -> None:
    assert best_told(TEXTS, []).shape == (0,)
    assert best_told(["12", "34", "5"], [np.arange(2)]).tolist() == [0]
