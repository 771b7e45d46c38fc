"""Data map: every example as a point, close to those that say something similar."""

from analysis.queries import points
from ui import data_map, map_view, page

SHOWS = "Here you will see all examples on a map, similar ones close together, and decide about whole groups."

with page.opened("Data map", needs="scan", shows=SHOWS, beside=map_view.header) as store:
    if points.has_map(store):
        data_map.show(store, map_view.view(store))
    else:
        data_map.missing(store)
