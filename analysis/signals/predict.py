"""What models that have not seen an example expect its label to be."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.errors import NotReady
from analysis.schema import Progress
from analysis.signals.bayes import word_logits
from analysis.signals.folds import grouped_folds
from analysis.signals.grams import characters, folded, weighted_grams
from analysis.signals.linear import held_out_logits, softmax
from analysis.signals.neighbours import Neighbours
from analysis.signals.pieces import pieces
from analysis.signals.votes import log_votes

FOLDS = 5
FEWEST = 20  # judged examples below which no model is trained
_NAMED = 5  # labels that are named when their examples are left out
_FOLDED = 128  # directions of the words that the linear model sees beside the vectors
_WEIGHED = 5_000  # examples on which the views are weighed


@dataclass(frozen=True)
class Predictions:
    """Out-of-sample class probabilities.

    classes        sorted labels, one per column
    probabilities  float32 (n, K), rows sum to 1; rows of NaN were not judged
    left_out       which examples were not judged and why, in words; "" when all were
    opinions       int16 (n, 3), the column that each of three models finds likeliest by itself: the linear one, the one
                   of words, and the neighbours; None where the probabilities came with the data
    """

    classes: tuple[str, ...]
    probabilities: np.ndarray
    left_out: str
    opinions: np.ndarray | None = None


def predict(
    texts: Sequence[str],
    vectors: np.ndarray,
    neighbours: Neighbours,
    labels: Sequence[str | None],
    groups: np.ndarray,
    progress: Progress | None = None,
) -> Predictions:
    """Each example's class probabilities, from three views that have seen neither it nor its near copies: a linear
    model of its meaning (`vectors`) and its words together, its words alone, and the labels of its nearest neighbours.

    groups int (n,): equal for examples that say almost the same; they share a fold. Five folds, ten for the words,
    spread evenly over the labels. The views are joined as a weighted product (logarithmic opinion pool, Genest & Zidek
    1986) under the weights that make the given labels most likely, which also calibrates it. Examples without text are
    not judged. Labels with fewer than five examples are learnt, but their own examples are not judged; both are named
    in `left_out`. Examples without a label are judged by all that were trained. Raises NotReady where nothing can be.
    """
    tell = progress or (lambda what, share: None)
    codes, names = _codes(texts, labels)
    size = np.bincount(codes[codes >= 0], minlength=len(names))
    common = size >= FOLDS
    judged = np.isin(codes, np.flatnonzero(common))
    if common.sum() < 2 or judged.sum() < FEWEST:
        raise NotReady(_too_few(names, size), f"Label at least {FOLDS} examples each of two labels, {FEWEST} in all.")
    fold = np.zeros(len(codes), dtype=np.int8)
    fold[codes >= 0] = grouped_folds(codes[codes >= 0], groups[codes >= 0], FOLDS)
    tell("predictions", 0.05)
    words = _words(texts)
    tell("predictions", 0.3)
    by_words = word_logits(words, codes, groups, len(names))
    features = [vectors, folded(words, _FOLDED)]
    del words  # as large as the vectors
    tell("predictions", 0.45)
    linear = held_out_logits(features, codes, fold, len(names), lambda share: tell("predictions", 0.45 + 0.5 * share))
    views = [linear, by_words, log_votes(neighbours, codes, groups, len(names))]
    opinions = np.column_stack([view.argmax(axis=1) for view in views]).astype(np.int16)
    probabilities = _joined(views, _weights(views, codes, np.flatnonzero(judged)))
    has_text = np.fromiter((bool(text.strip()) for text in texts), bool, len(texts))
    probabilities[~has_text | ((codes >= 0) & ~judged)] = np.nan
    return Predictions(tuple(names), probabilities, _left_out(names, size, has_text), opinions)


def _codes(texts: Sequence[str], labels: Sequence[str | None]) -> tuple[np.ndarray, list[str]]:
    """The number of each example's label among the sorted labels; -1 without a label or without text."""
    given = [label if text.strip() else None for text, label in zip(texts, labels, strict=True)]
    names = sorted({label for label in given if label is not None})
    number = {name: i for i, name in enumerate(names)}
    return np.array([-1 if label is None else number[label] for label in given], dtype=np.int64), names


def _words(texts: Sequence[str]) -> Any:
    """The n-grams of each text, weighted: of one and two pieces, or of up to three characters where pieces are none."""
    if pieces().know(texts):
        return weighted_grams(pieces().numbers(texts, lower=True), longest=2)
    return weighted_grams(characters(texts), longest=3)


def _joined(views: Sequence[np.ndarray], factors: np.ndarray) -> np.ndarray:
    """float32 (n, K), rows sum to 1: the weighted product of the views, which it overwrites to save memory."""
    total = views[0]
    total *= factors[0]
    for view, factor in zip(views[1:], factors[1:], strict=True):
        view *= factor
        total += view
    return softmax(total)


def _weights(views: Sequence[np.ndarray], codes: np.ndarray, judged: np.ndarray) -> np.ndarray:
    """float32, one a view: the positive factors under which the labels given to the rows `judged` are most likely."""
    from scipy.optimize import minimize

    some = judged[np.random.default_rng(0).permutation(len(judged))[:_WEIGHED]]
    views, given = [view[some] for view in views], codes[some]
    rows = np.arange(len(given))

    def loss(log_factors: np.ndarray) -> tuple[float, np.ndarray]:
        factors = np.exp(log_factors).astype(np.float32)
        joined = sum(view * factor for view, factor in zip(views, factors, strict=True))
        top = joined.max(axis=1)
        joined -= top[:, None]
        likely = joined[rows, given].mean()
        p = np.exp(joined)
        total = p.sum(axis=1)
        p /= total[:, None]
        slope = [float(((p * view).sum(axis=1) - view[rows, given]).mean()) for view in views]
        return float(np.log(total).mean() - likely), np.array(slope) * factors

    start = np.full(len(views), np.log(0.5))
    best = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(-6, 3)] * len(views))
    return np.asarray(np.exp(best.x), dtype=np.float32)


def _too_few(names: Sequence[str], size: np.ndarray) -> str:
    if len(names) < 2:
        return (
            f"All labelled examples have the same label, {names[0]!r}."
            if names
            else "No example with text has a label."
        )
    common = int((size >= FOLDS).sum())
    return f"{len(names):,} labels, but only {common:,} of them with {FOLDS} examples or more."


def _left_out(names: Sequence[str], size: np.ndarray, has_text: np.ndarray) -> str:
    """Who was not judged, in a sentence or two."""
    said = []
    rare = [i for i in np.argsort(size, kind="stable") if size[i] < FOLDS]
    if rare:
        count = int(size[rare].sum())
        more = f" and {len(rare) - _NAMED:,} more" if len(rare) > _NAMED else ""
        who = "1 example not judged, because its" if count == 1 else f"{count:,} examples not judged, because their"
        said.append(f"{who} label has fewer than {FOLDS} examples: {', '.join(names[i] for i in rare[:_NAMED])}{more}.")
    empty = int((~has_text).sum())
    if empty:
        said.append(f"{empty:,} {'example has' if empty == 1 else 'examples have'} no text.")
    return " ".join(said)
