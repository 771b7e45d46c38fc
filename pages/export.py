"""Export: what changes, and the corrected file with its record."""

from analysis.export import preview
from ui import exporting, page, session

SHOWS = "Here you will see what your decisions change, and get the corrected file with the record of every decision."

with page.opened("Export", shows=SHOWS) as store:
    seen = session.cached(preview, store)
    exporting.answer(store, seen)
    exporting.changes(seen)
    exporting.downloads(store)
    exporting.one_label(store)
