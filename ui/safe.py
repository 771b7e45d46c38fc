"""Text from files and from people, made safe to show.

Prefer places that show text as it is: `st.text`, `st.code(language=None)`, `st.dataframe`, options of a selectbox.
Titles, button labels, captions, help and messages are Markdown: there text goes through `markdown`. Charts read a
little HTML: there text goes through `plotly`.
"""

import html
import re
import unicodedata

JOINER = "\u2060"  # has no width and allows no break: what follows no longer touches what stands before
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
# Markdown finds these even behind a backslash: links, addresses, :icons: and arrows.
_LIVE = re.compile(r"://|(?<=www)(?=\.)|[:@]|(?<=[<>~-])(?=[->=])", re.IGNORECASE)
_MOST_MARKS = 4  # combining marks on one letter; living languages need no more
_MARK = r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_PILE = re.compile(f"({_MARK}{{{_MOST_MARKS}}})({_MARK}+)")
_HIDDEN = ("Cc", "Cf", "Co", "Cs", "Zl", "Zp")
_JOINS = "\u200c\u200d"  # needed inside words of several scripts and inside emoji
_SHOWN = "\n\t"


def markdown(value: object, limit: int = 80) -> str:
    """One line that Markdown shows as it is: nothing is fetched, linked, formatted or replaced.

    Longer text is cut to `limit` characters, the last of them an ellipsis.
    """
    text = _LIVE.sub(lambda found: JOINER.join(["", *found.group(), ""]), one_line(value, limit))
    return _PUNCTUATION.sub(r"\\\1", text)


def plotly(value: object, limit: int = 300) -> str:
    """One line that a chart shows as it is, in names, ticks, annotations and hover alike."""
    return html.escape(one_line(value, limit), quote=False)


def one_line(value: object, limit: int | None = None) -> str:
    """The text on one line, hidden characters shown, cut to `limit` characters. For places that show text as it is."""
    text = " ".join(str(value).split())
    if limit is None:
        return visible(text)
    shown = visible(text[: limit + 1])
    return shown if max(len(text), len(shown)) <= limit else shown[: limit - 1].rstrip() + "…"


def visible(text: str) -> str:
    """The text with characters that cannot be seen, or that change how others are seen, written as ⟨U+202E⟩."""
    if text.isascii() and text.isprintable():
        return text
    marked = "".join(_mark(character, before) for character, before in zip(text, " " + text, strict=False))
    return _PILE.sub(lambda found: f"{found[1]}⟨{len(found[2]):,} more marks⟩", marked)


def _mark(character: str, before: str) -> str:
    if character in _SHOWN or unicodedata.category(character) not in _HIDDEN:
        return character
    if character in _JOINS and not before.isascii():
        return character
    return f"⟨U+{ord(character):04X}⟩"
