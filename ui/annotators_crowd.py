"""The annotators of the chosen dataset, kept by the server, and the examples on which they differ as the URL asks."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import pandas as pd
import streamlit as st

from analysis.people.agreement_counts import Scale
from analysis.people.ambiguity import OPEN, SEVERAL, SLIP
from analysis.queries import people, people_differences, people_groups
from analysis.queries.people import Crowd
from analysis.queries.people_differences import KINDS, Differing
from analysis.store import Store
from ui import safe, session

Result = TypeVar("Result")
Row = Mapping[Any, Any]
PARAMETERS = ("apart", "annotator", "said", "other")
_KINDS: dict[str, str] = {
    SEVERAL: "several labels seem valid",
    SLIP: "somebody seems to have slipped",
    OPEN: "a slip or several valid labels",
}
SCALES: dict[Scale, str] = {"nominal": "names", "ordinal": "steps in an order", "interval": "numbers"}


def known(store: Store) -> Crowd | None:
    """The annotators; None where the dataset names none. Made once for the labels there are, whatever is decided."""
    state = labels_state(store)
    if not state:
        return None
    with st.spinner("Comparing the annotators …"):
        return session.kept(f"annotators {store.folder} {state}", lambda: people.crowd(store))


def there(store: Store) -> Crowd:
    """The annotators, where it is known that there are some."""
    crowd = known(store)
    assert crowd is not None, "asked where there are annotators"
    return crowd


def labels_state(store: Store) -> str:
    """A text that changes with the labels of annotators and with nothing that is decided; "" without any label."""
    return session.cached_for(store.data_version, people.fingerprint, store)


def of_labels(question: Callable[..., Result], store: Store, *arguments: Any) -> Result:
    """The answer of a question to the labels of annotators, asked again once these change."""
    return session.cached_for(labels_state(store), question, store, *arguments)


def of_data(question: Callable[..., Result], store: Store, *arguments: Any) -> Result:
    """The answer of a question to what was loaded, asked again once something else than a decision was written."""
    return session.cached_for(store.data_version, question, store, *arguments)


def differences(store: Store, annotator: str) -> tuple[pd.DataFrame, int]:
    """Labels of one annotator that are not the outcome, and how many have one: see `people_differences.differences`."""
    return session.cached(_differences, store, annotator)


def scale(crowd: Crowd) -> Scale:
    """What the labels are, as the URL says; names unless every label is a number."""
    asked = session.parameter("labels_are", SCALES) if crowd.is_numeric else None
    return next((one for one in SCALES if one == asked), "nominal")


def on_one_line(name: str) -> str:
    """A name as it stands among others: on one line, cut to 60 characters."""
    return safe.one_line(name, 60).strip() or "(blank)"


def in_cell(name: str) -> str:
    """A name in a cell of a table, which shows what is too long for it."""
    return safe.one_line(name, 1_000).strip() or "(blank)"


def kinds(store: Store) -> dict[str, int]:
    """How many examples split annotators, by what it comes from: see `Ambiguity.kind`."""
    return of_labels(_kinds, store)


def groups(store: Store, grouping: str, scale: Scale) -> pd.DataFrame:
    """Agreement by a grouping, asked once."""
    return of_data(_groups, store, grouping, scale)


def differing(store: Store) -> tuple[tuple[str, ...], str]:
    """The examples that the URL asks for, and what they are in words; none where it asks for what is not there."""
    kind = next((kind for kind in KINDS if kind == session.parameter("apart")), None)
    if kind is None or known(store) is None:
        return (), ""
    annotator, said, other = (session.parameter(name) for name in PARAMETERS[1:])
    asked = Differing(kind, annotator, said, other)
    ask = session.cached if kind in ("outcome", "unruled") else of_labels
    return ask(_members, store, asked.kind, annotator, said, other), _words(asked)


def _members(
    store: Store, kind: people_differences.Apart, annotator: str | None, said: str | None, other: str | None
) -> tuple[str, ...]:
    crowd = known(store)
    return () if crowd is None else people_differences.differing(store, crowd, Differing(kind, annotator, said, other))


def _differences(store: Store, annotator: str) -> tuple[pd.DataFrame, int]:
    crowd = there(store)
    held = people_differences.outcomes(store, crowd)
    return people_differences.differences(store, crowd, annotator, held), people_differences.judged_labels(
        crowd, annotator, held
    )


def _kinds(store: Store) -> dict[str, int]:
    crowd = known(store)
    return dict.fromkeys(_KINDS, 0) if crowd is None else people_differences.kinds_of_disagreement(crowd)


def _groups(store: Store, grouping: str, scale: Scale) -> pd.DataFrame:
    return people_groups.agreement_by(store, there(store), grouping, scale)


def _words(asked: Differing) -> str:
    if asked.kind == "labels":
        return f"annotators say both {asked.said} and {asked.other}"
    if asked.kind == "people":
        return f"{asked.annotator} and {asked.other} differ"
    if asked.kind == "together":
        return f"{asked.annotator} and {asked.other} make the same mistake"
    if asked.kind == "unruled":
        return "a decision says that no clause fits"
    if asked.kind == "outcome":
        exactly = f" {asked.said} where it is {asked.other}" if asked.said is not None else " something else"
        return f"{asked.annotator} says{exactly}"
    return _KINDS.get(asked.kind, "annotators differ")
