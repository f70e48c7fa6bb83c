"""What the pictures of all bridges share: a line as a bar, and words for what is not there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from funnel import number
from funnel.charts import theme
from funnel.charts.waterfall import Bar

MARKS = "Bar: what the line does, from where the lines above it end. The lines add up exactly."


def bar(row: dict[str, Any], at: float, value: float, said: str, hover: str, *, is_accent: bool) -> Bar:
    """Return the bar of a line that begins where the lines above it end."""
    is_total = bool(row["is_total"])
    part = theme.ACCENT if is_accent else theme.CONTEXT
    begin = 0.0 if is_total else at
    return Bar(
        title=str(row["title"]),
        begin=begin,
        value=value,
        end=begin + value,
        said=said,
        hover=hover,
        colour=theme.DATA if is_total else part,
        is_total=is_total,
        low=row.get("low"),
        high=row.get("high"),
    )


def emptied(text: theme.Text) -> theme.Text:
    """Return the text of a figure that has nothing to draw."""
    return theme.Text(text.name, text.title, text.rule, text.finding, is_empty=True)


def absent(rows: Sequence[dict[str, Any]]) -> str:
    """Return why there is no bridge."""
    said = [str(row["missing"]) for row in rows if not number.is_null(row["missing"])]
    return f"Not in this source: {said[0]}." if said else "There is nothing to bridge."


def signed(value: float, said: str) -> str:
    """Return a number said with its plus sign."""
    return f"+{said}" if value > 0 else said


def lowered(title: Any) -> str:
    """Return a title as it stands within a sentence."""
    text = str(title)
    return text[:1].lower() + text[1:]
