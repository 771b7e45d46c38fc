"""Triage notes as nurses write them in an emergency department, for seven departments and a rare one."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sample_data.writing.example import Example
from sample_data.writing.phrasing import FOLDER, Distinct, filled, sections
from sample_data.writing.slips import mistyped

COUNTS = {
    "cardiology": 72, "respiratory": 70, "surgery": 68, "urology": 64, "neurology": 69, "ent": 62, "orthopaedics": 71,
}  # fmt: skip
PARTNER = {
    "cardiology": "respiratory", "respiratory": "cardiology", "surgery": "urology", "urology": "surgery",
    "neurology": "ent", "ent": "neurology", "orthopaedics": "surgery",
}  # fmt: skip
RARE = "dermatology"
THIN = "burns in children"
SITES = ("Harbour", "Riverside", "St Anne")
_START, _DAYS = datetime(2025, 10, 1), 120
_TEXTS = FOLDER / "triage_notes"
_PLANS = sections(_TEXTS / "around.txt")["plan"]
_TAG = re.compile(r"(kid|young|adult|mid|old|m|f): ")
_AGES = {"kid": (2, 9), "young": (18, 38), "adult": (19, 71), "mid": (45, 72), "old": (69, 94)}
_SICK = ("resus", "stroke call", "pads on", "cath lab", "post ictal", "to theatre", "rigid")


@dataclass(frozen=True)
class Patient:
    """Whom a note is about: sex m or f, age in years, and the words that restrict a phrasing to such a patient."""

    sex: str
    age: int
    group: str

    @property
    def tags(self) -> set[str]:
        """What a phrasing may ask for."""
        return {self.sex, self.group} | ({"adult"} if self.age >= 18 else set())


def write_notes() -> list[Example]:
    """All notes, clean: right departments, no two alike, the thin region marked as one to leave alone."""
    distinct = Distinct(limit=0.5)
    written = [example for department in COUNTS for example in _department(department, distinct)]
    rng = random.Random("triage whole notes")
    for text in sections(_TEXTS / f"{RARE}.txt")[""]:
        written.append(Example(text, RARE, _moment(rng), more={"site": rng.choice(SITES)}))
    for text in sections(_TEXTS / "burns_in_children.txt")[""]:
        example = Example(text, "surgery", _moment(rng), kind="thin_region", detail=THIN, spare=True)
        example.more["site"] = rng.choice(SITES)
        written.append(example)
    return written


def _department(department: str, distinct: Distinct) -> Iterator[Example]:
    rng = random.Random(f"triage {department}")
    phrasings = sections(_TEXTS / f"{department}.txt")
    complaints = phrasings["complaint => seen with it"]
    wanted = COUNTS[department]
    while wanted:
        for line in rng.sample(complaints, len(complaints)):
            text = _note(line, phrasings, rng)
            if wanted and distinct.take(text):
                wanted -= 1
                yield Example(text, department, _moment(rng), more={"site": rng.choice(SITES)})


def _moment(rng: random.Random) -> datetime:
    day = _START + timedelta(days=rng.randrange(_DAYS))
    return day + timedelta(minutes=rng.randrange(24 * 60))


def _note(line: str, phrasings: dict[str, list[str]], rng: random.Random) -> str:
    complaint, seen = line.split(" => ")
    patient = _patient(_tags(complaint), rng)
    findings = rng.sample(seen.split("; "), rng.choices([0, 1, 2], (15, 45, 40))[0])
    if rng.random() < 0.3:
        findings.append(rng.choice([f for f in phrasings["finding"] if f.split()[0] not in seen + complaint]
                                   or phrasings["finding"]))  # fmt: skip
    history = _fitting(phrasings["history"], patient) if rng.random() < 0.5 and patient.group != "kid" else []
    slots = _Slots(rng, patient)
    said = [filled(part, rng, slots) for part in (_plain(complaint), *findings)]
    parts = [said[0], *rng.sample(history, min(1, len(history))), *said[1:]]
    vitals = _vitals(" ".join(said), patient, rng)
    parts.insert(rng.choice([1, len(parts)]), vitals)
    if rng.random() < 0.4:
        plans = _fitting(_PLANS, patient)
        if any(word in line for word in _SICK):
            plans = [plan for plan in plans if plan not in ("wait room, safety netted", "walked in", "to majors")]
        if "allerg" in " ".join(parts):
            plans = [plan for plan in plans if plan not in ("NKDA", "allergy: penicillin")]
        parts.append(filled(rng.choice(plans), rng, slots))
    return _styled(_header(patient, rng), [part for part in parts if part], rng)


def _tags(phrasing: str) -> set[str]:
    found = set()
    while match := _TAG.match(phrasing):
        found.add(match[1])
        phrasing = phrasing[match.end() :]
    return found


def _plain(phrasing: str) -> str:
    while match := _TAG.match(phrasing):
        phrasing = phrasing[match.end() :]
    return phrasing


def _fitting(phrasings: list[str], patient: Patient) -> list[str]:
    return [_plain(line) for line in phrasings if _tags(line) <= patient.tags]


def _patient(tags: set[str], rng: random.Random) -> Patient:
    sex = next((tag for tag in ("m", "f") if tag in tags), "") or rng.choice("mf")
    group = next((tag for tag in ("kid", "young", "mid", "old") if tag in tags), "adult")
    return Patient(sex, rng.randint(*_AGES[group]), group)


class _Slots:
    """What the slots of one note become."""

    def __init__(self, rng: random.Random, patient: Patient) -> None:
        self._rng, self._patient = rng, patient

    def __call__(self, slot: str) -> str:
        rng = self._rng
        if slot == "onset":
            hours, days = rng.randint(2, 9), rng.randint(2, 6)
            return rng.choice(
                [f"{days}/7", f"x{days}/7", f"{hours} h", f"x {hours}h", "since last night", "since this am",
                 f"since {rng.randint(1, 11):02}{rng.choice(['00', '15', '30'])}", f"for {days} days", "since yest",
                 "since yesterday pm", f"from {rng.choice(['Mon', 'Tues', 'Wed', 'Fri', 'Sun'])}", "overnight",
                 "since lunchtime"]
            )  # fmt: skip
        if slot == "when":
            return rng.choice(
                [f"{rng.randint(2, 6)} h ago", "this am", "yest", "last night", f"{rng.randint(2, 4)}/7 ago",
                 f"at {rng.randint(6, 21):02}{rng.choice(['00', '20', '45'])}", "on Sat", "yesterday pm", "1 h ago",
                 "at lunchtime"]
            )  # fmt: skip
        if slot == "hour":
            return f"{rng.randint(6, 22):02}{rng.choice(['00', '15', '30', '40'])}"
        if slot == "nurse":
            return rng.choice(["KM", "RN Patel", "JT", "SN Doyle", "LB"])
        ranges = {
            "days": (3, 9), "fast": (132, 188), "lowsat": (84, 90), "hoursn": (5, 14), "bay": (1, 9),
            "bladder": (420, 1150),
        }  # fmt: skip
        return str(rng.randint(*ranges[slot]))


def _vitals(said: str, patient: Patient, rng: random.Random) -> str:
    """One to four observations in a nurse's shorthand, none that the note gives already; sometimes none at all."""
    child, hot = patient.group == "kid", _is_hot(said)
    rate, low = rng.randint(88, 118) if hot or "SOB" in said else rng.randint(62, 98), rng.randint(98, 152)
    measured = {
        "HR": f"{rng.choice(['HR', 'P'])} {rate + (22 if child else 0)}",
        "BP": f"BP {low}/{low * 3 // 5 + rng.randint(-6, 6)}",
        "RR": f"RR {rng.randint(22, 30) if child or 'SOB' in said or 'wheez' in said else rng.randint(14, 20)}",
        "sats": f"{rng.choice(['sats', 'SpO2'])} {rng.randint(91, 94) if 'SOB' in said else rng.randint(95, 100)}"
        f"{rng.choice(['%', '', '% RA'])}",
        "T": f"{rng.choice(['T', 'temp', 'T'])} {rng.uniform(38.0, 39.5) if hot else rng.uniform(36.1, 37.4):.1f}",
    }
    if child or "LSBP" in said:
        del measured["BP"]
    given = [name for name in measured if name != "T" and re.search(rf"\b{name}\b", said)]
    given += ["HR"] * ("rate " in said or "SVT" in said) + ["sats"] * ("O2 " in said) + ["BP"] * ("BP" in said)
    free = [name for name in measured if name not in given]
    chosen = set(rng.sample(free, min(len(free), rng.choices(range(5), (18, 15, 25, 25, 17))[0])))
    if hot and rng.random() < 0.7 and "39.6" not in said:
        chosen.add("T")
    if not chosen:
        return rng.choice(["", "obs stable", "obs WNL", "NEWS 1"]) if not hot else ""
    return " ".join(measured[name] for name in measured if name in chosen)


def _is_hot(said: str) -> bool:
    cold = re.search(r"\bafebrile\b|\bno fever\b", said)
    return not cold and re.search(r"\b(febrile|temp|rigors?|pus|fever|septic|cultures)\b", said) is not None


def _header(patient: Patient, rng: random.Random) -> str:
    sex, age = patient.sex.upper(), patient.age
    word = {"M": "male", "F": "female"}[sex]
    if patient.group == "kid":
        return rng.choice(
            [f"{sex} {age}", f"{age}{sex}", f"{age} yo {'boy' if sex == 'M' else 'girl'}", f"{age}y {sex}"]
        )
    return rng.choice(
        [f"{sex} {age}", f"{sex} {age}", f"{age}{sex}", f"{age} yo {sex}", f"{age}y {word}", f"{sex}, {age}",
         f"{age} {sex}", f"Pt {age}{sex}", f"{word} {age}"]
    )  # fmt: skip


def _styled(header: str, parts: list[str], rng: random.Random) -> str:
    joint = rng.choices([", ", ". ", " / ", "; ", " - "], (45, 30, 7, 12, 6))[0]
    if joint == ". ":
        parts = [part[0].upper() + part[1:] for part in parts]
    text = f"{header}{rng.choice([', ', ' ', ' - ', ': '])}{joint.join(parts)}"
    text = mistyped(text, rng, rng.choices([0, 1], (86, 14))[0])
    if rng.random() < 0.06:
        return text.upper()
    return text + ("." if joint == ". " and rng.random() < 0.7 else "")
