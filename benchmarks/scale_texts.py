"""As many texts as one likes, made from labelled ones: each is a text of a label with a few words of another of it."""

from pathlib import Path

import numpy as np
import pandas as pd

SET, NOISE = "stackoverflow20k_synth", "asym10"  # 20 labels, a tenth of them wrong in the file
_SEED = 11
_ANNOTATORS = ("ann", "ben", "eve")
_READ = 0.4  # share of the examples that each annotator labels
_AGREED = 0.9


def write(data: Path, rows: int, path: Path) -> None:
    """A CSV file: id, text, label, split, day, region, channel, and the labels of three annotators.

    Raises FileNotFoundError where the set is not in `data`.
    """
    given = pd.read_parquet(data / SET / "data.parquet")
    dice = np.random.default_rng(_SEED)
    label = given[f"given_label_{NOISE}"].astype(object).where(given[f"given_label_{NOISE}"].notna(), None).to_numpy()
    words = [text.split() for text in given["text"]]
    of_label = given.groupby("true_label").indices
    chosen = dice.integers(0, len(given), rows)
    other = np.empty(rows, dtype=np.int64)
    for name, members in of_label.items():
        at = np.flatnonzero(given["true_label"].to_numpy()[chosen] == name)
        other[at] = dice.choice(members, len(at))
    names = np.array(sorted(of_label), dtype=object)
    labels = label[chosen]
    frame = pd.DataFrame(
        {
            "id": np.arange(rows),
            "text": _mixed(words, chosen, other, dice),
            "label": labels,
            "split": dice.choice(["train", "test"], rows, p=[0.9, 0.1]),
            "day": pd.Timestamp("2025-01-01") + pd.to_timedelta(dice.integers(0, 365, rows), unit="D"),
            "region": dice.choice(["north", "south", "east", "west"], rows, p=[0.4, 0.3, 0.2, 0.1]),
            "channel": dice.choice(["phone", "mail", "chat"], rows, p=[0.6, 0.3, 0.1]),
        }
    )
    for annotator in _ANNOTATORS:
        own = np.where(dice.random(rows) < _AGREED, labels, dice.choice(names, rows))
        frame[annotator] = np.where(dice.random(rows) < _READ, own, None)
    frame.to_csv(path, index=False)


def _mixed(words: list[list[str]], chosen: np.ndarray, other: np.ndarray, dice: np.random.Generator) -> list[str]:
    """Each chosen text with one word dropped and up to four words of the other text put in somewhere."""
    random = dice.random((len(chosen), 4))
    texts = []
    for one, two, (drop, into, start, length) in zip(chosen, other, random, strict=True):
        own, guest = words[one], words[two]
        begin = int(start * len(guest))
        piece = guest[begin : begin + 1 + int(length * 4)]
        left = [word for at, word in enumerate(own) if at != int(drop * len(own)) or len(own) < 4]
        at = int(into * (len(left) + 1))
        texts.append(" ".join([*left[:at], *piece, *left[at:]]))
    return texts
