"""Texts → vectors: static word vectors that ship with the install, character statistics where those know too little,
or a sentence-transformers model.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.errors import NoSuchThing, UserError
from analysis.schema import Progress
from analysis.signals.grams import characters, folded, weighted_grams
from analysis.signals.pieces import Pieces, pieces

STATIC, CHARACTERS = "static", "characters"
_WIDTH = 256  # of vectors of characters, as of those of pieces
_FEWEST = 20  # texts from which on their common direction means something


@dataclass(frozen=True)
class Vectors:
    """One vector per text, and the model that made it ("static", "characters" or a model's name).

    values  float32 (n, d), rows of length 1; all zeros where a text has nothing to go by
    """

    values: np.ndarray
    model: str


def embed(texts: Sequence[str], *, model: str = STATIC, progress: Progress | None = None) -> Vectors:
    """Vectors of the texts, in their order.

    "static" averages fixed vectors of word pieces; on scripts that these do not know it becomes "characters", which
    folds the character n-grams of the data itself. Any other name is a sentence-transformers model. Only the first
    20,000 characters of a text count. Raises UserError when a model cannot be loaded.
    """
    if model not in (STATIC, CHARACTERS):
        return Vectors(_unit(_transformer(texts, model)), model)
    if not any(text.strip() for text in texts):
        return Vectors(np.zeros((len(texts), 1), dtype=np.float32), model)
    if model == STATIC and pieces().know(texts):
        return Vectors(_centred(_static(texts, pieces(), progress or (lambda what, share: None))), STATIC)
    return Vectors(folded(weighted_grams(characters(texts), longest=4), _WIDTH), CHARACTERS)


def _static(texts: Sequence[str], known: Pieces, tell: Progress) -> np.ndarray:
    """The mean vector of each text's word pieces: a sparse count matrix times the table of vectors."""
    from scipy.sparse import csr_matrix

    values = np.zeros((len(texts), known.table.shape[1]), dtype=np.float32)
    done = 0
    for flat, lengths in known.numbers(texts):
        weights = np.repeat((1 / np.maximum(lengths, 1)).astype(np.float32), lengths)
        counts = csr_matrix((weights, flat, np.r_[0, np.cumsum(lengths)]), shape=(len(lengths), len(known.table)))
        values[done : done + len(lengths)] = counts @ known.table
        done += len(lengths)
        tell("vectors", done / len(texts))
    values[[not text.strip() for text in texts]] = 0
    return values


def _transformer(texts: Sequence[str], model: str) -> np.ndarray:
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise UserError(
            f"The model {model!r} needs sentence-transformers, which is not installed.",
            "Install it with `pip install -r requirements-transformers.txt`, or use the model static or characters.",
        ) from error
    try:
        loaded = SentenceTransformer(model)
    except (OSError, ValueError) as error:
        raise NoSuchThing(
            f"The model {model!r} cannot be loaded: {str(error)[:200]}",
            "Give a sentence-transformers model's name or folder, static, characters, or column:NAME for your own.",
        ) from error
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))  # texts of like length need little padding
    values = np.asarray(loaded.encode([texts[i] for i in order], batch_size=64, show_progress_bar=False), np.float32)
    back = np.empty_like(values)
    back[order] = values
    back[[not text.strip() for text in texts]] = 0
    return back


def _centred(values: np.ndarray) -> np.ndarray:
    """Rows of length 1 around their common mean: static vectors all point a little the same way.

    Mu & Viswanath 2018, "All-but-the-Top", step 1. Rows of zeros stay zero.
    """
    given = np.abs(values).max(axis=1, initial=0) > 0
    if given.sum() < _FEWEST:
        return _unit(values)
    around = np.where(given[:, None], values - values[given].mean(axis=0), 0)
    return _unit(around if np.abs(around).max() > 1e-3 else values)  # texts that all say the same have no spread


def _unit(values: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(values, axis=1, keepdims=True)
    unit: np.ndarray = np.divide(values, length, out=np.zeros_like(values), where=length > 1e-5)
    return unit.astype(np.float32)
