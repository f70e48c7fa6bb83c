"""The ledger of leads to be asked again, and those that were closed as bad although they were not."""

from __future__ import annotations

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import stats
from funnel.metrics import term
from funnel.metrics.frame import read

__all__ = ["closed", "closed_leads", "ledger"]

LEDGER = """
with last_pass as (
    select subject_id, max(pass) as pass from marts.cycle group by subject_id
)
select
    c.cycle_id, c.record_key, c.exit_reason as reason, c.exit_on as recycled_on,
    cast(c.exit_at + to_seconds($seconds) + to_seconds(coalesce(z.offset_seconds, 0)) as date) as due_on,
    coalesce(c.exit_at + to_seconds($seconds) <= n.as_of, false) as is_due,
    date_diff('second', c.exit_at + to_seconds($seconds), n.as_of) / 86400.0 as overdue_days,
    c.pass, c.furthest_stage, c.owner_id, c.channel, c.region
from marts.cycle c
join last_pass l on l.subject_id = c.subject_id and l.pass = c.pass
cross join run.context n
left join run.zone_offset z on c.exit_at + to_seconds($seconds) >= z.starts_at
    and c.exit_at + to_seconds($seconds) < z.ends_at
where c.exit = 'recycled'
order by overdue_days desc nulls last, c.cycle_id
"""

REFUSED = """
with handing as (
    select min(s.position) as position
    from contract.stage s
    join run.context c on c.contract = s.version
    where s.hands_to is not null
),
later as (
    select
        c.cycle_id,
        min(y.started_on) as back_on,
        bool_or(coalesce(y.furthest_position > h.position, false)) as is_accepted,
        bool_or(coalesce(y.exit = 'won', false)) as is_won
    from marts.cycle c
    join marts.cycle y on y.subject_id = c.subject_id and y.pass > c.pass
    cross join handing h
    where c.exit = 'rejected'
    group by c.cycle_id
),
refused as (
    select
        c.cycle_id, c.record_key, c.exit_reason as reason, c.exit_on as rejected_on, c.owner_id, c.channel,
        c.region, r.reason is not null as is_listed, l.cycle_id is not null as is_back, l.back_on,
        coalesce(l.is_accepted, false) as is_accepted, coalesce(l.is_won, false) as is_won
    from marts.cycle c
    cross join run.context n
    join contract.version v on v.effective_from <= coalesce(c.exit_at, n.as_of)
        and coalesce(c.exit_at, n.as_of) < v.effective_to
    left join contract.reason r on r.version = v.version and r.exit = 'recycled'
        and lower(trim(r.reason)) = lower(trim(c.exit_reason))
    left join later l on l.cycle_id = c.cycle_id
    where c.exit = 'rejected'
)
"""

CLOSED = (
    REFUSED
    + """
select
    reason,
    grouping(reason) = 1 as is_total,
    count(*) as n,
    count(*) filter (where is_listed) as n_listed,
    count(*) filter (where is_back) as n_back,
    count(*) filter (where is_accepted) as n_accepted,
    count(*) filter (where is_won) as n_won,
    count(*) filter (where is_listed or is_accepted) as n_wrong
from refused
group by grouping sets ((reason), ())
order by is_total, n desc, reason nulls last
"""
)

LEADS = (
    REFUSED
    + """
select
    cycle_id, record_key, reason, rejected_on, is_listed, back_on, is_accepted, is_won, owner_id, channel,
    region
from refused
where is_listed or is_accepted
order by rejected_on nulls last, cycle_id
"""
)

RULE = (
    "Rejected passes to date. Wrongly closed: the reason is one that the contract then in force lists as "
    "recycled (a good lead at the wrong time), or a later pass of the same person went on past the hand-off. "
    "Younger ones had less time to come back, so their share can only rise."
)


def ledger(con: DuckDBPyConnection, *, after_days: float | None = None) -> pd.DataFrame:
    """Return one row per recycled lead that waits, most overdue first, for analysts: it names leads.

    Waiting: the person's latest pass was recycled. Columns: cycle_id, record_key (the record of the pass, in
    the CRM's own id), reason (null: none recorded), recycled_on, due_on (local days; null if the day is
    unknown), is_due, overdue_days (negative: not yet due), pass, furthest_stage, owner_id, channel, region,
    after_days, rule. Due `after_days` after it was recycled; by default what `recycle.due` takes.
    """
    days, words = waiting_days(con, after_days)
    frame = con.execute(LEDGER, {"seconds": term.seconds(days)}).df()
    return frame.assign(after_days=days, rule=f"Recycled leads without a later pass; due {words}.")


def closed(con: DuckDBPyConnection) -> pd.DataFrame:
    """Return one row per reason of rejection, most frequent first, and the total last: what was no bad lead.

    Columns: reason (null: none recorded), is_total, n (rejected passes), n_listed (the reason is one that the
    contract then in force lists as recycled), n_back (the person began a later pass), n_accepted (a later
    pass went past the stage that hands over), n_won, n_wrong (listed or accepted later), rate (n_wrong of n),
    low, high (Wilson), state, rule.
    """
    frame = stats.with_rate(read(con, CLOSED), "n_wrong", "n")
    state = np.where(frame["n"] > 0, "ok", "undefined")
    return frame.assign(state=state, rule=RULE)


def closed_leads(con: DuckDBPyConnection) -> pd.DataFrame:
    """Return one row per wrongly closed pass, oldest first, for analysts: it names leads and owners.

    Columns: cycle_id, record_key, reason, rejected_on, is_listed, back_on (first later pass), is_accepted,
    is_won, owner_id, channel, region, rule.
    """
    return con.execute(LEADS).df().assign(rule=RULE)


def waiting_days(con: DuckDBPyConnection, after_days: float | None) -> tuple[float, str]:
    """Return after how many days a recycled lead is due, and in words who says so."""
    if after_days is not None:
        return after_days, f"{after_days:g} days after they were recycled"
    agreed = term.agreed(con).get("requalify_seconds")
    if agreed is not None:
        days = agreed / term.DAY_SECONDS
        return days, f"{days:g} days after they were recycled, as agreed"
    days = term.context(con).horizon_days
    words = f"{days:g} days after they were recycled: the horizon, as no time to re-qualification is agreed"
    return days, words
