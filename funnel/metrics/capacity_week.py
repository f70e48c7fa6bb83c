"""What reps can work against what arrives: load, queue and attainment by week and team; reps for analysts."""

from __future__ import annotations

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import stats
from funnel.metrics import term
from funnel.metrics.frame import read
from funnel.metrics.handed_to import arriving
from funnel.metrics.source import ABSENT, missing

__all__ = ["reps", "weeks"]

WEEKS = arriving("""
with handed as (
    select
        h.*, s.outcome as answer, coalesce(s.due_at <= c.as_of, true) as is_due,
        case when h.outcome <> 'open' and h.outcome_at is null then h.handed_at
            else least(coalesce(h.first_touch_at, h.outcome_at), coalesce(h.outcome_at, h.first_touch_at))
            end as left_at
    from arrived_by('team') h
    cross join run.context c
    left join marts.handoff_sla s on s.handoff_id = h.handoff_id and s.sla = 'first_touch'
    where h.handed_at is not null
),
span as (
    select p.starts_on as week_on, p.starts_at, p.ends_at, p.is_complete
    from run.period p
    cross join run.context c
    where p.period = 'week' and p.starts_at < c.as_of
        and p.ends_at > (select min(handed_at) from handed)
),
arrived as (
    select
        week_on, team, grouping(team) = 1 as is_total,
        count(*) as n_arrived,
        count(*) filter (where is_due and answer in ('met', 'missed')) as n,
        count(*) filter (where is_due and answer = 'met') as n_met,
        bool_and(is_due) as is_due,
        max(version) as version
    from handed
    group by grouping sets ((week_on, team), (week_on))
),
began as (
    select s.week_on, h.team, grouping(h.team) = 1 as is_total, count(*) as n_worked
    from handed h
    join span s on h.first_touch_at >= s.starts_at and h.first_touch_at < s.ends_at
    group by grouping sets ((s.week_on, h.team), (s.week_on))
),
waiting as (
    select s.week_on, h.team, grouping(h.team) = 1 as is_total, count(*) as n_queue
    from handed h
    cross join run.context c
    join span s on h.handed_at < least(s.ends_at, c.as_of)
        and coalesce(h.left_at >= least(s.ends_at, c.as_of), true)
    group by grouping sets ((s.week_on, h.team), (s.week_on))
),
busy as (
    select distinct
        s.week_on, r.rep_id, nullif(concat_ws(', ', r.team, r.region), '') as team
    from core.handoff_touch t
    join handed h on h.handoff_id = t.handoff_id
    join core.activity a on a.activity_id = t.activity_id
    join core.rep r on r.rep_id = a.rep_id and not r.is_queue
        and lower(r.team) is distinct from lower(h.from_team)
    join span s on t.touched_at >= s.starts_at and t.touched_at < s.ends_at
    where coalesce(t.touched_at <= h.outcome_at, h.outcome = 'open')
),
active as (
    select week_on, team, grouping(team) = 1 as is_total, count(distinct rep_id) as n_reps
    from busy
    group by grouping sets ((week_on, team), (week_on))
),
grid as (
    select s.week_on, s.is_complete, t.team, t.is_total
    from span s
    cross join (select distinct team, is_total from arrived where is_total or team is not null) t
)
select
    g.week_on, g.team, g.is_total, a.n_arrived, b.n_worked, w.n_queue, v.n_reps, a.n, a.n_met, a.version,
    g.is_complete and coalesce(a.is_due, true) as is_mature
from grid g
left join arrived a
    on a.week_on = g.week_on and a.is_total = g.is_total and a.team is not distinct from g.team
left join began b
    on b.week_on = g.week_on and b.is_total = g.is_total and b.team is not distinct from g.team
left join waiting w
    on w.week_on = g.week_on and w.is_total = g.is_total and w.team is not distinct from g.team
left join active v
    on v.week_on = g.week_on and v.is_total = g.is_total and v.team is not distinct from g.team
order by g.week_on, g.is_total, g.team
""")

REPS = arriving("""
with week as (
    select starts_on, starts_at, ends_at from run.period where period = 'week' and is_complete
),
given as (
    select h.week_on, h.owner_id, count(*) as n
    from arrived_by('team') h
    join core.rep r on r.rep_id = h.owner_id and not r.is_queue
    where h.week_on in (select starts_on from week)
    group by h.week_on, h.owner_id
)
select
    g.owner_id, max(r.name) as name, nullif(concat_ws(', ', max(r.team), max(r.region)), '') as team,
    count(*) as n_weeks, sum(g.n) as n_leads, avg(g.n) as mean_leads, max(g.n) as n_most,
    count(*) filter (where g.n > $capacity) as n_above
from given g
join core.rep r on r.rep_id = g.owner_id
group by g.owner_id
order by mean_leads desc, g.owner_id
""")

TERM = "leads_per_rep_per_week"
USUAL, ENOUGH = 0.9, 4
NONE = "the contract names no capacity"
WEEKS_RULE = (
    "Load: hand-offs of the week / (reps who worked hand-offs in it x {capacity} per rep and week, "
    "{source}). Worked: first human touch in the week. Queue: at its end neither touched nor ended. "
    "Attainment: first touch of the hand-offs that arrived in the week."
)


def weeks(con: DuckDBPyConnection) -> pd.DataFrame:
    """Return one row per week and receiving team, and one per week for all: load, queue and attainment.

    The team is that of the first owner with its region; hand-offs without one are in the total alone.
    Columns: week_on, team, is_total, version (the latest that a hand-off of the week stands under),
    n_arrived, n_worked (first human touch in the week, whenever handed off), n_queue (at its end handed off,
    neither touched nor ended), n_reps (of the receiving side, with a touch on an open hand-off in the week;
    null without activities in the source), capacity (leads per rep and week), capacity_source
    ('agreed'; 'observed': the 90 % quantile of leads per rep in weeks that met the agreed attainment; or why
    there is none), load (n_arrived / (n_reps x capacity)), n (deadline passed,
    outcome known), n_met, rate, low, high (Wilson), is_mature (the week is over and all deadlines have
    passed), state, rule.
    """
    frame = stats.with_rate(read(con, WEEKS), "n_met", "n")
    absent = missing(con, "activity") is not None
    if absent:
        frame = frame.assign(**dict.fromkeys(["n_worked", "n_queue", "n_reps"], np.nan))
    each = frame["n_arrived"] / frame["n_reps"].where(frame["n_reps"] > 0)
    capacity, source = _capacity(con, frame, each)
    rule = WEEKS_RULE.format(capacity="–" if capacity is None else f"{capacity:g}", source=source)
    frame = frame.assign(capacity=np.nan if capacity is None else capacity, capacity_source=source, rule=rule)
    frame = frame.assign(load=each / frame["capacity"], state=ABSENT if absent else "ok")
    first = ["week_on", "team", "is_total", "version", "n_arrived", "n_worked", "n_queue", "n_reps"]
    load = ["capacity", "capacity_source", "load", "n", "n_met", "rate", "low", "high", "is_mature"]
    return frame[[*first, *load, "state", "rule"]]


def reps(con: DuckDBPyConnection) -> pd.DataFrame:
    """Return one row per rep, for analysts: it names people and is for no leadership page.

    Hand-offs by their first owner, complete weeks in which he was given any. Columns: owner_id, name, team,
    n_weeks, n_leads, mean_leads (per week), n_most (in a week), n_above (weeks above capacity), above_rate
    with low and high (of n_weeks), capacity, capacity_source, rule. Load is no measure of a rep.
    """
    known = weeks(con)
    empty = known.empty
    capacity = np.nan if empty else known["capacity"].iloc[0]
    source = NONE if empty else known["capacity_source"].iloc[0]
    frame = read(con, REPS, capacity=None if np.isnan(capacity) else float(capacity))
    frame = stats.with_rate(frame, "n_above", "n_weeks", names=("above_rate", "low", "high"))
    if np.isnan(capacity):
        frame = frame.assign(**dict.fromkeys(["n_above", "above_rate", "low", "high"], np.nan))
    rule = "Hand-offs per rep and week by first owner, weeks without any left out."
    return frame.assign(capacity=capacity, capacity_source=source, rule=rule)


def _capacity(
    con: DuckDBPyConnection, frame: pd.DataFrame, each: pd.Series[float]
) -> tuple[float | None, str]:
    """Return the agreed capacity, or what reps took in weeks that met the agreed attainment, or why not."""
    named = term.agreed(con).get(TERM)
    if named is not None:
        return named, "agreed"
    goal = con.execute(
        "select max(s.attainment) from contract.sla s join run.context c on c.contract = s.version "
        "where s.sla = 'first_touch'"
    ).fetchall()[0][0]
    kept = each[frame["is_mature"] & ~frame["is_total"] & (frame["rate"] >= (goal or np.inf))].dropna()
    if len(kept) < ENOUGH:
        return None, NONE
    return float(kept.quantile(USUAL, interpolation="lower")), "observed"
