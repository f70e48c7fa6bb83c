"""The bridges as waterfalls: two counts of one thing, what moved the pipeline, why a KPI changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from funnel import number
from funnel.charts import theme
from funnel.charts.waterfall import Bar, waterfall

RARE = ("reopened", "moved_in", "valued", "slipped", "undated")
MOST = 9
REST = "all others"
MARKS = "Bar: what the line does, from where the lines above it end. The lines add up exactly."
CHANCE = "Black: 95 % interval; orange: clear of nothing."


def counts(table: pd.DataFrame) -> go.Figure:
    """Return marketing's count to sales' count, line by line (table: bridge.counts)."""
    rows = theme.records(table)
    known = [row for row in rows if not number.is_null(row["n"])]
    finding = _counted(rows) if known else _absent(rows)
    text = theme.Text("bridge-counts", "Two counts of one thing", f"{theme.rule(table)} {MARKS}", finding)
    if not known:
        return waterfall(_emptied(text), [], nothing=0.5)
    most = max((abs(_whole(row["change"])) for row in rows), default=0)
    bars, at = [], 0.0
    for row in rows:
        value = float(row["n"] if row["is_total"] else _whole(row["change"]))
        is_most = not row["is_total"] and most > 0 and abs(value) == most
        said = number.count(row["n"]) if row["is_total"] else _count_said(row)
        bars.append(_bar(row, at, value, said, _count_hover(row), is_accent=is_most))
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
    finding = _moved(rows, unit) if known else _absent(rows)
    rule = f"{theme.rule(table)} {MARKS}"
    text = theme.Text("bridge-pipeline", f"What moved the pipeline ({scope})", rule, finding)
    if not known:
        return waterfall(_emptied(text), [], nothing=0.5)
    bars, at = [], 0.0
    for row in rows:
        value = 0.0 if number.is_null(row[unit]) else float(row[unit])
        said = _missing(row) or _with_n(row, unit)
        bars.append(_bar(row, at, value, said, _pipeline_hover(row), is_accent=False))
        at = bars[-1].end
    return waterfall(text, bars, nothing=0.5)


def change(table: pd.DataFrame) -> go.Figure:
    """Return a KPI before, what each factor did, and the KPI now (table: bridge.change)."""
    rows = [row for row in theme.records(table) if not row["is_segment"]]
    unit, currency, is_known = _measure(rows)
    finding = _why(rows) if is_known else _absent(rows)
    rule = f"{theme.rule(table)} {MARKS} {CHANCE}"
    text = theme.Text("bridge-change", "Why it changed", rule, finding)
    if not is_known:
        return waterfall(_emptied(text), [], nothing=0.5)
    bars, at = [], 0.0
    for row in rows:
        said = _value_said(row["effect"], unit, currency, row["is_total"])
        said = said if row["is_total"] else f"{said} {_interval(row, unit, currency)}".strip()
        hover = f"{theme.safe(row['title'])}<br>{said}"
        bars.append(_bar(row, at, float(row["effect"]), said, hover, is_accent=is_shown(row)))
        at = bars[-1].end
    return waterfall(text, bars, nothing=_nothing(rows))


def segments(table: pd.DataFrame) -> go.Figure:
    """Return a KPI before, what each segment did to it by all factors together, and the KPI now.

    Of more than nine segments the smallest effects are one bar (table: bridge.change, with `by`).
    """
    ends = [row for row in theme.records(table) if row["is_total"]]
    unit, currency, is_known = _measure(ends)
    inner = table[table["is_segment"].astype(bool)]
    effects = inner.assign(segment=inner["segment"].astype("object")).groupby("segment", dropna=False)
    parts = effects["effect"].sum().sort_values(key=lambda one: -one.abs(), kind="stable")
    whole = _rest(ends, parts)
    named = [(_name(name), float(value)) for name, value in parts.iloc[:MOST].items()]
    named += [(REST, float(parts.iloc[MOST:].sum()))] if len(parts) > MOST else []
    named += [("not of a segment", whole)] if abs(whole) > 1e-9 * max(abs(ends[-1]["effect"]), 1) else []
    rule = f"{theme.rule(table)} {MARKS} Each bar: all factors of one segment together."
    finding = _segmented(named, unit, currency) if is_known and len(parts) else _absent(ends)
    text = theme.Text("bridge-segments", "Which segments changed it", rule, finding)
    if not is_known or not len(parts):
        return waterfall(_emptied(text), [], nothing=0.5)
    rows = [
        {"title": name, "effect": value, "is_total": False}
        for name, value in named
    ]  # fmt: skip
    bars, at = [], 0.0
    for row in [ends[0], *rows, ends[-1]]:
        said = _value_said(row["effect"], unit, currency, row["is_total"])
        hover = f"{theme.safe(row['title'])}<br>{said}"
        bars.append(_bar(row, at, float(row["effect"]), said, hover, is_accent=False))
        at = bars[-1].end
    return waterfall(text, bars, nothing=_nothing(ends))


def is_shown(row: dict[str, Any]) -> bool:
    """Say whether an effect is shown: its whole interval lies on one side of nothing."""
    if row["is_total"] or number.is_null(row.get("low")) or number.is_null(row.get("high")):
        return False
    return bool(float(row["low"]) > 0 or float(row["high"]) < 0)


def _bar(row: dict[str, Any], at: float, value: float, said: str, hover: str, *, is_accent: bool) -> Bar:
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


def _emptied(text: theme.Text) -> theme.Text:
    return theme.Text(text.name, text.title, text.rule, text.finding, is_empty=True)


def _absent(rows: Sequence[dict[str, Any]]) -> str:
    said = [str(row["missing"]) for row in rows if not number.is_null(row["missing"])]
    return f"Not in this source: {said[0]}." if said else "There is nothing to bridge."


def _missing(row: dict[str, Any]) -> str:
    return str(row["state"]) if number.is_null(row["n"]) else ""


def _whole(value: Any) -> int:
    return 0 if number.is_null(value) else int(value)


def _signed(value: float, said: str) -> str:
    return f"+{said}" if value > 0 else said


def _count_said(row: dict[str, Any]) -> str:
    if number.is_null(row["change"]):
        return str(row["state"])
    moved = [
        f"{number.count(row[name])} {way}" for name, way in (("n_in", "in"), ("n_out", "out")) if row[name]
    ]
    both = f" ({', '.join(moved)})" if len(moved) > 1 else ""
    return f"{_signed(row['change'], number.count(row['change']))}{both}"


def _count_hover(row: dict[str, Any]) -> str:
    lines = [theme.safe(row["title"]), f"{number.count(row['n'])} {row['unit']} after it"]
    lines += [theme.safe(row["missing"])] if not number.is_null(row["missing"]) else []
    lines += [f"{number.count(row['n_unknown'])} could not be judged"] if _whole(row["n_unknown"]) else []
    return "<br>".join(lines)


def _counted(rows: Sequence[dict[str, Any]]) -> str:
    start, end = rows[0], rows[-1]
    gap = int(end["n"]) - int(start["n"])
    moves = sorted((row for row in rows if _whole(row["change"])), key=lambda row: -abs(row["change"]))
    said = [
        f"{_lowered(row['title'])} {_signed(row['change'], number.count(row['change']))}" for row in moves
    ]
    way = f"{number.count(start['n'])} by marketing's dashboard, {number.count(end['n'])} by sales"
    if not moves:
        return f"{way}: no difference."
    return f"{way} ({_signed(gap, number.count(gap)) or '0'}): {'; '.join(said)}."


def _lowered(title: Any) -> str:
    text = str(title)
    return text[:1].lower() + text[1:]


def _is_due(row: dict[str, Any]) -> bool:
    return bool(row["scope"] == "due" and row["line"] in ("moved_in", "slipped"))


def _with_n(row: dict[str, Any], unit: str) -> str:
    n = number.count(row["n"])
    if unit == "n_change":
        return n if row["is_total"] else _signed(row["n_change"], number.count(row["n_change"]))
    amount = number.money(row["amount"], row["currency"])
    return f"{amount if row['is_total'] else _signed(row['amount'], amount)} ({n})"


def _pipeline_hover(row: dict[str, Any]) -> str:
    lines = [theme.safe(row["title"]), _missing(row) or f"{number.count(row['n'])} opportunities"]
    lines += [number.money(row["amount"], row["currency"])] if not number.is_null(row["amount"]) else []
    lines += [theme.safe(row["missing"])] if not number.is_null(row["missing"]) else []
    lines += [f"{number.count(row['n_unknown'])} without a known amount"] if _whole(row["n_unknown"]) else []
    return "<br>".join(lines)


def _moved(rows: Sequence[dict[str, Any]], unit: str) -> str:
    said = [
        f"{_lowered(row['title'])} {_with_n(row, unit)}"
        for row in rows
        if not row["is_total"] and not number.is_null(row["n"]) and row["n"]
    ]
    way = f"From {_with_n(rows[0], unit)} to {_with_n(rows[-1], unit)}"
    left = _whole(rows[0]["n_left_out"])
    out = f" {number.count(left)} without a day of creation are left out." if left else ""
    return f"{way}: {'; '.join(said) or 'nothing moved'}.{out}"


def _measure(rows: Sequence[dict[str, Any]]) -> tuple[str, str, bool]:
    """Return unit and currency of a change, and whether there is one."""
    if not rows:
        return "count", "", False
    is_known = all(row["state"] == "ok" for row in rows)
    return str(rows[0]["unit"]), str(rows[0]["currency"] or ""), is_known


def _value_said(value: Any, unit: str, currency: str, is_total: bool) -> str:
    if unit == "rate":
        return number.rate(value, 1000) if is_total else number.fine_points(value)
    said = number.money(value, currency) if unit == "money" else number.count(value)
    return said if is_total else _signed(float(value), said)


def _interval(row: dict[str, Any], unit: str, currency: str) -> str:
    if number.is_null(row["low"]) or number.is_null(row["high"]):
        return ""
    low, high = (_value_said(row[end], unit, currency, False) for end in ("low", "high"))
    gap = f"{number.GAP}pts"
    return f"({low.removesuffix(gap)} to {high.removesuffix(gap)})"


def _why(rows: Sequence[dict[str, Any]]) -> str:
    unit, currency, _ = _measure(rows)
    before, now = rows[0], rows[-1]
    gap = {"low": now["change_low"], "high": now["change_high"]}
    moved = f"{_value_said(now['change'], unit, currency, False)} {_interval(gap, unit, currency)}".strip()
    ends = [_value_said(row["effect"], unit, currency, True) for row in (before, now)]
    parts = [row for row in rows if not row["is_total"]]
    shown = [
        f"{_lowered(row['title'])} {_value_said(row['effect'], unit, currency, False)}"
        for row in parts
        if is_shown(row)
    ]
    said = f"Shown: {'; '.join(shown)}." if shown else "No factor is shown to have moved it."
    return f"From {ends[0]} to {ends[1]}, {moved}. {said}"


def _rest(ends: Sequence[dict[str, Any]], parts: pd.Series[float]) -> float:
    """Return the part of the change that no segment carries: a longer period has none."""
    return float(ends[-1]["effect"]) - float(ends[0]["effect"]) - float(parts.sum())


def _segmented(named: Sequence[tuple[str, float]], unit: str, currency: str) -> str:
    said = [
        f"{name} {_value_said(value, unit, currency, False)}" for name, value in named[:3] if name != REST
    ]
    return f"Largest: {'; '.join(said)}."


def _name(segment: Any) -> str:
    return "not stated" if number.is_null(segment) else str(segment)


def _nothing(rows: Sequence[dict[str, Any]]) -> float:
    return 1e-3 * max(abs(float(row["effect"])) for row in rows)
