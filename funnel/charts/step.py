"""Step functions of age: areas that add to 1, and lines with their band, on an axis of age."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from funnel import number
from funnel.charts import form, theme

STEPS = (1, 2, 3, 4, 6, 8, 12, 24, 48, 72)
DAYS = (1, 2, 5, 7, 10, 14, 30, 60, 90, 180, 365)
TICKS = 6


@dataclass(frozen=True)
class Line:
    """A step function: its value from each age on, the band around it, the hover text of each age."""

    values: Sequence[float]
    lows: Sequence[Any]
    highs: Sequence[Any]
    hovers: Sequence[str]


def age_axis(last: float, unit: str, **more: Any) -> dict[str, Any]:
    """Return an axis of age from 0 to `last`, in days ("d") or hours ("h"), with a few round ticks."""
    sizes = DAYS if unit == "d" else STEPS
    every = next(
        (size for size in sizes if last / size <= TICKS), sizes[-1] * -(-last // (sizes[-1] * TICKS))
    )
    ticks = [(at * every, f"{at * every:g}") for at in range(int(last / every + 1e-9) + 1)]
    ticks[-1] = (ticks[-1][0], f"{ticks[-1][1]}{number.GAP}{unit}")
    return theme.axis(0, last or 1, ticks, **more)


def outline(ages: Sequence[float], lows: Sequence[float], highs: Sequence[float]) -> dict[str, list[float]]:
    """Return the outline between two step functions of age."""
    x, top = steps(ages, highs)
    _, bottom = steps(ages, lows)
    return {"x": [*x, *reversed(x)], "y": [*top, *reversed(bottom)]}


def steps(ages: Sequence[float], values: Sequence[float]) -> tuple[list[float], list[float]]:
    """Return the corners of a step function: each value holds until the next age."""
    x = [age for age in ages for _ in (0, 1)][1:]
    y = [value for value in values for _ in (0, 1)][:-1]
    return x, y


def area(figure: go.Figure, name: str, ages: Sequence[float], low: Sequence[float], line: Line) -> None:
    """Add one layer of stacked areas from `low` to the line, in the colour of its outcome."""
    look: dict[str, Any] = {"fill": "toself", "fillcolor": theme.outcome_colour(name), "line": {"width": 0}}
    if name in theme.HATCHED:
        look["fillpattern"] = form.hatch("#8c959c") | {"bgcolor": theme.outcome_colour(name)}
        look["fillpattern"].pop("fillmode")
    figure.add_scatter(mode="lines", name=name, hoverinfo="skip", **look, **outline(ages, low, line.values))
    edge = {"color": theme.GROUND, "width": 1}
    hover = {"hovertext": list(line.hovers), "hoverinfo": "text", "showlegend": False}
    figure.add_scatter(mode="lines", x=list(ages), y=list(line.values), line=edge | {"shape": "hv"}, **hover)


def band(figure: go.Figure, ages: Sequence[float], line: Line, **where: str) -> None:
    """Add a step line with its interval as a band."""
    known = [at for at, low in enumerate(line.lows) if not number.is_null(low)]
    parts = ([float(side[at]) for at in known] for side in (line.lows, line.highs))
    look: dict[str, Any] = {"fill": "toself", "fillcolor": theme.BAND, "line": {"width": 0}}
    ends = outline([ages[at] for at in known], *parts)
    figure.add_scatter(mode="lines", hoverinfo="skip", **look, **ends, **where)
    x, y = steps(ages, line.values)
    hovers = [text for text in line.hovers for _ in (0, 1)][1:]
    hover = {"hovertext": hovers, "hoverinfo": "text"}
    figure.add_scatter(mode="lines", x=x, y=y, line={"color": theme.DATA, "width": 2}, **hover, **where)


def apart(places: Sequence[float], gap: float) -> list[float]:
    """Return rising places between 0 and 1 moved apart to at least a gap, as little as need be."""
    moved: list[float] = []
    for place in places:
        moved.append(max(place, moved[-1] + gap) if moved else max(place, gap / 2))
    ceiling = 1 - gap / 2
    for at in reversed(range(len(moved))):
        moved[at] = min(moved[at], ceiling)
        ceiling = moved[at] - gap
    return moved
