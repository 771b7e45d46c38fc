"""Colours that mean the same on every page, safe for colour-blind eyes, in light and dark."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import streamlit as st

Theme = Literal["light", "dark"]
FLAGGED: dict[Theme, str] = {"light": "#D55E00", "dark": "#FF8A3D"}
MUTED: dict[Theme, str] = {"light": "#9A948A", "dark": "#6B737D"}
PAPER: dict[Theme, str] = {"light": "#FCFBF8", "dark": "#15181C"}
INK: dict[Theme, str] = {"light": "#22262B", "dark": "#E8E6E1"}
# Okabe and Ito's palette without its vermilion, which means "flagged"; yellow darkened on paper, all lightened on dark.
_COLOURS: dict[Theme, tuple[str, ...]] = {
    "light": ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#4A4F55", "#BFAF00"),
    "dark": ("#4FA3DD", "#F0B43C", "#35C79B", "#E09CC4", "#9AD6F7", "#C9C6BF", "#F0E442"),
}
# Cividis, which reads the same with and without colour, so that more stands out more: its light end is left off on
# paper, where it comes first, its dark end on dark.
_RAMP: dict[Theme, tuple[str, ...]] = {
    "light": ("#C8B866", "#948E77", "#666970", "#35456C", "#00224E"),
    "dark": ("#53627F", "#7D7C78", "#A59C74", "#D2C060", "#FEE838"),
}
_SHAPES = ("circle", "triangle-up")
MOST_TOLD_APART = len(_COLOURS["light"]) * len(_SHAPES)


@dataclass(frozen=True, slots=True)
class Style:
    """How the points of a class are drawn; `shape` is a plotly symbol."""

    colour: str
    shape: str


def theme() -> Theme:
    """What this browser shows."""
    return "dark" if st.context.theme.type == "dark" else "light"


def styles(classes: Sequence[str], shown: Theme) -> dict[str, Style]:
    """One style for each of the first `MOST_TOLD_APART` classes: colours first, then the same ones in another shape.

    Classes come in the order that all pages share: most examples first, ties by name.
    """
    colours = _COLOURS[shown]
    return {
        name: Style(colours[number % len(colours)], _SHAPES[number // len(colours)])
        for number, name in enumerate(classes[:MOST_TOLD_APART])
    }


def ramp(bands: Sequence[str], shown: Theme) -> dict[str, Style]:
    """One style for each band of numbers, from low to high."""
    return {name: Style(colour, _SHAPES[0]) for name, colour in zip(bands, _RAMP[shown], strict=False)}
