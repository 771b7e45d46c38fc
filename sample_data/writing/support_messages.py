"""Messages to the support of an online shop that also keeps accounts and cards, in twelve intents and a rare one."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from sample_data.writing.example import Example
from sample_data.writing.phrasing import FOLDER, Distinct, filled, sections
from sample_data.writing.slips import begun_large, hurried, mistyped
from sample_data.writing.support_details import TOWNS, Details

COUNTS = {
    "refund_status": 104, "refund_request": 101, "card_declined": 99, "payment_failed": 97, "login_problem": 98,
    "account_locked": 93, "double_charge": 92, "unknown_charge": 95, "late_delivery": 108, "missing_item": 92,
    "cancel_order": 94, "change_order": 88,
}  # fmt: skip
PAIRS = (
    ("refund_status", "refund_request"), ("card_declined", "payment_failed"), ("login_problem", "account_locked"),
    ("double_charge", "unknown_charge"), ("late_delivery", "missing_item"), ("cancel_order", "change_order"),
)  # fmt: skip
PARTNER = {one: other for pair in PAIRS for one, other in (pair, pair[::-1])}
RARE = "data_request"
NOTE_SHARE = 0.13  # of an intent's messages that an agent noted down on the phone
_START, _DAYS = datetime(2025, 9, 1), 181
_TEXTS = FOLDER / "support_messages"
_AROUND = sections(_TEXTS / "around.txt")
# by channel: how often the message has no, one, two, three further sentences; an opening; a closing
_LENGTHS = {"chat": (50, 38, 12, 0), "email": (10, 38, 38, 14), "app form": (35, 42, 18, 5)}
_OPENING = {"chat": 0.35, "email": 0.9, "app form": 0.12}
_CLOSING = {"chat": 0.3, "email": 0.85, "app form": 0.2}


def write_messages() -> list[Example]:
    """All messages, clean: right labels, no two alike, in the order of the intents."""
    distinct = Distinct(limit=0.5)
    written = [example for intent in COUNTS for example in _intent(intent, distinct)]
    rng = random.Random(f"support {RARE}")
    for text in sections(_TEXTS / f"{RARE}.txt")[""]:
        at, region = _moment(rng), rng.choice(list(TOWNS))
        written.append(Example(text, RARE, at, more={"channel": "email", "region": region}))
    return written


def _intent(intent: str, distinct: Distinct) -> Iterator[Example]:
    rng = random.Random(f"support {intent}")
    phrasings = sections(_TEXTS / f"{intent}.txt")
    notes = round(COUNTS[intent] * NOTE_SHARE)
    for section, wanted in (("note", notes), ("customer", COUNTS[intent] - notes)):
        turns = _turns(phrasings[section], rng)
        while wanted:
            base, at, region = next(turns), _moment(rng), rng.choice(list(TOWNS))
            details = Details(rng, at, region)
            if section == "note":
                channel, text = "phone note", _note(base, rng, details)
            else:
                channel = _channel(base, rng)
                text = _message(base, phrasings["more"], channel, rng, details)
            if distinct.take(text):
                wanted -= 1
                yield Example(text, intent, at, more={"channel": channel, "region": region})


def _turns(phrasings: list[str], rng: random.Random) -> Iterator[str]:
    """Each phrasing comes once before one comes again."""
    while True:
        yield from rng.sample(phrasings, len(phrasings))


def _moment(rng: random.Random) -> datetime:
    day = _START + timedelta(days=rng.randrange(_DAYS))
    hour = min(23, max(0, round(rng.gauss(14, 4))))
    return day + timedelta(hours=hour, minutes=rng.randrange(60), seconds=rng.randrange(60))


def _is_casual(phrasing: str) -> bool:
    return phrasing[0].islower() or (phrasing.startswith("[") and phrasing[1].islower())


def _channel(base: str, rng: random.Random) -> str:
    return rng.choices(["chat", "email", "app form"], (60, 15, 25) if _is_casual(base) else (35, 47, 18))[0]


def _message(base: str, more: list[str], channel: str, rng: random.Random, details: Details) -> str:
    casual = _is_casual(base)
    hasty = channel != "email" and rng.random() < (0.75 if casual else 0.3)
    further = [line for line in more if casual or hasty or not _is_casual(line)]
    parts = [base, *rng.sample(further, rng.choices(range(4), _LENGTHS[channel])[0])]
    said = [filled(part, rng, details) for part in parts]
    text = " ".join(_ended(part, rng, hasty) for part in said[:-1]) + " " * (len(said) > 1) + said[-1]
    if not hasty:
        text = begun_large(text)
        text += "" if text[-1] in ".!?…" or (channel == "chat" and rng.random() < 0.5) else "."
    text = _opened(text, channel, casual, rng, details)
    text = _closed(text, channel, casual, rng, details)
    if hasty:
        text = hurried(text, rng)
    slips = rng.choices([0, 1, 2], (62, 28, 10) if hasty else (84, 14, 2))[0]
    return mistyped(text, rng, slips)


def _ended(sentence: str, rng: random.Random, hasty: bool) -> str:
    """With something between it and the next sentence."""
    if sentence[-1] in ".!?":
        return sentence
    return sentence + (rng.choice([".", ",", "...", " -", "."]) if hasty else ".")


def _opened(text: str, channel: str, casual: bool, rng: random.Random, details: Details) -> str:
    starts = text.lower().startswith(("hi", "hello", "dear", "help", "hey"))
    if starts or rng.random() >= _OPENING[channel]:
        return text
    lines = _AROUND["email openings" if channel == "email" else "chat openings"]
    if channel == "email" and casual:
        lines = [line for line in lines if len(line) < 12]
    opening = filled(rng.choice(lines), rng, details)
    joint = "" if opening[-1] in ",.?!" or (casual and rng.random() < 0.6) else rng.choice([",", ",", "!", " -", "."])
    return f"{opening}{joint} {text}"


def _closed(text: str, channel: str, casual: bool, rng: random.Random, details: Details) -> str:
    if rng.random() >= _CLOSING[channel]:
        return text
    lines = _AROUND["email closings" if channel == "email" else "chat closings"]
    if channel == "email" and casual:
        lines = [line for line in lines if not line.startswith(("Yours", "Mrs", "I look", "Regards"))]
    closing = filled(rng.choice(lines), rng, details)
    return f"{text}{'' if text[-1] in '.!?' else rng.choice(['', '.', ','])} {closing}"


def _note(base: str, rng: random.Random, details: Details) -> str:
    text = filled(base, rng, details).replace(" .", ".")
    if rng.random() < 0.55:
        text = f"{text} {filled(rng.choice(_AROUND['note endings']), rng, details)}"
    text = mistyped(text, rng, rng.choices([0, 1], (80, 20))[0])
    return text.lower() if rng.random() < 0.15 else text
