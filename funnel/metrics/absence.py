"""Why a KPI cannot be told: what it needs is not filled, was never recorded, or was not agreed."""

from __future__ import annotations

from collections.abc import Sequence

from duckdb import DuckDBPyConnection

from funnel.metrics import economics, renewal
from funnel.metrics.indicator import Indicator
from funnel.metrics.source import ABSENT, missing

RECORDED = """
with deal as (
    select
        count(*) as n,
        count(amount) as n_amounts,
        count(*) filter (where outcome = 'won') as n_won,
        count(*) filter (where outcome = 'lost') as n_lost,
        count(*) filter (where outcome = 'lost' and closed_on is not null) as n_lost_dated,
        count(*) filter (where outcome = 'lost' and closed_on is not null and amount > 0) as n_lost_amounts,
        count(days_to_close) filter (where outcome = 'won') as n_won_days,
        count(created_on) as n_created
    from marts.opportunity
),
answer as (
    select
        count(*) filter (where outcome <> 'open') as n_decided,
        count(*) filter (where outcome in ('rejected', 'recycled', 'lost')) as n_refused
    from marts.handoff
),
back as (
    select count(person_id) as n, count(*) filter (where exit = 'recycled') as n_recycled from marts.cycle
)
select
    d.n > 0 and d.n_amounts = 0,
    d.n_won > 0 and d.n_lost = 0,
    d.n_won > 0 and d.n_lost_dated = 0,
    d.n_won > 0 and d.n_lost_amounts = 0,
    a.n_decided > 0 and a.n_refused = 0,
    d.n_won > 0 and d.n_won_days = 0,
    d.n > 0 and d.n_created = 0,
    b.n > 0 and b.n_recycled = 0
from deal d
cross join answer a
cross join back b
"""

AMOUNTS = ("pipeline", "won", "win_rate_amount", "mean_deal", "velocity", "payback", "lifetime")
WINS = ("win_rate", "win_rate_amount", "velocity")
DAYS = ("days", "velocity")
CREATED = ("opportunities", "pipeline")


def untold(con: DuckDBPyConnection, asked: Sequence[Indicator]) -> dict[str, tuple[str, str]]:
    """Return by KPI the state and, in words, what is missing for it; those that can be told are left out.

    'not in this source': a win rate of deals of which no lost one is recorded would be 100 % by construction,
    and so would be an acceptance rate without refusals: neither is shown. 'undefined': the contract does not
    name what the KPI is reckoned with.
    """
    recorded = con.execute(RECORDED).fetchall()[0]
    found = {one.kpi: missing(con, *one.needs) or _unrecorded(one, *recorded) for one in asked}
    lacking = {kpi: (ABSENT, words) for kpi, words in found.items() if words}
    terms, kept = economics.unagreed(con), renewal.unrecorded(con)
    for one in asked:
        if one.family in terms:
            lacking.setdefault(one.kpi, ("undefined", terms[one.family]))
        if one.family == "retention" and kept:
            lacking.setdefault(one.kpi, kept)
    return lacking


def _unrecorded(
    one: Indicator,
    bare: bool,
    no_lost: bool,
    undated: bool,
    worthless: bool,
    unrefused: bool,
    timeless: bool,
    uncreated: bool,
    unrecycled: bool,
) -> str | None:
    reasons = (
        (one.family in AMOUNTS and bare, "no opportunity has an amount"),
        (one.family in WINS and no_lost, "no lost opportunity is recorded"),
        (one.family in WINS and undated, "no lost opportunity has a date"),
        (one.family == "win_rate_amount" and worthless, "no lost opportunity has an amount"),
        (one.family in DAYS and timeless, "no won opportunity has the days from creation to close"),
        (one.family in CREATED and uncreated, "no opportunity has a day of creation"),
        (one.family == "acceptance" and unrefused, "no refusal is recorded"),
        (one.family == "requalified" and unrecycled, "no recycled lead is recorded"),
    )
    return next((words for holds, words in reasons if holds), None)
