"""How long each step takes: a picture of `metrics.velocity.steps`."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from funnel import number
from funnel.charts import form, theme


def steps(table: pd.DataFrame) -> go.Figure:
    """Return per step the median and the middle half of the days it took (table: velocity.steps)."""
    rows = theme.records(table)
    known = [row for row in rows if not number.is_null(row["median_days"])]
    slowest = max(known, key=lambda row: float(row["median_days"]), default=None)
    finding = (
        f"The slowest step is {_step(slowest)}: half take more than {number.days(slowest['median_days'])}."
        if slowest
        else "No step has two observed dates."
    )
    rule = (
        "Days between two entries for those who arrived, where the source recorded both; impossible "
        "orders are kept out and counted. Dot: the median; line: the middle half (p25–p75)."
    )
    text = theme.Text("velocity-steps", "How long each step takes", rule, finding)
    top = max((float(row["p75"]) for row in known if not number.is_null(row["p75"])), default=1.0) or 1.0
    labels = [form.counted(_step(row), row["n"]) for row in rows]
    return form.spans(text, labels, [_span(row) for row in rows], top=top)


def _span(row: dict[str, Any]) -> form.Span:
    middle = f"{number.days(row['p25'])} to {number.days(row['p75'])}"
    hover = [
        theme.safe(_step(row)),
        f"median {number.days(row['median_days'])}, mean {number.days(row['mean_days'])}",
        f"middle half {middle}, p90 {number.days(row['p90'])}",
        f"{number.count(row['n'])} measured, {number.count(row['n_impossible'])} impossible left out",
    ]
    text = f"{number.days(row['median_days'])} ({_plain(row['p25'])}–{_plain(row['p75'])})"
    return form.Span(row["median_days"], row["p25"], row["p75"], text, "<br>".join(hover))


def _plain(value: Any) -> str:
    return number.days(value).removesuffix(f"{number.GAP}d")


def _step(row: dict[str, Any]) -> str:
    return f"{row['from_title']} → {row['to_title']}"
