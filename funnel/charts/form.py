"""The few forms of picture that the reports use; every chart is one of them, filled from a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import plotly.graph_objects as go

from funnel import number
from funnel.charts import theme

FEW = 10
MISSING = "not stated"


@dataclass(frozen=True)
class Part:
    """One kind of piece of stacked bars: its name, its value in each row and the hover text of each."""

    name: str
    values: Sequence[float]
    hovers: Sequence[str]


@dataclass(frozen=True)
class Span:
    """A dot in an interval: value and ends (null where undefined), the number beside it, its hover text."""

    value: Any
    low: Any
    high: Any
    text: str
    hover: str
    limits: tuple[Any, Any] = (None, None)
    is_outside: bool = False


def bars(
    text: theme.Text,
    labels: Sequence[Any],
    values: Sequence[Any],
    texts: Sequence[str],
    hovers: Sequence[str],
    *,
    colours: Sequence[str] | str = theme.DATA,
) -> go.Figure:
    """Return horizontal bars on one scale from zero, the number at the end of each."""
    lengths = [0.0 if number.is_null(value) else float(value) for value in values]
    figure = blank_rows(replace(text, is_empty=not any(lengths)), labels)
    figure.add_bar(
        orientation="h",
        x=lengths,
        y=list(range(len(lengths))),
        text=list(texts),
        textposition="outside",
        cliponaxis=False,
        marker={"color": colours if isinstance(colours, str) else list(colours)},
        hovertext=list(hovers),
        hoverinfo="text",
    )
    room = 16 + round(7 * max((len(each) for each in texts), default=0))
    figure.update_layout(xaxis=theme.axis(0, max([*lengths, 0]) or 1), margin={"r": room})
    return figure


def stacks(
    text: theme.Text, labels: Sequence[Any], parts: Sequence[Part], *, says: Sequence[str] = ()
) -> go.Figure:
    """Return horizontal bars of pieces, each kind in its colour; `says` stands at the end of each bar."""
    used = [part for part in parts if any(part.values)]
    figure = blank_rows(replace(text, key=tuple(part.name for part in used), is_empty=not used), labels)
    for part in used:
        figure.add_bar(**pieces(part, orientation="h", at=list(range(len(labels)))))
    totals = [sum(values) for values in zip(*(part.values for part in parts), strict=True)]
    for at, (total, said) in enumerate(zip(totals, says, strict=False)):
        figure.add_annotation(**note(total, at, said, xanchor="left", xshift=4))
    room = 16 + round(7 * max((len(said) for said in says), default=0))
    figure.update_layout(barmode="stack", xaxis=theme.axis(0, max([*totals, 0]) or 1), margin={"r": room})
    return figure


def spans(
    text: theme.Text,
    labels: Sequence[Any],
    rows: Sequence[Span],
    *,
    top: float,
    bottom: float = 0.0,
    overall: Any = None,
) -> go.Figure:
    """Return a dot with its interval in each row, on one scale; a dotted line marks the whole."""
    known = [(at, row) for at, row in enumerate(rows) if not number.is_null(row.value)]
    figure = blank_rows(replace(text, is_empty=not known), labels)
    figure.add_scatter(
        mode="markers",
        cliponaxis=False,
        x=[float(row.value) for _, row in known],
        y=[at for at, _ in known],
        marker={"color": [theme.ACCENT if row.is_outside else theme.DATA for _, row in known], "size": 9},
        error_x=_errors([row for _, row in known]),
        hovertext=[row.hover for _, row in known],
        hoverinfo="text",
    )
    room = 16 + round(7 * max((len(row.text) for row in rows), default=0))
    figure.update_layout(xaxis=theme.axis(bottom, top), margin={"r": room})
    # One by one, each annotation and shape has plotly check all the earlier ones again.
    figure.update_layout(
        annotations=[
            note(1, at, row.text, xref="paper", xanchor="left", xshift=8) for at, row in enumerate(rows)
        ],
        shapes=[shape for at, row in enumerate(rows) for shape in _limits(at, row, top)]
        + _overall(overall, len(rows)),
    )
    return figure


def rate_span(label: Any, row: dict[str, Any], limits: tuple[str, str] = ("", "")) -> Span:
    """Return the span of a row with rate, low, high and n; below ten cases only its range is printed."""
    low, high, n = row["low"], row["high"], row["n"]
    few = not number.is_null(n) and float(n) < FEW
    said = number.interval(low, high, n) if few else number.rate_with_interval(row["rate"], low, high, n)
    hover = f"{theme.safe(label)}<br>{said}<br>n = {number.count(n)}"
    within = (row.get(limits[0]), row.get(limits[1]))
    return Span(None if few else row["rate"], low, high, said or number.DASH, hover, within, outside(row))


def outside(row: dict[str, Any]) -> bool:
    """Say whether a row lies outside what chance gives a group of its size."""
    return not number.is_null(row.get("is_outside")) and bool(row["is_outside"])


def counted(label: Any, n: Any) -> str:
    """Return a label with the number of cases behind it."""
    return f"{named(label)} ({number.count(n)})"


def named(label: Any) -> str:
    """Return a label; null has a word of its own, apart from 'unknown'."""
    return MISSING if number.is_null(label) else str(label)


def pieces(part: Part, *, orientation: str, at: Sequence[int]) -> dict[str, Any]:
    """Return the bar trace of one part, in the colour and pattern of its outcome."""
    colour = theme.outcome_colour(part.name)
    marker: dict[str, Any] = {"color": colour, "line": {"color": theme.GROUND, "width": 1}}
    if part.name in theme.HATCHED:
        marker |= {"pattern": hatch("#8c959c")}
    lengths = [float(value) for value in part.values]
    where = {"x": lengths, "y": list(at)} if orientation == "h" else {"x": list(at), "y": lengths}
    about = {"name": part.name, "hovertext": list(part.hovers), "hoverinfo": "text"}
    return {"orientation": orientation, "marker": marker, **about, **where}


def hatch(colour: str) -> dict[str, Any]:
    """Return the pattern that means: not yet known."""
    return {"shape": "/", "fgcolor": colour, "size": 6, "solidity": 0.25, "fillmode": "overlay"}


def note(x: float, y: float, text: str, **more: Any) -> dict[str, Any]:
    """Return a small grey text at a place in the figure."""
    font = {"size": theme.SMALL, "color": theme.GREY}
    return {"x": x, "y": y, "text": text, "showarrow": False, "font": font, **more}


def blank_rows(text: theme.Text, labels: Sequence[Any]) -> go.Figure:
    """Return a figure of labelled rows, the first on top, without marks."""
    names = [theme.wrapped(label) for label in labels]
    row = theme.ROW if all("<br>" not in name for name in names) else theme.ROW + 8
    height = 16 + row * max(len(names), 1)
    figure = theme.blank(text, height=height, left=theme.label_margin(names))
    figure.update_layout(yaxis=theme.label_axis(names), margin={"b": theme.TINY}, bargap=1 - theme.BAR / row)
    return figure


def _limits(at: int, row: Span, top: float) -> list[dict[str, Any]]:
    """Return the shade of what chance and the usual spread between groups give a row of this size."""
    low, high = row.limits
    if number.is_null(low) or number.is_null(high):
        return []
    ends = {"x0": max(float(low), 0.0), "x1": min(float(high), top), "y0": at - 0.32, "y1": at + 0.32}
    return [{"type": "rect", "fillcolor": "#e9ecee", "layer": "below", "line": {"width": 0}, **ends}]


def _overall(value: Any, n_rows: int) -> list[dict[str, Any]]:
    """Return the dotted line of the whole over all rows; nothing where there is no whole."""
    if number.is_null(value):
        return []
    ends = {"x0": float(value), "x1": float(value), "y0": -0.5, "y1": n_rows - 0.5}
    return [{"type": "line", "line": {"color": theme.GREY, "width": 1, "dash": "dot"}, **ends}]


def _errors(rows: Sequence[Span]) -> dict[str, Any]:
    ups = [0.0 if number.is_null(row.high) else max(float(row.high) - float(row.value), 0) for row in rows]
    downs = [0.0 if number.is_null(row.low) else max(float(row.value) - float(row.low), 0) for row in rows]
    style = {"color": theme.DATA, "thickness": 1.5, "width": 0}
    return {"type": "data", "symmetric": False, "array": ups, "arrayminus": downs, **style}
