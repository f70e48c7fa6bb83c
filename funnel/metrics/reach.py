"""How far all cycles came to date, under two named rules for the ones that are still open."""

from __future__ import annotations

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import stats
from funnel.metrics.frame import read

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
    _high; rule_open_as_lost, rule_decided.
    """
    frame = read(con, REACHED)
    shares = {
        "lost_share_open_as_lost": (frame["n_start"] - frame["n_reached"], frame["n_start"]),
        "lost_share_decided": (frame["n_lost_before"], frame["n_lost_before"] + frame["n_reached"]),
        "win_rate_open_as_lost": (frame["n_won"], frame["n_reached"]),
        "win_rate_decided": (frame["n_won"], frame["n_won"] + frame["n_lost_after"]),
    }
    for name, (part, every) in shares.items():
        low, high = stats.wilson(part, every)
        frame = frame.assign(**{name: stats.rate(part, every), f"{name}_low": low, f"{name}_high": high})
    return frame.assign(rule_open_as_lost=OPEN_AS_LOST, rule_decided=DECIDED)
