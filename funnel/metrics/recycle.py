"""Good leads at the wrong time: who was recycled, came back, still waits, and is due to be asked again."""

from __future__ import annotations

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import stats
from funnel.metrics import term
from funnel.metrics.frame import read
from funnel.metrics.recycle_ledger import closed as closed
from funnel.metrics.recycle_ledger import closed_leads as closed_leads
from funnel.metrics.recycle_ledger import ledger as ledger
from funnel.metrics.recycle_ledger import waiting_days as _waiting_days
from funnel.metrics.recycle_yield import passes as passes
from funnel.metrics.recycle_yield import returns as returns

DUE = """
with last_pass as (
    select subject_id, max(pass) as pass from marts.cycle group by subject_id
),
recycled as (
    select
        c.exit_reason as reason,
        c.pass < l.pass as is_back,
        c.exit_at is null as is_undated,
        c.exit_at + to_seconds($seconds) <= n.as_of as is_old,
        date_diff('second', c.exit_at, n.as_of) / 86400.0 as age_days
    from marts.cycle c
    join last_pass l on l.subject_id = c.subject_id
    cross join run.context n
    where c.exit = 'recycled'
)
select
    reason,
    grouping(reason) = 1 as is_total,
    count(*) as n_recycled,
    count(*) filter (where is_back) as n_returned,
    count(*) filter (where not is_back) as n_waiting,
    count(*) filter (where not is_back and is_old) as n_due,
    count(*) filter (where not is_back and is_undated) as n_undated,
    max(age_days) filter (where not is_back) as oldest_days
from recycled
group by grouping sets ((reason), ())
order by is_total, n_recycled desc, reason nulls last
"""

DEFINED = """
select count(*) > 0
from contract.clause k
join run.context c on c.contract = k.version
where k.part = 'exit' and k.name = 'recycled'
"""


def due(con: DuckDBPyConnection, *, after_days: float | None = None) -> pd.DataFrame:
    """Return one row per reason of recycling, most frequent first, and the total last (always there).

    Columns: reason (null: none recorded), is_total, n_recycled (cycles), n_returned (the person began
    another cycle later), returned_rate with low and high, n_waiting, n_due (waiting, recycled at least
    `after_days` ago; default: the agreed time to re-qualification, else the contract's horizon), n_undated
    (waiting, day of recycling unknown), oldest_days (waiting longest), after_days, state ('undefined' if the
    contract has no such exit), rule.
    """
    days, words = _waiting_days(con, after_days)
    frame = read(con, DUE, seconds=term.seconds(days))
    frame = stats.with_rate(frame, "n_returned", "n_recycled", names=("returned_rate", "low", "high"))
    is_defined = con.execute(DEFINED).fetchall()[0][0] or bool(frame["n_recycled"].any())
    rule = f"Recycled leads without a later cycle; due {words}."
    state = np.where(is_defined, "ok", "undefined")
    first = ["reason", "is_total", "n_recycled", "n_returned", "returned_rate", "low", "high"]
    last = ["n_waiting", "n_due", "n_undated", "oldest_days"]
    return frame[[*first, *last]].assign(after_days=days, state=state, rule=rule)
