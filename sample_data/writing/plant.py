"""Planting problems in clean examples, each on record. An example that got one, or was copied, gets no other."""

import html
import random
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from sample_data.writing.example import Example
from sample_data.writing.phrasing import Likeness

_FILLERS = ("just", "still", "now", "really", "also")
_SMALL_WORDS = ("the", "a", "my", "please", "and", "on", "for", "since")
_INVISIBLE = "\u200b"
_LOST = "\ufffd"


class Planter:
    """Plants problems in `examples`, which copies are added to. Draws from free examples only.

    A wrong label is the `partner` of the right one; only examples that `may_mislabel` accepts get one.
    """

    def __init__(
        self,
        examples: list[Example],
        partner: Mapping[str, str],
        rng: random.Random,
        may_mislabel: Callable[[Example], bool] = lambda example: len(example.text.split()) > 6,
    ) -> None:
        self.examples, self._partner, self._rng, self._may_mislabel = examples, partner, rng, may_mislabel

    def rare_class(self, label: str) -> None:
        """Record the examples of a class that has hardly any."""
        for example in self.examples:
            if example.true == label:
                example.kind, example.detail = "rare_class", label

    def thin_out(self, count: int, is_wanted: Callable[[Example], bool], split: str) -> None:
        """Leave `count` examples of a slice, all in one split, and take the others out; those that stay are spared."""
        inside = [example for example in self.examples if example.is_free and is_wanted(example)]
        kept = self._rng.sample(inside, count)
        for example in inside:
            if example not in kept:
                self.examples.remove(example)
        for example in kept:
            example.split, example.spare = split, True

    def label_errors(self, count: int) -> None:
        """The label of the class that is most easily taken for the right one."""
        for example in self._draw(count, self._may_mislabel):
            self._mark(example, "label_error", example.true)
            example.given = self._partner[example.true]

    def label_variants(self, count: int) -> None:
        """Labels that differ by case, a space or an invisible character from the way they are meant."""
        ways: Sequence[Callable[[str], str]] = (
            str.capitalize, lambda label: f"{label} ", str.upper, lambda label: label[:4] + _INVISIBLE + label[4:],
            lambda label: f" {label}", str.title,
        )  # fmt: skip
        for number, example in enumerate(self._draw(count)):
            self._mark(example, "label_variant", example.true)
            example.given = ways[number % len(ways)](example.true)

    def broken_texts(self, mojibake: int, lost: int, entities: int) -> None:
        """Text decoded wrongly, characters lost for good, HTML left in; then an empty cell and two of only spaces."""
        for example in self._draw(mojibake, lambda e: _misread(e.text) is not None):
            self._mark(example, "broken_text", "mojibake")
            example.text = _misread(example.text) or ""
        for example in self._draw(lost, lambda e: len(re.findall(r"['’/,&é£€]", e.text)) > 1):
            self._mark(example, "broken_text", "lost character")
            example.text = re.sub(r"['’/,&é£€]", _LOST, example.text, count=3)
        for example in self._draw(entities, lambda e: html.escape(e.text) != e.text):
            self._mark(example, "broken_text", "HTML")
            example.text = html.escape(example.text).replace(". ", ".<br/>", 1)
        for example, blank in zip(self._draw(3), ("", "   ", "\n\t"), strict=True):
            self._mark(example, "broken_text", "only spaces" if blank else "empty")
            example.text = blank

    def copies(self, kind: str, count: int, *, exact: int = 0) -> None:
        """Copies of examples of the training split, the first `exact` of them to the letter, the others edited.

        A leak goes to the test split; a conflict gets the label of the class most easily taken for the right one.
        """

        def fits(example: Example) -> bool:
            return 8 <= len(example.text.split()) <= 45 and (kind != "conflict" or self._may_mislabel(example))

        for number, original in enumerate(self._draw(count, fits, split="train")):
            text = original.text if number < exact else _edited(original.text, self._rng)
            at = original.at + timedelta(minutes=self._rng.randint(3, 4000))
            copy = Example(text, original.true, at, original.split, more=dict(original.more))
            self._mark(copy, kind, original)
            original.spare = True
            if kind == "leak":
                copy.split = "test"
            if kind == "conflict":
                copy.given = self._partner[copy.true]
            self.examples.append(copy)

    def _mark(self, example: Example, kind: str, detail: str | Example) -> None:
        example.kind, example.detail = kind, detail

    def _draw(
        self, count: int, fits: Callable[[Example], bool] = lambda example: True, split: str = ""
    ) -> list[Example]:
        free = [e for e in self.examples if e.is_free and fits(e) and split in ("", e.split)]
        return self._rng.sample(free, count)


def _misread(text: str) -> str | None:
    """UTF-8 read as Windows-1252; None where that is impossible or changes nothing."""
    try:
        misread = text.replace("'", "’").encode().decode("cp1252")
    except UnicodeDecodeError:
        return None
    return misread if misread != text else None


def _edited(text: str, rng: random.Random) -> str:
    """The same text with one or two small changes, at least 0.75 alike by trigrams."""
    likeness = Likeness()
    while True:
        edited = text
        for edit in rng.sample(_EDITS, rng.choice([1, 2])):
            edited = edit(edited, rng)
        if edited != text and likeness(likeness.bits(edited), likeness.bits(text)) >= 0.75:
            return edited


def _other_number(text: str, rng: random.Random) -> str:
    numbers = list(re.finditer(r"(?<![\d.,:/])\d{2,}(?![\d/])", text))
    if not numbers:
        return text
    found = rng.choice(numbers)
    return f"{text[: found.start()]}{found[0][:-1]}{(int(found[0][-1]) + rng.randint(1, 8)) % 10}{text[found.end() :]}"


def _other_end(text: str, rng: random.Random) -> str:
    return text.rstrip(".!?") + rng.choice([".", "!", "", " ..."])


def _a_word_more(text: str, rng: random.Random) -> str:
    words = text.split(" ")
    places = [i for i, word in enumerate(words[:-1]) if word in ("is", "has", "have", "I", "i")]
    if not places:
        return text
    place = rng.choice(places)
    return " ".join([*words[: place + 1], rng.choice(_FILLERS), *words[place + 1 :]])


def _a_word_less(text: str, rng: random.Random) -> str:
    words = text.split(" ")
    small = [i for i, word in enumerate(words) if word.lower() in _SMALL_WORDS]
    if not small:
        return text
    place = rng.choice(small)
    return " ".join(words[:place] + words[place + 1 :])


def _other_case(text: str, rng: random.Random) -> str:
    return text[0].swapcase() + text[1:] if rng.random() < 0.7 else text.lower()


_EDITS = (_other_number, _other_end, _a_word_more, _a_word_less, _other_case)
