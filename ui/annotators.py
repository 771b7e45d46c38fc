"""How well annotators agree, in a sentence and in all its statistics, and how they agree in parts of the data."""

import pandas as pd
import streamlit as st

from analysis.errors import NotReady
from analysis.people import decimals
from analysis.people.agreement import Agreement, Statistic
from analysis.people.agreement_counts import Scale
from analysis.queries import people_differences, people_groups
from analysis.queries.people import Crowd
from analysis.store import Store
from ui import annotators_crowd, annotators_meaning, safe, session, words

_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve")
_CONTROL = 260  # pixels
_MEANS = {
    "percent": "How often two labels on one example are the same. Chance is not taken off.",
    "cohen": "Two annotators: agreement beyond what their own habits would give by chance.",
    "fleiss": "Equally many labels on every example: agreement beyond chance.",
    "alpha": "Any number of labels on an example: agreement beyond chance, missing labels allowed.",
    "gwet": "Agreement beyond chance that stays steady where one label is very common.",
}
_BY_LABEL = "label"
_STATISTIC = [4, 3, 7]


def header(store: Store) -> None:
    """Whose page it is, and the next step."""
    crowd = annotators_crowd.known(store)
    if crowd is None:
        return
    names = [str(name) for name in crowd.labels.annotators]
    current = chosen(crowd)
    key = f"annotator_{current}"
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        st.selectbox(
            "Annotator",
            names,
            index=None if current is None else names.index(current),
            placeholder="All annotators",
            format_func=annotators_crowd.on_one_line,
            label_visibility="collapsed",
            width=_CONTROL,
            key=key,
            on_change=lambda: session.set_parameters(annotator=session.recall(key)),
        )
        apart = (
            annotators_crowd.of_labels(_apart, store)
            if current is None
            else len(annotators_crowd.differences(store, current)[0])
        )
        which = "difference" if apart == 1 else f"{apart:,} differences"
        if apart and st.button(f"Review the {which}", type="primary", key="to_differences"):
            session.go("review", apart="any" if current is None else "outcome", annotator=current)


def chosen(crowd: Crowd) -> str | None:
    """The annotator whose page the URL asks for."""
    return session.parameter("annotator", [str(name) for name in crowd.labels.annotators])


def nobody() -> None:
    """No label names its annotator."""
    st.write(
        "Here you will see how well annotators agree, how far each can be relied on, and which labels they mix up. "
        "This dataset does not say who gave which label: load it with the column that names the annotator, "
        "or with one column of labels for each annotator."
    )
    if st.button("Load it with annotators", type="primary", key="to_load"):
        session.go("load")


def answer(crowd: Crowd, scale: Scale) -> Agreement | None:
    """The statistic that fits, in a sentence with why; what misleads; None and the way out where nothing compares."""
    place = st.empty()
    if not crowd.is_measured(scale):
        labels, who = words.count(len(crowd.labels), "label"), words.count(len(crowd.labels.annotators), "annotator")
        place.subheader(f"{labels} by {who}: measuring how well they agree …", anchor=False)
    found = crowd.agreement(scale)
    if isinstance(found, NotReady):
        place.subheader(safe.markdown(found.message, 300), anchor=False)
        st.write(found.hint)
        return None
    place.subheader(_sentence(found), anchor=False)
    annotators_meaning.show(crowd, found)
    st.caption(f"{found.why} 1 is perfect agreement, 0 is what chance alone would give.")
    if crowd.is_numeric:
        _scale(scale)
    for warning in found.warnings:
        st.warning(safe.markdown(warning, 500))
    for note in found.notes:
        st.caption(safe.markdown(note, 300))
    return found


def statistics(found: Agreement) -> None:
    """Every statistic with its interval, the fitting one marked, each explained in a line."""
    st.subheader("All statistics", anchor=False)
    with st.container(gap="xxsmall"):
        for name, one in found.statistics.items():
            title, value, says = st.columns(_STATISTIC, gap="small")
            title.text(f"{one.title}, fits here" if name == found.chosen else one.title)
            value.text(_value(one))
            says.text(one.note or _MEANS[name])


def parts(store: Store, found: Agreement) -> None:
    """Agreement by label, or by a column of the file."""
    st.subheader("Agreement in parts of the data", anchor=False)
    names = [_BY_LABEL, *annotators_crowd.of_data(people_groups.groupings, store)]
    by = st.selectbox("By", names, format_func=annotators_crowd.on_one_line, key="annotators_by", width=_CONTROL)
    if by == _BY_LABEL:
        rows = found.classes.rename(columns={"label": "group", "agreement": "same"})
        rows = rows[rows["labels"] > 0]
    else:
        rows = annotators_crowd.groups(store, by, found.scale)
    shown = pd.DataFrame(
        {
            "group": [annotators_crowd.in_cell(name) for name in rows["group"]],
            "labels": rows["labels"],
            "same": 100 * rows["same"],
            "alpha": rows["alpha"],
            "interval": [between(low, high) for low, high in zip(rows["low"], rows["high"], strict=True)],
        }
    )
    if by != _BY_LABEL:
        shown.insert(2, "doubled", rows["doubled"])
        if rows["note"].ne("").any():
            shown["note"] = rows["note"]
    st.dataframe(
        shown,
        hide_index=True,
        column_config={
            "group": st.column_config.TextColumn(safe.markdown(by.capitalize() if by == _BY_LABEL else by, 60)),
            "labels": st.column_config.NumberColumn("Labels", format="localized"),
            "doubled": st.column_config.NumberColumn("Examples with two labels or more", format="localized"),
            "same": st.column_config.NumberColumn("Same label, %", format="%.0f"),
            "alpha": st.column_config.NumberColumn("Krippendorff's α", format="%.2f"),
            "interval": st.column_config.TextColumn("95 % interval"),
            "note": st.column_config.TextColumn("Note", width="large"),
        },
        alt="Agreement in each part of the data",
    )
    st.caption(
        "Same label: how often another annotator gives this label too. α: this label against all others."
        if by == _BY_LABEL
        else "Krippendorff's α in every part, because it allows every design, so that parts compare."
    )
    if by != _BY_LABEL and rows["note"].str.startswith("Gwet").any():
        st.caption("Where one label is very common α reads low: Gwet's coefficient stands beside it.")
    without = found.design.labels - int(rows["labels"].sum())
    if without:
        st.caption(f"{words.count(without, 'label belongs', 'labels belong')} to no part, so to no line.")


def between(low: float, high: float) -> str:
    """An interval of a coefficient: "0.79–0.83", "" where there is none."""
    return "" if pd.isna(low) else decimals.between(low, high)


def _apart(store: Store) -> int:
    """How many examples annotators differ on."""
    any_label = people_differences.Differing("any")
    return len(people_differences.differing(store, annotators_crowd.there(store), any_label))


def _sentence(found: Agreement) -> str:
    design, statistic = found.design, found.statistic
    who = _NUMBERS[design.annotators] if design.annotators < len(_NUMBERS) else f"{design.annotators:,}"
    if design.per_example == design.annotators:
        done = "labelled every example"
    elif design.per_example >= 2:
        done = f"gave every example {design.per_example} labels"
    else:
        done = "labelled different examples"
    interval = between(statistic.low, statistic.high) or "not known"
    value = f"{decimals.decimals(statistic.value)}, 95 % interval {interval}"
    said = value if pd.notna(statistic.value) else "not defined here"
    over = words.count(design.doubled, "example")
    more = "" if design.per_example >= 2 else " with two labels or more"
    return f"{who} annotators {done}: {statistic.title.split(',')[0]} {said}, over {over}{more}."


def _scale(current: Scale) -> None:
    key = f"labels_are_{current}"
    st.segmented_control(
        "The labels are",
        list(annotators_crowd.SCALES),
        default=current,
        format_func=annotators_crowd.SCALES.__getitem__,
        key=key,
        on_change=lambda: session.set_parameters(labels_are=session.recall(key)),
    )


def _value(one: Statistic) -> str:
    if pd.isna(one.value):
        return "–"
    if one.name == "percent":
        return words.share_between(one.value, one.low, one.high)
    interval = between(one.low, one.high)
    return decimals.decimals(one.value) + (f" ({interval})" if interval else "")
