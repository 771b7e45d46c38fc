"""How the labels are spread, and how much of each is flagged."""

import pandas as pd
import streamlit as st

from ui import safe, session

_ROW = 26  # pixels a class
_FRAME = 480  # pixels before the chart scrolls
_MUTED = {"light": "#B9B3A6", "dark": "#565D66"}
_FLAGGED = {"light": "#D55E00", "dark": "#FF8A3D"}


def show(balance: pd.DataFrame) -> None:
    """One bar a label; a click opens its examples. Columns: label (missing = unlabelled), examples, flagged."""
    st.subheader("Labels", anchor=False)
    if st.toggle("As a table", key="balance_table"):
        _table(balance)
    else:
        _chart(balance)


def _chart(balance: pd.DataFrame) -> None:
    from plotly import graph_objects as go

    theme = st.context.theme.type or "light"
    names = ["(no label)" if pd.isna(label) else safe.plotly(label, 60) for label in balance["label"]]
    rows = list(range(len(balance)))
    figure = go.Figure(
        [
            go.Bar(
                name="examples",
                orientation="h",
                y=rows,
                x=balance["examples"],
                marker_color=_MUTED[theme],
                text=list(map(_said, balance["examples"], balance["flagged"])),
                textposition="outside",
                cliponaxis=False,
            ),
            go.Bar(name="flagged", orientation="h", y=rows, x=balance["flagged"], marker_color=_FLAGGED[theme]),
        ]
    )
    figure.update_traces(
        customdata=balance["label"].astype(object).where(balance["label"].notna(), None), hoverinfo="none"
    )
    figure.update_layout(
        barmode="overlay",
        bargap=0.35,
        height=_ROW * len(balance) + 40,
        margin={"l": 0, "r": 110, "t": 0, "b": 0},
        legend={"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0},
        dragmode=False,
    )
    figure.update_xaxes(visible=False, fixedrange=True)
    figure.update_yaxes(
        tickvals=rows, ticktext=names, autorange="reversed", fixedrange=True, showgrid=False, automargin=True
    )
    with st.container(height=min(_FRAME, _ROW * len(balance) + 80), border=False):
        event = st.plotly_chart(
            figure,
            key="balance",
            on_select="rerun",
            selection_mode="points",
            config={"displayModeBar": False},
            alt=f"Bars of {len(balance)} labels with their number of examples and how many of these are flagged.",
        )
    chosen = [point["customdata"] for point in event["selection"]["points"] if point.get("customdata")]
    if chosen:
        session.go("review", label=chosen[0] if isinstance(chosen[0], str) else chosen[0][0])


def _said(examples: int, flagged: int) -> str:
    return f"{examples:,} · {flagged:,} flagged" if flagged else f"{examples:,}"


def _table(balance: pd.DataFrame) -> None:
    shown = balance.assign(
        label=balance["label"].fillna("(no label)"), share=100 * balance["flagged"] / balance["examples"]
    )
    st.dataframe(
        shown,
        hide_index=True,
        height=_FRAME,
        column_config={
            "label": st.column_config.TextColumn("Label"),
            "examples": st.column_config.NumberColumn("Examples", format="localized"),
            "flagged": st.column_config.NumberColumn("Flagged", format="localized"),
            "share": st.column_config.NumberColumn("Flagged, %", format="%.1f"),
        },
    )
