"""Pictures of something over time: columns of pieces, and lines with their band, one panel each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from funnel import number
from funnel.charts import form, theme
from funnel.charts.sheet import Sheet

NOT_YET = "not yet"
PANEL, TALL, GUTTER, UNTITLED, FOOT = 112, 200, 80, 48, 44


@dataclass(frozen=True)
class Panel:
    """One line over time: values, the band around them, a target, and what keeps a step from being judged.

    `marks` is "" where a step is judged; a step marked "not yet" is hatched and has no value, one marked
    otherwise is hatched and keeps it.
    """

    title: str
    values: Sequence[Any]
    lows: Sequence[Any]
    highs: Sequence[Any]
    marks: Sequence[str]
    ticks: Sequence[tuple[float, str]]
    hovers: Sequence[str]
    target: Any = None
    as_dots: bool = False
    cap: float | None = None

    @property
    def top(self) -> float:
        """The end of the axis: above all that the panel shows, or at the cap, where marks are cut."""
        if self.cap is not None:
            return 1.08 * self.cap
        marks = [*self.values, *self.highs, self.target, *(at for at, _ in self.ticks)]
        return 1.08 * max((float(mark) for mark in marks if not number.is_null(mark)), default=1.0) or 1.0


def columns(text: theme.Text, labels: Sequence[str], parts: Sequence[form.Part]) -> go.Figure:
    """Return columns of pieces over time on a common scale from zero."""
    used = tuple(part.name for part in parts if any(part.values))
    figure = theme.blank(replace(text, key=used, is_empty=not used), height=264, left=48)
    for part in parts:
        figure.add_bar(**form.pieces(part, orientation="v", at=list(range(len(labels)))))
    top = max([sum(values) for values in zip(*(part.values for part in parts), strict=True)], default=0) or 1
    ticks = [(at, f"{at:,.0f}") for at in round_ticks(top)]
    yaxis = theme.axis(0, top * 1.05, ticks)
    figure.update_layout(barmode="stack", bargap=0.2, xaxis=time_axis(labels), yaxis=yaxis)
    return figure


def panels(
    text: theme.Text, labels: Sequence[str], rows: Sequence[Panel], *, tall: bool = False
) -> go.Figure:
    """Return lines over the same steps, one under the other, each on its own scale from zero."""
    size = TALL if tall else PANEL
    gutter = GUTTER if any(row.title for row in rows) else UNTITLED
    height = (size + gutter) * max(len(rows), 1)
    is_empty = all(number.is_null(value) for row in rows for value in row.values)
    figure = theme.blank(replace(text, is_empty=is_empty), height=height, left=56)
    sheet = Sheet(figure.update_layout(margin={"t": 0, "b": 0}, bargap=0))
    for index, row in enumerate(rows):
        above = height - index * (size + gutter) - (gutter - FOOT)
        _panel(sheet, row, labels, "" if index == 0 else str(index + 1), (above - size, above), height)
    return sheet.drawn()


def time_axis(labels: Sequence[str], **more: Any) -> dict[str, Any]:
    """Return an axis of equal steps, one per label; an empty label has no tick."""
    ticks = [(float(index), label) for index, label in enumerate(labels) if label]
    return theme.axis(-0.6, max(len(labels), 1) - 0.4, ticks, **more)


def round_ticks(top: float) -> list[float]:
    """Return zero, a round number near the top, and its half where that is whole."""
    if top <= 0:
        return [0.0]
    size = 10.0 ** (len(f"{int(top)}") - 1) if top >= 1 else 0.1
    best = max((m * size for m in (1, 2, 4, 5, 6, 8) if m * size <= top), default=size)
    return [0.0, best / 2, best] if best >= 2 or top < 1 else [0.0, best]


def rate_ticks(top: float) -> list[tuple[float, str]]:
    """Return ticks of a rate from zero: at most three, in round percents."""
    step = next((s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5) if top / s < 4), 0.5)
    return [(at * step, number.rate(at * step)) for at in range(int(top / step + 1e-9) + 1)]


def month_labels(days: Sequence[Any], *, most: int = 8) -> list[str]:
    """Return a label where days enter a month, at most `most`; a year stands where it is new."""
    months = [pd.Timestamp(day) for day in days]
    starts = [at for at, month in enumerate(months) if at == 0 or month.month != months[at - 1].month]
    if len(starts) > 2 and starts[1] - starts[0] < starts[2] - starts[1]:
        starts = starts[1:]
    every = -(-len(starts) // most) or 1
    shown = starts[(len(starts) - 1) % every :: every]
    labels = [""] * len(months)
    for place, at in enumerate(shown):
        is_new = place == 0 or months[at].year != months[shown[place - 1]].year
        labels[at] = f"{months[at]:%b}<br>{months[at]:%Y}" if is_new else f"{months[at]:%b}"
    return labels


def runs(flags: Sequence[bool]) -> list[tuple[int, int]]:
    """Return the half-open index ranges in which the flags are true."""
    edges = [index for index, (a, b) in enumerate(pairwise([False, *map(bool, flags), False])) if a != b]
    return list(zip(edges[::2], edges[1::2], strict=True))


def _panel(
    sheet: Sheet, row: Panel, labels: Sequence[str], axes: str, ends: tuple[int, int], height: int
) -> None:
    """Draw one panel between two heights in pixels above the foot of the sheet."""
    domain = [ends[0] / height, ends[1] / height]
    key = axes or ""
    xaxis = time_axis(labels, anchor=f"y{key}")
    yaxis = theme.axis(0, row.top, row.ticks, domain=domain, anchor=f"x{key}")
    sheet.update_layout({f"xaxis{key}": xaxis, f"yaxis{key}": yaxis})
    where = {"xaxis": f"x{key}", "yaxis": f"y{key}"}
    _band(sheet, row, where)
    _hatched(sheet, row, where)
    _target(sheet, row, len(labels), where)
    _line(sheet, row, where)
    above = {"xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
    bold = {"font": {"size": theme.SMALL, "color": theme.INK}}
    sheet.add_annotation(**form.note(0, domain[1], theme.safe(row.title), **above, **bold))


def _band(sheet: Sheet, row: Panel, where: dict[str, str]) -> None:
    if row.as_dots:
        return
    for start, end in runs([not number.is_null(low) for low in row.lows]):
        steps = list(range(start, end))
        outline = [float(row.highs[at]) for at in steps] + [float(row.lows[at]) for at in reversed(steps)]
        look: dict[str, Any] = {"fill": "toself", "fillcolor": theme.BAND, "line": {"width": 0}}
        at = {"x": steps + steps[::-1], "y": outline}
        sheet.add_scatter(mode="lines", hoverinfo="skip", **at, **look, **where)


def _line(sheet: Sheet, row: Panel, where: dict[str, str]) -> None:
    heights = [
        None if number.is_null(value) or mark == NOT_YET else min(float(value), row.top)
        for value, mark in zip(row.values, row.marks, strict=True)
    ]
    look: dict[str, Any] = {
        "line": {"color": theme.DATA, "width": 2},
        "marker": {"color": theme.DATA, "size": 5},
    }
    if row.as_dots:
        look = {"marker": {"color": theme.DATA, "size": 8}, "error_y": _errors(row, heights)}
    mode = "markers" if row.as_dots else "lines+markers"
    hover = {"hovertext": list(row.hovers), "hoverinfo": "text"}
    sheet.add_scatter(mode=mode, x=list(range(len(heights))), y=heights, **look, **hover, **where)


def _target(sheet: Sheet, row: Panel, n: int, where: dict[str, str]) -> None:
    if number.is_null(row.target):
        return
    ends = {"x0": -0.6, "x1": n - 0.4, "y0": float(row.target), "y1": float(row.target)}
    refs = {"xref": where["xaxis"], "yref": where["yaxis"]}
    sheet.add_shape(type="line", line={"color": theme.GREY, "width": 1, "dash": "dot"}, **ends, **refs)


def _hatched(sheet: Sheet, row: Panel, where: dict[str, str]) -> None:
    """Hatch the steps that cannot be judged, and say why."""
    for start, end in _stretches(row.marks):
        middle, said = (start + end - 1) / 2, row.marks[start]
        marker = {"color": "#f6f6f6", "pattern": form.hatch("#b5b5b5")}
        hover = {"hovertext": [said], "hoverinfo": "text"}
        sheet.add_bar(x=[middle], y=[row.top], width=[end - start], marker=marker, **hover, **where)
        refs = {"xref": where["xaxis"], "yref": where["yaxis"], "yanchor": "top", "bgcolor": "#ffffff"}
        is_edge = end == len(row.marks) and start > 0
        place = {"x": end - 0.5, "xanchor": "right"} if is_edge else {"x": middle}
        sheet.add_annotation(**form.note(middle, row.top, said, **refs) | place)


def _stretches(marks: Sequence[str]) -> list[tuple[int, int]]:
    """Return the half-open ranges of equal marks that say something."""
    found = [runs([mark == word for mark in marks]) for word in sorted(set(marks) - {""})]
    return sorted(stretch for stretches in found for stretch in stretches)


def _errors(row: Panel, heights: Sequence[float | None]) -> dict[str, Any]:
    ups = [
        0.0 if value is None or number.is_null(high) else max(min(float(high), row.top) - value, 0)
        for value, high in zip(heights, row.highs, strict=True)
    ]
    downs = [
        0.0 if value is None or number.is_null(low) else max(value - float(low), 0)
        for value, low in zip(heights, row.lows, strict=True)
    ]
    style = {"color": theme.DATA, "thickness": 1.5, "width": 0}
    return {"type": "data", "symmetric": False, "array": ups, "arrayminus": downs, **style}
