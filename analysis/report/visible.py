"""Hostile text made visible: for terminals and for every place of a page that shows text as it is."""

import re
import unicodedata

_MOST_MARKS = 4  # combining marks on one letter; living languages need no more
_MARK = r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_PILE = re.compile(f"({_MARK}{{{_MOST_MARKS}}})({_MARK}+)")
_HIDDEN = ("Cc", "Cf", "Co", "Cs", "Zl", "Zp")
_JOINS = "\u200c\u200d"  # needed inside words of several scripts and inside emoji
_SHOWN = "\n\t"


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
