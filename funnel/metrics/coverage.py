"""Open pipeline against what is left of the target of the running period."""

from __future__ import annotations

from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel.metrics import term

COVERAGE = """
with goal as (
    select t.target, t.per
    from contract.target t
    join run.context c on c.contract = t.version
    where t.kpi = 'won_amount' and t.per is not null
    limit 1
),
running as (
    select p.period, p.starts_on, p.ends_on
    from run.period p
    join goal g on g.per = p.period
    cross join run.context c
    where p.starts_at <= c.as_of and c.as_of < p.ends_at
),
deal as (
    select o.outcome, o.amount, o.closed_on
    from marts.opportunity o
    cross join run.context c
    where coalesce(o.currency, c.currency) = c.currency
)
select
    (select target from goal) as target,
    (select per from goal) as per,
    (select starts_on from running) as starts_on,
    coalesce(sum(d.amount) filter (where d.outcome = 'open'), 0) as open_amount,
    count(d.amount) filter (where d.outcome = 'open') as n,
    coalesce(sum(d.amount) filter (
        where d.outcome = 'won' and d.closed_on >= (select starts_on from running)
    ), 0) as won_amount
from deal d
"""


def coverage(con: DuckDBPyConnection) -> dict[str, Any]:
    """Return open pipeline / what is left of the won-amount target, as part of a scorecard row.

    Keys: value, n (open opportunities with an amount), period, period_on, state, missing. Undefined without
    a target for won_amount, and once the target is reached.
    """
    target, per, starts_on, open_amount, n, won = con.execute(COVERAGE).fetchall()[0]
    if target is None:
        return {"state": "undefined", "missing": "the contract has no target for won_amount", "n": n}
    found = {"n": n, "period": per, "period_on": pd.Timestamp(starts_on) if starts_on else None}
    if starts_on is None:
        today = term.context(con).today
        return found | {"state": "undefined", "missing": f"no {per} holds {today}"}
    left = float(target) - float(won)
    if left <= 0:
        return found | {"state": "undefined", "missing": "the target of the running period is reached"}
    return found | {"state": "ok", "value": float(open_amount) / left}
