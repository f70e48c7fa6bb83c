"""Whether the data can be trusted: rows read and rejected, checks, and how fresh each source is."""

from __future__ import annotations

from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import number, stats
from funnel.metrics.frame import whole
from funnel.metrics.source import sources
from funnel.metrics.term import context

__all__ = ["health", "sources"]

LOADS = """
select
    l.source,
    sum(l.n_rows) as n,
    sum(l.n_rejects) as n_bad,
    max(l.observed_at) as observed_at,
    greatest(date_diff('second', max(l.observed_at), max(c.as_of)) / 86400.0, 0) as days
from run.load l
cross join run.context c
group by l.source
order by l.source
"""

ATTACHED = "select count(*) > 0 from duckdb_databases() where database_name = 'checks'"

CHECKS = """
select
    severity,
    count(*) as n,
    count(*) filter (where state = 'fail') as n_bad,
    count(*) filter (where state = 'error') as n_error
from checks.result
group by severity
order by case severity when 'critical' then 1 when 'warning' then 2 else 3 end
"""

FRESH_DAYS = 7
COLUMNS = ["item", "source", "severity", "n", "n_bad", "share", "observed_at", "days", "state", "words"]


def health(con: DuckDBPyConnection) -> pd.DataFrame:
    """Return one row for the whole, then rows and freshness by source, then checks by severity.

    Columns: item ('overall', 'rows', 'freshness', 'records': the last stage or exit, 'checks'), source,
    severity, n (rows read; checks), n_bad (rows rejected; checks failed or in error), share (n_bad of all)
    , observed_at (newest load, UTC), days (before as_of), state ('ok', 'attention', 'stopped', 'not run'),
    words. Overall is the worst state of the rest.
    """
    rows = [*_loads(con), *_recorded(con), *_checks(con)]
    worst = max((row["state"] for row in rows), key=list(RANK).index, default="not run")
    overall = {"item": "overall", "state": worst, "words": RANK[worst]}
    return pd.DataFrame([overall, *rows]).reindex(columns=COLUMNS)


RANK = {
    "ok": "clean",
    "attention": "usable, with remarks",
    "not run": "not checked",
    "stopped": "not usable: a critical check did not pass",
}
"""The states from best to worst, and what each means for the whole."""


def _loads(con: DuckDBPyConnection) -> list[dict[str, Any]]:
    frame = whole(con.execute(LOADS).df())
    frame = frame.assign(share=stats.rate(frame["n_bad"], frame["n"] + frame["n_bad"]))
    rows = _records(frame)
    return [*(_read(row) for row in rows), *(_fresh(row) for row in rows)]


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _read(row: dict[str, Any]) -> dict[str, Any]:
    state = "attention" if row["n_bad"] else "ok"
    words = f"{row['n']:,} rows read, {row['n_bad']:,} rejected"
    kept = {name: row[name] for name in ("source", "n", "n_bad", "share")}
    return kept | {"item": "rows", "state": state, "words": words}


def _fresh(row: dict[str, Any]) -> dict[str, Any]:
    state = "ok" if row["days"] <= FRESH_DAYS else "attention"
    words = f"newest load {row['days']:.0f} days before the report"
    kept = {name: row[name] for name in ("source", "observed_at", "days")}
    return kept | {"item": "freshness", "state": state, "words": words}


def _recorded(con: DuckDBPyConnection) -> list[dict[str, Any]]:
    clock = context(con)
    if clock.last_on is None:
        return []
    is_silent = clock.seen_until < clock.as_of
    words = f"the last stage or exit was recorded on {number.day(clock.last_on)}"
    days = float((clock.today - clock.last_on).days)
    return [{"item": "records", "days": days, "state": "attention" if is_silent else "ok", "words": words}]


def _checks(con: DuckDBPyConnection) -> list[dict[str, Any]]:
    if not con.execute(ATTACHED).fetchall()[0][0]:
        return [{"item": "checks", "state": "not run", "words": "the checks were not run on this build"}]
    return [_checked(row) for row in _records(con.execute(CHECKS).df())]


def _checked(row: dict[str, Any]) -> dict[str, Any]:
    bad = int(row["n_bad"] + row["n_error"])
    worst = {"critical": "stopped", "warning": "attention"}.get(row["severity"], "ok")
    words = f"{int(row['n']) - bad} passed, {int(row['n_bad'])} failed, {int(row['n_error'])} could not run"
    found = {"n": int(row["n"]), "n_bad": bad, "share": bad / row["n"]}
    return {
        "item": "checks",
        "severity": row["severity"],
        "state": worst if bad else "ok",
        "words": words,
    } | found
