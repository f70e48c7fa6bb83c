"""The conversion that the teams agreed to watch: the first one with a target in the contract in force."""

from __future__ import annotations

from typing import Any

from duckdb import DuckDBPyConnection

from funnel.metrics import term

TARGET = """
select a.stage, b.stage, t.within_seconds
from contract.target t
join run.context c on c.contract = t.version
join contract.stage a on a.version = t.version
join contract.stage b on b.version = t.version and b.position > a.position
where t.kpi = a.stage || '_to_' || b.stage
order by t.weight desc, a.position, b.position
limit 1
"""

SEEN = """
select s.stage
from contract.stage s
join run.context c on c.contract = s.version
where s.position < (select max(position) from contract.stage)
    and exists (
        select 1 from marts.stage_entry e
        where e.stage = s.stage and e.is_observed and e.entered_at is not null
    )
order by s.position
limit 1
"""


def conversion(con: DuckDBPyConnection) -> dict[str, Any]:
    """Return from_stage, to_stage and within_days of the agreed conversion, to be given on to a metric.

    Without a target: to the last stage from the first one whose entries are recorded with a time. The window
    is that of the target, else the horizon.
    """
    found = con.execute(TARGET).fetchall()
    known = term.stages(con)
    first = con.execute(SEEN).fetchall() or [(known[0].name,)]
    start, end, seconds = found[0] if found else (first[0][0], known[-1].name, None)
    days = term.context(con).horizon_days if seconds is None else seconds / term.DAY_SECONDS
    return {"from_stage": start, "to_stage": end, "within_days": days}
