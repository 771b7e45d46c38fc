"""A scan: prepare what checks look at, run the checks, save what they found.

`run.scan` is a pure function from `Material` to a stream of results; `save` writes results into the dataset, check
by check. The CLI does both in its own process (`scan_store`); the app starts a worker process (`job`), so that a
scan outlives the tab that started it and can be cancelled.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.scan.material import read_material
from analysis.scan.run import Outcome, choose, new_scan_id, scan
from analysis.scan.save import save
from analysis.schema import Progress, Run
from analysis.store import Store

Settings = Mapping[str, Mapping[str, Any]]


def scan_store(
    store: Store,
    only: Sequence[str] | None = None,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> list[Run]:
    """Scan in this process, saving check by check, and return one run per check.

    `only` names the checks to run (all of them when None); `settings` maps a check, or "signals", to its
    settings. Raises UserError for a name that does not exist.
    """
    checks = choose(only, settings or {})
    runs = []
    for result in scan(read_material(store), checks, settings or {}, new_scan_id(), progress or _silent):
        save(store, result)
        if isinstance(result, Outcome):
            runs.append(result.run)
    store.checkpoint()
    return runs


def _silent(what: str, share: float) -> None:
    """Nobody is watching."""
