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
