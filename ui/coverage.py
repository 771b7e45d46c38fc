"""Where are we thin? What is compared with, and the regions that it visits often and we hardly do."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from analysis.errors import NotReady
from analysis.export.coverage import coverage_csv
from analysis.queries import coverage, coverage_checks
from analysis.queries.coverage import Thin, ThinRegion
from analysis.queries.coverage_reference import NONE, Reference
from analysis.queries.overview import SliceRow
from analysis.report import coverage as said
from analysis.report.coverage_tables import LANDING, SHARES, THIN, titled
from analysis.report.coverage_thin_here import thin_here_sentence, thin_here_title
from analysis.store import Store
from ui import coverage_map, coverage_reference, safe, session, words

_MOST = 8  # regions on the page
_MOST_FOUND = 20  # findings
_MAP = 380  # pixels
_ROW, _TALLEST = 35, 400
_COMPARE = (
    "This looks at the data by itself. What it lacks altogether is seen beside texts that it should be like: choose"
    " “Compare with other texts” at the top of the page."
)
TICK = "Tick the box at the start of a line to open its examples in Review."


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """A section that cannot say anything yet says what it needs; the other sections stay."""
    try:
        yield
    except NotReady as reason:
        st.text(f"{safe.one_line(reason.message, 400)} {safe.one_line(reason.hint, 400)}")


def download(rows: pd.DataFrame, name: str) -> None:
    """A table as CSV."""
    st.download_button(
        "Download as CSV",
        lambda: coverage_csv(rows),
        name,
        "text/csv",
        key=f"download_{name}",
        on_click="ignore",
        icon=":material/download:",
    )


def thin_regions(store: Store) -> None:
    """The section."""
    st.subheader("Where are we thin?", anchor=False)
    against = coverage_reference.chosen(store)
    alone = session.cached_for(store.data_version, coverage_checks.thin_here, store)
    if against.key == NONE:
        st.text(thin_here_sentence(alone))
        findings(alone.regions)
        st.caption(_COMPARE)
        return
    with explained():
        with st.spinner(f"Looking for what {safe.markdown(against.title, 80)} has more of"):
            found = coverage_reference.cached(coverage.thin, store, against)
        _answer(store, found, against)
        _slices(store, against)
    with st.expander(thin_here_title(alone)):
        st.text(thin_here_sentence(alone))
        findings(alone.regions)


def findings(found: Sequence[SliceRow]) -> None:
    """What checks found about parts of the data, one line a part, each with the way to its examples."""
    for row in found[:_MOST_FOUND]:
        text, link = st.columns([4, 1], vertical_alignment="center")
        text.text(safe.one_line(row.message, 400))
        if row.members:
            with link:
                shown = words.count(row.members, "example")
                session.link(f"{shown} ›", "review", check=row.check_name, slice=row.slice_id, state="all")
    if len(found) > _MOST_FOUND:
        st.caption(f"The first {_MOST_FOUND} of {len(found):,}, most suspicious first.")


def _slices(store: Store, against: Reference) -> None:
    """Slices that the reference has and we lack, each with the way to its examples."""
    found = coverage_reference.cached(coverage.thin_slices, store, against)
    for one in found[:_MOST]:
        text, link = st.columns([4, 1], vertical_alignment="center")
        text.text(
            f"{safe.one_line(one.name, 160)}: {words.count(one.ours, 'example')} of ours against {one.theirs:,} of"
            f" {safe.one_line(against.title, 80)}; as often as elsewhere it would be about {one.expected:.0f}."
        )
        with link:
            session.link(f"{words.count(one.ours + one.theirs, 'example')} ›", "review", part=one.part, state="all")


def _answer(store: Store, found: Thin, against: Reference) -> None:
    st.text(said.thin_sentence(found, against))
    if not found.regions:
        st.caption("To compare with something else, choose it at the top of the page, or add other texts there.")
    else:
        _thin(store, found, against)
        st.caption(
            f"{said.compared_sentence(found, against).capitalize()}. Intervals are 95 %. Where two sides do not differ,"
            " one comparison in twenty would name a region."
        )
        download(titled(_rows(found), THIN), "thin-regions.csv")
    _landing(found, safe.markdown(against.title))


def _thin(store: Store, found: Thin, against: Reference) -> None:
    if st.toggle("As a table", key="coverage_thin_table"):
        _table(found)
        return
    with st.container(horizontal=True, gap="medium"):
        with st.container(width="stretch"):
            for number, region in enumerate(found.regions[:_MOST], start=1):
                _region(number, region, against)
            if len(found.regions) > _MOST:
                st.caption(f"The first {_MOST} of {len(found.regions)}, widest gap first; the table has all.")
        if any(region.x for region in found.regions):
            with st.container(width=_MAP):
                coverage_map.show(store, found.regions[:_MOST])


def _landing(found: Thin, title: str) -> None:
    """Every region with both shares, the widest gap first; a line that is clicked opens its examples."""
    rows = found.landing
    with st.expander(f"Where all of {title} lands: {words.count(len(rows), 'region')}"):
        st.caption(TICK)
        event = st.dataframe(
            rows.drop(columns="part"),
            hide_index=True,
            height=min(_TALLEST, _ROW * (len(rows) + 1) + 3),
            key="coverage_landing",
            on_select="rerun",
            selection_mode="single-row",
            column_config={
                "region": st.column_config.TextColumn(LANDING["region"], width="medium"),
                "gap": st.column_config.NumberColumn(LANDING["gap"], format="%.1f"),
                "is_beyond_chance": st.column_config.CheckboxColumn(LANDING["is_beyond_chance"]),
                "texts": st.column_config.ListColumn(LANDING["texts"], width="large"),
                **shares_columns(),
            },
            column_order=["region", *SHARES, "gap", "is_beyond_chance", "texts"],
            alt="All regions with their share of the reference and of ours, and the intervals",
        )
        st.caption(
            "Beyond chance: at most 5 % false finds over all regions. Review shows the examples of ours."
            f" {said.landing_basis(found)}"
        )
        download(titled(rows, LANDING), "regions.csv")
        chosen = event["selection"]["rows"]
        if chosen and chosen[0] < len(rows) and rows["part"].iloc[chosen[0]]:
            session.go("review", part=rows["part"].iloc[chosen[0]], state="all")


def shares_columns() -> dict[str, Any]:
    """How the shares of both sides stand in a table."""
    return {
        name: st.column_config.NumberColumn(title, format="localized" if name in ("theirs", "ours") else "%.1f")
        for name, title in SHARES.items()
    }


def _region(number: int, region: ThinRegion, against: Reference) -> None:
    """What is thin, in a sentence with both intervals, example texts, and the way to the examples."""
    with st.container(border=True):
        st.text(f"{number}  {said.region_name(region)}")
        st.text(said.region_sentence(region, against))
        for text in region.texts[:2]:
            st.caption(safe.markdown(text, 160))
        if region.part is not None:
            session.link(f"{words.count(region.members, 'example')} ›", "review", part=region.part, state="all")


def _rows(found: Thin) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "region": ", ".join(region.words),
                "reference": region.gap.theirs,
                "reference_percent": 100 * region.gap.their_share[1],
                "ours": region.gap.ours,
                "ours_percent": 100 * region.gap.our_share[1],
                "missing": region.gap.missing,
                "texts": region.texts,
            }
            for region in found.regions
        ]
    )


def _table(found: Thin) -> None:
    st.dataframe(
        _rows(found),
        hide_index=True,
        column_config={
            "region": st.column_config.TextColumn(THIN["region"]),
            **{
                name: st.column_config.NumberColumn(title, format="%.1f" if name.endswith("percent") else "localized")
                for name, title in THIN.items()
                if name not in ("region", "texts")
            },
            "texts": st.column_config.ListColumn(THIN["texts"]),
        },
        alt="Thin regions with their number of examples on both sides",
    )
