"""The command about coverage: where the data is thin, which slices fail, what changed, what to collect."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from analysis.errors import NotReady
from analysis.report.given import Answer, Given, next_step, opened, progressing, width, workspace

if TYPE_CHECKING:
    from analysis.store import Store

BUDGET = 200
_STEPS = 4
Found = TypeVar("Found")


def coverage(given: Given) -> Answer:
    """Where the data is thin, which slices fail, what changed and what to collect; the plan into a file."""
    from analysis.export.coverage import export_coverage
    from analysis.queries import coverage as thin
    from analysis.queries import coverage_checks, coverage_drift, coverage_plan, coverage_reference
    from analysis.report.coverage import coverage_lines, coverage_object
    from analysis.report.coverage_tables import plan_table, plan_titles, titled
    from analysis.report.coverage_thin_here import thin_here_sentence
    from analysis.report.lines import paragraph

    with opened(given) as store, progressing(given) as progress:
        tell = progress or (lambda what, share: None)
        before = coverage_reference.kept_names(store)
        key = _reference(given, store)
        copied = [name for name in coverage_reference.kept_names(store) if name not in before]
        against = coverage_reference.described(key)
        tell("Comparing the texts", 0 / _STEPS)
        if key == coverage_reference.NONE:
            alone = thin_here_sentence(coverage_checks.thin_here(store))
            beside = "What the data lacks is seen beside other texts: name some with --reference."
            found: thin.Thin | str = f"{alone} {beside}"
        else:
            found = _or_reason(lambda: thin.thin(store, key))
        tell("Counting slices", 1 / _STEPS)
        slices = _or_reason(lambda: thin.slices(store, "flagged"))
        tell("Telling the two sides apart", 2 / _STEPS)
        changed = _or_reason(lambda: coverage_drift.shift(store, key))
        tell("Drawing learning curves", 3 / _STEPS)
        plan = _or_reason(lambda: coverage_plan.collection(coverage_plan.learnt(store, key), given.budget))
        if given.output is not None:
            if isinstance(plan, str):
                raise NotReady("There is no plan to write.", plan)
            export_coverage(store, given.output, titled(plan_table(plan), plan_titles(against)))
    lines = coverage_lines(against, found, slices, changed, plan, given.budget, width())
    for name in copied:
        told = f"A copy of the reference's texts is kept with {given.dataset}, for --reference {name} and the app."
        lines = [*paragraph(told, width()), "", *lines]
    answer = {"dataset": given.dataset, **coverage_object(against, found, slices, changed, plan, given.budget)}
    if given.output is None:
        return Answer([*lines, *next_step(given, "coverage", given.dataset, "-o", "plan.csv")], answer)
    wrote = f"Wrote {given.output}: the plan, with texts to show to annotators."
    return Answer([*lines, "", wrote], {**answer, "path": str(given.output)})


def _reference(given: Given, store: "Store") -> str:
    """What was named: a part of the dataset, a reference set it has, a dataset, or a file; else the first there is."""
    from analysis.load.read import read_file
    from analysis.queries import coverage_reference as references
    from analysis.store import dataset_names, open_store

    known = [one.key for one in references.references(store)]
    named: str | None = given.reference
    if named is None:
        return known[0] if known else references.NONE
    for key in (named, f"{references.KEPT}{named}"):
        if key in known:
            return key
    if references.is_period(named) or named in (references.SPLIT, references.LATER):
        return named
    if named in dataset_names(workspace(given)) and named != store.name:
        with open_store(workspace(given), named) as other:
            return references.keep_dataset(store, other)
    path = Path(named)
    if path.exists():
        found = read_file(path)
        return references.keep_file(store, path.stem, found, references.text_columns(store, found))
    return references.described(named).key


def _or_reason(ask: Callable[[], Found]) -> Found | str:
    """The answer, or the sentence that says what is missing for it: the other sections stay."""
    try:
        return ask()
    except NotReady as reason:
        return f"{reason.message} {reason.hint}"
