"""The lead score: pictures of the tables of `metrics.score`. None of them shows a lead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from funnel import number
from funnel.charts import course, form, theme
from funnel.charts import score_words as words

HEIGHT, FOOT = 288, 48


def discrimination(table: pd.DataFrame) -> go.Figure:
    """Return the AUC of the score overall, within class and in each class (table: score.discrimination)."""
    rows = theme.records(table)
    text = _text("score-auc", "Does the score tell good leads apart?", table, words.told_apart(rows))
    if text.is_empty:
        return theme.blank(text, height=64)
    spans = [_area(row["group"], row, ("auc", "low", "high")) for row in rows]
    labels = [form.counted(row["group"], row["n"]) for row in rows]
    figure = form.spans(text, labels, spans, bottom=0.0, top=1.0, overall=0.5)
    return _ticked(figure, {0: "0", 0.5: ".5 chance", 1: "1"})


def compared(table: pd.DataFrame) -> go.Figure:
    """Return the AUC within class of the CRM's score and the reference (table: score.compared)."""
    rows = theme.records(table)
    finding = words.compared(rows)
    text = _text("score-reference", "The score beside a reference", table, finding)
    if text.is_empty:
        return theme.blank(text, height=64)
    names = ("auc_within", "within_low", "within_high")
    if all(number.is_null(row["auc_within"]) for row in rows):
        names = ("auc", "auc_low", "auc_high")
    spans = [_area(row["score"], row, names) for row in rows]
    figure = form.spans(text, [row["score"] for row in rows], spans, bottom=0.0, top=1.0, overall=0.5)
    return _ticked(figure, {0: "0", 0.5: ".5 chance", 1: "1"})


def calibration(table: pd.DataFrame) -> go.Figure:
    """Return the observed share beside the expected one, by fifth of the score (table: score.calibration)."""
    rows = theme.records(table)
    text = _text("score-calibration", "What the score promises, and what came", table, words.kept(rows))
    if text.is_empty:
        return theme.blank(text, height=64)
    top = min(
        1.3 * max(float(row[end]) for row in rows for end in ("high", "expected") if words.has(row, end)),
        1.0,
    )
    labels = [f"{row['score_low']:g}{number.DASH}{row['score_high']:g}" for row in rows]
    figure = theme.blank(text, height=HEIGHT, left=56)
    known = [at for at, row in enumerate(rows) if words.has(row, "expected")]
    expected = [float(rows[at]["expected"]) for at in known]
    line = {"color": theme.GREY, "width": 2}
    hovers = [
        f"expected {number.rate(value, rows[at]['n'])}" for at, value in zip(known, expected, strict=True)
    ]
    marker = {"color": theme.GREY, "size": 5}
    where = {"mode": "lines+markers", "x": known, "y": expected}
    figure.add_scatter(**where, line=line, marker=marker, hovertext=hovers, hoverinfo="text")
    rates = [float(row["rate"]) for row in rows]
    hovers = [words.promised(label, row) for label, row in zip(labels, rows, strict=True)]
    dots: dict[str, Any] = {"color": theme.DATA, "size": 9}
    error = _errors(rates, [row["low"] for row in rows], [row["high"] for row in rows])
    place = {"mode": "markers", "x": list(range(len(rows))), "y": rates, "cliponaxis": False}
    figure.add_scatter(**place, marker=dots, error_y=error, hovertext=hovers, hoverinfo="text")
    ticks = [(float(at), label) for at, label in enumerate(labels)]
    axes = {
        "xaxis": theme.axis(-0.5, len(rows) - 0.5, ticks),
        "yaxis": theme.axis(0, top, course.rate_ticks(top)),
    }
    figure.update_layout(**axes, margin={"b": FOOT, "r": 24})
    said = [("dots: observed, with 95 % interval", theme.DATA), ("line: expected", theme.GREY)]
    for row, (name, colour) in enumerate(said[: 1 + bool(known)]):
        look = {"font": {"size": theme.SMALL, "color": colour}, "xanchor": "left", "yanchor": "top"}
        figure.add_annotation(**form.note(0, 1 - 0.09 * row, name, xref="paper", yref="paper") | look)
    return figure


def lift(table: pd.DataFrame) -> go.Figure:
    """Return the share of the conversions in the highest tenths of the score (table: score.lift)."""
    rows = theme.records(table)
    text = _text("score-gains", "How many conversions the highest scores hold", table, words.gained(rows))
    if text.is_empty:
        return theme.blank(text, height=64)
    x = [0.0, *(float(row["share_above"]) for row in rows)]
    y, low, high = ([0.0, *(float(row[name]) for row in rows)] for name in ("gain", "gain_low", "gain_high"))
    figure = theme.blank(text, height=HEIGHT, left=56)
    band: dict[str, Any] = {"fill": "toself", "fillcolor": theme.BAND, "line": {"width": 0}}
    figure.add_scatter(
        mode="lines", x=[*x, *reversed(x)], y=[*high, *reversed(low)], hoverinfo="skip", **band
    )
    hovers = ["", *(words.held(row) for row in rows)]
    look = {"line": {"color": theme.DATA, "width": 2}, "marker": {"color": theme.DATA, "size": 5}}
    figure.add_scatter(mode="lines+markers", x=x, y=y, hovertext=hovers, hoverinfo="text", **look)
    dotted = {"color": theme.GREY, "width": 1, "dash": "dot"}
    figure.add_shape(type="line", x0=0, y0=0, x1=1, y1=1, line=dotted)
    ticks = [(at / 4, number.rate(at / 4)) for at in range(5)]
    xaxis = theme.axis(0, 1, [*ticks[:-1], (1.0, "all")])
    figure.update_layout(xaxis=xaxis, yaxis=theme.axis(0, 1.04, ticks), margin={"b": FOOT, "r": 24})
    below = {"xanchor": "left", "yanchor": "top"}
    figure.add_annotation(**form.note(0.54, 0.5, "drawn by lot", **below))
    foot = {"xanchor": "right", "yanchor": "bottom"}
    figure.add_annotation(**form.note(1, 0.02, "of hand-offs, highest first", **foot))
    return figure


def thresholds(table: pd.DataFrame) -> go.Figure:
    """Return rate and share kept by threshold, with the target (table: score.thresholds)."""
    rows = theme.records(table)
    text = _text("score-thresholds", "Which threshold meets the target", table, words.threshold(rows))
    if text.is_empty:
        return theme.blank(text, height=64)
    every = -(-len(rows) // 7)
    labels = [f"{row['threshold']:g}" if at % every == 0 else "" for at, row in enumerate(rows)]
    hovers = [words.cut(row) for row in rows]
    blank = [""] * len(rows)
    top = max(
        [float(row["high"]) for row in rows]
        + [float(rows[0]["target"] or 0) if words.has(rows[0], "target") else 0]
    )
    panels = [
        _panel("Converted, at or above", rows, ("rate", "low", "high"), blank, hovers, top),
        _panel("Conversions kept", rows, ("kept", "kept_low", "kept_high"), blank, hovers, 1.0),
    ]
    return course.panels(text, labels, panels)


def drift(table: pd.DataFrame) -> go.Figure:
    """Return how far score and inputs have moved, in multiples of the threshold (table: score.drift)."""
    rows = [row for row in theme.records(table) if words.has(row, "times_threshold")]
    rows = sorted(rows, key=lambda row: (not row["is_score"], -float(row["times_threshold"])))
    text = _text(
        "score-drift", "Have the leads changed since the score was judged?", table, words.moved(table, rows)
    )
    if text.is_empty or not rows:
        return theme.blank(
            theme.Text(text.name, text.title, text.rule, text.finding, is_empty=True), height=64
        )
    labels = [words.named(row["variable"]) for row in rows]
    values = [float(row["times_threshold"]) for row in rows]
    colours = [
        theme.ACCENT if row["is_shifted"] is True or row["is_shifted"] == 1 else theme.DATA for row in rows
    ]
    texts = [f"{value:.1f}" for value in values]
    hovers = [words.moving(label, row) for label, row in zip(labels, rows, strict=True)]
    figure = form.bars(text, labels, values, texts, hovers, colours=colours)
    ends = {"x0": 1, "x1": 1, "y0": -0.5, "y1": len(rows) - 0.5}
    figure.add_shape(type="line", line={"color": theme.GREY, "width": 1, "dash": "dot"}, **ends)
    return _ticked(figure, {1: "threshold"})


def inputs(table: pd.DataFrame) -> go.Figure:
    """Return what each input carries of the reference score (table: score.inputs)."""
    rows = theme.records(table)
    finding = "" if words.refusal(rows) else words.carried(rows)
    text = _text("score-inputs", "What tells good leads apart", table, finding)
    if text.is_empty:
        return theme.blank(text, height=64)
    top = max([0.02, *(float(row["drop_high"]) for row in rows)])
    bottom = min([0.0, *(float(row["drop_low"]) for row in rows)])
    spans = []
    for row in rows:
        drop, low, high = (words.auc(row[name], 3) for name in ("drop", "drop_low", "drop_high"))
        said = f"{drop} ({low} to {high})"
        hover = f"{theme.safe(words.named(row['variable']))}<br>{said}"
        spans.append(form.Span(row["drop"], row["drop_low"], row["drop_high"], said, hover))
    labels = [words.named(row["variable"]) for row in rows]
    return form.spans(text, labels, spans, bottom=bottom, top=top, overall=0.0)


def _text(name: str, title: str, table: pd.DataFrame, finding: str) -> theme.Text:
    """Return the text of a figure; of a refusal the reason is the finding, and nothing is drawn."""
    why = words.refusal(theme.records(table))
    return theme.Text(name, title, theme.rule(table), why or finding, is_empty=bool(why))


def _area(label: Any, row: dict[str, Any], names: tuple[str, str, str]) -> form.Span:
    value, low, high = (row[name] for name in names)
    said = number.DASH if number.is_null(value) else words.auc_with(value, low, high)
    hover = f"{theme.safe(label)}<br>AUC {said}<br>n = {number.count(row['n'])}"
    return form.Span(value, low, high, said, hover)


def _panel(
    title: str,
    rows: list[dict[str, Any]],
    names: tuple[str, str, str],
    marks: Sequence[str],
    hovers: Sequence[str],
    top: float,
) -> course.Panel:
    value, low, high = names
    goal = rows[0]["target"] if value == "rate" and words.has(rows[0], "target") else None
    said = f"{title}; target {number.rate(goal)}" if goal is not None else title
    lists = ([row[name] for row in rows] for name in (value, low, high))
    values, lows, highs = lists
    return course.Panel(said, values, lows, highs, marks, course.rate_ticks(top), hovers, goal)


def _errors(values: Sequence[float], lows: Sequence[Any], highs: Sequence[Any]) -> dict[str, Any]:
    ups = [max(float(high) - value, 0.0) for value, high in zip(values, highs, strict=True)]
    downs = [max(value - float(low), 0.0) for value, low in zip(values, lows, strict=True)]
    style = {"color": theme.DATA, "thickness": 1.5, "width": 0}
    return {"type": "data", "symmetric": False, "array": ups, "arrayminus": downs, **style}


def _ticked(figure: go.Figure, ticks: dict[float, str]) -> go.Figure:
    """Give rows an axis below them, with room of its own."""
    figure.update_layout(height=figure.layout.height + 24, margin={"b": figure.layout.margin.b + 24})
    return figure.update_xaxes(tickvals=list(ticks), ticktext=list(ticks.values()))
