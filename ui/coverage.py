"""Where are we thin? What is compared with, and the regions that it visits often and we hardly do."""

import contextlib
from collections.abc import Iterator

import pandas as pd
import streamlit as st

from analysis.errors import NotReady
from analysis.export.coverage import coverage_csv
from analysis.queries import coverage, overview
from analysis.queries.coverage import Thin, ThinRegion
from analysis.queries.coverage_pool import LATER, NONE, OTHER, SPLIT, Texts
from analysis.store import Store
from ui import coverage_map, safe, session, words

_TITLES = {SPLIT: "the test split", LATER: "the later half, by date", NONE: "nothing"}
_OURS = {SPLIT: "training examples", LATER: "earlier examples"}
_MOST = 8  # regions on the page
_MOST_FOUND = 20  # findings
_DATASET = "dataset "  # before the name of another dataset
_SELECT = 340  # pixels
_MAP = 380


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


def percent(part: float) -> str:
    """A share in [0, 1] with as many digits as a reader can use: "12 %", "0.4 %"."""
    value = 100 * part
    return f"{value:.0f} %" if value >= 10 or value == 0 else f"{value:.1f} %"


def header(store: Store) -> None:
    """What is compared with, on the line of the title."""
    choices, current = _choices(store), _chosen(store)
    if choices == [NONE]:
        return
    key = f"coverage_reference_{current}"
    titles = {choice: f"Compare with {_title(choice)}" for choice in choices}
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.selectbox(
            "Compare with",
            choices,
            index=choices.index(current),
            format_func=titles.__getitem__,
            label_visibility="collapsed",
            width=_SELECT,
            key=key,
            on_change=lambda: session.set_parameters(reference=session.recall(key)),
        )


def reference(store: Store) -> tuple[str, Texts]:
    """What the page compares with: the kind of reference, and its texts where it is another dataset."""
    chosen = _chosen(store)
    if not chosen.startswith(_DATASET):
        return chosen, ()
    return OTHER, session.cached(coverage.texts_of, session.store_of(chosen.removeprefix(_DATASET)))


def title(store: Store) -> str:
    """The reference in a sentence; not escaped."""
    return _title(_chosen(store))


def thin_regions(store: Store) -> None:
    """The section."""
    st.subheader("Where are we thin?", anchor=False)
    with explained():
        kind, texts = reference(store)
        if kind == NONE:
            raise NotReady(
                "There is nothing to compare with.",
                "Load production texts, an evaluation set or last year's data as a dataset of its own, or this dataset"
                " with a split or a date column; then choose it above.",
            )
        with st.spinner("Comparing the texts"):
            found = session.cached(coverage.thin, store, kind, texts)
        _answer(store, found, kind)
        if kind in _OURS:
            _slices(store, kind)
    _by_checks(store)


def _slices(store: Store, kind: str) -> None:
    """Slices that the reference has and we lack, each with the way to its examples."""
    found = session.cached(coverage.thin_slices, store, kind)
    for one in found[:_MOST]:
        text, link = st.columns([4, 1], vertical_alignment="center")
        text.text(
            f"{safe.one_line(one.name, 160)}: {words.count(one.ours, _OURS[kind][:-1])} against {one.theirs:,} of"
            f" {title(store)}; as often as elsewhere it would be about {one.expected:.0f}."
        )
        with link:
            session.link(f"{words.count(one.ours + one.theirs, 'example')} ›", "review", part=one.part, state="all")


def _by_checks(store: Store) -> None:
    """What the checks of the last scan found about parts of the data."""
    found = session.cached(overview.slices, store)
    if not found:
        return
    with st.expander(f"What the checks found about {words.count(len(found), 'part')} of the data"):
        for row in found[:_MOST_FOUND]:
            text, link = st.columns([4, 1], vertical_alignment="center")
            text.text(safe.one_line(row.message, 400))
            if row.members:
                with link:
                    shown = words.count(row.members, "example")
                    session.link(f"{shown} ›", "review", check=row.check_name, slice=row.slice_id, state="all")
        if len(found) > _MOST_FOUND:
            st.caption(f"The first {_MOST_FOUND}; the Overview has all.")


def _answer(store: Store, found: Thin, kind: str) -> None:
    ours, against = _OURS.get(kind, "examples of this dataset"), title(store)
    basis = f"{words.count(found.ours, 'example')} compared with {found.theirs:,} of {against}"
    if not found.regions:
        st.text(f"No region of similar texts, beyond what chance does: {basis}.")
        return
    empty = sum(region.gap.is_empty for region in found.regions)
    missing = sum(region.gap.missing for region in found.regions)
    regions = f"{words.count(len(found.regions), 'region')} {'is' if len(found.regions) == 1 else 'are'}"
    st.text(
        f"{regions} thinner in our {ours} than in {against}, {empty} of them nearly empty;"
        f" about {words.count(missing, 'example')} are missing."
    )
    if st.toggle("As a table", key="coverage_thin_table"):
        _table(found)
    else:
        with st.container(horizontal=True, gap="medium"):
            with st.container(width="stretch"):
                for number, region in enumerate(found.regions[:_MOST], start=1):
                    _region(number, region, against)
                if len(found.regions) > _MOST:
                    st.caption(f"The first {_MOST} of {len(found.regions)}, most missing first; the table has all.")
            if any(region.x for region in found.regions):
                with st.container(width=_MAP):
                    coverage_map.show(store, found.regions[:_MOST])
    st.caption(f"{safe.markdown(basis, 200)}. A shared bound on false finds of 5 % holds for all windows compared.")
    download(_rows(found), "thin-regions.csv")


def _region(number: int, region: ThinRegion, against: str) -> None:
    """What is thin, in a sentence with both intervals, example texts, and the way to the examples."""
    gap = region.gap
    theirs, ours = gap.their_share, gap.our_share
    with st.container(border=True):
        st.text(
            f"{number}  {', '.join(region.words) or 'no word in common'}{'  (nearly empty)' if gap.is_empty else ''}"
        )
        st.text(
            f"{percent(theirs[1])} ({percent(theirs[0])} to {percent(theirs[2])}) of {against} lands where we have"
            f" {percent(ours[1])} ({percent(ours[0])} to {percent(ours[2])}) of ours: {gap.theirs:,} of"
            f" {gap.their_total:,} against {gap.ours:,} of {gap.our_total:,}."
            f" At that share it would be {gap.ours + gap.missing:,}."
        )
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
            "region": st.column_config.TextColumn("Region"),
            "reference": st.column_config.NumberColumn("Reference", format="localized"),
            "reference_percent": st.column_config.NumberColumn("Reference, %", format="%.1f"),
            "ours": st.column_config.NumberColumn("Ours", format="localized"),
            "ours_percent": st.column_config.NumberColumn("Ours, %", format="%.1f"),
            "missing": st.column_config.NumberColumn("Missing", format="localized"),
            "texts": st.column_config.ListColumn("Texts"),
        },
        alt="Thin regions with their number of examples on both sides",
    )


def _choices(store: Store) -> list[str]:
    others = [f"{_DATASET}{name}" for name in session.datasets() if name != store.name]
    return [*session.cached(coverage.references, store), *others] or [NONE]


def _chosen(store: Store) -> str:
    choices = _choices(store)
    return session.parameter("reference", choices) or choices[0]


def _title(choice: str) -> str:
    if choice.startswith(_DATASET):
        return f"the dataset {safe.one_line(choice.removeprefix(_DATASET), 60)}"
    return _TITLES[choice]
