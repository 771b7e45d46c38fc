"""What each version of the guideline changed: the answer as a sentence, then every comparison with its interval."""

import math

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analysis.people.decimals import between, decimals
from analysis.people.guideline_effect import Effect, Measured, clearest
from analysis.people.guidelines import BEFORE
from analysis.queries import guidelines
from analysis.queries.guidelines import Effects
from analysis.store import Store
from ui import annotators_crowd, safe, session, words
from ui.guidelines import of_versions

_SEEN = "guideline_effect_of"  # the dataset whose answer this tab has shown
_EXPLAINED = "α is Krippendorff's: 1 is full agreement, 0 is what chance would give."


def place(store: Store) -> DeltaGenerator:
    """Where the answer will stand: as high as it will be, so that what is read below it does not move."""
    kept = st.empty()
    if session.recall(_SEEN) != store.name:
        with kept.container():
            st.subheader("What each version changed is being measured …", anchor=False)
            st.caption(f"{_EXPLAINED} With a million labels this takes some seconds; the rules can be read meanwhile.")
    return kept


def answer(store: Store, kept: DeltaGenerator) -> None:
    """What the versions changed, in one sentence with its basis, in its place."""
    found = of_versions(_effects, store)
    with kept.container():
        _answer(found)
    session.remember(_SEEN, store.name)


def _answer(found: Effects) -> None:
    st.subheader(_sentence(found), anchor=False)
    best = clearest(found.changes)
    if best is None:
        if not found.order:
            st.caption(
                "On Load, choose the column that holds the version or the date of each label; then what a new version "
                "changes can be measured."
            )
            session.link("Choose the column on Load ›", "load")
        return
    tested = sum(1 for effect in found.changes if effect.subject and effect.is_known)
    basis = f"From {best.before.doubled:,} and {best.after.doubled:,} examples with labels by two people or more."
    chosen = ""
    if best.subject:
        chosen = (
            f" The clearest of {words.count(tested, 'comparison')} of a few labels; one in 20 looks clear by chance."
        )
    st.caption(f"{_EXPLAINED} {basis}{chosen} Whatever else changed at that time counts in too.")


def details(store: Store) -> None:
    """Agreement under each version, and every comparison."""
    found = of_versions(_effects, store)
    if not found.order:
        return
    st.subheader("Agreement under each version", anchor=False)
    st.caption("In brackets: 95 % intervals, each for its line alone. A number before labels is that of their clause.")
    for measured in found.measured:
        st.text(f"{version_name(measured.version)}: {_value(measured)}", width="stretch")
    if found.unwritten:
        listed = ", ".join(safe.markdown(name, 40) for name in found.unwritten[:10])
        st.caption(f"Named by labels, but its text is not written here: {listed}.")
    if found.undated:
        st.caption(
            f"{words.count(found.undated, 'label')} can be given to no version: no version is named, and no date. "
            "Choose the column that holds either on Load."
        )
    if found.changes:
        st.dataframe(
            pd.DataFrame([_row(effect, found.clauses.get(effect.subject)) for effect in found.changes]),
            hide_index=True,
            alt="Agreement before and after each version, on all labels and on the pairs that cause most disagreement",
        )


def version_name(version: str) -> str:
    """A version for places that show text as it is."""
    return "before the first version" if version == BEFORE else safe.one_line(version, 40)


def _effects(store: Store) -> Effects:
    return guidelines.effect_of_versions(store, annotators_crowd.there(store))


def _sentence(found: Effects) -> str:
    best = clearest(found.changes)
    if best is not None:
        return _change(best)
    if not found.order:
        return "No label says under which version of the guideline it was given, or when."
    if len(found.order) == 1:
        (only,) = found.measured
        return f"All labels were given under one version: {_escaped(only.version)}. {safe.markdown(_value(only), 200)}."
    return "What the versions changed cannot be measured: too few examples have labels by two people under each."


def _change(effect: Effect) -> str:
    version = _escaped(effect.after.version)
    named = " against ".join(safe.markdown(label, 60) for label in effect.subject[:5])
    on = named + _more(len(effect.subject) - 5) or "all labels"
    numbers = f"from {_number(effect.before.alpha)} to {_number(effect.after.alpha)}"
    interval = f"95 % interval of the difference {span(effect.low, effect.high)}"
    if effect.is_clear:
        verb = "raised" if effect.difference > 0 else "lowered"
        return f"{version} {verb} α on {on} {numbers}, {interval}."
    return f"{version} changed nothing for certain: α on {on} went {numbers}, {interval}."


def _row(effect: Effect, clause: str | None) -> dict[str, str]:
    named = [safe.one_line(label, 60) for label in effect.subject]
    return {
        "Labels": (f"{clause}: " if clause else "") + (" against ".join(named[:5]) or "all") + _more(len(named) - 5),
        "Versions": f"{version_name(effect.before.version)} → {version_name(effect.after.version)}",
        "Change of α": f"{_number(effect.difference)} ({span(effect.low, effect.high)})" if effect.is_known else "–",
        "α before": _short(effect.before),
        "α after": _short(effect.after),
        "Examples": f"{effect.before.doubled:,} and {effect.after.doubled:,}",
    }


def _more(number: int) -> str:
    return f" and {number:,} more" if number > 0 else ""


def _value(measured: Measured) -> str:
    examples = f"{words.count(measured.doubled, 'example')} with labels by two people or more"
    if not math.isfinite(measured.alpha):
        return measured.why or f"not defined, {examples}"
    return f"α {_number(measured.alpha)} ({span(measured.low, measured.high)}), {examples}"


def _short(measured: Measured) -> str:
    if not math.isfinite(measured.alpha):
        return "–"
    return f"{_number(measured.alpha)} ({span(measured.low, measured.high)})"


def span(low: float, high: float) -> str:
    """An interval: "0.11–0.43", "−0.02 to 0.07"; "–" where it is not known."""
    return between(low, high) if math.isfinite(low) and math.isfinite(high) else "–"


def _number(value: float) -> str:
    return decimals(value) if math.isfinite(value) else "–"


def _escaped(version: str) -> str:
    return safe.markdown(version_name(version), 40)
