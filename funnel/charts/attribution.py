"""Attribution: the same amounts under each rule side by side, and what a chain loses without each value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from funnel import number
from funnel.charts import form, theme
from funnel.charts.origin import combinations as combinations
from funnel.charts.origin import origins as origins

MOST = 12
KINDS = {"first": "first touch", "last": "last touch"}
OTHER = "other rules"
SIZES = {"first touch": 11, "last touch": 11, OTHER: 7}


def credits(table: pd.DataFrame, *, by: str) -> go.Figure:
    """Return what each rule books to each value, as dots on one scale (table: attribution.credits).

    A row is a value, a grey line spans the rules; the values with the largest credit under any rule, and what
    has no eligible touch. Where no amount is known, opportunities are counted in its place.
    """
    measure = "credit_amount" if table["credit_amount"].notna().any() else "n_credit"
    shown = table[(table["line"] != "total") & table[measure].notna()]
    groups = [theme.records(rows) for _, rows in shown.groupby(["line", "value"], sort=False, dropna=False)]
    groups = sorted(groups, key=lambda rows: (rows[0]["line"] != "value", -max(row[measure] for row in rows)))
    values = [rows for rows in groups if rows[0]["line"] == "value"][:MOST]
    groups = [*values, *(rows for rows in groups if rows[0]["line"] != "value")]
    total = table.loc[table["line"] == "total", measure].max()
    text = theme.Text(
        f"credits-{_slug(table)}-{by}",
        f"{_whole(table)}, by {by}: where each rule books it",
        f"{theme.rule(table)} Dots: one rule each; line: their spread.",
        _spread(values, groups, measure, total),
        key=("first touch", "last touch", OTHER),
        is_empty=not groups,
    )
    return _dots(text, groups, measure)


def removal(table: pd.DataFrame, *, by: str) -> go.Figure:
    """Return the share of conversions that the chain loses without a value (table: attribution.removal)."""
    rows = [row for row in theme.records(table) if not number.is_null(row["removal_rate"])][:MOST]
    finding = "There is no path that converts, so that nothing can be lost."
    if rows:
        first, share = form.named(rows[0]["value"]), number.rate(rows[0]["removal_rate"])
        chance = number.rate(rows[0]["conversion_rate"])
        finding = f"Of all paths {chance} convert; without {first} the chain would lose {share} of these."
    text = theme.Text(f"removal-{by}", f"Markov: what is lost without each {by}", theme.rule(table), finding)
    texts = [number.rate(row["removal_rate"]) for row in rows]
    hovers = [
        f"{theme.safe(form.named(row['value']))}<br>{said} of the conversions<br>"
        f"in {number.count(row['n_paths'])} paths"
        for row, said in zip(rows, texts, strict=True)
    ]
    labels = [form.counted(row["value"], row["n_paths"]) for row in rows]
    return form.bars(text, labels, [row["removal_rate"] for row in rows], texts, hovers)


def _dots(text: theme.Text, groups: Sequence[list[dict[str, Any]]], measure: str) -> go.Figure:
    figure = form.blank_rows(text, [_named(rows[0]) for rows in groups])
    ends = [(min(row[measure] for row in rows), max(row[measure] for row in rows)) for rows in groups]
    lows = [low for low, _ in ends]
    figure.add_scatter(
        mode="markers",
        cliponaxis=False,
        x=lows,
        y=list(range(len(groups))),
        marker={"color": theme.CONTEXT, "size": 1},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [high - low for low, high in ends],
            "arrayminus": [0.0] * len(ends),
            "color": theme.CONTEXT,
            "thickness": 1.5,
            "width": 0,
        },
        hoverinfo="skip",
    )
    for kind in (OTHER, "last touch", "first touch"):
        places = [(at, row) for at, rows in enumerate(groups) for row in rows if _kind(row) == kind]
        figure.add_scatter(
            mode="markers",
            cliponaxis=False,
            name=kind,
            x=[row[measure] for _, row in places],
            y=[at for at, _ in places],
            marker={"color": theme.outcome_colour(kind), "size": SIZES[kind]},
            hovertext=[_hover(row, measure) for _, row in places],
            hoverinfo="text",
        )
    said = [_ends(rows, measure) for rows in groups]
    for at, words in enumerate(said):
        figure.add_annotation(**form.note(1, at, words, xref="paper", xanchor="left", xshift=8))
    room = 16 + round(7 * max((len(words) for words in said), default=0))
    return figure.update_layout(
        xaxis=theme.axis(0, 1.02 * max((high for _, high in ends), default=1) or 1), margin={"r": room}
    )


def _kind(row: dict[str, Any]) -> str:
    return KINDS.get(row["credit_rule"], OTHER)


def _named(row: dict[str, Any]) -> str:
    return form.named(row["value"]) if row["line"] == "value" else str(row["line"])


def _said(value: Any, measure: str, row: dict[str, Any]) -> str:
    if measure == "credit_amount":
        return number.money(value, row["currency"])
    return f"{value:,.1f} opportunities" if value % 1 else f"{value:,.0f} opportunities"


def _ends(rows: list[dict[str, Any]], measure: str) -> str:
    low, high = (_said(end(row[measure] for row in rows), measure, rows[0]) for end in (min, max))
    return low if low == high else f"{low} {number.DASH} {high}"


def _hover(row: dict[str, Any], measure: str) -> str:
    share = number.rate(row["credit_share"])
    return (
        f"{theme.safe(_named(row))}<br>{row['title']}: {_said(row[measure], measure, row)} ({share})<br>"
        f"{theme.wrapped_lines(row['words'], 48)}<br>{number.count(row['n_opportunities'])} opportunities"
    )


def _spread(
    values: Sequence[list[dict[str, Any]]], groups: Sequence[list[dict[str, Any]]], measure: str, total: Any
) -> str:
    """Return where the rules differ most, in a sentence; or that they agree."""
    if not values:
        return "There is nothing to book, or no touch to book it to."
    stated = [rows for rows in values if not number.is_null(rows[0]["value"])] or values
    widest = max(stated, key=lambda rows: max(r[measure] for r in rows) - min(r[measure] for r in rows))
    low, high = (end(widest, key=lambda row: row[measure]) for end in (min, max))
    whole = _said(total, measure, low)
    rest = [rows[0] for rows in groups if rows[0]["line"] == "no eligible touch"]
    ending = f" No eligible touch: {_said(rest[0][measure], measure, low)}." if rest else ""
    if high[measure] - low[measure] < 0.01 * len(values):
        return (
            f"All rules agree on where {whole} is booked: no path has more than one place to book to.{ending}"
        )
    return (
        f"The rule decides most for {_named(low)}: {_said(low[measure], measure, low)} ({low['title']}) to "
        f"{_said(high[measure], measure, high)} ({high['title']}), of {whole} in all.{ending}"
    )


def _whole(table: pd.DataFrame) -> str:
    return "Pipeline created" if _slug(table) == "pipeline" else "Amount won"


def _slug(table: pd.DataFrame) -> str:
    return "pipeline" if theme.rule(table).startswith("Pipeline") else "won"
