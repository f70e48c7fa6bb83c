"""Who comes into a stage, again or for the first time, and where everyone stands: now, furthest, ever."""

from __future__ import annotations

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import number, stats
from funnel.metrics import term
from funnel.metrics.frame import read

ENTRIES = """
with entry as (
    select
        e.cycle_id, e.person_id, e.entered_at, e.entered_on, e.is_observed,
        e.cycle_id in (
            select r.cycle_id
            from marts.stage_entry r
            join marts.stage_entry b on b.person_id = r.person_id and b.pass < r.pass
            where r.pass > 1 and r.stage = $stage and b.stage = $stage
        ) as is_repeat
    from marts.stage_entry e
    where e.stage = $stage
),
visit as (
    select v.entered_at, v.is_backward
    from core.stage_event v
    where v.stage = $stage and v.entered_at is not null
),
span as (
    select p.starts_on as period_on, p.starts_at, p.ends_at, p.hours, p.is_complete
    from run.period p
    cross join run.context c
    where p.period = $period
        and p.starts_at < c.as_of
        and p.ends_at > (select min(entered_at) from entry where is_observed)
),
entered as (
    select
        s.period_on,
        count(*) filter (where e.is_observed) as n,
        count(distinct e.person_id) filter (where e.is_observed) as n_persons,
        count(*) filter (where e.is_observed and not e.is_repeat) as n_first,
        count(*) filter (where e.is_observed and e.is_repeat) as n_repeat,
        count(*) filter (where not e.is_observed) as n_imputed
    from span s
    join entry e on e.entered_at >= s.starts_at and e.entered_at < s.ends_at
    group by s.period_on
),
visited as (
    select s.period_on, count(*) as n_visits, count(*) filter (where v.is_backward) as n_backward
    from span s
    join visit v on v.entered_at >= s.starts_at and v.entered_at < s.ends_at
    group by s.period_on
)
select
    s.period_on, s.hours, e.n, e.n_persons, e.n_first, e.n_repeat, e.n_imputed, v.n_visits, v.n_backward,
    s.is_complete
from span s
left join entered e on e.period_on = s.period_on
left join visited v on v.period_on = s.period_on
order by s.period_on
"""

STANDING = """
with visit as (
    select stage, count(*) as n_visits, count(*) filter (where is_backward) as n_backward
    from core.stage_event
    group by stage
),
entered as (
    select
        stage,
        count(*) filter (where is_observed) as n_observed,
        count(*) as n_reached
    from marts.stage_entry
    group by stage
),
now as (
    select
        current_stage as stage,
        count(*) as n_current,
        count(*) filter (where is_stale) as n_stale
    from marts.cycle
    where state in ('open', 'won')
    group by current_stage
),
furthest as (
    select furthest_stage as stage, count(*) as n_furthest from marts.cycle group by furthest_stage
)
select
    s.position, s.stage, coalesce(s.title, s.stage) as title,
    n.n_current, n.n_stale, f.n_furthest, e.n_observed, e.n_reached,
    e.n_reached - e.n_observed as n_imputed, v.n_visits, v.n_backward
from contract.stage s
join run.context c on c.contract = s.version
left join now n on n.stage = s.stage
left join furthest f on f.stage = s.stage
left join entered e on e.stage = s.stage
left join visit v on v.stage = s.stage
order by s.position
"""

STANDS = (
    "Now: open (or won) cycles whose last stage event is this stage. Furthest: the highest stage that a "
    "cycle ever reached. Ever: observed, and reached (observed or imputed). A cycle that went back is now in "
    "another stage than its furthest."
)


def entries(con: DuckDBPyConnection, *, stage: str, period: str) -> pd.DataFrame:
    """Return one row per period: how many cycles and persons entered a stage, for the first time or again.

    First entries of a cycle, observed; repeat: the person had been at the stage in an earlier cycle. Columns:
    period_on, hours (of the period), n (cycles), n_persons, n_first, n_repeat, n_imputed (not in n), n_visits
    (every observed entry, also of the same cycle), n_backward (from a later stage), is_complete (the period
    is over), rule. UsageError for an unknown stage or period.
    """
    one = term.stage(con, stage)
    frame = read(con, ENTRIES, stage=one.name, period=term.period(period))
    rule = (
        f"Observed entries into {one.title} in each {period}: first entries of a cycle, by a person who is "
        "there for the first time or again; visits count every entry, also backward ones."
    )
    return frame.assign(rule=rule)


def standing(con: DuckDBPyConnection) -> pd.DataFrame:
    """Return one row per stage: how many cycles are in it now, have it as their furthest, were ever there.

    Columns: position, stage, title, n_current (of which n_stale), n_furthest, n_observed (ever, observed),
    n_reached (ever, observed or imputed), n_imputed, n_visits (every entry), n_backward, rule.
    """
    return read(con, STANDING).assign(rule=STANDS)


def imputation(con: DuckDBPyConnection) -> pd.DataFrame:
    """Return one row per stage: how much of its count rests on imputation, all data.

    Columns: position, stage, title, n (reached), n_observed, n_imputed, rate (imputed of reached) with low
    and high, sentence, rule.
    """
    frame = standing(con).rename(columns={"n_reached": "n"})
    frame = stats.with_rate(frame, "n_imputed", "n")
    columns = ["position", "stage", "title", "n", "n_observed", "n_imputed", "rate", "low", "high"]
    rows = frame[columns].to_dict("records")
    said = [imputed(row["title"], row["n"], row["n_imputed"]) for row in rows]
    rule = "Imputed: not recorded, but proved by a later stage. Durations use observed entries only."
    return frame[columns].assign(sentence=pd.Series(said, dtype="object"), rule=rule)


def imputed(title: str, n: int, n_imputed: int) -> str:
    """Return one sentence: of those at a stage, how many are there only because a later stage proves it."""
    if not n_imputed:
        return f"None of {number.count(n)} at {title} is imputed."
    verb = "is" if n_imputed == 1 else "are"
    return f"Of {number.count(n)} at {title}, {number.count(n_imputed)} {verb} imputed from a later stage."
