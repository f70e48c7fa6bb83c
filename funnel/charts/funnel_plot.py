"""Funnel plots: a dot for each group by its size and rate, between the limits of what chance and spread give.

All panels stand on one axis, one under the other, so that print holds them and a switch can show one of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import plotly.graph_objects as go

from funnel import number, stats
from funnel.charts import course, form, step, theme
from funnel.charts.sheet import Sheet

PANEL, MENU, LEFT, RIGHT = 200, 48, 48, 56
TOP, FOOT = 0.16, 0.16
CURVE, LABELS, LONGEST = 48, 5, 20
SOFT = "#b9c0c5"
GAP = 15 / (PANEL * (1 - TOP - FOOT))


@dataclass(frozen=True)
class Dot:
    """One group: its name, size and rate, the hover text, and whether it lies outside its limits."""

    name: Any
    n: float
    rate: float
    hover: str
    is_outside: bool


@dataclass(frozen=True)
class Panel:
    """The groups of one kind with the rate of all of them and the variance between them."""

    title: str
    dots: Sequence[Dot]
    overall: float
    tau2: float


def panels(text: theme.Text, rows: Sequence[Panel]) -> go.Figure:
    """Return funnel plots one under the other, on common scales of size (log) and rate (from zero)."""
    height = PANEL * max(len(rows), 1)
    figure = theme.blank(replace(text, is_empty=not any(row.dots for row in rows)), height=height, left=LEFT)
    top, ends = _top(rows), _ends(rows)
    sheet, ticks = Sheet(figure), list[tuple[float, str]]()
    for at, row in enumerate(rows):
        ticks += [(_place(at, tick / top), said) for tick, said in course.rate_ticks(top)]
        _panel(sheet, at, row, top, ends)
    xaxis, yaxis = theme.axis(*ends), theme.axis(-max(len(rows), 1), 0, ticks)
    sheet.update_layout({"xaxis": xaxis, "yaxis": yaxis, "margin": {"t": 0, "b": 0, "r": RIGHT}})
    return _switched(sheet.drawn(), [row.title for row in rows])


def _panel(sheet: Sheet, at: int, row: Panel, top: float, ends: tuple[float, float]) -> None:
    sizes = [10 ** (ends[0] + (ends[1] - ends[0]) * index / CURVE) for index in range(CURVE + 1)]
    for z, colour in ((stats.WARNING_Z, SOFT), (stats.LIMIT_Z, theme.GREY)):
        for side in stats.limits_at(row.overall, row.tau2, sizes, z=z):
            heights = [_place(at, min(max(float(value) / top, 0.0), 1.0)) for value in side]
            line = {"color": colour, "width": 1}
            logs = [math.log10(size) for size in sizes]
            sheet.add_scatter(mode="lines", x=logs, y=heights, line=line, hoverinfo="skip")
    _ruled(sheet, at, row.overall / top, ends)
    _dots(sheet, at, row, top)
    _labels(sheet, at, row, top, ends)
    _words(sheet, at, row, top, ends, sizes[-1])


def _ruled(sheet: Sheet, at: int, overall: float, ends: tuple[float, float]) -> None:
    """Draw the foot of a panel, and dotted the rate of all."""
    for height, look in ((0.0, {"color": theme.LINE}), (overall, {"color": theme.GREY, "dash": "dot"})):
        place = {"x0": ends[0], "x1": ends[1], "y0": _place(at, height), "y1": _place(at, height)}
        sheet.add_shape(type="line", line={"width": 1, **look}, **place)


def _dots(sheet: Sheet, at: int, row: Panel, top: float) -> None:
    colours = [theme.ACCENT if dot.is_outside else theme.DATA for dot in row.dots]
    sheet.add_scatter(
        mode="markers",
        x=[math.log10(dot.n) for dot in row.dots],
        y=[_place(at, min(dot.rate / top, 1.0)) for dot in row.dots],
        marker={"color": colours, "size": 8},
        hovertext=[dot.hover for dot in row.dots],
        hoverinfo="text",
        cliponaxis=False,
    )


def _labels(figure: go.Figure, at: int, row: Panel, top: float, ends: tuple[float, float]) -> None:
    """Name the groups outside their limits, the farthest first, moved apart where they would overlap."""
    far = sorted((dot for dot in row.dots if dot.is_outside), key=lambda dot: -abs(dot.rate - row.overall))
    sides = [_side((math.log10(dot.n) - ends[0]) / (ends[1] - ends[0])) for dot in far[:LABELS]]
    wanted = [
        min(dot.rate / top, 1.0) + (0 if side else math.copysign(GAP, dot.rate - row.overall))
        for dot, side in zip(far, sides, strict=False)
    ]
    order = sorted(range(len(wanted)), key=lambda each: wanted[each])
    for each, height in zip(order, step.apart([wanted[each] for each in order], GAP), strict=True):
        dot = far[each]
        said = f"{_short(dot.name)} {number.rate(dot.rate, dot.n)}"
        ink = {"font": {"size": theme.SMALL, "color": theme.INK}, "bgcolor": "rgba(255, 255, 255, 0.8)"}
        place = form.note(math.log10(dot.n), _place(at, height), said, **sides[each])
        figure.add_annotation(**place | ink)


def _side(share: float) -> dict[str, Any]:
    """Return on which side of a dot its name has room; nothing where it must stand above or below."""
    if share < 1 / 3:
        return {"xanchor": "left", "xshift": 8}
    return {"xanchor": "right", "xshift": -8} if share > 2 / 3 else {}


def _words(sheet: Sheet, at: int, row: Panel, top: float, ends: tuple[float, float], largest: float) -> None:
    """Write the title above a panel, sizes below it, and which line is which beside it."""
    bold = {"font": {"size": theme.SMALL, "color": theme.INK}, "xref": "paper", "xanchor": "left"}
    title = f"{theme.safe(row.title)}: all {number.rate(row.overall)}"
    sheet.add_annotation(**form.note(0, -at - 0.05, title) | bold)
    for value, said in _sizes(ends):
        place = form.note(value, _place(at, 0), said, yanchor="top")
        sheet.add_annotation(**place)
    named = [(stats.WARNING_Z, "95 %"), (stats.LIMIT_Z, "99.8 %")]
    highs = [float(stats.limits_at(row.overall, row.tau2, [largest], z=z)[1][0]) / top for z, _ in named]
    for height, (_, said) in zip(step.apart([min(high, 1.0) for high in highs], GAP), named, strict=True):
        beside = {"xref": "paper", "xanchor": "left", "xshift": 6}
        sheet.add_annotation(**form.note(1, _place(at, height), said, **beside))


def _place(at: int, share: float) -> float:
    """Return the height of a share of a panel's scale; the first panel lies between 0 and -1."""
    return -at - 1 + FOOT + share * (1 - TOP - FOOT)


def _top(rows: Sequence[Panel]) -> float:
    """Return the end of the common scale of rates: above every dot and the rate of all."""
    rates = [dot.rate for row in rows for dot in row.dots] + [1.3 * row.overall for row in rows if row.dots]
    return min(1.0, 1.1 * max(rates, default=1.0)) or 1.0


def _ends(rows: Sequence[Panel]) -> tuple[float, float]:
    """Return the ends of the common scale of sizes, in powers of ten."""
    sizes = [dot.n for row in rows for dot in row.dots] or [1.0, 10.0]
    return math.log10(min(sizes)) - 0.08, math.log10(max(sizes)) + 0.05


def _sizes(ends: tuple[float, float]) -> list[tuple[float, str]]:
    """Return round sizes that the scale holds, with their names."""
    steps = (1, 3) if ends[1] - ends[0] > 1 else (1, 2, 5)
    found = [m * 10**power for power in range(7) for m in steps]
    ticks = [(math.log10(size), f"{size:,}") for size in found if ends[0] <= math.log10(size) <= ends[1]]
    if ticks:
        ticks[0] = (ticks[0][0], f"n = {ticks[0][1]}")
    return ticks


def _short(name: Any) -> str:
    plain = form.named(name)
    return theme.safe(plain if len(plain) <= LONGEST else plain[: LONGEST - 1].rstrip() + "…")


def _switched(figure: go.Figure, titles: Sequence[str]) -> go.Figure:
    """Add a switch between all panels and one of them, each as high as before."""
    if len(titles) < 2:
        return figure
    buttons = [_button("All", -len(titles), 0)]
    buttons += [_button(title, -at - 1, -at) for at, title in enumerate(titles)]
    ink = {"size": theme.SMALL, "color": theme.INK}
    look = {"bgcolor": theme.GROUND, "bordercolor": theme.LINE, "font": ink, "showactive": True}
    place = {"x": 0, "xanchor": "left", "y": 1, "yanchor": "bottom", "pad": {"b": 8}}
    menu = {"type": "dropdown", "buttons": buttons, **look, **place}
    height = figure.layout.height + MENU
    return figure.update_layout(updatemenus=[menu], margin={"t": MENU}, height=height)


def _button(name: str, low: int, high: int) -> dict[str, Any]:
    args = [{"yaxis.range": [low, high], "height": PANEL * (high - low) + MENU}]
    return {"label": theme.safe(name), "method": "relayout", "args": args}
