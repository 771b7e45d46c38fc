"""What Review shows: the filters as the URL has them, and the chips that take them off."""

from dataclasses import dataclass, replace

import streamlit as st

from analysis.checks import all_checks
from analysis.coverage import outlines
from analysis.queries import asked, conflicts, coverage_parts, guidelines, points, queue, selections
from analysis.queries.queue import UNLABELLED, QueueFilter, State
from analysis.queries.selections import Saved
from analysis.store import Store
from ui import annotators_crowd, safe, session, words

STATES: dict[State, str] = {
    "open": "Not decided yet",
    "decided": "Decided",
    "unsure": "Decided as unsure",
    "several": "Several labels are right",
    "all": "All",
}
NO_LABEL = "(no label)"
PARAMETERS: tuple[str, ...] = (
    *("check", "label", "unlabelled", "split", "state", "slice", "part", "region", "only"),
    *("conflicts", "between", "against", "blind", "asked"),
    *annotators_crowd.PARAMETERS,
)
_SHOWN = 60  # characters of a value that a note names
_BLIND = "blind: who labelled, the label in use and suggestions are hidden"

Chip = tuple[str, tuple[str, ...]]  # what it says, and the parameters that it stands for


@dataclass(frozen=True, slots=True)
class View:
    """The filter as the URL has it, a chip for each part of it, and notes about values that mean nothing here.

    `blind`: what others and models say is hidden until the reviewer has decided.
    """

    wanted: QueueFilter
    chips: tuple[Chip, ...]
    notes: tuple[str, ...]
    blind: bool = False


def title_of(check_name: str) -> str:
    """A check as people know it, also when it is gone from Plumbline."""
    known = {check.name: check.title for check in all_checks()}
    return known.get(check_name) or check_name.replace("_", " ").capitalize()


def view(store: Store) -> View:
    """Read the URL. A value that this dataset does not know counts as no filter, and is noted."""
    part, region = session.parameter("slice"), session.parameter("region")
    known: dict[str, list[str]] = {
        "check": [name for name, _ in session.cached(queue.checks_with_issues, store)],
        "label": session.cached(queue.labels, store),
        "split": session.cached(queue.splits, store),
        "state": [*STATES],
    }
    if part is not None:
        del known["check"]  # it says whose slice it is
    values = {name: session.parameter(name, allowed) for name, allowed in known.items()}
    notes = [_unknown(name) for name, value in values.items() if value is None and session.parameter(name)]
    wanted = QueueFilter(
        check=values.get("check"),
        label=UNLABELLED if session.parameter("unlabelled") else values["label"],
        split=values["split"],
        state=next((state for state in STATES if state == values["state"]), "open"),
    )
    chips = _chips(wanted)
    if part is not None:
        members = queue.slice_members(store, session.parameter("check") or "", part)
        if members:
            wanted = replace(wanted, examples=members)
            chips.append((f"a part of the data, {words.count(len(members), 'example')}", ("slice", "check")))
        else:
            notes.append(_unknown("slice"))
    wanted = _covered(store, wanted, chips, notes)
    if region is not None:
        drawn = outlines.parse(region)
        if drawn is None:
            notes.append("The region in the address is not one that the map can read; showing all.")
        else:
            members = session.cached(points.inside, store, drawn)
            wanted = replace(wanted, examples=members, flagged=session.parameter("only") == "flagged")
            named = selection_shown(store)
            where = f"selection {safe.one_line(named.name, 40)}" if named is not None else "a region of the map"
            chips.append((f"{where}, {words.count(len(members), 'example')}", ("region", "only")))
    blind = session.parameter("blind") == "yes"
    if session.parameter("apart") is not None:
        members, said = annotators_crowd.differing(store)
        if members:
            wanted = replace(wanted, examples=members)
            said = "annotators differ" if blind else said
            chips.append((f"{said}, {words.count(len(members), 'example')}", annotators_crowd.PARAMETERS))
        else:
            notes.append("The annotators in the address differ on no example here; showing all.")
    if store.unknown_lines or store.unreadable_lines:
        notes.append("Some lines of the journal do not count here. The Export page says which, and what to do.")
    wanted = _asked(_adjudication(store, wanted, chips, notes), chips, notes)
    wanted = _not_own(store, wanted, chips, notes, blind=blind)
    return View(wanted, tuple(chips), tuple(notes), blind)


def _adjudication(store: Store, wanted: QueueFilter, chips: list[Chip], notes: list[str]) -> QueueFilter:
    """Narrow to what annotators do not settle, or to what they are split on between two labels."""
    if session.parameter("conflicts") == "yes":
        chips.append(("conflicts only", ("conflicts",)))
        wanted = replace(wanted, conflicts=True)
    names = ("between", "against")
    if any(session.parameter(name) for name in names):
        known = session.cached(guidelines.annotated_labels, store)
        first, second = (session.parameter(name, known) for name in names)
        if first is not None and second is not None:
            chips.append((f"split between {safe.one_line(first, 50)} and {safe.one_line(second, 50)}", names))
            return replace(wanted, between=(first, second))
        notes.append("The labels in the address are not two that annotators gave; showing all.")
    return wanted


def _not_own(store: Store, wanted: QueueFilter, chips: list[Chip], notes: list[str], *, blind: bool) -> QueueFilter:
    """Conflicts go first to somebody who did not label them: what the reviewer labelled comes last, or is left out."""
    mine = session.reviewer() or None
    own = session.cached(conflicts.count_labelled_by, store, mine) if mine else 0
    if blind:
        chips.append((_BLIND, ("blind",)))
        if own:
            notes.append("What you labelled yourself is left out: somebody who did not should decide about it.")
        return replace(wanted, not_by=mine)
    if wanted.conflicts or wanted.between:
        if own:
            notes.append("What you labelled yourself comes last: somebody who did not should decide about it.")
        return replace(wanted, own_last=mine)
    return wanted


def _asked(wanted: QueueFilter, chips: list[Chip], notes: list[str]) -> QueueFilter:
    """Narrow to what the reviewer was asked about; the address names nobody, so that a link can be shared."""
    if session.parameter("asked") != "me":
        return wanted
    if not session.reviewer():
        notes.append("Give your name in the sidebar to see what you were asked; showing all.")
        return wanted
    chips.append(("asked of me", ("asked",)))
    return replace(wanted, asked=session.reviewer())


def _covered(store: Store, wanted: QueueFilter, chips: list[Chip], notes: list[str]) -> QueueFilter:
    """Narrow to a part of the data that Coverage led to."""
    part = session.parameter("part")
    if part is None:
        return wanted
    members = session.cached(coverage_parts.members, store, part)
    if not members:
        notes.append(_unknown("part"))
        return wanted
    chips.append((f"a part of the data, {words.count(len(members), 'example')}", ("part",)))
    return replace(wanted, examples=members)


def _unknown(name: str) -> str:
    asked = safe.one_line(session.parameter(name), _SHOWN)
    return f"There is no {name} “{asked}” to filter by here; showing all."


def _chips(wanted: QueueFilter) -> list[Chip]:
    chips: list[Chip] = []
    if wanted.check is not None:
        chips.append((title_of(wanted.check), ("check",)))
    if wanted.label is not None:
        chips.append((f"label {wanted.label or NO_LABEL}", ("label", "unlabelled")))
    if wanted.split is not None:
        chips.append((f"split {wanted.split}", ("split",)))
    if wanted.state != "open":
        chips.append((STATES[wanted.state].lower(), ("state",)))
    return chips


def chips(store: Store, shown: View) -> None:
    """What is filtered by, each with the way to take it off; what waits for the reviewer."""
    waiting = asked.count_open(store, session.reviewer()) if session.reviewer() and not shown.wanted.asked else 0
    if not shown.blind and _is_of_annotators(shown.wanted):
        st.button(
            "Decide blind",
            key="review_blind",
            help="Hide who labelled, the label in use and what models say until you have decided",
            on_click=session.set_parameters,
            kwargs={"blind": "yes", "example": None},
        )
    for said, parameters in shown.chips:
        st.button(
            f"{safe.markdown(said, 120)} ×",
            key=f"chip_{parameters[0]}",
            help="Take this filter off",
            on_click=session.set_parameters,
            kwargs=dict.fromkeys((*parameters, "example")),
        )
    if waiting:
        st.button(
            f"Asked of you: {waiting:,}",
            key="review_asked",
            help="Show what colleagues ask you to decide",
            on_click=session.set_parameters,
            kwargs={
                **dict.fromkeys(name for name in (*PARAMETERS, "example") if name != "blind"),
                "asked": "me",
            },
        )


def _is_of_annotators(wanted: QueueFilter) -> bool:
    """Whether the queue is about what annotators said, so that it is better decided without knowing who said it."""
    return wanted.conflicts or wanted.between is not None or session.parameter("apart") is not None


def notes(shown: View) -> None:
    """What the address says that means nothing here, and what else is to be known of the queue."""
    for note in shown.notes:
        st.caption(safe.markdown(note, 300))


def of_selection(found: Saved) -> dict[str, str | None]:
    """A saved selection as the parameters of Review: what is looked at closely on the map is a region here."""
    given = dict(found.parameters)
    window = outlines.parse_window(given.get("window", ""))
    region = given.get("region") or (outlines.written(outlines.rectangle(window)) if window is not None else None)
    only = "flagged" if region and given.get("show", "all") != "all" else None
    return {name: given.get(name) for name in ("check", "label", "unlabelled")} | {"region": region, "only": only}


def selection_shown(store: Store) -> Saved | None:
    """The saved selection that the address asks for; of several that are the same, the first by name."""
    known = session.cached(selections.saved, store)
    return next((one for one in known if _is_shown(of_selection(one))), None)


def _is_shown(parameters: dict[str, str | None]) -> bool:
    return any(parameters.values()) and all(session.parameter(name) == value for name, value in parameters.items())


def everything() -> None:
    """Take all filters off."""
    session.set_parameters(**dict.fromkeys((*PARAMETERS, "example")))
