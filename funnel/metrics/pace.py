"""Sales velocity: what is won a week at the pace of a period, with the four inputs that make it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import stats
from funnel.metrics import mean, term
from funnel.metrics.frame import read
from funnel.metrics.source import ABSENT, missing

WEEK_DAYS = 7
INPUTS = """
with deal as (
    select
        o.* exclude (amount),
        case when coalesce(o.currency, c.currency) = c.currency then o.amount end as amount
    from marts.opportunity o
    cross join run.context c
),
period as (
    select p.starts_on as period_on, p.ends_on, p.is_complete
    from run.period p
    cross join run.context c
    where p.period = $by and p.starts_at < c.as_of
        and p.ends_on > (select min(created_on) from deal)
),
stood as (
    select p.period_on, count(d.opportunity_id) as n_open
    from period p
    left join deal d on d.created_on < p.ends_on
        and (d.outcome = 'open' or d.closed_on >= p.ends_on)
    group by p.period_on
),
closed as (
    select
        case $by when 'week' then closed_week_on when 'month' then closed_month_on
            when 'quarter' then closed_quarter_on end as period_on,
        count(*) filter (where outcome = 'won') as n_won,
        count(*) filter (where outcome = 'lost') as n_lost,
        count(amount) filter (where outcome = 'won') as n_amounts,
        sum(amount) filter (where outcome = 'won') as amount,
        sum(cast(amount as decimal(20, 2)) * amount) filter (where outcome = 'won') as squares,
        count(days_to_close) filter (where outcome = 'won') as n_days,
        avg(days_to_close) filter (where outcome = 'won') as mean_days,
        stddev_samp(days_to_close) filter (where outcome = 'won') as spread_days
    from deal
    where closed_on is not null and outcome in ('won', 'lost')
    group by 1
)
select p.period_on, p.is_complete, s.n_open, c.* exclude (period_on)
from period p
join stood s on s.period_on = p.period_on
left join closed c on c.period_on = p.period_on
order by p.period_on
"""

RULE = (
    "Sales velocity: opportunities open at the end of the {period} (at the report, where it is running) x "
    "win rate by number of those closed in it x mean won amount / mean days from creation to close of those "
    "won. A pace, not what was won: it says what such a pipeline brings if it goes on so. Interval: 95 %, by "
    "the spread of the win rate, the amounts and the days, the number open taken as known."
)
COLUMNS = [
    *("period_on", "is_complete", "n_open", "n", "n_won", "win_rate", "win_low", "win_high"),
    *("n_amounts", "mean_amount", "mean_low", "mean_high", "n_days", "days", "days_low", "days_high"),
    *("velocity_day", "velocity_week", "low", "high", "currency", "state", "missing", "rule"),
]


def sales_velocity(con: DuckDBPyConnection, *, by: str = "quarter") -> pd.DataFrame:
    """Return one row per week, month or quarter, the running one last: sales velocity and its four inputs.

    Columns: period_on, is_complete, n_open (opportunities open at its end), n (won and lost in it), n_won,
    win_rate with win_low and win_high (Wilson), n_amounts (won with an amount), mean_amount with mean_low and
    mean_high (Student's t), n_days (won with known days), days (mean from creation to close) with days_low
    and days_high (Student's t), velocity_day and velocity_week (amount), low and high (of the week; delta
    method on the log), currency, state, missing (which input, in words), rule. Little's law asks for the
    number in stock and the mean time, so neither the number created nor the median is used. UsageError for an
    unknown period.
    """
    rows = read(con, INPUTS, by=term.period(by))
    frame = stats.with_rate(
        rows.assign(n=rows["n_won"] + rows["n_lost"]), "n_won", "n", names=("win_rate", "win_low", "win_high")
    )
    spread = mean.spread(frame["amount"], frame["squares"], frame["n_amounts"])
    frame["mean_amount"] = frame["amount"] / frame["n_amounts"].where(frame["n_amounts"] > 0)
    frame["mean_low"], frame["mean_high"] = mean.interval(frame["mean_amount"], spread, frame["n_amounts"])
    frame["days"] = frame["mean_days"].where(frame["mean_days"] > 0)
    frame["days_low"], frame["days_high"] = mean.interval(
        frame["days"], frame["spread_days"], frame["n_days"]
    )
    frame = _multiplied(frame, spread)
    absent = missing(con, "opportunity")
    frame["missing"] = absent or _lacking(frame, con)
    state = np.where(frame["velocity_day"].isna(), ABSENT if absent else "undefined", "ok")
    rule = RULE.format(period=by)
    return frame.assign(state=state, currency=term.context(con).currency, rule=rule)[COLUMNS]


def weekly_pace(con: DuckDBPyConnection, *, by: str) -> pd.DataFrame:
    """Return one row per period: period_on, value (amount a week), low, high (95 %), n (closed)."""
    table = sales_velocity(con, by=by).rename(columns={"velocity_week": "value"})
    return table[["period_on", "value", "low", "high", "n"]]


def _multiplied(frame: pd.DataFrame, spread: pd.Series[float]) -> pd.DataFrame:
    """Add the product, and its interval: the relative variances of the three estimates add up."""
    day = frame["n_open"] * frame["win_rate"] * frame["mean_amount"] / frame["days"]
    lost = frame["n_lost"] / (frame["n"] * frame["n_won"].where(frame["n_won"] > 0))
    amounts = (spread / frame["mean_amount"]) ** 2 / frame["n_amounts"]
    days = (frame["spread_days"] / frame["days"]) ** 2 / frame["n_days"]
    reach = np.exp(mean.Z * np.sqrt(lost + amounts + days))
    week = WEEK_DAYS * day
    return frame.assign(velocity_day=day, velocity_week=week, low=week / reach, high=week * reach)


def _lacking(frame: pd.DataFrame, con: DuckDBPyConnection) -> pd.Series[str]:
    reasons = {
        "no opportunity was won or lost": frame["n"] == 0,
        "none was won": (frame["n"] > 0) & (frame["n_won"] == 0),
        "no won opportunity has an amount": (frame["n_won"] > 0) & (frame["n_amounts"] == 0),
        "no won opportunity has known days to close": (frame["n_won"] > 0) & frame["days"].isna(),
    }
    said = pd.Series([""] * len(frame), index=frame.index, dtype="object")
    for text, holds in reasons.items():
        said = said.where(~holds, said + "; " + text)
    return said.str.removeprefix("; ").where(said != "", None)
