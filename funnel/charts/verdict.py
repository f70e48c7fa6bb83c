"""The verdict on a disputed batch: the bridge from the baseline rate to the observed one, part by part."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from funnel import number
from funnel.charts import form, theme, waterfall

NAMED = "named"
STATES = (NAMED, "excluded", "neither", "not judged")
SPOKEN = {"neither": "neither named nor excluded"}
NOTHING = 0.0005
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
    return waterfall.waterfall(text, [_drawn(row) for row in rows], nothing=NOTHING)


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


def _drawn(row: dict[str, Any]) -> waterfall.Bar:
    judged = _is_judged(row)
    return waterfall.Bar(
        title=row["title"],
        begin=_value(row["begin"]),
        value=_value(row["value"]),
        end=_value(row["rate"]),
        said=_said(row),
        hover=_hover(row),
        colour=_colour(row),
        is_total=_is_total(row),
        low=row["low"] if judged else None,
        high=row["high"] if judged else None,
    )


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
