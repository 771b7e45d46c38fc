"""The parts of the map that people have saved under a name."""

import json
from dataclasses import dataclass

from analysis.store import Store


@dataclass(frozen=True, slots=True)
class Saved:
    """A selection as it now stands; `parameters` are what an address has for it, in the order of their names."""

    name: str
    parameters: tuple[tuple[str, str], ...]
    saved_by: str
    saved_at: str


def saved(store: Store) -> list[Saved]:
    """Every selection that was not taken away, by name; of one name the latest."""
    rows = store.rows(
        """
        SELECT name, filter, saved_by, strftime(saved_at, '%Y-%m-%d')
        FROM selections QUALIFY row_number() OVER (PARTITION BY name ORDER BY sequence DESC) = 1
        ORDER BY lower(name), name
        """
    )
    found = [Saved(name, _parameters(text), by, day) for name, text, by, day in rows]
    return [selection for selection in found if selection.parameters]


def _parameters(text: str) -> tuple[tuple[str, str], ...]:
    """The values of a filter; a line that another program wrote may hold anything."""
    try:
        read = json.loads(text)
    except ValueError:
        return ()
    if not isinstance(read, dict):
        return ()
    return tuple(sorted((str(name), value) for name, value in read.items() if isinstance(value, str) and value))
