"""The evidence of an audit: how the batch was followed up, what it failed, what contradicts itself."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from funnel import number
from funnel.charts import course, form, step, theme

OWN = "this batch"
PALE = "rgba(154, 165, 173, 0.2)"
HEIGHT, FOOT, HEADROOM = 264, 40, 1.16
MOST = 20


def first_touch(table: pd.DataFrame) -> go.Figure:
    """Return the share first touched by business hour, batch beside baseline (table: exhibit.first_touch).

    The batch has the accent; both have their 95 % band and their name at the line.
    """
    names = sorted(set(table["group"]), key=lambda name: name == OWN)
    groups = {name: theme.records(table[table["group"] == name]) for name in names}
    rule = f"{theme.rule(table)} Band: 95 %." if groups else ""
    text = theme.Text("first-touch", "How soon they were touched", rule, _waited(groups), is_empty=not groups)
    figure = theme.blank(text, height=HEIGHT, left=56)
    top = max([float(row["high"]) for rows in groups.values() for row in rows], default=1.0)
    for name, rows in groups.items():
        look = (theme.ACCENT, "rgba(213, 94, 0, 0.2)") if name == OWN else (theme.GREY, PALE)
        _line(figure, name, rows, *look)
    _names(figure, groups, top)
    last = max([float(row["age_hours"]) for rows in groups.values() for row in rows], default=1.0)
    yaxis = theme.axis(0, HEADROOM * top, course.rate_ticks(top))
    figure.update_layout(xaxis=step.age_axis(last, "h"), yaxis=yaxis, margin={"r": 24, "b": FOOT})
    return figure


def clauses(table: pd.DataFrame) -> go.Figure:
    """Return the definition and each clause by the share that failed it (table: exhibit.clauses)."""
    rows = theme.records(table.head(MOST))
    spans = [
        form.rate_span(row["title"], row | {"is_outside": row["is_whole"] and row["is_batch"]})
        for row in rows
    ]
    text = theme.Text(
        "clauses",
        "What of the definition was not met",
        theme.rule(table),
        _unmet(rows),
        is_empty=not _known(rows),
    )
    labels = [form.counted(row["title"], row["n"]) for row in rows]
    return form.spans(text, labels, spans, top=_top(rows))


def contradictions(table: pd.DataFrame) -> go.Figure:
    """Return how many leads show each contradiction (table: exhibit.contradictions)."""
    rows = theme.records(table.head(MOST))
    finding = (
        f"Most frequent: {rows[0]['title']}, {number.count(rows[0]['n'])} of "
        f"{number.count(rows[0]['n_of'])} leads."
        if rows
        else "No lead's record contradicts itself."
    )
    text = theme.Text("contradictions", "Records that contradict themselves", theme.rule(table), finding)
    texts = [f"{number.count(row['n'])}, {number.rate(row['rate'], row['n_of'])}" for row in rows]
    hovers = [f"{theme.safe(row['title'])}<br>{said}" for row, said in zip(rows, texts, strict=True)]
    return form.bars(text, [row["title"] for row in rows], [row["n"] for row in rows], texts, hovers)


def recycled(table: pd.DataFrame) -> go.Figure:
    """Return the share of recycled leads that converted later, by reason (table: Audit.recycled)."""
    rows = theme.records(table.head(MOST))
    total = next((row for row in rows if row["is_total"]), None)
    finding = (
        f"{number.count(total['n_converted'])} of {number.count(total['n'])} recycled leads converted later; "
        f"{number.count(total['n_returned'])} came back."
        if total and total["n"]
        else "No lead of the batch was recycled."
    )
    is_empty = not (total and total["n"])
    text = theme.Text(
        "recycled", "What recycled leads yielded", theme.rule(table), finding, is_empty=is_empty
    )
    names = ["all reasons" if row["is_total"] else form.named(row["reason"]) for row in rows]
    spans = [form.rate_span(name, row) for name, row in zip(names, rows, strict=True)]
    labels = [form.counted(name, row["n"]) for name, row in zip(names, rows, strict=True)]
    return form.spans(text, labels, spans, top=_top(rows))


def _line(figure: go.Figure, name: str, rows: list[dict[str, Any]], colour: str, pale: str) -> None:
    ages = [float(row["age_hours"]) for row in rows]
    sides = ([float(row[end]) for row in rows] for end in ("low", "high"))
    look: dict[str, Any] = {"fill": "toself", "fillcolor": pale, "line": {"width": 0}}
    figure.add_scatter(mode="lines", hoverinfo="skip", **look, **step.outline(ages, *sides))
    x, y = step.steps(ages, [float(row["rate"]) for row in rows])
    hovers = [_hover(name, row) for row in rows for _ in (0, 1)][1:]
    line = {"color": colour, "width": 2}
    figure.add_scatter(mode="lines", x=x, y=y, line=line, hovertext=hovers, hoverinfo="text")


def _names(figure: go.Figure, groups: dict[str, list[dict[str, Any]]], top: float) -> None:
    """Write the name and the last share of each line above its band, apart from each other."""
    last = sorted((rows[-1] for rows in groups.values()), key=lambda row: float(row["high"]))
    places = step.apart([float(row["high"]) / (HEADROOM * top) for row in last], 20 / (HEIGHT - FOOT))
    for row, place in zip(last, places, strict=True):
        said = f"{row['group']} {_share(row)}"
        colour = {"font": {"size": theme.SMALL, "color": theme.INK if row["group"] == OWN else theme.GREY}}
        where = {"xanchor": "right", "yanchor": "bottom"}
        figure.add_annotation(**form.note(row["age_hours"], place * HEADROOM * top, said, **where) | colour)


def _waited(groups: dict[str, list[dict[str, Any]]]) -> str:
    if not groups:
        return "Follow-up cannot be judged: no touch is recorded, or no hand-off is old enough."
    return " ".join(
        _at_day(name, rows) for name, rows in sorted(groups.items(), key=lambda item: item[0] != OWN)
    )


def _at_day(name: str, rows: list[dict[str, Any]]) -> str:
    first, last = next(row for row in rows if row["age_hours"] >= 8), rows[-1]
    n = number.count(last["n"])
    return (
        f"{name.capitalize()}: {_share(first)} touched within {first['age_hours']:g} business hours, "
        f"{_share(last)} within {last['age_hours']:g}, never {number.count(last['n_untouched'])} of {n}."
    )


def _share(row: dict[str, Any]) -> str:
    return number.rate_with_interval(row["rate"], row["low"], row["high"], row["n"])


def _hover(name: str, row: dict[str, Any]) -> str:
    counts = f"{number.count(row['n_touched'])} of {number.count(row['n'])}"
    return f"{theme.safe(name)}<br>by {row['age_hours']:g}{number.GAP}h: {_share(row)}<br>{counts}"


def _known(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if not number.is_null(row["rate"])]


def _top(rows: list[dict[str, Any]]) -> float:
    return min(1.05 * max([float(row["high"]) for row in _known(rows)] + [0.1]), 1.0)


def _unmet(rows: list[dict[str, Any]]) -> str:
    whole = [row for row in _known(rows) if row["is_whole"]]
    if not whole:
        return "No clause could be judged."
    said = "; ".join(f"{_group(row)} {_share(row)} of {number.count(row['n'])}" for row in whole)
    parts = [row for row in _known(rows) if not row["is_whole"] and row["n_failed"]]
    most = (
        f" Failed most often: “{parts[0]['title']}”, {_share(parts[0])}."
        if parts
        else " No clause was failed."
    )
    return f"Not met: {said}.{most}"


def _group(row: dict[str, Any]) -> str:
    return OWN if row["is_batch"] else "baseline"
