"""The small map beside the thin regions: all examples in grey, the regions' own as numbers."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from analysis.queries import coverage
from analysis.queries.coverage import ThinRegion
from analysis.store import Store
from ui import palette, session

_HEIGHT = 380  # pixels
_MOST = 300  # rings of a region: where it lies is seen with fewer


def show(store: Store, regions: Sequence[ThinRegion]) -> None:
    """Where the regions lie; the numbers are those of the list."""
    from plotly import graph_objects as go

    theme = palette.theme()
    ground = session.cached_for(store.data_version, coverage.places, store)
    figure = go.Figure(
        go.Scatter(
            x=ground["x"],
            y=ground["y"],
            mode="markers",
            marker={"size": 3, "color": palette.MUTED[theme], "opacity": 0.5},
            hoverinfo="skip",
        )
    )
    for number, region in enumerate(regions, start=1):
        if not region.x:
            continue
        figure.add_scatter(
            x=region.x[:: len(region.x) // _MOST + 1],
            y=region.y[:: len(region.y) // _MOST + 1],
            mode="markers",
            marker={"size": 6, "color": palette.FLAGGED[theme], "symbol": "circle-open"},
            hoverinfo="skip",
        )
        figure.add_annotation(
            x=float(np.median(region.x)),
            y=float(np.median(region.y)),
            text=str(number),
            showarrow=False,
            bgcolor=palette.PAPER[theme],
            bordercolor=palette.FLAGGED[theme],
            font={"color": palette.INK[theme], "size": 13},
        )
    axis = {"visible": False, "fixedrange": True}
    figure.update_layout(
        height=_HEIGHT,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        showlegend=False,
        dragmode=False,
        xaxis=axis,
        yaxis=axis,
    )
    st.plotly_chart(
        figure,
        key="coverage_map",
        config={"displayModeBar": False},
        alt=f"Map of the dataset with the {len(regions)} thin regions of the list marked by their numbers.",
    )
