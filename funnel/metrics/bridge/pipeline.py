"""Pipeline from the start of a span to its end: what came in, what changed, what went out, to the cent.

Each opportunity is looked at twice, as the span begins (or as it comes in) and as the span ends (or as it
goes out), by the recorded changes of its stage, amount and expected close; days are of the contract's zone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel.errors import FunnelError, UsageError, did_you_mean
from funnel.metrics import span, steps, term
from funnel.metrics.bridge.told import SCOPES, pipeline_absences, pipeline_lines, pipeline_rule

TALLY = """
select
    p.segment, p.line,
    count(*) as n,
    cast(sum(p.n_change) as bigint) as n_change,
    cast(coalesce(sum(p.cents), 0) as bigint) as cents,
    count(*) filter (where p.cents_in is null and p.cents_out is null) as n_unknown
from part p
group by p.segment, p.line
"""

LEFT_OUT = "select count(*) from marts.opportunity where created_on is null"
LATEST = """
select p.starts_on, p.ends_on
from run.period p
cross join run.context c
where p.period = 'quarter' and p.starts_at < c.as_of
order by p.is_complete desc, p.starts_on desc
limit 1
"""
NUMBERS = ["n", "n_change", "cents", "n_unknown"]
TOTALS = ("start", "end")
FOLDER = "funnel.metrics.bridge"
STEPS = ("deal", "change", "paused", "moved", "told", "valued", "lined", "part")


def pipeline(
    con: DuckDBPyConnection,
    *,
    start_on: span.Day = None,
    end_on: span.Day = None,
    scope: str = "open",
    by: str | None = None,
) -> pd.DataFrame:
    """Return one row per line, in order: the pipeline at the start of [start_on, end_on) to that at its end.

    `scope` 'open' is all that was open; 'due' only what was expected to close within the span. With `by` (a
    dimension) one bridge per segment, largest end first. By default the latest quarter that is over, or the
    running one before any is. A span that is not over ends with the report.
    Columns: segment (null without `by`), position, line, title, is_total (start and end), n (opportunities in
    the line), n_change (what the line does to their number), cents (what it does to the amount, in hundredths
    of currency: an integer, so that the lines add exactly), amount (cents / 100), currency, n_unknown (of n,
    without a known amount), n_left_out (opportunities of the source without a day of creation), state,
    missing (why a line cannot be told), start_on, end_on, is_complete, scope, rule. The sums of n_change and
    cents over all lines but the end are those of the end. UsageError for an unknown word or an empty span;
    FunnelError should the lines not add up.
    """
    with _parts(con, start_on, end_on, scope, by) as (cursor, given):
        found = cursor.execute(TALLY).df()
    absent = pipeline_absences(con, scope)
    wanted = [None] if by is None else _segments(found)
    rows = [_bridge(found, absent, scope, segment) for segment in wanted]
    frame = pd.concat([pd.DataFrame(row) for row in rows], ignore_index=True)
    numbers = {name: frame[name].astype("Int64") for name in NUMBERS}
    left_out = con.execute(LEFT_OUT).fetchall()[0][0]
    frame = frame.assign(
        **numbers, amount=numbers["cents"].astype("Float64") / 100, n_left_out=int(left_out), scope=scope
    )
    context = term.context(con)
    ends = {"start_on": pd.Timestamp(given["start_on"]), "end_on": pd.Timestamp(given["end_on"])}
    frame = frame.assign(currency=context.currency, **ends, is_complete=given["end_on"] <= context.today)
    return frame.assign(rule=pipeline_rule(scope, **ends))[COLUMNS]


COLUMNS = [
    *("segment", "position", "line", "title", "is_total", "n", "n_change", "cents", "amount", "currency"),
    *("n_unknown", "n_left_out", "state", "missing", "start_on", "end_on", "is_complete", "scope", "rule"),
]


def pipeline_rows(
    con: DuckDBPyConnection, *, line: str, start_on: span.Day, end_on: span.Day, scope: str = "open"
) -> pd.DataFrame:
    """Return one row per opportunity in a line of `pipeline`, for analysts: it names records.

    Columns: line, opportunity_id, cycle_id, account_id, opened_on, closed_on, close_in_on and close_out_on
    (expected close as it came in and as it went out), cents_in, cents_out (null: unknown), n_change, cents.
    UsageError names the nearest and all lines.
    """
    known = [name for name, _ in pipeline_lines(scope)] if scope in SCOPES else []
    if scope in SCOPES and line not in known:
        raise UsageError(
            f"There is no line '{line}' in the bridge of {scope} pipeline.{did_you_mean(line, known)} "
            f"Its lines: {', '.join(known)}."
        )
    with _parts(con, start_on, end_on, scope, None) as (cursor, _):
        frame = cursor.execute("select * exclude (segment) from part where line = ?", [line]).df()
    numbers = ["n_change", "cents", "cents_in", "cents_out"]
    frame = frame.assign(**{name: frame[name].astype("Int64") for name in numbers})
    first = ["line", "opportunity_id", "cycle_id", "account_id", "opened_on", "closed_on"]
    frame = frame.sort_values("opportunity_id", kind="stable", ignore_index=True)
    return frame[[*first, "close_in_on", "close_out_on", "cents_in", "cents_out", "n_change", "cents"]]


@contextmanager
def _parts(
    con: DuckDBPyConnection, start_on: span.Day, end_on: span.Day, scope: str, by: str | None
) -> Iterator[tuple[DuckDBPyConnection, dict[str, Any]]]:
    """Give a cursor with the temporary table part, and what was asked; the warehouse is only read."""
    given = _asked(con, start_on, end_on, scope, by)
    with steps.stepped(con, FOLDER, STEPS, given) as cursor:
        yield cursor, given


def _asked(
    con: DuckDBPyConnection, start_on: span.Day, end_on: span.Day, scope: str, by: str | None
) -> dict[str, Any]:
    if scope not in SCOPES:
        raise UsageError(
            f"There is no scope '{scope}'.{did_you_mean(scope, SCOPES)} Choose one of: {', '.join(SCOPES)}."
        )
    if start_on is None and end_on is None:
        start_on, end_on = con.execute(LATEST).fetchall()[0]
    start, end = span.parsed(start_on), span.parsed(end_on)
    if start is None or end is None or end <= start:
        raise UsageError("A bridge needs a first day and a later day that ends it: start_on < end_on.")
    today = term.context(con).today
    if start.date() > today:
        raise UsageError(f"Nothing has happened yet from {start.date()} on: the report is of {today}.")
    until = end.date() if end.date() <= today else today + timedelta(days=1)
    days: dict[str, date] = {"start_on": start.date(), "end_on": end.date(), "until_on": until}
    return days | {"scope": scope, "by": None if by is None else term.dimension(by)}


def _segments(found: pd.DataFrame) -> list[Any]:
    """Return the segments, the largest pipeline at the end first; null, where the source has none, last."""
    ends = found[found["line"] == "end"].set_index("segment")["cents"].to_dict()
    names = sorted(found["segment"].dropna().unique())
    ordered = sorted(names, key=lambda name: -ends.get(name, 0))
    return [*ordered, *([None] if found["segment"].isna().any() else [])]


def _bridge(found: pd.DataFrame, absent: dict[str, str], scope: str, segment: Any) -> list[dict[str, Any]]:
    """Return the lines of one bridge; FunnelError unless they add to the end exactly."""
    chosen = found[found["segment"].isna() if segment is None else found["segment"] == segment]
    by_line: dict[Any, dict[Any, Any]] = {row["line"]: row for row in chosen.to_dict("records")}
    rows = [
        _line(segment, place, name, title, by_line.get(name), absent)
        for place, (name, title) in enumerate(pipeline_lines(scope), 1)
    ]
    for unit in ("n_change", "cents"):
        counted = [0 if row[unit] is None else int(row[unit]) for row in rows]
        if sum(counted[:-1]) != counted[-1]:
            raise FunnelError(
                f"The lines of the bridge add to {sum(counted[:-1])} {unit}, and its end is {counted[-1]}. "
                "This is a mistake of the package, not of the data: please report it."
            )
    return rows


def _line(
    segment: Any, place: int, name: str, title: str, row: dict[Any, Any] | None, absent: dict[str, str]
) -> dict[str, Any]:
    said = {"segment": segment, "position": place, "line": name, "title": title, "is_total": name in TOTALS}
    why = absent.get("all") or (absent.get(name) if row is None else None)
    found: dict[str, Any] = {unit: int(row[unit]) if row else 0 for unit in NUMBERS}
    if why:
        found = dict.fromkeys(NUMBERS)
    elif "amount" in absent:
        found["cents"] = None
    state = "not in this source" if why else "ok"
    return said | found | {"state": state, "missing": why or absent.get("amount")}
