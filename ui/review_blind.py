"""Deciding blind: what others and models say of an example stays hidden until this reviewer has decided about it."""

from analysis.queries.case import Case
from analysis.store import Store
from ui import session


def is_hidden(case: Case, *, blind: bool) -> bool:
    """Whether the reviewer still has to decide before seeing what others say."""
    mine = session.reviewer()
    return blind and not any(said.who == mine and said.action != "reopen" for said in case.opinions)


def candidates(case: Case) -> list[str]:
    """The labels that anybody gave, sorted, so that neither their order nor their number tells whose they are."""
    given = {case.label, *(opinion.label for opinion in case.annotations)}
    return sorted(label for label in given if label is not None)


def neutral_fields(store: Store, case: Case) -> tuple[tuple[str, str], ...]:
    """The fields of the example without those that annotators filled in."""
    roles, titles = store.roles(), {column.position: column.title for column in store.columns()}
    positions = (*roles.annotators, roles.annotator)
    telling = {titles[position] for position in positions if position is not None}
    return tuple((title, cell) for title, cell in case.fields if title not in telling)
