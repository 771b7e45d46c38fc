"""What lies in the region that was drawn on the map: how many, of which labels, which ones, and what to do with it."""

import pandas as pd
import streamlit as st

from analysis.coverage import outlines
from analysis.export.selection import selection_csv
from analysis.queries import points
from analysis.queries.map_colours import DISAGREEMENT
from analysis.queries.points import Selected
from analysis.store import Store
from ui import map_decide, map_spots, palette, session, words
from ui.map_figure import name_of, order
from ui.map_view import SHOWN, View, title_of_colour
from ui.review_filter import title_of

_TABLE = 400  # pixels
_LIST = 326  # so that the button below it is seen without scrolling
_HEAD = 46
_TALL = 72  # pixels of a line, in which two lines of a text are read
_DECIDE = "Decide"


def panel(store: Store, shown: View) -> None:
    """The right side: the selected examples, or all that the map shows."""
    chosen = session.cached(points.selected, store, shown.wanted, shown.region)
    if not chosen.examples and map_decide.done(store, SHOWN[shown.wanted.show]):
        return
    _count(shown, chosen)
    if not chosen.examples:
        where = "in this region" if shown.region is not None else "here"
        st.write(f"Nothing that the map shows lies {where}. Draw a larger region, or take a filter off above.")
        map_decide.status(store)
        return
    _review(shown, chosen)
    if shown.region is None:
        if shown.colour == DISAGREEMENT:
            map_spots.show(store)
        _labels(chosen)
        return
    default = _DECIDE if map_decide.was_undone() else None  # the tabs are new where nothing was left to show
    examples, labels, decide = st.tabs(["Examples", "Labels", _DECIDE], default=default, key="map_tabs")
    with examples:
        _examples(store, shown, chosen)
    with labels:
        _labels(chosen)
    with decide:
        map_decide.form(store, shown.region_text, chosen)


def as_table(store: Store, shown: View) -> None:
    """The map as a table: one line a category of the colouring."""
    found = session.cached(points.categories, store, shown.colour)
    names, in_bands = session.cached(order, store, shown.colour)
    if in_bands is not None:
        found = found.assign(category=found["category"].map(in_bands))
        found = found.groupby("category", dropna=False, as_index=False)[["examples", "flagged"]].sum()
    places = {name: number for number, name in enumerate(names)}
    rows = found.assign(
        place=[places.get(category, len(places)) for category in found["category"]],
        name=[name_of(None if pd.isna(category) else category, shown.colour) for category in found["category"]],
        share=100 * found["flagged"] / found["examples"],
    ).sort_values("place")
    st.dataframe(
        rows[["name", "examples", "flagged", "share"]],
        hide_index=True,
        height=_TABLE,
        column_config={
            "name": st.column_config.TextColumn(title_of_colour(store, shown.colour).replace("*", "")),
            "examples": st.column_config.NumberColumn("Examples", format="localized"),
            "flagged": st.column_config.NumberColumn("Flagged", format="localized"),
            "share": st.column_config.NumberColumn("Flagged, %", format="%.1f"),
        },
        alt="The groups of the map with their number of examples and how many of these are flagged",
    )
    st.caption(
        f"The first {palette.MOST_TOLD_APART} groups have a colour of their own on the map; the others share one."
    )


def _count(shown: View, chosen: Selected) -> None:
    """How many, and the way to look at them more closely."""
    with st.container(height=_HEAD, border=False, horizontal=True, vertical_alignment="center"):
        what = "selected" if shown.region is not None else "shown"
        st.subheader(f"{words.count(chosen.examples, 'example')} {what}", anchor=False)
    said = f"{chosen.flagged:,} flagged ({words.share(chosen.flagged, chosen.examples)}), {chosen.decided:,} decided"
    st.caption(said)


def _review(shown: View, chosen: Selected) -> None:
    """The ways into Review, with the same filter: the flagged ones first. And the way to look more closely."""
    is_all = shown.region is None and shown.wanted.window is None
    with st.container(horizontal=True, gap="small"):
        if chosen.open:
            left = "flagged" if chosen.open == chosen.flagged else "flagged left"
            if st.button(f"Review the {chosen.open:,} {left}", key="map_review_flagged", type="primary"):
                session.go("review", **{**shown.for_review, "only": None if is_all else "flagged"})
        if not is_all and st.button(
            f"Review all {chosen.examples:,}",
            key="map_review",
            type="secondary" if chosen.open else "primary",
        ):
            session.go("review", **shown.for_review, state="all" if chosen.decided else None)
        if shown.region is not None:
            closer = outlines.written_window(outlines.around(shown.region))
            st.button(
                "Zoom to the selection",
                key="map_zoom",
                disabled=shown.parameters.get("window") == closer,
                help="Draws this part of the map with more of its points",
                on_click=session.set_parameters,
                kwargs={"window": closer},
            )


def _labels(chosen: Selected) -> None:
    st.dataframe(
        chosen.labels.assign(label=chosen.labels["label"].fillna("(no label)")),
        hide_index=True,
        height=_TABLE,
        column_config={
            "label": st.column_config.TextColumn("Label", width=175),
            "examples": st.column_config.ProgressColumn(
                "Examples", width=120, format="localized", min_value=0, max_value=int(chosen.labels["examples"].max())
            ),
            "flagged": st.column_config.NumberColumn("Flagged", width=75, format="localized"),
        },
        alt="The labels with their number of examples and how many of these are flagged",
    )


def _examples(store: Store, shown: View, chosen: Selected) -> None:
    """The examples; one that is clicked opens in Review. All of them as a file."""
    rows = chosen.table
    known = rows.dropna(axis="columns", how="all").columns
    event = st.dataframe(
        rows.fillna("").assign(checks=[_checks(names) for names in rows["checks"]])[list(known)],
        hide_index=True,
        row_height=_TALL,
        height=_LIST,
        key="map_examples",
        on_select="rerun",
        selection_mode="single-cell",
        column_config={
            "text": st.column_config.TextColumn("Text", width=190),
            "label": st.column_config.TextColumn("Label", width=80),
            "suggested_label": st.column_config.TextColumn("Suggested", width=90),
            "flagged": st.column_config.TextColumn("Flagged", width=72),
            "decision": st.column_config.TextColumn("Decision", width=82),
            "new_label": st.column_config.TextColumn("New label"),
            "example_id": st.column_config.TextColumn("Id"),
            "split": st.column_config.TextColumn("Split"),
            "checks": st.column_config.TextColumn("Checks"),
            "reviewer": st.column_config.TextColumn("Reviewer"),
            "note": st.column_config.TextColumn("Note"),
        },
        alt="The selected examples, flagged ones first",
    )
    if chosen.examples > len(rows):
        st.caption(f"The first {len(rows):,} of {chosen.examples:,}, flagged ones first. Click one to review it.")
    else:
        st.caption("Click one to review it.")
    st.download_button(
        f"Download {words.count(chosen.examples, 'example')} as CSV",
        lambda: selection_csv(store, chosen.example_ids),
        f"{store.name}-selection.csv",
        "text/csv",
        key="map_download",
        on_click="ignore",
        icon=":material/download:",
        help="All of them in this order, texts in full, with all that is known of each. For spreadsheets: an "
        "apostrophe stands before cells that a spreadsheet would run as a formula.",
    )
    cells = event["selection"]["cells"]
    if cells and cells[0][0] < len(rows):
        session.go("review", example=rows["example_id"].iloc[cells[0][0]], region=shown.region_text)


def _checks(names: str | None) -> str:
    return "" if pd.isna(names) else ", ".join(title_of(name) for name in names.split("\n"))
