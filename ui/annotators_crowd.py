"""The annotators of the chosen dataset, kept by the server, and the examples on which they differ as the URL asks."""

import pandas as pd
import streamlit as st

from analysis.people.agreement_counts import Scale
from analysis.queries import people, people_differences, people_groups
from analysis.queries.people import Crowd
from analysis.queries.people_differences import KINDS, Differing
from analysis.store import Store
from ui import session

PARAMETERS = ("apart", "annotator", "said", "other")
SCALES: dict[Scale, str] = {"nominal": "names", "ordinal": "steps in an order", "interval": "numbers"}


def known(store: Store) -> Crowd | None:
    """The annotators; None where the dataset names none. Made once for the labels there are, whatever is decided."""
    print_of = session.cached(people.fingerprint, store)
    if not print_of:
        return None
    with st.spinner("Comparing the annotators …"):
        return session.kept(f"annotators {store.folder} {print_of}", lambda: people.crowd(store))


def scale(crowd: Crowd) -> Scale:
    """What the labels are, as the URL says; names unless every label is a number."""
    asked = session.parameter("labels_are", SCALES) if crowd.is_numeric else None
    return next((one for one in SCALES if one == asked), "nominal")


def groups(store: Store, grouping: str, scale: Scale) -> pd.DataFrame:
    """Agreement by a grouping, asked once."""
    return session.cached(_groups, store, grouping, scale)


def differing(store: Store) -> tuple[tuple[str, ...], str]:
    """The examples that the URL asks for, and what they are in words; none where it asks for what is not there."""
    kind = next((kind for kind in KINDS if kind == session.parameter("apart")), None)
    if kind is None or known(store) is None:
        return (), ""
    annotator, said, other = (session.parameter(name) for name in PARAMETERS[1:])
    asked = Differing(kind, annotator, said, other)
    return session.cached(_members, store, asked.kind, annotator, said, other), _words(asked)


def _members(
    store: Store, kind: people_differences.Apart, annotator: str | None, said: str | None, other: str | None
) -> tuple[str, ...]:
    crowd = known(store)
    return () if crowd is None else people_differences.differing(store, crowd, Differing(kind, annotator, said, other))


def _groups(store: Store, grouping: str, scale: Scale) -> pd.DataFrame:
    crowd = known(store)
    assert crowd is not None, "asked where there are annotators"
    return people_groups.agreement_by(store, crowd, grouping, scale)


def _words(asked: Differing) -> str:
    if asked.kind == "labels":
        return f"annotators say both {asked.said} and {asked.other}"
    if asked.kind == "people":
        return f"{asked.annotator} and {asked.other} differ"
    if asked.kind == "outcome":
        exactly = f" {asked.said} where it is {asked.other}" if asked.said is not None else " something else"
        return f"{asked.annotator} says{exactly}"
    return "annotators differ"
