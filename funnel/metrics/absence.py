"""Why a KPI cannot be told: a table is not filled, or what is compared was never recorded."""

from __future__ import annotations

from collections.abc import Sequence

from duckdb import DuckDBPyConnection

from funnel.metrics.indicator import Indicator
from funnel.metrics.source import missing

RECORDED = """
with deal as (
    select
        count(*) as n,
        count(amount) as n_amounts,
        count(*) filter (where outcome = 'won') as n_won,
        count(*) filter (where outcome = 'lost') as n_lost,
        count(*) filter (where outcome = 'lost' and closed_on is not null) as n_lost_dated,
        count(*) filter (where outcome = 'lost' and closed_on is not null and amount > 0) as n_lost_amounts
    from marts.opportunity
),
answer as (
    select
        count(*) filter (where outcome <> 'open') as n_decided,
        count(*) filter (where outcome in ('rejected', 'recycled', 'lost')) as n_refused
    from marts.handoff
)
select
    n > 0 and n_amounts = 0,
    n_won > 0 and n_lost = 0,
    n_won > 0 and n_lost_dated = 0,
    n_won > 0 and n_lost_amounts = 0,
    n_decided > 0 and n_refused = 0
from deal
cross join answer
"""

AMOUNTS = ("pipeline", "won", "win_rate_amount")
WINS = ("win_rate", "win_rate_amount")


def absences(con: DuckDBPyConnection, asked: Sequence[Indicator]) -> dict[str, str]:
    """Return by KPI, in words, what the sources lack for it; those that can be told are left out.

    A win rate of deals of which no lost one is recorded would be 100 % by construction, and so would be an
    acceptance rate without refusals: neither is shown.
    """
    recorded = con.execute(RECORDED).fetchall()[0]
    found = {one.kpi: missing(con, *one.needs) or _unrecorded(one, *recorded) for one in asked}
    return {kpi: words for kpi, words in found.items() if words}


def _unrecorded(
    one: Indicator, bare: bool, no_lost: bool, undated: bool, worthless: bool, unrefused: bool
) -> str | None:
    reasons = (
        (one.family in AMOUNTS and bare, "no opportunity has an amount"),
        (one.family in WINS and no_lost, "no lost opportunity is recorded"),
        (one.family in WINS and undated, "no lost opportunity has a date"),
        (one.family == "win_rate_amount" and worthless, "no lost opportunity has an amount"),
        (one.family == "acceptance" and unrefused, "no refusal is recorded"),
    )
    return next((words for holds, words in reasons if holds), None)
