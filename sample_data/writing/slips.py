"""What happens between the head and the keyboard: typing errors, missing apostrophes, hurried punctuation."""

import random
import re

_NEAR = dict(zip("qwertyuiopasdfghjklcvbnm", "wertyuiopoasdfghjkxcvbnn", strict=False))
_WORD = re.compile(r"\b[a-z]{5,}\b")


def mistyped(text: str, rng: random.Random, times: int) -> str:
    """The text with up to `times` words of five or more small letters typed wrongly."""
    for _ in range(times):
        words = list(_WORD.finditer(text))
        if not words:
            return text
        word = rng.choice(words)
        text = text[: word.start()] + _slip(word[0], rng) + text[word.end() :]
    return text


def _slip(word: str, rng: random.Random) -> str:
    place = rng.randrange(1, len(word) - 2)
    kind = rng.choice(["swap", "swap", "drop", "drop", "double", "near"])
    if kind == "swap":
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    if kind == "drop":
        return word[:place] + word[place + 1 :]
    if kind == "double":
        return word[:place] + word[place] + word[place:]
    return word[:place] + _NEAR.get(word[place], word[place]) + word[place + 1 :]


def hurried(text: str, rng: random.Random) -> str:
    """As typed on a phone in a hurry: small letters, often no apostrophes and no last full stop."""
    text = text.lower()
    if rng.random() < 0.5:
        text = text.replace("'", "")
    if rng.random() < 0.7:
        text = text.rstrip(".")
    return text


def begun_large(text: str) -> str:
    """Every sentence begins with a capital letter, and "i" alone is "I"."""
    text = re.sub(r"\bi\b(?=[ '])", "I", text)
    return re.sub(r"(^|[.!?] )([a-z])", lambda match: match[1] + match[2].upper(), text)
