"""The map, drawn in a process of its own while the models are trained, because its inner loop holds the interpreter.

A dataset's next version is drawn into the map of the earlier one: texts that were on it keep their places.
"""

import contextlib
import hashlib
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.errors import UserError
from analysis.scan.material import Arrays, Signal
from analysis.schema import Progress
from analysis.signals.neighbours import Neighbours
from analysis.signals.project import Sketch, draw, sketch

_PROJECT = Path(__file__).parents[2]
_PAUSE = 0.5  # seconds between two looks at the map


class Drawing:
    """A map that another process draws."""

    def __init__(self, made_from: str, told: Arrays, process: "subprocess.Popen[bytes]", folder: Path) -> None:
        self._made_from, self._told, self._process, self._folder = made_from, told, process, folder

    @property
    def share(self) -> float:
        """How much of it is done, in [0, 1)."""
        try:
            return min(float((self._folder / "share").read_text()), 0.99)
        except OSError:  # not there yet, or just being replaced where files in use cannot be read
            return 0.0

    def finished(self, progress: Progress) -> Signal:
        """The map, when it is there. Raises UserError with what the process said last where it failed."""
        while True:
            try:
                code = self._process.wait(_PAUSE)
                break
            except subprocess.TimeoutExpired:
                progress("map", self.share)
        if code:
            said = (self._folder / "errors").read_text(errors="replace").strip().splitlines()[-1:]
            raise UserError(
                f"The map could not be drawn: its process ended with code {code}. {' '.join(said)[:400]}".strip(),
                "All checks are saved. Scan again; if memory is short, leave the map out with --set signals.map=false.",
            )
        return Signal("map", self._made_from, {"points": np.load(self._folder / "places.npy"), **self._told})


@contextlib.contextmanager
def drawing(
    made_from: str, texts: pd.Series, vectors: Signal, neighbours: Neighbours, earlier: Signal | None
) -> Iterator[Drawing]:
    """Begin to draw the map; leaving early ends the process.

    earlier is the map that was kept from the dataset's last version; it counts if the same model made its vectors.
    """
    keys, model = text_keys(texts), vectors.arrays["model"]
    known = None
    if earlier is not None and str(earlier.arrays["model"]) == str(model):
        known = earlier_places(keys, earlier.arrays["texts"], earlier.arrays["points"])
    drawn_from = sketch(vectors.arrays["values"], neighbours, known)
    told = {"texts": keys, "model": model, "kept": np.array(drawn_from.kept), "fitted": np.array(drawn_from.fitted)}
    with tempfile.TemporaryDirectory(prefix="map_") as made:
        folder = Path(made)
        _write(drawn_from, folder)
        del drawn_from  # large, and in the file now
        with (folder / "errors").open("wb") as errors:
            process = subprocess.Popen(
                [sys.executable, "-c", "from analysis.scan.drawing import draw_in; draw_in()", made],
                cwd=_PROJECT,
                stdin=subprocess.PIPE,
                stdout=errors,
                stderr=errors,
            )
        try:
            yield Drawing(made_from, told, process, folder)
        finally:
            process.kill()
            process.communicate()


def _write(drawn_from: Sketch, folder: Path) -> None:
    arrays = {field.name: getattr(drawn_from, field.name) for field in fields(Sketch)}
    np.savez(folder / "sketch.npz", allow_pickle=False, **{k: v for k, v in arrays.items() if v is not None})


def _read(folder: Path) -> Sketch:
    with np.load(folder / "sketch.npz", allow_pickle=False) as archive:
        arrays = {key: archive[key] for key in archive.files if key != "allow_pickle"}
    return Sketch(**{**arrays, "kept": int(arrays["kept"])})


def _end_with_the_scan() -> None:
    """A scan that is killed closes its end of the pipe; nobody waits for this map any more."""
    os.read(0, 1)
    os._exit(1)


def draw_in() -> None:
    """Draw what lies in the folder that the command line names."""
    folder = Path(sys.argv[1])
    threading.Thread(target=_end_with_the_scan, daemon=True).start()

    def tell(done: float) -> None:
        with contextlib.suppress(OSError):  # somebody reads it just now; the next note will do
            (folder / "share.partial").write_text(str(done))
            os.replace(folder / "share.partial", folder / "share")

    np.save(folder / "places.npy", draw(_read(folder), tell))


def text_keys(texts: Iterable[str]) -> np.ndarray:
    """uint64 (n,): a hash of each text, by which a later version knows it again."""
    hashed = b"".join(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest() for text in texts)
    return np.frombuffer(hashed, dtype="<u8").astype(np.uint64)


def earlier_places(texts: np.ndarray, known: np.ndarray, points: np.ndarray) -> np.ndarray:
    """float32 (n, 2): where each text lay, NaN for new ones. The second of two equal texts lies where the second lay.

    texts, known uint64: from `text_keys`; points float32 (len(known), 2).
    """
    old = pd.MultiIndex.from_arrays([known, _turn(known)])
    at = old.get_indexer(pd.MultiIndex.from_arrays([texts, _turn(texts)]))
    places: np.ndarray = np.where((at >= 0)[:, None], points[at], np.float32(np.nan)).astype(np.float32)
    return places


def _turn(keys: np.ndarray) -> np.ndarray:
    """How many equal ones come before each."""
    return pd.Series(keys).groupby(keys).cumcount().to_numpy()
