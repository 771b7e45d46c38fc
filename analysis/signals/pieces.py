"""Texts → numbers of word pieces, and the fixed vectors of these pieces. Both ship inside the wordllama wheel."""

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

LONGEST = 20_000  # characters of one text that are read; the rest would change little
_BATCH = 2_000  # texts in memory as numbers at a time
_SAMPLE = 2_000  # texts looked at to tell whether the pieces know them
_LATIN = "\u0250"  # scripts before this one are made of letters that the pieces know
_KNOWN = 0.75


@dataclass(frozen=True)
class Pieces:
    """A tokenizer, and one vector per piece: float32 (pieces, 256)."""

    tokenizer: Any
    table: np.ndarray

    def numbers(self, texts: Sequence[str], *, lower: bool = False) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Batches of texts as int64 piece numbers, one after the other, and how many each text has.

        Nothing is padded, so one long text costs only itself; its first 20,000 characters count.
        """
        for start in range(0, len(texts), _BATCH):
            batch = [_readable(text[:LONGEST], lower=lower) for text in texts[start : start + _BATCH]]
            ids = [one.ids for one in self.tokenizer.encode_batch_fast(batch, add_special_tokens=False)]
            lengths = np.fromiter(map(len, ids), np.int64, len(ids))
            flat = np.fromiter((number for one in ids for number in one), np.int64, int(lengths.sum()))
            yield np.minimum(flat, len(self.table) - 1), lengths

    def know(self, texts: Sequence[str]) -> bool:
        """Whether these texts are written in letters that the pieces know; of other scripts they know single bytes."""
        step = max(1, len(texts) // _SAMPLE)
        letters = "".join(text[:1_000] for text in texts[::step])
        spelt = [letter for letter in letters if letter.isalpha()]
        return not spelt or sum(letter < _LATIN for letter in spelt) >= _KNOWN * len(spelt)


@functools.cache
def pieces() -> Pieces:
    """The pieces, loaded once; the loader looks for its tokenizer in the wrong folder unless told."""
    from pathlib import Path

    import wordllama

    loaded = wordllama.WordLlama.load(cache_dir=Path(wordllama.__file__).parent, disable_download=True)
    loaded.tokenizer.no_padding()
    return Pieces(loaded.tokenizer, loaded.embedding)


def _readable(text: str, *, lower: bool) -> str:
    text = text.lower() if lower else text
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
