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


def conversion(con: DuckDBPyConnection) -> dict[str, Any]:
    """Return from_stage, to_stage and within_days of the agreed conversion, to be given on to a metric.

    Without a target: from the first stage to the last. The window is that of the target, else the horizon.
    """
    found = con.execute(TARGET).fetchall()
    known = term.stages(con)
    start, end, seconds = found[0] if found else (known[0].name, known[-1].name, None)
    days = term.context(con).horizon_days if seconds is None else seconds / term.DAY_SECONDS
    return {"from_stage": start, "to_stage": end, "within_days": days}
