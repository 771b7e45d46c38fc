"""Guidelines: the rules that labels follow, what people are split on under them, and what each version changed."""

import streamlit as st

from analysis.queries.guidelines import overlap
from ui import (
    annotators_crowd,
    guidelines,
    guidelines_edit,
    guidelines_effect,
    guidelines_gaps,
    guidelines_versions,
    page,
    session,
)

SHOWS = "Here you will write the labelling rules, see what people are split on, and what each version changed."

with page.opened("Guidelines", shows=SHOWS, beside=guidelines.header) as store:
    if guidelines_edit.is_open():
        guidelines_edit.form(store)
    else:
        is_measurable = annotators_crowd.of_labels(overlap, store) > 0
        answer = guidelines_effect.place(store) if is_measurable else None
        places = guidelines.show(store)
        gaps, effect = st.container(), st.container()
        guidelines_versions.show(store)
        guidelines.beside(store, places)  # what is written is there to be read while all this is counted
        if answer is not None:
            with gaps:
                guidelines_gaps.show(store)
            guidelines_effect.answer(store, answer)
            with effect:
                guidelines_effect.details(store)
        else:
            with effect:
                st.write("No example has labels by two annotators, so disagreement cannot be counted.")
                session.link("Load a file with one column per annotator, or one row per label", "load")
