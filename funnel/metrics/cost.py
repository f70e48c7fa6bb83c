"""What a lead and a won customer cost, by channel."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import stats
from funnel.metrics.frame import read
from funnel.metrics.source import ABSENT, missing

COST = """
with given as (
    select cast($start_on as date) as start_on, cast($end_on as date) as end_on, currency from run.context
),
item as (
    select 'spend' as kind, s.channel, s.spent_on as happened_on, s.amount
    from marts.spend s
    cross join given g
    where coalesce(s.currency, g.currency) = g.currency
    union all
    select 'lead', channel, started_on, null from marts.cycle where person_id is not null
    union all
    select 'won', channel, exit_on, null from marts.cycle where exit = 'won'
    union all
    select 'sale', o.channel, o.closed_on, o.amount
    from marts.opportunity o
    cross join given g
    where o.outcome = 'won' and coalesce(o.currency, g.currency) = g.currency
),
chosen as (
    select i.*
    from item i
    cross join given g
    where (g.start_on is null or i.happened_on >= g.start_on)
        and (g.end_on is null or i.happened_on < g.end_on)
)
select
    channel,
    grouping(channel) = 1 as is_total,
    sum(amount) filter (where kind = 'spend') as spend_amount,
    count(*) filter (where kind = 'lead') as n_leads,
    count(*) filter (where kind = 'won') as n_won,
    sum(amount) filter (where kind = 'sale') as won_amount,
    (select currency from given) as currency
from chosen
group by grouping sets ((channel), ())
having count(*) > 0
order by is_total, spend_amount desc nulls last, n_leads desc, channel nulls last
"""

PER_CUSTOMER = """
with period as (
    select starts_on, ends_on from run.period where period = $by
),
item as (
    select
        s.amount, s.spent_on,
        greatest(coalesce(s.ends_on, s.spent_on), s.spent_on) + 1 as until_on
    from marts.spend s
    cross join run.context c
    where coalesce(s.currency, c.currency) = c.currency
),
spent as (
    select
        p.starts_on as period_on,
        sum(cast(i.amount * (least(i.until_on, p.ends_on) - greatest(i.spent_on, p.starts_on))
            / (i.until_on - i.spent_on) as decimal(18, 4))) as amount
    from item i
    join period p on i.spent_on < p.ends_on and i.until_on > p.starts_on
    group by p.starts_on
),
customer as (
    select
        coalesce(account_id, opportunity_id) as customer_id,
        min(case $by when 'week' then closed_week_on when 'month' then closed_month_on
            when 'quarter' then closed_quarter_on end) as period_on
    from marts.opportunity
    where outcome = 'won'
    group by coalesce(account_id, opportunity_id)
),
gained as (
    select period_on, count(*) as n from customer group by period_on
)
select s.period_on, s.amount, coalesce(g.n, 0) as n
from spent s
left join gained g on g.period_on = s.period_on
order by s.period_on
"""

RULE = (
    "Spend of the span / leads begun in it; spend of the span / cycles won in it (same span, no lag). "
    "Items of spend count on the day they began."
)


def cost(
    con: DuckDBPyConnection, *, start_on: date | str | None = None, end_on: date | str | None = None
) -> pd.DataFrame:
    """Return one row per channel, largest spend first, and the total last: cost per lead and per win.

    All to date, or the days [start_on, end_on). Null channels stay null; what is spent without a channel
    (people, say) is part of the total and is set against no channel's leads. Columns: channel, is_total,
    spend_amount, n_leads, cost_per_lead with cost_per_lead_low and _high (exact Poisson on the count),
    n_won, cost_per_won with cost_per_won_low and _high, won_amount (of opportunities won), currency, state,
    rule. Channels without spend have null costs; without spend in the source all have, and state says so.
    """
    frame = read(con, COST, start_on=start_on, end_on=end_on)
    spend = frame["spend_amount"].where(frame["channel"].notna() | frame["is_total"])
    for unit in ("lead", "won"):
        n = frame["n_leads" if unit == "lead" else "n_won"]
        fewest, most = (pd.Series(ends, index=frame.index) for ends in stats.poisson(n))
        name = f"cost_per_{unit}"
        frame[name] = spend / n.where(n > 0)
        frame[f"{name}_low"] = spend / most.where(n > 0)
        frame[f"{name}_high"] = spend / fewest.where(n > 0)
    absent = missing(con, "spend") is not None
    unknown = spend.isna()
    state = np.where(absent, ABSENT, np.where(unknown, "undefined", "ok"))
    leads = ["n_leads", "cost_per_lead", "cost_per_lead_low", "cost_per_lead_high"]
    wins = ["n_won", "cost_per_won", "cost_per_won_low", "cost_per_won_high", "won_amount"]
    first = ["channel", "is_total", "spend_amount"]
    return frame.assign(state=state, rule=RULE)[[*first, *leads, *wins, "currency", "state", "rule"]]


def per_customer(con: DuckDBPyConnection, *, by: str) -> pd.DataFrame:
    """Return one row per period with spend: what a new customer cost in it; same period, no lag.

    An item of spend that covers several days is spread over them evenly; a customer (account, or the
    opportunity where none is known) counts in the period of his first win. Columns: period_on, amount, n
    (new customers), value (null without any), low and high (exact Poisson on the number).
    """
    rows = read(con, PER_CUSTOMER, by=by)
    fewest, most = (pd.Series(ends, index=rows.index) for ends in stats.poisson(rows["n"]))
    some = rows["n"] > 0
    bounds = {"low": rows["amount"] / most, "high": rows["amount"] / fewest.where(some)}
    return rows.assign(value=rows["amount"] / rows["n"].where(some), **bounds)
