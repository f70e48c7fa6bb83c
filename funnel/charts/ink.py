"""The marks of an SVG as text; what they say is escaped here and nowhere else."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

SMALL, LEADING = 13, 15


def picture(parts: Iterable[str], width: float, height: float, says: str) -> str:
    """Return an SVG of a size in pixels; `says` is its text alternative."""
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    label = html.escape(says)
    return f'<svg {size} role="img" aria-label="{label}" font-size="{SMALL}">{"".join(parts)}</svg>'


def rect(x0: float, x1: float, y0: float, y1: float, fill: str, *, edge: str = "#fff") -> str:
    """Return a rectangle between two corners, parted from its neighbours by a thin edge."""
    left, top = min(x0, x1), min(y0, y1)
    size = f'width="{abs(x1 - x0):.1f}" height="{abs(y1 - y0):.1f}"'
    outline = f' stroke="{edge}"' if edge else ""
    return f'<rect x="{left:.1f}" y="{top:.1f}" {size} fill="{fill}"{outline}/>'


def stroke(
    x0: float, x1: float, y0: float, y1: float, colour: str, width: float, *, dashed: bool = False
) -> str:
    """Return a straight line between two points."""
    ends = f'x1="{x0:.1f}" y1="{y0:.1f}" x2="{x1:.1f}" y2="{y1:.1f}"'
    dash = ' stroke-dasharray="2 3"' if dashed else ""
    return f'<line {ends} stroke="{colour}" stroke-width="{width}"{dash}/>'


def path(points: Sequence[tuple[float, float] | None], colour: str, width: float) -> str:
    """Return a line through points; None lifts the pen."""
    steps, pen = [], "M"
    for point in points:
        if point is not None:
            steps.append(f"{pen}{point[0]:.1f} {point[1]:.1f}")
        pen = "M" if point is None else "L"
    return f'<path d="{"".join(steps)}" fill="none" stroke="{colour}" stroke-width="{width}"/>'


def titled(mark: str, words: str) -> str:
    """Return a mark that says something when the pointer rests on it; <br> parts lines."""
    lines = [html.escape(html.unescape(line)) for line in str(words).split("<br>")]
    return f"<g><title>{chr(10).join(lines)}</title>{mark}</g>" if words else mark


def outline(points: Sequence[tuple[float, float]], fill: str) -> str:
    """Return a filled outline."""
    corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polygon points="{corners}" fill="{fill}"/>'


def dot(x: float, y: float, radius: float, fill: str) -> str:
    """Return a filled circle."""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="{fill}"/>'


def pattern(name: str, ground: str, line: str) -> str:
    """Return the definition of slanted hatching, to be used as fill url(#name)."""
    place = 'width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"'
    hatching = f'<rect width="6" height="6" fill="{ground}"/><rect width="1.5" height="6" fill="{line}"/>'
    return f'<pattern id="{name}" {place}>{hatching}</pattern>'


def text(
    x: float, y: float, words: str, colour: str, anchor: str, *, centred: bool = False, halo: bool = False
) -> str:
    """Return lines of text parted by <br>; entities in them are characters, and nothing in them is markup."""
    lines = [html.escape(html.unescape(line)) for line in str(words).split("<br>")]
    ground = ' stroke="#fff" stroke-width="4" paint-order="stroke"' if halo else ""
    look = f'fill="{colour}" text-anchor="{anchor}"{ground}'
    first = y + (4.5 - LEADING / 2 * (len(lines) - 1) if centred else 0)
    return "".join(
        f'<text x="{x:.1f}" y="{first + LEADING * row:.1f}" {look}>{line}</text>'
        for row, line in enumerate(lines)
    )
