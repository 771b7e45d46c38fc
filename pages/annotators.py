"""Annotators: how well they agree, how far each can be relied on, and which labels they mix up."""

import streamlit as st

from ui import (
    annotators,
    annotators_crowd,
    annotators_differences,
    annotators_matrix,
    annotators_meaning,
    annotators_people,
    annotators_splits,
    page,
)

SHOWS = "Here you will see how well annotators agree, how far each can be relied on, and which labels they mix up."

with page.opened("Annotators", shows=SHOWS, beside=annotators.header) as store:
    crowd = annotators_crowd.known(store)
    if crowd is None:
        annotators.nobody()
    elif (annotator := annotators.chosen(crowd)) is not None:
        annotators_people.one(store, crowd, annotator)
    else:
        scale = annotators_crowd.scale(crowd)
        found = annotators.answer(crowd, scale)
        if found is not None:
            annotators_meaning.next_step(store, crowd)
        annotators_people.remarks(store)
        annotators_people.table(store, crowd)
        if found is not None:
            annotators_meaning.repeating(crowd)
            with st.container(horizontal=True, gap="medium"):
                with st.container(width=annotators_matrix.width(crowd)):
                    annotators_matrix.show(store, scale)
                with st.container(width=560):
                    annotators_differences.mixed_up(store)
            annotators.parts(store, found)
            annotators_splits.show(store)
            annotators.statistics(found)
