"""Overview: what the last scan found, and where to go from here."""

import streamlit as st

from analysis.queries import overview, queue
from analysis.queries.trust import trust_in_flags
from ui import asked, balance, findings, page, scanning, session

SHOWS = "Here you will see what every check found, and how the labels are spread."

with page.opened("Overview", shows=SHOWS, beside=findings.actions) as store:
    scanned = overview.is_scanned(store)
    if scanning.is_running(store):
        scanning.progress(store)
    else:
        scanning.ended_badly(store)
    pace = queue.pace(store, session.reviewer())
    findings.numbers(session.cached(overview.totals, store), pace, scanned=scanned)
    if scanned:
        findings.trust(session.cached(trust_in_flags, store))
    asked.overview(store)
    if scanned:
        findings.table(session.cached(overview.checks, store))
        findings.parts(session.cached(overview.slices, store))
    else:
        st.write("Nothing has been scanned yet. " + SHOWS)
    balance.show(session.cached(overview.class_balance, store))
