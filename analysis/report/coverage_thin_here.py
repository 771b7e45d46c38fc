"""In words: which parts of a dataset are thin beside the rest of it, for the command line and the page alike."""

from analysis.queries.coverage_checks import ThinHere
from analysis.report.lines import count
from analysis.report.visible import one_line

_REASON = 300  # characters


def thin_here_title(found: ThinHere) -> str:
    """How many parts are thin beside the rest of the same dataset, in a few words."""
    if found.judged is None:
        return "Thin within this dataset: not known"
    return f"Thin within this dataset: {len(found.regions):,} of {count(found.judged, 'part')}"


def thin_here_sentence(found: ThinHere) -> str:
    """Which parts are thin beside the rest of the same dataset, and what that means."""
    if found.judged is None:
        why = f" {one_line(found.reason, _REASON)}" if found.reason else ""
        return f"The last scan has not looked for thin parts.{why}"
    if not found.judged:
        return "No small group of texts lies apart from the others, so no part is thin."
    parts, thin = count(found.judged, "part"), len(found.regions)
    looked = f"{parts}, small groups of texts that lie apart,"
    if not thin:
        return f"None of {looked} is thin: each has others like it close by, or no word that tells it from the rest."
    return (
        f"{thin:,} of {looked} {'is' if thin == 1 else 'are'} thin: little is like them, and hardly another text has"
        " their words. Collect more like them, or drop them if they do not belong."
    )
