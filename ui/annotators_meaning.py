"""What the agreement means: how good it is and by whose measure, what that says of the labels, and what to do next."""

import math

import streamlit as st

from analysis.people.agreement import Agreement
from analysis.people.agreement_meaning import FIRM, Level, Meaning, level
from analysis.people.ambiguity import OPEN
from analysis.people.decimals import between, decimals
from analysis.people.repeating import Repeating
from analysis.people.standing import BELOW
from analysis.queries.people import Crowd
from analysis.store import Store
from ui import annotators_crowd, safe, session, words

_GOOD: dict[Level, str] = {
    "firm": "Good: one label an example is enough for firm conclusions, which take 0.80 or more.",
    "tentative": "Middling: one label an example allows tentative conclusions, from 0.667 on; firm ones take 0.80.",
    "low": "Low: one label an example is not enough, even for tentative conclusions, which take 0.667; "
    "firm ones take 0.80.",
}
_ENOUGH: dict[Level, str] = {
    "firm": "enough for firm conclusions",
    "tentative": "enough for tentative conclusions",
    "low": "not enough for conclusions",
}
_LINE = [5, 2]
_PAIRS = 5


def show(crowd: Crowd, found: Agreement) -> None:
    """How good the agreement is, and how reliable the labels are together."""
    means = crowd.meaning(found)
    if means is None:
        return
    st.markdown(_how_good(means), help=_source(found, means))
    if said := _together(means):
        st.markdown(
            said,
            help="Spearman and Brown (1910): k labels by people who err independently are together as reliable as "
            "k r / (1 + (k − 1) r), with r the agreement of single labels. Where all find the same texts hard, "
            "it is less.",
        )


def next_step(store: Store, crowd: Crowd) -> None:
    """The examples to decide first, and whom to talk with."""
    with st.spinner("Telling slips from labels that are both valid …"):
        unsure = annotators_crowd.kinds(store)[OPEN]
    below = int((crowd.annotators["stands"] == BELOW).sum())
    if unsure:
        text, link = st.columns(_LINE, vertical_alignment="center")
        text.text(
            f"Next: decide the {words.count(unsure, 'example')} on which the votes do not tell what is right. "
            "There the labels are least certain."
        )
        with link, st.container(horizontal=True, horizontal_alignment="right"):
            session.link(f"{words.count(unsure, 'example')} ›", "review", apart="open")
    if below:
        who = "one annotator is" if below == 1 else f"{below:,} annotators are"
        st.text(f"{'Then' if unsure else 'Next'}: {who} clearly less often right than the others. Talk with them.")


def repeating(crowd: Crowd) -> None:
    """Annotators who repeat each other: how often they are wrong together, how likely that is, and where."""
    with st.spinner("Weighing whose labels to believe …"):
        pairs = crowd.repeating
    if not pairs:
        return
    st.subheader("Annotators who repeat each other", anchor=False)
    for pair in pairs[:_PAIRS]:
        _pair(pair)
    if len(pairs) > _PAIRS:
        with st.expander(words.count(len(pairs) - _PAIRS, "more pair")):
            for pair in pairs[_PAIRS:]:
                _pair(pair)
    st.caption(
        "They agree more than how often each is right explains. Ask whether they work alone; in the consensus their "
        "agreement counts for less. What is a mistake is known from the consensus, so read some of them first."
    )


def _pair(pair: Repeating) -> None:
    with st.container(border=True):
        text, link = st.columns(_LINE, vertical_alignment="center")
        text.text(repeating_said(pair), width="stretch")
        with link, st.container(horizontal=True, horizontal_alignment="right"):
            if pair.mistakes:
                label = f"{words.count(pair.mistakes, 'shared mistake')} ›"
                session.link(label, "review", apart="together", annotator=pair.first, other=pair.second)


def repeating_said(pair: Repeating) -> str:
    """ "Ada and Ben made the same mistake on 12 of 80 examples that both labelled. Working alone, about 3.1 …"."""
    names = " and ".join(annotators_crowd.on_one_line(name) for name in (pair.first, pair.second))
    if pair.mistakes <= pair.expected:
        return (
            f"{names} gave the same label on {pair.same:,} of {words.count(pair.shared, 'example')} both labelled, "
            f"more than their agreement with others explains. But they made the same mistake on {pair.mistakes:,}, no "
            "more often than chance would: the labels do not show that one repeats the other."
        )
    alone = "under 0.1" if pair.expected < 0.1 else f"about {pair.expected:.1f}"
    chance = "under 0.1 %" if pair.chance < 0.001 else f"{100 * pair.chance:.1f} %"
    return (
        f"{names} made the same mistake on {pair.mistakes:,} of {words.count(pair.shared, 'example')} that both "
        f"labelled. Working alone, {alone} would be expected; so many come by chance in {chance} of such pairs. "
        f"They gave the same label on {pair.same:,}."
    )


def _how_good(means: Meaning) -> str:
    said = f"**{_GOOD[means.level]}**"
    other = means.lowest if means.lowest != means.level else means.highest
    if other != means.level:
        said += f" The interval also allows that they are {_ENOUGH[other]}."
    return said


def _source(found: Agreement, means: Meaning) -> str:
    kappa = (
        f" J. R. Landis and G. G. Koch (1977) call a κ of this size “{means.step}”; their steps are a convention."
        if found.chosen in ("cohen", "fleiss")
        else ""
    )
    return f"The limits 0.667 and 0.80 are those of K. Krippendorff, Content Analysis (2018), chapter 12.{kappa}"


def _together(means: Meaning) -> str:
    if math.isnan(means.together):
        return ""
    number = f"{means.labels:.0f}" if abs(means.labels - round(means.labels)) < 0.05 else f"{means.labels:.1f}"
    interval = between(means.together_low, means.together_high) if means.together_low > 0 else ""
    value = decimals(means.together) + (f" ({interval})" if interval else "")
    said = f"The {number} labels of an example are together as reliable as {value}: {_ENOUGH[level(means.together)]}."
    if means.needed > means.labels:
        said += f" With {means.needed:,} labels each they would reach {FIRM:.2f}."
    elif means.together >= FIRM:
        said += " So the consensus can be relied on where it is clear; single labels are not to be used alone." * (
            means.level != "firm"
        )
    return safe.visible(said)
