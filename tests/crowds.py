"""Simulated crowds whose truth is known: for tests and benchmarks of agreement and consensus."""

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Crowd:
    """`annotations` as the app has them; `truth` by example, `reliability` by annotator, names of those who copy."""

    annotations: pd.DataFrame
    truth: pd.Series
    reliability: pd.Series
    copiers: tuple[str, ...]


def crowd(
    seed: int,
    *,
    examples: int = 500,
    annotators: int = 30,
    per_example: int = 5,
    classes: int = 3,
    accuracy: tuple[float, float] = (0.5, 0.95),
    confused: bool = False,
    copiers: int = 0,
    copying: float = 0.9,
) -> Crowd:
    """Independent annotators with an accuracy each; `confused` gives each a confusion matrix of their own.

    The first `copiers` take, with probability `copying`, the label of one source that nobody else sees.
    """
    random = np.random.default_rng(seed)
    truth = random.integers(0, classes, examples)
    right = random.uniform(*accuracy, annotators)
    tables = np.array([_confusion(random, p, classes, confused) for p in right])
    order = np.argpartition(random.random((examples, annotators), dtype=np.float32), per_example - 1, axis=1)
    annotator = order[:, :per_example].ravel()
    example = np.repeat(np.arange(examples), per_example)
    label = _draw(random, tables.reshape(-1, classes), annotator * classes + truth[example])
    source = _draw(random, _confusion(random, float(np.mean(accuracy)), classes, False), truth)
    copied = (annotator < copiers) & (random.random(len(label)) < copying)
    label = np.where(copied, source[example], label)
    names = np.array([f"p{code:03d}" for code in range(annotators)], dtype=object)
    ids = np.array([f"e{code:06d}" for code in range(examples)], dtype=object)
    words = np.array([f"c{code:03d}" for code in range(classes)], dtype=object)
    frame = pd.DataFrame({"example_id": ids[example], "annotator": names[annotator], "label": words[label]})
    reliability = pd.Series(np.trace(tables, axis1=1, axis2=2) / classes, index=names)
    return Crowd(frame, pd.Series(words[truth], index=ids), reliability, tuple(names[:copiers]))


def _confusion(random: np.random.Generator, right: float, classes: int, confused: bool) -> np.ndarray:
    table = np.full((classes, classes), (1 - right) / (classes - 1))
    np.fill_diagonal(table, right)
    if not confused:
        return table
    own = np.clip(right + random.normal(0, 0.12, classes), 0.05, 0.99)
    wrong = random.dirichlet(np.full(classes, 0.5), classes) * (1 - np.eye(classes)) + 1e-9 * (1 - np.eye(classes))
    return np.asarray(wrong / wrong.sum(axis=1, keepdims=True) * (1 - own)[:, None] + np.diag(own))


def _draw(random: np.random.Generator, shares: np.ndarray, row: np.ndarray, step: int = 50_000) -> np.ndarray:
    """One class for each `row` of the table of probabilities."""
    limits = np.cumsum(shares, axis=1)[:, :-1]
    parts = [row[start : start + step] for start in range(0, len(row), step)]
    return np.concatenate([(random.random((len(part), 1)) > limits[part]).sum(axis=1) for part in parts])


def tasteful(
    seed: int, *, examples: int = 600, annotators: int = 12, per_example: int = 5, share: float = 0.15, close: float = 0
) -> tuple[pd.DataFrame, pd.Series]:
    """Annotations of six classes, and how many of the labels given to each example are valid (0, 1 or 2, by example).

    On the `share` of examples with two valid labels, of which one alone may have been given, each annotator follows a
    taste whose share is drawn evenly; the valid labels are 0 and 1, 2 and 3, or 4 and 5.
    Annotators are right in 0.8 to 0.97; of their slips the share `close` goes to the other label of the pair.
    """
    random = np.random.default_rng(seed)
    right = random.uniform(0.8, 0.97, annotators)
    is_ambiguous = random.random(examples) < share
    rows, number = [], []
    for example in range(examples):
        true, first, taste = random.integers(6), 2 * random.integers(3), random.random()
        valid = {first, first + 1} if is_ambiguous[example] else {true}
        given = set()
        for annotator in random.choice(annotators, per_example, replace=False):
            label = (first if random.random() < taste else first + 1) if is_ambiguous[example] else true
            if random.random() >= right[annotator]:
                others = [other for other in range(6) if other not in valid]
                like = not is_ambiguous[example] and random.random() < close
                label = true ^ 1 if like else others[random.integers(len(others))]
            rows.append((f"e{example:04d}", f"p{annotator:03d}", f"c{label}"))
            given.add(label)
        number.append(len(given & valid))
    frame = pd.DataFrame(rows, columns=["example_id", "annotator", "label"])
    return frame, pd.Series(number, index=[f"e{example:04d}" for example in range(examples)])
