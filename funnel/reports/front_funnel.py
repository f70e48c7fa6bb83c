"""The funnel of the front page: the latest mature cohort beside the one before, bars with numbers."""

from __future__ import annotations

from typing import Any

import pandas as pd
from markupsafe import Markup

from funnel import number
from funnel.charts import mark, theme

EXITS = ("rejected", "recycled", "lost", "open")
ROOM = 0.78  # of the width of the cell; the rest is for the number at the end of the bar
TALL, LOW = 14, 6


def funnel(now: pd.DataFrame, compared: pd.DataFrame) -> dict[str, Any]:
    """Return the stages with counts, steps and exits (tables: conversion.funnel and .funnel_compared)."""
    rows, pairs = theme.records(now), theme.records(compared)
    most = max([0, *(row["n"] for row in pairs), *(row["n_before"] for row in pairs)]) or 1
    colours = theme.shades(len(rows))
    view = [
        _row(row, pair, most, colour, rows[0]["position"])
        for row, pair, colour in zip(rows, pairs, colours, strict=True)
    ]
    return {
        "rows": view if rows and rows[0]["n"] else [],
        "key": [name for name in EXITS if any(row[f"n_{name}"] for row in rows[:-1])],
        "now": _span(pairs, "start_on", "end_on"),
        "before": _span(pairs, "before_on", "start_on"),
        "rule": theme.rule(now),
    }


def _row(row: dict[str, Any], pair: dict[str, Any], most: int, colour: str, first: int) -> dict[str, Any]:
    is_first = row["position"] == first
    is_last = number.is_null(row["next_rate"])
    return {
        "title": row["title"],
        "bar": _bar(row["n"] / most, colour, TALL),
        "n": number.count(row["n"]),
        "bar_before": _bar(pair["n_before"] / most, theme.CONTEXT, LOW),
        "n_before": number.count(pair["n_before"]),
        "next": ""
        if is_last
        else number.rate_with_interval(row["next_rate"], row["next_low"], row["next_high"], row["n"]),
        "next_before": "" if is_last else _before(pair["next_rate_before"], pair["n_before"]),
        "rate": "" if is_first else number.rate(row["rate"], row["n_persons"]),
        "rate_before": "" if is_first else _before(pair["rate_before"], row["n_persons"]),
        "exits": [
            {"name": name, "n": number.count(row[f"n_{name}"])}
            for name in EXITS
            if row[f"n_{name}"] and not is_last
        ],
    }


def _before(rate: Any, n: Any) -> str:
    return f"before {number.rate(rate, n)}"


def _span(pairs: list[dict[str, Any]], start: str, end: str) -> str:
    if not pairs or number.is_null(pairs[0][start]) or number.is_null(pairs[0][end]):
        return "all to date"
    return number.span(pairs[0][start], pairs[0][end])


def _bar(share: float, colour: str, height: int) -> Markup:
    return Markup(mark.bar(share * ROOM, colour, height=height))  # noqa: S704 -- numbers and our own colours
