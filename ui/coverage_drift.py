"""What changed? What the reference has that ours has not, and the other way round, with the examples that show it."""

import streamlit as st

from analysis.queries import coverage_drift
from analysis.queries import coverage_reference as references
from analysis.queries.coverage_drift import Shift, Told
from analysis.queries.coverage_reference import Reference
from analysis.report.coverage import changes_sentence, shift_sentence
from analysis.report.coverage_tables import SHARES, titled
from analysis.store import Store
from ui import coverage_reference, safe, session, words
from ui.coverage import TICK, download, explained, shares_columns

_ROW, _TALLEST = 35, 420  # pixels
_HEIGHT = 300
_KINDS = {"word": "Words", "label": "Labels", "texts about": "Kinds of texts"}


def show(store: Store) -> None:
    """The section."""
    st.subheader("What changed?", anchor=False)
    against = coverage_reference.chosen(store)
    with explained():
        with st.spinner("Looking for words, labels and kinds of texts that differ"):
            found = coverage_reference.cached(coverage_drift.shift, store, against)
        st.text(shift_sentence(found, against))
        is_beyond = found.difference is not None and found.difference.is_beyond_chance
        if is_beyond or (found.exchange is not None and found.new.texts + found.gone.texts + found.relabelled.texts):
            _examples(found, against)
        st.text(changes_sentence(found))
        if len(found.changes):
            _table(found, is_before=references.is_version(against.key))
    _versions(store, against)


def _versions(store: Store, against: Reference) -> None:
    """The way to the version before, or how there comes to be one."""
    before = [one for one in session.cached(references.versions, store) if one.key != against.key]
    for version in before:
        st.button(
            f"Compare with {safe.markdown(version.title)}",
            key=f"coverage_{version.key}",
            on_click=session.set_parameters,
            kwargs={"reference": version.key},
        )
    if not before and not references.is_version(against.key):
        st.caption(
            "When the data of this dataset are replaced, what they said before stays here to be compared with, of the"
            " latest two versions."
        )


def _examples(found: Shift, against: Reference) -> None:
    """The examples that tell the two sides apart, side by side."""
    title = safe.markdown(against.title)
    parts = [(f"New: most unlike our {against.ours}", found.new), (f"Gone: most unlike {title}", found.gone)]
    if found.exchange is not None:
        counts = (found.exchange.came, found.exchange.went, found.exchange.relabelled)
        named = zip(("New", "Gone", "With another label"), counts, strict=True)
        titles = [f"{name}: {words.count(number, 'text')}" for name, number in named]
        parts = [*zip(titles[:2], (found.new, found.gone), strict=True)]
        parts += [(titles[2], found.relabelled)] if found.relabelled.texts else []
    elif references.is_version(against.key):
        parts = [(f"New: most unlike {title}", found.new), (f"Gone: most unlike {against.ours}", found.gone)]
    for column, (said, told) in zip(st.columns(len(parts), gap="medium"), parts, strict=True):
        with column:
            _told(said, told)


def _told(title: str, told: Told) -> None:
    with st.container(border=True, height=_HEIGHT):
        st.markdown(f"**{title}**")
        if told.part:
            session.link(f"{words.count(told.members, 'example')} ›", "review", part=told.part, state="all")
        if not told.texts:
            st.caption("None.")
        for text in told.texts:
            st.caption(safe.markdown(text, 200))


def _table(found: Shift, *, is_before: bool) -> None:
    kinds = [kind for kind in _KINDS if (found.changes["kind"] == kind).any()]
    asked = session.parameter("changed", kinds) or kinds[0]
    key = f"coverage_changed_{asked}"
    st.segmented_control(
        "What changed",
        kinds,
        default=asked,
        format_func=_KINDS.__getitem__,
        label_visibility="collapsed",
        key=key,
        on_change=lambda: session.set_parameters(changed=session.recall(key)),
    )
    rows = found.changes[found.changes["kind"] == asked].reset_index(drop=True)
    titles = {"name": _KINDS[asked], "change": "Since then" if is_before else "In the reference", **SHARES}
    if asked == "texts about":
        titles["texts"] = "Texts"
    st.caption(TICK)
    event = st.dataframe(
        rows,
        hide_index=True,
        height=min(_TALLEST, _ROW * (len(rows) + 1) + 3),
        key=f"coverage_changes_{asked}",
        on_select="rerun",
        selection_mode="single-row",
        column_order=list(titles),
        column_config={
            "name": st.column_config.TextColumn(titles["name"], width="medium"),
            "change": st.column_config.TextColumn(titles["change"]),
            "texts": st.column_config.ListColumn("Texts", width="large"),
            **shares_columns(),
        },
        alt="What has another share in the reference than in ours, with both shares and their intervals",
    )
    st.caption(
        "Exact tests, at most 5 % false finds within each list; intervals are 95 %, and a share is of the examples that"
        " have it."
    )
    download(titled(rows, titles), f"{'-'.join(_KINDS[asked].lower().split())}-that-changed.csv")
    chosen = event["selection"]["rows"]
    if chosen and chosen[0] < len(rows) and rows["part"].iloc[chosen[0]]:
        session.go("review", part=rows["part"].iloc[chosen[0]], state="all")
