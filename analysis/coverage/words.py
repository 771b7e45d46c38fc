"""Words that tell one group of texts from the rest: what a region is called, and what is new in a later part."""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

_LONGEST = 600  # characters of a text that count
_MOST_TEXTS = 40_000
_RUNS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")  # scripts without spaces
_DOUBT = 3.0  # uses of a word elsewhere that are supposed unseen
_LEAST_TOLD = 0.04  # of a word's uncertainty that the groups explain; "the" and "und" stay below
_LEAST_WIDER = 0.15  # of what larger groups explain about a word that names a small one
_BESIDE = 0.5  # of the first word's score, that another needs to stand beside it
_SAME_STEM = 0.7  # of the shorter word, in which two words must begin alike to count as one


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

    group int (n,): the group of each text, -1 for texts of no group, which still count as others. A word is scored by
    the harmonic mean of two shares, that of the group's texts that have it and that of the texts with it that are the
    group's (van Rijsbergen 1979), times the root of how much the groups tell about the word. So a word that is in every
    group says nothing, in any language, nor does one that a few texts of the group have. Weaker words than half the
    first one's score are left out, as are other forms of a word. From more than 40,000 texts every k-th is read. A word
    needs two texts of its group, or one where the group has fewer than four.
    """
    step = max(-(-len(texts) // _MOST_TEXTS), 1)
    rows = np.arange(0, len(texts), step)
    return of_words([words_of(texts[i]) for i in rows.tolist()], group[rows], groups, most)


def of_words(
    found: Sequence[set[str]], group: np.ndarray, groups: int, most: int = 3, wider: np.ndarray | None = None
) -> list[tuple[str, ...]]:
    """The same for the words of texts, as `words_of` gives them, at most 40,000.

    wider  int (n,): larger groups, by which a word has to be told as well; small groups tell some by chance
    """
    of = np.where(group < 0, groups, group)
    counts, vocabulary = _texts_with(found, of, groups + 1)
    size = np.bincount(of, minlength=groups + 1)
    total = counts.sum(axis=0)
    told = _told(counts, size)
    if wider is not None:
        others = np.where(wider < 0, wider.max(initial=-1) + 1, wider)
        several, _ = _texts_with(found, others, int(others.max(initial=0)) + 1)
        told[_told(several, np.bincount(others, minlength=len(several))) < _LEAST_WIDER] = 0
    return [_best(counts[number], total, told, int(size[number]), vocabulary, most) for number in range(groups)]


def best_told(texts: Sequence[str], groups: Sequence[np.ndarray]) -> np.ndarray:
    """float (groups,): how well one word tells each group of texts from all others, 0 (not at all) to 1 (fully).

    groups holds the rows of each. The harmonic mean of the share of the group's texts that have the word and the share
    of the texts with it that are the group's (van Rijsbergen 1979), of the word with the largest; it is in two texts of
    the group or more.
    """
    inside = [Counter(word for row in rows for word in words_of(texts[row])) for rows in groups]
    wanted = {word for counts in inside for word, count in counts.items() if count > 1}
    total = Counter(word for text in texts for word in words_of(text) & wanted) if wanted else Counter()
    told = [
        max((2 * count / (len(rows) + total[word]) for word, count in counts.items() if count > 1), default=0.0)
        for counts, rows in zip(inside, groups, strict=True)
    ]
    return np.array(told, dtype=float)


def _texts_with(found: Sequence[set[str]], group: np.ndarray, groups: int) -> tuple[np.ndarray, list[str]]:
    """int32 (groups, words): how many texts of each group have each word; and the words, sorted.

    Words of one text only are left out of large collections: they name nothing.
    """
    often: dict[str, int] = {}
    for several in found:
        for word in several:
            often[word] = often.get(word, 0) + 1
    fewest = 1 if len(found) < 2_000 else 3
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
    own: np.ndarray, total: np.ndarray, told: np.ndarray, size: int, words: Sequence[str], most: int
) -> tuple[str, ...]:
    if not size or not len(words):
        return ()
    here, only_here = own / size, own / (total + _DOUBT)
    score = 2 * here * only_here / np.where(own > 0, here + only_here, 1) * np.sqrt(told)
    score[(own < (2 if size >= 4 else 1)) | (told < _LEAST_TOLD)] = 0
    least = _BESIDE * score.max()
    best: list[str] = []
    for i in np.lexsort((np.arange(len(words)), -score)):
        if len(best) == most or score[i] <= 0 or score[i] < least:
            break
        if not any(_same_stem(words[i], word) for word in best):
            best.append(words[i])
    return tuple(best)


def _same_stem(one: str, other: str) -> bool:
    """Whether two words are probably forms of one, such as "fee" and "fees", "delivery" and "delivered"."""
    alike = [a == b for a, b in zip(one, other, strict=False)]
    shared = alike.index(False) if False in alike else len(alike)
    return shared > 2 and shared >= _SAME_STEM * min(len(one), len(other))
