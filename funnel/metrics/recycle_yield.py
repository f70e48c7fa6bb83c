"""What recycled leads yield: who came back, reached the hand-off again and was won, by reason and by pass."""

from __future__ import annotations

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import number, stats
from funnel.metrics import term
from funnel.metrics.frame import read, whole

__all__ = ["passes", "returns"]

RETURNS = """
with handing as (
    select min(s.position) as position
    from contract.stage s
    join run.context c on c.contract = s.version
    where s.hands_to is not null
),
later as (
    select
        c.cycle_id,
        count(*) as n_passes,
        min(y.started_at) as back_at,
        min(e.entered_at) as handed_at,
        min(e.won_at) as won_at
    from marts.cycle c
    join marts.cycle y on y.subject_id = c.subject_id and y.pass > c.pass
    left join (
        select
            s.cycle_id,
            min(s.entered_at) filter (where s.position >= h.position) as entered_at,
            min(s.entered_at) filter (where s.position = l.position) as won_at
        from marts.stage_entry s
        cross join handing h
        cross join (select max(position) as position from contract.stage) l
        group by s.cycle_id
    ) e on e.cycle_id = y.cycle_id
    where c.exit = 'recycled'
    group by c.cycle_id
),
recycled as (
    select
        c.exit_reason as reason,
        c.exit_at is null as is_undated,
        c.exit_at + to_seconds($within) <= n.as_of as is_mature,
        coalesce(l.n_passes, 0) as n_passes,
        coalesce(l.back_at <= c.exit_at + to_seconds($within), false) as is_back,
        coalesce(l.handed_at <= c.exit_at + to_seconds($within), false) as is_handed,
        coalesce(l.won_at <= c.exit_at + to_seconds($within), false) as is_won
    from marts.cycle c
    cross join run.context n
    left join later l on l.cycle_id = c.cycle_id
    where c.exit = 'recycled'
)
select
    reason,
    grouping(reason) = 1 as is_total,
    count(*) as n_recycled,
    count(*) filter (where is_undated) as n_undated,
    count(*) filter (where not is_undated and not is_mature) as n_young,
    count(*) filter (where is_mature) as n,
    count(*) filter (where is_mature and is_back) as n_back,
    count(*) filter (where is_mature and is_handed) as n_handed,
    count(*) filter (where is_mature and is_won) as n_won,
    sum(n_passes) filter (where is_mature) as n_passes,
    (select position from handing) as handing
from recycled
group by grouping sets ((reason), ())
order by is_total, n_recycled desc, reason nulls last
"""

PASSES = """
with handing as (
    select min(s.position) as position, v.horizon_seconds, c.as_of
    from run.context c
    join contract.version v on v.version = c.contract
    left join contract.stage s on s.version = c.contract and s.hands_to is not null
    group by v.horizon_seconds, c.as_of
),
reached as (
    select
        s.cycle_id,
        min(s.entered_at) filter (where s.position = h.position) as handed_at,
        min(s.entered_at) filter (where s.position > h.position) as accepted_at,
        min(s.entered_at) filter (where s.position = l.position) as won_at
    from marts.stage_entry s
    cross join handing h
    cross join (select max(position) as position from contract.stage) l
    group by s.cycle_id
)
select
    least(y.pass, $most) as pass,
    count(*) as n_handed,
    count(*) filter (where r.handed_at + to_seconds(h.horizon_seconds) <= h.as_of) as n,
    count(*) filter (where r.handed_at + to_seconds(h.horizon_seconds) <= h.as_of
        and r.accepted_at <= r.handed_at + to_seconds(h.horizon_seconds)) as n_accepted,
    count(*) filter (where r.handed_at + to_seconds(h.horizon_seconds) <= h.as_of
        and r.won_at <= r.handed_at + to_seconds(h.horizon_seconds)) as n_won
from marts.cycle y
join reached r on r.cycle_id = y.cycle_id
cross join handing h
where r.handed_at is not null
group by least(y.pass, $most)
order by 1
"""

MOST = 4


def returns(con: DuckDBPyConnection, *, within_days: float | None = None) -> pd.DataFrame:
    """Return one row per reason of recycling, most frequent first, and the total last (always there).

    Columns: reason (null: none recorded), is_total, n_recycled (cycles), n_undated, n_young (recycled less
    than `within_days` ago), n (the others), n_back (another pass of the person began within `within_days`),
    back_rate, back_low, back_high, n_handed (reached the stage that hands leads over again, or a later one),
    handed_rate, handed_low, handed_high, n_won, won_rate, won_low, won_high (of n, Wilson), n_passes
    (further passes of them to date), within_days, state, rule. `within_days` is by default the agreed time
    to re-qualification and one horizon after it. Null, not 0, where the contract hands no lead over.
    """
    days = _window(con) if within_days is None else within_days
    frame = read(con, RETURNS, within=term.seconds(days))
    for name in ("back", "handed", "won"):
        names = (f"{name}_rate", f"{name}_low", f"{name}_high")
        frame = stats.with_rate(frame, f"n_{name}", "n", names=names)
    if frame["handing"].isna().all():
        frame = frame.assign(
            **dict.fromkeys(["n_handed", "handed_rate", "handed_low", "handed_high"], np.nan)
        )
    state = np.where(frame["n"] > 0, "ok", np.where(frame["n_young"] > 0, "not yet", "undefined"))
    rule = (
        f"Of the passes recycled at least {number.days(days)} ago, those whose person came back within that "
        "time, reached the hand-off again, and was won."
    )
    first = ["reason", "is_total", "n_recycled", "n_undated", "n_young", "n"]
    rates = [
        column
        for name in ("back", "handed", "won")
        for column in (f"n_{name}", f"{name}_rate", f"{name}_low", f"{name}_high")
    ]
    return frame[[*first, *rates, "n_passes"]].assign(within_days=days, state=state, rule=rule)


def passes(con: DuckDBPyConnection) -> pd.DataFrame:
    """Return one row per pass of a person (1, 2, 3, 4: the fourth and later): how it fares once handed over.

    Columns: pass, is_more (later passes are in it too), n_handed (passes that entered the stage that hands
    over, at a known time), n (at least one horizon ago), n_accepted and n_won (further stage, won within the
    horizon of the hand-off), accepted_rate, accepted_low, accepted_high, won_rate, won_low, won_high
    (Wilson), within_days, state, rule. No rows where the contract hands no lead over.
    """
    days = term.context(con).horizon_days
    frame = read(con, PASSES, most=MOST)
    for name in ("accepted", "won"):
        names = (f"{name}_rate", f"{name}_low", f"{name}_high")
        frame = stats.with_rate(frame, f"n_{name}", "n", names=names)
    state = np.where(frame["n"] > 0, "ok", "not yet")
    rule = f"Passes handed over at least {number.days(days)} ago: accepted and won within that time."
    frame.insert(1, "is_more", frame["pass"] == MOST)
    return whole(frame).assign(within_days=days, state=state, rule=rule)


def _window(con: DuckDBPyConnection) -> float:
    """Return the agreed time to re-qualification, if any, and one horizon for what comes of it, in days."""
    context = term.context(con)
    agreed = term.agreed(con).get("requalify_seconds", context.horizon_seconds)
    return (agreed + context.horizon_seconds) / term.DAY_SECONDS
