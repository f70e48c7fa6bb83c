"""Why a KPI changed: more or fewer cases, other cases, or the same kind of cases doing otherwise."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import stats
from funnel.metrics import term
from funnel.metrics.bridge import split, when
from funnel.metrics.bridge.asked import PACE, Asked
from funnel.metrics.bridge.asked import asked as question
from funnel.metrics.bridge.cell import cells as counted
from funnel.metrics.bridge.cell import formed
from funnel.metrics.bridge.when import Span

TITLES = {
    "days": "Days in the period",
    "number": "Number of cases",
    "rate": "Rate within segments",
    "value": "Mean amount within segments",
    "win_rate": "Win rate",
    "cycle": "Days to close",
}
ALONE = {"number": "Open opportunities", "value": "Mean won amount"}
CELLS = ["n_before", "value_before", "share_before", "n", "value", "share"]
COLUMNS = [
    *("position", "factor", "title", "is_total", "is_segment", "segment", "effect", "low", "high"),
    *(
        "change",
        "change_low",
        "change_high",
        *CELLS,
        "n_unknown_before",
        "n_unknown",
        "kpi",
        "unit",
        "currency",
    ),
    *("start_on", "end_on", "before_on", "before_end_on", "state", "missing", "rule"),
]


def change(
    con: DuckDBPyConnection,
    *,
    kpi: str,
    by: str | Iterable[str] = (),
    now: Span | None = None,
    before: Span | None = None,
    per: str = "quarter",
) -> pd.DataFrame:
    """Return a KPI before, what each factor did to it, and the KPI now; below each factor its segments.

    `kpi`: 'leads', 'hand_offs', a stage (entries), '<stage>_to_<stage>' (cohort within the agreed window),
    'acceptance_rate', 'win_rate', 'pipeline_amount', 'won_amount', 'sales_velocity' (without `by`). `by`: up
    to three dimensions, whose mix is split between them. `now` and `before` are [start, end); by default the
    latest `per` that is over (and mature) and the one before. Columns: position, factor ('before', the
    factors, 'now'), title, is_total (before and now), is_segment, segment (values joined; null: the source
    has none), effect (of before and now: the KPI itself), low, high (95 %, delta method; of factors), change
    with change_low and change_high (of the whole, on every row), n_before, value_before, share_before, n,
    value, share (of a segment, or of the whole: cases, KPI per case, part of the cases), n_unknown_before,
    n_unknown (cases without a known amount, left out), kpi, unit ('count', 'rate', 'money'), currency,
    start_on, end_on, before_on, before_end_on, state ('ok', 'undefined', 'not in this source', 'not yet'; but
    for ok only the two totals, without a value), missing, rule. The effects of the segments add to their
    factor's, those of the factors to now less before. UsageError for an unknown word, or a span that is not
    over or mature.
    """
    asked = question(con, kpi, by)
    if now is None and before is None and not when.has_two(con, asked, per):
        return _not_yet(con, asked, per)
    now, before = when.spans(con, asked, now, before, per)
    days = dict(zip(("start_on", "end_on", "before_on", "before_end_on"), (*now, *before), strict=True))
    cells = counted(con, asked, days)
    why = when.lacking(con, asked, cells)
    lengths = tuple((end - start).days for start, end in (before, now))
    form, sides = formed(asked, cells, lengths)
    frame = _bare(asked) if why else _table(asked, cells, form, sides)
    ends = {name: pd.Timestamp(value) for name, value in days.items()}
    state = ("not in this source" if why[1] else "undefined") if why else "ok"
    frame = frame.assign(kpi=kpi, unit=asked.unit, currency=term.context(con).currency, **ends)
    frame = frame.assign(state=state, missing=why[0] if why else None)
    return frame.assign(rule=when.rule(asked, ends))[COLUMNS]


def _table(
    asked: Asked, cells: pd.DataFrame, form: split.Form, sides: tuple[split.Counted, split.Counted]
) -> pd.DataFrame:
    first, last = form.factors(*sides)
    ends = [float(np.sum(form.made(factors))) for factors in (first, last)]
    totals = split.told(form, *sides)
    inner = split.in_cells(form, *sides) if asked.by else {}
    whole: dict[Any, Any] = _about(asked, cells, whole=True).iloc[0].to_dict()
    rows: list[dict[Any, Any]] = [_end("before", f"{asked.title} before", ends[0]) | whole]
    for row in totals[totals["factor"] != "change"].to_dict("records"):
        name = str(row["factor"])
        titled = {"factor": name, "title": _title(asked, name), "is_total": False}
        rows.append({**row, **titled, "is_segment": False, "segment": None, **whole})
        rows += _segments(asked, cells, titled, inner.get(name))
    rows.append(_end("now", f"{asked.title} now", ends[1]) | whole)
    gap = totals.iloc[-1].rename({"effect": "change", "low": "change_low", "high": "change_high"})
    return pd.DataFrame(rows).assign(
        position=range(1, len(rows) + 1),
        **{name: gap[name] for name in ("change", "change_low", "change_high")},
    )


def _segments(
    asked: Asked, cells: pd.DataFrame, titled: dict[str, Any], effects: Any
) -> list[dict[str, Any]]:
    """Return the rows of one factor by segment, the largest effect first."""
    if effects is None or np.shape(effects) != (len(cells),):
        return []
    about = _about(asked, cells, whole=False).assign(effect=effects, segment=_named(cells, asked.by))
    some = about[(about["n"] + about["n_before"] > 0)]
    some = some.assign(size=-some["effect"].abs()).sort_values(["size", "segment"], kind="stable")
    return [
        titled | {"is_segment": True} | {str(key): value for key, value in row.items()}
        for row in some.drop(columns="size").to_dict("records")
    ]


def _about(asked: Asked, cells: pd.DataFrame, *, whole: bool) -> pd.DataFrame:
    """Return what is behind a cell, or all: cases, KPI per case, share of the cases, and the unknown."""
    used = cells.iloc[:1] if asked.family == PACE else cells
    frame = used.drop(columns=list(asked.by))
    frame = frame.sum().to_frame().T if whole else frame
    for end in ("_before", ""):
        n = frame[f"n{end}"]
        value = stats.rate(frame[f"x{end}"], n) if asked.unit != "count" else n
        frame[f"value{end}"] = np.nan if asked.family == PACE else value
        frame[f"share{end}"] = stats.rate(n, [float(used[f"n{end}"].sum())] * len(n))
    return frame[[*CELLS, "n_unknown_before", "n_unknown"]]


def _named(cells: pd.DataFrame, by: tuple[str, ...]) -> pd.Series[Any]:
    if len(by) == 1:
        return cells[by[0]]
    return cells[list(by)].fillna("\N{EN DASH}").agg(" / ".join, axis=1)


def _end(factor: str, title: str, value: float) -> dict[str, Any]:
    return {"factor": factor, "title": title, "is_total": True, "is_segment": False, "effect": value}


def _title(asked: Asked, name: str) -> str:
    if name.startswith("mix "):
        return f"Mix of {name.removeprefix('mix ').replace('_', ' ')}"
    if asked.family == PACE:
        return ALONE.get(name, TITLES[name])
    title = TITLES[name]
    return title if asked.by else title.removesuffix(" within segments")


def _bare(asked: Asked) -> pd.DataFrame:
    """Return both totals without a value, where there is nothing to split."""
    rows = [_end(name, f"{asked.title} {name}", np.nan) for name in ("before", "now")]
    return pd.DataFrame(rows).assign(position=[1, 2]).reindex(columns=COLUMNS)


def _not_yet(con: DuckDBPyConnection, asked: Asked, per: str) -> pd.DataFrame:
    """Return both totals without a value, where no two periods are over and old enough."""
    words = f"No two {per}s are over and old enough yet for {asked.title}."
    days = dict.fromkeys(("start_on", "end_on", "before_on", "before_end_on"), pd.Timestamp("NaT"))
    frame = _bare(asked).assign(kpi=asked.kpi, unit=asked.unit, currency=term.context(con).currency, **days)
    return frame.assign(state="not yet", missing=f"no two {per}s are old enough", rule=words)[COLUMNS]
