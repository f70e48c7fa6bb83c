"""The waterfall of rows: from one number to another, each part from where the parts above it end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go

from funnel import number
from funnel.charts import form, theme
from funnel.charts.narrow import CONNECTOR


@dataclass(frozen=True)
class Bar:
    """One row: a total from zero, or a part from `begin`; `end` is where the next one begins.

    `low` and `high` are the interval of the value (null: none); `said` stands beside the bar.
    """

    title: str
    begin: float
    value: float
    end: float
    said: str
    hover: str
    colour: str
    is_total: bool = False
    low: Any = None
    high: Any = None


def waterfall(text: theme.Text, bars: Sequence[Bar], *, nothing: float) -> go.Figure:
    """Return bars with connectors, dotted to a sum; a part smaller than `nothing` is drawn as a line."""
    figure = form.blank_rows(text, [bar.title for bar in bars])
    figure.add_bar(
        orientation="h",
        base=[0.0 if bar.is_total else bar.begin for bar in bars],
        x=[bar.value for bar in bars],
        y=list(range(len(bars))),
        marker={"color": [bar.colour for bar in bars]},
        hovertext=[bar.hover for bar in bars],
        hoverinfo="text",
    )
    _intervals(figure, bars)
    half = (1 - figure.layout.bargap) / 2
    for at, (above, below) in enumerate(pairwise(bars)):
        begin = at - half if abs(above.value) < nothing else at + half
        _connect(figure, above.end, (begin, at + 1 - half), is_dotted=below.is_total)
    for at, bar in enumerate(bars):
        figure.add_annotation(**form.note(1, at, bar.said, xref="paper", xanchor="left", xshift=8))
    room = 16 + round(6.6 * max((len(bar.said) for bar in bars), default=0))
    low, high = _reach(bars)
    if low < 0:
        line = {"color": theme.LINE, "width": 1}
        figure.add_shape(type="line", line=line, x0=0, x1=0, y0=-0.5, y1=len(bars) - 0.5, layer="below")
    return figure.update_layout(xaxis=theme.axis(low, high), margin={"r": room})


def _intervals(figure: go.Figure, bars: Sequence[Bar]) -> None:
    """Draw the interval of each row around the end of its bar."""
    known = [(at, bar) for at, bar in enumerate(bars) if not number.is_null(bar.low)]
    ups = [max(float(bar.high) - bar.value, 0.0) for _, bar in known]
    downs = [max(bar.value - float(bar.low), 0.0) for _, bar in known]
    line = {"color": theme.INK, "thickness": 1.5, "width": 0}
    error = {"type": "data", "symmetric": False, "array": ups, "arrayminus": downs, **line}
    look: dict[str, Any] = {"marker": {"color": theme.INK, "size": 0}, "hoverinfo": "skip"}
    ends, places = [bar.end for _, bar in known], [at for at, _ in known]
    figure.add_scatter(mode="markers", x=ends, y=places, error_x=error, **look)


def _connect(figure: go.Figure, end: float, rows: tuple[float, float], *, is_dotted: bool) -> None:
    """Join the end of a row to the begin of the next, and to the sum; a part of nothing is a line."""
    line = {"color": theme.GREY, "width": 1, **({"dash": "dot"} if is_dotted else {})}
    ends = {"x0": end, "x1": end, "y0": rows[0], "y1": rows[1]}
    figure.add_shape(type="line", name=CONNECTOR, line=line, **ends)


def _reach(bars: Sequence[Bar]) -> tuple[float, float]:
    """Return the ends of the axis: from zero, or below it where a bar or an interval reaches there."""
    marks = [0.0]
    for bar in bars:
        begin = 0.0 if bar.is_total else bar.begin
        marks += [begin, begin + bar.value]
        marks += [begin + float(end) for end in (bar.low, bar.high) if not number.is_null(end)]
    low, high = min(marks), max(marks)
    return min(low, 0.0), high or 1.0
