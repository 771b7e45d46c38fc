"""How the map came about, for the line below it."""

import json
from dataclasses import dataclass

from analysis.store import Store


@dataclass(frozen=True, slots=True)
class MapMade:
    """Of `placed` examples `fitted` decide the map and the others are put among them.

    `kept` of them keep their place from the dataset's earlier version; 0 where the map is new.
    """

    placed: int
    fitted: int
    kept: int


def map_made(store: Store) -> MapMade | None:
    """What the scan noted when it drew the map; None for a map from before it took notes, and without one."""
    noted = store.meta("signal.map.detail")
    return None if noted is None else MapMade(**json.loads(noted))
