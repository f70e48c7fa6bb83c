"""The bridges as waterfalls: two counts of one thing, what moved the pipeline, why a KPI changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from funnel import number
from funnel.charts import theme
from funnel.charts.bridge_change import change, segments
from funnel.charts.bridge_line import MARKS, absent, bar, emptied, lowered, signed
from funnel.charts.waterfall import waterfall

__all__ = ["change", "counts", "pipeline", "segments"]

RARE = ("reopened", "moved_in", "valued", "slipped", "undated")


def counts(table: pd.DataFrame) -> go.Figure:
    """Return marketing's count to sales' count, line by line (table: bridge.counts)."""
    rows = theme.records(table)
    known = [row for row in rows if not number.is_null(row["n"])]
    finding = _counted(rows) if known else absent(rows)
    text = theme.Text("bridge-counts", "Two counts of one thing", f"{theme.rule(table)} {MARKS}", finding)
    if not known:
        return waterfall(emptied(text), [], nothing=0.5)
    most = max((abs(_whole(row["change"])) for row in rows), default=0)
    bars, at = [], 0.0
    for row in rows:
        value = float(row["n"] if row["is_total"] else _whole(row["change"]))
        is_most = not row["is_total"] and most > 0 and abs(value) == most
        said = number.count(row["n"]) if row["is_total"] else _count_said(row)
        bars.append(bar(row, at, value, said, _count_hover(row), is_accent=is_most))
        at = bars[-1].end
    return waterfall(text, bars, nothing=0.5)


def pipeline(table: pd.DataFrame) -> go.Figure:
    """Return the pipeline at the start to that at the end (table: bridge.pipeline, without segments).

    By amount; by number where no amount is known. Lines that are rarely used are left out while empty.
    """
    rows = [row for row in theme.records(table) if row["line"] not in RARE or row["n"] or _is_due(row)]
    unit = "n_change" if all(number.is_null(row["cents"]) for row in rows) else "amount"
    known = [row for row in rows if not number.is_null(row["n"])]
    scope = "due in it" if len(rows) and rows[0]["scope"] == "due" else "open"
    finding = _moved(rows, unit) if known else absent(rows)
    rule = f"{theme.rule(table)} {MARKS}"
    text = theme.Text("bridge-pipeline", f"What moved the pipeline ({scope})", rule, finding)
    if not known:
        return waterfall(emptied(text), [], nothing=0.5)
    bars, at = [], 0.0
    for row in rows:
        value = 0.0 if number.is_null(row[unit]) else float(row[unit])
        said = _missing(row) or _with_n(row, unit)
        bars.append(bar(row, at, value, said, _pipeline_hover(row), is_accent=False))
        at = bars[-1].end
    return waterfall(text, bars, nothing=0.5)


def _missing(row: dict[str, Any]) -> str:
    return str(row["state"]) if number.is_null(row["n"]) else ""


def _whole(value: Any) -> int:
    return 0 if number.is_null(value) else int(value)


def _count_said(row: dict[str, Any]) -> str:
    if number.is_null(row["change"]):
        return str(row["state"])
    moved = [
        f"{number.count(row[name])} {way}" for name, way in (("n_in", "in"), ("n_out", "out")) if row[name]
    ]
    both = f" ({', '.join(moved)})" if len(moved) > 1 else ""
    return f"{signed(row['change'], number.count(row['change']))}{both}"


def _count_hover(row: dict[str, Any]) -> str:
    lines = [theme.safe(row["title"]), f"{number.count(row['n'])} {row['unit']} after it"]
    lines += [theme.safe(row["missing"])] if not number.is_null(row["missing"]) else []
    lines += [f"{number.count(row['n_unknown'])} could not be judged"] if _whole(row["n_unknown"]) else []
    return "<br>".join(lines)


def _counted(rows: Sequence[dict[str, Any]]) -> str:
    start, end = rows[0], rows[-1]
    gap = int(end["n"]) - int(start["n"])
    moves = sorted((row for row in rows if _whole(row["change"])), key=lambda row: -abs(row["change"]))
    said = [f"{lowered(row['title'])} {signed(row['change'], number.count(row['change']))}" for row in moves]
    way = f"{number.count(start['n'])} by marketing's dashboard, {number.count(end['n'])} by sales"
    if not moves:
        return f"{way}: no difference."
    return f"{way} ({signed(gap, number.count(gap)) or '0'}): {'; '.join(said)}."


def _is_due(row: dict[str, Any]) -> bool:
    return bool(row["scope"] == "due" and row["line"] in ("moved_in", "slipped"))


def _with_n(row: dict[str, Any], unit: str) -> str:
    n = number.count(row["n"])
    if unit == "n_change":
        return n if row["is_total"] else signed(row["n_change"], number.count(row["n_change"]))
    amount = number.money(row["amount"], row["currency"])
    return f"{amount if row['is_total'] else signed(row['amount'], amount)} ({n})"


def _pipeline_hover(row: dict[str, Any]) -> str:
    lines = [theme.safe(row["title"]), _missing(row) or f"{number.count(row['n'])} opportunities"]
    lines += [number.money(row["amount"], row["currency"])] if not number.is_null(row["amount"]) else []
    lines += [theme.safe(row["missing"])] if not number.is_null(row["missing"]) else []
    lines += [f"{number.count(row['n_unknown'])} without a known amount"] if _whole(row["n_unknown"]) else []
    return "<br>".join(lines)


def _moved(rows: Sequence[dict[str, Any]], unit: str) -> str:
    said = [
        f"{lowered(row['title'])} {_with_n(row, unit)}"
        for row in rows
        if not row["is_total"] and not number.is_null(row["n"]) and row["n"]
    ]
    way = f"From {_with_n(rows[0], unit)} to {_with_n(rows[-1], unit)}"
    left = _whole(rows[0]["n_left_out"])
    out = f" {number.count(left)} without a day of creation are left out." if left else ""
    return f"{way}: {'; '.join(said) or 'nothing moved'}.{out}"
