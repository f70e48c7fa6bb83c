"""How far all cycles came to date, under two named rules for the ones that are still open."""

from __future__ import annotations

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import stats
from funnel.metrics import term
from funnel.metrics.frame import read, splitting

REACHED = """
with ended as (
    select
        furthest_position as position, coalesce(exit, 'open') as ending, count(*) as n
    from marts.cycle
    where furthest_position is not null
    group by furthest_position, coalesce(exit, 'open')
),
placed as (
    select
        s.position, s.stage, coalesce(s.title, s.stage) as title, e.n, e.ending,
        e.ending not in ('won', 'open') as is_gone,
        e.position >= s.position as is_reached,
        e.position = s.position as is_furthest
    from contract.stage s
    join run.context c on c.contract = s.version
    left join ended e on true
),
seen as (
    select
        stage,
        count(*) filter (where is_observed) as n_observed,
        count(*) filter (where not is_observed) as n_imputed
    from marts.stage_entry
    group by stage
)
select
    p.position, p.stage, p.title,
    sum(p.n) as n_start,
    sum(p.n) filter (where p.is_reached) as n_reached,
    max(o.n_observed) as n_observed,
    max(o.n_imputed) as n_imputed,
    sum(p.n) filter (where p.is_reached and p.ending = 'won') as n_won,
    sum(p.n) filter (where p.is_reached and p.is_gone) as n_lost_after,
    sum(p.n) filter (where p.is_reached and p.ending = 'open') as n_open_after,
    sum(p.n) filter (where p.is_furthest and p.ending = 'rejected') as n_rejected,
    sum(p.n) filter (where p.is_furthest and p.ending = 'recycled') as n_recycled,
    sum(p.n) filter (where p.is_furthest and p.ending = 'lost') as n_lost,
    sum(p.n) filter (where p.is_furthest and p.is_gone) as n_lost_before_next,
    sum(p.n) filter (where p.is_furthest and p.ending = 'open') as n_open,
    sum(p.n) filter (where not p.is_reached and p.is_gone) as n_lost_before,
    sum(p.n) filter (where not p.is_reached and p.ending = 'open') as n_open_before
from placed p
left join seen o on o.stage = p.stage
group by p.position, p.stage, p.title
order by p.position
"""

TO_DATE = splitting("""
with member as (
    select
        y.person_id, y.furthest_position, y.exit,
        split_by($dimension, y) as value
    from marts.cycle y
    where y.furthest_position is not null
)
select
    value,
    count(*) as n,
    count(distinct person_id) as n_persons,
    count(*) filter (where furthest_position >= $position) as n_converted,
    count(*) filter (where furthest_position < $position and exit is not null) as n_left,
    count(*) filter (where furthest_position < $position and exit is null) as n_open
from member
group by value
order by n desc, value nulls last
""")

OPEN_AS_LOST = (
    "Open counted as lost: not (yet) at this stage / all that started; won / all that ever reached this "
    "stage. Open ones count against both, so young data look worse than they are."
)
DECIDED = (
    "Decided only: left before this stage / (left before it + reached it); "
    "won / (won + left after reaching it). Open ones are in neither."
)


def reached(con: DuckDBPyConnection) -> pd.DataFrame:
    """Return one row per stage over all cycles to date, under two named rules that differ in the open ones.

    No window: not a cohort conversion. Columns: position, stage, title, n_start (all cycles), n_reached,
    n_observed, n_imputed; of those who reached it n_won, n_lost_after (any other exit), n_open_after; of
    those for whom it was the furthest n_rejected, n_recycled, n_lost, n_lost_before_next (their sum),
    n_open; of those who did not reach it n_lost_before, n_open_before. Then lost_share_* (left before this
    stage) and win_rate_* (of those who reached it), each as *_open_as_lost and *_decided with _low and
    _high; rule_open_as_lost, rule_decided. Where no exit but won is recorded at all, the decided shares are
    null.
    """
    frame = read(con, REACHED)
    shares = {
        "lost_share_open_as_lost": (frame["n_start"] - frame["n_reached"], frame["n_start"]),
        "lost_share_decided": (frame["n_lost_before"], frame["n_lost_before"] + frame["n_reached"]),
        "win_rate_open_as_lost": (frame["n_won"], frame["n_reached"]),
        "win_rate_decided": (frame["n_won"], frame["n_won"] + frame["n_lost_after"]),
    }
    if not frame["n_lost_after"].any():
        unknown = frame["n_start"] * float("nan")
        shares |= dict.fromkeys(("lost_share_decided", "win_rate_decided"), (unknown, unknown))
    for name, (part, every) in shares.items():
        low, high = stats.wilson(part, every)
        frame = frame.assign(**{name: stats.rate(part, every), f"{name}_low": low, f"{name}_high": high})
    return frame.assign(rule_open_as_lost=OPEN_AS_LOST, rule_decided=DECIDED)


def to_date(con: DuckDBPyConnection, *, dimension: str, to_stage: str | None = None) -> pd.DataFrame:
    """Return one row per value of a dimension, largest first: how many cycles reached a stage so far.

    Cohort to date, all cycles of any age, no window: compare values only where their ages are alike.
    `to_stage` is the last one by default. A null value stays null and apart from 'unknown'. Columns: value,
    n, n_persons, n_converted, n_left (any exit before it), n_open, rate (of n: open counted as lost) with
    low and high, rate_decided (of n_converted + n_left; null where no exit is recorded at all) with
    decided_low and decided_high, rule. UsageError for an unknown stage or dimension.
    """
    known = term.stages(con)
    end = term.stage(con, to_stage) if to_stage else known[-1]
    frame = read(con, TO_DATE, dimension=term.dimension(dimension), position=end.position)
    decided = frame["n_converted"] + frame["n_left"]
    frame = frame.assign(decided=decided if frame["n_left"].any() else decided * float("nan"))
    frame = stats.with_rate(frame, "n_converted", "n")
    names = ("rate_decided", "decided_low", "decided_high")
    frame = stats.with_rate(frame, "n_converted", "decided", names=names).drop(columns="decided")
    rule = f"Cohort to date: all that started, whatever their age, and how many reached {end.title} so far."
    return frame.assign(rule=rule)
