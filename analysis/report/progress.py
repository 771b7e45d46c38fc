"""How far a long command has come: one line that changes on a terminal, else one line for each stage."""

import shutil
from collections.abc import Mapping
from typing import TextIO

from analysis.report.lines import cut
from analysis.report.visible import one_line

_CLEAR = "\r\x1b[K"


class ProgressLine:
    """Write progress to `stream`; `titles` says what a stage is called on the screen."""

    def __init__(self, stream: TextIO, titles: Mapping[str, str] | None = None) -> None:
        self._stream = stream
        self._titles = titles or {}
        self._last = ""
        self._updating = stream.isatty()

    def __call__(self, stage: str, share: float) -> None:
        """Stage `stage` is done to `share` in [0, 1]."""
        title = one_line(self._titles.get(stage, stage), 200)
        if self._updating:
            line = f"{title}  {min(max(share, 0.0), 1.0):4.0%}"
            self._write(_CLEAR + cut(line, shutil.get_terminal_size().columns - 1), line)
        elif share < 1:  # a stage that is at its end at once was made in an earlier scan
            self._write(f"{title} …\n", title)

    def end(self) -> None:
        """Leave a terminal as it was found."""
        if self._updating and self._last:
            self._stream.write(_CLEAR)
            self._stream.flush()

    def _write(self, text: str, what: str) -> None:
        if what != self._last:
            self._last = what
            self._stream.write(text)
            self._stream.flush()
