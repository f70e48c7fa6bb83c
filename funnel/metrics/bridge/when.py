"""Which spans the change of a KPI compares, when they may be compared, and what is said of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import number
from funnel.errors import UsageError
from funnel.metrics import span, term
from funnel.metrics.bridge.asked import PACE, Asked
from funnel.metrics.bridge.told import deal_absences
from funnel.metrics.source import missing

Span = tuple[span.Day, span.Day]
Days = tuple[date, date]

PERIODS = """
select p.starts_on, p.ends_on
from run.period p
where p.period = $per and p.is_complete
    and p.ends_at + to_seconds($seconds) <= $until
order by p.starts_on desc
limit 1
"""
BEFORE = "select p.starts_on, p.ends_on from run.period p where p.period = $per and p.ends_on = $ends_on"

WINDOW = """
select t.within_seconds
from contract.target t
join run.context c on c.contract = t.version
where t.kpi = $kpi and t.within_seconds is not null
"""

REFUSED = "select count(*) from marts.handoff where outcome in ('rejected', 'recycled', 'lost')"

DEALS = ("win_rate", "pipeline_amount", "won_amount", "sales_velocity")
SAID = {
    "count": "cases x (their part by segment)",
    "rate": "mix (other cases came) and rate (the same kind of cases did otherwise)",
    "money": "number, mix (other cases came) and mean amount (the same kind of cases were worth otherwise)",
}
PACED = "open opportunities x win rate x mean won amount / mean days to close, a week"
SHAPLEY = (
    "Each factor's effect is averaged over all orders in which the factors may have changed (Shapley; Das "
    "Gupta 1993): they add to the change exactly. Interval: 95 %, delta method."
)


def spans(
    con: DuckDBPyConnection, asked: Asked, now: Span | None, before: Span | None, per: str
) -> tuple[Days, Days]:
    """Return both spans as days, checked; UsageError if one is empty or not over."""
    chosen = _days(_latest(con, asked, per) if now is None else now)
    earlier = _days(_previous(con, chosen, per) if before is None else before)
    today = term.context(con).today
    for first, last in (chosen, earlier):
        if last > today:
            raise UsageError(
                f"The span {number.span(first, last)} is not over at the report of {today}, so its "
                f"{asked.title} cannot be compared. Choose spans that are over."
            )
    return chosen, earlier


def has_two(con: DuckDBPyConnection, asked: Asked, per: str) -> bool:
    """Say whether there are two periods to compare: the latest that is over and mature, and one before it."""
    found = _found(con, asked, per)
    given = {"per": per, "ends_on": found[0][0] if found else None}
    return bool(found) and bool(con.execute(BEFORE, given).fetchall())


def window_days(con: DuckDBPyConnection, asked: Asked) -> float:
    """Return the agreed window of a conversion in days: that of its target, else the horizon."""
    found = con.execute(WINDOW, {"kpi": asked.kpi}).fetchall()
    return float(found[0][0]) / term.DAY_SECONDS if found else term.context(con).horizon_days


def assert_mature(table: pd.DataFrame, asked: Asked, start_on: Any, end_on: Any) -> None:
    """Raise UsageError unless all of a cohort had the window."""
    if not table.loc[table["n"] > 0, "is_mature"].astype(bool).all():
        raise UsageError(
            f"Entries {span.words(start_on, end_on)} did not all have the window of {asked.title} before the "
            "report, so their rate cannot be compared. Choose earlier spans."
        )


def lacking(con: DuckDBPyConnection, asked: Asked, cells: pd.DataFrame) -> tuple[str, bool] | None:
    """Return why there is nothing to split, and whether that is the source's; None if there is."""
    absent = _unrecorded(con, asked)
    if absent:
        return absent, True
    if asked.family != PACE and asked.unit == "count":
        return None
    columns = ("n", "x") if asked.family == PACE else ("n",)
    sides = (("_before", "before"), ("", "now"))
    least = {words: [_least(cells[name + end], asked) for name in columns] for end, words in sides}
    empty = [words for words, values in least.items() if min(values) <= 0]
    what = "no case with a known amount" if asked.unit == "money" else "no case"
    what = "an input of it is missing" if asked.family == PACE else what
    return (f"{what} {' and '.join(empty)}", False) if empty else None


def _least(values: pd.Series[float], asked: Asked) -> float:
    """Return the number that must not be 0: of velocity each of its inputs, else that of all cells."""
    return float(values.min() if asked.family == PACE else values.sum())


def _unrecorded(con: DuckDBPyConnection, asked: Asked) -> str | None:
    """Return what was never recorded and would make the KPI 100 % or nothing by construction."""
    if asked.family not in DEALS:
        gone = missing(con, "person")
        gone = None if asked.family != "leads" and not missing(con, "opportunity") else gone
        refused = con.execute(REFUSED).fetchall()[0][0] if asked.family == "acceptance_rate" else True
        return gone or (None if refused else "no refusal is recorded")
    known = deal_absences(con)
    needed = {"win_rate": ("lost",), PACE: ("lost", "amount")}.get(asked.family, ("amount",))
    return missing(con, "opportunity") or next((known[name] for name in needed if name in known), None)


def rule(asked: Asked, ends: dict[str, pd.Timestamp]) -> str:
    """Return the convention in words."""
    parts = PACED if asked.family == PACE else SAID[asked.unit]
    by = f" by {' and '.join(key.replace('_', ' ') for key in asked.by)}" if asked.by else ""
    return (
        f"{asked.title}, {number.span(ends['start_on'], ends['end_on'])} against "
        f"{number.span(ends['before_on'], ends['before_end_on'])}{by}: {parts}. {SHAPLEY}"
    )


def _latest(con: DuckDBPyConnection, asked: Asked, per: str) -> Span:
    found = _found(con, asked, per)
    if not found:
        raise UsageError(f"No {per} is over and old enough yet for {asked.title}. Give `now` and `before`.")
    return found[0][0], found[0][1]


def _found(con: DuckDBPyConnection, asked: Asked, per: str) -> list[Any]:
    context = term.context(con)
    seconds = {
        "conversion": window_days(con, asked) * term.DAY_SECONDS,
        "acceptance_rate": context.landmark_seconds,
    }.get(asked.family, 0)
    until = context.seen_until if seconds else context.as_of
    given = {"per": term.period(per), "seconds": seconds, "until": until}
    return con.execute(PERIODS, given).fetchall()


def _previous(con: DuckDBPyConnection, now: Days, per: str) -> Span:
    found = con.execute(BEFORE, {"per": term.period(per), "ends_on": now[0]}).fetchall()
    if not found:
        raise UsageError(
            f"Before {number.day(now[0])} there is no whole {per} in the warehouse. Give `before` as "
            "(start, end)."
        )
    return found[0][0], found[0][1]


def _days(one: Span) -> Days:
    first, last = span.parsed(one[0]), span.parsed(one[1])
    if first is None or last is None or first >= last:
        raise UsageError("A span needs a first day and a later day that ends it: (start, end).")
    return first.date(), last.date()
