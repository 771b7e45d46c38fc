"""Vectors: the same text, the same vector, however long its companions, in whatever script."""

import numpy as np
import pytest

from analysis.errors import UserError
from analysis.signals.embed import embed
from analysis.signals.grams import characters, folded, weighted_grams

TEXTS = [f"I was charged {i} euros twice" for i in range(15)] + [f"Where is my parcel number {i}" for i in range(15)]
RUSSIAN = [f"Деньги сняли с карты дважды, заказ {i}" for i in range(12)] + [f"Где моя посылка {i}" for i in range(12)]
SWAHILI = [f"Pesa zimekatwa mara mbili {i}" for i in range(12)] + [f"Kifurushi changu kiko wapi {i}" for i in range(12)]


def _halves_differ(values: np.ndarray) -> bool:
    """Whether each text is nearer to its own half than to the other."""
    half = len(values) // 2
    near = values @ np.stack([values[:half].mean(axis=0), values[half:].mean(axis=0)]).T
    return bool((near.argmax(axis=1) == np.repeat([0, 1], half)).all())


@pytest.mark.parametrize(("texts", "model"), [(TEXTS, "static"), (RUSSIAN, "characters"), (SWAHILI, "static")])
def test_meaning_shows_in_any_language(texts: list[str], model: str) -> None:
    made = embed(texts)
    assert made.model == model
    assert np.linalg.norm(made.values, axis=1) == pytest.approx(1, abs=1e-5)
    assert _halves_differ(made.values)


def test_a_long_companion_changes_nothing_but_the_common_middle() -> None:
    long = "word " * 20_000
    few = embed(TEXTS[:10]).values
    assert embed([*TEXTS[:10], long]).values[:10] == pytest.approx(few, abs=1e-5)


def test_texts_without_a_word_have_no_direction() -> None:
    made = embed([*TEXTS, "", "  \n"])
    assert not made.values[-2:].any()
    assert not embed(["", " "]).values.any()
    assert embed([]).values.shape[0] == 0


def test_texts_that_all_say_the_same_still_have_a_direction() -> None:
    assert np.linalg.norm(embed(["the same"] * 30).values, axis=1) == pytest.approx(1, abs=1e-5)


def test_halves_of_characters_and_emoji_are_read() -> None:
    assert np.isfinite(embed(["\ud800 broken", "fine 🙂", "日本語のテキスト"]).values).all()


def test_an_unknown_model_is_a_sentence() -> None:
    with pytest.raises(UserError, match="no-such-model"):
        embed(["a", "b"], model="no-such-model")


def test_n_grams_of_one_text_alone_count_for_nothing() -> None:
    values = folded(weighted_grams(characters(["abc", "abd", "xyz"]), longest=2), 256)
    assert values[0] @ values[1] > 0.5
    assert not values[2].any()


def test_folding_keeps_the_angles_of_tf_idf() -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = ["abab", "abba", "aabb", "bbaa", "abcabc", "cab", "bac", "acca"]
    values = folded(weighted_grams(characters(texts), longest=2), 256)
    peer = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), min_df=2, sublinear_tf=True).fit_transform(texts)
    angles = (peer @ peer.T).toarray()
    assert np.corrcoef((values @ values.T).ravel(), angles.ravel())[0, 1] > 0.99
