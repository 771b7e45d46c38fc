import numpy as np
import pytest

from analysis.checks.thin_region import thin_region
from analysis.errors import NotReady
from analysis.signals.embed import embed
from tests.checks.made import flagged, made, members
from tests.unit.test_sample_data import data, truth


def test_the_thin_region_of_the_triage_notes_is_found() -> None:
    rows, planted = data("triage-notes"), truth("triage-notes")
    burns = set(planted.loc[planted["kind"] == "thin_region", "id"])
    texts = rows["text"].tolist()
    found = thin_region(
        made(texts, labels=rows["label"].tolist(), ids=rows.index.tolist(), vectors=embed(texts).values)
    )
    groups = members(found)
    best = max(groups, key=lambda name: len(burns & set(groups[name])))
    assert len(burns & set(groups[best])) >= 5, "of 6"
    assert len(groups[best]) <= 8
    assert "burns" in flagged(found)[best]
    assert len(groups) <= 3


def island() -> np.ndarray:
    """120 examples in one place, then four that lie together far from them."""
    dice = np.random.default_rng(0)
    vectors = np.zeros((124, 40), dtype=np.float32)
    vectors[:120, 0] = 1
    vectors[:120] += dice.normal(0, 0.02, (120, 40))
    vectors[120:, 20] = 1
    vectors[np.arange(120, 124), np.arange(21, 25)] = 1
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def test_a_small_group_far_from_all_others_is_named_by_its_words() -> None:
    vectors = island()
    texts = ["my card was refused"] * 120 + ["a walrus in the pool"] * 4
    found = thin_region(made(texts, labels=["card"] * 120 + ["zoo"] * 4, vectors=vectors), share=0.03)
    assert members(found) == {"around r121": ["r121", "r122", "r123", "r124"]}
    (message,) = flagged(found).values()
    assert "walrus" in message
    assert "all labelled zoo" in message


def test_a_small_group_that_no_word_tells_from_the_rest_is_not_flagged() -> None:
    texts = ["my card was refused"] * 120 + ["my card broke", "which card", "the new card", "card reader"]
    inputs = made(texts, labels=["card"] * 124, vectors=island())
    assert flagged(thin_region(inputs, share=0.03)) == {}
    assert set(flagged(thin_region(inputs, share=0.03, told=0))) == {"around r121"}


def test_a_few_examples_have_no_thin_region() -> None:
    with pytest.raises(NotReady, match="Only 5 examples"):
        thin_region(made([f"text {i}" for i in range(5)]))
