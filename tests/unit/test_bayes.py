"""Naive Bayes on n-grams: as scikit-learn's, out of sample, and never taught by its own copies."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from analysis.signals import bayes
from analysis.signals.bayes import word_logits
from analysis.signals.folds import grouped_folds


def _counts(seed: int = 0, rows: int = 60, width: int = 30) -> csr_matrix:
    random = np.random.default_rng(seed)
    return csr_matrix((random.random((rows, width)) * (random.random((rows, width)) < 0.2)).astype(np.float32))


def test_logits_are_those_of_scikit_learns_multinomial_naive_bayes() -> None:
    from sklearn.naive_bayes import MultinomialNB

    counts, groups = _counts(), np.arange(60)
    labels = np.repeat(np.arange(3), 20)
    ours = word_logits(counts, labels, groups, 3)
    fold = grouped_folds(labels, groups, bayes.FOLDS)
    for k in range(bayes.FOLDS):
        model = MultinomialNB(alpha=bayes.SMOOTHING, fit_prior=False).fit(counts[fold != k], labels[fold != k])
        theirs = model.predict_joint_log_proba(counts[fold == k])
        # A uniform prior adds the same to every label.
        assert ours[fold == k] - np.log(3) == pytest.approx(theirs, abs=1e-3)


def test_a_row_without_a_label_is_judged_by_all_others_and_teaches_nobody() -> None:
    from sklearn.naive_bayes import MultinomialNB

    counts, groups = _counts(1), np.arange(60)
    labels = np.where(np.arange(60) < 10, -1, np.arange(60) % 2)
    ours = word_logits(counts, labels, groups, 2)
    model = MultinomialNB(alpha=bayes.SMOOTHING, fit_prior=False).fit(counts[10:], labels[10:])
    assert ours[:10] - np.log(2) == pytest.approx(model.predict_joint_log_proba(counts[:10]), abs=1e-3)


def test_near_copies_do_not_vouch_for_each_other() -> None:
    # Two copies share a word that nobody else has; only one that shares it in another group may learn from it.
    dense = np.zeros((40, 3), np.float32)
    dense[:, 0] = 1
    dense[[0, 1], 1] = 1
    labels = np.arange(40) % 2
    labels[:2] = 0
    apart, together = np.arange(40), np.arange(40)
    together[1] = 0
    leaning = [word_logits(csr_matrix(dense), labels, groups, 2)[0] for groups in (apart, together)]
    assert leaning[0][0] - leaning[0][1] > 1
    assert leaning[1][0] - leaning[1][1] < 0.5


def test_a_text_without_a_known_word_says_nothing() -> None:
    counts = _counts().tolil()
    counts[7] = 0
    logits = word_logits(counts.tocsr(), np.arange(60) % 3, np.arange(60), 3)
    assert logits[7].tolist() == [0, 0, 0]
    assert np.isfinite(logits).all()


def test_texts_that_share_no_word_say_nothing() -> None:
    assert (
        word_logits(csr_matrix((60, 0), dtype=np.float32), np.arange(60) % 3, np.arange(60), 3).tolist()
        == [[0] * 3] * 60
    )
