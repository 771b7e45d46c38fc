"""Review: one ranked queue, one example at a time or twelve alike, by keyboard."""

from ui import page, review, review_dialogs, review_filter, review_grid, review_header, review_one

SHOWS = "Here you will decide about flagged examples, one at a time, most telling first."

with page.opened("Review", needs="scan", shows=SHOWS, beside=review_header.draw) as store:
    shown = review_filter.view(store)
    asked = review_dialogs.opened(store, shown.wanted, grid=review_grid.is_on())
    review_header.line(store, shown, quiet=asked is not None)
    case = review.chosen(store, shown.wanted)
    if case is None:
        review.nothing_left(store, shown)
    else:
        review_one.show(store, case, shown, asked=asked)
