"""Words that tell one group of texts from the rest: what a region is called, and what is new in a later part."""

import re
from collections.abc import Sequence

import numpy as np

_LONGEST = 600  # characters of a text that count
_MOST_TEXTS = 40_000
_RUNS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")  # scripts without spaces
_PRIOR = 20.0  # texts that the whole collection speaks for, in every group
_LEAST_TOLD = 0.04  # of a word's uncertainty that the groups explain; "the" and "und" stay below


def words_of(text: str) -> set[str]:
    """The different words of a text, folded, three letters or more; pairs of signs in scripts without spaces."""
    found: set[str] = set()
    for run in _RUNS.findall(text[:_LONGEST].casefold()):
        if _UNSPACED.search(run):
            found.update(run[i : i + 2] for i in range(max(len(run) - 1, 1)))
        elif len(run) > 2 or not run.isascii():
            found.add(run[:40])
    return found


def distinctive(texts: Sequence[str], group: np.ndarray, groups: int, most: int = 3) -> list[tuple[str, ...]]:
    """For each group up to `most` words that its texts have and the others lack, the most telling first, ties by word.

    group int (n,): the group of each text, -1 for texts of no group, which still count as others. Ranked by the
    log-odds of a text having the word, with the whole collection as prior, in standard errors (Monroe, Colaresi and
    Quinn 2008), times how much the groups tell about the word: that leaves out the common words of any language, which
    are everywhere. From more than 40,000 texts every k-th is read. A word needs two texts of its group, or one where
    the group has fewer than four.
    """
    step = max(-(-len(texts) // _MOST_TEXTS), 1)
    rows = np.arange(0, len(texts), step)
    of = np.where(group[rows] < 0, groups, group[rows])
    counts, vocabulary = _texts_with([texts[i] for i in rows.tolist()], of, groups + 1)
    size = np.bincount(of, minlength=groups + 1)
    total = counts.sum(axis=0)
    told = _told(counts, size)
    return [
        _best(counts[number], total, told, int(size[number]), len(rows), vocabulary, most) for number in range(groups)
    ]


def _texts_with(texts: Sequence[str], group: np.ndarray, groups: int) -> tuple[np.ndarray, list[str]]:
    """int32 (groups, words): how many texts of each group have each word; and the words, sorted.

    Words of one text only are left out of large collections: they name nothing.
    """
    found = [words_of(text) for text in texts]
    often: dict[str, int] = {}
    for several in found:
        for word in several:
            often[word] = often.get(word, 0) + 1
    fewest = 1 if len(texts) < 2_000 else 3
    vocabulary = sorted(word for word, count in often.items() if count >= fewest)
    number = {word: i for i, word in enumerate(vocabulary)}
    counts = np.zeros((groups, len(vocabulary)), dtype=np.int32)
    for several, of in zip(found, group, strict=True):
        counts[of, [number[word] for word in several if word in number]] += 1
    return counts, vocabulary


def _told(counts: np.ndarray, size: np.ndarray) -> np.ndarray:
    """float (words,) in [0, 1]: the share of the uncertainty about a word in a text that its group takes away.

    Mutual information over entropy (Theil's uncertainty coefficient), less what chance alone gives (Miller 1955).
    """
    texts, used = float(size.sum()), size > 0
    share = counts.sum(axis=0) / max(texts, 1)
    before = _entropy(share)
    within = (size[used, None] * _entropy(counts[used] / size[used, None])).sum(axis=0) / max(texts, 1)
    by_chance = (int(used.sum()) - 1) / (2 * max(texts, 1))
    told: np.ndarray = np.maximum(before - within - by_chance, 0) / np.where(before > 0, before, 1)
    return told


def _entropy(share: np.ndarray) -> np.ndarray:
    inside = np.clip(share, 1e-12, 1 - 1e-12)
    both: np.ndarray = -(inside * np.log(inside) + (1 - inside) * np.log(1 - inside))
    return both


def _best(
    own: np.ndarray, total: np.ndarray, told: np.ndarray, size: int, texts: int, words: Sequence[str], most: int
) -> tuple[str, ...]:
    others, rest = total - own, texts - size
    if not size or not len(words):
        return ()
    prior = _PRIOR * (total + 0.5) / (texts + 1)
    with_word, without = own + prior, size - own + _PRIOR - prior
    with_others, without_others = others + prior, rest - others + _PRIOR - prior
    odds = np.log(with_word / without) - np.log(with_others / without_others)
    score = odds / np.sqrt(1 / with_word + 1 / with_others) * told
    score[(own < (2 if size >= 4 else 1)) | (told < _LEAST_TOLD)] = -np.inf
    order = np.lexsort((np.arange(len(words)), -score))[:most]
    return tuple(words[i] for i in order if score[i] > 0)
