"""Who agrees with whom, as a picture or as a table; every pair leads to the examples on which the two differ."""

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from analysis.people.agreement_counts import Scale
from analysis.queries import people
from analysis.queries.people import Crowd, Matrix
from analysis.store import Store
from ui import annotators_crowd, palette, safe, session, words
from ui.palette import Theme

_CELL, _LEAST, _MOST = 44, 230, 620  # pixels
_NAME = 22  # characters beside the matrix
_BAND = ("0", "1", "2", "3", "4")


def show(store: Store, scale: Scale) -> None:
    """The matrix: the share of equal labels above the diagonal, the number of shared examples below it."""
    st.subheader("Who agrees with whom", anchor=False)
    found = annotators_crowd.of_labels(_matrix, store, scale)
    if st.toggle("As a table", key="annotators_matrix_table"):
        _table(found)
    else:
        _chart(found)
    if found.left_out:
        st.caption(f"The {len(found.names)} annotators with the most labels; {found.left_out:,} more are not shown.")


def _matrix(store: Store, scale: Scale) -> Matrix:
    return people.matrix(annotators_crowd.there(store), scale)


def _chart(found: Matrix) -> None:
    event = st.plotly_chart(
        figure(found, palette.theme()),
        key="annotators_matrix",
        on_select="rerun",
        selection_mode="points",
        config={"displayModeBar": False},
        alt=f"{len(found.names)} annotators by {len(found.names)}: above the diagonal the share of examples with the "
        "same label, below it how many examples the two share.",
    )
    st.caption("Above the diagonal: same label, %. Below: examples both labelled. A click opens those they differ on.")
    for point in event["selection"]["points"]:
        if point.get("customdata"):
            first, second = point["customdata"][:2]
            session.go("review", apart="people", annotator=str(first), other=str(second))


def _table(found: Matrix) -> None:
    rows = found.frame()
    shown = pd.DataFrame(
        {
            "first": rows["first"],
            "second": rows["second"],
            "shared": rows["shared"],
            "same": [words.share_between(*one) for one in zip(rows["same"], rows["low"], rows["high"], strict=True)],
            "kappa": rows["kappa"],
        }
    )
    event = st.dataframe(
        shown,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key="annotators_pairs",
        column_config={
            "first": "Annotator",
            "second": "and",
            "shared": st.column_config.NumberColumn("Examples both labelled", format="localized"),
            "same": "Same label, 95 % interval",
            "kappa": st.column_config.NumberColumn("Cohen's κ", format="%.2f"),
        },
        alt="Every pair of annotators with the examples that both labelled and how often they agree",
    )
    st.caption("Select a line to open the examples on which the two differ.")
    for row in event["selection"]["rows"]:
        session.go("review", apart="people", annotator=rows["first"].iloc[row], other=rows["second"].iloc[row])


def figure(found: Matrix, theme: Theme) -> dict[str, Any]:
    """The matrix as a plotly figure: two heatmaps, and over each cell a point that has its words and can be clicked."""
    size = len(found.names)
    place = list(range(size))
    upper = np.triu(np.ones((size, size), dtype=bool), 1)
    least = float(np.nanmin(found.same[upper], initial=0.5)) if np.isfinite(found.same[upper]).any() else 0.5
    colours = [style.colour for style in palette.ramp(_BAND, theme).values()]
    cell = {"x": place, "y": place, "xgap": 2, "ygap": 2, "hoverinfo": "skip", "showscale": False}
    font = {"size": 13 if size <= 12 else 10}
    agreed = {
        "type": "heatmap",
        "z": _cells(found.same, upper & (found.shared > 0)),
        "colorscale": [[number / (len(colours) - 1), colour] for number, colour in enumerate(colours)],
        "zmin": least,
        "zmax": 1,
        **cell,
    }
    shared = {
        "type": "heatmap",
        "z": _cells(np.zeros(found.same.shape), upper.T),
        "text": _texts(found.shared, upper.T, "{:,}"),
        "texttemplate": "%{text}",
        "textfont": {**font, "color": palette.INK[theme]},
        "colorscale": [[0, palette.PAPER[theme]], [1, palette.PAPER[theme]]],
        **cell,
    }
    names = [safe.plotly(name, _NAME) for name in found.names]
    side = {
        "tickvals": place,
        "ticktext": names,
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "automargin": True,
        "ticks": "",
    }
    return {
        "data": [agreed, shared, _shares(found, colours, least, font), _points(found)],
        "layout": {
            "height": int(np.clip(_CELL * size + 90, _LEAST, _MOST)),
            "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
            "xaxis": {**side, "side": "top", "range": [-0.5, size - 0.5]},
            "yaxis": {**side, "range": [size - 0.5, -0.5]},
            "dragmode": False,
            "showlegend": False,
            "hoverlabel": {"align": "left", "bgcolor": palette.PAPER[theme], "font": {"color": palette.INK[theme]}},
        },
    }


def _shares(found: Matrix, colours: list[str], least: float, font: dict[str, Any]) -> dict[str, Any]:
    """What stands in the coloured cells, each in the ink that can be read on its colour."""
    down, across = np.nonzero(np.triu(found.shared > 0, 1))
    same = found.same[down, across]
    return {
        "type": "scatter",
        "mode": "text",
        "x": across.tolist(),
        "y": down.tolist(),
        "text": [f"{100 * share:.0f}" for share in same],
        "textfont": {**font, "color": [_ink(share, colours, least) for share in same]},
        "hoverinfo": "skip",
    }


def _ink(share: float, colours: list[str], least: float) -> str:
    """Black or white, whichever stands out more from the colour of a share (WCAG 2.2, relative luminance)."""
    steps = np.array([[int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)] for colour in colours])
    place = np.linspace(least, 1, len(colours))
    mixed = np.array([np.interp(share, place, steps[:, channel]) for channel in range(3)])
    linear = np.where(mixed <= 0.04045, mixed / 12.92, ((mixed + 0.055) / 1.055) ** 2.4)
    return "#000000" if linear @ [0.2126, 0.7152, 0.0722] > 0.179 else "#FFFFFF"


def _points(found: Matrix) -> dict[str, Any]:
    """One unseen point over each cell, in both halves, of the pairs with examples in common."""
    down, across = np.nonzero((found.shared > 0) & ~np.eye(len(found.names), dtype=bool))
    unseen = {"marker": {"opacity": 0}}
    return {
        "type": "scatter",
        "mode": "markers",
        "x": across.tolist(),
        "y": down.tolist(),
        "customdata": [[found.names[a], found.names[b]] for a, b in zip(down, across, strict=True)],
        "hovertext": [_hover(found, int(a), int(b)) for a, b in zip(down, across, strict=True)],
        "hoverinfo": "text",
        "marker": {"size": 36, "symbol": "square", "opacity": 0, "color": palette.MUTED["light"]},
        "selected": unseen,
        "unselected": unseen,
    }


def _hover(found: Matrix, first: int, second: int) -> str:
    same = words.share_between(found.same[first, second], found.low[first, second], found.high[first, second])
    kappa = found.kappa[first, second]
    said = f"κ {kappa:.2f}" if np.isfinite(kappa) else "κ not defined"
    return (
        f"{safe.plotly(found.names[first], 60)} and {safe.plotly(found.names[second], 60)}<br>"
        f"same label: {same}<br>of {words.count(int(found.shared[first, second]), 'shared example')}, {said}"
    )


def width(crowd: Crowd) -> int:
    """Pixels that the matrix takes."""
    return 430 if len(crowd.labels.annotators) <= 8 else 1000


def _texts(values: np.ndarray, shown: np.ndarray, form: str) -> list[list[str]]:
    return [
        [form.format(value) if seen else "" for value, seen in zip(line, kept, strict=True)]
        for line, kept in zip(values, shown, strict=True)
    ]


def _cells(values: np.ndarray, shown: np.ndarray) -> list[list[float | None]]:
    return [
        [float(value) if seen else None for value, seen in zip(line, kept, strict=True)]
        for line, kept in zip(values, shown, strict=True)
    ]
