"""A figure as an inline SVG: what is seen before plotly.js has loaded, without JavaScript, and on paper.

Draws what the forms of this package are made of: bars, lines, markers with intervals, filled outlines,
straight shapes and notes, on linear axes whose range and ticks are written out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from funnel.charts import ink, narrow, theme
from funnel.errors import UsageError

NARROW = 480
DRAWN = ("bar", "scatter")


@dataclass(frozen=True)
class Scale:
    """Maps values of one axis to pixels."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the pixel of a value."""
        return self.start + (float(value) - self.low) / (self.high - self.low) * (self.end - self.start)


@dataclass(frozen=True)
class Frame:
    """The plotting area in pixels, the layout, a prefix that keeps ids apart, and if marks have titles."""

    layout: dict[str, Any]
    left: float
    right: float
    top: float
    bottom: float
    prefix: str
    hovers: bool = False

    def titles(self, trace: dict[str, Any], n: int) -> list[str]:
        """Return the title of each mark of a trace."""
        return list(trace.get("hovertext") or [""] * n) if self.hovers else [""] * n

    def scale(self, reference: str | None, letter: str) -> Scale:
        """Return the scale that a reference such as 'x2' or 'paper' means."""
        start, end = (self.left, self.right) if letter == "x" else (self.bottom, self.top)
        if reference == "paper":
            return Scale(0, 1, start, end)
        axis = self.layout[f"{letter}axis{(reference or letter)[1:]}"]
        first, last = axis.get("domain", (0, 1))
        low, high = axis["range"]
        return Scale(low, high, start + first * (end - start), start + last * (end - start))


def svg(figure: go.Figure, *, width: int) -> str:
    """Return the figure as SVG of a width in pixels; UsageError names a kind of trace that is not drawn."""
    return picture(figure.to_dict(), width=width)


def picture(plain: dict[str, Any], *, width: int, hovers: bool = False) -> str:
    """Return a figure, as its JSON, as SVG; with `hovers` each mark says its hover text as its title."""
    if width < NARROW and narrow.is_rows(plain["layout"]):
        plain = narrow.restacked(plain, width)
    layout = plain["layout"]
    for trace in plain["data"]:
        if trace["type"] not in DRAWN:
            raise UsageError(
                f"A static picture of a '{trace['type']}' is not drawn; drawn are: bar, scatter."
            )
    margin, height = layout["margin"], layout["height"]
    prefix = f"{layout['meta']['name']}-{width}"
    frame = Frame(layout, margin["l"], width - margin["r"], margin["t"], height - margin["b"], prefix, hovers)
    shapes = layout.get("shapes", ())
    parts = [
        *(_shape(shape, frame) for shape in shapes if shape.get("layer") == "below"),
        *_axes(frame),
        *(part for place in _bars(plain["data"], frame) for part in place),
        *(part for trace in plain["data"] if trace["type"] == "scatter" for part in _scatter(trace, frame)),
        *(_shape(shape, frame) for shape in shapes if shape.get("layer") != "below"),
        *(_note(note, frame) for note in layout.get("annotations", ())),
    ]
    return ink.picture(parts, width, height, layout["meta"]["finding"])


def _axes(frame: Frame) -> list[str]:
    parts = []
    for key, axis in frame.layout.items():
        if key[1:5] != "axis":
            continue
        letter, number = key[0], key[5:]
        other = frame.scale((axis.get("anchor") or _other(letter) + number), _other(letter))
        along = frame.scale(letter + number, letter)
        colour = axis["tickfont"]["color"]
        for at, text in zip(axis.get("tickvals", ()), axis.get("ticktext", ()), strict=True):
            if letter == "x":
                parts.append(ink.text(along(at), other.start + 18, text, colour, "middle"))
            else:
                parts.append(ink.text(frame.left - 8, along(at), text, colour, "end", centred=True))
    return parts


def _bars(traces: list[dict[str, Any]], frame: Frame) -> list[list[str]]:
    """Draw the bars of all traces; stacked ones start where the ones before them end."""
    ends: dict[tuple[str, float], float] = {}
    stacked = frame.layout.get("barmode") == "stack"
    drawn = []
    for number, trace in enumerate(traces):
        if trace["type"] == "bar":
            drawn.append(_bar_trace(trace, number, frame, ends if stacked else {}))
    return drawn


def _bar_trace(
    trace: dict[str, Any], number: int, frame: Frame, ends: dict[tuple[str, float], float]
) -> list[str]:
    lying = trace.get("orientation") == "h"
    x, y = frame.scale(trace.get("xaxis"), "x"), frame.scale(trace.get("yaxis"), "y")
    places, lengths = (trace["y"], trace["x"]) if lying else (trace["x"], trace["y"])
    widths = trace.get("width") or [1 - frame.layout.get("bargap", 0.2)] * len(places)
    texts = trace.get("text") or [""] * len(places)
    begins, titles = trace.get("base"), frame.titles(trace, len(places))
    parts = []
    for index, (place, length, width, text) in enumerate(zip(places, lengths, widths, texts, strict=True)):
        base = float(begins[index]) if begins else ends.get((trace.get("yaxis", "y"), place), 0.0)
        ends[(trace.get("yaxis", "y"), place)] = base + length
        across = (place - width / 2, place + width / 2)
        corners = (base, base + length, *across) if lying else (*across, base, base + length)
        fill = _fill(trace["marker"], index, f"{frame.prefix}-{number}")
        bar = ink.rect(x(corners[0]), x(corners[1]), y(corners[2]), y(corners[3]), fill)
        parts.append(ink.titled(bar, titles[index]))
        if text and lying:
            parts.append(ink.text(x(base + length) + 4, y(place), text, theme.INK, "start", centred=True))
    pattern = trace["marker"].get("pattern")
    return (
        [ink.pattern(f"{frame.prefix}-{number}", trace["marker"]["color"], pattern["fgcolor"]), *parts]
        if pattern
        else parts
    )


def _fill(marker: dict[str, Any], index: int, name: str) -> str:
    if marker.get("pattern"):
        return f"url(#{name})"
    colour = marker["color"]
    return str(colour if isinstance(colour, str) else colour[index])


def _scatter(trace: dict[str, Any], frame: Frame) -> list[str]:
    x, y = frame.scale(trace.get("xaxis"), "x"), frame.scale(trace.get("yaxis"), "y")
    points = [None if b is None else (x(a), y(b)) for a, b in zip(trace["x"], trace["y"], strict=True)]
    if trace.get("fill"):
        return _area(trace, [point for point in points if point is not None], frame)
    parts = [*_intervals(trace, x, y)]
    if "lines" in trace["mode"]:
        parts.append(ink.path(points, trace["line"]["color"], trace["line"]["width"]))
    if "markers" in trace["mode"]:
        marker = trace["marker"]
        colours = marker["color"] if not isinstance(marker["color"], str) else [marker["color"]] * len(points)
        dots = zip(points, colours, frame.titles(trace, len(points)), strict=True)
        parts += [
            ink.titled(ink.dot(*point, marker["size"] / 2, colour), title)
            for point, colour, title in dots
            if point is not None
        ]
    return parts


def _area(trace: dict[str, Any], points: list[tuple[float, float]], frame: Frame) -> list[str]:
    if not trace.get("fillpattern"):
        return [ink.outline(points, trace["fillcolor"])]
    name = f"{frame.prefix}-{trace['name']}"
    hatching = ink.pattern(name, trace["fillcolor"], trace["fillpattern"]["fgcolor"])
    return [hatching, ink.outline(points, f"url(#{name})")]


def _intervals(trace: dict[str, Any], x: Scale, y: Scale) -> list[str]:
    parts = []
    for key in ("error_x", "error_y"):
        error = trace.get(key, {"array": (), "arrayminus": (), "color": ""})
        sizes = zip(error["array"], error["arrayminus"], strict=True)
        for a, b, (up, down) in zip(trace["x"], trace["y"], sizes, strict=False):
            if b is not None:
                ends = (a - down, a + up, b, b) if key == "error_x" else (a, a, b - down, b + up)
                parts.append(ink.stroke(x(ends[0]), x(ends[1]), y(ends[2]), y(ends[3]), error["color"], 1.5))
    return parts


def _shape(shape: dict[str, Any], frame: Frame) -> str:
    x, y = frame.scale(shape.get("xref"), "x"), frame.scale(shape.get("yref"), "y")
    line = shape["line"]
    if shape["type"] == "rect":
        return ink.rect(x(shape["x0"]), x(shape["x1"]), y(shape["y0"]), y(shape["y1"]), shape["fillcolor"])
    ends = (x(shape["x0"]), x(shape["x1"]), y(shape["y0"]), y(shape["y1"]))
    return ink.stroke(*ends, line["color"], line["width"], dashed=bool(line.get("dash")))


def _note(note: dict[str, Any], frame: Frame) -> str:
    x, y = frame.scale(note.get("xref"), "x"), frame.scale(note.get("yref"), "y")
    anchor = {"left": "start", "right": "end"}.get(note.get("xanchor", ""), "middle")
    across = x(note["x"]) + note.get("xshift", 0)
    lift = {"top": 14.0, "bottom": -4.0}.get(note.get("yanchor", ""), 0.0)
    centred = note.get("yanchor") not in ("top", "bottom")
    place = (across, y(note["y"]) + lift)
    has_ground = "bgcolor" in note
    return ink.text(*place, note["text"], note["font"]["color"], anchor, centred=centred, halo=has_ground)


def _other(letter: str) -> str:
    return "y" if letter == "x" else "x"
