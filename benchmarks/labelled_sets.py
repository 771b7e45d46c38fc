"""Labelled sets with known errors, as tables of text, given label, and whether it is wrong where that is known."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

SYNTHETIC = ("banking77_synth", "clinc150_synth", "stackoverflow20k_synth")
NOISES = ("asym05", "asym10", "inst10")
LARGE = "stackoverflow20k_synth"


def names() -> list[str]:
    """Every set that is measured."""
    return [*(f"{name}/{noise}" for name in SYNTHETIC for noise in NOISES), "news20_verified/reviewed", "large/asym10"]


def load(data: Path, name: str) -> pd.DataFrame:
    """text, label (None where none was given), is_error (True, False; missing where nobody knows).

    Raises FileNotFoundError when the set is not there. "large" is 100,000 texts: those of one set, each with a few
    words dropped or swapped, so that no two are the same.
    """
    folder, what = name.split("/")
    if folder == "large":
        return _large(load(data, f"{LARGE}/{what}"))
    frame = pd.read_parquet(data / folder / "data.parquet")
    if folder == "news20_verified":
        known = frame["is_error"].astype("boolean").where(frame["mturk_reviewed"].astype(bool))
        return pd.DataFrame({"text": frame["text"], "label": frame["given_label"], "is_error": known})
    label = frame[f"given_label_{what}"]
    return pd.DataFrame(
        {
            "text": frame["text"],
            "label": pd.Series([None if pd.isna(one) else str(one) for one in label], dtype=object),
            "is_error": frame[f"is_error_{what}"].astype("boolean").where(label.notna()),
        }
    )


def present(data: Path) -> Iterator[tuple[str, bool]]:
    """Each set, and whether it is there."""
    for name in names():
        folder = LARGE if name.startswith("large/") else name.split("/")[0]
        yield name, (data / folder / "data.parquet").exists()


def _large(frame: pd.DataFrame, size: int = 100_000) -> pd.DataFrame:
    import numpy as np

    dice = np.random.default_rng(7)
    chosen = frame.iloc[dice.integers(0, len(frame), size)].reset_index(drop=True)
    texts = []
    for number, text in enumerate(chosen["text"]):
        words = text.split()
        if len(words) > 3:
            del words[dice.integers(len(words))]
            at = dice.integers(len(words) - 1)
            words[at], words[at + 1] = words[at + 1], words[at]
        texts.append(f"{' '.join(words)} {number % 977}")
    return chosen.assign(text=texts)
