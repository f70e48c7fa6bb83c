"""Small static marks for lines of text and tables: sparkline, bullet bar, bar, pieces, swatch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from funnel import number
from funnel.charts import ink, theme

SPARK = (104, 28)
BULLET = (128, 16)
REACH = 1.25


def sparkline(values: Sequence[Any], *, target: Any = None, says: str) -> str:
    """Return the course of a number as a small line from zero: target dotted, the last known value a dot."""
    width, height = SPARK
    known = [float(value) for value in values if not number.is_null(value)]
    aims = [] if number.is_null(target) else [float(target)]
    top = max([*known, *aims], default=0.0) or 1.0
    bottom = min([*known, 0.0])
    step = (width - 8) / max(len(values) - 1, 1)

    def place(value: float) -> float:
        return height - 4 - (value - bottom) / (top - bottom) * (height - 8)

    points = [
        None if number.is_null(value) else (4 + index * step, place(float(value)))
        for index, value in enumerate(values)
    ]
    parts = [ink.stroke(0, width, place(aim), place(aim), theme.GREY, 1, dashed=True) for aim in aims]
    parts.append(ink.path(points, theme.DATA, 1.5))
    last = next((point for point in reversed(points) if point is not None), None)
    if last is not None:
        parts.append(ink.dot(*last, 2.5, theme.DATA))
    return ink.picture(parts, width, height, says)


def bullet(attainment: Any, *, is_short: bool, says: str) -> str:
    """Return what was reached of what was agreed as a bar; the tick stands at the whole of it.

    The accent is kept for what is shown to be short, not for every value below the tick.
    """
    width, height = BULLET
    whole = width / REACH
    parts = [ink.rect(0, width, 3, height - 3, "#e9ecee", edge="")]
    if not number.is_null(attainment):
        share = min(max(float(attainment), 0.0), REACH)
        colour = theme.ACCENT if is_short else theme.DATA
        parts.append(ink.rect(0, share * whole, 5, height - 5, colour, edge=""))
    parts.append(ink.rect(whole - 1, whole + 1, 0, height, theme.INK, edge=""))
    return ink.picture(parts, width, height, says)


def bar(share: float, colour: str, *, height: int) -> str:
    """Return a bar that fills a share (0-1) of what its place gives; the number stands beside it."""
    wide = f"{100 * min(max(share, 0.0), 1.0):.2f}%"
    mark = f'<rect width="100%" height="{height}" fill="{colour}"/>'
    return f'<svg aria-hidden="true" width="{wide}" height="{height}">{mark}</svg>'


def swatch(name: str) -> str:
    """Return the colour of an outcome, hatched where that is its pattern, as a small square."""
    colour = theme.outcome_colour(name)
    lines = ""
    if name in theme.HATCHED:
        lines = '<path d="M0 10L10 0M-3 3L3 -3M7 13L13 7" stroke="#8c959c" stroke-width="1.5"/>'
    square = f'<rect width="10" height="10" fill="{colour}"/>{lines}'
    return f'<svg aria-hidden="true" width="10" height="10" viewBox="0 0 10 10">{square}</svg>'


def pieces(parts: Sequence[tuple[str, float]], *, says: str) -> str:
    """Return parts of a whole side by side, each in the colour of its outcome."""
    width, height = 128, 10
    total = sum(size for _, size in parts) or 1.0
    drawn, start = [], 0.0
    for name, size in parts:
        end = start + size / total * width
        drawn.append(ink.rect(start, end, 0, height, theme.outcome_colour(name)))
        start = end
    return ink.picture(drawn, width, height, says)
