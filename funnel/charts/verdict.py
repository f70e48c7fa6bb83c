"""The verdict on a disputed batch: the bridge from the baseline rate to the observed one, part by part."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from funnel import number
from funnel.charts import form, theme
from funnel.charts.narrow import CONNECTOR

NAMED = "named"
STATES = (NAMED, "excluded", "neither", "not judged")
SPOKEN = {"neither": "neither named nor excluded"}
NOTHING = 0.0005
HALF = theme.BAR / theme.ROW / 2
NO_BRIDGE = "There is no bridge: the batch or its baseline is empty."
MARKS = (
    "Bar: the part, from where the parts above it end; line: 90 % interval; orange: named. The parts add "
    "up exactly; what is written is rounded."
)


def bridge(table: pd.DataFrame) -> go.Figure:
    """Return the bridge as a waterfall of rows with connectors and the sum (table: exhibit.bridge).

    What is shown of each part stands in words at its bar; only a named part has the accent.
    """
    rows = [_bar(row) for row in theme.records(table)]
    finding = _told(rows)
    rule = f"{theme.rule(table)} {MARKS}"
    text = theme.Text(
        "bridge", "From the baseline to the batch", rule, finding, is_empty=finding == NO_BRIDGE
    )
    figure = form.blank_rows(text, [row["title"] for row in rows])
    figure.add_bar(
        orientation="h",
        base=[0.0 if _is_total(row) else _value(row["begin"]) for row in rows],
        x=[_value(row["value"]) for row in rows],
        y=list(range(len(rows))),
        marker={"color": [_colour(row) for row in rows]},
        hovertext=[_hover(row) for row in rows],
        hoverinfo="text",
    )
    _intervals(figure, rows)
    for at, (above, below) in enumerate(pairwise(rows)):
        _connect(figure, at, above, below)
    said = [_said(row) for row in rows]
    for at, words in enumerate(said):
        figure.add_annotation(**form.note(1, at, words, xref="paper", xanchor="left", xshift=8))
    room = 16 + round(6.6 * max((len(words) for words in said), default=0))
    low, high = _reach(rows)
    if low < 0:
        line = {"color": theme.LINE, "width": 1}
        figure.add_shape(type="line", line=line, x0=0, x1=0, y0=-0.5, y1=len(rows) - 0.5, layer="below")
    return figure.update_layout(xaxis=theme.axis(low, high), margin={"r": room})


def comparisons(table: pd.DataFrame) -> go.Figure:
    """Return the batch and each baseline that it can be held against (table: exhibit.comparisons).

    The dotted line is the rate of the baseline that the verdict uses; only the batch has the accent.
    """
    rows = [row | {"low": row["low_90"], "high": row["high_90"]} for row in theme.records(table)]
    used = next((row for row in rows if row["is_used"]), None)
    text = theme.Text(
        "comparisons", "The batch beside each baseline", theme.rule(table), _compared(rows, used)
    )
    spans = [_span(row) for row in rows]
    labels = [form.counted(row["title"], row["n"]) for row in rows]
    tops = [float(row["high"]) for row in rows if not number.is_null(row["high"])]
    overall = used["rate"] if used else None
    return form.spans(text, labels, spans, top=min(1.05 * max([*tops, 0.05]), 1.0), overall=overall)


def _bar(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with what its bar shows: the rate of a total, the points of a part."""
    if row["is_total"]:
        return row | {"value": row["rate"], "low": row["end_low"], "high": row["end_high"]}
    return row | {"value": row["points"], "low": row["low_points"], "high": row["high_points"]}


def _value(value: Any) -> float:
    return 0.0 if number.is_null(value) else float(value)


def _is_total(row: dict[str, Any]) -> bool:
    return bool(row["is_total"])


def _is_judged(row: dict[str, Any]) -> bool:
    return not number.is_null(row["value"])


def _colour(row: dict[str, Any]) -> str:
    if _is_total(row):
        return theme.DATA
    return theme.ACCENT if row["state"] == NAMED else theme.CONTEXT


def _intervals(figure: go.Figure, rows: list[dict[str, Any]]) -> None:
    """Draw the interval of each row around the end of its bar."""
    known = [(at, row) for at, row in enumerate(rows) if _is_judged(row) and not number.is_null(row["low"])]
    ends = [_value(row["rate"]) for _, row in known]
    ups = [max(float(row["high"]) - float(row["value"]), 0.0) for _, row in known]
    downs = [max(float(row["value"]) - float(row["low"]), 0.0) for _, row in known]
    line = {"color": theme.INK, "thickness": 1.5, "width": 0}
    error = {"type": "data", "symmetric": False, "array": ups, "arrayminus": downs, **line}
    look: dict[str, Any] = {"marker": {"color": theme.INK, "size": 0}, "hoverinfo": "skip"}
    figure.add_scatter(mode="markers", x=ends, y=[at for at, _ in known], error_x=error, **look)


def _connect(figure: go.Figure, at: int, row: dict[str, Any], below: dict[str, Any]) -> None:
    """Join the end of a row to the begin of the next, and to the sum; a part of nothing is a line."""
    end = _value(row["rate"])
    begin = at - HALF if abs(_value(row["value"])) < NOTHING else at + HALF
    ends = {"x0": end, "x1": end, "y0": begin, "y1": at + 1 - HALF}
    line = {"color": theme.GREY, "width": 1, **({"dash": "dot"} if _is_total(below) else {})}
    figure.add_shape(type="line", name=CONNECTOR, line=line, **ends)


def _reach(rows: list[dict[str, Any]]) -> tuple[float, float]:
    """Return the ends of the axis: from zero, or below it where an interval reaches there."""
    marks = [0.0]
    for row in rows:
        begin = 0.0 if _is_total(row) else _value(row["begin"])
        marks += [begin, begin + _value(row["value"])]
        marks += [begin + float(end) for end in (row["low"], row["high"]) if not number.is_null(end)]
    low, high = min(marks), max(marks)
    return min(low, 0.0), high or 1.0


def _said(row: dict[str, Any]) -> str:
    """Return what stands at a bar: the rate of a total; points, interval and state of a part."""
    if _is_total(row):
        return number.rate_with_interval(row["value"], row["low"], row["high"], row["n"])
    state = "" if number.is_null(row["state"]) else str(row["state"])
    if not _is_judged(row):
        return state or number.DASH
    value = number.points_with_interval(row["value"], row["low"], row["high"])
    return f"{value}, {state}" if state else value


def _hover(row: dict[str, Any]) -> str:
    lines = [theme.safe(row["title"]), _said(row)]
    if _is_total(row):
        lines.append(f"n = {number.count(row['n'])}")
    elif not number.is_null(row["p_harm"]):
        lines.append(f"probability that it cost more than 5 % of the baseline: {number.rate(row['p_harm'])}")
    if not number.is_null(row["note"]) and row["note"]:
        lines.append(theme.wrapped_lines(row["note"], 60))
    return "<br>".join(lines)


def _told(rows: list[dict[str, Any]]) -> str:
    """Return the bridge as sentences: from what to what, and what is shown of each part."""
    totals = [row for row in rows if _is_total(row)]
    if len(totals) < 2 or not all(_is_judged(row) for row in totals):
        return NO_BRIDGE
    base, seen = totals[0], totals[-1]
    gap = number.fine_points(float(seen["value"]) - float(base["value"]))
    way = f"From {number.rate(base['value'], base['n'])} to {number.rate(seen['value'], seen['n'])}, {gap}."
    parts = [row for row in rows if not _is_total(row)]
    groups = [(state, [row for row in parts if row["state"] == state]) for state in STATES]
    return " ".join([way, *(_group(state, found) for state, found in groups if found)])


def _group(state: str, rows: Iterable[dict[str, Any]]) -> str:
    names = [_named(row) if state == NAMED else str(row["title"]).lower() for row in rows]
    return f"{SPOKEN.get(state, state).capitalize()}: {', '.join(names)}."


def _named(row: dict[str, Any]) -> str:
    value = number.points_with_interval(row["value"], row["low"], row["high"])
    return f"{str(row['title']).lower()} {value}"


def _span(row: dict[str, Any]) -> form.Span:
    if not number.is_null(row["why_not"]) and row["why_not"]:
        why = str(row["why_not"])
        return form.Span(
            None, None, None, "not comparable", f"{theme.safe(row['title'])}<br>{theme.safe(why)}"
        )
    return form.rate_span(row["title"], row | {"is_outside": row["is_batch"]})


def _compared(rows: list[dict[str, Any]], used: dict[str, Any] | None) -> str:
    said = [
        f"{row['title']} {number.rate_with_interval(row['rate'], row['low'], row['high'], row['n'])} of "
        f"{number.count(row['n'])}"
        for row in rows
        if not number.is_null(row["rate"])
    ]
    judged = f" The verdict uses: {str(used['title']).lower()}." if used else ""
    return f"{'; '.join(said)}.{judged}" if said else "There is no baseline."
