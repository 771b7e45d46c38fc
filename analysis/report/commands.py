"""The commands: each asks the library one thing and says what came of it. Slow modules are imported where needed."""

import difflib
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from analysis.errors import DatasetBusy, NotReady, UserError
from analysis.report.given import FINE, OVER, Answer, Given, next_step, opened, progressing, typed, width, workspace

if TYPE_CHECKING:
    pass


def load(given: Given) -> Answer:
    """A file becomes a dataset."""
    from analysis.load.options import ReadOptions
    from analysis.load.roles import RoleNames
    from analysis.load.save import load_file
    from analysis.queries.life import role_titles
    from analysis.report.answers import load_lines, load_object

    single = ("id", "label", "split", "annotator", "timestamp", "guideline")
    names = RoleNames(
        text=tuple(given.text or ()),
        annotators=tuple(given.annotators or ()),
        **{role: getattr(given, role) for role in single},
    )
    options = ReadOptions(
        encoding=given.encoding,
        delimiter={"\\t": "\t", "tab": "\t"}.get(given.delimiter, given.delimiter),
        quoting=not given.no_quoting,
        header=given.header,
        skip_lines=given.skip_lines,
        sheet=given.sheet,
        member=given.member,
    )
    with progressing(given) as progress:
        report = load_file(
            workspace(given), given.file, name=given.name, roles=names, options=options, replace=given.replace,
            progress=progress,
        )  # fmt: skip
    with opened(given, report.name) as store:
        roles = role_titles(store)
    lines = load_lines(report, roles, width())
    return Answer([*lines, *next_step(given, "scan", report.name)], load_object(report, roles))


def scan(given: Given) -> Answer:
    """Run the checks."""
    from analysis.checks import all_checks
    from analysis.queries.trust import trust_in_flags
    from analysis.report.answers import reason, scan_lines, scan_object, trust_lines, trust_object
    from analysis.scan import scan_store
    from analysis.scan.job import status
    from analysis.scan.run import STAGES
    from analysis.scan.settings import parse_settings

    settings = parse_settings(given.set or [])
    only = None if given.only is None else [name.strip() for name in given.only.split(",") if name.strip()]
    if only == []:
        raise UserError("--only names no check.", "Name one or several with commas between, or leave it out.")
    with opened(given) as store:
        if status(store).state == "running":
            raise NotReady(
                f"{given.dataset!r} is being scanned already.", "Wait for it, or cancel it in the app's sidebar."
            )
        with progressing(given, {name: title for name, (title, _) in STAGES.items()}) as progress:
            runs = scan_store(store, only, settings, progress)
        trusted = trust_in_flags(store)
    lines = scan_lines(runs, {check.name: check.title for check in all_checks()}, width())
    lines += trust_lines(trusted, width())
    failed = [run for run in runs if run.status == "failed"]
    for run in failed:
        again = typed(given, "scan", given.dataset, "--only", run.check_name, "--json")
        lines.append(f"{run.check_name} failed: {reason(run)}")
        lines.append(f"  The whole traceback is on the Overview, and as `detail` in `{again}`.")
    answer = {"dataset": given.dataset, "runs": scan_object(runs), "trust": trust_object(trusted)}
    return Answer([*lines, *next_step(given, "issues", given.dataset)], answer, OVER if failed else FINE)


def checks(given: Given) -> Answer:
    """What the checks find, need and can be set to."""
    from analysis.checks import all_checks
    from analysis.report.checks import checks_lines, checks_markdown, checks_object

    every = all_checks()
    lines = checks_markdown(every) if given.markdown else checks_lines(every, width())
    return Answer(lines, {"checks": checks_object(every)})


def issues(given: Given) -> Answer:
    """What is flagged and not settled."""
    from analysis.queries.findings import failed_checks, open_issues
    from analysis.queries.overview import checks as known_checks
    from analysis.queries.trust import trust_in_flags
    from analysis.report.answers import failed_lines, issue_lines, issue_objects, trust_lines, trust_object

    with opened(given) as store:
        found = open_issues(store, given.check)
        failed = failed_checks(store, given.check)
        trusted = trust_in_flags(store)
        titles = {row.name: row.title for row in known_checks(store)}
    shown = found if given.top is None else found[: given.top]
    gated = given.fail_over is not None
    over = gated and (len(found) > given.fail_over or bool(failed))
    lines = [*issue_lines(shown, len(found), titles, width()), *failed_lines(failed, width())]
    lines += trust_lines(trusted, width())
    if gated and len(found) > given.fail_over:
        lines.append(f"{len(found):,} is more than the {given.fail_over:,} allowed.")
    first = next((issue.subject_id for issue in shown if issue.subject == "example"), None)
    further = ("show", given.dataset, first) if first else ("export", given.dataset, "-o", "FILE")
    answer = {
        "dataset": given.dataset,
        "check": given.check,
        "open": len(found),
        "fail_over": given.fail_over,
        "over": over,
        "failed_checks": [row.name for row in failed],
        "trust": trust_object(trusted),
        "issues": issue_objects(shown),
    }
    return Answer([*lines, *next_step(given, *further)], answer, OVER if over else FINE)


def findings(given: Given) -> Answer:
    """Every opinion of every check, into a file."""
    from analysis.export.findings import export_findings

    with opened(given) as store:
        rows = export_findings(store, given.output, given.check)
    lines = [f"Wrote {given.output}: {rows:,} findings, flagged or not."]
    return Answer(lines, {"dataset": given.dataset, "path": str(given.output), "findings": rows})


def show(given: Given) -> Answer:
    """One example's whole life."""
    from analysis.queries.life import life
    from analysis.report.life import life_lines, life_object

    with opened(given) as store:
        found = life(store, given.example)
    if found.verdict is None:
        further = ["decide", given.dataset, given.example, "ACTION", "--reviewer", "NAME"]
    else:
        further = ["export", given.dataset, "-o", "FILE"]
    return Answer([*life_lines(found, width()), *next_step(given, *further)[1:]], life_object(found))


def decide(given: Given) -> Answer:
    """Record what a person decides about an example."""
    from analysis.queries.life import given_label
    from analysis.queries.queue import labels
    from analysis.report.answers import decision_line
    from analysis.review.decide import decide as record

    with opened(given) as store:
        before = given_label(store, given.example)
        known = labels(store)
        (made,) = record(
            store, [given.example], given.action, reviewer=given.reviewer, labels=given.to or (), note=given.note
        )
    lines = [decision_line(made, before)]
    new = (label for label in made.labels or (made.new_label,) if label is not None and label not in known)
    for label in new:
        close = difflib.get_close_matches(label, known, n=1)
        meant = f" Did you mean {close[0]!r}? Decide again, or take it back with undo." if close else ""
        lines.append(f"{label!r} is a label that the dataset did not have.{meant}")
    return Answer([*lines, *next_step(given, "export", given.dataset, "-o", "FILE")], {"decision": asdict(made)})


def undo(given: Given) -> Answer:
    """Take a reviewer's latest decision back."""
    from analysis.queries.life import decided
    from analysis.review.decide import undo_last

    with opened(given) as store:
        undone = undo_last(store, given.reviewer)
        example, action = decided(store, undone[0].decision_id) if undone else ("", "")
    if not undone:
        return Answer([f"{given.reviewer} has no decision to take back."], {"undone": []})
    also = f" and {len(undone) - 1:,} more of the same batch" if len(undone) > 1 else ""
    lines = [f"Taken back: {example}: {action}{also}. What was decided before counts again."]
    return Answer(
        [*lines, *next_step(given, "show", given.dataset, example)], {"undone": [asdict(act) for act in undone]}
    )


def export(given: Given) -> Answer:
    """Write the corrected file, the decisions and the manifest."""
    from analysis.export import export as write
    from analysis.report.answers import export_lines, export_object

    with opened(given) as store:
        report = write(store, given.output, given.format, spreadsheet_safe=given.spreadsheet_safe)
    further = ("load", str(report.path), "--name", f"{given.dataset}-corrected")
    return Answer([*export_lines(report, width()), *next_step(given, *further)], export_object(report))


def agreement(given: Given) -> Answer:
    """How well the annotators agree."""
    from analysis.queries.people import crowd
    from analysis.queries.people_groups import agreement_by
    from analysis.report.people import agreement_lines, agreement_object, group_lines, measured, records

    with opened(given) as store:
        known = crowd(store)
        found = measured(known.agreement(given.scale))
        groups = None if given.by is None else agreement_by(store, known, given.by, given.scale)
    answer = {"dataset": given.dataset, **agreement_object(known, found)}
    if groups is None:
        lines = agreement_lines(known, found, width())
    else:
        lines = group_lines(given.by, groups, len(known.labels), width())
        answer |= {"by": given.by, "groups": records(groups)}
    return Answer([*lines, *next_step(given, "consensus", given.dataset, "-o", "FILE.parquet")], answer)


def consensus(given: Given) -> Answer:
    """Write what is likely true where several people labelled."""
    from analysis.export.people import export_consensus
    from analysis.queries.people import consensus_with_models, crowd
    from analysis.report.people import consensus_lines, consensus_object

    with opened(given) as store:
        found = consensus_with_models(store, crowd(store), given.method)
        export_consensus(store, given.output, found)
    return Answer(consensus_lines(found, given.output, width()), consensus_object(found, given.output))


def datasets(given: Given) -> Answer:
    """The datasets of the workspace."""
    from analysis.report.answers import dataset_lines
    from analysis.store import dataset_names

    found = [_facts(given, name) for name in dataset_names(workspace(given))]
    if not found:
        lines = [
            f"There is no dataset in {workspace(given)}.",
            *next_step(given, "load", "FILE", "--name", "NAME"),
        ]
    else:
        further = "issues" if found[0]["scanned_at"] else "scan"
        lines = [*dataset_lines(found, width()), *next_step(given, further, found[0]["name"])]
    return Answer(lines, {"workspace": str(workspace(given)), "datasets": found})


def _facts(given: Given, name: str) -> dict[str, Any]:
    """The counts of one dataset; `note` says why there are none."""
    from analysis.queries.overview import last_scan, totals

    try:
        with opened(given, name) as store:
            counts, scanned = totals(store), last_scan(store)
    except DatasetBusy:
        empty = dict.fromkeys(("examples", "flagged", "flagged_decided", "scanned_at"))
        return {"name": name, **empty, "note": "open in another process"}
    return {
        "name": name,
        "examples": counts.examples,
        "flagged": counts.flagged,
        "flagged_decided": counts.decided,
        "scanned_at": None if scanned is None else f"{scanned.isoformat(timespec='seconds')}Z",
        "note": "",
    }
