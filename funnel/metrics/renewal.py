"""Who comes back: recycled leads that qualified again, and won accounts that won again."""

from __future__ import annotations

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import stats
from funnel.metrics import term
from funnel.metrics.frame import read
from funnel.metrics.source import ABSENT

YEAR_DAYS = 365
LEAST_DECIDED = 0.5

AGAIN = """
with handing as (
    select min(s.position) as position
    from contract.stage s
    join run.context c on c.contract = s.version
    where s.hands_to is not null
),
reached as (
    select c.subject_id, c.pass, e.entered_at, e.entered_on, e.entered_precision
    from marts.stage_entry e
    join marts.cycle c on c.cycle_id = e.cycle_id
    cross join handing h
    where e.position >= coalesce(h.position, 1)
),
recycled as (
    select cycle_id, subject_id, pass, exit_at, exit_on, exit_precision
    from marts.cycle
    where exit = 'recycled' and exit_on is not null
),
judged as (
    select
        r.cycle_id, r.exit_on,
        bool_or(coalesce(case when 'day' in (r.exit_precision, b.entered_precision)
            then b.entered_on - r.exit_on <= $seconds // 86400
            else b.entered_at <= r.exit_at + to_seconds($seconds) end, false)) as is_again
    from recycled r
    left join reached b on b.subject_id = r.subject_id and b.pass > r.pass
    group by r.cycle_id, r.exit_on
)
select
    cast(date_trunc($by, exit_on) as date) as period_on,
    count(*) as n,
    count(*) filter (where is_again) as n_hit
from judged
group by 1
order by 1
"""

RETAINED = """
with closed as (
    select account_id, opportunity_id, outcome, closed_on
    from marts.opportunity
    where outcome in ('won', 'lost') and account_id is not null and closed_on is not null
),
first_win as (
    select account_id, min(closed_on) as won_on
    from closed
    where outcome = 'won'
    group by account_id
),
account as (
    select
        f.account_id, f.won_on + cast($days as integer) as due_on,
        count(c.opportunity_id) > 0 as is_decided,
        coalesce(bool_or(c.outcome = 'won'), false) as is_again
    from first_win f
    left join closed c on c.account_id = f.account_id
        and c.closed_on > f.won_on and c.closed_on <= f.won_on + cast($days as integer)
    group by f.account_id, f.won_on
)
select
    cast(date_trunc($by, a.due_on) as date) as period_on,
    count(*) as n_all,
    count(*) filter (where a.is_decided) as n,
    count(*) filter (where a.is_again) as n_hit
from account a
where a.due_on < cast($today as date)
group by 1
order by 1
"""

WINS = """
select count(*), count(account_id) from marts.opportunity where outcome = 'won'
"""


def requalified(con: DuckDBPyConnection, *, by: str) -> pd.DataFrame:
    """Return one row per period of recycling: the share that came back and reached the handing stage again.

    Within the contract's horizon of being recycled, the end included, in a later cycle of the same person.
    Columns: period_on, value, low, high (Wilson), n (recycled, with a known day), n_hit.
    """
    seconds = term.context(con).horizon_seconds
    rows = read(con, AGAIN, by=term.period(by), seconds=seconds)
    return stats.with_rate(rows, "n_hit", "n", names=("value", "low", "high"))


def retained(con: DuckDBPyConnection, *, by: str) -> pd.DataFrame:
    """Return one row per period in which accounts had their first win a year (365 days) ago.

    Columns: period_on, value (won again within the year / those with another decided opportunity in it),
    low, high (Wilson), n (with another decided opportunity), n_hit, n_unknown (without one).
    """
    rows = _retained(con, by)
    rated = stats.with_rate(rows, "n_hit", "n", names=("value", "low", "high"))
    return rated.assign(n_unknown=rated["n_all"] - rated["n"])


def unrecorded(con: DuckDBPyConnection) -> tuple[str, str] | None:
    """Return the state and, in words, why retention cannot be told; None if it can.

    A source records renewals if, for at least half of the accounts won a year ago or earlier, another
    opportunity was decided within the year: else silence would be taken for leaving.
    """
    rows = _retained(con, "quarter")
    n_all, n = int(rows["n_all"].sum()), int(rows["n"].sum())
    if not n_all:
        wins, named = con.execute(WINS).fetchall()[0]
        if wins and not named:
            return ABSENT, "no won opportunity has an account"
        words = "no account has a first win that lies a year back" if wins else "no account was won"
        return ("not yet" if wins else "undefined"), words
    if n >= LEAST_DECIDED * n_all:
        return None
    words = (
        f"renewals: for {n_all - n:,} of {n_all:,} accounts won a year ago no further opportunity is "
        "recorded, won or lost"
    )
    return ABSENT, words


def _retained(con: DuckDBPyConnection, by: str) -> pd.DataFrame:
    return read(con, RETAINED, by=term.period(by), days=YEAR_DAYS, today=term.context(con).today)
