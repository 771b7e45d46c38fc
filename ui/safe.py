"""Text from files and from people, made safe to show.

Prefer places that show text as it is: `st.text`, `st.code(language=None)`, `st.dataframe`, options of a selectbox.
Titles, button labels, captions, help and messages are Markdown: there text goes through `markdown`. Charts read a
little HTML: there text goes through `plotly`.
"""

import html
import re

from analysis.report.visible import one_line, visible

__all__ = ["JOINER", "markdown", "one_line", "plotly", "visible"]

JOINER = "\u2060"  # has no width and allows no break: what follows no longer touches what stands before
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
# Markdown finds these even behind a backslash: links, addresses, :icons: and arrows.
_LIVE = re.compile(r"://|(?<=www)(?=\.)|[:@]|(?<=[<>~-])(?=[->=])", re.IGNORECASE)


def markdown(value: object, limit: int = 80) -> str:
    """One line that Markdown shows as it is: nothing is fetched, linked, formatted or replaced.

    Longer text is cut to `limit` characters, the last of them an ellipsis.
    """
    text = _LIVE.sub(lambda found: JOINER.join(["", *found.group(), ""]), one_line(value, limit))
    return _PUNCTUATION.sub(r"\\\1", text)


def plotly(value: object, limit: int = 300) -> str:
    """One line that a chart shows as it is, in names, ticks, annotations and hover alike."""
    return html.escape(one_line(value, limit), quote=False)
