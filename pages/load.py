"""Load: a sample or a file becomes a dataset."""

import streamlit as st

from ui import choosing, loading, page, reading, roles

with page.titled("Load", beside=choosing.another):
    path = choosing.chosen()
    if path is None:
        sample = choosing.sample_cards()
        choosing.own_file()
        if sample is not None:
            loading.load_sample(sample)
    else:
        found = reading.read(path)
        if found is not None:
            reading.summary(found)
            left, right = st.columns(2, gap="medium")
            with left:
                st.subheader("What the columns are", anchor=False)
                chosen = roles.choose(found)
            with right:
                loading.button(path, found, chosen)
                roles.card(found, chosen)
            reading.preview(found)
