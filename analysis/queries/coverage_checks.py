"""What the checks of the last scan found about parts of the data: which are thin by themselves, and the rest."""

from dataclasses import dataclass

from analysis.checks.thin_region import thin_region
from analysis.queries.overview import SliceRow
from analysis.store import Store


@dataclass(frozen=True, slots=True)
class ThinHere:
    """The parts that are thin beside nothing but the rest of the dataset, thinnest first.

    judged   small groups of texts that lie apart and were looked at; None where the check did not run or did not end,
             and `reason` says why ("" where it has not run)
    """

    judged: int | None
    reason: str
    regions: tuple[SliceRow, ...]


def thin_here(store: Store) -> ThinHere:
    """What the check for thin regions found in its last run."""
    last = store.rows(
        "SELECT status, detail, judged FROM runs WHERE check_name = ? ORDER BY started_at DESC, run_id DESC LIMIT 1",
        [thin_region.name],
    )
    if not last:
        return ThinHere(None, "", ())
    ((status, detail, judged),) = last
    if status == "failed":
        return ThinHere(None, "The check failed; the Overview says how.", ())
    if status == "skipped":
        return ThinHere(None, detail, ())
    return ThinHere(judged, "", tuple(_found(store, "check_name = ?")))


def other_parts(store: Store) -> list[SliceRow]:
    """What all other checks found about parts of the data, most suspicious first."""
    return _found(store, "check_name <> ?")


def _found(store: Store, which: str) -> list[SliceRow]:
    rows = store.rows(
        "SELECT check_name, subject_id, message, len(members) FROM issues"
        f" WHERE subject = 'slice' AND {which} ORDER BY severity DESC, check_name, subject_id",
        [thin_region.name],
    )
    return [SliceRow(*row) for row in rows]
