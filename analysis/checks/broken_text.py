"""Texts that were damaged on their way here: empty, cut off, in the wrong encoding, or with code of a web page left in.
Mend them in the source if you can, else drop them; a repaired text is proposed where it is known.

Only damage that can be seen for certain is reported. A text in poor style is not a broken text."""

import re
from collections.abc import Callable

import numpy as np
import pandas as pd

from analysis.checks import Inputs, check, findings, shown

_CONTROL = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]"
# Python's and Arrow's regular expressions both read these patterns, hence no escapes that only one of them knows.
_INVISIBLE = "[\x00-\x20\x7f\u00a0\u00ad\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff]"
_MISSING = ["nan", "NaN", "null", "NULL", "None", "undefined", "N/A", "n/a", "#N/A", "#REF!", "#VALUE!", "#NAME?"]
_MISSING += ["[deleted]", "[removed]", "<NA>", "NaT", "[object Object]"]
_ENTITY = r"&(?:amp|lt|gt|quot|apos|nbsp|#[0-9]{2,6}|#x[0-9A-Fa-f]{2,5});"
_TAG = r"<(?:br|hr) ?/?>|</(?:p|div|span|a|b|i|em|strong|li|ul|ol|td|tr|table|h[1-6]|font)>"
_CUT = r"\\u[0-9A-Fa-f]{0,3}$|\\x[0-9A-Fa-f]?$|&(?:amp|lt|gt|quot|apos|nbsp|#[0-9]+|#x[0-9A-Fa-f]+)$"
_ESCAPE = r"\\u[0-9A-Fa-f]{4}"

# UTF-8 read as Windows-1252 or Latin-1: a lead byte's letter followed by letters of continuation bytes. What people
# write after an accented letter – quotation marks, dashes, brackets, a trade mark – is not taken for one on its own.
_FOLLOWS = "\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
_ODD = "\u0080-\u009f¡-§¨ª¬\u00ad¯±-¶¸º¼-¿€‚ƒ„†‡ˆ‰Š‹ŒŽ•˜š›œžŸ"
_MOJIBAKE = (
    f"Â[{_FOLLOWS}]|Ã[{_ODD}©®°«\u00a0]|(?:[Ä-ß][{_FOLLOWS}]){{2,}}|[Ä-ß][{_ODD}]"
    f"|[à-ï](?:[{_ODD}][{_FOLLOWS}]|[{_FOLLOWS}][{_ODD}])|[ð-ô][{_FOLLOWS}]{{3}}"
)
# Once one such run has shown how the text was read, every run of letters that can be UTF-8 is read again.
_UTF8 = f"[Â-ß][{_FOLLOWS}]|[à-ï][{_FOLLOWS}]{{2}}|[ð-ô][{_FOLLOWS}]{{3}}"
_TO_BYTE = {bytes([b]).decode("cp1252"): b for b in range(256) if b not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}
_TO_BYTE |= {chr(b): b for b in range(0x80, 0xA0)}


@check(title="Broken texts", subject="example")
def broken_text(inputs: Inputs, *, min_repeats: int = 10) -> pd.DataFrame:
    """Examples whose text is damaged for certain, with every kind of damage named.

    min_repeats  a text that is one sign or one word this many times, and nothing else, is garbage; 3 or more

    severity: 1 without text, then by how much is lost: 0.9 for lost letters, 0.8 for the wrong encoding, a text cut
    off, a stand-in for a missing value or garbage, 0.7 for control characters, 0.5 for escapes and web page code; the
    worst kind counts. Every example is judged.
    """
    texts: list[str] = inputs.examples["text"].tolist()
    severity = np.zeros(len(texts))
    reasons: dict[int, list[str]] = {}
    for weight, hits, describe in _kinds(texts, max(min_repeats, 3)):
        for i in np.flatnonzero(hits).tolist():
            reason = describe(texts[i])
            if reason:
                severity[i] = max(severity[i], weight)
                reasons.setdefault(i, []).append(reason)
    message = np.full(len(texts), "Nothing broken was seen.", dtype=object)
    for i, several in reasons.items():
        message[i] = " ".join(several)
    return findings(subject_id=inputs.examples.index, severity=severity, flagged=severity > 0, message=message)


Kind = tuple[float, np.ndarray, Callable[[str], str]]


def _kinds(texts: list[str], min_repeats: int) -> list[Kind]:
    """Each kind of damage: severity, which texts may have it (bool), and what to say of one ("" if it has not)."""
    column = pd.Series(texts, dtype="str")

    def has(pattern: str) -> np.ndarray:
        return column.str.contains(pattern, regex=True).to_numpy(dtype=bool)

    empty = column.str.fullmatch(f"{_INVISIBLE}*").to_numpy(dtype=bool)
    kinds: list[Kind] = [
        (0.9, has("\ufffd"), _lost_letters),
        (0.8, has(f"[Â-ô][{_FOLLOWS}]"), _wrong_encoding),
        (0.8, has(_CUT), lambda text: f"Ends in the middle of a code: “{shown(text[-12:])}”."),
        (
            0.8,
            column.str.strip().isin(_MISSING).to_numpy(),
            lambda text: f"Says only “{text.strip()}”, a missing value.",
        ),
        (0.8, _repeats(texts, min_repeats), lambda text: f"Is one thing over and over: “{shown(text.strip(), 20)}”."),
        (0.7, has(_CONTROL), _control_characters),
        (0.5, has(_ESCAPE), lambda text: f"Holds undecoded letters such as “{_first(_ESCAPE, text)}”."),
        (0.5, has(_ENTITY), lambda text: f"Holds web page code: “{_first(_ENTITY, text)}”."),
        (0.5, has(_TAG), lambda text: f"Holds web page code: “{_first(_TAG, text)}”."),
    ]
    return [(1.0, empty, _nothing), *((weight, hits & ~empty, describe) for weight, hits, describe in kinds)]


def _repeats(texts: list[str], min_repeats: int) -> np.ndarray:
    """Texts that are one sign, or one word, at least min_repeats times."""
    return np.array([_repeats_itself(text, min_repeats) for text in texts], dtype=bool)


def _repeats_itself(text: str, times: int) -> bool:
    words = text.split()
    if not words or words[0] != words[-1]:
        return False
    if len(words) < times:
        signs = "".join(words)
        return len(signs) >= times and signs == signs[0] * len(signs)
    return len(set(words)) == 1


def _nothing(text: str) -> str:
    return "Has no text." if not text else "Has no text, only spaces or invisible characters."


def _lost_letters(text: str) -> str:
    count = text.count("\ufffd")
    return f"{count:,} {'letter was lost and stands' if count == 1 else 'letters were lost and stand'} as “\ufffd”."


def _wrong_encoding(text: str) -> str:
    repaired = _repaired(text)
    return "" if repaired == text else f"Was read in the wrong encoding; it probably says “{_around(text, repaired)}”."


def _control_characters(text: str) -> str:
    return "" if _repaired(text) != text and not re.search(_CONTROL, _repaired(text)) else _named_control(text)


def _named_control(text: str) -> str:
    return f"Holds characters that control devices, such as {shown(_first(_CONTROL, text))}."


def _repaired(text: str) -> str:
    """The text with every run of misread UTF-8 read again, twice if need be."""
    for _ in range(2):
        if any(_reread(match) != match.group() for match in re.finditer(_MOJIBAKE, text)):
            text = re.sub(_UTF8, _reread, text)
    return text


def _reread(match: re.Match[str]) -> str:
    try:
        return bytes(_TO_BYTE[character] for character in match.group()).decode("utf-8")
    except UnicodeDecodeError:
        return match.group()


def _around(text: str, repaired: str) -> str:
    """The repaired text, from a little before the first place where it differs."""
    at = next((i for i, (one, other) in enumerate(zip(text, repaired, strict=False)) if one != other), 0)
    return shown(("…" if at > 30 else "") + repaired[max(0, at - 30) if at > 30 else 0 :])


def _first(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    return found.group() if found else ""
