"""What was delivered and what was said of it: pictures of evidence, duplicates, fit, profile and reasons."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from funnel import number
from funnel.charts import form, theme

MOST, BESIDE = 12, 6
VERDICTS = {"borne out": "n_supported", "contradicted": "n_contradicted", "cannot tell": "n_untold"}
LINE = "Line: 95 % interval."


def evidence(table: pd.DataFrame) -> go.Figure:
    """Return, for each reason, how many the record bears out or contradicts (table: quality.evidence)."""
    rows = [row for row in theme.records(table) if not row["is_total"]][:MOST]
    parts = [form.Part(*_verdicts(rows, name, column)) for name, column in VERDICTS.items()]
    text = theme.Text(
        "evidence",
        "Does the record bear out why hand-offs were refused?",
        f"{theme.rule(table)} What each reason is held against stands in the table.",
        _borne_out(table),
    )
    says = [f"{number.count(row['n_contradicted'])} of {number.count(row['n'])}" for row in rows]
    return form.stacks(text, [_reason(row) for row in rows], parts, says=says)


def at_handoff(table: pd.DataFrame) -> go.Figure:
    """Return the share of duplicates by value, the whole dotted (table: quality.at_handoff)."""
    whole = next((row for row in theme.records(table) if row["is_total"]), None)
    rows = [row for row in theme.records(table) if not row["is_total"]][:MOST]
    finding = "Nothing was handed over."
    if whole and whole["n"]:
        finding = (
            f"{number.rate(whole['duplicate_rate'], whole['n_told'])} of {number.count(whole['n_told'])} "
            f"hand-offs were there already; complete were "
            f"{number.rate(whole['complete_rate'], whole['n_known'])} of {number.count(whole['n_known'])}."
        )
    text = theme.Text("at-handoff", "There already when handed over", f"{theme.rule(table)} {LINE}", finding)
    overall = whole["duplicate_rate"] if whole else None
    spans = [form.rate_span(row["value"], _as(row, "duplicate", "n_told")) for row in rows]
    labels = [form.counted(row["value"], row["n_told"]) for row in rows]
    return form.spans(text, labels, spans, top=_top(spans), overall=overall)


def fit_intent(table: pd.DataFrame, *, rate: str = "accepted") -> go.Figure:
    """Return the share accepted, or converted, of each fit and intent (table: quality.fit_intent)."""
    of = "n_decided" if rate == "accepted" else "n_followed"
    rows = [row for row in theme.records(table) if row[of]]
    done = rate.capitalize()
    text = theme.Text(
        f"fit-intent-{rate}",
        f"{done} by fit and intent",
        f"{theme.rule(table)} {LINE}",
        _fitting(table, rows, rate),
    )
    names = [f"{row['fit']}; {row['intent']}" for row in rows]
    spans = [form.rate_span(name, _as(row, rate, of)) for name, row in zip(names, rows, strict=True)]
    labels = [form.counted(name, row[of]) for name, row in zip(names, rows, strict=True)]
    return form.spans(text, labels, spans, top=1.0 if rate == "accepted" else _top(spans))


def profile(table: pd.DataFrame) -> go.Figure:
    """Return the pooled rates of the segments shown above the whole, and some beside (quality.profile)."""
    shown = table[table["is_shown"].eq(True)] if len(table) else table
    rest = table[table["is_shown"].eq(False)] if len(table) else table
    rows = theme.records(pd.concat([shown.head(MOST), rest.head(BESIDE)]))
    finding = (
        f"{number.count(len(shown))} of {number.count(len(table))} segments are shown to convert more often "
        f"than the whole{': ' + str(shown['segment'].iloc[0]) + ' first' if len(shown) else ''}."
        if len(table)
        else "No segment is large and old enough to be told from the whole."
    )
    rule = f"{theme.rule(table)} Dot and line: pooled rate, 95 % interval; dotted: all; coloured: shown."
    text = theme.Text("profile", "Who converted", rule, finding)
    spans = [_segment(row) for row in rows]
    labels = [form.counted(row["segment"], row["n"]) for row in rows]
    overall = rows[0]["overall_rate"] if rows else None
    return form.spans(text, labels, spans, top=_top(spans), overall=overall)


def heard(table: pd.DataFrame) -> go.Figure:
    """Return the reasons that differ most from the whole, by value (table: quality.heard)."""
    told = table[table["residual"].notna()]
    far = told.reindex(told["residual"].abs().sort_values(ascending=False, kind="stable").index)
    rows = theme.records(pd.concat([far[far["is_shown"]], far[~far["is_shown"]].head(BESIDE)]).head(MOST))
    of, name = (str(table[column].iloc[0]) if len(table) else "" for column in ("of", "dimension"))
    words = name.replace("_", " ")
    text = theme.Text(
        f"heard-{of}-{name}".replace("_", "-"),
        f"What sales heard by {words}: {'lost opportunities' if of == 'losses' else 'refused hand-offs'}",
        f"{theme.rule(table)} The farthest from the whole; grey mark: the share in the whole. {LINE}",
        _heard(table, rows),
    )
    spans = [_cell(row) for row in rows]
    labels = [form.counted(f"{form.named(row['value'])}: {row['reason']}", row["n"]) for row in rows]
    return form.spans(text, labels, spans, top=_top(spans))


def _verdicts(rows: list[dict[str, Any]], name: str, column: str) -> tuple[str, list[float], list[str]]:
    hovers = [
        f"{theme.safe(_reason(row))}<br>{name}: {number.count(row[column])} of {number.count(row['n'])}"
        f"<br>{theme.wrapped_lines(row['test'], 60) if not number.is_null(row['test']) else ''}"
        for row in rows
    ]
    return name, [float(row[column]) for row in rows], hovers


def _borne_out(table: pd.DataFrame) -> str:
    whole = next((row for row in theme.records(table) if row["is_total"]), None)
    if whole is None:
        return "No hand-off was refused, or no refusal is recorded."
    n = whole["n"]
    return (
        f"Of {number.count(n)} refused hand-offs the record contradicts "
        f"{number.count(whole['n_contradicted'])}, bears out {number.count(whole['n_supported'])} and "
        f"cannot tell of {number.count(whole['n_untold'])}.{_untouched(whole)}"
    )


def _untouched(whole: dict[str, Any]) -> str:
    n = whole["n_untouched"]
    return "" if number.is_null(n) else f" {number.count(n)} were rejected without a human touch on record."


def _reason(row: dict[str, Any]) -> str:
    said = "no reason given" if number.is_null(row["reason"]) else str(row["reason"])
    return f"{said}, {row['exit']}"


def _as(row: dict[str, Any], name: str, of: str) -> dict[str, Any]:
    ends = {part: row[f"{name}_{part}"] for part in ("rate", "low", "high")}
    return row | ends | {"n": row[of]}


def _fitting(table: pd.DataFrame, rows: list[dict[str, Any]], rate: str) -> str:
    state = str(table["state"].iloc[0]) if len(table) else ""
    if state != "ok" or not rows:
        return f"{state.capitalize()}." if state not in ("", "ok") else "No hand-off is old enough yet."
    said = []
    for fit in ("fits", "does not fit"):
        part = [row for row in rows if row["fit"] == fit]
        n = sum(row["n_decided" if rate == "accepted" else "n_followed"] for row in part)
        good = sum(row[f"n_{rate}"] for row in part)
        if n:
            said.append(f"{number.rate(good / n, n)} of {number.count(n)} that {fit.replace('does', 'do')}")
    words = " and ".join(said).replace("that fits", "that fit")
    return f"{rate.capitalize()}: {words} the agreed definition." if said else "Fit is not known."


def _segment(row: dict[str, Any]) -> form.Span:
    pooled = _as(row | {"pooled": None}, "pooled", "n")
    return form.rate_span(row["segment"], pooled | {"is_outside": row["is_shown"]})


def _cell(row: dict[str, Any]) -> form.Span:
    whole = float(row["overall_share"])
    ends = {"rate": row["share"], "n": row["n_value"], "is_outside": row["is_shown"]}
    mark = {"limit_low": whole - 0.004, "limit_high": whole + 0.004}
    label = f"{form.named(row['value'])}: {row['reason']}"
    return form.rate_span(label, row | ends | mark, ("limit_low", "limit_high"))


def _heard(table: pd.DataFrame, rows: list[dict[str, Any]]) -> str:
    if not len(table) or str(table["state"].iloc[0]) != "ok":
        return (
            f"{str(table['state'].iloc[0]).capitalize()}." if len(table) else "Nothing was refused or lost."
        )
    shown = [row for row in rows if row["is_shown"]]
    unknown = table.drop_duplicates("value")["n_unknown"].sum()
    silent = f" {number.count(unknown)} have no reason." if unknown else ""
    if not shown:
        return f"No reason is shown to differ between the groups.{silent}"
    said = "; ".join(
        f"“{row['reason']}” {number.rate(row['share'], row['n_value'])} of {form.named(row['value'])}, "
        f"all {number.rate(row['overall_share'])}"
        for row in shown[:3]
    )
    return f"Differ from the whole: {said}.{silent}"


def _top(spans: list[form.Span]) -> float:
    highs = [float(span.high) for span in spans if not number.is_null(span.high)]
    return min(1.0, max([*highs, 0.02]) * 1.05)
