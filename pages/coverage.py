"""Coverage: where the data is thin, which slices fail, what changed, and what to collect."""

from ui import coverage, coverage_drift, coverage_plan, coverage_reference, coverage_slices, page

SHOWS = "Here you will see where examples are missing, which parts of the data fail, and what to collect next."

with page.opened("Coverage", needs="scan", shows=SHOWS, beside=coverage_reference.header) as store:
    coverage.thin_regions(store)
    coverage_slices.show(store)
    coverage_drift.show(store)
    coverage_plan.show(store)
