"""What a shortfall may be worth: the won amount that as many cases have usually brought.

For a stage: the share of its entries at least one horizon old that were won, times the mean won amount. It
says what such cases brought, not what would follow from a change. Shortfalls of months and quarters are put
on a week, so that KPIs of different periods can be ranked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel.metrics import term

DEAL = """
select
    sum(amount) filter (where outcome = 'won')
        / nullif(count(amount) filter (where outcome = 'won'), 0) as won,
    sum(amount) filter (where outcome = 'won')
        / nullif(sum(amount) filter (where outcome in ('won', 'lost')), 0) as share
from marts.opportunity o
cross join run.context c
where coalesce(o.currency, c.currency) = c.currency
"""

STAGES = """
select
    e.stage,
    count(*) filter (where y.exit = 'won') / nullif(count(*), 0) as won_share
from marts.stage_entry e
join marts.cycle y on y.cycle_id = e.cycle_id
cross join run.context c
join contract.version v on v.version = c.contract
where e.entered_at + to_seconds(v.horizon_seconds) <= c.as_of
group by e.stage
order by e.stage
"""

HANDING = """
select stage, count(*) as n from marts.handoff group by stage order by n desc, stage limit 1
"""

WEEKS = {"week": 1.0, "month": 30.4375 / 7, "quarter": 91.3125 / 7}
HOW = (
    "Per week: the shortfall in cases, times the share of such cases that was won, times the mean won amount "
    "(all to date, cases at least one horizon old)."
)


@dataclass(frozen=True)
class Worth:
    """What one case brings: a won deal, the won share of pipeline, a case at each stage; null if unknown."""

    deal: float | None
    pipeline_share: float | None
    stage: Mapping[str, float]
    first: str
    handing: str | None
    after: Mapping[str, str]

    def per_case(self, row: Mapping[str, Any]) -> float | None:
        """Return the amount that one case of a row's shortfall stands for; None if it cannot be said."""
        family = row["family"]
        stage = {
            "leads": self.first,
            "hand_offs": self.handing,
            "obligation": self.handing,
            "entries": row["to_stage"],
            "conversion": row["to_stage"],
            "acceptance": self.after.get(self.handing or ""),
        }.get(family)
        if stage:
            return self.stage.get(stage)
        return {"pipeline": self.pipeline_share, "won": 1.0, "cac": 1.0, "win_rate": self.deal}.get(family)


def worth(con: DuckDBPyConnection) -> Worth:
    """Return what cases have brought, from the whole warehouse."""
    deal, share = con.execute(DEAL).fetchall()[0]
    known = [one.name for one in term.stages(con)]
    shares = con.execute(STAGES).fetchall()
    handing = con.execute(HANDING).fetchall()
    return Worth(
        deal=None if deal is None else float(deal),
        pipeline_share=None if share is None else float(share),
        stage={} if deal is None else {stage: float(won) * float(deal) for stage, won in shares},
        first=known[0] if known else "",
        handing=handing[0][0] if handing else None,
        after=dict(pairwise(known)),
    )


def at_stake(known: Worth, row: Mapping[str, Any]) -> float | None:
    """Return the amount per week that the distance of a value from what it should be stands for, or None."""
    each = known.per_case(row)
    if each is None or pd.isna(each):
        return None
    cases = row["n"] if row["unit"] == "rate" or row["family"] == "cac" else 1
    return float(abs(row["value"] - row["should"]) * cases * each / WEEKS[row["period"]])
